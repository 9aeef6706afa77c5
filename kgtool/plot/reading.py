"""What pictures need of the graph: nodes with their details, lines with their evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from kgtool import vocab
from kgtool.analysis.reader import Reader
from kgtool.plot.pictures import Dot, Evidence, Line

STRENGTH = {
    "INTRODUCES": 1.0,
    "EVALUATES_ON": 0.9,
    "TRAINS_ON": 0.9,
    "ADDRESSES": 0.8,
    "USES": 0.8,
    "COMPARES_WITH": 0.6,
    "MENTIONS": 0.2,
    "WROTE": 0.5,
    "IN_CATEGORY": 0.3,
    "LISTED_IN": 0.3,
}
"""How much a relationship ties its ends; relations between entities, which a sentence states, 1."""

COUNTS = "(label(r) <> 'MENTIONS' OR r.role = 'mentions') AND (r.confidence IS NULL OR r.confidence >= $least)"
"""That an edge is drawn: it is sure enough, and no mere shadow of a stronger one."""

_SHOWN = {
    "Paper": ("published", "venue", "category", "arxivId", "doi"),
    "Author": (),
    "Method": ("aliases", "papers"),
    "Dataset": ("aliases", "papers"),
    "Task": ("aliases", "papers"),
    "Category": (),
    "Digest": ("published",),
}


def read_dots(reader: Reader, labels: Mapping[str, str], focus: Collection[str] = ()) -> tuple[Dot, ...]:
    """The nodes of these ids (with their labels), by label and id."""
    found = []
    for label in vocab.LABELS:
        ids = sorted(id_ for id_, of in labels.items() if of == label)
        if not ids:
            continue
        columns = _SHOWN[label]
        name = "n.title" if label == "Paper" else "n.name"
        url = "n.url" if label == "Paper" else "null"
        parts = ", ".join(["n.id", name, url, *(f"n.{column}" for column in columns)])
        for id_, name, url, *values in reader.rows(
            f"MATCH (n:{label}) WHERE n.id IN $ids RETURN {parts} ORDER BY n.id", ids=ids
        ):
            known = zip(columns, values, strict=True)
            details = tuple((column, _text(value)) for column, value in known if value not in (None, "", ()))
            found.append(Dot(id_, label, name or id_, details, web_address(url), id_ in focus))
    return tuple(found)


def _text(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list | tuple) else str(value)


def web_address(url: str | None) -> str | None:
    """The address if a reader may safely follow it: http or https, and no other scheme."""
    return url if url is not None and url.lower().startswith(("http://", "https://")) else None


def read_lines(reader: Reader, ids: Collection[str], min_confidence: float) -> tuple[Line, ...]:
    """All lines between these nodes, by their ends."""
    rows = reader.rows(
        f"MATCH (n)-[r]->(m) WHERE n.id IN $ids AND m.id IN $ids AND n.id <> m.id AND {COUNTS} "
        "RETURN n.id, m.id, label(r), r.paper, r.sentence, r.confidence",
        ids=sorted(ids),
        least=min_confidence,
    )
    titles = read_titles(reader, {row[3] for row in rows if row[3]})
    by_ends: dict[tuple[str, str], list[Evidence]] = {}
    for source, target, type_, paper, sentence, confidence in rows:
        title, url = titles.get(paper, ("", None))
        one = Evidence(paper or "", title, url, type_, sentence, confidence)
        by_ends.setdefault((source, target), []).append(one)
    return tuple(line(*ends, said) for ends, said in sorted(by_ends.items()))


def line(source: str, target: str, said: Iterable[Evidence], number: str = "") -> Line:
    """A line with its evidence in order: the strongest relationship first, then the surest, then by paper."""
    evidence = sorted(
        said,
        key=lambda one: (-STRENGTH.get(one.relationship, 1.0), one.relationship, -(one.confidence or 0), one.paper),
    )
    types = tuple(dict.fromkeys(one.relationship for one in evidence))
    return Line(source, target, types, tuple(evidence), len({one.paper for one in evidence}), number)


def read_titles(reader: Reader, ids: Collection[str]) -> dict[str, tuple[str, str | None]]:
    """Title and address (if a reader may follow it) of papers."""
    if not ids:
        return {}
    rows = reader.rows("MATCH (p:Paper) WHERE p.id IN $ids RETURN p.id, p.title, p.url", ids=sorted(ids))
    return {id_: (title, web_address(url)) for id_, title, url in rows}
