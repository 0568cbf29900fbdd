"""The sections about the balance itself: both bridges, and the units."""

from collections.abc import Iterator

from ketenbalans.reports import pictures
from ketenbalans.reports.document import Cell, CellKind, Column, Picture, Section, Table
from ketenbalans.reports.pictures import BLUE, GREY, ORANGE, SKY, VERMILION, BarRow, BarSegment
from ketenbalans.reports.report import TO_ACT, Report
from ketenbalans.reports.words import Words, percent
from schemas.answer_parts import Bridge
from schemas.breaks import BreakState, Side
from schemas.causes import Cause, OmOnlyCause
from schemas.police_units import unit_name
from schemas.vocabulary import Vocabulary

SHOWN_LARGER_FROM = 0.5
"""When all steps move within this part of the largest total, the axis begins near them, and says so."""


def bridge(report: Report, words: Words) -> Section:
    """From delivered to recognised: the picture, and every cause with its share and meaning."""
    balance = report.balance
    steps = [
        _total(words.say("om.delivered"), balance.delivered, words),
        *_steps(report, words, Cause, sign=-1),
        _total(words.say("om.recognised"), balance.recognised, words),
    ]
    rows = [
        (words.label(cause), suspects, percent(suspects, balance.gap), words.meaning(cause))
        for cause, suspects in ((cause, balance.causes[cause.value]) for cause in Cause)
    ]
    table = Table(
        key="causes",
        name=words.say("sheet.causes"),
        caption=words.say("bridge.caption"),
        columns=(
            Column(words.say("column.cause")),
            Column(words.say("column.suspects"), CellKind.COUNT),
            Column(words.say("column.share_of_gap"), CellKind.SHARE),
            Column(words.say("column.meaning")),
        ),
        rows=(
            (words.say("om.delivered"), balance.delivered, None, ""),
            *rows,
            (words.say("column.gap"), balance.gap, percent(balance.gap, balance.gap), ""),
            (words.say("om.recognised"), balance.recognised, None, ""),
        ),
        strong=frozenset({0, len(rows) + 1, len(rows) + 2}),
    )
    numbers = {"delivered": balance.delivered, "recognised": balance.recognised}
    return Section(
        key="bridge",
        heading=words.say("bridge.heading"),
        text=(words.say("bridge.text"), words.say("bridge.rounding")),
        picture=_waterfall("bridge", steps, _kinds(report, words), words, **numbers) if balance.delivered else None,
        tables=(table,),
    )


def om_bridge(report: Report, words: Words) -> Section:
    """From recognised to the OM's own count."""
    balance = report.balance
    earlier = balance.registered_earlier
    steps = [
        _total(words.say("om.recognised"), balance.recognised, words),
        *([_earlier(earlier, words)] if earlier else []),
        *_steps(report, words, OmOnlyCause, sign=1),
        _total(words.say("om.om_count"), balance.om_count, words),
    ]
    rows: list[tuple[str, int, str]] = [
        (words.say("om.recognised"), balance.recognised, ""),
        (words.say("om.registered_earlier"), -earlier, words.say("om.registered_earlier_means")),
        *((words.label(cause), balance.om_only[cause.value], words.meaning(cause)) for cause in OmOnlyCause),
        (words.say("om.om_count"), balance.om_count, ""),
    ]
    table = Table(
        key="om_count",
        name=words.say("sheet.om_count"),
        caption=words.say("om.caption"),
        columns=(
            Column(words.say("column.line")),
            Column(words.say("column.registrations"), CellKind.COUNT),
            Column(words.say("column.meaning")),
        ),
        rows=tuple(rows),
        strong=frozenset({0, len(rows) - 1}),
    )
    numbers = {"recognised": balance.recognised, "om_count": balance.om_count}
    return Section(
        key="om",
        heading=words.say("om.heading"),
        text=(words.say("om.text"),),
        picture=_waterfall("om", steps, _kinds(report, words), words, **numbers) if balance.om_count else None,
        tables=(table,),
    )


def units(report: Report, words: Words) -> Section:
    """Per police unit, the largest gap first in the picture, by code in the table."""
    by_unit = report.balance.by_unit
    steps = [
        BarRow(
            label=unit_name(str(unit.unit), on=report.period.start) or str(unit.unit),  # the table below has the codes
            segments=tuple(_segments(report, words, side=Side.POLICE.value, unit=str(unit.unit))),
            written=words.say("units.bar", gap=unit.gap, delivered=unit.delivered),
        )
        for unit in sorted(by_unit, key=lambda unit: (-unit.gap, str(unit.unit)))
    ]
    described = ", ".join(f"{step.label} {step.written}" for step in steps)
    picture = Picture(
        "units",
        words.say("units.picture"),
        words.say("units.alt", steps=described),
        pictures.bars(steps, kinds=_kinds(report, words), axis=words.say("units.axis")) if steps else "",
    )
    table = Table(
        key="units",
        name=words.say("sheet.units"),
        caption=words.say("units.caption"),
        columns=(
            Column(words.say("column.unit")),
            *(
                Column(words.say(f"column.{name}"), CellKind.COUNT)
                for name in ("delivered", "recognised", "gap", "to_act", "cases")
            ),
            Column(words.say("column.gap_share"), CellKind.SHARE),
        ),
        rows=tuple(
            (
                _unit(unit, report, words),
                unit.delivered,
                unit.recognised,
                unit.gap,
                report.counted(side=Side.POLICE.value, unit=unit.unit, state=TO_ACT),
                unit.cases_delivered,
                percent(unit.gap, unit.delivered),
            )
            for unit in by_unit
        ),
    )
    return Section(
        key="units",
        heading=words.say("units.heading"),
        text=(words.say("units.text"),),
        picture=picture if steps else None,
        tables=(table,),
    )


