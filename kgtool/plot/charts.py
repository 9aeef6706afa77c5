"""Heat maps, bipartite graphs and trends as matplotlib figures. Raises `canvas.MissingExtra` without matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kgtool.plot import canvas, style
from kgtool.plot.arrangement import BETWEEN, EM, LABEL, LONGEST, fanned, most_papers, slots, strokes
from kgtool.plot.pictures import TYPES, Dot, Graph, HeatMap, Trends
from kgtool.plot.text import clean, shortened, width, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARGIN = 0.35
_CELL = 0.27


def heatmap_figure(heatmap: HeatMap) -> Figure:
    """The heat map: the darker, the more papers; a dot where a sentence relates the two; the number in each tile."""
    with canvas.settings():
        return _heatmap_figure(heatmap)


def _heatmap_figure(heatmap: HeatMap) -> Figure:
    import math

    rows = [_name(dot) for dot in heatmap.rows]
    columns = [_name(dot) for dot in heatmap.columns]
    cell = max(_CELL, min(0.5, 3.2 / max(len(columns), 1)))
    left = _MARGIN + max(map(width, rows)) * EM + 0.12
    longest = max(map(width, columns)) * EM
    slant = math.radians(55)
    top = longest * math.sin(slant) + 0.2
    over = longest * math.cos(slant)
    wide, high = cell * len(columns), _CELL * len(rows)
    full = max(left + wide + max(over - cell / 2, 0) + _MARGIN, 5.4)
    figure, axes, _ = _open(heatmap.title, heatmap.notes, full, top + high + 0.75)
    most = max(tile.support for tile in heatmap.tiles)
    for row in range(len(rows)):
        for column in range(len(columns)):
            _tile(axes, left + column * cell, top + row * _CELL, cell, "#f3f5f7")
    for tile in heatmap.tiles:
        x, y = left + tile.column * cell, top + tile.row * _CELL
        # With few papers at most, the lightest blue would not tell one paper from none.
        depth = 0.25 + 0.75 * (tile.support / most if most > 3 else tile.support / 4)
        _tile(axes, x, y, cell, _blue(depth) if tile.support else "#f3f5f7")
        ink = "white" if depth > 0.6 and tile.support else style.INK
        axes.text(x + cell / 2, y + _CELL / 2, str(tile.support), size=7, ha="center", va="center", color=ink)
        if tile.direct:
            axes.plot(
                [x + cell - 0.06], [y + 0.06], marker="o", markersize=3.2, color="#e69f00",
                markeredgecolor="white", markeredgewidth=0.4,
            )  # fmt: skip
    for number, name in enumerate(rows):
        axes.text(left - 0.08, top + (number + 0.5) * _CELL, name, size=LABEL, ha="right", va="center")
    for number, name in enumerate(columns):
        axes.text(
            left + (number + 0.5) * cell, top - 0.06, name,
            size=LABEL, rotation=55, rotation_mode="anchor", ha="left", va="center",
        )  # fmt: skip
    y = top + high + 0.3
    axes.text(_MARGIN, y, "papers", size=8, va="center", color=style.SOFT)
    x = _MARGIN + 0.6
    for count in _steps(most):
        depth = 0.25 + 0.75 * (count / most if most > 3 else count / 4)
        _tile(axes, x, y - 0.1, 0.3, _blue(depth), 0.2)
        ink = "white" if depth > 0.6 else style.INK
        axes.text(x + 0.15, y, str(count), size=7, ha="center", va="center", color=ink)
        x += 0.34
    axes.plot([x + 0.25], [y], marker="o", markersize=4, color="#e69f00", markeredgecolor="white", markeredgewidth=0.4)
    axes.text(x + 0.36, y, "a sentence relates the two", size=8, va="center", color=style.SOFT)
    return figure


def _name(dot: Dot) -> str:
    return shortened(clean(dot.name), LONGEST)


def _steps(most: int) -> list[int]:
    """At most five counts for a legend, the least and the greatest among them."""
    return sorted({round(1 + (most - 1) * step / 4) for step in range(5)})


def _blue(depth: float) -> str:
    """From the lightest to the darkest blue, of a share between 0 and 1."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return to_hex(colormaps["Blues"](depth))


