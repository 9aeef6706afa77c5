"""From the ontology to the files that follow from it: `python -m kgtool.schemagen` in a checkout.

`kgtool/schema.py` holds the ontology as plain data, so that the vocabulary is there without a parser for RDF;
`ontology/context.jsonld` is for JSON-LD, `docs/schema.md` for people. A test compares them with what is written here.
"""

from __future__ import annotations

import json
import re
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


def relationship_type(name: str) -> str:
    """The relationship type of a property: ``evaluatesOn`` is ``EVALUATES_ON``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()


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
        "Edge = tuple[str, Names, Names, tuple[tuple[str, str], ...], tuple[Column, ...], bool, str | None]",
        '"""Type, domain, range, pairs of labels, columns, whether it is read out of a text, the inverse term."""',
        "",
        "EDGES: dict[str, Edge] = {",
    ]
    for name in schema.relationships:
        edge = schema.edge(name)
        lines += [f'    "{name}": (', f'        "{relationship_type(name)}",']
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


def context(schema: Schema) -> str:
    """The JSON-LD 1.1 context: every asserted term under the name that the ontology has for it.

    A name that stands for several terms (`name`) is left out: those terms are written with their prefix.
    """
    terms: dict[str, set[str]] = {}
    types: dict[str, str] = {}
    columns = [column for label in schema.labels for column in schema.node_columns(label)]
    columns += [column for name in schema.relationships for column in schema.edge(name).columns]
    for column in columns:
        terms.setdefault(column.name, set()).add(column.term)
        types[column.name] = column.datatype
    entries: dict[str, object] = {"@version": 1.1}
    entries |= {prefix: {"@id": iri, "@prefix": True} for prefix, iri in schema.prefixes.items()}
    entries |= {"id": "@id", "type": "@type", "identifier": "dcterms:identifier"}
    entries |= {label: f"kg:{label}" for label in (*schema.labels, "Statement")}
    for name, found in terms.items():
        if len(found) == 1 and name != "id":
            entries[name] = _context_entry(found.pop(), types[name])
    for name in schema.relationships:
        entries[name] = {"@id": f"kg:{name}", "@type": "@id"}
    entries |= {term: {"@id": f"rdf:{term}", "@type": "@id"} for term in ("subject", "predicate", "object")}
    entries["creator"] = {"@id": "dcterms:creator", "@type": "@id"}
    return json.dumps({"@context": entries}, indent=2) + "\n"


def _context_entry(term: str, datatype: str) -> object:
    if datatype in ("kg:Paper", "prov:Activity"):
        return {"@id": term, "@type": "@id"}
    if datatype in ("xsd:anyURI", "xsd:decimal"):
        return {"@id": term, "@type": datatype}
    return {"@id": term, "@container": "@language"} if datatype == "rdf:langString" else term


def diagram(schema: Schema) -> str:
    """The schema as a Mermaid flowchart: classes, and the relationships between them."""
    lines = ["flowchart LR"]
    for label in schema.labels:
        shape = f"([{label}])" if label in schema.classes(KG.Entity) else f"[{label}]"
        lines.append(f"    {label}{shape}")
    arrows: dict[tuple[str, str], list[str]] = {}
    for name in schema.relationships:
        for pair in _drawn_pairs(schema, schema.edge(name)):
            arrows.setdefault(pair, []).append(relationship_type(name))
    lines += [f'    {source} -- "{"<br/>".join(types)}" --> {target}' for (source, target), types in arrows.items()]
    return "\n".join(lines) + "\n"


def _drawn_pairs(schema: Schema, edge: Edge) -> tuple[tuple[str, str], ...]:
    """Between which classes an arrow is drawn: one to or from all entities would hide the rest of the picture."""
    everything = schema.classes(KG.Entity)
    if edge.domain == edge.range == everything:
        return (("Method", "Method"),) if edge.pairs == tuple((label, label) for label in everything) else ()
    return () if edge.range == everything else edge.pairs


def schema_page(schema: Schema) -> str:
    """The text of `docs/schema.md`."""
    lines = [
        "# The schema",
        "",
        "Generated from `ontology/kgtool.ttl` by `python -m kgtool.schemagen`. A class is a label; a property",
        "`evaluatesOn` is the relationship type `EVALUATES_ON`. "
        f"Version {schema.version}, namespace `{KG}`, prefix `kg:`.",
        "",
        "```mermaid",
        diagram(schema).rstrip("\n"),
        "```",
        "",
        "Not drawn: `MENTIONS` from a Paper to every entity of it, whatever its role; `USED_FOR` between any two",
        "entities; `COMPARED_TO` between two datasets or two tasks.",
        "",
        "## Nodes",
    ]
    for label in schema.labels:
        lines += ["", f"### {label}", "", schema.text(label), "", f"In RDF also `{schema.asserted_class(label)}`.", ""]
        lines += _column_table(schema, schema.node_columns(label))
    lines += [
        "",
        "## Relationships",
        "",
        "| relationship | in RDF | from | to | means |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in schema.relationships:
        edge = schema.edge(name)
        inverse = f", `{edge.inverse}` the other way" if edge.inverse else ""
        ends = f"{', '.join(edge.domain)} | {', '.join(edge.range)}"
        lines += [f"| `{relationship_type(name)}` | `kg:{name}`{inverse} | {ends} | {schema.text(name)} |"]
    for title, roles in (("Roles of entities, the strongest first", True), ("Relations of extraction records", False)):
        lines += ["", f"### {title}", "", "| in records | relationship |", "| --- | --- |"]
        lines += [f"| `{key}` | `{relationship_type(name)}` |" for key, name in schema.annotated_names(roles).items()]
    edges = {name: schema.edge(name) for name in schema.relationships}
    evidence = schema.edge("usedFor").columns
    without = ", ".join(f"`{relationship_type(name)}`" for name, edge in edges.items() if not edge.extracted)
    lines += ["", "## Evidence", "", schema.text("Statement"), f"Every relationship but {without} has these:", ""]
    lines += _column_table(schema, evidence)
    lines += ["", "Other properties of relationships:", ""]
    lines += [
        f"- `{relationship_type(name)}`: `{column.name}`. {schema.text(column.name)}"
        for name, edge in edges.items()
        for column in edge.columns
        if column not in evidence
    ]
    plain = " and ".join(f"`{relationship_type(name)}`" for name, edge in edges.items() if not edge.columns)
    lines += [f"- {plain}: none.", "", "## Prefixes", "", "| prefix | namespace |", "| --- | --- |"]
    lines += [f"| `{prefix}` | `{iri}` |" for prefix, iri in schema.prefixes.items()]
    return "\n".join(lines) + "\n"


def _column_table(schema: Schema, columns: tuple[Column, ...]) -> list[str]:
    rows = ["| property | in RDF | type | means |", "| --- | --- | --- | --- |"]
    for column in columns:
        several = ", several" if column.multiple else ""
        meaning = schema.text(column.name)
        rows.append(f"| `{column.name}` | `{column.term}` | `{column.datatype}`{several} | {meaning} |")
    return rows


def main() -> None:
    """Write the files of this checkout that follow from its ontology."""
    root = Path(__file__).parents[1]
    for path, text in generated(read_schema(root / "ontology" / "kgtool.ttl")).items():
        (root / path).write_text(text, encoding="utf-8", newline="\n")


def generated(schema: Schema) -> dict[str, str]:
    """Every file that follows from the ontology: its path in a checkout, and its text."""
    return {
        "kgtool/schema.py": schema_module(schema),
        "ontology/context.jsonld": context(schema),
        "docs/schema.md": schema_page(schema),
    }


if __name__ == "__main__":
    main()