def other_parties(report: Report, words: Words) -> Section | None:
    """What others than the police delivered, each apart; None when nobody else ever delivered anything."""
    parties = report.balance.other_parties
    if not parties:
        return None
    rows: list[tuple[Cell, ...]] = []
    totals: list[int] = []
    for party in sorted(parties, key=lambda party: party.party):
        name = words.party(party.party)
        in_order = sorted(party.by_unit, key=lambda unit: str(unit.unit))
        rows.extend((name, _unit(unit, report, words), *_figures_of(unit)) for unit in in_order)
        totals.append(len(rows))
        rows.append((name, words.say("column.total"), *_figures_of(party.total)))
    table = Table(
        key="other_parties",
        name=words.say("sheet.other_parties"),
        caption=words.say("other_parties.caption"),
        columns=(
            Column(words.say("column.party")),
            Column(words.say("column.unit")),
            *(
                Column(words.say(f"column.{name}"), CellKind.COUNT)
                for name in ("delivered", "recognised", "gap", "cases")
            ),
        ),
        rows=tuple(rows),
        strong=frozenset(totals),
    )
    return Section(
        key="other_parties",
        heading=words.say("other_parties.heading"),
        text=(words.say("other_parties.text"),),
        picture=None,
        tables=(table,),
    )


def _figures_of(bridge: Bridge) -> tuple[int, ...]:
    return bridge.delivered, bridge.recognised, bridge.gap, bridge.cases_delivered


def _unit(bridge: Bridge, report: Report, words: Words) -> str:
    return words.unit(str(bridge.unit), on=report.period.start)


def _total(label: str, amount: int, words: Words) -> BarRow:
    return BarRow(label, (BarSegment(words.say("bridge.total"), amount),), words.count(amount))


def _earlier(amount: int, words: Words) -> BarRow:
    segments = (BarSegment(words.say("bridge.explained"), amount),)
    return BarRow(words.say("om.registered_earlier"), segments, words.count(-amount), sign=-1)


def _steps(report: Report, words: Words, causes: type[Vocabulary], *, sign: int) -> Iterator[BarRow]:
    balance = report.balance
    side, counts = (Side.POLICE, balance.causes) if causes is Cause else (Side.OM, balance.om_only)
    for cause in causes:
        amount = counts[cause.value]
        if amount:
            segments = tuple(_segments(report, words, side=side.value, cause=cause.value))
            written = ("+" if sign > 0 else "") + words.count(sign * amount)
            yield BarRow(words.label(cause), segments, written, sign=sign)


def _segments(report: Report, words: Words, **wanted: str) -> Iterator[BarSegment]:
    for kind, states in _kinds_of_states(words).items():
        amount = report.counted(state=states, **wanted)
        if amount:
            yield BarSegment(kind, amount)


def _kinds_of_states(words: Words) -> dict[str, tuple[str, ...]]:
    return {
        words.say("bridge.explained"): (BreakState.EXPLAINED.value,),
        words.say("bridge.accepted"): (BreakState.ACCEPTED.value,),
        words.say("bridge.may_come"): (BreakState.WAITING.value,),
        words.say("bridge.to_act"): TO_ACT,
    }


def _kinds(report: Report, words: Words) -> dict[str, str]:
    """The colour of each kind; accepted ones are in the legend only where there are some."""
    kinds = dict(zip(_kinds_of_states(words), (GREY, ORANGE, SKY, VERMILION), strict=True))
    if not report.counted(state=BreakState.ACCEPTED.value):
        del kinds[words.say("bridge.accepted")]
    return kinds


def _waterfall(key: str, steps: list[BarRow], kinds: dict[str, str], words: Words, **numbers: int) -> Picture:
    levels, level = [], 0
    for step in steps:
        level = step.amount if step.sign == 0 else level + step.sign * step.amount
        levels.append(level)
    moves = max(levels) - min(levels)
    begin = 0 if moves > SHOWN_LARGER_FROM * max(levels) else max(0, (min(levels) - moves // 2 - 1) // 10 * 10)
    svg = pictures.waterfall(
        steps,
        kinds={words.say("bridge.total"): BLUE, **kinds},
        axis=words.say("bridge.axis", start=begin),
        begins_at=begin,
    )
    described = ", ".join(f"{step.label} {step.written}" for step in steps if step.sign)
    alt_text = words.say(f"{key}.alt", steps=described or words.say("document.none"), **numbers)
    return Picture(key, words.say(f"{key}.picture", **numbers), alt_text, svg)
