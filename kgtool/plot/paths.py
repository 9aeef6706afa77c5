"""How two nodes are connected, as a picture: each way a row, each step with its paper and sentence."""

from __future__ import annotations

from pathlib import Path

from kgtool.analysis.connect import MAX_LENGTH, Step, connect
from kgtool.analysis.naming import Names
from kgtool.analysis.reader import read
from kgtool.plot.pictures import Evidence, Graph, Line
from kgtool.plot.reading import read_dots, read_titles
from kgtool.records import MIN_CONFIDENCE

LIMIT = 3
"""More ways than these crowd a picture."""

_Edge = tuple[str, str]


def path(
    kg: Path,
    a: str,
    b: str,
    *,
    via: Names = (),
    max_length: int = MAX_LENGTH,
    limit: int = LIMIT,
    min_confidence: float = MIN_CONFIDENCE,
) -> Graph:
    """The ways between two nodes that `connect` finds, with the evidence of each step; raises as it does.

    The steps are numbered in the order in which they are read: all of the first way, then what the next ones add.
    """
    connections = connect(kg, a, b, via=via, max_length=max_length, limit=limit, min_confidence=min_confidence)
    nodes = {node.id: node for connection in connections for node in connection.nodes}
    ends = (connections[0].nodes[0], connections[0].nodes[-1])
    steps = {_ends(step): step for connection in reversed(connections) for step in connection.steps}
    order = list(dict.fromkeys(_ends(step) for connection in connections for step in connection.steps))
    papers = {step.paper.id for step in steps.values()}
    dots, titles = read(
        kg,
        lambda reader: (
            read_dots(reader, {node.id: node.label for node in nodes.values()}, {end.id for end in ends}),
            read_titles(reader, papers),
        ),
    )
    lines = tuple(_line(steps[edge], titles, number) for number, edge in enumerate(order, 1))
    count = f"{len(connections)} way{'s' if len(connections) > 1 else ''}"
    note = f"{count} of at most {max_length} steps, the first one of the shortest, the others the most informative"
    sure = f"; edges of confidence {min_confidence:g} and more" if min_confidence else ""
    return Graph(
        f"From {ends[0].name} to {ends[1].name}",
        (note + sure if len(connections) > 1 else f"{count} of at most {max_length} steps{sure}",),
        dots,
        lines,
        "paths",
        tuple(tuple(node.id for node in connection.nodes) for connection in connections),
    )


def _ends(step: Step) -> _Edge:
    return (step.start.id, step.end.id) if step.forward else (step.end.id, step.start.id)


def _line(step: Step, titles: dict[str, tuple[str, str | None]], number: int) -> Line:
    title, url = titles.get(step.paper.id, (step.paper.name, None))
    said = Evidence(step.paper.id, title, url, step.relationship, step.sentence, step.confidence)
    return Line(*_ends(step), (step.relationship,), (said,), step.papers, str(number))