def _tile(axes: Axes, x: float, y: float, wide: float, colour: str, high: float = _CELL) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x, y), wide, high, facecolor=colour, edgecolor="white", linewidth=1.2))


def _open(title: str, notes: tuple[str, ...], wide: float, high: float) -> tuple[Figure, Axes, float]:
    """A figure with title and notes, and axes below them in inches with y downwards."""
    from matplotlib.figure import Figure

    titles = wrapped(clean(title), (wide - 2 * _MARGIN) * 0.9 * 72 / 13, 2)
    said = [piece for note in notes for piece in wrapped(clean(note), (wide - 2 * _MARGIN) * 72 / LABEL, 3)]
    head = _MARGIN + 0.24 * len(titles) + 0.17 * len(said) + 0.1
    total = head + high
    figure = Figure(figsize=(round(wide, 2), round(total, 2)), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, wide), ylim=(high, -head))
    axes.set_axis_off()
    y = _MARGIN - head
    for piece in titles:
        axes.text(_MARGIN, y, piece, size=13, weight="bold", va="top")
        y += 0.24
    for piece in said:
        axes.text(_MARGIN, y, piece, size=LABEL, color=style.SOFT, va="top")
        y += 0.17
    return figure, axes, head


def bipartite_figure(graph: Graph) -> Figure:
    """Two columns of nodes; a line is as wide as its support, and dark where a sentence relates the two."""
    with canvas.settings():
        return _bipartite_figure(graph)


def _bipartite_figure(graph: Graph) -> Figure:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    dots = {dot.id: dot for dot in graph.dots}
    names = {dot.id: _name(dot) for dot in graph.dots}
    most = most_papers(graph)
    rooms = [max(width(names[id_]) for id_ in side) * EM for side in graph.rows]
    x = (_MARGIN + rooms[0] + 0.2, _MARGIN + rooms[0] + 0.2 + BETWEEN)
    wide = max(x[1] + 0.2 + rooms[1] + _MARGIN, 5.4)
    place, high = slots(graph)
    figure, axes, _ = _open(graph.title, graph.notes, wide, high + 0.95)
    starts, ends = (fanned(graph, side, place) for side in (0, 1))
    for line in sorted(graph.lines, key=lambda line: (line.types, -line.support), reverse=True):
        y0, y1 = starts[line.source, line.target], ends[line.source, line.target]
        middle = sum(x) / 2
        curve = Path([(x[0], y0), (middle, y0), (middle, y1), (x[1], y1)], [Path.MOVETO, *[Path.CURVE4] * 3])
        colour = style.stroke(line.types[0]).colour
        axes.add_patch(
            PathPatch(
                curve, facecolor="none", edgecolor=colour, linewidth=style.line_width(line.support, most), alpha=0.8
            )
        )
    for column, side in enumerate(graph.rows):
        for id_ in side:
            look = style.LOOKS[dots[id_].label]
            axes.plot([x[column]], [place[id_]], marker=look.marker, markersize=7, color=look.colour,
                      markeredgecolor="white", markeredgewidth=0.6, zorder=3)  # fmt: skip
            axes.text(
                x[column] + (0.13 if column else -0.13), place[id_], names[id_],
                size=LABEL, ha="left" if column else "right", va="center_baseline", zorder=4,
            )  # fmt: skip
    _bipartite_legend(axes, graph, high + 0.3, most)
    return figure


