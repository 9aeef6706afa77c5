"""What nobody tried yet but its neighbours suggest: links that are missing between methods, datasets and tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from math import sqrt
from pathlib import Path

from kgtool.analysis.matrix import KINDS, count_pairs
from kgtool.analysis.naming import Names, find_nodes
from kgtool.analysis.reader import SUPPORTING, Reader, read, role_types
from kgtool.errors import InputError
from kgtool.records import MIN_CONFIDENCE, Table

MIN_PAPERS = 2
"""In how many papers both ends of a gap must have a role that counts: of one paper alone there is little to argue."""

MIN_SPECIFICITY = 0.5
"""Methods and tasks that more papers have than about the square root of all (`LLMs`) are no gaps; datasets are."""

LIMIT = 20

_REASONS = 3
_SHARED = 3
_DIGITS = 12
"""Sums are compared to so many digits, so that ties do not hang on the order of adding."""
_GENERIC = frozenset({"Method", "Task"})
"""The kinds of which the frequent ones are generic. A frequent dataset is a benchmark."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A method, dataset or task; `papers` are those in which it has a role that counts (as in `matrix`)."""

    id: str
    label: str
    name: str
    specificity: float
    papers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ties:
    """Which entities have which others, of another kind, in a paper where both have a role that counts.

    `near` has, for each entity, the weight of its tie to each of the others, in order of their ids; `strength` is the
    sum of an entity's weights.
    """

    entities: Mapping[str, Entity]
    near: Mapping[str, Mapping[str, float]]
    strength: Mapping[str, float]

    def papers(self, id_: str, other: str) -> list[str]:
        """The papers that have both, by id."""
        return sorted(self.entities[id_].papers & self.entities[other].papers)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a pair may be worth trying: `like` is tied to its second end, and to what the first is tied to (`shared`).

    `papers` has one for each of these ties, first that of `like` and the second end.
    """

    like: Entity
    shared: tuple[Entity, ...]
    papers: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.like.name} via {', '.join(entity.name for entity in self.shared)}"


@dataclass(frozen=True, slots=True)
class Gap:
    """A pair that no paper has in roles that count and that no sentence relates; the strongest reasons come first."""

    first: Entity
    second: Entity
    score: float
    reasons: tuple[Reason, ...]


def gaps(
    kg: Path,
    rows: str = "methods",
    columns: str = "datasets",
    *,
    method: Names = (),
    dataset: Names = (),
    task: Names = (),
    min_papers: int = MIN_PAPERS,
    min_specificity: float = MIN_SPECIFICITY,
    min_confidence: float = MIN_CONFIDENCE,
    limit: int | None = LIMIT,
) -> Table:
    """Pairs of two kinds (``methods``, ``datasets``, ``tasks``) that nobody tried but that their neighbours suggest.

    The columns are the two kinds in the singular, `score`, `because` (texts as ``GAT via Cora, PubMed``: GAT was tried
    on the dataset, and shares Cora and PubMed with the method), `papers` (the ids of those that argue for it) and
    the ids of both ends, as ``method_id``. The highest scores come first; they compare pairs within one answer
    and are no probabilities. Further as `find_gaps`.
    """
    found = find_gaps(
        kg,
        rows,
        columns,
        method=method,
        dataset=dataset,
        task=task,
        min_papers=min_papers,
        min_specificity=min_specificity,
        min_confidence=min_confidence,
        limit=limit,
    )
    first, second = (KINDS[side].lower() for side in (rows, columns))
    return Table(
        (first, second, "score", "because", "papers", f"{first}_id", f"{second}_id"),
        tuple(
            (
                gap.first.name,
                gap.second.name,
                round(gap.score, 4),
                tuple(map(str, gap.reasons)),
                tuple(dict.fromkeys(paper for reason in gap.reasons for paper in reason.papers)),
                gap.first.id,
                gap.second.id,
            )
            for gap in found
        ),
    )


def find_gaps(
    kg: Path,
    rows: str = "methods",
    columns: str = "datasets",
    *,
    method: Names = (),
    dataset: Names = (),
    task: Names = (),
    min_papers: int = MIN_PAPERS,
    min_specificity: float = MIN_SPECIFICITY,
    min_confidence: float = MIN_CONFIDENCE,
    limit: int | None = LIMIT,
) -> tuple[Gap, ...]:
    """The missing pairs of two different kinds that score highest by `scores`, then by the names and ids of their ends.

    A pair is missing where `matrix` has neither support nor a direct sentence for it, however unsure. Both ends have a
    role that counts in `min_papers` papers, and methods and tasks have a specificity of `min_specificity`, unless they
    are named; and there is a reason that does not rest on such general ones (`reasons`). `method`, `dataset` and
    `task` are names or ids: of one of the two kinds, only pairs that hold one of them are given; of the third, only
    papers that have one of them are looked at. Edges under `min_confidence` argue for nothing. Raises `InputError`
    for kinds that do not fit or an ambiguous name, `NothingFound` for a name that nothing has.
    """
    if rows not in KINDS or columns not in KINDS or rows == columns:
        raise InputError(f"{rows} {columns}: gaps are between two different ones of {', '.join(KINDS)}")
    first, second = KINDS[rows], KINDS[columns]

    def find(reader: Reader) -> tuple[Gap, ...]:
        named = {"Method": method, "Dataset": dataset, "Task": task}
        wanted = {
            label: frozenset(node.id for node in find_nodes(reader, names, label))
            for label, names in named.items()
            if names
        }
        entities = read_entities(reader, min_confidence)
        ties = tie(_within(entities, wanted, (first, second)))

        general = frozenset(
            entity.id
            for entity in ties.entities.values()
            if entity.label in _GENERIC
            and entity.specificity < min_specificity
            and entity.id not in wanted.get(entity.label, ())
        )

        def eligible(label: str) -> frozenset[str]:
            return frozenset(
                entity.id
                for entity in ties.entities.values()
                if entity.label == label
                and len(entity.papers) >= min_papers
                and entity.id in wanted.get(label, ties.entities)
                and entity.id not in general
            )

        known = count_pairs(reader, rows, columns, min_support=0, min_confidence=0)
        tried = {(pair.first[0], pair.second[0]) for pair in known}
        ends = eligible(second)
        ranked = [
            (score, ties.entities[id_], ties.entities[other])
            for id_ in eligible(first)
            for other, score in scores(ties, id_, ends).items()
            if (id_, other) not in tried
        ]
        ranked.sort(key=lambda item: (-round(item[0], _DIGITS), _order(item[1]), _order(item[2])))
        argued = (Gap(one, other, score, reasons(ties, one.id, other.id, general)) for score, one, other in ranked)
        return tuple(islice((gap for gap in argued if gap.reasons), limit))

    return read(kg, find)


def read_entities(reader: Reader, min_confidence: float = MIN_CONFIDENCE) -> tuple[Entity, ...]:
    """Every entity with the papers in which it has a role that counts, by id."""
    found: list[Entity] = []
    for label, roles in SUPPORTING.items():
        papers: dict[tuple[str, str, float], set[str]] = defaultdict(set)
        for id_, name, specificity, paper in reader.rows(
            f"MATCH (p:Paper)-[r:{role_types(roles)}]->(n:{label}) WHERE r.confidence >= $least "
            "RETURN n.id, n.name, n.specificity, p.id",
            least=min_confidence,
        ):
            papers[id_, name, specificity].add(paper)
        found += [
            Entity(id_, label, name, specificity, frozenset(of)) for (id_, name, specificity), of in papers.items()
        ]
    return tuple(sorted(found, key=lambda entity: entity.id))


def tie(entities: Iterable[Entity]) -> Ties:
    """The ties of entities by the papers that they have in common.

    A paper of n entities gives each of its ties 1 / (n - 1), so that one which lists many says little of each: Newman
    (2001), "Scientific collaboration networks. II", Physical Review E 64:016132.
    """
    known = {entity.id: entity for entity in sorted(entities, key=lambda entity: entity.id)}
    of_paper: dict[str, list[Entity]] = defaultdict(list)
    for entity in known.values():
        for paper in entity.papers:
            of_paper[paper].append(entity)
    near: dict[str, dict[str, float]] = {id_: defaultdict(float) for id_ in known}
    for _, together in sorted(of_paper.items()):
        for one, other in combinations(together, 2):
            if one.label != other.label:
                near[one.id][other.id] += 1 / (len(together) - 1)
                near[other.id][one.id] += 1 / (len(together) - 1)
    ordered = {id_: dict(sorted(weights.items())) for id_, weights in near.items()}
    return Ties(known, ordered, {id_: sum(weights.values()) for id_, weights in ordered.items()})


def scores(ties: Ties, id_: str, ends: Container[str]) -> dict[str, float]:
    """How strongly the neighbours of an entity suggest each of `ends`; what no path of length three reaches is absent.

    L3 of Kovács et al. (2019), "Network-based prediction of protein interactions", Nature Communications 10:1240: the
    sum over the paths x - u - v - y of their ties' weights, over the square root of the strengths of u and v. Where
    ties are between different kinds, two nodes are not alike in what both are tied to: y suits x if what is tied to y
    is like x. The graph is that of all three kinds; benchmarks/gaps.md compares other measures and graphs.
    """
    alike: dict[str, float] = defaultdict(float)
    for shared, weight in ties.near[id_].items():
        step = weight / sqrt(ties.strength[shared])
        for like, further in ties.near[shared].items():
            if like != id_:
                alike[like] += step * further
    reached: dict[str, float] = defaultdict(float)
    for like, weight in alike.items():
        step = weight / sqrt(ties.strength[like])
        for end, last in ties.near[like].items():
            if end in ends:
                reached[end] += step * last
    return dict(reached)


def reasons(ties: Ties, id_: str, end: str, general: Container[str] = ()) -> tuple[Reason, ...]:
    """What adds most to a pair's score, each with the papers of its ties.

    That both are with something `general` is no reason: it counts neither as what is shared nor, unless it is of the
    kind of the first end, as what is like it.
    """
    kind = ties.entities[id_].label
    found = []
    for like, last in ties.near[end].items():
        if like == id_ or (like in general and ties.entities[like].label != kind):
            continue
        shared = sorted(
            (-round(ties.near[id_][each] * weight / sqrt(ties.strength[each]), _DIGITS), each)
            for each, weight in ties.near[like].items()
            if each in ties.near[id_] and each not in general
        )
        if shared:
            weight = sum(part for part, _ in shared) * last / sqrt(ties.strength[like])
            found.append((round(weight, _DIGITS), like, [each for _, each in shared[:_SHARED]]))
    return tuple(_reason(ties, id_, end, like, shared) for _, like, shared in sorted(found)[:_REASONS])


def _reason(ties: Ties, id_: str, end: str, like: str, shared: Sequence[str]) -> Reason:
    pairs = [(like, end), *(pair for each in shared for pair in ((id_, each), (like, each)))]
    papers = dict.fromkeys(ties.papers(*pair)[0] for pair in pairs)
    return Reason(ties.entities[like], tuple(ties.entities[each] for each in shared), tuple(papers))


def _within(
    entities: Iterable[Entity], wanted: Mapping[str, frozenset[str]], sides: tuple[str, str]
) -> tuple[Entity, ...]:
    """The entities with those of their papers that have one of those that are wanted of a kind on no side."""
    known = tuple(entities)
    others = wanted.keys() - set(sides)
    if not others:
        return known
    (label,) = others
    papers = frozenset[str]().union(*(entity.papers for entity in known if entity.id in wanted[label]))
    return tuple(replace(entity, papers=entity.papers & papers) for entity in known if entity.papers & papers)


def _order(entity: Entity) -> tuple[str, str, str]:
    return entity.name.casefold(), entity.name, entity.id
