"""Full-text search over papers, authors, methods, datasets, tasks, categories and digests, tolerant of misspelling."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kgtool import ids, vocab
from kgtool.errors import InputError, NothingFound
from kgtool.records import Cell, Table
from kgtool.stores.corpus import Corpus
from kgtool.stores.fulltext import LONGEST_TERM, Index, Searchable, Term, name_key, names, terms, texts, verbatim_key

COLUMNS = ("label", "id", "name", "papers", "matched", "score")
LIMIT = 20

_LONGEST_TEXT = 2_000
_MOST_TERMS = 24
_SHOWN = 200

_WHOLE, _WHOLE_BUT_SIGNS, _WHOLE_MISSPELT = 100.0, 90.0, 80.0
"""What is added to the score of a node that the text is a name of: as written, but for signs, but for errors."""
_ERROR_IN_WHOLE = 10.0
_PREFIX, _ERROR = 0.5, 0.7
"""What a hit counts where a word only begins with the term, and for each error in its spelling."""
_PER_PAPERS = 0.25
_RARE, _RARER = 5_000, 3
"""A term that is known may be misspelt if but one node in so many has it, and another is so often as frequent."""
_CORRECTIONS = 5
_COMBINATIONS = 64
_DIGITS = re.compile(r"\D+")
_SNIPPET = 160


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A term of the search: `alike` are terms that it may be a misspelling of, with the number of errors."""

    text: str
    alike: tuple[tuple[str, int], ...] = ()

    def fits(self, term: str) -> bool:
        return term.startswith(self.text) if _may_go_on(self.text) else term == self.text

    def is_like(self, term: str) -> bool:
        return any(term == other for other, _ in self.alike)


def find(kg: Path, text: str, *, label: str | Sequence[str] = (), limit: int | None = LIMIT) -> Table:
    """The nodes that `text` finds, the best first: `label, id, name, papers, matched, score`.

    Searched are the ids, titles, abstracts and notes of papers, the names and aliases of methods, datasets and tasks,
    and the names of authors, categories and digests; without regard to case, accents, plurals and the hyphens in
    names. Nodes that the whole text is a name of come first. The others are ranked by BM25 (Robertson and Zaragoza
    2009, "The Probabilistic Relevance Framework"): a title before an abstract, what has all the words before what has
    some, an entity or author of many papers before one of few. A word that the graph hardly knows finds those
    that it may be a misspelling of as well: with one error in words of four letters, two in words of eight
    (Damerau 1964, "A technique for computer detection and correction of spelling errors"); digits are never taken
    for others.

    `papers` is the number of papers of a node that is none, `matched` the name or alias that fits or the place in the
    abstract, `score` a number without unit that is comparable within one answer. `label` is one label or
    several; no others are found then. Raises `InputError` for an unknown label or a blank text, `NothingFound`.
    """
    labels = (label,) if isinstance(label, str) else tuple(label)
    for name in labels:
        if name not in vocab.LABELS:
            raise InputError(f"{name}: no label; expected one of {', '.join(vocab.LABELS)}")
    if not text.strip():
        raise InputError("an empty text; expected words, a name or an id")
    with Corpus.searching(kg) as (corpus, index):
        rows = _search(index, text, corpus.redirects(), labels or vocab.LABELS, limit)
    if not rows:
        shown = ids.fold(text[: 2 * _SHOWN])
        within = f" among {', '.join(labels)}" if labels else ""
        raise NothingFound(f"{shown[:_SHOWN]}{'…' * (len(shown) > _SHOWN)}: nothing found{within}")
    return Table(COLUMNS, rows)


def _search(
    index: Index, text: str, redirects: dict[str, str], labels: Sequence[str], limit: int | None
) -> tuple[tuple[Cell, ...], ...]:
    kinds = index.kinds()
    searched = text[:_LONGEST_TEXT]
    distinct = list(dict.fromkeys(term.text for term in terms(searched)))[:_MOST_TERMS]
    wanted = tuple(_Wanted(term, _alike(index, len(kinds), term)) for term in distinct)
    whole = _whole(index, searched, wanted, redirects)
    scores = _relevance(index, wanted, len(kinds))
    ranked = []
    for row in (whole.keys() | scores.keys()) & kinds.keys():
        id_, label, papers = kinds[row]
        if label in labels:
            prior = 1 + _PER_PAPERS * math.log1p(papers or 0) if label not in ("Category", "Digest") else 1
            score = whole.get(row, 0.0) + scores.get(row, 0.0) * prior
            ranked.append((whole.get(row, 0.0), score, id_, row))
    ranked.sort(key=lambda each: (-each[0], -each[1], each[2]))
    found = []
    for exactness, score, _, row in ranked[:limit]:
        node = index.node(row)
        name = (names(node.properties) or (node.id,))[0]
        matched = _matched(node, searched, wanted, exactness)
        found.append((node.label, node.id, name, node.papers, matched, round(score, 2)))
    return tuple(found)


def _whole(index: Index, text: str, wanted: Sequence[_Wanted], redirects: dict[str, str]) -> dict[int, float]:
    """The rows that the text as a whole is a name, id or address of, and what that adds to their score."""
    found: dict[int, float] = {}
    addresses = (text, redirects.get(text.strip(), ""), ids.find_doi(text) or "", ids.find_arxiv_id(text) or "")
    for address in filter(None, addresses):
        for row in index.called(verbatim_key(address), verbatim=True):
            found.setdefault(row, _WHOLE)
    for row in index.called(name_key(text), verbatim=False):
        found.setdefault(row, _WHOLE_BUT_SIGNS)
    alike = {each.text: ((each.text, 0), *each.alike) for each in wanted}
    words = [alike.get(term.text, ((term.text, 0),)) for term in terms(text) if not term.compound]
    if math.prod(map(len, words)) <= _COMBINATIONS:
        for combined in itertools.product(*words):
            misspelt = _WHOLE_MISSPELT - _ERROR_IN_WHOLE * sum(errors for _, errors in combined)
            for row in index.called("".join(word for word, _ in combined), verbatim=False):
                found[row] = max(found.get(row, 0.0), misspelt)
    return found


