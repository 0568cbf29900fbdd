"""The verb linkage: how good the links are, drawing some for a person to judge, and taking what was judged."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ketenbalans.cli.any_order import AnyOrder
from ketenbalans.cli.asking import AsOf, By, On, PeriodOption, as_of_or_default, day_of, file_to_write, who
from ketenbalans.cli.output import AsJson, answers, aside, print_json
from schemas.link_judgements import LARGEST_DRAW, LARGEST_SEED, LINK_RULES
from schemas.period import Period

if TYPE_CHECKING:
    from sqlalchemy import Engine

app = typer.Typer(
    cls=AnyOrder,
    help="How good the links are: what they rest on, what persons found about some that were drawn, and the rates.",
    invoke_without_command=True,
)

File = Annotated[Path, typer.Argument(help="A drawn file that was filled in.", exists=True, dir_okay=False)]


def add_to(main: typer.Typer) -> None:
    """Add this verb to the command line."""
    main.add_typer(app, name="linkage")


@app.callback()
def linkage(
    context: typer.Context,
    *,
    period: PeriodOption = None,
    as_of: AsOf = None,
    truth: Annotated[
        Path | None,
        typer.Option("--truth", help="The truth.csv of the scenario that is loaded.", exists=True, dir_okay=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show per rule how many links there are, what they rest on, and how many are wrong as far as persons judged."""
    if context.invoked_subcommand is not None:
        return
    from ketenbalans.cli.tables.linkage import print_measured
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.linkage.measuring import measure_links
    from ketenbalans.settings import Settings

    settings = Settings()
    known = None if truth is None else truth.read_bytes()
    with warehouse_with_tables(settings) as engine:
        asked, day = _question(engine, period, as_of)
        measured = measure_links(engine, period=asked, as_of=day, policy=settings.read_policy(), truth=known)
    if as_json:
        print_json(measured.to_json())
    else:
        print_measured(measured)


@app.command("draw")
def draw(
    *,
    period: PeriodOption = None,
    as_of: AsOf = None,
    rule: Annotated[
        int | None,
        typer.Option("--rule", min=LINK_RULES[0], max=LINK_RULES[-1], help="Draw links that this rule made."),
    ] = None,
    unlinked: Annotated[
        bool, typer.Option("--unlinked", help="Draw suspects without a recognised registration instead.")
    ] = False,
    size: Annotated[int, typer.Option("--size", min=1, max=LARGEST_DRAW, help="How many.")],
    seed: Annotated[int, typer.Option("--seed", min=0, max=LARGEST_SEED, help="Another one gives other rows.")],
    out: Annotated[Path, typer.Option("--out", help="The CSV file to write.", dir_okay=False)],
    as_json: AsJson = False,
) -> None:
    """Draw links at random into a file that a person fills in: same, other or unsure."""
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.linkage.drawing import draw_links
    from ketenbalans.settings import Settings
    from ketenbalans.whole_files import write_whole
    from schemas.link_judgements import LinkDraw

    if (rule is None) is not unlinked:
        message = "say either --rule, for links that it made, or --unlinked, for suspects without a recognised one"
        raise typer.BadParameter(message, param_hint="--rule")
    file_to_write(out, "--out")
    settings = Settings()
    with warehouse_with_tables(settings) as engine:
        asked, day = _question(engine, period, as_of)
        wanted = LinkDraw(period=asked, as_of=day, rule=rule, size=size, seed=seed)
        drawn = draw_links(engine, wanted, policy=settings.read_policy())
    write_whole(out, drawn.to_csv())
    if as_json:
        print_json({"draw": str(wanted), "drawn": len(drawn.rows), "out_of": drawn.out_of, "file": str(out)})
        return
    what = "suspects without a recognised registration" if unlinked else f"links by rule {rule}"
    answers.print(f"{len(drawn.rows)} of {drawn.out_of} {what} drawn: {out}", markup=False)
    aside.print(f"write same, other or unsure in each row, then `ketenbalans linkage take {out}`", style="soft")


@app.command("take")
def take(file: File, *, by: By = None, on: On = None, as_json: AsJson = False) -> None:
    """Keep what a person found about drawn links: all rows or, when one cannot be taken, none (exit 3)."""
    from ketenbalans.cli.warehouse import warehouse_with_tables
    from ketenbalans.jobs.linkage.taking import take_judgements
    from ketenbalans.settings import Settings

    settings, judged_by, content = Settings(), who(by), file.read_bytes()
    with warehouse_with_tables(settings) as engine:
        taken = take_judgements(engine, content, by=judged_by, on=day_of(on), policy=settings.read_policy())
    if as_json:
        print_json(taken.to_json())
        return
    known = taken.judged - taken.kept
    answers.print(f"{taken.judged} judgements by {judged_by}: {taken.kept} kept, {known} kept before", markup=False)
    if taken.not_judged:
        aside.print(f"{taken.not_judged} rows have no judgement yet", style="soft")


def _question(engine: "Engine", period: str | None, as_of: date | None) -> tuple[Period, date]:
    """The period and the day that are asked: by default the last day that both registers cover, and its year.

    Raises:
        NothingKnown: no day is covered yet.
    """
    asked = Period.parse(period) if period else None
    day = as_of_or_default(engine, as_of)
    return asked or Period.of_year(day.year), day
