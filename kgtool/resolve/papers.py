"""One paper: the entries of all digests that are one publication, and what they say together."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from kgtool import ids
from kgtool.records import Note, Paper

_FEWEST_WORDS = 4
"""Titles of fewer words never merge by title alone."""
_MOST_NAMESAKES = 40
"""With more entries of one title than this, none of them is told apart by what else they hold."""
_ARXIV_DOI = "10.48550/arxiv."
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Listing:
    """Where a paper stands: the index of the digest, and the rank in it if that says one."""

    digest: int
    rank: int | None


@dataclass(frozen=True, slots=True)
class MergedPaper:
    """One publication: what all its entries say together, and where it is listed."""

    paper: Paper
    listings: tuple[Listing, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of a digest, and what tells it from others."""

    paper: Paper
    listing: Listing
    arxiv_id: str | None
    doi: str | None
    title: str
    authors: frozenset[tuple[str, str]]
    year: int | None


@dataclass(frozen=True, slots=True)
class _Group:
    """Entries that are one paper for certain, and all that they hold."""

    entries: tuple[_Entry, ...]
    arxiv_ids: frozenset[str]
    dois: frozenset[str]
    titles: frozenset[str]
    authors: frozenset[tuple[str, str]]
    years: frozenset[int]


def merge_papers(digests: Sequence[Sequence[Paper]]) -> tuple[MergedPaper, ...]:
    """The distinct papers of all digests, by id.

    Entries with one arXiv id are one paper; one DOI joins as well, unless that would join two arXiv ids; entries with
    one normalised title of four words or more join where neither side contradicts it: another id of the same kind,
    no author in common, years more than one apart. Nothing joins two sides that contradict each other: an entry that
    fits several papers which are not one stays alone. Nothing depends on the order of digests or entries.
    """
    groups = _by_title(_by_id(_entries(digests)))
    merged = [_merge(group) for group in groups]
    taken = _distinct_ids([paper for paper, _ in merged])
    return tuple(
        sorted(
            (
                MergedPaper(replace(paper, id=id_), listings)
                for (paper, listings), id_ in zip(merged, taken, strict=True)
            ),
            key=lambda one: one.paper.id,
        )
    )


def _entries(digests: Sequence[Sequence[Paper]]) -> list[_Entry]:
    entries = []
    for number, papers in enumerate(digests):
        for paper in papers:
            doi = ids.find_doi(paper.doi) if paper.doi else None
            arxiv_id = ids.find_arxiv_id(paper.arxiv_id) if paper.arxiv_id else None
            if doi and doi.startswith(_ARXIV_DOI):
                arxiv_id = arxiv_id or ids.find_arxiv_id(doi.removeprefix(_ARXIV_DOI))
            date = _date(paper.published) or (ids.arxiv_month(arxiv_id) if arxiv_id else None)
            entries.append(
                _Entry(
                    paper,
                    Listing(number, paper.rank),
                    arxiv_id,
                    doi,
                    ids.title_key(paper.title),
                    frozenset(_surname_and_initial(name) for name in paper.authors if name.strip()),
                    int(date[:4]) if date else None,
                )
            )
    return entries


def _date(published: str | None) -> str | None:
    return published if published and _DATE.fullmatch(published) else None


def _surname_and_initial(name: str) -> tuple[str, str]:
    """What two spellings of one author share: `J. Doe`, `Jane Doe`."""
    words = ids.author_key(name).split() or [name]
    return words[-1], words[0][0]


def _group(entries: Iterable[_Entry]) -> _Group:
    entries = tuple(entries)
    return _Group(
        entries,
        frozenset(entry.arxiv_id for entry in entries if entry.arxiv_id),
        frozenset(entry.doi for entry in entries if entry.doi and not entry.doi.startswith(_ARXIV_DOI)),
        frozenset(entry.title for entry in entries),
        frozenset(author for entry in entries for author in entry.authors),
        frozenset(entry.year for entry in entries if entry.year is not None),
    )


