"""Relations between the entities of one paper, with the sentence that says so: a linear classifier over pairs.

A pair is a candidate where the two stand in one sentence (the title is one), or where either is introduced by the
paper: then a sentence about the one is about the other too ("We evaluate on Cora."). For each pair the classifier
chooses between no relation and those that the guidelines allow for its types, in either direction. Its features,
each readable in the weights and all of them apart for each pair of types:

- the roles of the two, alone and with the words between;
- the words between (``b:…``, pairs ``bb:…``, the whole where it is short), before the left one (``l:…``) and behind
  the right one (``r:…``), which comes first, how far apart, how many mentions between, and in the title or not;
- where they share no sentence: how far apart their sentences are, and the words around the one not introduced;
- how their names are alike: the same last word, one inside the other, frequent last words;
- rank among the paper's mentions of the type, and how many there are.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kgtool.extract.context import WordVectors
from kgtool.extract.evaluation import match
from kgtool.extract.gold import RELATIONS, GoldEntity, GoldRecord, joins
from kgtool.extract.linear import Linear, best_threshold, fit
from kgtool.extract.reading import Place, Reading
from kgtool.extract.roles import fit_roles, gold_reading
from kgtool.extract.surfaces import normalise
from kgtool.records import Mention, Relation

_NONE = "none"
_TYPE_ORDER = {"Method": 0, "Dataset": 1, "Task": 2}
_FORWARD, _BACKWARD = ">", "<"
_MOST_MENTIONS = 60
_MOST_BETWEEN = 40
_MOST_PLACES = 6
_UNLIKELY, _THRESHOLD = 0.05, 0.5
_SEEN = 12
"""In how many examples a feature must be seen to count: rarer ones make the model larger and no better."""
_NEWTON_STEPS = 12
_EXPONENTS = tuple(step / 10 for step in range(16))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two mentions, `one` of the earlier type or place, and where they stand closest together in one sentence."""

    one: int
    other: int
    places: tuple[Place, Place] | None


@dataclass(frozen=True, slots=True)
class Relations:
    """The classifier of pairs, and the probability from which a relation is given.

    The classifier's probability holds if both mentions are right; it is multiplied by their confidences, raised to
    `exponent`: 0 where mentions are sure, 1 were their being right independent of the relation. Its log-odds times
    `slope` plus `shift` are those of what is given (Platt 1999).
    """

    classifier: Linear
    threshold: float
    exponent: float = 0.0
    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, reading: Reading) -> tuple[Relation, ...]:
        """The relations between the reading's mentions, by position of head, tail and name."""
        found = [
            _relation(reading, pair, label, weighted)
            for pair, label, probability in self.scored(reading)
            if (weighted := self.weighted(reading, pair, probability)) >= self.threshold
        ]
        return tuple(sorted(found, key=lambda relation: (relation.head, relation.tail, relation.name)))

    def scored(self, reading: Reading) -> Iterator[tuple[Pair, str, float]]:
        """Every candidate and label that is at all likely, with the classifier's probability."""
        pairs = candidates(reading)
        found = self.classifier.probabilities(features(reading, pairs))
        for pair, row in zip(pairs, found, strict=True):
            types = reading.mentions[pair.one].type, reading.mentions[pair.other].type
            for label, probability in zip(self.classifier.labels, row, strict=True):
                if probability >= _UNLIKELY and label != _NONE and _allowed(label, *types):
                    yield pair, label, float(probability)

    def weighted(self, reading: Reading, pair: Pair, probability: float) -> float:
        """The probability, less where the mentions themselves are unsure."""
        one, other = reading.mentions[pair.one], reading.mentions[pair.other]
        weighted = probability * (one.confidence * other.confidence) ** self.exponent
        return _sigmoid(self.slope * _log_odds(weighted) + self.shift)


def fit_relations(
    records: Sequence[GoldRecord], words: Sequence[WordVectors | None] | None = None, *, seed: int = 7
) -> Relations:
    """Learn relations from the annotated records in which they are known.

    Roles are those that a classifier gives which hadn't seen the record, because at run time they are no better; it
    reads `words`, the vectors of the records' words.
    `calibrate_relations` sets the threshold, where it is given records with relations.
    """
    both = zip(records, words or [None] * len(records), strict=True)
    told = [(record, own) for record, own in both if record.relations is not None]
    known = [record for record, _ in told]
    readings = _readings_with_guessed_roles(known, [own for _, own in told], seed)
    rows: list[list[str]] = []
    labels: list[str] = []
    groups: list[int] = []
    for number, (record, reading) in enumerate(zip(known, readings, strict=True)):
        pairs = candidates(reading)
        wanted = _wanted(record, reading)
        rows.extend(features(reading, pairs))
        labels.extend(wanted.get((pair.one, pair.other), _NONE) for pair in pairs)
        groups.extend([number] * len(pairs))
    return Relations(fit(rows, labels, groups, seed=seed, minimum=_SEEN), _THRESHOLD)


