"""From the ontology to the module and the page that follow from it: `python -m kgtool.schemagen` in a checkout.

`kgtool/schema.py` holds the ontology as plain data, so that the vocabulary is there without a parser for RDF;
`docs/schema.md` is the same for people. A test compares both with what is written here.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from rdflib import OWL, RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

KG = Namespace("https://w3id.org/kgtool/ontology#")
ONTOLOGY = URIRef("https://w3id.org/kgtool/ontology")


class Column(NamedTuple):
    """A property that a node or an edge may have; terms are compact (``dcterms:title``)."""

    name: str
    datatype: str
    term: str
    multiple: bool


class Edge(NamedTuple):
    """An object property that is a relationship of the property graph."""

    name: str
    domain: tuple[str, ...]
    range: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    extracted: bool
    inverse: str | None


class Schema:
    """The ontology, read: what nodes, edges, roles and terms there are, in the ontology's order."""

    def __init__(self, graph: Graph) -> None:
        """Of a graph that holds the ontology, with the prefixes that it declares."""
        self.graph = graph
        self.prefixes = dict(sorted((prefix, str(iri)) for prefix, iri in graph.namespaces()))
        self.version = str(graph.value(ONTOLOGY, OWL.versionInfo))
        self.labels = self._list(ONTOLOGY, KG.labels)
        self.relationships = self._list(ONTOLOGY, KG.relationships)
        self.terms = sorted(self._local(term) for term in set(graph.subjects()) if str(term).startswith(KG))

    def _list(self, subject: Node, predicate: URIRef) -> list[str]:
        head = self.graph.value(subject, predicate)
        return [self._local(item) for item in Collection(self.graph, head)] if head is not None else []

    def _local(self, term: Node) -> str:
        return str(term).removeprefix(KG)

    def compact(self, term: Node) -> str:
        """The term with its prefix: ``dcterms:title``."""
        for prefix, iri in self.prefixes.items():
            if str(term).startswith(iri):
                return f"{prefix}:{str(term).removeprefix(iri)}"
        raise ValueError(f"{term} has no prefix in the ontology")

    def text(self, name: str, predicate: URIRef = RDFS.comment) -> str:
        """The comment (or another literal) of one of the ontology's own terms."""
        return str(self.graph.value(KG[name], predicate))

    def asserted_class(self, name: str) -> str:
        """The reused class that nodes of this class are given too."""
        return self.compact(self._one(KG[name], KG.assertedBeside))

    def _one(self, subject: Node, predicate: URIRef) -> Node:
        value = self.graph.value(subject, predicate)
        if value is None:
            raise ValueError(f"{subject} lacks {predicate} in the ontology")
        return value

    def node_columns(self, name: str) -> tuple[Column, ...]:
        """The columns of a class, or of the superclass that declares them."""
        declaring = self._declaring(KG[name])
        named_by = self.graph.value(declaring, KG.namedBy)
        return tuple(
            self._column(column)._replace(term=self.compact(named_by))
            if column == "name" and named_by
            else self._column(column)
            for column in self._list(declaring, KG.columns)
        )

    def _declaring(self, term: Node) -> Node:
        if (term, KG.columns, None) in self.graph:
            return term
        superclasses = self.graph.objects(term, RDFS.subClassOf)
        return self._declaring(next(cls for cls in superclasses if str(cls).startswith(KG)))

    def _column(self, name: str) -> Column:
        graph, term = self.graph, KG[name]
        value_range = self._one(term, RDFS.range)
        union = graph.value(value_range, OWL.unionOf)
        datatype = Collection(graph, union)[0] if union is not None else value_range
        asserted = graph.value(term, KG.assertedAs) or term
        single = (term, RDF.type, OWL.FunctionalProperty) in graph
        return Column(name, self.compact(datatype), self.compact(asserted), not single)

    def classes(self, term: Node) -> tuple[str, ...]:
        """The labels that a domain or range stands for: itself, the members of a union or the concrete subclasses."""
        union = self.graph.value(term, OWL.unionOf) or self.graph.value(term, OWL.disjointUnionOf)
        if union is None:
            return (self._local(term),)
        found = {label for member in Collection(self.graph, union) for label in self.classes(member)}
        return tuple(label for label in self.labels if label in found)

    def edge(self, name: str) -> Edge:
        """One of the relationships."""
        term = KG[name]
        domain = self.classes(self._one(term, RDFS.domain))
        range_ = self.classes(self._one(term, RDFS.range))
        same_type = self.graph.value(term, KG.sameType) == Literal(True)
        extracted = (term, RDF.type, KG.ExtractedProperty) in self.graph
        evidence = self._list(KG.Statement, KG.columns) if extracted else []
        inverse = self.graph.value(term, KG.assertedInverse)
        return Edge(
            name,
            domain,
            range_,
            tuple((source, target) for source in domain for target in range_ if source == target or not same_type),
            tuple(self._column(column) for column in [*evidence, *self._list(term, KG.columns)]),
            extracted,
            self.compact(inverse) if inverse else None,
        )

    def annotated_names(self, roles: bool) -> dict[str, str]:
        """The guidelines' names and the properties that they stand for; roles by strength, strongest first."""
        named = {name: self.graph.value(KG[name], KG.strength) for name in self.relationships}
        chosen = [name for name, strength in named.items() if (strength is not None) == roles]
        if roles:
            chosen.sort(key=lambda name: int(str(named[name])))
        return {
            str(self.graph.value(KG[name], KG.annotatedAs)): name
            for name in chosen
            if (KG[name], KG.annotatedAs, None) in self.graph
        }


