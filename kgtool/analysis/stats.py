"""The shape of the graph: how large it is, what is most connected, what hangs together, how degrees are spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import islice
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING

from kgtool import vocab
from kgtool.analysis.reader import Graph, Reader, read
from kgtool.errors import InputError
from kgtool.records import MIN_CONFIDENCE, Table
from kgtool.stores.corpus import Corpus

if TYPE_CHECKING:
    import networkx as nx

SECTIONS = ("node", "edge", "size", "connected", "component", "degree", "spread")
LIMIT = 10

_COUNTED = (
    *(("Paper", other) for other in ("Author", *vocab.ENTITY_TYPES)),
    *((label, "Paper") for label in ("Author", *vocab.ENTITY_TYPES)),
)
_LISTS = ("Digest", "Category")
"""Labels of nodes that tie papers together by who listed them, not by what they say."""

_Node = tuple[str, str, str]
"""Id, label, and name or title."""
_Edge = tuple[str, str, str, bool]
"""Subject, predicate, object, and whether a sentence says so."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a section, `kind`; which fields it has and what they mean is said in `stats`."""

    kind: str
    name: str
    count: int
    id: str | None = None
    label: str | None = None
    papers: int | None = None
    largest: int | None = None
    isolated: int | None = None
    min: int | None = None
    median: float | None = None
    mean: float | None = None
    max: int | None = None
    share: float | None = None


COLUMNS = tuple(field.name for field in fields(Figure))


def stats(
    kg: Graph,
    *,
    kinds: Collection[str] = SECTIONS,
    min_confidence: float = MIN_CONFIDENCE,
    limit: int | None = LIMIT,
) -> Table:
    """The figures of the sections `kinds`, in the order of `SECTIONS`; the columns are the fields of `Figure`.

    Everywhere `count` is the figure itself. Edges under `min_confidence` are left out. A node's degree is the number of
    distinct nodes that it has an edge with, whichever way and however many.

    ``node``, ``edge``
        nodes by label and edges by relationship type;
    ``size``
        nodes; edges; edges with evidence, with their `share` of all; pairs of nodes that an edge joins, with the
        `share` of all pairs that these are (the density); and, as `authors of a paper`, how many pairs of two labels
        are joined, with `min`, `median`, `mean` and `max` over the nodes of the second;
    ``connected``
        the `limit` nodes of the highest degree, but for digests and categories, with `id`, `label` and the `papers`
        that they have an edge with;
    ``component``
        connected components, the nodes in the `largest` and their `share`, and the `isolated` nodes that have no edge:
        of the whole graph, and without digests and categories, which join what else would be apart;
    ``degree``
        nodes by label, with `min`, `median`, `mean` and `max` of their degrees;
    ``spread``
        how many nodes of a `label` have a degree of the range `name` (0, 1, 2-3, 4-7, 8-15 and so on).

    An empty graph has no rows. Of a graph on a server all edges are fetched, for it has no word for components. Raises
    InputError for an unknown section, StoreError where there is no graph.
    """
    for kind in kinds:
        if kind not in SECTIONS:
            raise InputError(f"{kind}: no section; expected some of {', '.join(SECTIONS)}")
    if isinstance(kg, Path):
        with Corpus.open(kg) as corpus, corpus.snapshot():
            shape = _shape(_nodes(corpus), _edges(corpus, min_confidence))
    else:
        shape = read(kg, lambda reader: _shape(*_on_server(reader, min_confidence)))
    sections: dict[str, Iterable[Figure]] = {
        "node": (Figure("node", label, count) for label, count in shape.nodes().items()),
        "edge": (Figure("edge", vocab.relationship_type(name), count) for name, count in shape.edges.items()),
        "size": _size(shape) if shape.labels else (),
        "connected": _connected(shape, limit),
        "component": _components(shape),
        "degree": _degrees(shape),
        "spread": _spread(shape),
    }
    return Table(COLUMNS, tuple(astuple(figure) for kind in SECTIONS if kind in kinds for figure in sections[kind]))


@dataclass(frozen=True, slots=True)
class _Shape:
    """The label and the name of each node, edges by predicate, and which nodes are `joined` by an edge."""

    labels: dict[str, str]
    names: dict[str, str]
    edges: dict[str, int]
    with_evidence: int
    joined: nx.Graph[str]

    def of_label(self, label: str) -> list[str]:
        return [id_ for id_, found in self.labels.items() if found == label]

    def nodes(self) -> dict[str, int]:
        return dict(sorted(Counter(self.labels.values()).items()))

    def near(self, id_: str, label: str) -> int:
        """How many nodes of a label a node is joined to."""
        return sum(self.labels[other] == label for other in self.joined[id_])


