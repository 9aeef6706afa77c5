"""Pictures of a graph, as ``kgtool plot`` draws them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from kgtool.records import MIN_CONFIDENCE

if TYPE_CHECKING:
    from kgtool.analysis.naming import Names
    from kgtool.analysis.trends import TrendFilters
    from kgtool.plot.pictures import Graph, HeatMap, Trends

_TYPES = ("Paper", "Author", "Method", "Dataset", "Task")


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures that can be drawn of the graph in the folder `path`.

    A notebook shows a picture by itself; `save` writes it to a PNG, SVG or interactive HTML file, `figure` gives it to
    matplotlib (``pip install 'kgtool[plot]'``), which HTML does without.
    """

    kg: Path

    def neighbourhood(
        self,
        name: str,
        *,
        depth: int = 1,
        limit: int = 40,
        types: Collection[str] = _TYPES,
        min_confidence: float = MIN_CONFIDENCE,
    ) -> Graph:
        """A node, what lies within `depth` steps of it, and the edges between.

        >>> kg.plot.neighbourhood("Omar El-Tayyib").save(Path("omar.html"))
        ''
        """
        from kgtool.plot.neighbourhood import neighbourhood

        return neighbourhood(self.kg, name, depth=depth, limit=limit, types=types, min_confidence=min_confidence)

    def path(
        self,
        a: str,
        b: str,
        *,
        via: Names = (),
        max_length: int = 4,
        limit: int = 3,
        min_confidence: float = MIN_CONFIDENCE,
    ) -> Graph:
        """The ways between two nodes that `connect` finds, with the evidence of each step.

        >>> kg.plot.path("Omar El-Tayyib", "cs.LG").save(Path("path.html"))
        ''
        """
        from kgtool.plot.paths import path

        return path(self.kg, a, b, via=via, max_length=max_length, limit=limit, min_confidence=min_confidence)

    def matrix(
        self,
        rows: str = "methods",
        columns: str = "datasets",
        *,
        method: Names = (),
        dataset: Names = (),
        task: Names = (),
        min_support: int = 1,
        min_confidence: float = MIN_CONFIDENCE,
        limit: int = 25,
    ) -> HeatMap:
        """The matrix as a heat map of at most `limit` rows and columns.

        >>> kg.plot.matrix("methods", "datasets").save(Path("matrix.html"))
        ''
        """
        from kgtool.plot.pairs import matrix

        return matrix(
            self.kg,
            rows,
            columns,
            method=method,
            dataset=dataset,
            task=task,
            min_support=min_support,
            min_confidence=min_confidence,
            limit=limit,
        )

    def bipartite(
        self,
        rows: str = "methods",
        columns: str = "datasets",
        *,
        method: Names = (),
        dataset: Names = (),
        task: Names = (),
        min_support: int = 1,
        min_confidence: float = MIN_CONFIDENCE,
        limit: int = 40,
    ) -> Graph:
        """The most supported pairs of two kinds as a graph with two sides.

        >>> kg.plot.bipartite("methods", "tasks", limit=20).save(Path("bipartite.html"))
        ''
        """
        from kgtool.plot.pairs import bipartite

        return bipartite(
            self.kg,
            rows,
            columns,
            method=method,
            dataset=dataset,
            task=task,
            min_support=min_support,
            min_confidence=min_confidence,
            limit=limit,
        )

    def trends(
        self, *, status: str | None = None, min_papers: int = 2, limit: int = 12, **filters: Unpack[TrendFilters]
    ) -> Trends:
        """What rises and falls, in the papers of each month or digest.

        >>> kg.plot.trends(by="digest").save(Path("trends.html"))
        ''
        """
        from kgtool.plot.rising import trends

        return trends(self.kg, status=status, min_papers=min_papers, limit=limit, **filters)
