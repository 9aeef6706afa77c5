"""Papers by what they do: by their entities, roles, authors, categories, digests and dates."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import TypedDict, Unpack

from kgtool import vocab
from kgtool.analysis.naming import Names, find_nodes
from kgtool.analysis.reader import Graph, Reader, read
from kgtool.analysis.references import Reference
from kgtool.errors import InputError
from kgtool.records import MIN_CONFIDENCE, Table
from kgtool.stores.protocol import Parameter

COLUMNS = ("id", "title", "authors", "published", "url")

_DATE = re.compile(r"\d{4}(?:-\d\d){0,2}", re.ASCII)
_EDGES = {
    "Author": "(p)<-[:WROTE]-",
    "Category": "(p)-[:IN_CATEGORY]->",
    "Digest": "(p)-[:LISTED_IN]->",
}


class PaperFilters(TypedDict, total=False):
    """What papers can be chosen by; all of it has to hold, of several names each."""

    method: Names
    dataset: Names
    task: Names
    author: Names
    category: Names
    digest: Names
    role: str | None
    """The role that the named entities have, those that can have it; without names, that any entity has."""
    since: str | None
    """``2026``, ``2026-02`` or ``2026-02-17``: papers of this time or later, by what is known of their date."""
    until: str | None
    undated: bool
    """Whether papers of unknown date are within `since` and `until`."""
    min_confidence: float
    """Edges between papers and entities that are less sure do not count."""
    limit: int | None


def papers(kg: Graph, **filters: Unpack[PaperFilters]) -> Table:
    """The papers that fit all `filters`, the latest first, then by id: `id, title, authors, published, url`.

    Names are names, aliases or ids. A paper of which only the month is known is within a day of that month, whichever
    it is. Raises `InputError` for an ambiguous name, an unknown role or what is no date, `NothingFound` for a name that
    nothing has.
    """
    return as_table(references(kg, **filters))


def as_table(found: Sequence[Reference]) -> Table:
    """Papers as rows: `id, title, authors, published, url`."""
    return Table(COLUMNS, tuple((each.id, each.title, each.authors, each.published, each.url) for each in found))


def references(kg: Graph, **filters: Unpack[PaperFilters]) -> tuple[Reference, ...]:
    """The papers that fit all `filters`, as `papers` chooses and orders them, with what is cited of them."""
    role = filters.get("role")
    if role is not None and role not in vocab.ROLES:
        raise InputError(f"{role}: no role; expected one of {', '.join(vocab.ROLES)}")
    since, until = (None if not text else checked_date(text) for text in (filters.get("since"), filters.get("until")))
    least = filters.get("min_confidence", MIN_CONFIDENCE)

    def choose(reader: Reader) -> tuple[Reference, ...]:
        pattern, parameters = _pattern(reader, _names(filters), role, least)
        columns = "p.id, p.title, p.published, p.url, p.arxivId, p.doi, p.venue"
        rows = reader.rows(f"{pattern} RETURN DISTINCT {columns}", **parameters)
        found = [row for row in rows if within(row[2], since, until, filters.get("undated", False))]
        found.sort(key=lambda row: row[0])
        found.sort(key=lambda row: row[2] or "", reverse=True)
        found = found[: filters.get("limit")]
        authors = _authors(reader, [row[0] for row in found])
        return tuple(Reference(id_, title, authors.get(id_, ()), *rest) for id_, title, *rest in found)

    return read(kg, choose)


def _names(filters: PaperFilters) -> dict[str, Names]:
    return {
        "Method": filters.get("method", ()),
        "Dataset": filters.get("dataset", ()),
        "Task": filters.get("task", ()),
        "Author": filters.get("author", ()),
        "Category": filters.get("category", ()),
        "Digest": filters.get("digest", ()),
    }


def _pattern(
    reader: Reader, names: dict[str, Names], role: str | None, least: float
) -> tuple[str, dict[str, Parameter]]:
    """What matches the papers p, in Cypher, and the values of its parameters."""
    ids = {label: [node.id for node in find_nodes(reader, named, label)] for label, named in names.items()}
    matches = ["MATCH (p:Paper)"]
    parameters: dict[str, Parameter] = {}
    for label, edge in _EDGES.items():
        for number, id_ in enumerate(ids[label]):
            matches.append(f"MATCH {edge}(:{label} {{id: ${label}{number}}})")
            parameters[f"{label}{number}"] = id_
    entities = [(label, id_) for label in vocab.ENTITY_TYPES for id_ in ids[label]]
    if role is not None and not any(label in vocab.ROLE_TYPES[role] for label, _ in entities):
        if entities:
            kinds = " or ".join(vocab.ROLE_TYPES[role]).lower()
            raise InputError(f"{role}: a role of a {kinds}, not of a {entities[0][0].lower()}")
        matches.append(f"MATCH (p)-[edge:{_edge_type(role)}]->() WHERE {_holds('edge', role)}")
        parameters["least"] = least
    for number, (label, id_) in enumerate(entities):
        held = role if role is not None and label in vocab.ROLE_TYPES[role] else None
        edge = f"edge{number}"
        matches.append(f"MATCH (p)-[{edge}:{_edge_type(held)}]->(:{label} {{id: $id{number}}})")
        matches.append(f"WHERE {_holds(edge, held)}")
        parameters |= {f"id{number}": id_, "least": least}
    return " ".join(matches), parameters


def _edge_type(role: str | None) -> str:
    return vocab.relationship_type(vocab.ROLES[role or "mentions"])


def _holds(edge: str, role: str | None) -> str:
    """That the edge is sure enough; the role `mentions` is that of what is only mentioned."""
    only = f" AND {edge}.role = 'mentions'" if role == "mentions" else ""
    return f"{edge}.confidence >= $least{only}"


def _authors(reader: Reader, papers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The names of each paper's authors, in their order."""
    if not papers:
        return {}
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for id_, position, name in reader.rows(
        "UNWIND $papers AS id MATCH (author:Author)-[wrote:WROTE]->(p:Paper {id: id}) "
        "RETURN p.id, wrote.position, author.name",
        papers=list(papers),
    ):
        found[id_].append((position, name))
    return {id_: tuple(name for _, name in sorted(authors)) for id_, authors in found.items()}


def checked_date(text: str) -> str:
    """The text, where it is a date as ISO 8601 has it, or the beginning of one. Raises `InputError`."""
    try:
        if _DATE.fullmatch(text):
            date.fromisoformat(text + "-01-01"[len(text) - 4 :])
            return text
    except ValueError:
        pass
    raise InputError(f"{text}: no date; expected one like 2026, 2026-02 or 2026-02-17")


def within(published: str | None, since: str | None, until: str | None, undated: bool) -> bool:
    """Whether a date may lie between two others, compared as far as both are known."""
    if since is None and until is None:
        return True
    if published is None:
        return undated
    after = since is None or published[: len(since)] >= since[: len(published)]
    return after and (until is None or published[: len(until)] <= until[: len(published)])
