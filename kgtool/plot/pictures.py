"""What a picture shows, before it is drawn: a graph, a heat map or lines over time, with the evidence behind each mark.

Pictures are made by `kgtool.plot.neighbourhood`, `paths`, `pairs` and `rising`, and drawn by `figures` (matplotlib) and
`page` (HTML). All texts are as in the graph; those who draw make them harmless.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

TYPES = ("Paper", "Author", "Method", "Dataset", "Task", "Category", "Digest")
"""The labels of nodes, in the order of legends."""


class Drawable:
    """What every picture can do; a notebook shows a picture by itself, as PNG."""

    __slots__ = ()

    def figure(self) -> Figure:
        """A matplotlib figure, to change or to save; needs matplotlib."""
        from kgtool.plot import drawing

        return drawing.to_figure(cast("Picture", self))

    def html(self) -> str:
        """An interactive page, as the text of one file."""
        from kgtool.plot.page import page

        return page(cast("Picture", self))

    def save(self, out: Path, format_: str | None = None) -> str:
        """Into a file, of the format that its suffix says; see `kgtool.plot.drawing.save`."""
        from kgtool.plot import drawing

        return drawing.save(cast("Picture", self), out, format_)

    def _repr_png_(self) -> bytes:
        from kgtool.plot import drawing

        return drawing.to_bytes(cast("Picture", self), "png")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one paper says: the relationship, as ``EVALUATES_ON``, the sentence and how sure the extractor was.

    What was not extracted (who wrote a paper) has no sentence and no confidence.
    """

    paper: str
    title: str
    url: str | None
    relationship: str
    sentence: str | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Dot:
    """A node of a graph. `details` are what is known of it, by name; `focus` says that the picture is about it."""

    id: str
    label: str
    name: str
    details: tuple[tuple[str, str], ...] = ()
    url: str | None = None
    focus: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """All edges from one node to another: their relationship types, the strongest first, and what is said for them.

    `support` is the number of papers; `number` is what the line is called in the picture and under it, if anything.
    """

    source: str
    target: str
    types: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    support: int = 1
    number: str = ""

    @property
    def confidence(self) -> float | None:
        """How sure the surest of its evidence is; None where nothing of it was extracted."""
        known = [one.confidence for one in self.evidence if one.confidence is not None]
        return max(known, default=None)


@dataclass(frozen=True, slots=True)
class Graph(Drawable):
    """Nodes and lines between them. `notes` say what is shown and what was left out.

    `rows` tells how to arrange them: the nodes of each path from one end to the other, or the two sides of a
    bipartite graph, by id; empty where closeness decides.
    """

    title: str
    notes: tuple[str, ...]
    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    arrangement: str = "close"
    """``close``, ``paths`` or ``sides``."""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """A pair of a heat map: positions of its row and its column, and the papers that stand behind it."""

    row: int
    column: int
    support: int
    direct: int
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class HeatMap(Drawable):
    """Pairs of two kinds of entities; `rows` and `columns` are those drawn, `kinds` their labels."""

    title: str
    notes: tuple[str, ...]
    kinds: tuple[str, str]
    rows: tuple[Dot, ...]
    columns: tuple[Dot, ...]
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """In how many papers of each period an entity has a role, and in which share of them; `total` papers in all."""

    dot: Dot
    papers: tuple[int, ...]
    share: tuple[float, ...]
    total: int
    note: str = ""
    """What the change is called: ``new``, ``rising``."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Trends(Drawable):
    """Courses over periods (months or digests), and how many papers each period had."""

    title: str
    notes: tuple[str, ...]
    periods: tuple[str, ...]
    sizes: tuple[int, ...]
    courses: tuple[Course, ...]


Picture = Graph | HeatMap | Trends
