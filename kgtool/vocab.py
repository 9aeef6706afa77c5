"""The closed vocabulary of the knowledge graph: its terms, labels, relationship types, columns and roles.

All of it follows from ``ontology/kgtool.ttl``, through `kgtool.schema`. A misspelt term (`KG.papr`) raises
AttributeError, a misspelt name KeyError.

>>> KG.evaluatesOn
'https://w3id.org/kgtool/ontology#evaluatesOn'
>>> relationship_type("evaluatesOn"), RELATIONSHIPS["evaluatesOn"].range
('EVALUATES_ON', ('Dataset',))
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from kgtool import schema
from kgtool.schema import KG

__all__ = [
    "ENTITY_TYPES",
    "EVIDENCE",
    "KG",
    "LABELS",
    "NODES",
    "PREFIXES",
    "RELATIONSHIPS",
    "RELATION_NAMES",
    "ROLES",
    "ROLE_TYPES",
    "VERSION",
    "Column",
    "NodeClass",
    "Relationship",
    "expand",
    "ontology_file",
    "predicate",
    "relationship_type",
]


class Column(NamedTuple):
    """A property of nodes or edges.

    `datatype` is the range in the ontology (``xsd:string``, ``rdf:langString``, ``kg:Paper`` for the id of a paper);
    `term` the RDF term that is asserted, compact; `multiple` says that the value is a tuple.
    """

    name: str
    datatype: str
    term: str
    multiple: bool

    @property
    def type(self) -> str:
        """What the value is in Python and in tables: ``string``, ``integer``, ``double`` or ``strings``."""
        if self.multiple:
            return "strings"
        return {"xsd:integer": "integer", "xsd:double": "double", "xsd:decimal": "double"}.get(self.datatype, "string")


class NodeClass(NamedTuple):
    """A class of nodes: the reused class that its nodes have too (compact), and its columns, the id first."""

    beside: str
    columns: tuple[Column, ...]


class Relationship(NamedTuple):
    """A relationship: between which labels it goes, its columns, and whether it is read out of a text.

    `inverse` is the reused term that RDF has the other way round (compact), if there is one.
    """

    name: str
    type: str
    domain: tuple[str, ...]
    range: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    extracted: bool
    inverse: str | None

    @property
    def properties(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)


def _columns(rows: tuple[schema.Column, ...]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


VERSION = schema.VERSION
PREFIXES = schema.PREFIXES
"""Prefix to namespace, for queries and for files."""

NODES = {label: NodeClass(beside, _columns(columns)) for label, (beside, columns) in schema.NODES.items()}
LABELS = tuple(NODES)

RELATIONSHIPS = {
    name: Relationship(name, type_, domain, range_, pairs, _columns(columns), extracted, inverse)
    for name, (type_, domain, range_, pairs, columns, extracted, inverse) in schema.EDGES.items()
}

ROLES = schema.ROLES
"""Role in the guidelines to property, the strongest first: ``evaluates-on`` to ``evaluatesOn``."""

ROLE_TYPES = {role: RELATIONSHIPS[name].range for role, name in ROLES.items()}
"""Role to the entity types that it fits."""

RELATION_NAMES = schema.RELATION_NAMES
"""Relation in the guidelines to property: ``Compare-With`` to ``comparedTo``."""

ENTITY_TYPES = ROLE_TYPES["mentions"]

EVIDENCE = RELATIONSHIPS["usedFor"].properties
"""The properties that every edge has that was read out of a text."""

_PREDICATES = {relationship.type: name for name, relationship in RELATIONSHIPS.items()}


def relationship_type(name: str) -> str:
    """The relationship type of a property: ``evaluatesOn`` is ``EVALUATES_ON``."""
    return RELATIONSHIPS[name].type


def predicate(type_: str) -> str:
    """The property of a relationship type: ``EVALUATES_ON`` is ``evaluatesOn``."""
    return _PREDICATES[type_]


@lru_cache(maxsize=1 << 10)
def expand(term: str) -> str:
    """The IRI of a compact term: ``dcterms:title``."""
    prefix, _, local = term.partition(":")
    return PREFIXES[prefix] + local


def ontology_file(name: str) -> Path:
    """Where a file of the ontology lies (``kgtool.ttl``, ``shapes.ttl``, ``context.jsonld``).

    In an installed package the files are inside it, in a checkout beside it. Raises FileNotFoundError.
    """
    package = Path(__file__).parent
    for folder in (package / "ontology", package.parent / "ontology"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"{name} is not among the files of the ontology")
