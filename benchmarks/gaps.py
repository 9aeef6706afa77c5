"""How well the measure behind `kgtool gaps` finds links that were hidden from it: a table in Markdown.

    python benchmarks/gaps.py KG [--columns tasks] [--hide papers] [--repeats 10] [--share 0.1] [--min-papers 2]

`KG` is the folder of a knowledge graph. In each repeat a share is hidden with a seed, each measure scores every pair
that is left over, and the hidden pairs of which both ends keep a tie are the ones to find. Two ways to hide:

- ``papers``: whole papers, so that the pairs to find are those that only unseen papers have;
- ``pairs``: single pairs, while their papers keep all their other ties. This flatters every measure but popularity:
  what a paper tried beside the pair still points at it.

AUC is the chance that a hidden pair scores above one that is none (all of them, ties count half); hits@10 the share of
hidden pairs whose second end is among the first ten for their first (ties are broken evenly); first 100 how many of
the hundred highest pairs are hidden ones; reached the share of hidden pairs that score at all.
"""

import argparse
import random
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from math import log, sqrt
from pathlib import Path
from statistics import fmean, pstdev

from kgtool.analysis.gaps import MIN_PAPERS, MIN_SPECIFICITY, Entity, Ties, read_entities, scores, tie
from kgtool.analysis.matrix import KINDS
from kgtool.analysis.reader import read
from kgtool.resolve.graph import specificity

Scores = dict[str, float]
Measure = Callable[[Ties, str, frozenset[str]], Scores]
FIRST = 100


def popularity(ties: Ties, id_: str, ends: frozenset[str]) -> Scores:
    """Preferential attachment (Barabási and Albert 1999), as networkx has it: the product of the degrees."""
    return {end: float(len(ties.near[id_]) * len(ties.near[end])) for end in ends}


def popularity_in_papers(ties: Ties, id_: str, ends: frozenset[str]) -> Scores:
    """The product of the numbers of papers."""
    papers = len(ties.entities[id_].papers)
    return {end: float(papers * len(ties.entities[end].papers)) for end in ends}


def walk(
    ties: Ties, id_: str, ends: frozenset[str], first: Callable[[str], float], second: Callable[[str], float]
) -> Scores:
    """Paths of length three, each over what `first` and `second` give for its inner nodes; ties count one."""
    alike: Scores = defaultdict(float)
    for shared in ties.near[id_]:
        for like in ties.near[shared]:
            if like != id_:
                alike[like] += first(shared)
    reached: Scores = defaultdict(float)
    for like, weight in alike.items():
        for end in ties.near[like]:
            if end in ends:
                reached[end] += weight * second(like)
    return reached


def common_neighbours(ties: Ties, id_: str, ends: frozenset[str]) -> Scores:
    """Paths of length three, counted."""
    return walk(ties, id_, ends, lambda _: 1.0, lambda _: 1.0)


def unweighted(ties: Ties, id_: str, ends: frozenset[str]) -> Scores:
    """L3 of Kovács et al. (2019), every tie one."""
    return walk(
        ties, id_, ends, lambda node: 1 / sqrt(len(ties.near[node])), lambda node: 1 / sqrt(len(ties.near[node]))
    )


def resource_allocation(ties: Ties, id_: str, ends: frozenset[str]) -> Scores:
    """Resource allocation (Zhou, Lü and Zhang 2009) on the projection: likeness by what is shared, then its ties."""
    return walk(ties, id_, ends, lambda node: 1 / len(ties.near[node]), lambda _: 1.0)


def adamic_adar(ties: Ties, id_: str, ends: frozenset[str]) -> Scores:
    """Adamic and Adar (2003) on the projection: likeness by what is shared, hubs count less."""
    return walk(ties, id_, ends, lambda node: 1 / log(max(2, len(ties.near[node]))), lambda _: 1.0)


def mass_diffusion(ties: Ties, id_: str, ends: frozenset[str]) -> Scores:
    """The projection of Zhou et al. (2007): what is shared and what is like both divide their weight."""
    return walk(ties, id_, ends, lambda node: 1 / len(ties.near[node]), lambda node: 1 / len(ties.near[node]))


def collaborative_filtering(ties: Ties, id_: str, ends: frozenset[str]) -> Scores:
    """Item-based collaborative filtering (Sarwar et al. 2001): likeness is the cosine of the ties."""
    own = sqrt(len(ties.near[id_]))
    return walk(ties, id_, ends, lambda _: 1.0, lambda node: 1 / (own * sqrt(len(ties.near[node]))))


MEASURES: dict[str, Measure] = {
    "popularity (degrees)": popularity,
    "popularity (papers)": popularity_in_papers,
    "paths of length three": common_neighbours,
    "Adamic-Adar": adamic_adar,
    "resource allocation": resource_allocation,
    "mass diffusion": mass_diffusion,
    "collaborative filtering": collaborative_filtering,
    "L3": unweighted,
    "L3, weighted (kgtool gaps)": scores,
}


def only(ties: Ties, labels: Iterable[str]) -> Ties:
    """The ties between entities of these labels."""
    kept = set(labels)
    near = {
        id_: {other: weight for other, weight in of.items() if ties.entities[other].label in kept}
        for id_, of in ties.near.items()
        if ties.entities[id_].label in kept
    }
    return Ties({id_: ties.entities[id_] for id_ in near}, near, {id_: sum(of.values()) for id_, of in near.items()})


