"""Who was tried on what: pairs of entities by the papers that have both, and by those that say so in a sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import astuple, dataclass
from itertools import islice
from typing import Any

from kgtool import vocab
from kgtool.analysis.naming import Names, find_nodes
from kgtool.analysis.reader import SUPPORTING, Graph, Reader, read, role_types
from kgtool.errors import InputError
from kgtool.records import MIN_CONFIDENCE, Table
from kgtool.stores.protocol import Parameter

KINDS = {"methods": "Method", "datasets": "Dataset", "tasks": "Task"}
"""What a matrix may have on its sides."""

_SAYING = {("Method", "Dataset"): ("evaluatedWith", "trainedWith"), ("Dataset", "Method"): ()}
"""The relations that say that the first was tried on the second; between other kinds any does."""

_Entity = tuple[str, str]
"""Id and name."""
_Pair = tuple[_Entity, _Entity]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entities, each as (id, name), and how many papers stand behind the two together; see `matrix`."""

    first: _Entity
    second: _Entity
    support: int
    direct: int


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """A sentence of a paper that is counted for a pair of ids: what the paper, or the first entity, is said to do.

    `relationship` is a type as ``USES``; `direct` tells a relation between the two from a role of one of them.
    """

    first: str
    second: str
    paper: str
    relationship: str
    sentence: str
    confidence: float
    direct: bool


def matrix(
    kg: Graph,
    rows: str = "methods",
    columns: str = "datasets",
    *,
    method: Names = (),
    dataset: Names = (),
    task: Names = (),
    min_support: int = 1,
    min_confidence: float = MIN_CONFIDENCE,
    limit: int | None = None,
) -> Table:
    """How many papers stand behind each pair of two kinds: ``methods``, ``datasets`` or ``tasks``.

    The columns are the two kinds in the singular (``method``, ``dataset``; of one kind twice ``method`` and
    ``other_method``, and each pair comes once, its names in order), then

    `support`
        papers in which both have a role that counts: a method that is introduced, used or compared with, a dataset that
        is introduced, evaluated on or trained on, a task that is addressed;
    `direct`
        papers that say so in a sentence: of a method and a dataset EVALUATED_WITH or TRAINED_WITH, of other
        kinds any relation between the two, whichever way it goes. It is counted by itself: with `min_support`
        0 pairs come too that a sentence relates but that no paper has in roles that count.

    The most supported come first, then the most direct, then by name. `method`, `dataset` and `task` are names or ids:
    of a kind that the matrix has, only pairs that hold one of them are given; of another, only papers count that
    have one of them in a role that counts. Edges under `min_confidence` do not count. Raises
    `InputError` for an unknown kind or an ambiguous name, `NothingFound` for a name that nothing has.
    """
    found = read(
        kg,
        lambda reader: count_pairs(
            reader,
            rows,
            columns,
            method=method,
            dataset=dataset,
            task=task,
            min_support=min_support,
            min_confidence=min_confidence,
        ),
    )
    first, second = (KINDS[side].lower() for side in (rows, columns))
    names = (first, second if first != second else f"other_{second}", "support", "direct")
    return Table(
        names, tuple((pair.first[1], pair.second[1], pair.support, pair.direct) for pair in islice(found, limit))
    )


def count_pairs(
    reader: Reader,
    rows: str,
    columns: str,
    *,
    method: Names = (),
    dataset: Names = (),
    task: Names = (),
    min_support: int = 1,
    min_confidence: float = MIN_CONFIDENCE,
) -> tuple[Pair, ...]:
    """The rows of `matrix` with the ids of the entities, all of them; raises as `matrix` does."""
    question = _question(reader, rows, columns, (method, dataset, task), min_confidence)
    support, direct = question.support(), question.direct()
    found = [Pair(*pair, support.get(pair, 0), len(direct.get(pair, ()))) for pair in support.keys() | direct.keys()]
    found.sort(key=lambda pair: (-pair.support, -pair.direct, _order(pair.first), _order(pair.second)))
    return tuple(pair for pair in found if pair.support >= min_support)


def pair_evidence(
    reader: Reader,
    rows: str,
    columns: str,
    between: Collection[str],
    *,
    method: Names = (),
    dataset: Names = (),
    task: Names = (),
    min_confidence: float = MIN_CONFIDENCE,
) -> tuple[PairEvidence, ...]:
    """The sentences behind the pairs of which both entities are among the ids `between`, by pair and paper."""
    question = _question(reader, rows, columns, (method, dataset, task), min_confidence)
    return question.evidence(frozenset(between))


def _question(
    reader: Reader, rows: str, columns: str, named: tuple[Names, Names, Names], min_confidence: float
) -> _Question:
    for kind in (rows, columns):
        if kind not in KINDS:
            raise InputError(f"{kind}: a matrix has {', '.join(KINDS)}")
    labels = zip(vocab.ENTITY_TYPES, named, strict=True)
    wanted = {label: [node.id for node in find_nodes(reader, names, label)] for label, names in labels if names}
    return _Question(reader, (KINDS[rows], KINDS[columns]), wanted, min_confidence)


def _order(entity: _Entity) -> tuple[str, str, str]:
    id_, name = entity
    return name.casefold(), name, id_


