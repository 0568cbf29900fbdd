"""The list of breaks, which without --period, --as-of and --state is the work list: what waits for somebody."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ketenbalans.cli.asking import DAY, day_option, file_to_write, known_word
from ketenbalans.cli.completing import causes, owners, states, units
from ketenbalans.cli.exits import NothingKnown
from ketenbalans.cli.output import AsJson, aside, print_json

if TYPE_CHECKING:
    from ketenbalans.jobs.breaks.work_list import BreakList, BreakQuestion
    from ketenbalans.settings import Settings


class Sort(StrEnum):
    """What a list of breaks can be sorted by (``jobs.breaks.work_list.ORDERS``)."""

    DUE = "due"
    AGE = "age"
    OPENED = "opened"
    UNIT = "unit"
    CAUSE = "cause"
    ID = "id"


PeriodOption = Annotated[str | None, typer.Option("--period", help="Such as 2014; by default every year.")]
AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of", parser=day_option, metavar=DAY, help="As they stood on that day; by default as they stand now."
    ),
]
StateOption = Annotated[
    list[str] | None, typer.Option("--state", help="Only these states; may be repeated.", autocompletion=states)
]
CauseOption = Annotated[
    list[str] | None, typer.Option("--cause", help="Only these causes; may be repeated.", autocompletion=causes)
]
UnitOption = Annotated[str | None, typer.Option("--unit", help="Only this police unit.", autocompletion=units)]
OwnerOption = Annotated[str | None, typer.Option("--owner", help="Only those of this owner.", autocompletion=owners)]
Mine = Annotated[bool, typer.Option("--mine", help="Only yours: those of KETENBALANS_USER.")]
DueBy = Annotated[
    date | None,
    typer.Option(
        "--due-by",
        parser=day_option,
        metavar=DAY,
        help="Only what is due by that day; what waits for somebody without a due day is due since it was opened.",
    ),
]
SortOption = Annotated[
    Sort | None, typer.Option("--sort", help="The oldest first; by default due in the work list, else id.")
]
NO_BREAKS = "no breaks are known yet: publish and ingest extracts of police and OM, then `ketenbalans reconcile`"
Csv = Annotated[Path | None, typer.Option("--csv", help="Write the rows here too.", dir_okay=False)]


def list_them(
    context: typer.Context,
    *,
    period: PeriodOption = None,
    as_of: AsOf = None,
    state: StateOption = None,
    cause: CauseOption = None,
    unit: UnitOption = None,
    owner: OwnerOption = None,
    mine: Mine = False,
    due_by: DueBy = None,
    sort: SortOption = None,
    csv: Csv = None,
    as_json: AsJson = False,
) -> None:
    """List breaks of every year and state, as they stand now or stood on a day, or those that the options ask for."""
    if context.invoked_subcommand is not None:
        return
    from ketenbalans.cli.tables.breaks import print_breaks, print_left_out
    from ketenbalans.jobs.breaks.work_list import BreakQuestion
    from ketenbalans.settings import Settings
    from schemas.period import Period

    if csv is not None:
        file_to_write(csv, "--csv")
    is_work_list = context.command.name != "list" and not (period or as_of or state)
    settings = Settings()
    question = BreakQuestion(
        period=Period.parse(period) if period else None,
        as_of=as_of,
        only_waiting=is_work_list,
        wanted=wanted_of(state, cause, unit, owner, mine=mine),
        due_by=due_by,
        order=(sort or (Sort.DUE if is_work_list else Sort.ID)).value,
    )
    found, lacks = _found(question, settings)
    if csv is not None:
        _write_csv(csv, found.rows.columns, found.rows.to_dicts())
    if as_json:
        print_json(found.rows.to_dicts())
    else:
        print_breaks(found, is_work_list=is_work_list)
    if is_work_list:
        print_left_out(found)
    for why in lacks:
        aside.print(f"INCOMPLETE: {why}.", style="warning", markup=False)


def _found(question: "BreakQuestion", settings: "Settings") -> tuple["BreakList", Sequence[str]]:
    """The breaks that a question asks for, and what their balances lack, each said once.

    Raises:
        NothingKnown: nothing was balanced yet.
    """
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.balancing.verdicts import what_lacks
    from ketenbalans.jobs.breaks.work_list import list_breaks

    with warehouse_with_tables(settings) as engine:
        found = list_breaks(engine, question, policy=settings.read_policy())
        asked = [] if found is None else zip(found.periods, found.days, strict=True)
        lacks = dict.fromkeys(what_lacks(engine, period=one, as_of=day) for one, day in asked)
    if found is None:
        raise NothingKnown(NO_BREAKS)
    return found, [why for why in lacks if why]


def wanted_of(
    state: list[str] | None, cause: list[str] | None, unit: str | None, owner: str | None, *, mine: bool
) -> dict[str, list[str]]:
    """Per column the values that the options ask for."""
    from ketenbalans.settings import Settings

    return {
        "state": [known_word("--state", word, states()) for word in state or []],
        "cause": [known_word("--cause", word, causes()) for word in cause or []],
        "unit": [unit] if unit else [],
        "owner": _owners(owner, Settings().user, mine=mine),
    }


def _owners(owner: str | None, user: str | None, *, mine: bool) -> list[str]:
    if not mine:
        return [owner] if owner else []
    if owner is not None:
        message = "and --owner ask for two persons' breaks; leave one of them out"
        raise typer.BadParameter(message, param_hint="--mine")
    if user is None:
        message = "is for who KETENBALANS_USER names: set it, or say --owner HANDLE instead"
        raise typer.BadParameter(message, param_hint="--mine")
    return [user]


def _write_csv(file: Path, columns: Sequence[str], rows: list[dict[str, object]]) -> None:
    from ketenbalans.cli.csv_files import to_csv
    from ketenbalans.whole_files import write_whole

    write_whole(file, to_csv(columns, rows))
    aside.print(f"written: {file}", markup=False)