def _relevance(index: Index, wanted: Sequence[_Wanted], nodes: int) -> dict[int, float]:
    """How well each row fits the terms: the mean of what they score, times the share of them that it has.

    The shares are weighted by inverse document frequency; a term that nothing has does not count.
    """
    scores: dict[int, float] = {}
    covered: dict[int, float] = {}
    total = 0.0
    for term in wanted:
        hits = index.hits(term.text)
        for other, errors in ((term.text, 0), *term.alike):
            if errors or _may_go_on(term.text):
                quality = _ERROR**errors if errors else _PREFIX
                for row, score in index.hits(other, prefix=not errors).items():
                    hits[row] = max(hits.get(row, 0.0), quality * score)
        if not hits:
            continue
        weight = math.log1p((nodes - len(hits) + 0.5) / (len(hits) + 0.5))
        total += weight
        for row, score in hits.items():
            scores[row] = scores.get(row, 0.0) + weight * score
            covered[row] = covered.get(row, 0.0) + weight
    return {row: score / len(wanted) * covered[row] / total for row, score in scores.items()}


def _may_go_on(term: str) -> bool:
    """Whether words that begin with the term are found: not those that begin with one or two letters."""
    return len(term) >= 3 or not term.isascii()


def _alike(index: Index, nodes: int, term: str) -> tuple[tuple[str, int], ...]:
    """The terms that `term` may be a misspelling of, the likeliest first, with the number of errors.

    A term that the graph knows may be misspelt there too: if it is rare, and the other is not.
    """
    most = 0 if len(term) < 4 or len(term) == LONGEST_TERM else 1 if len(term) < 8 else 2
    if not most or term.isdigit():
        return ()
    known = index.count(term)
    if known > max(1, nodes // _RARE):
        return ()
    letters, digits = set(term), _DIGITS.split(term)
    found = []
    for other, count in index.frequent(_RARER * known, len(term) - most, len(term) + most):
        # An error changes at most two of the letters that a word has.
        if len(letters.symmetric_difference(other)) <= 2 * most:
            errors = _errors(term, other, most)
            if 0 < errors <= most and _DIGITS.split(other) == digits:
                found.append((errors, -count, other))
    return tuple((other, errors) for errors, _, other in sorted(found)[:_CORRECTIONS])


def _errors(one: str, other: str, most: int) -> int:
    """The errors between two words, or a number above `most`: letters too many, missing, wrong, or two swapped.

    That is the distance of optimal string alignment, computed row by row.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last_but_one, before, row = before, row, [i]
        for j, another in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != another))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == another:
                cost = min(cost, last_but_one[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def _matched(node: Searchable, text: str, wanted: Sequence[_Wanted], exactness: float) -> str:
    """The name or alias that fits best, or where an abstract or note fits better than the title, that place in it."""
    called = names(node.properties)
    if exactness:
        fitting = (name for key in (verbatim_key, name_key) for name in called if key(name) == key(text))
        if (name := next(fitting, None)) is not None:
            return name
    best = max(called, key=lambda name: len(_hits(name, wanted)), default=node.id)
    if node.label != "Paper":
        return best
    *_, abstract, notes = texts(node.properties)
    place = max((abstract, notes, best), key=lambda place: len(_hits(place, wanted)))
    return best if exactness or place == best or not _hits(place, wanted) else _snippet(place, wanted)


def _hits(text: str, wanted: Sequence[_Wanted]) -> dict[_Wanted, list[Term]]:
    """Where the text has each of the terms; a misspelling counts where the term itself is nowhere in it."""
    there = list(terms(text))
    found = {}
    for each in wanted:
        places = [term for term in there if each.fits(term.text)] or [t for t in there if each.is_like(t.text)]
        if places:
            found[each] = places
    return found


def _snippet(text: str, wanted: Sequence[_Wanted]) -> str:
    """The piece of the text, about 160 characters, that has the most of the terms, the first such."""
    hits = [(term.start, term.end, each) for each, places in _hits(text, wanted).items() for term in places]
    hits.sort(key=lambda hit: hit[:2])
    start, end, _ = max(_windows(hits), key=lambda window: (window[2], -window[0]))
    room = max(0, _SNIPPET - (end - start)) // 2
    first, last = max(0, start - room), min(len(text), end + room)
    if first:
        first = max(first, text.find(" ", first, start) + 1)
    if last < len(text) and " " in text[end:last]:
        last = text.rfind(" ", end, last)
    return f"{'… ' * (first > 0)}{' '.join(text[first:last].split())}{' …' * (last < len(text))}"


def _windows(hits: Sequence[tuple[int, int, _Wanted]]) -> Iterable[tuple[int, int, int]]:
    """From each hit the piece of text up to the last that is near enough, and how many terms it has."""
    for first, (start, *_) in enumerate(hits):
        within = [hit for hit in hits[first : first + _MOST_TERMS] if hit[1] <= start + _SNIPPET]
        yield start, max((hit[1] for hit in within), default=start), len({hit[2] for hit in within})
