"""kgtool's own JSON Lines: one paper per line, as `kgtool parse` writes them, or other programs."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import TypeVar

from kgtool import ids
from kgtool.digests.fields import Header, Item, Lines
from kgtool.records import Note, Paper, Problem

EXPECTED = 'JSON Lines of papers, like {"id": "…", "title": "…", "abstract": "…"}'

_T = TypeVar("_T")
_LARGEST = 2**63 - 1
_NOTE_KINDS = ("tldr", "motivation", "method", "result", "conclusion")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_DOI_ID = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?10\.", re.I)
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+",
    re.I,
)
"""A well-formed language tag (RFC 5646, 2.1), but for the grandfathered ones."""


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
        except json.JSONDecodeError as error:
            cut = "the line breaks off: " if not raw.endswith("\n") else ""
            reason = f"{error.msg} at character {error.colno}"
            yield Problem("", number, f"{cut}{reason}: expected one JSON object per line")
            continue
        except ValueError:
            yield Problem("", number, f"a number of thousands of digits: expected whole numbers up to {_LARGEST}")
            continue
        try:
            paper = paper_from_json(record)
            _check(paper)
            yield paper
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

    Without an `id` it is made of the arXiv id, the DOI or the title. Where the keys `arxiv_id`, `doi` and `published`
    are absent (not null), they are what the `id` and the arXiv id's month tell. Raises ValueError, which names the
    key, for a value of the wrong type and for half a surrogate pair.
    """
    if not isinstance(record, Mapping):
        raise ValueError(f"{_type_name(record)}: expected a JSON object of a paper's fields")
    title = _get(record, "title", _string)
    if title is None:
        raise ValueError("no key 'title': expected a text")
    given_id = _get(record, "id", _string) or ""
    arxiv_id, doi = _get(record, "arxiv_id", _string), _get(record, "doi", _string)
    if "arxiv_id" not in record:
        arxiv_id = _arxiv_id(given_id)
    if "doi" not in record and _DOI_ID.match(given_id):
        doi = ids.find_doi(given_id)
    published = _get(record, "published", _string)
    if "published" not in record and arxiv_id:
        published = ids.arxiv_month(ids.find_arxiv_id(arxiv_id) or "")
    return Paper(
        id=given_id or ids.paper_id(title, arxiv_id, doi),
        title=title,
        authors=_get(record, "authors", _strings) or (),
        abstract=_get(record, "abstract", _string) or "",
        url=_get(record, "url", _string),
        arxiv_id=arxiv_id,
        doi=doi,
        published=published,
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


def _arxiv_id(id_: str) -> str | None:
    found = ids.find_arxiv_id(id_) if not any(map(str.isspace, id_)) else None
    return found if found and ids.arxiv_month(found) else None


def _check(paper: Paper) -> None:
    """Raise ValueError, which names the key, for a value that no paper has and that a graph could not hold."""
    if not (paper.title.strip() or paper.abstract.strip()):
        raise ValueError("keys 'title' and 'abstract': both empty: expected the text of a paper")
    for key, number, least in (("n_authors", paper.n_authors, 0), ("rank", paper.rank, 1)):
        if number is not None and not least <= number <= _LARGEST:
            raise _wrong(key, number, f"a whole number from {least} to {_LARGEST}")
    if paper.published and not _is_date(paper.published):
        raise _wrong("published", paper.published, "a date as YYYY, YYYY-MM or YYYY-MM-DD")
    if paper.arxiv_id and not ids.find_arxiv_id(paper.arxiv_id):
        raise _wrong("arxiv_id", paper.arxiv_id, "an arXiv identifier such as 2606.01234")
    if paper.doi and not ids.find_doi(paper.doi):
        raise _wrong("doi", paper.doi, "a DOI such as 10.1234/abc")
    for key, name in [("category", paper.category or "-"), *(("categories", name) for name in paper.categories)]:
        if not name.strip() or any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in name):
            raise _wrong(key, name, "a category's name in one line, without control characters")
    for note in paper.notes:
        if note.kind not in _NOTE_KINDS:
            raise _wrong("notes", note.kind, f"notes named {', '.join(_NOTE_KINDS)}")
        if not _LANGUAGE.fullmatch(note.lang):
            raise _wrong("notes", note.lang, f"the language tag of the {note.kind}, such as en or zh-Hans")


def _is_date(text: str) -> bool:
    parts = _DATE.fullmatch(text)
    try:
        return parts is not None and bool(date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1)))
    except ValueError:
        return False


def _wrong(key: str, value: object, expected: str) -> ValueError:
    return ValueError(f"key {key!r}: {value!r:.60}: expected {expected}")


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
            raise ValueError(f'{kind!r:.60}: expected an object like {{"lang": "en", "text": "…"}}')
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