def _by_id(entries: Sequence[_Entry]) -> list[_Group]:
    """Groups by arXiv id, else by DOI; entries without either are grouped with those that hold just the same."""
    arxiv_ids_of: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.doi and entry.arxiv_id:
            arxiv_ids_of[entry.doi].add(entry.arxiv_id)
    groups: dict[tuple[object, ...], list[_Entry]] = defaultdict(list)
    for entry in entries:
        arxiv_id = entry.arxiv_id
        if not arxiv_id and entry.doi and len(arxiv_ids_of[entry.doi]) == 1:
            arxiv_id = next(iter(arxiv_ids_of[entry.doi]))
        if arxiv_id:
            groups["arxiv", arxiv_id].append(entry)
        elif entry.doi:
            groups["doi", entry.doi].append(entry)
        elif len(entry.title.split()) >= _FEWEST_WORDS:
            groups["title", entry.title, entry.authors, entry.year].append(entry)
        else:
            # Too short a title: only an entry that repeats text and authors is the same one.
            groups["text", entry.paper.title, entry.paper.abstract, entry.paper.authors, entry.year].append(entry)
    return [_group(members) for members in groups.values()]


def _by_title(groups: list[_Group]) -> list[_Group]:
    """Join the groups that share a title and contradict neither each other nor what else joins them."""
    joined = _join_partners(groups, lambda group: bool(group.arxiv_ids or group.dois))
    strong = [group for group in joined if group.arxiv_ids or group.dois]
    weak = [group for group in joined if not (group.arxiv_ids or group.dois)]
    weak = _join_to_strong(strong, weak)
    return strong + weak


def _namesakes(groups: Sequence[_Group], chosen: Callable[[_Group], bool]) -> list[list[int]]:
    """Positions of the chosen groups by title, for titles that are long enough and that several share."""
    by_title: dict[str, list[int]] = defaultdict(list)
    for position, group in enumerate(groups):
        if chosen(group):
            for title in group.titles:
                by_title[title].append(position)
    return [
        positions
        for title, positions in by_title.items()
        if 1 < len(positions) <= _MOST_NAMESAKES and len(title.split()) >= _FEWEST_WORDS
    ]


def _join_partners(groups: list[_Group], chosen: Callable[[_Group], bool]) -> list[_Group]:
    """Join two groups with ids of different kinds where each is the only one that fits the other."""
    partners: dict[int, set[int]] = defaultdict(set)
    for positions in _namesakes(groups, chosen):
        for one, other in combinations(positions, 2):
            if _compatible(groups[one], groups[other]):
                partners[one].add(other)
                partners[other].add(one)
    out: list[_Group] = []
    for position, group in enumerate(groups):
        mates = partners.get(position, set())
        mate = next(iter(mates)) if len(mates) == 1 else None
        if mate is None or len(partners[mate]) != 1:
            out.append(group)
        elif position < mate:
            out.append(_group((*group.entries, *groups[mate].entries)))
    return out


def _join_to_strong(strong: list[_Group], weak: list[_Group]) -> list[_Group]:
    """Join the groups without ids to the one with an id that fits; the rest among themselves. Changes `strong`."""
    by_title: dict[str, list[int]] = defaultdict(list)
    for position, group in enumerate(strong):
        for title in group.titles:
            by_title[title].append(position)
    joining: dict[int, list[_Group]] = defaultdict(list)
    alone: list[_Group] = []
    free: dict[str, list[_Group]] = defaultdict(list)
    for group in weak:
        title = next(iter(group.titles))
        candidates = by_title[title] if len(title.split()) >= _FEWEST_WORDS else []
        if len(candidates) > _MOST_NAMESAKES:
            alone.append(group)
            continue
        fitting = [position for position in candidates if _compatible(strong[position], group)]
        if len(fitting) == 1:
            joining[fitting[0]].append(group)
        elif fitting or len(title.split()) < _FEWEST_WORDS:
            alone.append(group)
        else:
            free[title].append(group)
    for position, members in joining.items():
        if _all_compatible(members):
            strong[position] = _group(entry for group in (strong[position], *members) for entry in group.entries)
        else:
            alone += members
    for namesakes in free.values():
        alone += _join_free(namesakes)
    return alone


def _join_free(groups: list[_Group]) -> list[_Group]:
    """Join groups of one title, none with an id, where all that hang together fit each other."""
    if len(groups) > _MOST_NAMESAKES:
        return groups
    left = list(groups)
    out: list[_Group] = []
    while left:
        component = [left.pop()]
        for member in component:
            near = [group for group in left if _compatible(member, group)]
            component += near
            left = [group for group in left if group not in near]
        if _all_compatible(component):
            out.append(_group(entry for group in component for entry in group.entries))
        else:
            out += component
    return out


def _all_compatible(groups: Sequence[_Group]) -> bool:
    return len(groups) <= _MOST_NAMESAKES and all(_compatible(one, other) for one, other in combinations(groups, 2))


