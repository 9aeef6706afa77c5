"""Everything about one node, with its evidence, as sections of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from itertools import groupby, islice
from typing import Any

from kgtool import vocab
from kgtool.analysis.naming import Named, find_node
from kgtool.analysis.reader import SUPPORTING, Graph, Reader, read, role_types
from kgtool.records import MIN_CONFIDENCE, Table

BY_ROLE = {
    "introduces": "introduced by",
    "uses": "used by",
    "compares-with": "compared with by",
    "evaluates-on": "evaluated on by",
    "trains-on": "trained on by",
    "addresses": "addressed by",
    "mentions": "only mentioned by",
}
"""Role to the section of the papers that an entity has it in."""

_ROLE_OF = {vocab.relationship_type(name): role for role, name in vocab.ROLES.items()}
_ROLES = "|".join(_ROLE_OF)
_RELATIONS = "|".join(map(vocab.relationship_type, vocab.RELATION_NAMES.values()))
_COUNTED = (("Method", "methods"), ("Dataset", "datasets"), ("Task", "tasks"))


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a section: the node `id`, what relates it to the node that is shown, and the evidence.

    In the section ``about`` the relationship is a property and the name its value; in ``relations`` it goes from
    `id` to `target`; where nodes are counted, `papers` says in how many papers both are.
    """

    section: str
    id: str
    name: str
    relationship: str | None = None
    target: str | None = None
    target_name: str | None = None
    papers: int | None = None
    published: str | None = None
    confidence: float | None = None
    sentence: str | None = None
    paper: str | None = None


COLUMNS = tuple(field.name for field in fields(Item))


def show(kg: Graph, name: str, *, min_confidence: float = MIN_CONFIDENCE, limit: int | None = None) -> Table:
    """Everything about the node that `name` names, as rows of sections; the columns are the fields of `Item`.

    A paper: ``about``, ``authors``, ``categories``, ``digests``, a section for each role with the entities that have
    it, ``relations`` that it states. A method, dataset or task: ``about``, a section for each role with the papers
    (`BY_ROLE`), the ``methods``, ``datasets`` and ``tasks`` of the papers where both have a role that counts (as in
    `matrix`), ``relations``. An author: ``about``, ``papers``, ``co-authors``, and as topics ``methods``, ``datasets``
    and ``tasks``. A category or digest: ``about``, ``papers``.

    `limit` is the number of rows of each section but the first, edges under `min_confidence` are left out. Raises
    `InputError` where `name` fits several nodes, `NothingFound` where it fits none.
    """

    def find(reader: Reader) -> tuple[Item, ...]:
        node = find_node(reader, name)
        items = _KINDS[node.label](_Shown(reader, node, min_confidence))
        sections = groupby(items, lambda item: item.section)
        return tuple(
            item for title, section in sections for item in islice(section, None if title == "about" else limit)
        )

    return Table(COLUMNS, tuple(astuple(item) for item in read(kg, find)))


@dataclass(frozen=True, slots=True)
class _Shown:
    reader: Reader
    node: Named
    least: float

    def rows(self, query: str) -> tuple[tuple[Any, ...], ...]:
        least = {"least": self.least} if "$least" in query else {}
        return self.reader.rows(query, id=self.node.id, **least)

    def about(self, more: Iterable[tuple[str, object]] = ()) -> Iterator[Item]:
        columns = [column.name for column in vocab.NODES[self.node.label].columns if column.name != "id"]
        names = ", ".join(f"n.{column}" for column in columns)
        ((*values,),) = self.rows(f"MATCH (n:{self.node.label} {{id: $id}}) RETURN {names}")
        for property_, value in (("id", self.node.id), *zip(columns, values, strict=True), *more):
            for one in value if isinstance(value, tuple) else (value,):
                if one is not None:
                    yield Item("about", self.node.id, str(one), property_)


def _paper(shown: _Shown) -> Iterator[Item]:
    paper = shown.node.id
    yield from shown.about()
    for id_, name in shown.rows(
        "MATCH (:Paper {id: $id})<-[r:WROTE]-(n:Author) RETURN n.id, n.name ORDER BY r.position, n.id"
    ):
        yield Item("authors", id_, name, "WROTE", paper=paper)
    for section, label, type_ in (("categories", "Category", "IN_CATEGORY"), ("digests", "Digest", "LISTED_IN")):
        for id_, name in shown.rows(
            f"MATCH (:Paper {{id: $id}})-[:{type_}]->(n:{label}) RETURN n.id, n.name ORDER BY n.id"
        ):
            yield Item(section, id_, name, type_, paper=paper)
    edges = shown.rows(
        f"MATCH (:Paper {{id: $id}})-[r:{_ROLES}]->(n) WHERE r.confidence >= $least "
        "AND (type(r) <> 'MENTIONS' OR r.role = 'mentions') "
        "RETURN type(r), n.id, n.name, r.confidence, r.sentence ORDER BY r.charStart, n.id"
    )
    for type_, role in _ROLE_OF.items():
        for found, id_, name, confidence, sentence in edges:
            if found == type_:
                yield Item(role, id_, name, role, confidence=confidence, sentence=sentence, paper=paper)
    yield from _relations(shown, "r.paper = $id")


