"""Authors by name: the spellings of one normalised name are one author."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from kgtool import ids
from kgtool.records import Paper


@dataclass(frozen=True, slots=True)
class ResolvedAuthor:
    """One author: the most frequent spelling of the name, and the papers as (index, position from 1)."""

    id: str
    name: str
    papers: tuple[tuple[int, int], ...]


def resolve_authors(papers: Sequence[Paper]) -> tuple[ResolvedAuthor, ...]:
    """The authors of all papers, by id. A name listed twice in one paper stands at its first position."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    positions: dict[str, dict[int, int]] = defaultdict(dict)
    for number, paper in enumerate(papers):
        for position, name in enumerate(paper.authors, 1):
            key = ids.author_key(name)
            if key:
                spellings[key][ids.fold(name)] += 1
                positions[key].setdefault(number, position)
    given = distinct_ids({key: (ids.author_id(key), len(found)) for key, found in positions.items()})
    return tuple(
        sorted(
            (
                ResolvedAuthor(given[key], most_frequent(spellings[key]), tuple(sorted(found.items())))
                for key, found in positions.items()
            ),
            key=lambda author: author.id,
        )
    )


def most_frequent(forms: dict[str, int]) -> str:
    """The most frequent form, then the longest, then the first in order."""
    return min(forms, key=lambda form: (-forms[form], -len(form), form))


def distinct_ids(wanted: dict[str, tuple[str, int]]) -> dict[str, str]:
    """An id for each key, from the id that it would have and its weight.

    Where several would have one id, the heaviest (then the first key in order) keeps it, and the others have a short
    hash of their key behind it.
    """
    given: dict[str, str] = {}
    taken: set[str] = set()
    later: list[str] = []
    for key in sorted(wanted, key=lambda key: (-wanted[key][1], key)):
        if wanted[key][0] in taken:
            later.append(key)
        else:
            given[key] = wanted[key][0]
            taken.add(given[key])
    for key in sorted(later):
        digest = ids.content_hash(key)
        length = next(n for n in (6, 12, 64) if f"{wanted[key][0]}-{digest[:n]}" not in taken)
        given[key] = f"{wanted[key][0]}-{digest[:length]}"
        taken.add(given[key])
    return given
