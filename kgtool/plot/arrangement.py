"""Pictures of graphs before they are drawn, in inches with y downwards: how much room labels take, where nodes go."""

from __future__ import annotations

from dataclasses import dataclass

from kgtool.plot import layout, style
from kgtool.plot.pictures import Dot, Graph
from kgtool.plot.text import clean, width, wrapped

LABEL = 8.5
"""Size of the labels of nodes, in points."""
EM = LABEL / 72
LEADING = EM * 1.25
BETWEEN = 4.2
"""From one side of a bipartite graph to the other."""
LONGEST = 30.0
"""The longest name beside a chart, in multiples of the font's size; longer ones are shortened."""
_PITCH = 0.26


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its label below it: the label's lines, the size of both, and the radius of the node's marker."""

    text: tuple[str, ...]
    width: float
    height: float
    radius: float


def room(dot: Dot, beside: bool) -> tuple[float, int]:
    """How wide a label may be, in multiples of the font's size, and of how many lines: below its node or beside it."""
    if beside:
        return LONGEST, 1
    return (17.0 if dot.label == "Paper" else 14.0), 2


def box(dot: Dot) -> Box:
    """The room that a node takes with its label below it."""
    text = wrapped(clean(dot.name), *room(dot, False))
    radius = 0.128 if dot.focus else 0.08
    wide = max(width(line) for line in text) * EM * (1.1 if dot.focus else 1.0)
    return Box(text, max(wide, 2 * radius) + 0.06, 2 * radius + len(text) * LEADING + 0.05, radius)


def boxes_of(graph: Graph) -> tuple[list[Box], list[layout.Place]]:
    """The boxes of the nodes, and their centres."""
    boxes = [box(dot) for dot in graph.dots]
    sizes = [(one.width, one.height) for one in boxes]
    position = {dot.id: index for index, dot in enumerate(graph.dots)}
    if graph.arrangement == "paths":
        hanging = [one.height / 2 - one.radius for one in boxes]
        return boxes, layout.along_paths(sizes, hanging, [[position[id_] for id_ in row] for row in graph.rows])
    return boxes, layout.by_closeness(sizes, [(position[line.source], position[line.target]) for line in graph.lines])


def markers(graph: Graph) -> list[layout.Place]:
    """The centres of the nodes' markers, in the order of the nodes."""
    if graph.arrangement == "sides":
        place, _ = slots(graph)
        return [(0.0 if dot.id in graph.rows[0] else BETWEEN, place[dot.id]) for dot in graph.dots]
    boxes, places = boxes_of(graph)
    return [(x, y - one.height / 2 + one.radius) for one, (x, y) in zip(boxes, places, strict=True)]


def most_papers(graph: Graph) -> int:
    """The greatest support of a line."""
    return max((line.support for line in graph.lines), default=1)


def slots(graph: Graph) -> tuple[dict[str, float], float]:
    """The height of each node of a bipartite graph, which has as much room as its lines are wide; and that of all."""
    most = most_papers(graph)
    needed = dict.fromkeys((dot.id for dot in graph.dots), 0.0)
    for line in graph.lines:
        for id_ in (line.source, line.target):
            needed[id_] += style.line_width(line.support, most) / 72
    heights = {id_: max(_PITCH, wide + 0.08) for id_, wide in needed.items()}
    high = max(sum(heights[id_] for id_ in side) for side in graph.rows)
    place = {}
    for side in graph.rows:
        more = (high - sum(heights[id_] for id_ in side)) / len(side)
        y = 0.0
        for id_ in side:
            place[id_] = y + (heights[id_] + more) / 2
            y += heights[id_] + more
    return place, high


def fanned(graph: Graph, side: int, place: dict[str, float]) -> dict[tuple[str, str], float]:
    """Where each line meets its node on one side: one below the other, in the order of their other ends."""
    most = most_papers(graph)
    found = {}
    for id_ in graph.rows[side]:
        mine = [line for line in graph.lines if id_ == (line.source, line.target)[side]]
        mine.sort(key=lambda line: place[(line.target, line.source)[side]])
        y = place[id_] - sum(style.line_width(line.support, most) for line in mine) / 144
        for line in mine:
            wide = style.line_width(line.support, most) / 72
            found[line.source, line.target] = y + wide / 2
            y += wide
    return found


def strokes(graph: Graph) -> list[style.Stroke]:
    """The groups of relationships that this graph has, in the order of legends."""
    used = {style.stroke(line.types[0]) for line in graph.lines}
    return [stroke for stroke in style.STROKES if stroke in used]
