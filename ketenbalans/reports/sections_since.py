"""The section on what changed since the last report: the figures, why they moved, and every suspect that moved."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ketenbalans.reports.document import Cell, Column, Kind, Section, Table
from ketenbalans.reports.report import Report
from ketenbalans.reports.words import Words
from schemas.causes import Cause
from schemas.revisions import Movement, RevisionReason


def since(report: Report, words: Words) -> Section:
    """What changed since the last report of the period, and why."""
    heading, changed = words.say("since.heading"), report.since
    if changed is None:
        return Section(key="since", heading=heading, text=(words.say("since.first"),))
    before, now = (words.day(date.fromisoformat(changed[name])) for name in ("from", "to"))
    reasons, moves = _reasons(changed, words), _moves(changed, words)
    figures = tuple(
        (
            words.say(f"published.{name}"),
            changed[name]["before"],
            changed[name]["after"],
            changed[name]["after"] - changed[name]["before"],
        )
        for name in ("delivered", "recognised", "cases_delivered")
    )
    if not moves.rows and all(row[3] == 0 for row in figures):
        return Section(key="since", heading=heading, text=(words.say("since.nothing", before=before),))
    table = Table(
        key="since",
        name=words.say("sheet.since"),
        caption=words.say("since.caption", before=before, now=now),
        columns=(
            Column(words.say("column.figure")),
            Column(words.say("column.before"), Kind.COUNT),
            Column(words.say("column.now"), Kind.COUNT),
            Column(words.say("column.change"), Kind.SIGNED),
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
            Column(words.say("column.suspects"), Kind.SIGNED),
        ),
        rows=reasons,
    )
    text = (words.say("since.text", before=before),)
    return Section(key="since", heading=heading, text=text, tables=(table, *(one for one in (why, moves) if one.rows)))


def _reasons(changed: Mapping[str, Any], words: Words) -> tuple[tuple[Cell, ...], ...]:
    ways = (
        ("came", changed["delivered"]["came"], 1),
        ("left", changed["delivered"]["left"], -1),
        ("became", changed["recognised"]["became"], 1),
        ("no_longer", changed["recognised"]["no_longer"], -1),
    )
    return tuple(
        (words.say(f"since.{way}"), words.label(RevisionReason.of(reason)), sign * suspects)
        for way, counts, sign in ways
        for reason, suspects in ((reason.value, counts.get(reason.value, 0)) for reason in RevisionReason)
        if suspects
    )


def _moves(changed: Mapping[str, Any], words: Words) -> Table:
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
            Column(words.say("column.suspects"), Kind.COUNT),
        ),
        rows=tuple(
            (
                words.label(Movement.of(move["movement"])),
                words.label(RevisionReason.of(move["reason"])),
                _standing(move["before"], words),
                _standing(move["after"], words),
                move["suspects"],
            )
            for move in changed["moves"]
        ),
    )


def _standing(standing: str | None, words: Words) -> str:
    """What a suspect was or is on a day: not delivered in the period, recognised, or not for a cause."""
    if standing is None:
        return words.say("since.not_delivered")
    return words.say("document.figure_recognised") if standing == "recognised" else words.label(Cause.of(standing))
