"""The pictures of a report, drawn with Altair and written as SVG: vector, no network, the same bytes each time.

Colours are Okabe and Ito's, which colour-blind readers distinguish, and every bar says its number; the table beside a
picture says the same. A picture is narrow enough to be read on a phone: long labels stand on two lines.
"""

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import altair as alt
import vl_convert

from ketenbalans.reports.font import FAMILY, font_folder
from schemas.json_object import JsonObject

ELSE = "'Source Sans 3', system-ui, sans-serif"
"""What a browser takes where the font is not installed."""

INK, SOFT, LINE = "#1b2430", "#55606e", "#c3cbd5"
BLUE, GREY, SKY, VERMILION, ORANGE = "#0072b2", "#8c98a6", "#56b4e9", "#d55e00", "#e69f00"
GRID, PAPER = "#e8ecf1", "white"
WRITTEN_IN = {BLUE: "#005b8f", VERMILION: "#a34700", ORANGE: "#7a5200", SKY: "#1a6a9c", GREY: SOFT}
"""The colour of letters that belong to a colour: dark enough to be read on paper."""

AFTER_DARK = {
    INK: "#e7ebf0",
    SOFT: "#a9b4c0",
    LINE: "#4a5562",
    GRID: "#2b323b",
    PAPER: "#14181d",
    BLUE: "#3a9bdc",
    GREY: "#7d8997",
    VERMILION: "#e8702a",
    "#005b8f": "#7cc0f0",
    "#a34700": "#ffa066",
    "#7a5200": "#f0b84a",
    "#1a6a9c": "#7cc0f0",
}
"""What a reader who asked for dark pages gets instead of a colour; the others stay."""

WIDTH, RANGE_WIDTH = 280, 200
"""Of what is drawn; beside ranges longer texts stand."""

ROW, ROW_OF_TWO_LINES, RANGE_ROW = 25, 30, 38
LABEL_LETTERS = 14
"""From how many letters a label stands on two lines."""

LINE_OF_LETTERS = 17
OUTLINE: JsonObject = {"stroke": SOFT, "strokeWidth": 0.8}
"""Of a bar: the light ones would not stand out from the paper by themselves."""

LINES_HEIGHT = 250


@dataclass(frozen=True)
class BarSegment:
    """A part of a bar: how much, and of which kind (the name in the legend)."""

    kind: str
    amount: int


@dataclass(frozen=True)
class BarRow:
    """A row of a waterfall or a bar chart: its label, its parts, and the number written beside it.

    ``sign`` is 0 for a total, else what the row does to the level above it.
    """

    label: str
    segments: tuple[BarSegment, ...]
    written: str
    sign: int = 0

    @property
    def amount(self) -> int:
        """All parts together."""
        return sum(segment.amount for segment in self.segments)


@dataclass(frozen=True)
class Point:
    """A figure as known on a day."""

    series: str
    on: date
    label: str
    figure: int
    written: str


@dataclass(frozen=True)
class RangeRow:
    """A number that still moves: what it is, what it will be, and between which ends that lies, both included."""

    label: str
    known: int
    expected: int
    ends: tuple[int, int]
    written: str
    aim: int | None = None

    @property
    def numbers(self) -> tuple[int, ...]:
        """All that is drawn of it."""
        return (self.known, self.expected, *self.ends, *(() if self.aim is None else (self.aim,)))


@dataclass(frozen=True)
class RangeKinds:
    """The legend of ranges: a name for each mark, ``aim`` only where a row has one."""

    known: str
    expected: str
    ends: str
    aim: str


def waterfall(steps: Sequence[BarRow], *, kinds: dict[str, str], axis: str, begins_at: int) -> str:
    """Draw totals and the steps between them, from top to bottom.

    Args:
        steps: the first and the last are totals.
        kinds: the legend: name and colour, in order.
        axis: its title.
        begins_at: where the axis begins, when the steps would vanish beside the totals.
    """
    bars: list[JsonObject] = []
    levels: list[JsonObject] = []
    level = 0
    for place, step in enumerate(steps):
        at = begins_at if step.sign == 0 else level
        for segment in step.segments:
            direction = step.sign or 1
            end = segment.amount if step.sign == 0 else at + direction * segment.amount
            bars.append({"row": step.label, "begin": at, "end": end, "kind": segment.kind})
            at = end
        level = at
        right = max([max(bar["begin"], bar["end"]) for bar in bars if bar["row"] == step.label], default=level)
        levels.append({"row": step.label, "level": level, "right": right, "written": step.written, "place": place})
    rows = [step.label for step in steps]
    joins = [{**one, "next": rows[place + 1]} for place, one in enumerate(levels[:-1])]
    y = _rows(rows)
    scale = alt.Scale(domain=[begins_at, max(one["right"] for one in levels)], nice=False)
    x_axis = alt.Axis(title=axis, tickCount=5, format="d")
    connectors = (
        _chart(joins)
        .mark_rule(color=LINE, strokeDash=[3, 2])
        .encode(x=alt.X("level:Q", scale=scale, axis=x_axis), y=y, y2="next:N")
    )
    drawn = (
        _chart(bars)
        .mark_bar(**OUTLINE)
        .encode(x=alt.X("begin:Q", scale=scale, axis=x_axis), x2="end:Q", y=y, color=_colours(kinds))
    )
    return _svg(connectors + drawn + _numbers(levels, "right", rows, scale, x_axis), height=_height(rows))