def calibrate_relations(relations: Relations, predicted: Sequence[Reading], gold: Sequence[GoldRecord]) -> Relations:
    """Choose `exponent`, `slope` and `shift` (least log loss) and `threshold` (best F1) on mentions as recognised.

    `predicted` are readings with roles and confidences, parallel to `gold`, of papers that no stage has learned from.
    """
    found: list[tuple[float, float, bool]] = []
    missed = 0
    for reading, record in zip(predicted, gold, strict=True):
        if record.relations is None:
            continue
        own = [GoldEntity(mention.type, mention.surfaces, mention.role) for mention in reading.mentions]
        same = match(record.entities, own)
        wanted = set(record.relations)
        for pair, label, probability in relations.scored(reading):
            head, tail = (pair.one, pair.other) if label[-1] == _FORWARD else (pair.other, pair.one)
            triple = same.get(head, -1), label[:-1], same.get(tail, -1)
            sure = reading.mentions[head].confidence * reading.mentions[tail].confidence
            found.append((probability, sure, triple in wanted))
            wanted.discard(triple)
        missed += len(wanted)
    if not found:
        return relations
    exponent = min(_EXPONENTS, key=lambda power: sum(_loss(p * sure**power, right) for p, sure, right in found))
    odds = [(_log_odds(p * sure**exponent), right) for p, sure, right in found]
    slope, shift = _platt(odds)
    given = [(_sigmoid(slope * x + shift), right) for x, right in odds]
    return replace(relations, exponent=exponent, slope=slope, shift=shift, threshold=best_threshold(given, missed))


