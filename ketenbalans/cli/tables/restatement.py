"""Print a restatement and a revision triangle for a person."""

from collections.abc import Sequence

from ketenbalans.cli.output import answers
from ketenbalans.cli.tables.balance import print_verdict
from ketenbalans.figures.series_asked import stretches
from ketenbalans.jobs.figures.published import MEASURE_OF_A_BALANCE
from ketenbalans.reconciliation.triangle import Revision
from schemas.answer_restated import FigureMove, ShownRestatement, SuspectMove
from schemas.verdicts import BalanceVerdict

MARK = "*"
"""Stands behind a figure of a balance that is incomplete."""

REASONS_AT_MOST = 6


def print_restatement(found: ShownRestatement, *, is_brief: bool) -> None:
    """Print both bridges, then every suspect that moved with the reason, or, in brief, how many did."""
    period = found.period
    is_of_whole_years = f"{period.start:%m-%d} {period.end:%m-%d}" == "01-01 12-31"
    name = str(period.start.year) if is_of_whole_years else f"{period.start} to {period.end}"
    answers.print(f"[figure]Suspects of {name}[/figure], from {found.earlier} to {found.later}", soft_wrap=True)
    if found.synthetic:
        answers.print("[warning]Synthetic data.[/warning] Every figure that was not published is an assumption.")
    for day, judged in found.verdicts.items():
        print_verdict(judged, of=f"On {day} ")
    _bridge("Delivered", found.delivered, ("came", "left"))
    _bridge("Recognised", found.recognised, ("became", "no longer"))
    answers.print(f"Cases delivered: [figure]{found.cases_before}[/figure] and [figure]{found.cases_after}[/figure]")
    for day, published in found.published.items():
        for key, figure in published.items():
            name = key.replace("_", " ")
            rests_on = figure.as_of or "a day that is not known"
            line = f"Published as of {rests_on}: {name} {figure.value} ({figure.document}), asked {day}"
            answers.print(line, style="soft", markup=False, soft_wrap=True)
    if is_brief:
        answers.print(
            f"{len(found.moves)} suspects came, left or changed; without --brief each is listed.", style="soft"
        )
    else:
        _print_moves(found.moves)
    answers.print("Both bridges close." if found.closes else "[error]The bridges do not close.[/error]")


def _print_moves(moves: Sequence[SuspectMove]) -> None:
    for move in moves:
        on = f", recorded {move.recorded_on}" if move.recorded_on else ""
        where = "recognised" if move.recognised_after else move.cause_after or "not delivered"
        from_where = "recognised" if move.recognised_before else move.cause_before or "not delivered"
        suspect = f"{move.dossier_number}/{move.suspect_number}"
        line = f"  {move.movement:<8} {suspect:<20} {move.reason:<27} {from_where} -> {where}{on}"
        answers.print(line, markup=False, soft_wrap=True)


def print_triangle(revisions: Sequence[Revision]) -> None:
    """Print periods down and days of knowledge across, and under each period the reasons of its steps."""
    days = sorted({one.as_of for one in revisions})
    answers.print(f"[figure]{revisions[0].measure.capitalize()} suspects[/figure], by period and day of knowledge")
    answers.print(" " * 24 + "".join(f"{day:%Y-%m}".rjust(9) for day in days), style="soft", soft_wrap=True)
    breaks = {
        group[0]
        for group in stretches(MEASURE_OF_A_BALANCE[revisions[0].measure], {one.period for one in revisions})[1:]
    }
    for period in sorted({one.period for one in revisions}):
        if period in breaks:
            answers.print("  no series with the periods before", style="soft")
        of_period = {one.as_of: one for one in revisions if one.period == period}
        figures = "".join(f"{of_period[day].figure}{_mark(of_period[day])}".rjust(9) for day in days)
        answers.print(f"{period!s:<24}[figure]{figures}[/figure]", soft_wrap=True)
        reasons = dict.fromkeys(reason for one in of_period.values() for reason in (*one.more, *one.less))
        for reason in reasons:
            cells = "".join(_step(of_period[day], reason).rjust(9) for day in days)
            answers.print(f"  {reason:<22.22}{cells}", style="soft", markup=False, soft_wrap=True)
    _print_what_is_incomplete(revisions)


def _print_what_is_incomplete(revisions: Sequence[Revision]) -> None:
    """Say of the figures that are marked why nothing follows from them: each reason once."""
    reasons = dict.fromkeys(one.judgement.because for one in revisions if one.judgement is not None and _mark(one))
    for because in list(reasons)[:REASONS_AT_MOST]:
        answers.print(f"{MARK} INCOMPLETE: {because}.", style="warning", markup=False, soft_wrap=True)
    if len(reasons) > REASONS_AT_MOST:
        more = f"{MARK} INCOMPLETE for {len(reasons) - REASONS_AT_MOST} more reasons: --json has each."
        answers.print(more, style="warning", markup=False, soft_wrap=True)


def _bridge(name: str, figure: FigureMove, ways: tuple[str, str]) -> None:
    answers.print(f"{name:<34}[figure]{figure.before:>6}[/figure]")
    for way, sign, by_reason in zip(ways, "+-", (figure.more, figure.less), strict=True):
        for reason, suspects in by_reason.items():
            label = f"  {way}, {reason.replace('_', ' '):<29.29}"[:34].ljust(34)
            answers.print(label + f"{sign}{suspects}".rjust(6))
    answers.print(f"{'':<34}[figure]{figure.after:>6}[/figure]")


def _mark(one: Revision) -> str:
    is_incomplete = one.judgement is not None and one.judgement.verdict is BalanceVerdict.INCOMPLETE
    return MARK if is_incomplete else ""


def _step(one: Revision, reason: str) -> str:
    more, less = one.more.get(reason, 0), one.less.get(reason, 0)
    return f"{f'+{more}' if more else ''}{f'-{less}' if less else ''}"
