"""Digest files in, an up-to-date knowledge graph out: the only place that chains the stages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kgtool.digests import DigestFile
from kgtool.errors import InputError
from kgtool.ids import slug
from kgtool.records import Digest, Extraction, Paper, Problem
from kgtool.resolve import redirects, resolve
from kgtool.stores import locks, views
from kgtool.stores.corpus import FILE_NAME, Corpus

_BATCH = 64


class Extractor(Protocol):
    """What reads papers."""

    @property
    def name(self) -> str:
        """Its name and version, as in ``kgtool-0.1.0-default-1``."""
        ...

    def __call__(self, papers: Iterable[Paper]) -> Iterator[Extraction]:
        """One extraction for each paper, in their order; offsets count in `Paper.text`."""
        ...


Progress = Callable[[int, int], None]
"""Is told how many papers of how many are extracted."""


@dataclass(frozen=True, slots=True)
class DigestReport:
    """What became of one digest: `status` is ``new``, ``unchanged``, ``removed`` or ``unreadable``."""

    digest: str
    format: str
    papers: int
    status: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: its digests, how much of the graph is new, and what could not be read."""

    digests: tuple[DigestReport, ...]
    extracted: int
    nodes: dict[str, int]
    new_nodes: dict[str, int]
    statements: dict[str, int]
    problems: tuple[Problem, ...]

    @property
    def damaged(self) -> bool:
        """Whether anything could not be read as it should."""
        return any(problem.fatal for problem in self.problems)


def build(
    kg: Path, files: Iterable[DigestFile], extractor: Extractor, progress: Progress = lambda done, of: None
) -> BuildReport:
    """Bring the knowledge graph in the folder `kg` up to date with the digests, and return what is new.

    Digests that were read before are passed over, papers that this extractor has read before are not read again. A
    digest that is damaged is kept as far as it can be read. Raises `StoreError` where the folder cannot be written
    or another process builds in it.
    """
    read = list(files)
    problems = tuple(problem for file in read for problem in file.problems)
    if not any(map(_usable, read)) and not (kg / FILE_NAME).exists():
        reports = tuple(_report(file, "unreadable") for file in read)
        return BuildReport(reports, 0, {}, {}, {}, problems)
    with _writing(kg) as corpus:
        known = {digest.content_hash: digest for digest in corpus.digests()}
        chosen, statuses = _choose(read, known)
        renamed = [known[content_hash] for content_hash in chosen if content_hash in known]
        added = [(file.digest, file.listed) for file in chosen.values()]
        extracted, before = _change(corpus, added, renamed, extractor, progress)
        report = BuildReport(
            tuple(map(_report, read, statuses)),
            extracted,
            corpus.count_nodes(),
            _difference(corpus.count_nodes(), before),
            corpus.count_statements(),
            problems,
        )
    views.refresh(kg)
    return report


def remove(
    kg: Path, names: Sequence[str], extractor: Extractor, progress: Progress = lambda done, of: None
) -> BuildReport:
    """Take digests out of the graph: each by its id, its stem, a piece of its content hash, or its file.

    Raises `InputError` where a name fits none or several; nothing is removed then.
    """
    with Corpus.open(kg):
        pass  # where there is no graph, none is made
    with _writing(kg) as corpus:
        known = corpus.digests()
        removed = tuple(dict.fromkeys(_find(name, known) for name in names))
        papers = {digest: len(corpus.papers_of(digest)) for digest in removed}
        extracted, before = _change(corpus, (), removed, extractor, progress)
        report = BuildReport(
            tuple(DigestReport(digest.stem, digest.format, papers[digest], "removed") for digest in removed),
            extracted,
            corpus.count_nodes(),
            _difference(corpus.count_nodes(), before),
            corpus.count_statements(),
            (),
        )
    views.refresh(kg)
    return report


def _usable(file: DigestFile) -> bool:
    return bool(file.papers) or not file.damaged