def _platt(odds: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """The slope and shift of least log loss, by Newton's method, drawn a little towards 1 and 0."""
    slope, shift = 1.0, 0.0
    for _ in range(_NEWTON_STEPS):
        g1, g0, h11, h10, h00 = slope - 1.0, shift, 1.0, 0.0, 1.0
        for x, right in odds:
            p = _sigmoid(slope * x + shift)
            error, weight = p - right, p * (1 - p)
            g1, g0 = g1 + error * x, g0 + error
            h11, h10, h00 = h11 + weight * x * x, h10 + weight * x, h00 + weight
        determinant = h11 * h00 - h10 * h10
        slope -= (h00 * g1 - h10 * g0) / determinant
        shift -= (h11 * g0 - h10 * g1) / determinant
    return slope, shift


def _sigmoid(odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def _log_odds(probability: float) -> float:
    bounded = max(1e-6, min(1 - 1e-6, probability))
    return math.log(bounded / (1 - bounded))


def _loss(probability: float, right: bool) -> float:
    return -math.log(max(probability if right else 1 - probability, 1e-6))


def _readings_with_guessed_roles(
    records: Sequence[GoldRecord], words: Sequence[WordVectors | None], seed: int
) -> list[Reading]:
    readings = [gold_reading(record, known) for record, known in zip(records, words, strict=True)]
    halves = [fit_roles(records[part::2], words[part::2], seed=seed) for part in range(2)]
    for number, reading in enumerate(readings):
        readings[number] = replace(reading, mentions=halves[1 - number % 2](reading))
    return readings


def _wanted(record: GoldRecord, reading: Reading) -> dict[tuple[int, int], str]:
    """The label of each related pair; of two relations between a pair the first."""
    wanted: dict[tuple[int, int], str] = {}
    starts = [_start(mention) for mention in reading.mentions]
    for head, name, tail in record.relations or ():
        forward = _key(record.entities[head].type, starts[head], head) < _key(
            record.entities[tail].type, starts[tail], tail
        )
        pair = (head, tail) if forward else (tail, head)
        wanted.setdefault(pair, name + (_FORWARD if forward else _BACKWARD))
    return wanted


def _start(mention: Mention) -> int:
    return mention.spans[0].start if mention.spans else 0


def _key(type_: str, start: int, index: int) -> tuple[int, int, int]:
    return _TYPE_ORDER[type_], start, index


def _allowed(label: str, one: str, other: str) -> bool:
    name, forward = label[:-1], label[-1] == _FORWARD
    return name in RELATIONS and (joins(one, name, other) if forward else joins(other, name, one))


def candidates(reading: Reading) -> list[Pair]:
    """The pairs worth asking about."""
    mentions = reading.mentions
    order = sorted(range(len(mentions)), key=lambda i: _key(mentions[i].type, _start(mentions[i]), i))
    by_sentence: list[dict[int, list[Place]]] = []
    for places in reading.places:
        here: dict[int, list[Place]] = defaultdict(list)
        for place in places[:20]:
            here[place.sentence].append(place)
        by_sentence.append(here)
    pairs = []
    order = [i for i in order if reading.places[i]][:_MOST_MENTIONS]
    for rank, one in enumerate(order):
        introduced = mentions[one].role == "introduces"
        for other in order[rank + 1 :]:
            closest = _closest(by_sentence[one], by_sentence[other])
            if closest or introduced or mentions[other].role == "introduces":
                pairs.append(Pair(one, other, closest))
    return pairs


def _closest(one: dict[int, list[Place]], other: dict[int, list[Place]]) -> tuple[Place, Place] | None:
    """The two places in one sentence with least between; in the abstract rather than in the title."""
    best: tuple[int, Place, Place] | None = None
    for sentence in one.keys() & other.keys():
        for first in one[sentence][:_MOST_PLACES]:
            for second in other[sentence][:_MOST_PLACES]:
                far = abs(first.position - second.position) + (5 if sentence == 0 else 0)
                if best is None or (far, first.sentence) < (best[0], best[1].sentence):
                    best = far, first, second
    return (best[1], best[2]) if best else None


def features(reading: Reading, pairs: Sequence[Pair]) -> list[list[str]]:
    """The features of each pair."""
    names = [[normalise(surface).split() for surface in mention.surfaces[:4]] for mention in reading.mentions]
    counts = Counter(mention.type for mention in reading.mentions)
    roles = Counter((mention.type, mention.role) for mention in reading.mentions)
    ranks: dict[int, int] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for i in sorted(range(len(reading.mentions)), key=lambda i: (_start(reading.mentions[i]), i)):
        mention = reading.mentions[i]
        ranks[i] = seen[mention.type, mention.role]
        seen[mention.type, mention.role] += 1
    return [_row(reading, pair, names, counts, roles, ranks) for pair in pairs]


def _row(
    reading: Reading,
    pair: Pair,
    names: Sequence[list[list[str]]],
    counts: Counter[str],
    roles: Counter[tuple[str, str]],
    ranks: dict[int, int],
) -> list[str]:
    one, other = reading.mentions[pair.one], reading.mentions[pair.other]
    kinds = one.type[0] + other.type[0]
    both = f"{_short(one)}|{_short(other)}"
    found = {
        "",
        both,
        f"{both}&together={pair.places is not None}",
        f"ranks={min(ranks[pair.one], 2)}{min(ranks[pair.other], 2)}&{both}",
        f"introduced={min(roles[one.type, 'introduces'], 3)}&{both}",
        f"sure={int(4 * one.role_confidence)}{int(4 * other.role_confidence)}&{both}",
        f"counts={min(counts[one.type], 6)}-{min(counts[other.type], 6)}&{both}",
        f"sentences={min(len({p.sentence for p in reading.places[pair.one]}), 4)}"
        f"{min(len({p.sentence for p in reading.places[pair.other]}), 4)}",
    }
    found.update(_likeness(names[pair.one], names[pair.other], both))
    if pair.places:
        found.update(_together(reading, *pair.places, both))
        if pair.places[0].sentence:
            titles = [
                place for index in (pair.one, pair.other) for place in reading.places[index] if not place.sentence
            ]
            found.add(f"titles={len(titles)}&{both}")
    else:
        found.update(_apart(reading, pair, both))
    return [f"{kinds} {name}" for name in found]


def _short(mention: Mention) -> str:
    return mention.role[:3]


def _likeness(one: list[list[str]], other: list[list[str]], both: str) -> Iterator[str]:
    heads = {words[-1] for words in one if words}, {words[-1] for words in other if words}
    if heads[0] & heads[1]:
        yield "same-head"
        yield f"same-head&{both}"
    sets = [set(words) for words in one], [set(words) for words in other]
    for first in sets[0]:
        for second in sets[1]:
            if first and second and first != second:
                if first < second:
                    yield "inside>"
                    yield f"inside>&{both}"
                elif second < first:
                    yield "inside<"
                    yield f"inside<&{both}"
                elif first & second:
                    yield "shared-word"
    for side, side_heads in zip("12", heads, strict=True):
        for head in side_heads:
            yield f"head{side}:{head}"
    for side, words in zip("12", (one, other), strict=True):
        for name in words[:2]:
            yield f"name{side}:{' '.join(name)}"


def _together(reading: Reading, first: Place, second: Place, both: str) -> Iterator[str]:
    """Features of two mentions in one sentence."""
    forward = first.position < second.position
    left, right = (first.position, second.position) if forward else (second.position, first.position)
    mask = reading.mask[first.sentence]
    way = "+" if forward else "-"
    place = "t" if first.sentence == 0 else ""
    between = mask[left + 1 : right]
    far = len(between)
    yield f"{place}{way}"
    yield f"{place}{way}&{both}"
    yield f"{way}far={min(far, 4) if far < 5 else 5 + min(far // 6, 5)}"
    yield f"{way}far={min(far // 4, 6)}&{both}"
    if far <= 5:
        yield f"{way}all={' '.join(between)}"
        yield f"{way}all={' '.join(between)}&{both}"
    mentions = sum(word[0] == "<" for word in between)
    yield f"{way}mentions={min(mentions, 4)}"
    for word in set(between[:_MOST_BETWEEN]):
        yield f"{way}b:{word}"
        if word.isalpha():
            yield f"b:{word}&{both}"
    for pair in set(pairwise(between[:_MOST_BETWEEN])):
        yield f"{way}bb:{' '.join(pair)}"
    before = ["^", *mask[max(0, left - 4) : left]]
    after = [*mask[right + 1 : right + 5], "$"]
    yield f"{way}l1:{before[-1]}"
    yield f"{way}r1:{after[0]}"
    yield f"{way}l2:{' '.join(before[-2:])}"
    yield f"{way}r2:{' '.join(after[:2])}"
    for word in set(before):
        yield f"{way}l:{word}"
    for word in set(after):
        yield f"{way}r:{word}"
    if between:
        yield f"{way}b1:{between[0]}"
        yield f"{way}b-1:{between[-1]}"
        yield f"{way}b1-1:{between[0]} {between[-1]}"
        yield f"{way}b-2:{' '.join(between[-2:])}"
    yield f"at={min(first.sentence, 1) + (first.sentence == len(reading.sentences) - 1)}"


def _apart(reading: Reading, pair: Pair, both: str) -> Iterator[str]:
    """Features of two mentions that share no sentence: what is said around the one that is not introduced."""
    sentences = [{place.sentence for place in reading.places[index]} for index in (pair.one, pair.other)]
    gap = min(b - a for a in sentences[0] for b in sentences[1]) if all(sentences) else 0
    near = min(abs(b - a) for a in sentences[0] for b in sentences[1])
    yield f"gap={max(-3, min(gap, 3))}"
    yield f"near={min(near, 3)}&{both}"
    for side, index in zip("12", (pair.one, pair.other), strict=True):
        place = reading.places[index][0]
        yield f"{side}title={0 in sentences[int(side) - 1]}&{both}"
        mask = reading.mask[place.sentence]
        before = ["^^", "^", *mask[max(0, place.position - 8) : place.position]]
        after = [*mask[place.position + 1 : place.position + 5], "$", "$$"]
        yield f"{side}-1:{before[-1]}&{both}"
        yield f"{side}-2:{before[-2]} {before[-1]}"
        yield f"{side}+1:{after[0]}"
        yield f"{side}+2:{after[0]} {after[1]}"
        for word in set(before[2:]):
            if word.isalpha() or word[0] == "<":
                yield f"{side}<:{word}"
        opening = " ".join(word for word in mask[:3] if word.isalpha())
        yield f"{side}opens:{opening}"


def _relation(reading: Reading, pair: Pair, label: str, probability: float) -> Relation:
    """The relation with its evidence: the sentence of both, else the first one of what is not introduced."""
    if pair.places:
        sentence = pair.places[0].sentence
    else:
        told = pair.one if reading.mentions[pair.one].role != "introduces" else pair.other
        numbers = [place.sentence for place in reading.places[told]]
        sentence = next((number for number in numbers if number), numbers[0])
    start, end = reading.bounds[sentence]
    head, tail = (pair.one, pair.other) if label[-1] == _FORWARD else (pair.other, pair.one)
    return Relation(head, label[:-1], tail, reading.text[start:end], start, end, round(probability, 4))
