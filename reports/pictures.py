"""The pictures of a report, drawn with Altair and written as SVG: vector, no network, the same bytes each time.

Colours are Okabe and Ito's, which colour-blind readers tell apart, and every bar says its number; the table beside a
picture says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import altair as alt
import vl_convert

from reports.font import FAMILY, font_folder

ELSE = "'Source Sans 3', system-ui, sans-serif"
"""What a browser takes where the font is not installed."""

INK, SOFT, LINE = "#1b2430", "#55606e", "#c3cbd5"
BLUE, GREY, SKY, VERMILION, ORANGE = "#0072b2", "#8c98a6", "#56b4e9", "#d55e00", "#e69f00"
WIDTH = 430
ROW = 25


@dataclass(frozen=True)
class Segment:
    """A part of a bar: how much, and of which kind (the name in the legend)."""

    kind: str
    amount: int


@dataclass(frozen=True)
class Step:
    """A row of a waterfall or a bar chart: its label, its parts, and the number written beside it.

    ``sign`` is 0 for a total, else what the row does to the level above it.
    """

    label: str
    segments: tuple[Segment, ...]
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


def waterfall(steps: Sequence[Step], *, kinds: dict[str, str], axis: str, begins_at: int) -> str:
    """Draw totals and the steps between them, from top to bottom.

    Args:
        steps: the first and the last are totals.
        kinds: the legend: name and colour, in order.
        axis: its title.
        begins_at: where the axis begins, when the steps would vanish beside the totals.
    """
    bars: list[dict[str, Any]] = []
    levels: list[dict[str, Any]] = []
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
    y = alt.Y("row:N", sort=rows, title=None, scale=alt.Scale(paddingInner=0.28))
    scale = alt.Scale(domain=[begins_at, max(one["right"] for one in levels)], nice=False)
    x_axis = alt.Axis(title=axis, tickCount=6, format="d")
    connectors = (
        _chart(joins)
        .mark_rule(color=LINE, strokeDash=[3, 2])
        .encode(x=alt.X("level:Q", scale=scale, axis=x_axis), y=alt.Y("row:N", sort=rows, title=None), y2="next:N")
    )
    drawn = (
        _chart(bars)
        .mark_bar()
        .encode(x=alt.X("begin:Q", scale=scale, axis=x_axis), x2="end:Q", y=y, color=_colours(kinds))
    )
    return _svg(connectors + drawn + _numbers(levels, "right", rows, scale, x_axis), rows=len(rows))


def bars(steps: Sequence[Step], *, kinds: dict[str, str], axis: str) -> str:
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
    x_axis = alt.Axis(title=axis, tickMinStep=1, tickCount=6, format="d")
    drawn = (
        _chart(parts)
        .mark_bar()
        .encode(
            x=alt.X("begin:Q", scale=scale, axis=x_axis),
            x2="end:Q",
            y=alt.Y("row:N", sort=rows, title=None, scale=alt.Scale(paddingInner=0.28)),
            color=_colours(kinds),
        )
    )
    return _svg(drawn + _numbers(ends, "right", rows, scale, x_axis), rows=len(rows))


def lines(points: Sequence[Point], *, marks: Sequence[Point], colours: dict[str, str], axis: str) -> str:
    """Draw each series over its days, its name and last figure at its end.

    Args:
        points: the figures, by series and day.
        marks: figures that were published, drawn as diamonds.
        colours: series and colour, in order.
        axis: its title.
    """
    days = list(dict.fromkeys(point.label for point in sorted(points, key=lambda point: point.on)))
    colour = alt.Color(
        "series:N", sort=list(colours), legend=None, scale=alt.Scale(domain=list(colours), range=list(colours.values()))
    )
    values = [
        {"day": point.label, "figure": point.figure, "series": point.series, "written": point.written}
        for point in points
    ]
    x = alt.X("day:N", sort=days, title=None, axis=alt.Axis(labelAngle=-40, grid=False))
    y = alt.Y("figure:Q", title=axis, scale=alt.Scale(zero=True, nice=True), axis=alt.Axis(format="d", tickCount=6))
    base = _chart(values).encode(x=x, y=y, color=colour)
    last = [value for value in values if value["day"] == days[-1]]
    ends = (
        _chart(last)
        .mark_text(align="left", dx=9, fontWeight=600, fontSize=14)
        .encode(x=x, y=y, text="written:N", color=colour)
    )
    published = [{"day": mark.label, "figure": mark.figure, "written": mark.series} for mark in marks]
    layers = [base.mark_line(interpolate="step-after", strokeWidth=2.5), base.mark_point(filled=True, size=42), ends]
    if published:
        diamonds = _chart(published).encode(x=x, y=y)
        layers.append(diamonds.mark_point(shape="diamond", size=190, color=INK, strokeWidth=1.8))
    return _svg(alt.layer(*layers), rows=10)


def _chart(values: list[dict[str, Any]]) -> Any:
    return alt.Chart(alt.Data(values=values))  # type: ignore[no-untyped-call]


def _numbers(values: list[dict[str, Any]], at: str, rows: list[str], scale: Any, axis: Any) -> Any:
    return (
        _chart(values)
        .mark_text(align="left", dx=6, fontWeight=600, fontSize=14, color=INK)
        .encode(x=alt.X(f"{at}:Q", scale=scale, axis=axis), y=alt.Y("row:N", sort=rows, title=None), text="written:N")
    )


def _colours(kinds: dict[str, str]) -> alt.Color:
    return alt.Color(
        "kind:N",
        sort=list(kinds),
        scale=alt.Scale(domain=list(kinds), range=list(kinds.values())),
        legend=alt.Legend(title=None, orient="top", direction="horizontal", symbolType="square"),
    )


def _svg(chart: Any, *, rows: int) -> str:
    _with_our_font()
    text = {"labelFont": FAMILY, "titleFont": FAMILY, "labelColor": INK, "titleColor": SOFT}
    axis = {"labelFontSize": 14, "titleFontSize": 13, "titleFontWeight": "normal", "labelLimit": 260}
    styled = (
        chart.properties(width=WIDTH, height=rows * ROW, background="white")
        .configure(font=FAMILY, padding=6)
        .configure_axis(**text, **axis, gridColor="#e8ecf1", domainColor=LINE, tickColor=LINE)
        .configure_axisY(grid=False, domain=False, ticks=False, labelPadding=8)
        .configure_legend(labelFont=FAMILY, labelFontSize=14, labelColor=INK, symbolSize=150, offset=8)
        .configure_view(stroke=None)
    )
    return str(vl_convert.vegalite_to_svg(styled.to_dict())).replace(f'"{FAMILY}"', f'"{FAMILY}, {ELSE}"')


@cache
def _with_our_font() -> None:
    vl_convert.register_font_directory(str(font_folder()))


def width_of(svg: str) -> int:
    """How wide a picture is drawn, in pixels of a screen: then its letters are as large as those around it."""
    return round(float(svg.split('width="', 1)[1].split('"', 1)[0]))