def bars(steps: Sequence[BarRow], *, kinds: dict[str, str], axis: str) -> str:
    """Draw bars of parts, from top to bottom.

    Args:
        steps: a bar each.
        kinds: the legend: name and colour, in order.
        axis: its title.
    """
    parts, ends = [], []
    for step in steps:
        at = 0
        for segment in step.segments:
            parts.append({"row": step.label, "begin": at, "end": at + segment.amount, "kind": segment.kind})
            at += segment.amount
        ends.append({"row": step.label, "right": at, "written": step.written})
    rows = [step.label for step in steps]
    scale = alt.Scale(domainMin=0, nice=True)
    x_axis = alt.Axis(title=axis, tickMinStep=1, tickCount=5, format="d")
    drawn = (
        _chart(parts)
        .mark_bar(**OUTLINE)
        .encode(
            x=alt.X("begin:Q", scale=scale, axis=x_axis),
            x2="end:Q",
            y=_rows(rows),
            color=_colours(kinds),
        )
    )
    return _svg(drawn + _numbers(ends, "right", rows, scale, x_axis), height=_height(rows))


def ranges(steps: Sequence[RangeRow], *, kinds: RangeKinds, axis: str, begins_at: int) -> str:
    """Draw what is known as a dot, and what it will be as a stroke on a band between its ends.

    Args:
        steps: a row each.
        kinds: the legend.
        axis: its title.
        begins_at: where the axis begins: marks have no length, so it need not be at 0.
    """
    rows = [step.label for step in steps]
    bands = [{"row": one.label, "begin": one.ends[0], "end": one.ends[1], "kind": kinds.ends} for one in steps]
    marks = {
        kinds.expected: [{"row": one.label, "at": one.expected, "kind": kinds.expected} for one in steps],
        kinds.known: [{"row": one.label, "at": one.known, "kind": kinds.known} for one in steps],
        kinds.aim: [{"row": one.label, "at": one.aim, "kind": kinds.aim} for one in steps if one.aim is not None],
    }
    texts = [{"row": one.label, "at": max(one.numbers), "written": one.written} for one in steps]
    highest = max(number for one in steps for number in one.numbers)
    legend = {
        kinds.known: BLUE,
        kinds.expected: VERMILION,
        kinds.ends: SKY,
        **({kinds.aim: INK} if marks[kinds.aim] else {}),
    }
    scale = alt.Scale(domain=[begins_at, highest], nice=False)
    x_axis = alt.Axis(title=axis, tickMinStep=1, tickCount=4, format="d")
    y, colour = _rows(rows), _colours(legend)
    x = alt.X("at:Q", scale=scale, axis=x_axis)
    beginning = alt.X("begin:Q", scale=scale, axis=x_axis)
    written = {"align": "left", "dx": 11, "fontWeight": 600, "fontSize": 14, "color": INK}
    layers = [
        _chart(bands).mark_bar(height=11, cornerRadius=2).encode(x=beginning, x2="end:Q", y=y, color=colour),
        _chart(marks[kinds.expected]).mark_tick(thickness=4, size=19, opacity=1).encode(x=x, y=y, color=colour),
        _chart(marks[kinds.known]).mark_point(filled=True, size=85, opacity=1).encode(x=x, y=y, color=colour),
    ]
    if marks[kinds.aim]:
        aims = _chart(marks[kinds.aim]).mark_point(shape="diamond", size=170, strokeWidth=1.8, opacity=1)
        layers.append(aims.encode(x=x, y=y, color=colour))
    layers.append(_chart(texts).mark_text(**written).encode(x=x, y=y, text="written:N"))
    return _svg(alt.layer(*layers), height=len(rows) * RANGE_ROW, width=RANGE_WIDTH)


