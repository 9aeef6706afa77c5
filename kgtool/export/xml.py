"""What GraphML and GEXF share: the columns of the property graph as attributes, and text that XML can hold.

Both are written element by element. Lists are JSON in a string, as neither format has lists that all of its readers
know; what is missing has no element.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from kgtool import ids, vocab
from kgtool.cypher import plain
from kgtool.records import Node, Statement, Value

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document can hold, not even escaped (section 2.2)."""
_SPECIAL = re.compile("[&<>\"'\t\n\r]")
_TYPES = {"integer": "long", "double": "double"}

DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n"


def node_types() -> dict[str, str]:
    """The names of all properties of nodes but the id, and their types in both formats."""
    columns = (column for node in vocab.NODES.values() for column in node.columns if column.name != "id")
    return {column.name: _TYPES.get(column.type, "string") for column in columns}


def edge_types() -> dict[str, str]:
    """The names of all properties of edges, and their types in both formats."""
    columns = (column for relationship in vocab.RELATIONSHIPS.values() for column in relationship.columns)
    return {column.name: _TYPES.get(column.type, "string") for column in columns}


def node_values(node: Node) -> Iterator[tuple[str, str]]:
    """The properties of a node, escaped."""
    return ((name, _written(plain(name, value))) for name, value in node.properties)


def edge_values(statement: Statement) -> Iterator[tuple[str, str]]:
    """The properties of an edge, escaped."""
    return ((name, _written(value)) for name, value in statement.properties)


def identifier(node_id: str) -> str:
    """An id, escaped; one with characters that XML cannot hold gets a hash, so that no two become one."""
    if _NO_XML.search(node_id):
        return f"{escaped(node_id)}~{ids.content_hash(node_id)[:8]}"
    return escaped(node_id)


def escaped(text: str) -> str:
    """A text as it stands in an element or an attribute; characters that XML cannot hold become U+FFFD."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", _NO_XML.sub("\ufffd", text))


def _written(value: Value | None) -> str:
    return escaped(json.dumps(value, ensure_ascii=False) if isinstance(value, tuple) else str(value))
