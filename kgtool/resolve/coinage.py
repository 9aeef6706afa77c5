"""Homonyms: one short name that papers of different authors each coined for a thing of their own.

A paper coins a name where its title begins with it and a colon, and it is said to introduce it. Where papers without a
common author coin one name, each group of authors has its own entity; a paper that only mentions the name goes to the
group that it shares an author with, if there is just one, else it stays with an entity of its own that no paper coined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kgtool import ids
from kgtool.records import Extraction, Paper
from kgtool.resolve.abbreviations import UnionFind


@dataclass(frozen=True, slots=True)
class Coined:
    """An entity that was told from its homonyms: what it was split off, and the first paper that coined it, by id."""

    root: int
    paper: str


def split_homonyms(
    papers: Sequence[Paper],
    extractions: Sequence[Extraction],
    linked: Sequence[tuple[int | None, ...]],
    unused: int,
) -> tuple[list[tuple[int | None, ...]], dict[int, Coined]]:
    """The entity of each mention of each paper, homonyms apart, and what the new entities are.

    New entities are numbered from `unused` on.
    """
    coining: dict[int, list[int]] = defaultdict(list)
    mentioning: dict[int, set[int]] = defaultdict(set)
    for number, (paper, extraction, roots) in enumerate(zip(papers, extractions, linked, strict=True)):
        name, colon, _ = paper.title.partition(":")
        for mention, root in zip(extraction.mentions, roots, strict=True):
            if root is None:
                continue
            mentioning[root].add(number)
            coins = colon and mention.role == "introduces" and name.strip() in mention.surfaces
            if coins and paper.authors and len(name.split()) == 1 and number not in coining[root][-1:]:
                coining[root].append(number)
    moved: dict[tuple[int, int], int] = {}
    coined: dict[int, Coined] = {}
    for root in sorted(root for root, coiners in coining.items() if len(coiners) > 1):
        groups = _by_author(papers, coining[root])
        if len(groups) < 2:
            continue
        for new, group in enumerate(groups, unused + len(coined)):
            coined[new] = Coined(root, papers[group[0]].id)
            moved.update(((number, root), new) for number in group)
        for number, group_number in _followers(papers, groups, mentioning[root] - set(coining[root])).items():
            moved[number, root] = unused + len(coined) - len(groups) + group_number
    told_apart = [
        tuple(root if root is None else moved.get((number, root), root) for root in roots)
        for number, roots in enumerate(linked)
    ]
    return told_apart, coined


def _authors(paper: Paper) -> frozenset[str]:
    return frozenset(ids.author_key(name) for name in paper.authors) - {""}


def _by_author(papers: Sequence[Paper], numbers: Sequence[int]) -> list[list[int]]:
    """The papers in groups that share authors, each by id, the groups by their first paper."""
    ordered = sorted(numbers, key=lambda number: papers[number].id)
    sets = UnionFind(len(ordered))
    first: dict[str, int] = {}
    for place, number in enumerate(ordered):
        for author in _authors(papers[number]):
            sets.join(first.setdefault(author, place), place)
    groups: dict[int, list[int]] = defaultdict(list)
    for place, number in enumerate(ordered):
        groups[sets.find(place)].append(number)
    return sorted(groups.values(), key=lambda group: papers[group[0]].id)


def _followers(papers: Sequence[Paper], groups: Sequence[Sequence[int]], others: set[int]) -> Mapping[int, int]:
    """Papers that share an author with one of the groups alone, to the group's position."""
    of_author: dict[str, set[int]] = defaultdict(set)
    for position, group in enumerate(groups):
        for number in group:
            for author in _authors(papers[number]):
                of_author[author].add(position)
    known: dict[int, int] = {}
    for number in others:
        fitting = set().union(*(of_author.get(author, set()) for author in _authors(papers[number])))
        if len(fitting) == 1:
            known[number] = fitting.pop()
    return known
