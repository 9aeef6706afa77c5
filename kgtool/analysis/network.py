"""The knowledge graph as a networkx graph, for what a query language cannot say: paths, communities, predictions."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgtool import vocab
from kgtool.cypher import plain
from kgtool.records import MIN_CONFIDENCE
from kgtool.stores.corpus import Corpus

if TYPE_CHECKING:
    import networkx as nx

_MENTIONS = "mentions"


def network(
    kg: Path,
    *,
    labels: Container[str] = vocab.LABELS,
    min_confidence: float = MIN_CONFIDENCE,
    shadows: bool = True,
) -> nx.MultiDiGraph[str]:
    """The nodes of these labels and the edges between them, from the corpus as it is now, in the corpus' order.

    A node is its id; its attributes are `label`, and its properties by their names in the schema. An edge has `type`
    (``EVALUATES_ON``) and its properties. Edges that were extracted and are less sure than `min_confidence` are left
    out. With `shadows` a paper has a MENTIONS edge to every entity, as in the schema; without, only where no stronger
    edge says what the entity is to it. Raises StoreError where there is no corpus.
    """
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    with Corpus.open(kg) as corpus, corpus.snapshot():
        for node in corpus.nodes():
            if node.label in labels:
                graph.add_node(
                    node.id, label=node.label, **{name: plain(name, value) for name, value in node.properties}
                )
        for statement in corpus.statements():
            if statement.subject not in graph or statement.object not in graph:
                continue
            evidence: dict[str, Any] = dict(statement.properties)
            if evidence.get("confidence", 1.0) < min_confidence:
                continue
            if not shadows and statement.predicate == _MENTIONS and evidence.get("role") != _MENTIONS:
                continue
            type_ = vocab.relationship_type(statement.predicate)
            graph.add_edge(statement.subject, statement.object, type=type_, **evidence)
    return graph
