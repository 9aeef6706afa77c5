"""The graph as a Neo4j server holds it: what stands in each node and relationship, and by what kgtool knows its own.

A node has the labels `KgNode` and its class, and beside its own properties

- `graph`, the name of the knowledge graph: (`graph`, `id`) is unique among `KgNode`;
- `kgHash`, a number made of all that kgtool wrote into it.

A relationship has `graph` and `kgHash` too, and `kgId`, made of its type, its two ends and the paper that says so:
several papers may say the same, and each has an edge of its own, which is told from the others and changed in its
place. Whether the server is up to date is seen by `kgHash` alone, without reading what is in the graph. Pure functions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from kgtool import cypher, vocab
from kgtool.errors import InputError
from kgtool.records import Node, Statement, Value

LABEL = "KgNode"
LOCK_LABEL = "KgLock"
STUB_LABEL = "KgVanished"

LONGEST_NAME = 200
_LONGEST_ID = 7_000
_LONGEST_TEXT = 32_000
_HASH_BITS = 63
_SURROGATE = re.compile("[\ud800-\udfff]")
HALF = 1 << 32
"""A hash is compared in two halves, so that the sum over a whole graph stays a 64-bit number."""


class NodeRow(NamedTuple):
    """One node: `values` are those of all columns of its label, None where it has none."""

    label: str
    id: str
    values: tuple[Value | None, ...]
    hash: int


class EdgeRow(NamedTuple):
    """One relationship: its identity, its ends, and the values of all columns of its type."""

    type: str
    key: str
    start: str
    end: str
    values: tuple[Value | None, ...]
    hash: int


@dataclass(slots=True)
class Sum:
    """How many, and the sums of the two halves of their hashes: equal for equal sets, in any order."""

    count: int = 0
    low: int = 0
    high: int = 0

    def add(self, hash_: int) -> None:
        """Take one more in."""
        self.count += 1
        self.low += hash_ % HALF
        self.high += hash_ // HALF


def node_row(node: Node) -> NodeRow:
    """The row of a node.

    Raises `InputError` for an id or a name that is longer than Neo4j can find again.
    """
    (found,) = cypher.node_rows(node.label, (node,))
    values = tuple(map(_clean, found))
    for (name, _), value in zip(cypher.NODE_COLUMNS[node.label], values, strict=True):
        longest = {"id": _LONGEST_ID, naming_column(node.label): _LONGEST_TEXT}.get(name)
        if longest and isinstance(value, str) and len(value) * 4 > longest < len(value.encode()):
            raise InputError(f"{node.id[:60]}…: its {name} is longer than {longest:,} bytes, more than Neo4j can index")
    return NodeRow(node.label, str(values[0]), values, _hash(node.label, values))


def edge_rows(statements: Iterable[Statement]) -> Iterator[EdgeRow]:
    """The rows of the relationships, in the order of the statements; all of one type have to come in one call."""
    seen: set[str] = set()
    for statement in statements:
        type_ = vocab.relationship_type(statement.predicate)
        properties = dict(statement.properties)
        values = tuple(_clean(properties.get(name)) for name, _ in cypher.RELATIONSHIP_COLUMNS[type_])
        start, end = _unicode(statement.subject), _unicode(statement.object)
        identity = (type_, start, end, properties.get("paper"))
        key, repeated = _key(*identity), 0
        while key in seen:
            repeated += 1
            key = _key(*identity, repeated)
        seen.add(key)
        yield EdgeRow(type_, key, start, end, values, _hash(key, values))


def sent(values: Mapping[str, Value | None]) -> dict[str, Any]:
    """Properties as the driver takes them."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def naming_column(label: str) -> str:
    """The property that names the nodes of a class: the one that the ontology lists after the id."""
    return vocab.NODES[label].columns[1].name


def checked_name(graph: str) -> str:
    """The name of a graph, as it may stand on a server.

    Raises `InputError` for one that is empty, too long or not printable.
    """
    if not graph.strip() or len(graph) > LONGEST_NAME or not graph.isprintable():
        raise InputError(f"the name of the graph has to be of 1 to {LONGEST_NAME} printable characters")
    return graph


def _clean(value: Value | None) -> Value | None:
    """Without what no server takes: lone surrogates, and lists of nothing, which are no different from none."""
    if isinstance(value, tuple):
        return tuple(map(_unicode, value)) or None
    return _unicode(value) if isinstance(value, str) else value


def _unicode(text: str) -> str:
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _key(*identity: Value | None) -> str:
    return blake2b(_text(identity), digest_size=12).hexdigest()


def _hash(key: str, values: tuple[Value | None, ...]) -> int:
    digest = blake2b(_text((key, *values)), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - _HASH_BITS)


def _text(values: tuple[Value | None, ...]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode("ascii")
