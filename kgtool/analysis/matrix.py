"""Who was tried on what: pairs of entities by the papers that have both, and by those that say so in a sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from kgtool import vocab
from kgtool.analysis.naming import Names, find_nodes
from kgtool.analysis.reader import SUPPORTING, Reader, read, role_types
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


def matrix(
    kg: Path,
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
    for kind in (rows, columns):
        if kind not in KINDS:
            raise InputError(f"{kind}: a matrix has {', '.join(KINDS)}")
    sides = (KINDS[rows], KINDS[columns])
    named = {"Method": method, "Dataset": dataset, "Task": task}

    def count(reader: Reader) -> Table:
        wanted = {
            label: [node.id for node in find_nodes(reader, names, label)] for label, names in named.items() if names
        }
        question = _Question(reader, sides, wanted, min_confidence)
        return _table(sides, question.support(), question.direct(), min_support, limit)

    return read(kg, count)


def _table(
    sides: tuple[str, str],
    support: Mapping[_Pair, int],
    direct: Mapping[_Pair, set[str]],
    min_support: int,
    limit: int | None,
) -> Table:
    found = [(*pair, support.get(pair, 0), len(direct.get(pair, ()))) for pair in support.keys() | direct.keys()]
    found.sort(key=lambda row: (-row[2], -row[3], _order(row[0]), _order(row[1])))
    chosen = islice((row for row in found if row[2] >= min_support), limit)
    first, second = (side.lower() for side in sides)
    columns = (first, second if first != second else f"other_{second}", "support", "direct")
    return Table(columns, tuple((x[1], y[1], *counts) for x, y, *counts in chosen))


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

    def _rows(self, query: str) -> tuple[tuple[Any, ...], ...]:
        parameters: dict[str, Parameter] = {label: ids for label, ids in self.wanted.items() if f"${label}" in query}
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
