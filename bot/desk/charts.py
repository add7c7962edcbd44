"""Pictures of figures, drawn on the server as SVG.

Owns: how a chart looks. Never: what it shows; a table with the same figures stands below each
picture. Used by statistics, subscribers and broadcasts.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import leather
from leather.scales import Scale
from leather.shapes.base import Shape
from markupsafe import Markup, escape

from bot.desk import language


@dataclass(frozen=True)
class Size:
    name: str
    width: int
    height: int
    labels: int
    """Along the time, at most."""


SIZES = (Size("wide", 760, 300, 7), Size("narrow", 360, 300, 3))
"""On a screen and on a telephone: the page's style shows one of them (desk.css)."""

LOOKS = (
    ("#1f5f99", ""),
    ("#b5510b", "8 4"),
    ("#2a7d3f", "2 4"),
    ("#7a3e9d", "12 4 2 4"),
)
"""Colour and dashes of each line: dark enough on white, and told apart without colours, too."""

FONT = "system-ui, sans-serif"
leather.theme.title_font_family = FONT
leather.theme.legend_font_family = FONT
leather.theme.tick_font_family = FONT
leather.theme.background_color = "#ffffff"
leather.theme.tick_color = "#dfe5ea"
leather.theme.zero_color = "#6b7782"
leather.theme.label_color = "#4a5560"
leather.theme.margin = 0.04
leather.theme.legend_color = "#17212b"

Points = Sequence[tuple[Any, float]]
"""(date, moment or text; figure)"""


def lines(
    title: str,
    series: Sequence[tuple[str, Points]],
    *,
    bars: bool = False,
    unit: str = "",
    most: float = 0,
) -> Markup:
    """`series`: name and its points, all of one kind; texts in the order in which they stand.
    `unit`: beside the figures. `most`: more there cannot be. Empty without a point."""
    drawn = [(name, list(points)) for name, points in series if points]
    if not drawn:
        return Markup("")
    steps = sorted(dict.fromkeys(x for _, points in drawn for x, _ in points), key=_place)
    place: Callable[[Any], float] = (lambda x: steps.index(x) + 1.0) if bars else _place
    is_most, most = bool(most), most or max(float(y) for _, points in drawn for _, y in points)

    def draw(size: Size) -> str:
        chart = leather.Chart()
        for index, (name, points) in enumerate(drawn):
            shape = _Bars(index, len(drawn)) if bars else _Line(index)
            placed = [(place(x), float(y)) for x, y in points]
            chart.add_series(leather.Series(placed, name=name), shape)
        _scale(chart, [place(step) for step in steps], steps, bars=bars, labels=size.labels)
        _heights(chart, most, unit, is_most=is_most)
        return str(chart.to_svg(width=size.width, height=size.height))

    return _framed(title, draw)


def _place(x: Any) -> float:
    if isinstance(x, datetime):
        return x.timestamp()
    return float(x.toordinal()) if isinstance(x, date) else 0.0