def _nodes(corpus: Corpus) -> Iterator[_Node]:
    for node in corpus.nodes():
        yield node.id, node.label, str(node.get("title" if node.label == "Paper" else "name") or node.id)


def _edges(corpus: Corpus, min_confidence: float) -> Iterator[_Edge]:
    for statement in corpus.statements():
        properties = dict(statement.properties)
        confidence = properties.get("confidence")
        if not isinstance(confidence, float) or confidence >= min_confidence:
            yield statement.subject, statement.predicate, statement.object, "sentence" in properties


def _on_server(reader: Reader, min_confidence: float) -> tuple[list[_Node], Iterator[_Edge]]:
    nodes = reader.rows(f"MATCH (n) RETURN n.id, {reader.label('n')}, coalesce(n.title, n.name, n.id) ORDER BY n.id")
    edges = reader.rows(
        "MATCH (a)-[r]->(b) WHERE coalesce(r.confidence, 1.0) >= $least "
        "RETURN a.id, type(r), b.id, r.sentence IS NOT NULL",
        least=min_confidence,
    )
    return [(id_, label, name) for id_, label, name in nodes], (
        (source, vocab.predicate(type_), target, said) for source, type_, target, said in edges
    )


def _shape(nodes: Iterable[_Node], edges: Iterable[_Edge]) -> _Shape:
    import networkx as nx

    labels: dict[str, str] = {}
    names: dict[str, str] = {}
    for id_, label, name in nodes:
        labels[id_], names[id_] = label, name
    joined: nx.Graph[str] = nx.Graph()
    joined.add_nodes_from(labels)
    counts: Counter[str] = Counter()
    with_evidence = 0
    for source, predicate, target, said in edges:
        counts[predicate] += 1
        with_evidence += said
        if source != target and source in labels and target in labels:
            joined.add_edge(source, target)
    return _Shape(labels, names, dict(sorted(counts.items())), with_evidence, joined)


def _size(shape: _Shape) -> Iterator[Figure]:
    nodes, edges, pairs = len(shape.labels), sum(shape.edges.values()), shape.joined.number_of_edges()
    yield Figure("size", "nodes", nodes)
    yield Figure("size", "edges", edges)
    yield Figure("size", "edges with evidence", shape.with_evidence, share=_share(shape.with_evidence, edges))
    yield Figure("size", "joined pairs", pairs, share=_share(pairs, nodes * (nodes - 1) // 2))
    for label, other in _COUNTED:
        counts = [shape.near(id_, other) for id_ in shape.of_label(label)]
        if counts:
            name = f"{other.lower()}s of {'an' if label[0] in 'AEIOU' else 'a'} {label.lower()}"
            yield _distribution("size", name, sum(counts), counts)


def _connected(shape: _Shape, limit: int | None) -> Iterator[Figure]:
    degrees = [(id_, len(shape.joined[id_])) for id_, label in shape.labels.items() if label not in _LISTS]
    ranked = sorted((-degree, id_) for id_, degree in degrees if degree)
    for negative, id_ in islice(ranked, limit):
        label = shape.labels[id_]
        papers = None if label == "Paper" else shape.near(id_, "Paper")
        yield Figure("connected", shape.names[id_], -negative, id=id_, label=label, papers=papers)


def _components(shape: _Shape) -> Iterator[Figure]:
    import networkx as nx

    said = shape.joined.subgraph([id_ for id_, label in shape.labels.items() if label not in _LISTS])
    for name, graph in (("whole graph", shape.joined), ("without digests and categories", said)):
        sizes = [len(component) for component in nx.connected_components(graph)]
        if sizes:
            largest = max(sizes)
            isolated, share = sizes.count(1), _share(largest, len(graph))
            yield Figure("component", name, len(sizes), largest=largest, isolated=isolated, share=share)


def _degrees(shape: _Shape) -> Iterator[Figure]:
    for label in shape.nodes():
        degrees = [len(shape.joined[id_]) for id_ in shape.of_label(label)]
        yield _distribution("degree", label, len(degrees), degrees)


def _spread(shape: _Shape) -> Iterator[Figure]:
    for label in shape.nodes():
        classes = Counter(len(shape.joined[id_]).bit_length() for id_ in shape.of_label(label))
        for bits, count in sorted(classes.items()):
            least, most = 1 << bits >> 1, (1 << bits) - 1
            yield Figure("spread", str(most) if least >= most else f"{least}-{most}", count, label=label)


def _distribution(kind: str, name: str, count: int, values: Sequence[int]) -> Figure:
    middle, average = float(median(values)), round(fmean(values), 2)
    return Figure(kind, name, count, min=min(values), median=middle, mean=average, max=max(values))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
