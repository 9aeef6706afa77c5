"""The property graph: records to tables of nodes and relationships, and the tables' definitions.

A class is a label, a property ``evaluatesOn`` the relationship type ``EVALUATES_ON``, and both have the columns that
the ontology gives them. Language-tagged notes become plain strings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from kgtool import vocab
from kgtool.records import Node, Statement, Value

_TYPES = {"string": "STRING", "integer": "INT64", "double": "DOUBLE", "strings": "STRING[]"}

NODE_COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    label: tuple((column.name, _TYPES[column.type]) for column in node.columns) for label, node in vocab.NODES.items()
}
"""Label to its columns, as (name, type); the first is the primary key, ``id``."""

RELATIONSHIP_COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    relationship.type: tuple((column.name, _TYPES[column.type]) for column in relationship.columns)
    for relationship in vocab.RELATIONSHIPS.values()
}
"""Relationship type to its columns, as (name, type), without the two ends."""

_NOTES = frozenset(
    column.name for node in vocab.NODES.values() for column in node.columns if column.datatype == "rdf:langString"
)


class RelationshipRow(NamedTuple):
    """One edge: its type, the labels and ids of both ends, and the values of the type's columns, in their order."""

    type: str
    from_label: str
    to_label: str
    from_id: str
    to_id: str
    values: tuple[Value | None, ...]


def relationship_pairs(type_: str) -> tuple[tuple[str, str], ...]:
    """The pairs of labels (from, to) that a relationship type goes between."""
    return vocab.RELATIONSHIPS[vocab.predicate(type_)].pairs


def ddl() -> list[str]:
    """The statements that define all tables, empty ones too: nodes first, then relationships (Ladybug's dialect)."""
    statements = []
    for label, columns in NODE_COLUMNS.items():
        (key, key_type), *rest = columns
        body = ", ".join([f"{key} {key_type} PRIMARY KEY", *(f"{name} {type_}" for name, type_ in rest)])
        statements.append(f"CREATE NODE TABLE {label}({body})")
    for type_, columns in RELATIONSHIP_COLUMNS.items():
        ends = [f"FROM {source} TO {target}" for source, target in relationship_pairs(type_)]
        body = ", ".join([*ends, *(f"{name} {column_type}" for name, column_type in columns)])
        statements.append(f"CREATE REL TABLE {type_}({body})")
    return statements


def node_rows(label: str, nodes: Iterable[Node]) -> Iterator[tuple[Value | None, ...]]:
    """The rows of one node table, in the order of its columns; nodes of other labels are passed over."""
    names = [name for name, _ in NODE_COLUMNS[label]]
    for node in nodes:
        if node.label == label:
            values: dict[str, Value] = {"id": node.id, **dict(node.properties)}
            yield tuple(plain(name, values.get(name)) for name in names)


def plain(name: str, value: Value | None) -> Value | None:
    """A property's value in the property graph: of a language-tagged note only its text."""
    if name in _NOTES and isinstance(value, tuple):
        return value[1]
    return value


def relationship_rows(statements: Iterable[Statement], label_of: Callable[[str], str]) -> Iterator[RelationshipRow]:
    """The rows of the relationship tables, in the order of the statements; `label_of` gives the label of an id."""
    for statement in statements:
        type_ = vocab.relationship_type(statement.predicate)
        values = dict(statement.properties)
        yield RelationshipRow(
            type_,
            label_of(statement.subject),
            label_of(statement.object),
            statement.subject,
            statement.object,
            tuple(values.get(name) for name, _ in RELATIONSHIP_COLUMNS[type_]),
        )
