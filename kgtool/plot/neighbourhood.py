"""The neighbourhood of a node: what it is linked with, and how that hangs together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

from kgtool import vocab
from kgtool.analysis.naming import Named, find_node
from kgtool.analysis.reader import Reader, read
from kgtool.errors import InputError
from kgtool.plot.pictures import Graph
from kgtool.plot.reading import COUNTS, STRENGTH, read_dots, read_lines
from kgtool.records import MIN_CONFIDENCE

TYPES = ("Paper", "Author", "Method", "Dataset", "Task")
"""The labels of the neighbours that are drawn unless told otherwise: categories and digests join everything."""

LIMIT = 40
MOST = 300
"""More nodes than this are no picture any more."""


def neighbourhood(
    kg: Path,
    name: str,
    *,
    depth: int = 1,
    limit: int = LIMIT,
    types: Collection[str] = TYPES,
    min_confidence: float = MIN_CONFIDENCE,
) -> Graph:
    """The node called `name`, what lies within `depth` steps of it, and every edge between them.

    Of many neighbours the `limit` that are closest are drawn: those with strong, sure edges to what is drawn already,
    where a specific entity (Spärck Jones 1972) counts more than one of every paper; papers and others take turns, and
    each step out gets an equal share of the room. `types` are the labels of the neighbours. Raises `InputError` for an
    ambiguous name or numbers that make no picture, `NothingFound` for a name that nothing has.
    """
    if depth < 1 or not 2 <= limit <= MOST:
        raise InputError(f"depth {depth}, limit {limit}: expected a depth of 1 or more, and 2 to {MOST} nodes")
    if unknown := set(types) - set(vocab.LABELS):
        raise InputError(f"{', '.join(sorted(unknown))}: no label of nodes; expected {', '.join(vocab.LABELS)}")

    def draw(reader: Reader) -> Graph:
        centre = find_node(reader, name)
        labels, seen = _nearest(reader, centre, depth, limit, types, min_confidence)
        dots = read_dots(reader, labels, {centre.id})
        lines = read_lines(reader, labels, min_confidence)
        steps = "1 step" if depth == 1 else f"{depth} steps"
        drawn = len(dots) - 1
        shown = f"{drawn} of {seen} neighbours within {steps}" if seen else f"nothing within {steps}"
        left_out = f", the closest; {seen - drawn} left out" if seen > drawn else ""
        sure = f"; edges of confidence {min_confidence:g} and more" if min_confidence else ""
        return Graph(f"Around {centre.name}", (f"{shown}{left_out}{sure}",), dots, lines)

    return read(kg, draw)


def _nearest(
    reader: Reader, centre: Named, depth: int, limit: int, types: Collection[str], min_confidence: float
) -> tuple[dict[str, str], int]:
    """The labels of the nodes to draw by id, and how many neighbours there were to choose from."""
    labels, ring, seen = {centre.id: centre.label}, [centre.id], 0
    for step in range(1, depth + 1):
        weights: dict[str, float] = defaultdict(float)
        found: dict[str, str] = {}
        for arrow in ("(n)-[r]->(m)", "(n)<-[r]-(m)"):
            rows = reader.rows(
                f"MATCH {arrow} WHERE n.id IN $ring AND NOT m.id IN $drawn AND label(m) IN $types AND {COUNTS} "
                "RETURN m.id, label(m), label(r), r.confidence, n.specificity, m.specificity",
                ring=ring,
                drawn=sorted(labels),
                types=sorted(types),
                least=min_confidence,
            )
            for id_, label, type_, confidence, near, far in rows:
                specificity = (1.0 if near is None else near) * (1.0 if far is None else far)
                sure = 1.0 if confidence is None else confidence
                weights[id_] += STRENGTH.get(type_, 1.0) * sure * specificity
                found[id_] = label
        room = -((len(labels) - limit) // (depth - step + 1))
        seen += len(found)
        ring = _in_turns(found, weights)[:room]
        labels |= {id_: found[id_] for id_ in ring}
        if not ring:
            break
    return labels, seen


def _in_turns(found: Mapping[str, str], weights: Mapping[str, float]) -> list[str]:
    """The ids by weight, a paper and something else in turns: papers alone would say little about a hub."""
    turns: list[tuple[int, float, str]] = []
    for papers in (False, True):
        these = [id_ for id_, label in found.items() if (label == "Paper") is papers]
        these.sort(key=lambda id_: (-weights[id_], id_))
        turns += [(turn, -weights[id_], id_) for turn, id_ in enumerate(these)]
    return [id_ for _, _, id_ in sorted(turns)]
