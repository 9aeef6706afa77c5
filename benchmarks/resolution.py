"""Measure how well entities of different papers are joined.

    python benchmarks/resolution.py clusters --kg kg > clusters.tsv
    python benchmarks/resolution.py sample --kg kg --seed 1 > pairs.tsv
    python benchmarks/resolution.py score --kg kg benchmarks/resolution.tsv

`clusters` lists the entities with the most surface forms. `sample` draws pairs of surface forms for a reader to judge:
names with one of their aliases, and near-misses, pairs of entities of one type whose names are alike, in the kinds
that `KINDS` names. The reader puts `same` or `different` in the first column; `score` says which of the judged pairs
today's code joins, kind by kind. All of them resolve the extractions in the graph's corpus anew, so that a changed
rule is measured without a build.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from kgtool.records import Node
from kgtool.resolve import resolve
from kgtool.resolve.forms import abbreviates, form
from kgtool.stores.corpus import Corpus
from kgtool.vocab import ENTITY_TYPES

KINDS = (
    "spelling",  # joined: one key, so that only case, hyphens, plural and the like differ
    "other form",  # joined: everything else
    "order",  # apart: the same words in another order
    "edit",  # apart: names that one letter left out of each, or of one, makes equal
    "prefix",  # apart: one name is the other's beginning, by words
    "suffix",  # apart: one name is the other's end, by words
    "acronym",  # apart: one is made of the other's first letters
)
_SHORTEST = 4
"""Letters that a name has at least, to be compared letter by letter."""


class Pair(NamedTuple):
    """Two surface forms of one type."""

    kind: str
    type: str
    one: str
    other: str


def entities(kg: Path) -> list[Node]:
    """The entities that today's code makes of a graph's extractions."""
    with Corpus.open(kg) as corpus:
        extractor = corpus.extractor() or ""
        digests = [(digest, corpus.papers_of(digest)) for digest in corpus.digests()]
        graph = resolve(digests, lambda paper: corpus.extraction(extractor, paper), extractor)
    return [node for node in graph.nodes if node.label in ENTITY_TYPES]


def forms(node: Node) -> tuple[str, ...]:
    """The name, then the aliases."""
    aliases = node.get("aliases")
    return (str(node.get("name")), *(aliases if isinstance(aliases, tuple) else ()))


def joined(nodes: Sequence[Node]) -> Iterator[Pair]:
    """Each entity's name with each of its aliases."""
    for node in nodes:
        name, *aliases = forms(node)
        for alias in aliases:
            kind = "spelling" if form(alias).key == form(name).key else "other form"
            yield Pair(kind, node.label, name, alias)


def near_misses(nodes: Sequence[Node]) -> Iterator[Pair]:
    """Pairs of entities of one type whose names are alike but not the same; each in one kind only."""
    seen: set[tuple[str, str]] = set()
    for kind, groups in _alike(nodes):
        for group in groups:
            for i, one in enumerate(group):
                for other in group[i + 1 :]:
                    pair = (min(one.id, other.id), max(one.id, other.id))
                    alike = one.label == other.label and one.get("name") != other.get("name")
                    if alike and pair not in seen:
                        seen.add(pair)
                        yield Pair(kind, one.label, str(one.get("name")), str(other.get("name")))


def _alike(nodes: Sequence[Node]) -> Iterator[tuple[str, list[list[Node]]]]:
    words = {node.id: form(str(node.get("name"))).words for node in nodes}
    by_words: dict[tuple[str, tuple[str, ...]], Node] = {(node.label, words[node.id]): node for node in nodes}
    order: dict[object, list[Node]] = defaultdict(list)
    edit: dict[object, list[Node]] = defaultdict(list)
    acronym: dict[object, list[Node]] = defaultdict(list)
    for node in nodes:
        own = words[node.id]
        letters = "".join(own)
        order[node.label, tuple(sorted(own))].append(node)
        if len(own) > 1:
            acronym[node.label, "".join(word[0] for word in own)].append(node)
        if len(letters) >= _SHORTEST:
            for cut in {letters, *(letters[:i] + letters[i + 1 :] for i in range(len(letters)))}:
                edit[node.label, cut].append(node)
    yield "order", list(order.values())
    yield (
        "acronym",
        [
            [node, long]
            for node in nodes
            if (letters := form(str(node.get("name"))).abbreviation)
            for long in acronym.get((node.label, letters), ())
            if abbreviates(letters, words[long.id])
        ],
    )
    yield "edit", list(edit.values())
    for kind, first, last in (("prefix", 0, -1), ("suffix", 1, None)):
        yield (
            kind,
            [
                [by_words[node.label, words[node.id][first:last]], node]
                for node in nodes
                if len(words[node.id]) > 1 and (node.label, words[node.id][first:last]) in by_words
            ],
        )


def draw(nodes: Sequence[Node], seed: int, count: int) -> Iterator[tuple[Pair, int]]:
    """`count` joined pairs and as many near-misses, as many of each kind, with the size of the kind."""
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for pair in (*joined(nodes), *near_misses(nodes)):
        pairs[pair.kind].append(pair)
    chance = random.Random(seed)
    for kinds in (KINDS[:2], KINDS[2:]):
        for kind in kinds:
            found = sorted(pairs[kind])
            for pair in chance.sample(found, min(len(found), count // len(kinds))):
                yield pair, len(found)


def score(nodes: Sequence[Node], judged: Sequence[tuple[str, Pair]]) -> Iterator[tuple[str, int, int, int, int]]:
    """By kind: same and joined, different and joined, same and apart, different and apart."""
    holders: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        for surface in forms(node):
            holders[surface].add(node.id)
    counts: dict[str, list[int]] = {kind: [0, 0, 0, 0] for kind in KINDS}
    for verdict, pair in judged:
        apart = not holders[pair.one] & holders[pair.other]
        counts[pair.kind][2 * apart + (verdict == "different")] += 1
    for kind, (good, false, missed, right) in counts.items():
        yield kind, good, false, missed, right


def read_judged(path: Path) -> list[tuple[str, Pair]]:
    """The judged lines of a file that `sample` made; lines without a verdict are left out."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row[0], Pair(*row[1:5])) for row in rows if row[0] in ("same", "different")]


def main() -> None:
    """Parse the arguments, print the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("clusters", "sample", "score"))
    parser.add_argument("judged", nargs="?", type=Path)
    parser.add_argument("--kg", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    options = parser.parse_intermixed_args()
    nodes = entities(options.kg)
    if options.what == "clusters":
        nodes.sort(key=lambda node: (-len(forms(node)), node.id))
        for node in nodes[: options.count]:
            print(node.id, node.get("papers"), *forms(node), sep="\t")
    elif options.what == "sample":
        for pair, size in draw(nodes, options.seed, options.count):
            print("", *pair, size, sep="\t")
    else:
        print("kind", "same, joined", "different, joined", "same, apart", "different, apart", sep="\t")
        for row in score(nodes, read_judged(options.judged)):
            print(*row, sep="\t")


if __name__ == "__main__":
    main()
