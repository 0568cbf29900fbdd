"""Breaks by file: export a list to be filled in, and import what was decided."""

from pathlib import Path
from typing import Annotated

import typer

from ketenbalans.cli.asking import By, On, day_of, file_to_write, who
from ketenbalans.cli.break_list import (
    NO_BREAKS,
    AsOf,
    CauseOption,
    DueBy,
    Mine,
    OwnerOption,
    PeriodOption,
    Sort,
    SortOption,
    StateOption,
    UnitOption,
    wanted_of,
)
from ketenbalans.cli.exits import Exit, NothingKnown
from ketenbalans.cli.output import AsJson, aside, print_json


def add_to(breaks: typer.Typer) -> None:
    """Add these verbs to those about breaks."""
    breaks.command("export")(export)
    breaks.command("import")(import_file)


def export(
    *,
    out: Annotated[Path, typer.Option("--out", help="A file that ends in .csv or .ods.", dir_okay=False)],
    period: PeriodOption = None,
    as_of: AsOf = None,
    state: StateOption = None,
    cause: CauseOption = None,
    unit: UnitOption = None,
    owner: OwnerOption = None,
    mine: Mine = False,
    due_by: DueBy = None,
    sort: SortOption = None,
) -> None:
    """Write the breaks of a list into a file, with empty columns in which to decide about them."""
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.breaks.by_file import export_breaks
    from ketenbalans.jobs.breaks.decision_file import COLUMNS
    from ketenbalans.jobs.breaks.work_list import BreakQuestion
    from ketenbalans.settings import Settings
    from ketenbalans.spreadsheet_files import write_table
    from ketenbalans.whole_files import write_whole
    from schemas.period import Period

    _known_ending(out, "--out")
    file_to_write(out, "--out")
    settings = Settings()
    question = BreakQuestion(
        period=Period.parse(period) if period else None,
        as_of=as_of,
        wanted=wanted_of(state, cause, unit, owner, mine=mine),
        due_by=due_by,
        order=(sort or Sort.ID).value,
    )
    with warehouse_with_tables(settings) as engine:
        exported = export_breaks(engine, question, policy=settings.read_policy())
    if exported is None:
        raise NothingKnown(NO_BREAKS)
    _, rows = exported
    write_whole(out, write_table(out, COLUMNS, rows))
    aside.print(
        f"written: {out}, {len(rows)} breaks; fill in decision, and owner, until and note where they belong to it, "
        f"then `ketenbalans breaks import {out} --dry-run`",
        markup=False,
    )


def import_file(
    file: Annotated[Path, typer.Argument(help="A file of breaks export, filled in.", dir_okay=False, exists=True)],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and keep nothing.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Keep the good rows where others are refused.")] = False,
    by: By = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Keep what a file decides about breaks: all of it or, when a row cannot be, nothing (exit 3)."""
    from ketenbalans.cli.tables.break_files import print_answer
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.breaks.by_file import ImportTerms, import_decisions
    from ketenbalans.jobs.breaks.decision_file import NEEDED
    from ketenbalans.settings import Settings
    from ketenbalans.spreadsheet_cells import UnreadableRows
    from ketenbalans.spreadsheet_files import read_table
    from schemas.answer_decision_file import RowOutcome

    _known_ending(file, "FILE")
    try:
        rows = read_table(file, file.read_bytes(), NEEDED)
    except (OSError, UnreadableRows) as error:
        message = f"{file} cannot be read: {error}"
        raise UnreadableRows(message) from None
    terms = ImportTerms(by=who(by), on=day_of(on), is_dry_run=dry_run, is_partial=partial)
    with warehouse_with_tables(Settings()) as engine:
        answer = import_decisions(engine, rows, terms)
    if as_json:
        print_json(answer.to_json())
    else:
        print_answer(answer, file)
    if answer.counted[RowOutcome.REFUSED]:
        raise typer.Exit(Exit.REJECTED_IN_PART)


def _known_ending(file: Path, named: str) -> None:
    from ketenbalans.spreadsheet_cells import UnreadableRows
    from ketenbalans.spreadsheet_files import ending_of

    try:
        ending_of(file)
    except UnreadableRows as error:
        raise typer.BadParameter(str(error), param_hint=named) from None