def read_schema(ontology: Path) -> Schema:
    """The schema in an ontology file (Turtle)."""
    return Schema(Graph(bind_namespaces="none").parse(ontology, format="turtle"))


def schema_module(schema: Schema) -> str:
    """The source text of `kgtool/schema.py`."""
    lines = [
        '"""The ontology as plain data, generated from ontology/kgtool.ttl by `python -m kgtool.schemagen`."""',
        "",
        "# fmt: off",
        "# ruff: noqa: E501, N815",
        "",
        "Column = tuple[str, str, str, bool]",
        '"""Name, datatype, the RDF term that is asserted, whether there may be several."""',
        "",
        f'VERSION = "{schema.version}"',
        "",
        "PREFIXES: dict[str, str] = {",
        *(f'    "{prefix}": "{iri}",' for prefix, iri in schema.prefixes.items()),
        "}",
        "",
        "NODES: dict[str, tuple[str, tuple[Column, ...]]] = {",
    ]
    for label in schema.labels:
        lines += [f'    "{label}": ("{schema.asserted_class(label)}", (']
        lines += [f"        {_literal(tuple(column))}," for column in schema.node_columns(label)] + ["    )),"]
    lines += [
        "}",
        "",
        "Names = tuple[str, ...]",
        "Edge = tuple[Names, Names, tuple[tuple[str, str], ...], tuple[Column, ...], bool, str | None]",
        '"""Domain, range, pairs of labels, columns, whether it is read out of a text, the term for the other way."""',
        "",
        "EDGES: dict[str, Edge] = {",
    ]
    for name in schema.relationships:
        edge = schema.edge(name)
        lines += [f'    "{name}": (']
        lines += [f"        {_literal(value)}," for value in (edge.domain, edge.range, edge.pairs)]
        lines += ["        (", *(f"            {_literal(tuple(column))}," for column in edge.columns), "        ),"]
        lines += [f"        {edge.extracted}, {_literal(edge.inverse)},", "    ),"]
    lines += ["}", ""]
    for variable, roles in (("ROLES", True), ("RELATION_NAMES", False)):
        lines += [f"{variable}: dict[str, str] = {{"]
        lines += [f'    "{key}": "{value}",' for key, value in schema.annotated_names(roles).items()] + ["}", ""]
    lines += ["", "class KG:", '    """The terms of the ontology, closed: any other raises AttributeError."""', ""]
    lines += [f'    {term} = "{KG[term]}"' for term in schema.terms]
    return "\n".join(lines) + "\n"


def _literal(value: object) -> str:
    if isinstance(value, tuple):
        items = ", ".join(_literal(item) for item in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def main() -> None:
    """Write both files of this checkout."""
    root = Path(__file__).parents[1]
    schema = read_schema(root / "ontology" / "kgtool.ttl")
    (root / "kgtool" / "schema.py").write_text(schema_module(schema), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
