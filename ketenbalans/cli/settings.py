"""The verb settings: what each is for, and its value now."""

import typer
from rich.markup import escape

from ketenbalans.cli.output import AsJson, answers, print_json


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("settings")(settings)


def settings(*, as_json: AsJson = False) -> None:
    """Show every setting: its environment variable, its value now, and what it is for. Secrets are not shown."""
    from pydantic import SecretStr

    from ketenbalans.settings import Settings

    now = Settings()
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(now, name)
        shown = "(set, not shown)" if isinstance(value, SecretStr) else None if value is None else str(value)
        because = "the environment" if name in now.model_fields_set else "default"
        rows.append(
            {
                "variable": f"KETENBALANS_{name.upper()}",
                "value": shown,
                "from": now.home_because if name == "home" else because,
                "meaning": field.description,
            }
        )
    if as_json:
        print_json(rows)
        return
    for row in rows:
        because = f" ({row['from']})" if row["from"] != "default" else ""
        answers.print(f"[figure]{row['variable']}[/figure]  {escape(row['value'] or '(not set)')}{escape(because)}")
        answers.print(f"  {row['meaning']}", style="soft", markup=False)
