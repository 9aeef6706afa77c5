"""What a Neo4j server lacks of a graph, has otherwise, or has too much: read, and written in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from typing import Any

from kgtool import cypher, vocab
from kgtool.push.neo4j_turn import Turn
from kgtool.stores.corpus import Corpus
from kgtool.stores.neo4j import Connection, Transaction
from kgtool.stores.neo4j_rows import LABEL, STUB_LABEL, edge_rows, naming_column, node_row, sent

Row = dict[str, Any]
Query = tuple[str, Row]
"""A statement, and the parameters that it has beside those of all."""

COUNTERS = ("nodes_created", "relationships_created", "nodes_deleted", "relationships_deleted", "properties_set")

OTHER = "other"
"""Stands beside labels and relationship types for what has none that is known, or several."""

_BATCH = 2_000
_BATCH_CHARACTERS = 1 << 22
_DELETED = 5_000

_COLUMNS = {label: [name for name, _ in columns if name != "id"] for label, columns in cypher.NODE_COLUMNS.items()}
_NONE = dict.fromkeys(name for names in _COLUMNS.values() for name in names)
_STUB = {name: None for name in (*_NONE, "kgHash") if name not in {naming_column(label) for label in vocab.LABELS}}
_FOREIGN = "EXISTS { (x)-[r]-() WHERE r.kgId IS NULL OR r.graph IS NULL OR r.graph <> $graph }"
_ALONE = "NOT EXISTS { (x)--() }"
_ABSENT = object()


class Own:
    """How queries find what kgtool wrote into the graph of one name, as `x`."""

    nodes = f"MATCH (x:{LABEL}) WHERE x.graph = $graph AND x.id IS NOT NULL"
    stubs = f"MATCH (x:{STUB_LABEL}) WHERE x.graph = $graph"
    edges_of_other_types = (
        f"{nodes} MATCH (x)-[e]->() WHERE e.graph = $graph AND e.kgId IS NOT NULL AND NOT type(e) IN $types WITH e AS x"
    )

    def __init__(self, graph: str) -> None:
        self.graph = graph
        self.parameters = {"graph": graph, "types": list(cypher.RELATIONSHIP_COLUMNS), "labels": list(vocab.LABELS)}

    @staticmethod
    def edges(type_: str) -> str:
        """Those of one type, by the index of its constraint."""
        return f"MATCH ()-[x:{type_}]->() WHERE x.graph = $graph AND x.kgId IS NOT NULL"


class Difference:
    """The difference between a corpus and a server, and what writing it comes to.

    Without a turn nothing is written, only counted. Of the server's nodes it holds ids and hashes, of the relationships
    those of one type at a time.
    """

    def __init__(
        self,
        corpus: Corpus,
        connection: Connection,
        own: Own,
        turn: Turn | None = None,
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> None:
        self.counters = dict.fromkeys(COUNTERS, 0)
        self._corpus = corpus
        self._connection = connection
        self._own = own
        self._turn = turn
        self._progress = progress
        self._done = self._of = 0

    def write(self, differing: Set[str]) -> None:
        """Write what differs of these labels and relationship types.

        Nodes come first, then relationships type by type; last the nodes that have vanished, when ours let go of them.
        """
        nodes: dict[str, Any] = {}
        self._of = self._number(differing)
        if differing & {OTHER, *vocab.LABELS}:
            nodes = self._read(f"{self._own.nodes} RETURN x.id, [x.kgHash] + [l IN labels(x) WHERE l IN $labels]")
            self._write_nodes(nodes, self._read(f"{self._own.stubs} RETURN x.id, []"))
        for predicate, relationship in vocab.RELATIONSHIPS.items():
            if relationship.type in differing:
                self._write_edges(predicate, relationship.type)
        if OTHER in differing:
            self._delete(self._own.edges_of_other_types, "relationships_deleted")
        if nodes:
            self._delete_nodes(sorted(nodes))
        if differing:
            self._delete(f"{self._own.stubs} AND {_ALONE}", "nodes_deleted")

    def _write_nodes(self, known: dict[str, Any], stubs: dict[str, Any]) -> None:
        """Create and update, and take back stubs; what is left in `known` afterwards has vanished."""
        back = [node.id for node in self._corpus.nodes() if node.id in stubs and node.id not in known] if stubs else []
        if back:
            self.send((f"{self._own.stubs} AND x.id IN $ids SET x:{LABEL} REMOVE x:{STUB_LABEL}", {"ids": back}))
        known.update((id_, []) for id_ in back)
        batches = {
            (label, new): _Batch(self, _merge_nodes(label, new)) for label in vocab.LABELS for new in (True, False)
        }
        for row in map(node_row, self._corpus.nodes()):
            self._step()
            there = known.pop(row.id, None)
            if there != [row.hash, row.label]:
                values = dict(zip(_COLUMNS[row.label], row.values[1:], strict=True)) | {"kgHash": row.hash}
                if there is None:
                    self.expect(nodes_created=1, properties_set=2)
                    values = {name: value for name, value in values.items() if value is not None}
                else:
                    values = values if there[1:] == [row.label] else _NONE | values
                batches[row.label, there is None].add({"id": row.id, "values": sent(values)})
        for batch in batches.values():
            batch.flush()

    def _write_edges(self, predicate: str, type_: str) -> None:
        """Create and update the relationships of one type, then delete those that have vanished."""
        columns = [name for name, _ in cypher.RELATIONSHIP_COLUMNS[type_]]
        known = self._read(f"{self._own.edges(type_)} RETURN x.kgId, x.kgHash")
        batch = _Batch(self, _merge_edges(type_))
        for row in edge_rows(self._corpus.statements(predicates=(predicate,))):
            self._step()
            there = known.pop(row.key, _ABSENT)
            if there != row.hash:
                values = dict(zip(columns, row.values, strict=True)) | {"kgHash": row.hash}
                if there is _ABSENT:
                    self.expect(relationships_created=1, properties_set=2)
                    values = {name: value for name, value in values.items() if value is not None}
                batch.add({"key": row.key, "start": row.start, "end": row.end, "values": sent(values)})
        batch.flush()
        delete = f"UNWIND $keys AS key MATCH ()-[x:{type_} {{graph: $graph, kgId: key}}]->() DELETE x"
        self.expect(relationships_deleted=len(known))
        for keys in _pieces(sorted(known)):
            self.send((delete, {"keys": keys}))

    def _delete_nodes(self, ids: list[str]) -> None:
        """Delete nodes of ours that ours have let go of; where relationships of others hang on one, a stub stays."""
        found = f"UNWIND $ids AS id MATCH (x:{LABEL} {{graph: $graph, id: id}})"
        stub = f"SET x:{STUB_LABEL}, x += $values REMOVE x:{':'.join((LABEL, *vocab.LABELS))}"
        for piece in _pieces(ids):
            if self._turn is None:
                alone = self._read(f"{found} WHERE NOT {_FOREIGN} RETURN id, null", {"ids": piece})
                self.expect(nodes_deleted=len(alone))
            self.send(
                (f"{found} WHERE {_ALONE} DELETE x", {"ids": piece}),
                (f"{found} {stub}", {"ids": piece, "values": _STUB}),
            )

    def _delete(self, found: str, counter: str) -> None:
        """Delete what a query finds, piece by piece."""
        if self._turn is None:
            self.expect(**{counter: sum(self._read(f"{found} RETURN $graph, count(x)").values())})
            return
        before = None
        while before != self.counters[counter]:
            before = self.counters[counter]
            self.send((f"{found} WITH x LIMIT {_DELETED} DELETE x", {}))

    def send(self, *queries: Query) -> None:
        """Do this in one transaction, if it is this push's turn; what it did is counted by the server."""
        turn = self._turn
        if turn is None:
            return

        def work(transaction: Transaction) -> Row:
            turn.check(transaction)
            found = dict.fromkeys(COUNTERS, 0)
            for query, parameters in queries:
                counters = transaction.run(query, self._own.parameters | parameters).consume().counters
                for name in COUNTERS:
                    found[name] += getattr(counters, name)
            return found

        for name, number in self._connection.write(work).items():
            self.counters[name] += number

    def expect(self, **counters: int) -> None:
        """Count what would be done, where nothing is done."""
        if self._turn is None:
            for name, number in counters.items():
                self.counters[name] += number

    def _read(self, query: str, parameters: Row | None = None) -> Row:
        """The first column of an answer to its second."""
        given = self._own.parameters | (parameters or {})
        return self._connection.read(lambda transaction: dict(transaction.run(query, given).values()))

    def _number(self, differing: Set[str]) -> int:
        """How many nodes and relationships are compared."""
        nodes, edges = self._corpus.count_nodes(), self._corpus.count_statements()
        compared = sum(count for name, count in edges.items() if vocab.relationship_type(name) in differing)
        return compared + (sum(nodes.values()) if differing & {OTHER, *vocab.LABELS} else 0)

    def _step(self) -> None:
        self._done += 1
        self._progress(self._done, self._of)


