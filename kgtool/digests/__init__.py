"""Digest readers: files with lists of papers in, papers out.

One module per format. Each has

- ``EXPECTED``: what such a file looks like, in a few words, for messages;
- ``sniff(head)``: how sure it is, 0 to 1, that a file whose first characters are `head` is one of its own;
- ``read(lines)``: papers, problems and at most one `Header`, from numbered lines. The readers leave `Paper.digest`,
  `Paper.rank` and `Problem.source` empty; `read_digest` fills them in.

The format is chosen by content, never by the file's name. A package can bring its own under the entry point group
``kgtool.digests``: the entry's name is the format's, its value a module or object with these three.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import entry_points
from itertools import islice
from pathlib import Path
from typing import Protocol, cast

from kgtool.digests import daily_arxiv, hf_markdown, hf_pages, kgtool_jsonl, papers_cool
from kgtool.digests.fields import Header, Item, Lines, find_date
from kgtool.digests.kgtool_jsonl import paper_from_json, paper_to_json
from kgtool.digests.source import Source, TextLines, content_hash, expand_inputs
from kgtool.errors import InputError
from kgtool.records import Digest, Paper, Problem

__all__ = [
    "FORMATS",
    "DigestFile",
    "DigestReader",
    "Header",
    "Source",
    "expand_inputs",
    "formats",
    "paper_from_json",
    "paper_to_json",
    "read_digest",
]

HEAD = 1 << 18
"""Bytes at the beginning of a file that a reader may judge by."""
MAX_PROBLEMS = 20


class DigestReader(Protocol):
    """What a digest format has to offer."""

    @property
    def EXPECTED(self) -> str:  # noqa: N802 - a constant of the modules
        """What such a file looks like, in a few words."""

    def sniff(self, head: str, /) -> float:
        """How sure it is, 0 to 1, that a file that begins like this is of this format."""

    def read(self, lines: Lines, /) -> Iterator[Item]:
        """Papers and problems in the order of the file, and the page's header."""


_OWN: dict[str, DigestReader] = {
    "papers-cool": papers_cool,
    "daily-arxiv": daily_arxiv,
    "hf-markdown": hf_markdown,
    "hf-pages": hf_pages,
    "kgtool-jsonl": kgtool_jsonl,
}
FORMATS = tuple(_OWN)
"""The names of kgtool's own formats."""


@dataclass(frozen=True, slots=True)
class DigestFile:
    """What was read of one digest file."""

    digest: Digest
    papers: tuple[Paper, ...]
    problems: tuple[Problem, ...]

    @property
    def listed(self) -> tuple[Paper, ...]:
        """The papers with one rank each, as a graph lists them: 1 to n where the file joins several digests."""
        several = len({paper.digest for paper in self.papers}) > 1
        if not several and len({paper.rank for paper in self.papers}) == len(self.papers):
            return self.papers
        return tuple(replace(paper, rank=rank) for rank, paper in enumerate(self.papers, 1))

    @property
    def damaged(self) -> bool:
        """Whether something could not be read; what could be is in `papers`."""
        return any(problem.fatal for problem in self.problems)


@cache
def _readers() -> Mapping[str, DigestReader]:
    others = {entry.name: cast(DigestReader, entry.load()) for entry in entry_points(group="kgtool.digests")}
    return others | _OWN


def formats() -> tuple[str, ...]:
    """The names of all formats, those of installed packages behind kgtool's own."""
    return FORMATS + tuple(sorted(set(_readers()) - set(FORMATS)))


def read_digest(source: Source | Path | str, format: str | None = None) -> DigestFile:
    """Read one digest: its papers, with `digest` the file's stem and `rank` 1 to n, and what was wrong with it.

    What the content has wrong comes back as problems, and everything readable is kept. Raises InputError only where
    the file is missing, unreadable or too large, or `format` is not one of `formats()`.
    """
    if not isinstance(source, Source):
        source = Source.of_path(Path(source))
    if format is not None and format not in formats():
        raise InputError(f"unknown digest format {format!r}: expected one of {', '.join(formats())}")
    try:
        with source.open() as stream:
            digest = Digest(content_hash(stream), source.stem, format or "", source.stem, find_date(source.stem))
            with closing(TextLines(stream, source.name)) as lines:
                return _read_lines(digest, lines, source.name)
    except OSError as error:
        raise InputError(f"{source.name}: cannot be read: {error.strerror or error}") from error


def _read_lines(digest: Digest, lines: TextLines, name: str) -> DigestFile:
    head = lines.head(HEAD)
    chosen = digest.format or _recognise(head)
    if chosen is None or not head.strip():
        return DigestFile(digest, (), (_not_recognised(lines, name, bool(head.strip())),))
    reader = _readers()[chosen]
    digest = replace(digest, format=chosen)
    papers: list[Paper] = []
    problems: list[Problem] = []
    header: Header | None = None
    for item in reader.read(iter(lines)):
        if isinstance(item, Paper):
            rank = item.rank if item.rank is not None else len(papers) + 1
            papers.append(replace(item, digest=item.digest or digest.stem, rank=rank))
        elif isinstance(item, Header):
            header = item
        elif not (item.fatal and lines.damage):  # the record that the damage cut is the damage's, not another problem
            problems.append(replace(item, source=name))
    if lines.damage:
        problems.append(lines.damage)
    if header:
        digest = replace(digest, title=header.title or digest.title, published=header.published or digest.published)
    elif not papers and not problems:
        problems.append(Problem(name, 1, f"no paper found: expected {reader.EXPECTED}"))
    return DigestFile(digest, tuple(papers), tuple(_told(problems, len(papers))))


def _recognise(head: str) -> str | None:
    scores = {name: reader.sniff(head) for name, reader in _readers().items()}
    best = max(formats(), key=lambda name: scores[name])
    return best if scores[best] > 0 else None


def _not_recognised(lines: TextLines, name: str, has_text: bool) -> Problem:
    for _ in islice(lines, 1000):
        pass
    if lines.damage:
        return lines.damage
    what = "not a digest that kgtool knows" if has_text else "the file is empty"
    return Problem(name, 1, f"{what}: expected one of these formats: {', '.join(formats())} (see --format)")


def _told(problems: list[Problem], n_papers: int) -> Iterator[Problem]:
    """The problems, at most `MAX_PROBLEMS` of them damages; the last one says what was kept."""
    fatal = [problem for problem in problems if problem.fatal]
    yield from (problem for problem in problems if not problem.fatal)
    if more := fatal[MAX_PROBLEMS:]:
        message = f"this and {len(more) - 1:,} more problems are not listed"
        fatal = [*fatal[:MAX_PROBLEMS], replace(more[0], message=message)]
    yield from fatal[:-1]
    if fatal:
        kept = "no paper could be read"
        if n_papers:
            kept = f"the {n_papers:,} readable {'papers are' if n_papers > 1 else 'paper is'} kept"
        yield replace(fatal[-1], message=f"{fatal[-1].message}; {kept}")
