"""The section about what may still come of a period: what is known, what is expected, and between which ends."""

from collections.abc import Iterator, Sequence
from datetime import date

from ketenbalans.nowcast.forecast import TARGETS
from ketenbalans.reports import pictures
from ketenbalans.reports.document import CellKind, Column, Picture, Section, Table
from ketenbalans.reports.pictures import RangeKinds, RangeRow
from ketenbalans.reports.report_parts import MayCome, YearTarget
from ketenbalans.reports.words import EN_DASH, Words
from schemas.period import Period

ENDS = "95"
"""The interval that is shown, in percent."""

BEGINS_NEAR = 0.5
"""Where all numbers lie above this part of the largest, the axis begins near them: they would stand on each other."""

HARDLY, NEARLY = 10, 990
"""Chances in a thousand; what lies beyond is finer than the draws can say."""

ROOM = 0.08
"""Of what the axis shows: left of the lowest mark."""


def may_come(expected: MayCome, words: Words, *, period: Period, as_of: date) -> Section:
    """What is expected of a period when all has come, and the chance that its target is met.

    Args:
        expected: what is expected.
        words: the language.
        period: what is counted.
        as_of: the day whose knowledge it rests on.
    """
    rows = _rows(expected, words)
    known, later = words.day(as_of), words.day(expected.known_on)
    begins_at = _begins_at([number for row in rows for number in row.numbers])
    table = Table(
        key="may_come",
        name=words.say("sheet.may_come"),
        caption=words.say("may_come.caption", as_of=known, known_on=later),
        columns=(
            Column(words.say("column.figure")),
            *(
                Column(words.say(f"column.{name}"), CellKind.COUNT)
                for name in ("known", "expected", "at_the_least", "at_the_most")
            ),
        ),
        rows=tuple((row.label, row.known, row.expected, *row.ends) for row in rows),
    )
    kinds = RangeKinds(*(words.say(f"may_come.{name}") for name in ("known", "forecast", "ends", "aim")))
    picture = Picture(
        "may_come",
        words.say("may_come.picture", as_of=known),
        words.say("may_come.alt", steps="; ".join(_in_words(row, words) for row in rows)),
        pictures.ranges(rows, kinds=kinds, axis=words.say("bridge.axis", start=begins_at), begins_at=begins_at),
    )
    return Section(
        key="may_come",
        heading=words.say("may_come.heading"),
        text=tuple(_text(expected, words, period)),
        picture=picture,
        tables=(table,),
    )


def past_forecasts(expected: MayCome, words: Words) -> Section | None:
    """How the forecasts of months before turned out: what each said at the month's end, and what came of it.

    Args:
        expected: what is expected, with the forecasts before it.
        words: the language.

    Returns:
        None where no forecast can be looked at.
    """
    if not expected.past:
        return None
    rows = [
        RangeRow(words.month(one.month_end), one.known, one.expected, one.ends, words.count(one.came), one.came)
        for one in expected.past
    ]
    begins_at = _begins_at([number for row in rows for number in row.numbers])
    held = sum(one.is_held for one in expected.past)
    kinds = RangeKinds(*(words.say(f"past_forecasts.{name}") for name in ("known", "forecast", "ends", "came")))
    steps = "; ".join(
        words.say("past_forecasts.step", label=row.label, low=row.ends[0], high=row.ends[1], came=row.written)
        for row in rows
    )
    return Section(
        key="past_forecasts",
        heading=words.say("past_forecasts.heading"),
        text=(words.say("past_forecasts.text", months=len(rows), held=held),),
        picture=Picture(
            "past_forecasts",
            words.say("past_forecasts.picture"),
            words.say("past_forecasts.alt", steps=steps),
            pictures.ranges(rows, kinds=kinds, axis=words.say("bridge.axis", start=begins_at), begins_at=begins_at),
        ),
        tables=(
            Table(
                key="past_forecasts",
                name=words.say("sheet.past_forecasts"),
                caption=words.say("past_forecasts.caption"),
                columns=(
                    Column(words.say("column.month_of_delivery")),
                    *(
                        Column(words.say(f"column.{name}"), CellKind.COUNT)
                        for name in ("known_at_its_end", "expected", "at_the_least", "at_the_most", "came")
                    ),
                ),
                rows=tuple((row.label, row.known, row.expected, *row.ends, row.aim) for row in rows),
            ),
        ),
    )


def _rows(expected: MayCome, words: Words) -> list[RangeRow]:
    rows = []
    for name in TARGETS:
        count = expected.counts[name]
        low, high = count.intervals[ENDS]
        aim = expected.target.suspects if expected.target and name == "delivered" else None
        written = f"{words.count(count.median)} ({words.count(low)}{EN_DASH}{words.count(high)})"
        rows.append(RangeRow(words.say(f"may_come.{name}"), count.known, count.median, (low, high), written, aim))
    return rows


def _begins_at(numbers: Sequence[int]) -> int:
    """Where the axis begins: at 0, or a little below numbers that lie close together."""
    lowest, highest = min(numbers), max(numbers)
    if lowest <= BEGINS_NEAR * highest:
        return 0
    return max(0, lowest - 1 - round(ROOM * (highest - lowest)))


def _text(expected: MayCome, words: Words, period: Period) -> Iterator[str]:
    is_over = expected.delivered_until == period.end
    yield words.say(
        "may_come.expected" if is_over else "may_come.expected_until",
        period=words.period(period),
        known_on=words.day(expected.known_on),
        **({} if is_over else {"until": words.day(expected.delivered_until)}),
        **{name: expected.counts[name].median for name in TARGETS},
    )
    if expected.target is not None:
        yield _of_target(expected.target, words, period)
    yield words.say("may_come.basis")


def _of_target(target: YearTarget, words: Words, period: Period) -> str:
    """The chance in whole percent; one that is nearly none or nearly certain is not said to be so."""
    form = "target_hardly" if target.chance < HARDLY else "target_nearly" if target.chance > NEARLY else "target"
    percent = (target.chance + 5) // 10
    return words.say(f"may_come.{form}", period=words.period(period), target=target.suspects, chance=percent)


def _in_words(row: RangeRow, words: Words) -> str:
    step = words.say("may_come.step", label=row.label, known=row.known, written=row.written)
    return step if row.aim is None else words.say("may_come.aim_step", step=step, target=row.aim)