def _compatible(one: _Group, other: _Group) -> bool:
    """Whether nothing speaks against two groups of one title being one paper."""
    if one.arxiv_ids and other.arxiv_ids and not one.arxiv_ids & other.arxiv_ids:
        return False
    if one.dois and other.dois and not one.dois & other.dois:
        return False
    if one.authors and other.authors and not one.authors & other.authors:
        return False
    return not (one.years and other.years) or (
        max(one.years) - min(other.years) <= 1 and max(other.years) - min(one.years) <= 1
    )


def _merge(group: _Group) -> tuple[Paper, tuple[Listing, ...]]:
    """What the entries say together.

    Title and abstract come from one entry, that with the longest abstract, so that offsets count in a text that was
    read; the most authors, the exactest (then the earliest) date, all categories with the primary one first, the
    longest venue, comment and note of each kind; equal ones by their order as text.
    """
    papers = [entry.paper for entry in group.entries]
    text = min(papers, key=lambda p: (-len(ids.fold(p.abstract)), -len(ids.fold(p.title)), p.title, p.abstract))
    authors = min((paper.authors for paper in papers), key=lambda names: (-len(names), -sum(map(len, names)), names))
    arxiv_id = min(group.arxiv_ids, default=None)
    doi = min(group.dois, default=None) or min((e.doi for e in group.entries if e.doi), default=None)
    dates = [date for paper in papers if (date := _date(paper.published))]
    if not dates and arxiv_id and (month := ids.arxiv_month(arxiv_id)):
        dates = [month]
    category, categories = _categories(papers)
    notes = {kind: _note(papers, kind) for kind in sorted({note.kind for paper in papers for note in paper.notes})}
    ranks: dict[int, list[int]] = defaultdict(list)
    for entry in group.entries:
        ranks[entry.listing.digest] += [] if entry.listing.rank is None else [entry.listing.rank]
    merged = Paper(
        id=ids.paper_id(text.title, arxiv_id, doi),
        title=text.title,
        authors=authors,
        abstract=text.abstract,
        url=_url(papers),
        arxiv_id=arxiv_id,
        doi=doi,
        published=min(dates, key=lambda date: (-len(date), date), default=None),
        venue=_longest(paper.venue for paper in papers),
        category=category,
        categories=categories,
        n_authors=max((paper.n_authors for paper in papers if paper.n_authors is not None), default=None),
        code_url=_longest(paper.code_url for paper in papers),
        comment=_longest(paper.comment for paper in papers),
        notes=tuple(notes.values()),
    )
    return merged, tuple(Listing(digest, min(found, default=None)) for digest, found in sorted(ranks.items()))


def _longest(values: Iterable[str | None]) -> str | None:
    return min((value for value in values if value and value.strip()), key=lambda v: (-len(v), v), default=None)


def _url(papers: Sequence[Paper]) -> str | None:
    """The page on arXiv before any other address."""
    urls = (paper.url for paper in papers if paper.url and paper.url.strip())
    return min(urls, key=lambda url: ("arxiv.org/abs/" not in url, len(url), url), default=None)


def _categories(papers: Sequence[Paper]) -> tuple[str | None, tuple[str, ...]]:
    """The primary category of the entry that names the most, and all categories behind it."""
    named = [(paper.category or next(iter(paper.categories), ""), paper.categories) for paper in papers]
    primary = min(
        (((-len(all_), first)) for first, all_ in named if first.strip()),
        default=(0, ""),
    )[1]
    every = {name for first, all_ in named for name in (first, *all_) if name.strip()}
    if not primary:
        return None, tuple(sorted(every))
    return primary, (primary, *sorted(every - {primary}))


def _note(papers: Sequence[Paper], kind: str) -> Note:
    notes = (note for paper in papers for note in paper.notes if note.kind == kind)
    return min(notes, key=lambda note: (-len(note.text), note.lang, note.text))


def _distinct_ids(papers: Sequence[Paper]) -> list[str]:
    """The ids of the papers; those that several would have are made of authors and date, then of the text, as well."""
    said = [(ids.title_key(p.title), *sorted(map(ids.author_key, p.authors)), p.published or "") for p in papers]
    whole = [(p.title, p.abstract, *p.authors, p.published or "") for p in papers]
    wanted = [paper.id for paper in papers]
    for parts in (said, whole):
        count = Counter(wanted)
        hashed = [f"title:{ids.content_hash(*part)[:16]}" for part in parts]
        wanted = [hashed[i] if count[id_] > 1 else id_ for i, id_ in enumerate(wanted)]
    return wanted
