"""Which abbreviation stands for which long form over a corpus, and where that is not certain."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

from kgtool.resolve.forms import abbreviates, is_cut_off, is_version, variants

_SLIP = 10
"""An abbreviation has one sense where that has so many times the papers of all its others together."""
_RARELY = 0.1
"""An abbreviation that hardly any paper expands may well be another thing in those that do not …"""
_OFTEN = 3
"""… unless this many papers agree."""
_MOST_EXPANSIONS = 200
"""Of so many expansions not even the variants are looked for: the abbreviation means nothing."""


class UnionFind:
    """Sets of integers that were joined; `find` names a set by one of its members."""

    def __init__(self, size: int) -> None:
        """Each of ``range(size)`` is a set of its own."""
        self._parent = list(range(size))

    def find(self, item: int) -> int:
        """The member that names the set which holds the item."""
        parent = self._parent
        root = item
        while parent[root] != root:
            root = parent[root]
        while parent[item] != root:
            parent[item], item = root, parent[item]
        return root

    def join(self, one: int, other: int) -> None:
        """Make one set of two."""
        self._parent[self.find(other)] = self.find(one)


class Senses(NamedTuple):
    """The abbreviations that have one sense, and the expansions of those that have several or no certain one.

    One that has a sense beside which the others hardly count is in both.
    """

    certain: frozenset[int]
    expansions: Mapping[int, frozenset[int]]


@dataclass(slots=True)
class Abbreviations:
    """What a corpus says of its abbreviations; keys are integers, words and letters are given by key."""

    words: Sequence[tuple[str, ...]]
    letters: Sequence[str]
    expanded: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    """Abbreviation to long form to the number of papers where one mention holds both."""
    bare: Counter[int] = field(default_factory=Counter)
    """Abbreviation to the number of papers where none of its mentions holds a long form of it."""
    _known: dict[tuple[int, int], bool] = field(default_factory=dict)

    def add_paper(self, mentions: Iterable[frozenset[int]]) -> None:
        """Count the pairs in the mentions of one paper, each given by the keys of its surface forms."""
        pairs: set[tuple[int, int]] = set()
        short: set[int] = set()
        for keys in mentions:
            own = [key for key in keys if self.letters[key]]
            short.update(own)
            if own and len(keys) > 1:
                pairs.update((key, long) for key in own for long in keys if self.stands_for(key, long))
        for key, long in pairs:
            self.expanded[key][long] += 1
        self.bare.update(short - {key for key, _ in pairs})

    def stands_for(self, short: int, long: int) -> bool:
        """Whether one key is made of the other's words."""
        if short == long or (len(self.words[long]) == 1 and self.letters[long]):
            return False
        if is_version(self.words[short], self.words[long]):
            return False
        known = self._known.get((short, long))
        if known is None:
            known = self._known[short, long] = abbreviates(self.letters[short], self.words[long])
        return known

    def join(self, sets: UnionFind) -> Senses:
        """Join abbreviations to their long forms, and long forms of one abbreviation that are variants.

        An abbreviation is joined where the corpus knows just one expansion of it.
        """
        for longs in self.expanded.values():
            if len(longs) <= _MOST_EXPANSIONS:
                for one, other in combinations(longs, 2):
                    first, second = self.words[one], self.words[other]
                    if variants(first, second) or is_cut_off(first, second):
                        sets.join(one, other)
        senses: dict[int, Counter[int]] = {}
        for short, longs in self.expanded.items():
            senses[short] = Counter()
            for long, papers in longs.items():
                senses[short][sets.find(long)] += papers
        certain = {
            short: sense for short, found in senses.items() if (sense := self._certain(short, found)) is not None
        }
        for short, sense in certain.items():
            sets.join(sense, short)
        several = (short for short in senses if short not in certain or len(senses[short]) > 1)
        return Senses(frozenset(certain), {short: frozenset(self.expanded[short]) for short in several})

    def _certain(self, short: int, senses: Mapping[int, int]) -> int | None:
        """The one sense of an abbreviation, None where there are several or hardly any paper says so."""
        total = sum(senses.values())
        sense, most = max(senses.items(), key=lambda item: item[1])
        if (total - most) * _SLIP > most:
            return None
        if most < _OFTEN and most < _RARELY * (most + self.bare[short]):
            return None
        return sense
