"""The section about who signed the figures, when two persons did."""

from ketenbalans.reports.document import Cell, CellKind, Column, Section, Table
from ketenbalans.reports.report import Report
from ketenbalans.reports.words import Words
from ketenbalans.signoff.standing import Signoff
from schemas.period import AMSTERDAM
from schemas.signoff import SignoffState


def signed_figures(report: Report, words: Words) -> Section | None:
    """Which figures of the period were signed, by whom and when, and whether they still hold; None: none were."""
    if not report.signoffs:
        return None
    table = Table(
        key="signed_figures",
        name=words.say("sheet.signed_figures"),
        caption=words.say("signoff.caption"),
        columns=(
            Column(words.say("column.figure_set")),
            Column(words.say("column.signed_as_of")),
            Column(words.say("column.delivered"), CellKind.COUNT),
            Column(words.say("column.recognised"), CellKind.COUNT),
            *(Column(words.say(f"column.{name}")) for name in ("prepared_by", "approved_by", "approved_on", "stands")),
        ),
        rows=tuple(_row(one, words) for one in report.signoffs),
    )
    text = [words.say("signoff.text")]
    text += [_no_longer(one, words) for one in report.signoffs if one.state is not SignoffState.APPROVED]
    return Section(key="signoff", heading=words.say("signoff.heading"), text=tuple(text), tables=(table,))


def _row(one: Signoff, words: Words) -> tuple[Cell, ...]:
    assert one.approved is not None, "a report has what two persons signed"
    balance = None if one.figures is None else one.figures.balance
    return (
        one.short_id,
        words.day(one.as_of),
        None if balance is None else balance.delivered,
        None if balance is None else balance.recognised,
        one.prepared.by,
        one.approved.by,
        words.day(one.approved.at.astimezone(AMSTERDAM).date()),
        words.label(one.state),
    )


def _no_longer(one: Signoff, words: Words) -> str:
    """That signed figures do not hold any more, since when known otherwise, and by how many figures."""
    if one.movement is None:
        return words.say("signoff.changed", figure_set=one.short_id)
    return words.say(
        f"signoff.{one.state.value}",
        figure_set=one.short_id,
        day=words.day(one.movement.as_of),
        count=len(one.movement.figures),
    )
