"""Graphs as matplotlib figures: neighbourhoods, and paths with their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kgtool.plot import canvas, style
from kgtool.plot.arrangement import LABEL, LEADING, Box, boxes_of, strokes
from kgtool.plot.pictures import TYPES, Dot, Graph, Line
from kgtool.plot.text import clean, shortened, width, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARGIN = 0.35
_INDENT = 0.25
_SMALLEST = 6.4
"""The least width of a figure, in inches."""


_Area = tuple[float, float, float, float]
"""Left, top, right and bottom."""


def graph_figure(graph: Graph) -> Figure:
    """The graph as a figure, as large as its labels need. Raises `canvas.MissingExtra` without matplotlib."""
    with canvas.settings():
        return _graph_figure(graph)


def _graph_figure(graph: Graph) -> Figure:
    boxes, places = boxes_of(graph)
    right = max(x + one.width / 2 for (x, _), one in zip(places, boxes, strict=True))
    left = min(x - one.width / 2 for (x, _), one in zip(places, boxes, strict=True))
    low = max(y + one.height / 2 for (_, y), one in zip(places, boxes, strict=True))
    high = min(y - one.height / 2 for (_, y), one in zip(places, boxes, strict=True))
    wide = max(right - left + 2 * _MARGIN, _SMALLEST)
    page = Page(graph.title, graph.notes, wide, low - high + 0.2, legend(graph), evidence_of(graph, wide))
    figure, axes = page.open()
    shift = ((wide - (right - left)) / 2 - left, 0.1 - high)
    centres = {}
    for dot, one, (x, y) in zip(graph.dots, boxes, places, strict=True):
        centres[dot.id] = (x + shift[0], y + shift[1] - one.height / 2 + one.radius)
    radii = {dot.id: one.radius for dot, one in zip(graph.dots, boxes, strict=True)}
    taken = [
        (x - one.width / 2, y - one.radius, x + one.width / 2, y - one.radius + one.height)
        for (x, y), one in zip(centres.values(), boxes, strict=True)
    ]
    for line in graph.lines:
        _draw_line(axes, line, centres, radii, taken)
    for dot, one in zip(graph.dots, boxes, strict=True):
        _draw_dot(axes, dot, one, centres[dot.id])
    return figure


@dataclass(frozen=True, slots=True)
class Page:
    """The frame of every figure of a graph: title and notes above, legend and evidence below; sizes in inches."""

    title: str
    notes: Sequence[str]
    width: float
    height: float
    legend: Sequence[Sequence[tuple[str, dict[str, object]]]]
    evidence: Sequence[tuple[str, str]]

    def open(self) -> tuple[Figure, Axes]:
        """The figure, and axes in inches for the graph, with y downwards."""
        from matplotlib.figure import Figure

        rows = _legend_rows(self.legend, self.width - 2 * _MARGIN)
        title = wrapped(clean(self.title), (self.width - 2 * _MARGIN) * 0.9 * 72 / 13, 2)
        notes = [piece for note in self.notes for piece in wrapped(clean(note), (self.width - 0.7) * 72 / LABEL, 3)]
        head = _MARGIN + 0.24 * len(title) + 0.17 * len(notes) + 0.1
        foot = _MARGIN + 0.2 * len(rows) + sum(0.24 if kind == "number" else 0.16 for kind, _ in self.evidence)
        total = head + self.height + foot
        figure = Figure(figsize=(round(self.width, 2), round(total, 2)), facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, self.width), ylim=(total - head, -head))
        axes.set_axis_off()
        y = _MARGIN - head
        for piece in title:
            axes.text(_MARGIN, y, piece, size=13, weight="bold", va="top")
            y += 0.24
        for piece in notes:
            axes.text(_MARGIN, y, piece, size=LABEL, color=style.SOFT, va="top")
            y += 0.17
        y = self.height + 0.2
        for row in rows:
            x = _MARGIN
            for name, look in row:
                axes.plot([x, x + 0.14, x + 0.28], [y, y, y], **{"markevery": [1], **look})  # type: ignore[arg-type]
                axes.text(x + 0.36, y, name, size=8, va="center", color=style.SOFT)
                x += _entry(name)
            y += 0.2
        for kind, text in self.evidence:
            y += 0.24 if kind == "number" else 0.16
            number, _, said = text.rpartition("\t")
            axes.text(_MARGIN, y, number, size=8, va="center", weight="bold")
            axes.text(
                _MARGIN + _INDENT,
                y,
                said,
                size=8,
                va="center",
                weight="bold" if kind == "number" else "normal",
                color=style.SOFT if kind == "paper" else style.INK,
            )
        return figure, axes


def _entry(name: str) -> float:
    return 0.36 + width(name) * 8 / 72 + 0.2


def _legend_rows(
    groups: Sequence[Sequence[tuple[str, dict[str, object]]]], room: float
) -> list[list[tuple[str, dict[str, object]]]]:
    rows: list[list[tuple[str, dict[str, object]]]] = []
    for group in groups:
        used = room
        for name, look in group:
            if used + _entry(name) > room:
                rows.append([])
                used = 0.0
            rows[-1].append((name, look))
            used += _entry(name)
    return rows


def legend(graph: Graph) -> list[list[tuple[str, dict[str, object]]]]:
    """What the shapes and the lines of this graph mean: those that occur, as (name, properties of a Line2D)."""
    present = {dot.label for dot in graph.dots}
    types = [(label, _marker(label, 7.0) | {"linestyle": "none"}) for label in TYPES if label in present]
    return [types, [(stroke.name, _stroke(stroke, stroke.colour)) for stroke in strokes(graph)]]


def _marker(label: str, size: float) -> dict[str, object]:
    look = style.LOOKS[label]
    slim = 0.8 if look.marker == "D" else 1.0
    return {
        "marker": look.marker,
        "markersize": size * slim,
        "markerfacecolor": look.colour,
        "markeredgecolor": "white",
        "markeredgewidth": 0.6,
    }


def _stroke(stroke: style.Stroke, colour: str) -> dict[str, object]:
    dashes = "solid" if stroke.dashes is None else (0, stroke.dashes)
    return {"color": colour, "linewidth": stroke.width, "linestyle": dashes, "solid_capstyle": "butt"}


def faded(colour: str, confidence: float | None) -> str:
    """The colour, the paler the less sure."""
    from matplotlib.colors import to_hex, to_rgb

    share = 1.0 if confidence is None else 0.45 + 0.55 * confidence
    red, green, blue = (share * part + 1 - share for part in to_rgb(colour))
    return to_hex((red, green, blue))


def _draw_line(
    axes: Axes,
    line: Line,
    centres: dict[str, tuple[float, float]],
    radii: dict[str, float],
    taken: list[_Area],
) -> None:
    (x, y), (to_x, to_y) = centres[line.source], centres[line.target]
    stroke = style.stroke(line.types[0])
    colour = faded(stroke.colour, line.confidence)
    if stroke.arrow:
        length = max(((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5, 1e-6)
        stop = (length - radii[line.target] - 0.02) / length
        axes.annotate(
            "",
            (x + (to_x - x) * stop, y + (to_y - y) * stop),
            (x, y),
            arrowprops={
                "arrowstyle": "-|>,head_length=0.35,head_width=0.16",
                "color": colour,
                "linewidth": stroke.width,
                "shrinkA": 0,
                "shrinkB": 0,
            },
            zorder=1.5,
        )
    else:
        axes.plot([x, to_x], [y, to_y], zorder=1, **_stroke(stroke, colour))  # type: ignore[arg-type]
    if line.number:
        axes.text(
            *_number_place(line, centres, taken),
            line.number,
            size=8,
            ha="center",
            va="center",
            zorder=5,
            bbox={"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": colour, "linewidth": 0.8},
        )


def _draw_dot(axes: Axes, dot: Dot, one: Box, centre: tuple[float, float]) -> None:
    x, y = centre
    size = one.radius * 2 * 72
    if dot.focus:
        axes.plot([x], [y], marker="o", markersize=size * 1.25, color="none", markeredgecolor=style.INK, zorder=3)
    axes.plot([x], [y], zorder=3, **_marker(dot.label, size))  # type: ignore[arg-type]
    for number, text in enumerate(one.text):
        axes.text(
            x,
            y + one.radius + 0.05 + number * LEADING,
            text,
            size=LABEL,
            weight="bold" if dot.focus else "normal",
            ha="center",
            va="top",
            zorder=4,
            bbox={"boxstyle": "square,pad=0.06", "facecolor": "white", "alpha": 0.75, "linewidth": 0},
        )


def _number_place(line: Line, centres: dict[str, tuple[float, float]], taken: list[_Area]) -> tuple[float, float]:
    """A place on the line, as near to its middle as can be, where its number hides no label and no other number."""
    (x, y), (to_x, to_y) = centres[line.source], centres[line.target]
    places = [(x + (to_x - x) * share, y + (to_y - y) * share) for share in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)]
    free = [
        (x, y)
        for x, y in places
        if not any(
            low < x + 0.12 and x - 0.12 < high and top < y + 0.1 and y - 0.1 < end for low, top, high, end in taken
        )
    ]
    x, y = (free or places)[0]
    taken.append((x - 0.12, y - 0.1, x + 0.12, y + 0.1))
    return x, y


def evidence_of(graph: Graph, wide: float) -> list[tuple[str, str]]:
    """For each numbered line what the surest paper says, in lines that fit into the width (in inches).

    Each line of text comes with what it is: ``number``, ``sentence`` or ``paper``.
    """
    names = {dot.id: dot.name for dot in graph.dots}
    room = (wide - 2 * _MARGIN - _INDENT) * 72 / 8
    found: list[tuple[str, str]] = []
    for line in graph.lines:
        if not line.number:
            continue
        one = line.evidence[0]
        says = f"{clean(names[line.source])} · {style.words(one.relationship)} · {clean(names[line.target])}"
        found.append(("number", f"{line.number}\t{shortened(says, room)}"))
        if one.sentence:
            sure = "" if one.confidence is None else f" ({one.confidence:.2f})"
            found += [("sentence", piece) for piece in wrapped(f"“{clean(one.sentence)}”{sure}", room, 4)]
        if one.title and one.title not in (names[line.source], names[line.target]):
            more = f", and {line.support - 1} more" if line.support > 1 else ""
            found.append(("paper", shortened(clean(one.title), room - width(more)) + more))
    return found
