"""The nearest nodes to a node, by what their papers have in common, with the reason."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgtool import vocab
from kgtool.analysis.naming import Named, find_node
from kgtool.analysis.network import network
from kgtool.analysis.reader import read
from kgtool.errors import InputError, NothingFound
from kgtool.records import MIN_CONFIDENCE, Table

if TYPE_CHECKING:
    import networkx as nx

COLUMNS = ("id", "label", "name", "score", "shared", "papers")
LIMIT = 10

_ONLY_MENTIONED = 0.5
_DOUBT = 3
_SHARED = 6
_PAPERS = 5

_Vector = Mapping[str, float]
"""Weights by id."""


def related(
    kg: Path,
    name: str,
    *,
    label: str | None = None,
    limit: int | None = LIMIT,
    min_confidence: float = MIN_CONFIDENCE,
) -> Table:
    """The nearest nodes to the one that `name` names: `id, label, name, score, shared, papers`, the nearest first.

    A paper is a vector over the methods, datasets and tasks that it has, each weighted by its specificity, the
    confidence of the edge and, where it is only mentioned, one half. An entity, author, category or digest is the sum
    of its papers' vectors. Two nodes are as near as the cosine between them says (Salton and Buckley 1988,
    "Term-weighting approaches in automatic text retrieval"). Only pairs of different papers count: that two authors
    wrote the same paper, or that it names two methods, does not make them related, and the two themselves are nothing
    that they share. Hubs do not win: what everything has weighs little, what has everything is long, and the cosine of
    an entity is multiplied by its own specificity. Nor does chance: of what is no paper the cosine is multiplied by
    n / (n + 3), where n papers speak for it (significance weighting: Herlocker, Konstan, Borchers and Riedl
    1999, "An algorithmic framework for performing collaborative filtering").

    `label` is the label of the nodes that are given, the node's own where it is None. `score` is between 0 and 1,
    `shared` the names of what weighs most of what both have, at most six, the most specific first, and `papers` the
    ids of those papers of the other that speak for it, at most five, the strongest first; of a paper that is itself.
    Edges under `min_confidence` do not count. Raises `InputError` for an ambiguous name or an unknown label,
    `NothingFound` for a name that nothing has and where nothing is related.
    """
    if label is not None and label not in vocab.LABELS:
        raise InputError(f"{label}: no label; expected one of {', '.join(vocab.LABELS)}")
    node = read(kg, lambda reader: find_node(reader, name))
    graph = network(kg, min_confidence=min_confidence, shadows=False)
    found = _nearest(_space(graph), node, label or node.label, limit)
    if not found:
        kind = (label or node.label).lower()
        raise NothingFound(f"{node.name} ({node.id}): no {kind} shares anything with it across papers")
    return Table(COLUMNS, tuple((id_, data["label"], _name(id_, data), *rest) for id_, data, *rest in found))


def _name(id_: str, data: Mapping[str, Any]) -> str:
    return str(data.get("title") or data.get("name") or id_)


@dataclass(frozen=True, slots=True)
class _Space:
    """Papers as vectors over entities, and every other node's papers, each with how much it is one of them."""

    nodes: Mapping[str, dict[str, Any]]
    vectors: Mapping[str, _Vector]
    papers: Mapping[str, _Vector]

    def profile(self, id_: str) -> dict[str, float]:
        """The sum of the vectors of a node's papers, without itself."""
        total: dict[str, float] = defaultdict(float)
        for paper, part in self.papers.get(id_, {}).items():
            for entity, weight in self.vectors[paper].items():
                total[entity] += part * weight
        total.pop(id_, None)
        return total


def _space(graph: nx.MultiDiGraph[str]) -> _Space:
    vectors: dict[str, dict[str, float]] = {}
    papers: dict[str, dict[str, float]] = defaultdict(dict)
    nodes = {id_: graph.nodes[id_] for id_ in graph}
    labels = {id_: data["label"] for id_, data in nodes.items()}
    for id_, label in labels.items():
        if label == "Paper":
            vectors[id_] = {}
            papers[id_][id_] = 1.0
    for source, target, data in graph.edges(data=True):
        if labels[target] == "Paper":
            papers[source][target] = 1.0
        elif labels[source] == "Paper":
            part = data.get("confidence", 1.0) * (_ONLY_MENTIONED if data["type"] == "MENTIONS" else 1.0)
            papers[target][source] = max(papers[target].get(source, 0.0), part)
    for entity, data in nodes.items():
        if data.get("specificity", 0.0) > 0:
            for paper, part in papers.get(entity, {}).items():
                vectors[paper][entity] = part * data["specificity"]
    return _Space(nodes, vectors, papers)