def _entity(shown: _Shown) -> Iterator[Item]:
    label = shown.node.label
    edges = shown.rows(
        f"MATCH (p:Paper)-[r:{_ROLES}]->(:{label} {{id: $id}}) WHERE r.confidence >= $least "
        "AND (type(r) <> 'MENTIONS' OR r.role = 'mentions') "
        "RETURN type(r), p.id, p.title, p.published, r.confidence, r.sentence ORDER BY p.id"
    )
    edges = tuple(sorted(edges, key=lambda edge: edge[3] or "", reverse=True))
    yield from shown.about(_span(published for _, _, _, published, _, _ in edges))
    for type_, role in _ROLE_OF.items():
        for found, id_, title, published, confidence, sentence in edges:
            if found == type_:
                yield Item(
                    BY_ROLE[role],
                    id_,
                    title,
                    role,
                    published=published,
                    confidence=confidence,
                    sentence=sentence,
                    paper=id_,
                )
    for other, section in _COUNTED:
        yield from _counted(
            shown,
            section,
            f"(a:{label} {{id: $id}})<-[r:{role_types(SUPPORTING[label])}]-(p:Paper)"
            f"-[s:{role_types(SUPPORTING[other])}]->(n:{other}) "
            "WHERE n.id <> $id AND r.confidence >= $least AND s.confidence >= $least",
        )
    yield from _relations(shown, "(x.id = $id OR y.id = $id)")


def _author(shown: _Shown) -> Iterator[Item]:
    papers = list(_papers(shown, "(:Author {id: $id})-[:WROTE]->(p:Paper)", "WROTE"))
    yield from shown.about((("papers", len(papers)), *_span(item.published for item in papers)))
    yield from papers
    together = "(:Author {id: $id})-[:WROTE]->(p:Paper)<-[:WROTE]-(n:Author) WHERE n.id <> $id"
    yield from _counted(shown, "co-authors", together)
    for other, section in _COUNTED:
        yield from _counted(
            shown,
            section,
            f"(:Author {{id: $id}})-[:WROTE]->(p:Paper)-[s:{role_types(SUPPORTING[other])}]->(n:{other}) "
            "WHERE s.confidence >= $least",
        )


def _collection(shown: _Shown) -> Iterator[Item]:
    type_ = {"Category": "IN_CATEGORY", "Digest": "LISTED_IN"}[shown.node.label]
    papers = list(_papers(shown, f"(p:Paper)-[:{type_}]->(:{shown.node.label} {{id: $id}})", type_))
    yield from shown.about([("papers", len(papers))])
    yield from papers


_KINDS: dict[str, Callable[[_Shown], Iterator[Item]]] = {
    "Paper": _paper,
    "Author": _author,
    **dict.fromkeys(vocab.ENTITY_TYPES, _entity),
    **dict.fromkeys(("Category", "Digest"), _collection),
}


def _papers(shown: _Shown, pattern: str, relationship: str) -> Iterator[Item]:
    """The papers p of a pattern, the latest first."""
    rows = shown.rows(f"MATCH {pattern} RETURN DISTINCT p.id, p.title, p.published ORDER BY p.id")
    for id_, title, published in sorted(rows, key=lambda row: row[2] or "", reverse=True):
        yield Item("papers", id_, title, relationship, published=published, paper=id_)


def _counted(shown: _Shown, section: str, pattern: str) -> Iterator[Item]:
    """The nodes n of a pattern by the number of their papers p, the most first."""
    rows = shown.rows(f"MATCH {pattern} RETURN n.id, n.name, count(DISTINCT p.id)")
    for id_, name, papers in sorted(rows, key=lambda row: (-row[2], row[1].casefold(), row[0])):
        yield Item(section, id_, name, papers=papers)


def _relations(shown: _Shown, condition: str) -> Iterator[Item]:
    """The relations between entities that fulfil a condition, by relationship, ends and paper."""
    rows = shown.rows(
        f"MATCH (x)-[r:{_RELATIONS}]->(y) WHERE {condition} AND r.confidence >= $least "
        "RETURN type(r), x.id, x.name, y.id, y.name, r.confidence, r.sentence, r.paper"
    )
    for type_, x, x_name, y, y_name, confidence, sentence, paper in sorted(rows, key=lambda row: (*row[:5:2], row[7])):
        yield Item("relations", x, x_name, type_, y, y_name, confidence=confidence, sentence=sentence, paper=paper)


def _span(published: Iterable[str | None]) -> Iterator[tuple[str, object]]:
    """The first and the latest date of those that are known."""
    known = sorted(date for date in published if date)
    if known:
        yield from (("first", known[0]), ("latest", known[-1]))
