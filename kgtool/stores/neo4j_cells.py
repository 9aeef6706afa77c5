"""What a Neo4j server answers, as cells of a table: of the same shapes as those of the embedded view."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from neo4j.graph import Node, Path, Relationship
from neo4j.spatial import Point
from neo4j.time import Date, DateTime, Duration, Time

from kgtool import cypher
from kgtool.records import Cell
from kgtool.stores.neo4j_rows import LABEL

_OWN = ("graph", "kgHash", "kgId")
"""What a push adds to what the graph itself holds."""


def cell(value: Any) -> Cell:
    """A value as JSON has it.

    Nodes and relationships are dictionaries of what they hold, after `label` or `type`, in the order of the schema and
    without what only serves pushing; a path is a tuple of both in turn. Dates and times are ISO 8601, a duration is the
    number of its seconds where it has one.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple) and not isinstance(value, Point | Duration):
        return tuple(cell(item) for item in value)
    if isinstance(value, Node):
        own = LABEL in value.labels
        labels = sorted(value.labels - {LABEL}) if own else sorted(value.labels)
        label = ":".join(labels)
        return {"label": label, **_properties(value, cypher.NODE_COLUMNS.get(label, ()), own)}
    if isinstance(value, Relationship):
        own = all(name in value for name in _OWN)
        return {"type": value.type, **_properties(value, cypher.RELATIONSHIP_COLUMNS.get(value.type, ()), own)}
    if isinstance(value, Path):
        edges = [part for pair in zip(value.relationships, value.nodes[1:], strict=True) for part in pair]
        return tuple(cell(part) for part in (value.nodes[0], *edges))
    if isinstance(value, Mapping):
        return {str(name): cell(item) for name, item in value.items()}
    return _other(value)


def _properties(value: Node | Relationship, columns: tuple[tuple[str, str], ...], own: bool) -> dict[str, Cell]:
    held = {name: item for name, item in value.items() if not (own and name in _OWN)}
    order = [name for name, _ in columns if name in held]
    return {name: cell(held[name]) for name in (*order, *sorted(held.keys() - set(order)))}


def _other(value: Any) -> Cell:
    if isinstance(value, Duration):
        days = value.months == 0
        return value.days * 86_400 + value.seconds + value.nanoseconds / 1e9 if days else value.iso_format()
    if isinstance(value, Date | DateTime | Time):
        native: date | datetime | time = value.to_native()
        return native.isoformat()
    if isinstance(value, Point):
        return tuple(value)
    if isinstance(value, bytes | bytearray):
        return value.hex()
    return str(value)