def without(ties: Ties, pairs: set[tuple[str, str]]) -> Ties:
    """The ties but for those of some pairs, whichever way they go."""
    near = {
        id_: {other: weight for other, weight in of.items() if (id_, other) not in pairs and (other, id_) not in pairs}
        for id_, of in ties.near.items()
    }
    return Ties(ties.entities, near, {id_: sum(of.values()) for id_, of in near.items()})


def hide(entities: tuple[Entity, ...], sides: tuple[str, str], what: str, share: float, chance: random.Random) -> Ties:
    """The ties that are left when a share of the papers, or of the pairs, is hidden."""
    papers = sorted(set().union(*(entity.papers for entity in entities)))
    if what == "papers":
        hidden = frozenset(chance.sample(papers, round(len(papers) * share)))
        left = (replace(entity, papers=entity.papers - hidden) for entity in entities)
        return tie(entity for entity in left if entity.papers)
    ties = tie(entities)
    pairs = [(x, y) for x, of in ties.near.items() for y in of if sides == (label(ties, x), label(ties, y))]
    return without(ties, set(chance.sample(pairs, round(len(pairs) * share))))


def label(ties: Ties, id_: str) -> str:
    return ties.entities[id_].label


def eligible(ties: Ties, sides: tuple[str, str], side: int, min_papers: int, corpus: int) -> list[str]:
    """The nodes of one side that `gaps` would give, which keep a tie to one of the other side."""
    return [
        id_
        for id_, entity in ties.entities.items()
        if entity.label == sides[side]
        and len(entity.papers) >= min_papers
        and (entity.label == "Dataset" or specificity(len(entity.papers), corpus) >= MIN_SPECIFICITY)
        and any(label(ties, other) == sides[1 - side] for other in ties.near[id_])
    ]


def judge(ties: Ties, full: Ties, rows: list[str], ends: frozenset[str], measure: Measure) -> tuple[float, ...]:
    """AUC, hits@10, hidden pairs among the first hundred, and the share that is reached."""
    hidden_scores: list[float] = []
    other_scores: list[float] = []
    hits = 0.0
    for id_ in rows:
        found = measure(ties, id_, ends)
        open_ = sorted((found.get(end, 0.0), end) for end in ends if end not in ties.near[id_])
        values = [score for score, _ in open_]
        for score, end in open_:
            if end in full.near[id_]:
                hidden_scores.append(score)
                above = len(values) - bisect_right(values, score)
                same = bisect_right(values, score) - bisect_left(values, score)
                hits += min(1.0, max(0.0, (10 - above) / same))
            else:
                other_scores.append(score)
    other_scores.sort()
    wins = [(bisect_left(other_scores, s) + bisect_right(other_scores, s)) / 2 for s in hidden_scores]
    count = len(hidden_scores)
    # In a tie the hidden pairs come last: no luck counts.
    ranked = sorted([*((-score, False) for score in other_scores), *((-score, True) for score in hidden_scores)])
    first = sum(hidden for _, hidden in ranked[:FIRST])
    reached = sum(score > 0 for score in hidden_scores)
    return sum(wins) / (count * len(other_scores)), hits / count, float(first), reached / count


def hidden_count(ties: Ties, full: Ties, rows: list[str], ends: frozenset[str]) -> int:
    return sum(end in ends and end not in ties.near[id_] for id_ in rows for end in full.near[id_])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kg", type=Path)
    parser.add_argument("--columns", choices=("datasets", "tasks"), default="datasets")
    parser.add_argument("--hide", choices=("papers", "pairs"), default="papers")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--min-papers", type=int, default=MIN_PAPERS)
    arguments = parser.parse_args()
    entities = read(arguments.kg, read_entities)
    sides = ("Method", KINDS[arguments.columns])
    full = tie(entities)
    corpus = len(set().union(*(entity.papers for entity in entities)))
    results: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    counts = []
    for seed in range(arguments.repeats):
        ties = hide(entities, sides, arguments.hide, arguments.share, random.Random(seed))
        rows = eligible(ties, sides, 0, arguments.min_papers, corpus)
        ends = frozenset(eligible(ties, sides, 1, arguments.min_papers, corpus))
        to_find = hidden_count(ties, full, rows, ends)
        if not to_find:
            continue
        counts.append(to_find)
        bipartite = only(ties, sides)
        for name, measure in MEASURES.items():
            results[name].append(judge(ties, full, rows, ends, measure))
        results["L3, weighted, of the two kinds alone"].append(judge(bipartite, full, rows, ends, scores))
    if not counts:
        raise SystemExit("no hidden pair keeps both its ends: hide less, or ask a larger graph")

    print(f"{corpus:,} papers, methods and {arguments.columns}, {arguments.share:.0%} of the {arguments.hide} hidden,")
    print(f"{len(counts)} repeats with anything to find, {fmean(counts):.1f} pairs in each.\n")
    print(f"| measure | AUC | hits@10 | of the first {FIRST} | reached |\n| --- | --- | --- | --- | --- |")
    for name, found in results.items():
        auc, hits, first, reached = zip(*found, strict=True)
        cells = f"{fmean(auc):.3f} ± {pstdev(auc):.3f} | {fmean(hits):.3f} ± {pstdev(hits):.3f}"
        print(f"| {name} | {cells} | {fmean(first):.1f} | {fmean(reached):.2f} |")


if __name__ == "__main__":
    main()
