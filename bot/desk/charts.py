"""Pictures of figures, drawn on the server as SVG.

Owns: how a chart looks. Never: what it shows; a table with the same figures stands below each
picture. Used by statistics and broadcasts.
"""

from collections.abc import Sequence
from typing import Any

import leather
from markupsafe import Markup, escape

COLOURS = ("#1f5f99", "#b5510b", "#2a7d3f", "#7a3e9d", "#8a6d00", "#a3262a")
"""Dark enough on white, apart from each other for most who see colours differently; every line is
named, too."""

leather.theme.title_font_family = "system-ui, sans-serif"
leather.theme.legend_font_family = "system-ui, sans-serif"
leather.theme.tick_font_family = "system-ui, sans-serif"
leather.theme.background_color = "#ffffff"
leather.theme.tick_color = "#e3e7ea"
leather.theme.label_color = "#4a5560"


def lines(
    title: str, series: Sequence[tuple[str, Sequence[tuple[Any, float]]]], *, bars: bool = False
) -> Markup:
    """`series`: name and its points (date, moment or text; figure). Empty without a point."""
    chart = leather.Chart()
    drawn = [(name, list(points)) for name, points in series if points]
    if not drawn:
        return Markup("")
    top = max(value for _, points in drawn for _, value in points)
    chart.add_y_scale(0, top * 1.05 or 1)
    for index, (name, points) in enumerate(drawn):
        colour = COLOURS[index % len(COLOURS)]
        if bars:
            chart.add_columns(points, name=name, fill_color=colour)
        else:
            chart.add_line(points, name=name, stroke_color=colour, width=2)
    picture = chart.to_svg(width=760, height=300)
    # One picture with one name: a reader of the screen is spared its hundred lines.
    label = f'<svg class="chart" role="img" aria-label="{escape(title)}" viewBox="0 0 760 300"'
    return Markup(picture.replace('<svg width="760" height="300"', label, 1))
