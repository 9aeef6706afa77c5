"""What a user means by a name: the one node with that id, name, alias or address."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kgtool import ids, vocab
from kgtool.analysis.reader import Reader
from kgtool.errors import InputError, NothingFound
from kgtool.stores.protocol import Parameter

Names = str | Sequence[str]
"""One name or several."""

_LISTED = 20
_SUGGESTED = 5
_COMPARED = 50_000
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Named:
    """A node of the graph; `name` is a paper's title."""

    id: str
    label: str
    name: str


def find_node(reader: Reader, name: str, labels: Sequence[str] = vocab.LABELS) -> Named:
    """The node among those of `labels` that `name` is the id, the name, an alias or the title of, in any case.

    A paper goes by its arXiv id, DOI or address as well; an id that was once given leads to what it became. Where
    nothing has just this name, one that differs in hyphens, accents or dots counts. Raises `InputError`
    with the candidates where it fits several nodes, `NothingFound` with names close to it where none.
    """
    text = ids.fold(name)
    if not text:
        raise InputError(f"an empty name; expected the name or the id of {_any_of(labels)}")
    fitting = _fitting(reader, text, labels)
    if not fitting:
        raise NothingFound(_nothing(reader, text, labels))
    if len(fitting) > 1:
        raise InputError(_ambiguous(text, fitting))
    id_, label, found, *_ = fitting[0]
    return Named(id_, label, found)


def find_nodes(reader: Reader, names: Names, label: str) -> tuple[Named, ...]:
    """The node of each name, all of one label; a single text is one name."""
    return tuple(find_node(reader, name, (label,)) for name in ([names] if isinstance(names, str) else names))


def _fitting(reader: Reader, text: str, labels: Sequence[str]) -> list[tuple[Any, ...]]:
    """Rows (id, label, name, papers, whether the address fits, whether a name fits): those that fit best."""
    columns = {column.name for label in labels for column in vocab.NODES[label].columns}
    names = ["toLower(n.id) = toLower($text)"]
    names += [f"toLower(n.{column}) = toLower($text)" for column in ("name", "title") if column in columns]
    if "aliases" in columns:
        names.append(reader.among("$text", "n.aliases"))
    called = f"coalesce({' OR '.join(names[1:])}, false)"
    parameters: dict[str, Parameter] = {
        "text": text,
        "moved": reader.redirects().get(text, ""),
        "likely": _likely_ids(text),
    }
    addresses = ["n.id = $moved"]
    if "Paper" in labels:
        addresses += ["n.arxivId = $arxiv", "n.doi = $doi", "n.url = $text"]
        parameters |= {"arxiv": ids.find_arxiv_id(text) or "", "doi": ids.find_doi(text) or ""}
    title = f"coalesce({', '.join(f'n.{column}' for column in ('name', 'title') if column in columns)}, n.id)"
    papers = "n.papers" if "papers" in columns else "null"
    rows = reader.rows(
        f"MATCH (n:{'|'.join(labels)}) WHERE {' OR '.join((*names, *addresses))} OR n.id IN $likely "
        f"RETURN n.id, {reader.label('n')}, {title}, {papers}, "
        f"coalesce({' OR '.join(addresses)}, false), {called} ORDER BY n.id",
        **parameters,
    )
    ranks = (
        [row for row in rows if row[0] == text],
        [row for row in rows if row[0].lower() == text.lower()],
        [row for row in rows if row[4]],
        [row for row in rows if row[5]],
        list(rows),
    )
    return next((rank for rank in ranks if rank), [])


def _likely_ids(text: str) -> list[str]:
    """The ids that a node with this name would be given."""
    entities = [ids.entity_id(type_, text) for type_ in vocab.ENTITY_TYPES]
    paper = ids.paper_id(text, ids.find_arxiv_id(text), ids.find_doi(text))
    return [*entities, paper, ids.author_id(text), ids.category_id(text), f"digest:{ids.slug(text)}"]


def _ambiguous(text: str, fitting: Sequence[tuple[Any, ...]]) -> str:
    lines = [f"{text}: {len(fitting)} have this name; say which by its id:"]
    lines += [
        f"  {id_}  {label}, {name}" + ("" if papers is None else f", papers: {papers}")
        for id_, label, name, papers, *_ in fitting[:_LISTED]
    ]
    if len(fitting) > _LISTED:
        lines.append(f"  … and {len(fitting) - _LISTED} more")
    return "\n".join(lines)


def _nothing(reader: Reader, text: str, labels: Sequence[str]) -> str:
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    close = _close_names(reader, text, labels)
    hint = f"; close to it: {', '.join(close)}" if close else ""
    return f"{shown}: no {_any_of(labels)} of this name in the graph{hint}"


def _any_of(labels: Sequence[str]) -> str:
    if len(labels) == len(vocab.LABELS):
        return "node"
    *first, last = (label.lower() for label in labels)
    return f"{', '.join(first)} or {last}" if first else last


def _close_names(reader: Reader, text: str, labels: Sequence[str]) -> list[str]:
    """Names that begin with the text or are spelt much like it, with their ids, the closest first."""
    if len(text) > _LONGEST:
        return []
    wanted = text.lower()
    known: dict[str, str] = {}
    for label in labels:
        title = "n.title" if label == "Paper" else "n.name"
        # To compare two texts takes time quadratic in their lengths.
        rows = reader.rows(
            f"MATCH (n:{label}) WHERE size({title}) <= $longest RETURN {title}, n.id ORDER BY n.id LIMIT {_COMPARED}",
            longest=_LONGEST,
        )
        for name, id_ in rows:
            known.setdefault(name.lower(), f"{name} ({id_})")
    longer = sorted((name for name in known if name.startswith(wanted)), key=lambda name: (len(name), name))
    alike = difflib.get_close_matches(wanted, sorted(known), n=_SUGGESTED, cutoff=0.7)
    return [known[name] for name in dict.fromkeys((*alike, *longer))][:_SUGGESTED]