def _scale(
    chart: Any, places: Sequence[float], steps: Sequence[Any], *, bars: bool, labels: int
) -> None:
    """From the first point to the last, and some of them named, the last one always."""
    # The last name needs room on a telephone.
    narrow = 0.0 if labels == SIZES[0].labels else 0.06 * (places[-1] - places[0])
    margin = 0.5 if bars or len(places) == 1 else narrow
    chart.set_x_scale(_Exactly(places[0] - margin, places[-1] + margin))
    every = -(-len(steps) // labels)
    named = dict(list(zip(places, map(_name, steps), strict=True))[::-every][::-1])
    chart.add_x_axis(list(named), lambda value, index, count: named[value])


def _name(x: Any) -> str:
    if isinstance(x, datetime):
        return language.day_and_time(x)
    return language.day_of_year(x) if isinstance(x, date) else str(x)


def _heights(chart: Any, top: float, unit: str, *, is_most: bool) -> None:
    """Up to `top`; a step more where it is only the highest so far."""
    step = top / 4 if is_most else _round_step(top / 4)
    marks = [step * number for number in range(5 if is_most else int(top / step) + 2)]
    chart.set_y_scale(_Exactly(0, marks[-1]))
    chart.add_y_axis(marks, lambda value, *_: f"{language.number(value)} {unit}".strip())


def _round_step(rough: float) -> float:
    """1, 2 or 5 times a power of ten; never less than 1 for what is counted."""
    if rough <= 1:
        return 1
    power = 10 ** (len(str(int(rough))) - 1)
    return float(next(power * times for times in (1, 2, 5, 10) if power * times >= rough))


def _framed(title: str, draw: Callable[[Size], str]) -> Markup:
    """One picture with one name: a reader of the screen is spared its hundred lines."""
    name, pictures = escape(title), []
    for size in SIZES:
        box = f'width="{size.width}" height="{size.height}"'
        label = (
            f'<svg class="chart {size.name}" role="img" aria-label="{name}"'
            f' viewBox="0 0 {size.width} {size.height}"'
        )
        pictures.append(draw(size).replace(f"<svg {box}", label, 1))
    return Markup("".join(pictures))


class _Exactly(Scale):
    """From here to there; the library's own would begin earlier and end later."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def contains(self, value: float) -> bool:
        return self.low <= value <= self.high

    def project(self, value: float, begin: float, end: float) -> float:
        return begin + (end - begin) * (value - self.low) / (self.high - self.low)


class _Line(Shape):
    def __init__(self, index: int) -> None:
        self.colour, self.dash = LOOKS[index % len(LOOKS)]

    def validate_series(self, series: Any) -> None:
        """Any will do."""

    def to_svg(self, width: float, height: float, across: Any, up: Any, data: Any, _: Any) -> Any:
        group = ET.Element("g")
        at = [(across.project(d.x, 0, width), up.project(d.y, height, 0)) for d in data.data()]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        group.append(self._stroke(path))
        if len(at) <= 60:
            for x, y in at:
                dot = {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "3", "fill": self.colour}
                ET.SubElement(group, "circle", dot)
        return group

    def _stroke(self, points: str) -> Any:
        look = {"stroke": self.colour, "stroke-width": "2.5", "stroke-dasharray": self.dash}
        return ET.Element("polyline", {"points": points, "fill": "none", **look})

    def legend_to_svg(self, series: Any, _: Any) -> list[tuple[Any, int]]:
        return _legend(self._stroke("0,-5 30,-5"), series.name, 36)


class _Bars(Shape):
    """Beside each other; the first is filled, the others are outlined."""

    def __init__(self, index: int, number: int) -> None:
        self.colour = LOOKS[index % len(LOOKS)][0]
        self.index, self.number = index, number

    def validate_series(self, series: Any) -> None:
        """Any will do."""

    def to_svg(self, width: float, height: float, across: Any, up: Any, data: Any, _: Any) -> Any:
        group = ET.Element("g")
        wide = (across.project(1, 0, width) - across.project(0, 0, width)) * 0.8
        each = wide / self.number
        for d in data.data():
            left = across.project(d.x, 0, width) - wide / 2 + each * self.index
            top = up.project(d.y, height, 0)
            group.append(self._rectangle(left + 1, top, each - 2, height - top))
        return group

    def _rectangle(self, x: float, y: float, width: float, height: float) -> Any:
        place = {"x": x, "y": y, "width": width, "height": height}
        fill = "#ffffff" if self.index else self.colour
        look = {"fill": fill, "stroke": self.colour, "stroke-width": "2"}
        return ET.Element("rect", {**{k: f"{v:.1f}" for k, v in place.items()}, **look})

    def legend_to_svg(self, series: Any, _: Any) -> list[tuple[Any, int]]:
        return _legend(self._rectangle(0, -11, 12, 11), series.name, 20)


def _legend(sample: Any, name: str, indent: int) -> list[tuple[Any, int]]:
    group = ET.Element("g")
    group.append(sample)
    look = {"fill": leather.theme.legend_color, "font-family": FONT, "font-size": "14"}
    text = ET.SubElement(group, "text", {"x": str(indent), "y": "0", **look})
    text.text = name
    return [(group, indent + (len(name) + 3) * 8)]