def _bipartite_legend(axes: Axes, graph: Graph, y: float, most: int) -> None:
    x = _MARGIN
    present = {dot.label for dot in graph.dots}
    for label in (label for label in TYPES if label in present):
        look = style.LOOKS[label]
        axes.plot([x + 0.07], [y], marker=look.marker, markersize=7, color=look.colour, markeredgecolor="white")
        axes.text(x + 0.2, y, label, size=8, va="center", color=style.SOFT)
        x += 0.45 + width(label) * 8 / 72
    for count in dict.fromkeys((1, max(1, round((1 + most) / 2)), most)):
        axes.plot(
            [x, x + 0.3], [y, y], color=style.SOFT, linewidth=style.line_width(count, most), solid_capstyle="butt"
        )
        text = f"{count} paper{'s' if count > 1 else ''}"
        axes.text(x + 0.36, y, text, size=8, va="center", color=style.SOFT)
        x += 0.55 + width(text) * 8 / 72
    x, y = _MARGIN, y + 0.22
    for stroke in strokes(graph):
        axes.plot([x, x + 0.3], [y, y], color=stroke.colour, linewidth=stroke.width, solid_capstyle="butt")
        axes.text(x + 0.36, y, stroke.name, size=8, va="center", color=style.SOFT)
        x += 0.6 + width(stroke.name) * 8 / 72


_COLUMNS = 4
_PANEL = (2.25, 1.0)


def trends_figure(trends: Trends) -> Figure:
    """Small multiples, each on its own scale: the share of the papers of each period that have the entity."""
    with canvas.settings():
        return _trends_figure(trends)


def _trends_figure(trends: Trends) -> Figure:
    columns = min(_COLUMNS, len(trends.courses))
    rows = -(-len(trends.courses) // columns)
    periods = [shortened(clean(period), 12) for period in trends.periods]
    foot = max(map(width, periods)) * 7 / 72 * 0.65 + 0.15
    gap, left = (0.55, 0.62), 0.5
    wide = _MARGIN + left + columns * _PANEL[0] + (columns - 1) * gap[0] + _MARGIN
    block = _PANEL[1] + gap[1]
    figure, page, head = _open(trends.title, trends.notes, wide, rows * block + foot + 0.6)
    total = head + rows * block + foot + 0.6
    for number, course in enumerate(trends.courses):
        column, row = number % columns, number // columns
        x = _MARGIN + left + column * (_PANEL[0] + gap[0])
        y = head + row * block + gap[1] - 0.1
        axes = figure.add_axes((x / wide, 1 - (y + _PANEL[1]) / total, _PANEL[0] / wide, _PANEL[1] / total))
        colour = style.LOOKS[course.dot.label].colour
        places = list(range(len(periods)))
        axes.fill_between(places, course.share, color=colour, alpha=0.25, linewidth=0)
        axes.plot(
            places, course.share, color=colour, linewidth=1.6, marker="o", markersize=3.5, clip_on=False, zorder=3
        )
        axes.set_xlim(-0.3, len(periods) - 0.7)
        axes.set_ylim(0, max(0.001, *course.share) * 1.15)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.grid(axis="y", color=style.RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(length=0, labelsize=7)
        axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")
        axes.locator_params(axis="y", nbins=3)
        last = row == rows - 1 or number + columns >= len(trends.courses)
        shown = places[:: -(-len(places) // 12)] if last else []
        axes.set_xticks(shown, [periods[place] for place in shown])
        for tick in axes.get_xticklabels():
            tick.set(rotation=40, ha="right", rotation_mode="anchor")
        says = [course.note, f"{course.total} paper{'s' if course.total != 1 else ''}"]
        name = shortened(clean(course.dot.name), _PANEL[0] / EM * 0.9)
        page.text(x, y - head - 0.27, name, size=LABEL, weight="bold", va="center")
        page.text(x, y - head - 0.12, " · ".join(filter(None, says)), size=7.5, va="center", color=style.SOFT)
    x, y = _MARGIN, rows * block + foot + 0.25
    present = {course.dot.label for course in trends.courses}
    for label in (label for label in TYPES if label in present):
        page.plot([x, x + 0.28], [y, y], color=style.LOOKS[label].colour, linewidth=1.6, marker="o", markersize=3.5)
        page.text(x + 0.36, y, label, size=8, va="center", color=style.SOFT)
        x += 0.6 + width(label) * 8 / 72
    page.text(
        x,
        y,
        "share of the papers of each period that have it; each on its own scale",
        size=8,
        va="center",
        color=style.SOFT,
    )
    return figure
