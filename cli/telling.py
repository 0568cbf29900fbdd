"""The verb that tells about the command line itself: settings."""

import typer
from pydantic import SecretStr

from cli.output import AsJson, answers, print_json
from jobs.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("settings")(settings)


def settings(*, as_json: AsJson = False) -> None:
    """Show every setting: its environment variable, its value now, and what it is for. Secrets are not shown."""
    now = Settings()
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(now, name)
        shown = "(set, not shown)" if isinstance(value, SecretStr) else None if value is None else str(value)
        rows.append({"variable": f"KETENBALANS_{name.upper()}", "value": shown, "meaning": field.description})
    if as_json:
        print_json(rows)
        return
    for row in rows:
        answers.print(str(row["variable"]), style="figure", end="")
        answers.print(f"  {row['value'] or '(not set)'}", markup=False)
        answers.print(f"  {row['meaning']}", style="soft", soft_wrap=True)
