"""The section on what changed since the last report: the figures, why they moved, and every suspect that moved."""

from collections.abc import Sequence

from ketenbalans.reports.document import Cell, CellKind, Column, Section, Table
from ketenbalans.reports.report import Report
from ketenbalans.reports.report_parts import CountedMove
from ketenbalans.reports.words import Words
from schemas.answer_restated import ShownRestatement
from schemas.causes import Cause
from schemas.revisions import Movement, RevisionReason


def since(report: Report, words: Words) -> Section:
    """What changed since the last report of the period, and why."""
    heading, changed = words.say("since.heading"), report.since
    if changed is None:
        return Section(key="since", heading=heading, text=(words.say("since.first"),))
    restated = changed.restated
    before, now = words.day(restated.earlier), words.day(restated.later)
    reasons, moves = _reasons(restated, words), _moves(changed.moves, words)
    both = {
        "delivered": (restated.delivered.before, restated.delivered.after),
        "recognised": (restated.recognised.before, restated.recognised.after),
        "cases_delivered": (restated.cases_before, restated.cases_after),
    }
    figures = tuple((words.say(f"published.{name}"), one, other, other - one) for name, (one, other) in both.items())
    if not moves.rows and all(row[3] == 0 for row in figures):
        return Section(key="since", heading=heading, text=(words.say("since.nothing", before=before),))
    table = Table(
        key="since",
        name=words.say("sheet.since"),
        caption=words.say("since.caption", before=before, now=now),
        columns=(
            Column(words.say("column.figure")),
            Column(words.say("column.before"), CellKind.COUNT),
            Column(words.say("column.now"), CellKind.COUNT),
            Column(words.say("column.change"), CellKind.SIGNED),
        ),
        rows=figures,
    )
    why = Table(
        key="since_reasons",
        name=words.say("sheet.since_reasons"),
        caption=words.say("since.reasons_caption"),
        columns=(
            Column(words.say("column.movement")),
            Column(words.say("column.reason")),
            Column(words.say("column.suspects"), CellKind.SIGNED),
        ),
        rows=reasons,
    )
    text = (words.say("since.text", before=before),)
    return Section(key="since", heading=heading, text=text, tables=(table, *(one for one in (why, moves) if one.rows)))


def _reasons(restated: ShownRestatement, words: Words) -> tuple[tuple[Cell, ...], ...]:
    ways = (
        ("came", restated.delivered.more, 1),
        ("left", restated.delivered.less, -1),
        ("became", restated.recognised.more, 1),
        ("no_longer", restated.recognised.less, -1),
    )
    return tuple(
        (words.say(f"since.{way}"), words.label(RevisionReason.of(reason)), sign * suspects)
        for way, counts, sign in ways
        for reason, suspects in ((reason.value, counts.get(reason.value, 0)) for reason in RevisionReason)
        if suspects
    )


def _moves(moves: Sequence[CountedMove], words: Words) -> Table:
    """Every suspect that moved, counted once, with what it was and what it is: those too that no figure shows."""
    return Table(
        key="since_moves",
        name=words.say("sheet.since_moves"),
        caption=words.say("since.moves_caption"),
        columns=(
            Column(words.say("column.movement")),
            Column(words.say("column.reason")),
            Column(words.say("column.was")),
            Column(words.say("column.is")),
            Column(words.say("column.suspects"), CellKind.COUNT),
        ),
        rows=tuple(
            (
                words.label(Movement.of(move.movement)),
                words.label(RevisionReason.of(move.reason)),
                _standing(move.before, words),
                _standing(move.after, words),
                move.suspects,
            )
            for move in moves
        ),
    )


def _standing(standing: str | None, words: Words) -> str:
    """What a suspect was or is on a day: not delivered in the period, recognised, or not for a cause."""
    if standing is None:
        return words.say("since.not_delivered")
    return words.say("document.figure_recognised") if standing == "recognised" else words.label(Cause.of(standing))
