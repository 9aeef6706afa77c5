"""Papers as the programs that keep references take them: BibTeX, RIS and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from kgtool.ids import fold, strip_accents, title_key

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BIBTEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "$&%#_"},
}
_MARKDOWN = re.compile(r"([\\`*_\[\]{}<>#|~$!&])")
_SMALL_WORDS = frozenset(
    ["a", "an", "and", "are", "can", "do", "does", "for", "from", "how", "in", "is", "of", "on", "or"]
)
_SMALL_WORDS |= {"the", "to", "toward", "towards", "what", "when", "why", "with"}


@dataclass(frozen=True, slots=True)
class Reference:
    """What is cited of a paper; `authors` in their order, `published` as exact as known."""

    id: str
    title: str
    authors: tuple[str, ...] = ()
    published: str | None = None
    url: str | None = None
    arxiv_id: str | None = None
    doi: str | None = None
    venue: str | None = None


def to_bibtex(references: Iterable[Reference]) -> str:
    """One ``@misc`` for each, which holds for every kind of paper, with keys that are distinct within the list.

    Everything is written as it stands: signs that TeX would obey are escaped, and titles keep their case.
    """
    entries = []
    taken: set[str] = set()
    for reference in references:
        key = _key(reference)
        count = 1
        while key in taken:
            count += 1
            key = f"{_key(reference)}-{count}"
        taken.add(key)
        fields = "".join(f"  {name} = {value},\n" for name, value in _bibtex_fields(reference))
        entries.append(f"@misc{{{key},\n{fields}}}\n")
    return "\n".join(entries)


def _bibtex_fields(reference: Reference) -> Iterator[tuple[str, str]]:
    yield "title", f"{{{{{_tex(reference.title)}}}}}"
    if reference.authors:
        yield "author", f"{{{' and '.join(map(_tex_name, reference.authors))}}}"
    year, month, _ = _date(reference.published)
    if year:
        yield "year", f"{{{year}}}"
    if month:
        yield "month", _MONTHS[int(month) - 1]
    if reference.venue:
        yield "howpublished", f"{{{_tex(reference.venue)}}}"
    if reference.arxiv_id:
        yield "eprint", f"{{{_address(reference.arxiv_id)}}}"
        yield "archiveprefix", "{arXiv}"
    if reference.doi:
        yield "doi", f"{{{_address(reference.doi)}}}"
    if reference.url:
        yield "url", f"{{{_address(reference.url)}}}"


def to_ris(references: Iterable[Reference]) -> str:
    """One record for each, as the RIS format has it: a tag, two blanks, a hyphen, a blank and the value.

    What has no venue is of the type unpublished work (``UNPB``), the rest is generic (``GEN``).
    """
    return "\n".join("".join(f"{tag}  - {value}\n" for tag, value in _ris_fields(each)) for each in references)


def _ris_fields(reference: Reference) -> Iterator[tuple[str, str]]:
    yield "TY", "GEN" if reference.venue else "UNPB"
    yield "ID", _line(reference.id)
    yield "TI", _line(reference.title)
    for author in reference.authors:
        *first, last = _line(author).split() or [""]
        yield "AU", _line(author) if "," in author or not first else f"{last}, {' '.join(first)}"
    year, month, day = _date(reference.published)
    if year:
        yield "PY", year
    if month:
        yield "DA", f"{year}/{month}/{day}"
    if reference.venue:
        yield "T2", _line(reference.venue)
    if reference.doi:
        yield "DO", _line(reference.doi)
    if reference.url:
        yield "UR", _address(reference.url)
    yield "ER", ""


def to_markdown(references: Iterable[Reference]) -> str:
    """One item of a list for each: the title, linked where there is a web address, the authors, the date, the venue."""
    return "".join(f"- {' '.join(map(_ended, _markdown_parts(reference)))}\n" for reference in references)


def _ended(part: str) -> str:
    return part if part.endswith((".", "?", "!")) else f"{part}."


def _markdown_parts(reference: Reference) -> Iterator[str]:
    title = _marked(reference.title)
    linked = reference.url and re.match(r"https?://", reference.url)
    yield f"[{title}](<{_address(str(reference.url))}>)" if linked else title
    if reference.authors:
        yield ", ".join(map(_marked, reference.authors))
    for value in (reference.published, reference.venue):
        if value:
            yield _marked(value)


def _date(published: str | None) -> tuple[str, str, str]:
    """Year, month and day, empty where they are not known."""
    found = re.match(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(\d\d))?)?", published or "", re.ASCII)
    year, month, day = found.groups("") if found else ("", "", "")
    return year, month, day


def _line(text: str) -> str:
    """The text on one line, without characters that nobody sees."""
    return "".join(char for char in fold(text) if char.isprintable())


def _tex(text: str) -> str:
    return "".join(_BIBTEX.get(char, char) for char in _line(text))


def _tex_name(name: str) -> str:
    """A name; in braces where BibTeX would read more than one name or its parts the wrong way round."""
    special = re.search(r"[,{}\\]|\band\b|\bothers\b", name, re.I)
    return f"{{{_tex(name)}}}" if special else _tex(name)


def _address(text: str) -> str:
    """An address or identifier: what may not stand in one is percent-encoded."""
    return quote(_line(text), safe="%:/?#[]@!$&'()*+,;=~-._")


def _marked(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", _line(text))


def _key(reference: Reference) -> str:
    """``example2026graphmend``: the first author's last name, the year and the first word of the title that tells."""
    last = reference.authors[0].split()[-1:] if reference.authors else []
    words = [word for word in title_key(reference.title).split() if word not in _SMALL_WORDS]
    parts = (*(last or ["anonymous"]), _date(reference.published)[0], *words[:1])
    return re.sub(r"[^a-z0-9]", "", strip_accents("".join(parts)).casefold()) or "paper"
