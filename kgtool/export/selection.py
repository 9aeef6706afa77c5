"""What of a graph is exported, and how: one snapshot of the corpus, read again and again, never held in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kgtool import ids
from kgtool.rdf import Evidence
from kgtool.records import MIN_CONFIDENCE, Node, Statement
from kgtool.stores.corpus import Corpus, Order


@dataclass(frozen=True, slots=True)
class Selection:
    """The nodes and statements of an open corpus that are sure enough; `base` and `evidence` are for RDF."""

    corpus: Corpus
    min_confidence: float = MIN_CONFIDENCE
    base: str = ids.BASE
    evidence: Evidence = "statement"

    def nodes(self) -> Iterator[Node]:
        """All nodes, by id: also those whose edges are all left out."""
        return self.corpus.nodes()

    def statements(self, order: Order = "position", predicates: Sequence[str] = ()) -> Iterator[Statement]:
        """The statements that were not extracted, and those that are sure enough, in an order of the corpus."""
        return filter(self.holds, self.corpus.statements(order, predicates))

    def holds(self, statement: Statement) -> bool:
        """Whether the statement is sure enough."""
        confidence = statement.get("confidence")
        return not isinstance(confidence, float | int) or confidence >= self.min_confidence
