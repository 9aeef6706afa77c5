"""The shortest ways between two nodes of a knowledge graph on a Neo4j server, found there.

Only what is on them is fetched: the nodes on shortest ways, and the edges of those between the ends, whose
number says how much a way over them tells (`kgtool.analysis.routes`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kgtool import vocab
from kgtool.analysis.reader import ServerReader
from kgtool.stores.neo4j_rows import LABEL
from kgtool.stores.protocol import Parameter

_ENDS = f"MATCH (a:{LABEL} {{graph: $graph, id: $a}}), (b:{LABEL} {{graph: $graph, id: $b}})"
LinkRow = tuple[str, str, str, str | None, float | None, str | None]
"""Source, predicate, target, role, confidence, paper, as `Corpus.links` gives them."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Which ways between the nodes with the ids `a` and `b` are asked for.

    Nodes of the labels `avoided` are passed only if they are `named`; of mentions those count beside which no stronger
    edge stands, unless `mentions` says that all do. A way has each of `types`, and between its ends a node of each of
    `labels` and each of `nodes`.
    """

    a: str
    b: str
    least: float
    mentions: bool
    avoided: tuple[str, ...]
    named: tuple[str, ...]
    types: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()

    def _passable(self) -> str:
        """That the way w is of this graph, and of edges and nodes that count; the server holds it against each step."""
        edge = "r.graph = $graph AND coalesce(r.confidence, 1.0) >= $least"
        if not self.mentions:
            edge += " AND (type(r) <> 'MENTIONS' OR r.role = 'mentions')"
        conditions = [f"all(r IN relationships(w) WHERE {edge})"]
        if self.avoided:
            conditions.append(f"all(n IN nodes(w) WHERE n.id IN $named OR NOT n:{'|'.join(self.avoided)})")
        return " AND ".join(conditions)

    def _required(self) -> str:
        """That the way w has all that it should."""
        between = "n IN nodes(w)[1..-1]"
        conditions = [f"any(r IN relationships(w) WHERE type(r) = '{type_}')" for type_ in self.types]
        conditions += [f"any({between} WHERE n:{label})" for label in self.labels]
        conditions += [f"any({between} WHERE n.id = $nodes[{number}])" for number in range(len(self.nodes))]
        return "".join(f" AND {condition}" for condition in conditions)

    def _ask(self, reader: ServerReader, query: str) -> tuple[tuple[Any, ...], ...]:
        parameters: dict[str, Parameter] = {"a": self.a, "b": self.b, "least": self.least}
        parameters |= {"named": list(self.named), "nodes": list(self.nodes)}
        return reader.asker.ask_as_it_is(f"{_ENDS} {query}", parameters).rows

    def length(self, reader: ServerReader, longest: int) -> int | None:
        """How many steps the shortest way has, whatever is required of it; None where all have more than `longest`."""
        way = f"MATCH w = shortestPath((a)-[*..{longest}]-(b)) WHERE {self._passable()} RETURN length(w)"
        rows = self._ask(reader, way)
        return int(rows[0][0]) if rows else None

    def passed(self, reader: ServerReader, length: int) -> dict[str, str]:
        """The ids of the nodes on the ways of so many steps, with their labels; these have to be shortest ones unless
        something is required.

        Ways that pass a node twice may be among them.
        """
        required = self._required()
        way = f"(a)-[*{length}]-(b)" if required else f"allShortestPaths((a)-[*..{length}]-(b))"
        rows = self._ask(
            reader,
            f"MATCH w = {way} WHERE {self._passable()}{required} "
            f"UNWIND nodes(w) AS n WITH DISTINCT n RETURN n.id, {reader.label('n')}",
        )
        return dict(rows)

    def links(self, reader: ServerReader, passed: Sequence[str]) -> Iterator[LinkRow]:
        """All edges of the nodes that are passed between the ends, and those of the ends with each other."""
        for pattern, ids in (
            ("(n)-[r]-(m) WHERE n.id IN $ids", sorted(set(passed) - {self.a, self.b})),
            ("(n)-[r]->(m) WHERE n.id IN $ids AND m.id IN $ids", [self.a, self.b]),
        ):
            rows = reader.rows(
                f"MATCH {pattern} "
                "RETURN DISTINCT startNode(r).id, type(r), endNode(r).id, r.role, r.confidence, r.paper",
                ids=ids,
            )
            for source, type_, target, role, confidence, paper in rows:
                yield source, vocab.predicate(type_), target, role, confidence, paper
