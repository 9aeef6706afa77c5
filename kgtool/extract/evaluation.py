"""How good an extraction is: the figures of the annotation's scorer, confusions, frequent errors, calibration.

Every figure is micro-averaged over the gold papers. A gold paper without prediction counts as predicted empty;
relations that are unknown count as none.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kgtool.extract.gold import TYPES, GoldEntity, GoldRecord
from kgtool.extract.surfaces import normalise, occurrences
from kgtool.records import Table
from kgtool.sentences import sentence_at, sentences

FIGURES = (
    "mention",
    "entity",
    "entity Method",
    "entity Dataset",
    "entity Task",
    "entity-any",
    "link",
    "alias",
    "relation",
    "method-dataset",
)
_METHOD_DATASET = ("Evaluated-With", "Trained-With")


@dataclass(frozen=True, slots=True)
class Figure:
    """Precision, recall and F1 in percent, and how many the gold records hold."""

    precision: float
    recall: float
    f1: float
    gold: int


@dataclass(frozen=True, slots=True)
class FrequentError:
    """A way of being wrong, how often, and the first sentence in which it happened.

    `kind` is ``missed``, ``spurious``, ``wrong type`` or ``wrong boundary``.
    """

    kind: str
    gold: str
    predicted: str
    count: int
    paper: str
    sentence: str


def score(gold: Sequence[GoldRecord], predicted: Sequence[GoldRecord]) -> dict[str, Figure]:
    """The figures by name, in the order of `FIGURES`."""
    counts = {name: [0, 0, 0] for name in FIGURES}

    def add(name: str, true: int, of_predicted: int, of_gold: int) -> None:
        for place, number in enumerate((true, of_predicted, of_gold)):
            counts[name][place] += number

    for one, other in _side_by_side(gold, predicted):
        pairs = match(one.entities, other.entities)
        gold_facts = _facts(one, lambda index: index)
        own_facts = _facts(other, lambda index, pairs=pairs: pairs.get(index, ("unmatched", index)))  # type: ignore[misc]
        for name, facts in gold_facts.items():
            add(name, len(facts & own_facts[name]), len(own_facts[name]), len(facts))
        for type_ in TYPES:
            matched = sum(one.entities[index].type == type_ for index in pairs.values())
            add(f"entity {type_}", matched, _of_type(other, type_), _of_type(one, type_))
        anyhow = match(one.entities, other.entities, typed=False)
        add("entity-any", len(anyhow), len(other.entities), len(one.entities))
    return {name: _figure(*counts[name]) for name in FIGURES}


def figures_table(figures: Mapping[str, Figure]) -> Table:
    """The figures as rows: figure, p, r, f1, gold."""
    rows = tuple((name, f.precision, f.recall, f.f1, f.gold) for name, f in figures.items())
    return Table(("figure", "p", "r", "f1", "gold"), rows)


def match(gold: Sequence[GoldEntity], predicted: Sequence[GoldEntity], *, typed: bool = True) -> dict[int, int]:
    """One-to-one matching, predicted position to gold position: greedily, most shared normal forms first."""
    gold_names = [{normalise(surface) for surface in entity.mentions} for entity in gold]
    own_names = [{normalise(surface) for surface in entity.mentions} for entity in predicted]
    candidates = sorted(
        (-shared, g, p)
        for g, p in itertools.product(range(len(gold)), range(len(predicted)))
        if (shared := len(gold_names[g] & own_names[p])) and (not typed or gold[g].type == predicted[p].type)
    )
    pairs: dict[int, int] = {}
    used: set[int] = set()
    for _, g, p in candidates:
        if p not in pairs and g not in used:
            pairs[p] = g
            used.add(g)
    return pairs


def confusion(gold: Sequence[GoldRecord], predicted: Sequence[GoldRecord]) -> Table:
    """Counts of entities by gold and predicted type and role; ``-`` where one side has nothing that matches."""
    counts: Counter[tuple[str, str]] = Counter()
    for one, other in _side_by_side(gold, predicted):
        pairs = match(one.entities, other.entities, typed=False)
        for p, entity in enumerate(other.entities):
            known = one.entities[pairs[p]] if p in pairs else None
            counts[_kind(known), _kind(entity)] += 1
        for g in set(range(len(one.entities))) - set(pairs.values()):
            counts[_kind(one.entities[g]), "-"] += 1
    rows = tuple((g, p, count) for (g, p), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return Table(("gold", "predicted", "entities"), rows)


def frequent_errors(
    gold: Sequence[GoldRecord], predicted: Sequence[GoldRecord], count: int = 10
) -> tuple[FrequentError, ...]:
    """The most frequent errors about surfaces, each with the sentence of its first occurrence."""
    seen: dict[tuple[str, str, str], list[tuple[GoldRecord, str]]] = defaultdict(list)
    for one, other in _side_by_side(gold, predicted):
        expected = {surface: entity.type for entity in one.entities for surface in entity.mentions}
        found = {surface: entity.type for entity in other.entities for surface in entity.mentions}
        for kind, right, wrong in _errors(expected, found):
            seen[kind, _shown(right, expected), _shown(wrong, found)].append((one, right or wrong))
    ordered = sorted(seen.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        FrequentError(kind, right, wrong, len(places), places[0][0].id, _sentence(*places[0]))
        for (kind, right, wrong), places in ordered[:count]
    )


def expected_calibration_error(predictions: Iterable[tuple[float, bool]], bins: int = 10) -> float:
    """The mean distance of confidence and accuracy over equally wide bins, weighted by their size; 0 to 1.

    After Naeini et al. 2015 and Guo et al. 2017, section 2. `predictions`: a probability, and whether it was right.
    """
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for probability, right in predictions:
        here = sums[min(int(probability * bins), bins - 1)]
        for place, number in enumerate((probability, float(right), 1.0)):
            here[place] += number
    total = sum(here[2] for here in sums.values())
    return sum(abs(here[0] - here[1]) for here in sums.values()) / total if total else 0.0


def _side_by_side(
    gold: Sequence[GoldRecord], predicted: Sequence[GoldRecord]
) -> Iterable[tuple[GoldRecord, GoldRecord]]:
    by_id = {record.id: record for record in predicted}
    for record in gold:
        yield record, by_id.get(record.id) or GoldRecord(record.id, "", "", (), ())


def _facts(record: GoldRecord, name: Callable[[int], Hashable]) -> dict[str, set[Hashable]]:
    """What one side asserts, its entities under the names that both sides know."""
    names = [name(index) for index in range(len(record.entities))]
    relations = record.relations or ()
    return {
        "mention": {(entity.type, surface) for entity in record.entities for surface in entity.mentions},
        "entity": set(names),
        "link": {(names[index], entity.role) for index, entity in enumerate(record.entities)},
        "alias": {
            pair for entity in record.entities for pair in itertools.combinations(sorted(set(entity.mentions)), 2)
        },
        "relation": {(names[head], relation, names[tail]) for head, relation, tail in relations},
        "method-dataset": {
            (names[head], names[tail]) for head, relation, tail in relations if relation in _METHOD_DATASET
        },
    }


def _figure(true: int, of_predicted: int, of_gold: int) -> Figure:
    precision = true / of_predicted if of_predicted else 0.0
    recall = true / of_gold if of_gold else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Figure(round(100 * precision, 1), round(100 * recall, 1), round(100 * f1, 1), of_gold)


def _of_type(record: GoldRecord, type_: str) -> int:
    return sum(entity.type == type_ for entity in record.entities)


def _kind(entity: GoldEntity | None) -> str:
    return f"{entity.type} {entity.role}" if entity else "-"


def _errors(expected: Mapping[str, str], found: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
    """Kind, gold surface and predicted surface; an empty surface where one side has none."""
    extra = sorted(found.keys() - expected.keys())
    explained: set[str] = set()
    for surface in sorted(expected):
        if surface in found:
            if found[surface] != expected[surface]:
                yield "wrong type", surface, surface
            continue
        near = next((other for other in extra if _overlap(surface, other)), None)
        if near is None:
            yield "missed", surface, ""
        else:
            explained.add(near)
            yield "wrong boundary", surface, near
    for surface in extra:
        if surface not in explained:
            yield "spurious", "", surface


def _overlap(one: str, other: str) -> bool:
    return any(True for _ in occurrences(one, other)) or any(True for _ in occurrences(other, one))


def _shown(surface: str, types: Mapping[str, str]) -> str:
    return f"{surface} ({types[surface]})" if surface else ""


def _sentence(record: GoldRecord, surface: str) -> str:
    for start, end in occurrences(surface, record.text):
        return record.text[slice(*sentence_at(sentences(record.text), start, end))]
    return ""
