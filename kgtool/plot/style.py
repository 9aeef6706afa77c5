"""How types and relationships look, in every kind of picture.

The colours are those of Okabe and Ito (2008), "Color Universal Design", which the colour-blind tell apart, and the same
as in ``kgtool extract --view``; every type has a shape of its own too, so that a picture printed in grey can be read.
"""

from __future__ import annotations

from typing import NamedTuple

INK = "#1b1f24"
SOFT = "#59636e"
RULE = "#d1d9e0"


class Look(NamedTuple):
    """Of a type of nodes: its colour, matplotlib's name of its shape, and that of Cytoscape.js."""

    colour: str
    marker: str
    shape: str


LOOKS = {
    "Paper": Look("#8a9199", "s", "round-rectangle"),
    "Author": Look("#cc79a7", "^", "triangle"),
    "Method": Look("#0072b2", "o", "ellipse"),
    "Dataset": Look("#e69f00", "D", "diamond"),
    "Task": Look("#009e73", "p", "pentagon"),
    "Category": Look("#56b4e9", "h", "hexagon"),
    "Digest": Look("#d55e00", "v", "vee"),
}


DIRECT, TOGETHER = "DIRECT", "TOGETHER"
"""What joins a pair of a bipartite graph: a sentence that relates the two, or only that papers have both."""


class Stroke(NamedTuple):
    """Of a group of relationships: its name in the legend, width in points, dashes, colour and whether it points.

    `tone` is the name of the colour in the style sheet of pages, which have another one on a dark ground.
    """

    name: str
    width: float
    dashes: tuple[int, int] | None
    colour: str
    arrow: bool
    tone: str


_INTRODUCES = Stroke("introduces", 2.2, None, "#30363d", False, "strong")
_DOES = Stroke("uses, evaluates on, trains on, addresses", 1.1, None, "#8c959f", False, "line")
_COMPARES = Stroke("compares with", 1.2, (4, 2), "#6e7781", False, "line")
_MENTIONS = Stroke("only mentions", 1.0, (1, 2), "#8a9199", False, "line")
_BELONGS = Stroke("wrote, in category, listed in", 0.8, None, "#afb8c1", False, "faint")
_RELATES = Stroke("a sentence relates the two", 0.9, None, "#d55e00", True, "relation")

_DIRECT = Stroke("a sentence relates the two", 3.0, None, "#30363d", False, "strong")
_TOGETHER = Stroke("both have a role in the paper", 3.0, None, "#b8c0c8", False, "faint")

STROKES = (_INTRODUCES, _DOES, _COMPARES, _MENTIONS, _RELATES, _BELONGS, _DIRECT, _TOGETHER)
_STROKE_OF = {
    "INTRODUCES": _INTRODUCES,
    **dict.fromkeys(("USES", "EVALUATES_ON", "TRAINS_ON", "ADDRESSES"), _DOES),
    "COMPARES_WITH": _COMPARES,
    "MENTIONS": _MENTIONS,
    **dict.fromkeys(("WROTE", "IN_CATEGORY", "LISTED_IN"), _BELONGS),
    DIRECT: _DIRECT,
    TOGETHER: _TOGETHER,
}


def stroke(type_: str) -> Stroke:
    """How a relationship type is drawn; those between entities look alike."""
    return _STROKE_OF.get(type_, _RELATES)


def words(type_: str) -> str:
    """A relationship type as words: ``EVALUATES_ON`` is "evaluates on"."""
    return type_.lower().replace("_", " ")


def line_width(support: int, most: int) -> float:
    """How wide the line of a pair with so many papers is, in points, where `most` is the most there is."""
    return 0.8 + 6.2 * (support - 1) / max(most - 1, 4) if support else 0.5