@dataclass(frozen=True, slots=True)
class _Question:
    """Which pairs are asked for: of the labels `sides`, holding and in papers that hold the ids `wanted` by label."""

    reader: Reader
    sides: tuple[str, str]
    wanted: dict[str, list[str]]
    min_confidence: float

    def support(self) -> dict[_Pair, int]:
        first, second = self.sides
        pattern = (
            f"MATCH (x:{first})<-[r:{role_types(SUPPORTING[first])}]-(p:Paper)"
            f"-[s:{role_types(SUPPORTING[second])}]->(y:{second})"
        )
        conditions = ["r.confidence >= $least", "s.confidence >= $least", *self._on_sides(self.sides)]
        if first == second:
            conditions.append("x.id < y.id")
        rows = self._rows(
            f"{pattern} WHERE {' AND '.join(conditions)} {self._on_papers()} "
            "RETURN x.id, x.name, y.id, y.name, count(DISTINCT p.id)"
        )
        return {self._pair((x, x_name), (y, y_name)): count for x, x_name, y, y_name, count in rows}

    def direct(self) -> dict[_Pair, set[str]]:
        """The papers that say so, of each pair."""
        found: dict[_Pair, set[str]] = defaultdict(set)
        within = self._on_papers()
        allowed = {row[0] for row in self._rows(f"MATCH (p:Paper) {within} RETURN DISTINCT p.id")} if within else None
        for ends in dict.fromkeys((self.sides, self.sides[::-1])):
            types = "|".join(_saying(*ends))
            if not types:
                continue
            conditions = " AND ".join(["r.confidence >= $least", *self._on_sides(ends)])
            for x, x_name, y, y_name, paper in self._rows(
                f"MATCH (x:{ends[0]})-[r:{types}]->(y:{ends[1]}) WHERE {conditions} "
                "RETURN x.id, x.name, y.id, y.name, r.paper"
            ):
                if allowed is None or paper in allowed:
                    pair = ((x, x_name), (y, y_name)) if ends == self.sides else ((y, y_name), (x, x_name))
                    found[self._pair(*pair)].add(paper)
        return found

    def evidence(self, between: frozenset[str]) -> tuple[PairEvidence, ...]:
        """What `support` and `direct` count, sentence by sentence, for pairs within `between`."""
        first, second = self.sides
        said: set[PairEvidence] = set()
        for x, x_name, y, y_name, paper, *roles in self._rows(
            f"MATCH (x:{first})<-[r:{role_types(SUPPORTING[first])}]-(p:Paper)"
            f"-[s:{role_types(SUPPORTING[second])}]->(y:{second}) "
            f"WHERE {' AND '.join(self._both(first, second))} {self._on_papers()} "
            "RETURN DISTINCT x.id, x.name, y.id, y.name, p.id, "
            "type(r), r.sentence, r.confidence, type(s), s.sentence, s.confidence",
            between=sorted(between),
        ):
            pair = self._pair((x, x_name), (y, y_name))
            for type_, sentence, confidence in (roles[:3], roles[3:]):
                said.add(PairEvidence(pair[0][0], pair[1][0], paper, type_, sentence, confidence, direct=False))
        within = self._on_papers()
        allowed = {row[0] for row in self._rows(f"MATCH (p:Paper) {within} RETURN DISTINCT p.id")} if within else None
        for ends in dict.fromkeys((self.sides, self.sides[::-1])):
            if not (types := "|".join(_saying(*ends))):
                continue
            for x, x_name, y, y_name, paper, type_, sentence, confidence in self._rows(
                f"MATCH (x:{ends[0]})-[r:{types}]->(y:{ends[1]}) WHERE r.confidence >= $least "
                "AND x.id IN $between AND y.id IN $between "
                "RETURN x.id, x.name, y.id, y.name, r.paper, type(r), r.sentence, r.confidence",
                between=sorted(between),
            ):
                if allowed is None or paper in allowed:
                    pair = ((x, x_name), (y, y_name)) if ends == self.sides else ((y, y_name), (x, x_name))
                    pair = self._pair(*pair)
                    said.add(PairEvidence(pair[0][0], pair[1][0], paper, type_, sentence, confidence, direct=True))
        return tuple(sorted(said, key=astuple))

    def _both(self, first: str, second: str) -> list[str]:
        sure = ["r.confidence >= $least", "s.confidence >= $least", "x.id IN $between", "y.id IN $between"]
        return [*sure, "x.id < y.id"] if first == second else sure

    def _pair(self, x: _Entity, y: _Entity) -> _Pair:
        same = self.sides[0] == self.sides[1]
        return (y, x) if same and _order(y) < _order(x) else (x, y)

    def _on_sides(self, ends: tuple[str, str]) -> list[str]:
        """Conditions that x or y is one of those that are wanted of their kind."""
        conditions = []
        for label in self.wanted.keys() & set(ends):
            variables = [variable for variable, end in zip("xy", ends, strict=True) if end == label]
            conditions.append(f"({' OR '.join(f'{variable}.id IN ${label}' for variable in variables)})")
        return sorted(conditions)

    def _on_papers(self) -> str:
        """That the paper p has one of those that are wanted of a kind that is on no side."""
        return " ".join(
            f"MATCH (p)-[in{label}:{role_types(SUPPORTING[label])}]->(e{label}:{label}) "
            f"WHERE in{label}.confidence >= $least AND e{label}.id IN ${label}"
            for label in sorted(self.wanted.keys() - set(self.sides))
        )

    def _rows(self, query: str, **more: Parameter) -> tuple[tuple[Any, ...], ...]:
        parameters: dict[str, Parameter] = {label: ids for label, ids in self.wanted.items() if f"${label}" in query}
        parameters |= more
        if "$least" in query:
            return self.reader.rows(query, least=self.min_confidence, **parameters)
        return self.reader.rows(query, **parameters)


def _saying(first: str, second: str) -> tuple[str, ...]:
    """The relationship types from an entity of the first label to one of the second that relate them directly."""
    relations = _SAYING.get((first, second))
    if relations is None:
        between = ((name, vocab.RELATIONSHIPS[name].pairs) for name in vocab.RELATION_NAMES.values())
        relations = tuple(name for name, pairs in between if (first, second) in pairs)
    return tuple(vocab.relationship_type(name) for name in relations)