def _report(file: DigestFile, status: str) -> DigestReport:
    return DigestReport(file.digest.stem, file.digest.format, len(file.papers), status)


def _choose(files: Sequence[DigestFile], known: Mapping[str, Digest]) -> tuple[dict[str, DigestFile], list[str]]:
    """The files to be taken in, by content, and the status of each file.

    Of one content under several names the first name in order counts, whichever comes first: so the order of the
    files does not matter.
    """
    chosen: dict[str, DigestFile] = {}
    statuses = []
    for file in files:
        content_hash = file.digest.content_hash
        if not _usable(file):
            statuses.append("unreadable")
            continue
        other = chosen[content_hash].digest if content_hash in chosen else known.get(content_hash)
        statuses.append("unchanged" if other else "new")
        if other is None or file.digest.stem < other.stem:
            chosen[content_hash] = file
    return chosen, statuses


@contextmanager
def _writing(kg: Path) -> Iterator[Corpus]:
    with Corpus.create_or_open(kg) as corpus, locks.exclusive(kg / "lock", 0.5, "is building this graph"):
        yield corpus


def _change(
    corpus: Corpus,
    added: Sequence[tuple[Digest, Sequence[Paper]]],
    removed: Sequence[Digest],
    extractor: Extractor,
    progress: Progress,
) -> tuple[int, dict[str, int]]:
    """Extract what is missing, resolve, store; the number of papers extracted and the node counts of before."""
    before = corpus.count_nodes()
    if not added and not removed and corpus.extractor() in (None, extractor.name):
        return 0, before
    kept = [(digest, corpus.papers_of(digest)) for digest in corpus.digests() if digest not in removed]
    digests = [*kept, *added]
    todo = corpus.not_extracted(extractor.name, (paper for _, papers in digests for paper in papers))
    _extract(corpus, todo, extractor, progress)
    graph = resolve(digests, lambda paper: corpus.extraction(extractor.name, paper), extractor.name)
    moved = redirects(corpus.nodes(), graph)
    corpus.replace_state(added, removed, (graph.nodes, graph.statements), moved, extractor.name)
    return len(todo), before


def _extract(corpus: Corpus, papers: Sequence[Paper], extractor: Extractor, progress: Progress) -> None:
    """Every so many are kept at once, so that an interrupted build goes on where it was."""
    found = []
    for done, (paper, extraction) in enumerate(zip(papers, extractor(papers), strict=True), 1):
        found.append((paper, extraction))
        progress(done, len(papers))
        if len(found) == _BATCH or done == len(papers):
            corpus.add_extractions(extractor.name, found)
            found = []


def _difference(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    names = sorted(now.keys() | before.keys())
    return {name: now.get(name, 0) - before.get(name, 0) for name in names}


def _find(name: str, known: Sequence[Digest]) -> Digest:
    path = Path(name)
    if path.is_file():
        with path.open("rb") as file:
            fitting = [d for d in known if d.content_hash == hashlib.file_digest(file, "sha256").hexdigest()]
    else:
        wanted = name.removeprefix("digest:")
        fitting = [d for d in known if d.stem == wanted or slug(d.stem) == wanted]
        fitting = fitting or [d for d in known if len(wanted) >= 4 and d.content_hash.startswith(wanted)]
        fitting = fitting or [
            d
            for d in known
            if wanted.startswith(f"{slug(d.stem)}-") and d.content_hash.startswith(wanted.rpartition("-")[2])
        ]
    if not fitting:
        names = ", ".join(d.stem for d in known[:10]) or "none"
        raise InputError(f"{name}: no such digest in this graph; it holds: {names}")
    if len(fitting) > 1:
        hashes = ", ".join(d.content_hash[:12] for d in fitting)
        raise InputError(f"{name}: {len(fitting)} digests have this name; say which by its hash: {hashes}")
    return fitting[0]
