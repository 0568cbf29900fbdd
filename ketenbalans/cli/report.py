"""The verb report: one period as known on one day, as pages and files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ketenbalans.cli.asking import AsOf, PeriodOption, folder_to_write
from ketenbalans.cli.exits import NothingKnown
from ketenbalans.cli.output import AsJson, answers, aside, print_json
from schemas.period import Period


class Language(StrEnum):
    """The languages that reports are written in."""

    EN = "en"
    NL = "nl"


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command("report")(report)


def report(
    *,
    period: PeriodOption = None,
    as_of: AsOf = None,
    out: Annotated[Path | None, typer.Option("--out", help="The folder; by default reports/ in the home.")] = None,
    lang: Annotated[
        list[Language] | None, typer.Option("--lang", help="May be repeated; by default both.", case_sensitive=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of one period: HTML, PDF, ODS and CSV per language, and JSON. Counts only, no identifiers."""
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.balancing.balances import default_as_of_date
    from ketenbalans.jobs.reporting.report import make_report, reports_folder
    from ketenbalans.settings import Settings

    settings = Settings()
    asked = Period.parse(period) if period else None
    if out is not None:
        folder_to_write(out, "--out")
    with warehouse_with_tables(settings) as engine, aside.status("gathering and drawing"):
        day = as_of or default_as_of_date(engine)
        if day is None:
            message = (
                "no day is covered by a loaded extract of both police and OM yet: publish and ingest one of each first"
            )
            raise NothingKnown(message)
        question = asked or Period.of_year(day.year)
        made = make_report(
            engine,
            settings,
            period=question,
            as_of=day,
            out=out or reports_folder(settings, question, day),
            languages=[one.value for one in dict.fromkeys(lang or Language)],
        )
    if as_json:
        print_json(made.to_json())
        return
    line = f"Report of {made.period} as known on {made.as_of}: {made.delivered} delivered, "
    answers.print(f"{line}{made.recognised} recognised, {made.gap} in between, {made.missing} unexplained")
    for file in made.files:
        answers.print(f"  {file}", markup=False, soft_wrap=True)
