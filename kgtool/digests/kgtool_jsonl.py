"""kgtool's own JSON Lines: one paper per line, as `kgtool parse` writes them, or other programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from kgtool import ids
from kgtool.digests.fields import Header, Item, Lines
from kgtool.records import Note, Paper, Problem

EXPECTED = 'JSON Lines of papers, like {"id": "…", "title": "…", "abstract": "…"}'

_T = TypeVar("_T")


def sniff(head: str) -> float:
    """Sure where the first line is a JSON object with a title and an abstract; less so where it is a torn one."""
    first = head.lstrip().split("\n", 1)[0]
    if not first.startswith("{"):
        return 0.0
    try:
        record = json.loads(first)
    except (ValueError, RecursionError):
        return 0.4 if '"title"' in first or '"id"' in first else 0.0
    if "title" not in record:
        return 0.0
    return 1.0 if "abstract" in record else 0.4 if not {"summary", "abs"} & set(record) else 0.0


def read(lines: Lines) -> Iterator[Item]:
    """Papers with the ids and texts that the file gives; a line that is no paper is a problem, the rest is read."""
    for number, raw in lines:
        line = raw.strip()
        if not line:
            continue
        try:
            record = json.loads(line)
        except RecursionError:
            yield Problem("", number, "JSON nested too deeply: expected an object of a paper's fields")
            continue
        except ValueError as error:
            cut = "the line breaks off: " if not raw.endswith("\n") else ""
            reason = getattr(error, "msg", str(error))
            at = f" at character {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            yield Problem("", number, f"{cut}{reason}{at}: expected one JSON object per line")
            continue
        try:
            yield paper_from_json(record)
        except ValueError as error:
            yield Problem("", number, str(error))
            continue
        yield Header()


def paper_to_json(paper: Paper) -> dict[str, object]:
    """The paper's fields under the keys of `kgtool parse`, for `json.dumps`."""
    return {
        "id": paper.id,
        "title": paper.title,
        "authors": list(paper.authors),
        "abstract": paper.abstract,
        "url": paper.url,
        "arxiv_id": paper.arxiv_id,
        "doi": paper.doi,
        "published": paper.published,
        "venue": paper.venue,
        "category": paper.category,
        "categories": list(paper.categories),
        "n_authors": paper.n_authors,
        "code_url": paper.code_url,
        "comment": paper.comment,
        "notes": {note.kind: {"lang": note.lang, "text": note.text} for note in paper.notes},
        "digest": paper.digest,
        "rank": paper.rank,
    }


def paper_from_json(record: object) -> Paper:
    """The inverse of `paper_to_json`: texts and ids are kept verbatim, unknown keys ignored, missing ones empty.

    Without an `id` it is made of the arXiv id, the DOI or the title. Raises ValueError, which names the key, for a
    value of the wrong type and for half a surrogate pair.
    """
    if not isinstance(record, Mapping):
        raise ValueError(f"{_type_name(record)}: expected a JSON object of a paper's fields")
    title = _get(record, "title", _string)
    if title is None:
        raise ValueError("no key 'title': expected a text")
    arxiv_id, doi = _get(record, "arxiv_id", _string), _get(record, "doi", _string)
    return Paper(
        id=_get(record, "id", _string) or ids.paper_id(title, arxiv_id, doi),
        title=title,
        authors=_get(record, "authors", _strings) or (),
        abstract=_get(record, "abstract", _string) or "",
        url=_get(record, "url", _string),
        arxiv_id=arxiv_id,
        doi=doi,
        published=_get(record, "published", _string),
        venue=_get(record, "venue", _string),
        category=_get(record, "category", _string),
        categories=_get(record, "categories", _strings) or (),
        n_authors=_get(record, "n_authors", _integer),
        code_url=_get(record, "code_url", _string),
        comment=_get(record, "comment", _string),
        notes=_get(record, "notes", _notes) or (),
        digest=_get(record, "digest", _string) or "",
        rank=_get(record, "rank", _integer),
    )


def _get(record: Mapping[str, object], key: str, convert: Callable[[object], _T]) -> _T | None:
    value = record.get(key)
    if value is None:
        return None
    try:
        return convert(value)
    except ValueError as error:
        raise ValueError(f"key {key!r}: {error}") from error


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{_type_name(value)}: expected a text")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("half a surrogate pair (\\ud800 to \\udfff): expected Unicode text")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{_type_name(value)}: expected a whole number")
    return value


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{_type_name(value)}: expected a list of texts")
    return tuple(_string(item) for item in value)


def _notes(value: object) -> tuple[Note, ...]:
    if not isinstance(value, Mapping):
        raise ValueError(f'{_type_name(value)}: expected an object like {{"tldr": {{"lang": "en", "text": "…"}}}}')
    notes = []
    for kind, entry in value.items():
        if not isinstance(entry, Mapping) or not {"lang", "text"} <= set(entry):
            raise ValueError(f'{kind!r}: expected an object like {{"lang": "en", "text": "…"}}')
        notes.append(Note(_string(kind), _string(entry["lang"]), _string(entry["text"])))
    return tuple(notes)


def _type_name(value: object) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "a truth value",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "null")