def _nearest(space: _Space, node: Named, label: str, limit: int | None) -> list[tuple[Any, ...]]:
    """Rows (id, attributes, score, shared, papers)."""
    comparison = _Comparison(space, node.id, space.profile(node.id))
    scored = []
    for id_, data in space.nodes.items():
        if id_ != node.id and data["label"] == label:
            score = comparison.score(id_)
            if score > 0:
                scored.append((-round(score, 4), id_, data))
    scored.sort(key=lambda each: each[:2])
    return [
        (id_, data, -negated, comparison.shared(id_), tuple(comparison.evidence(id_))[:_PAPERS])
        for negated, id_, data in scored[:limit]
    ]


class _Comparison:
    """One node, whose profile is given, against others."""

    def __init__(self, space: _Space, id_: str, profile: _Vector) -> None:
        self._space = space
        self._id = id_
        self._profile = profile
        self._own = space.papers.get(id_, {})
        self._square = sum(weight * weight for weight in profile.values())
        self._paper_scores: dict[str, float] = {}

    def score(self, other: str) -> float:
        """The cosine over pairs of different papers, weighted by how many of the other's papers there are in it."""
        speaking = self._speaking(other)
        product = sum(speaking.values())
        if product <= 0:
            return 0.0
        profile = self._space.profile(other)
        profile.pop(self._id, None)
        other_square = sum(weight * weight for weight in profile.values())
        square = self._square - self._profile.get(other, 0.0) ** 2
        cosine = product / math.sqrt(square * other_square)
        data = self._space.nodes[other]
        if data["label"] == "Paper":
            return cosine
        specificity: float = data.get("specificity", 1.0)
        return cosine * specificity * len(speaking) / (len(speaking) + _DOUBT)

    def evidence(self, other: str) -> list[str]:
        """The papers of the other that speak for it, the strongest first."""
        speaking = self._speaking(other)
        return sorted(speaking, key=lambda paper: (-round(speaking[paper], 9), paper))

    def shared(self, other: str) -> tuple[str, ...]:
        """The names of what weighs most in the product, the most specific first."""
        weights: dict[str, float] = defaultdict(float)
        for paper, part in self._space.papers[other].items():
            for entity, weight in self._products(paper):
                if entity != other:
                    weights[entity] += part * weight
        heaviest = sorted((entity for entity in weights if weights[entity] > 1e-9), key=lambda e: (-weights[e], e))
        nodes = self._space.nodes
        chosen = sorted(heaviest[:_SHARED], key=lambda entity: -nodes[entity]["specificity"])
        return tuple(_name(entity, nodes[entity]) for entity in chosen)

    def _speaking(self, other: str) -> dict[str, float]:
        """What each paper of the other brings to the product, where that is anything."""
        found = {}
        for paper, part in self._space.papers.get(other, {}).items():
            both = self._own.get(paper, 0.0)
            there = self._space.vectors[paper].get(other, 0.0)
            brought = part * (self._paper_score(paper) - there * (self._profile.get(other, 0.0) - both * there))
            if brought > 1e-9:
                found[paper] = brought
        return found

    def _paper_score(self, paper: str) -> float:
        if paper not in self._paper_scores:
            self._paper_scores[paper] = sum(weight for _, weight in self._products(paper))
        return self._paper_scores[paper]

    def _products(self, paper: str) -> Iterator[tuple[str, float]]:
        """Each entity of a paper and its product with the profile, without what this very paper brought to that."""
        both = self._own.get(paper, 0.0)
        for entity, weight in self._space.vectors[paper].items():
            if entity in self._profile:
                yield entity, weight * (self._profile[entity] - both * weight)