def lines(points: Sequence[Point], *, marks: Sequence[Point], colours: dict[str, str], axis: str) -> str:
    """Draw each series over its days, its name and last figure at its end.

    Args:
        points: the figures, by series and day.
        marks: figures that were published, drawn as diamonds.
        colours: series and colour, in order.
        axis: its title.
    """
    days = list(dict.fromkeys(point.label for point in sorted(points, key=lambda point: point.on)))
    values = [{"day": point.label, "figure": point.figure, "series": point.series} for point in points]
    last = [point for point in points if point.label == days[-1]]
    top = max([one.figure for one in (*points, *marks)], default=0) * 1.06 or 1
    colour = alt.Color(
        "series:N", sort=list(colours), legend=None, scale=alt.Scale(domain=list(colours), range=list(colours.values()))
    )
    x = alt.X("day:N", sort=days, title=None, axis=alt.Axis(labelAngle=-40, grid=False))
    y_axis = alt.Axis(format="d", tickCount=6, tickMinStep=1)
    y = alt.Y("figure:Q", title=axis, scale=alt.Scale(domain=[0, top], nice=False), axis=y_axis)
    base = _chart(values).encode(x=x, y=y, color=colour)
    layers = [base.mark_line(interpolate="step-after", strokeWidth=2.5), base.mark_point(filled=True, size=42)]
    for point, lower in zip(last, _apart([LINES_HEIGHT * (1 - one.figure / top) for one in last]), strict=True):
        written_in = WRITTEN_IN.get(colours[point.series], INK)
        ends = _chart([{"day": point.label, "figure": point.figure, "written": point.written}]).mark_text(
            align="left", dx=9, dy=lower, fontWeight=600, fontSize=14, color=written_in
        )
        layers.append(ends.encode(x=x, y=y, text="written:N"))
    if marks:
        diamonds = _chart([{"day": mark.label, "figure": mark.figure} for mark in marks]).encode(x=x, y=y)
        layers.append(diamonds.mark_point(shape="diamond", size=190, color=INK, strokeWidth=1.8))
    return _svg(alt.layer(*layers), height=LINES_HEIGHT)


def _apart(heights: Sequence[float]) -> list[float]:
    """How much lower each text has to stand, so that none covers another; heights from the top, in pixels."""
    lower = [0.0] * len(heights)
    free = float("-inf")
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    for place in order:
        lower[place] = max(0.0, free - heights[place])
        free = heights[place] + lower[place] + LINE_OF_LETTERS
    over = max([heights[place] + lower[place] for place in order], default=0.0) - LINES_HEIGHT
    return [one - max(0.0, over) for one in lower]  # the lowest stays above the axis: all go up together


def _chart(values: list[JsonObject]) -> Any:
    return alt.Chart(alt.Data(values=values))  # type: ignore[no-untyped-call]


def _numbers(values: list[JsonObject], at: str, rows: list[str], scale: Any, axis: Any) -> Any:
    return (
        _chart(values)
        .mark_text(align="left", dx=6, fontWeight=600, fontSize=14, color=INK)
        .encode(x=alt.X(f"{at}:Q", scale=scale, axis=axis), y=_rows(rows), text="written:N")
    )


def _rows(rows: list[str]) -> alt.Y:
    """The rows of bars, a long label on two lines."""
    on_lines = json.dumps({row: lines for row in rows if len(lines := _lines_of(row)) > 1}, ensure_ascii=False)
    of_two_lines = f"{on_lines}[datum.label]"
    baseline = {
        "condition": {"test": of_two_lines, "value": "bottom"},
        "value": "middle",
    }  # the second line is below it
    axis = alt.Axis(labelExpr=f"{of_two_lines} || datum.label", labelLineHeight=14, labelBaseline=baseline)
    return alt.Y("row:N", sort=rows, title=None, scale=alt.Scale(paddingInner=0.28), axis=axis)


def _lines_of(label: str) -> list[str]:
    """A label on one line, or on two that are about as long as each other."""
    if len(label) <= LABEL_LETTERS:
        return [label]
    for width in range(max(LABEL_LETTERS, len(label) // 2 + 3), len(label)):
        lines = textwrap.wrap(label, width, break_long_words=False, break_on_hyphens=True)
        if len(lines) <= 2:
            return lines
    return [label]


def _height(rows: list[str]) -> int:
    return len(rows) * (ROW_OF_TWO_LINES if any(len(_lines_of(row)) > 1 for row in rows) else ROW)


def _colours(kinds: dict[str, str]) -> alt.Color:
    return alt.Color(
        "kind:N",
        sort=list(kinds),
        scale=alt.Scale(domain=list(kinds), range=list(kinds.values())),
        legend=alt.Legend(title=None, orient="top", direction="horizontal", symbolType="square", columns=2),
    )


def _svg(chart: Any, *, height: int, width: int = WIDTH) -> str:
    _with_our_font()
    text = {"labelFont": FAMILY, "titleFont": FAMILY, "labelColor": INK, "titleColor": SOFT}
    axis = {"labelFontSize": 14, "titleFontSize": 13, "titleFontWeight": "normal", "labelLimit": 260}
    styled = (
        chart.properties(width=width, height=height, background=PAPER)
        .configure(font=FAMILY, padding=6)
        .configure_axis(**text, **axis, gridColor=GRID, domainColor=LINE, tickColor=LINE)
        .configure_axisY(grid=False, domain=False, ticks=False, labelPadding=8)
        .configure_legend(labelFont=FAMILY, labelFontSize=14, labelColor=INK, symbolSize=150, offset=8)
        .configure_view(stroke=None)
    )
    return str(vl_convert.vegalite_to_svg(styled.to_dict())).replace(f'"{FAMILY}"', f'"{FAMILY}, {ELSE}"')


@cache
def _with_our_font() -> None:
    vl_convert.register_font_directory(str(font_folder()))


def width_of(svg: str) -> int:
    """How wide a picture is drawn, in pixels of a screen."""
    return round(float(svg.split('width="', 1)[1].split('"', 1)[0]))