class _Batch:
    """Rows on their way to the server, so many and so large that a transaction stays small."""

    def __init__(self, difference: Difference, query: str) -> None:
        self._difference = difference
        self._query = query
        self._rows: list[Row] = []
        self._characters = 0

    def add(self, row: Row) -> None:
        """One more row, with the properties that it sets in `values`."""
        values = row["values"]
        self._difference.expect(properties_set=len(values))
        self._rows.append(row)
        self._characters += sum(len(value) for value in values.values() if isinstance(value, str))
        if len(self._rows) >= _BATCH or self._characters >= _BATCH_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        """Send what is there."""
        if self._rows:
            self._difference.send((self._query, {"rows": self._rows}))
        self._rows, self._characters = [], 0


def _merge_nodes(label: str, new: bool) -> str:
    """One that is there already may have had another class."""
    others = ":".join(other for other in vocab.LABELS if other != label)
    return f"UNWIND $rows AS row MERGE (x:{LABEL} {{graph: $graph, id: row.id}}) SET x:{label}, x += row.values" + (
        "" if new else f" REMOVE x:{others}"
    )


def _merge_edges(type_: str) -> str:
    """The constraint on (graph, kgId) makes this safe beside other writers, and a seek however many hang on a node."""
    return (
        f"UNWIND $rows AS row MATCH (a:{LABEL} {{graph: $graph, id: row.start}}) "
        f"MATCH (b:{LABEL} {{graph: $graph, id: row.end}}) "
        f"MERGE (a)-[x:{type_} {{graph: $graph, kgId: row.key}}]->(b) SET x += row.values"
    )


def _pieces(items: list[str]) -> Iterable[list[str]]:
    return (items[start : start + _DELETED] for start in range(0, len(items), _DELETED))
