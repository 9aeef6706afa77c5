"""How sure it is that a mention is an entity of its type: logistic regression over what is known of it.

The classifier learns from the recogniser's hits and misses on annotated papers that this was not trained on. The
features of a mention: its type; how probable the recogniser found it, and at how many of its places, where it says so
(spaCy's ``ner`` doesn't); how often and where it stands; its form (length,
capitals, digits); whether it has an abbreviation or other surfaces; its role and how sure that is; how many mentions
the paper has; and what the annotated papers know of its surfaces (`Lexicon`): in how many they were annotated as this
type, in which share of the papers that hold the words, and as another type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log

import srsly

from kgtool.errors import ModelError
from kgtool.extract.evaluation import match
from kgtool.extract.gold import TYPES, GoldEntity, GoldRecord
from kgtool.extract.linear import Linear, fit
from kgtool.extract.reading import Reading
from kgtool.extract.surfaces import normalise
from kgtool.records import Mention, Span

_LONGEST_NAME = 6
_RARE = 3


@dataclass(frozen=True, slots=True)
class Lexicon:
    """For a normal form: in how many annotated papers it is a Method, a Dataset, a Task, and in how many it stands."""

    counts: Mapping[str, tuple[int, int, int, int]]

    @classmethod
    def of(cls, records: Sequence[GoldRecord]) -> Lexicon:
        """What the records know of the names that are annotated in three of them or more."""
        annotated: Counter[tuple[str, str]] = Counter()
        for record in records:
            annotated.update({(normalise(m), entity.type) for entity in record.entities for m in entity.mentions})
        totals: Counter[str] = Counter()
        for (name, _), count in annotated.items():
            totals[name] += count
        names = {name for name, count in totals.items() if count >= _RARE and name}
        stands: Counter[str] = Counter()
        for record in records:
            words = normalise(record.text).split()
            stands.update(
                {
                    name
                    for length in range(1, _LONGEST_NAME + 1)
                    for i in range(len(words) - length + 1)
                    if (name := " ".join(words[i : i + length])) in names
                }
            )
        counts = {
            name: (annotated[name, TYPES[0]], annotated[name, TYPES[1]], annotated[name, TYPES[2]], stands[name])
            for name in sorted(names)
        }
        return cls(counts)


@dataclass(frozen=True, slots=True)
class Confidence:
    """The classifiers of mentions and of their spans, and the lexicon that they ask."""

    mentions: Linear
    spans: Linear
    lexicon: Lexicon = field(repr=False)

    def __call__(self, reading: Reading) -> tuple[Mention, ...]:
        """The reading's mentions with their confidence, and that of each of their spans."""
        rows = features(reading, self.lexicon)
        whole = self._right(self.mentions, rows)
        keys = [(i, surface) for i, mention in enumerate(reading.mentions) for surface in mention.surfaces]
        own = [[*rows[i], *surface_row(reading, i, surface, self.lexicon)] for i, surface in keys]
        by_surface = dict(zip(keys, self._right(self.spans, own), strict=True))
        text = reading.text
        return tuple(
            replace(
                mention,
                confidence=probability,
                spans=tuple(
                    Span(span.start, span.end, by_surface.get((i, text[span.start : span.end]), probability))
                    for span in mention.spans
                ),
            )
            for i, (mention, probability) in enumerate(zip(reading.mentions, whole, strict=True))
        )

    @staticmethod
    def _right(classifier: Linear, rows: Sequence[Sequence[str]]) -> list[float]:
        column = classifier.probabilities(rows)[:, classifier.labels.index("right")]
        return [round(float(probability), 4) for probability in column]

    def to_bytes(self) -> bytes:
        """Both classifiers and the lexicon as MessagePack."""
        data: bytes = srsly.msgpack_dumps(
            {
                "mentions": self.mentions.to_bytes(),
                "spans": self.spans.to_bytes(),
                "names": list(self.lexicon.counts),
                "counts": [list(counts) for counts in self.lexicon.counts.values()],
            }
        )
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> Confidence:
        """What `to_bytes` wrote. Raises ModelError where it is something else."""
        try:
            read = srsly.msgpack_loads(data)
            counts = {name: tuple(row) for name, row in zip(read["names"], read["counts"], strict=True)}
            lexicon = Lexicon(counts)
            return cls(Linear.from_bytes(read["mentions"]), Linear.from_bytes(read["spans"]), lexicon)
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"the weights of the confidence cannot be read: {error}") from error


def fit_confidence(
    predicted: Sequence[Reading], gold: Sequence[GoldRecord], lexicon: Lexicon, *, seed: int = 7
) -> Confidence:
    """Learn from the mentions predicted for annotated papers, parallel to these.

    The recogniser and the lexicon must not have learned from these papers. A mention is right where an entity of its
    type has a surface of the same normal form, matched one to one; a span where its surface is annotated with its type.
    """
    rows: list[list[str]] = []
    labels: list[str] = []
    groups: list[int] = []
    span_rows: list[list[str]] = []
    span_labels: list[str] = []
    span_groups: list[int] = []
    for number, (reading, record) in enumerate(zip(predicted, gold, strict=True)):
        own = [GoldEntity(mention.type, mention.surfaces, mention.role) for mention in reading.mentions]
        hits = match(record.entities, own)
        right = {(entity.type, surface) for entity in record.entities for surface in entity.mentions}
        for index, (mention, row) in enumerate(zip(reading.mentions, features(reading, lexicon), strict=True)):
            rows.append(row)
            labels.append("right" if index in hits else "wrong")
            groups.append(number)
            for surface in mention.surfaces:
                span_rows.append([*row, *surface_row(reading, index, surface, lexicon)])
                span_labels.append("right" if (mention.type, surface) in right else "wrong")
                span_groups.append(number)
    return Confidence(
        _fit(rows, labels, groups, seed),
        _fit(span_rows, span_labels, span_groups, seed),
        lexicon,
    )


def _fit(rows: Sequence[Sequence[str]], labels: Sequence[str], groups: Sequence[int], seed: int) -> Linear:
    return fit(rows, labels, groups, also=("right", "wrong"), seed=seed, minimum=10, decay=1e-3)


def features(reading: Reading, lexicon: Lexicon) -> list[list[str]]:
    """The features of each mention."""
    count = min(len(reading.mentions) // 3, 6)
    types = Counter(mention.type for mention in reading.mentions)
    return [_row(reading, index, lexicon, count, types) for index in range(len(reading.mentions))]


def _row(reading: Reading, index: int, lexicon: Lexicon, count: int, types: Counter[str]) -> list[str]:
    mention = reading.mentions[index]
    kind = mention.type[0]
    places = reading.places[index]
    title = bool(places) and places[0].sentence == 0
    body = {place.sentence for place in places if place.sentence}
    known = max((_known(surface, mention.type, lexicon) for surface in mention.surfaces), default=(0, 0, 0))
    sure = int(5 * mention.role_confidence)
    row = [
        "",
        f"title={title}&sentences={min(len(body), 3)}",
        f"places={min(len(places), 5)}",
        f"surfaces={min(len(mention.surfaces), 3)}",
        f"role={mention.role}",
        f"role={mention.role}&sure={sure}",
        f"known={known}",
        f"seen={known[0]}",
        f"seen={known[0]}&title={title}",
        f"share={known[1]}",
        f"mentions={count}",
        f"of-type={min(types[mention.type], 5)}",
        *_recognised([span.confidence for span in mention.spans]),
        *_form(max(mention.surfaces, key=len)),
        *(f"head:{normalise(surface).rsplit(' ', 1)[-1]}" for surface in mention.surfaces[:1]),
    ]
    for place in places[:2]:
        mask = reading.mask[place.sentence]
        before = mask[place.position - 1] if place.position else "^"
        after = mask[place.position + 1] if place.position + 1 < len(mask) else "$"
        row.extend((f"-1:{before}", f"+1:{after}"))
    return [f"{kind} {name}" for name in row]


def surface_row(reading: Reading, index: int, surface: str, lexicon: Lexicon) -> list[str]:
    """What tells one surface of a mention from the others."""
    mention = reading.mentions[index]
    text = reading.text
    probabilities = [span.confidence for span in mention.spans if text[span.start : span.end] == surface]
    kind = mention.type[0]
    known = _known(surface, mention.type, lexicon)
    first = surface == mention.surfaces[0]
    forms = [f"{kind} s {name}" for name in _form(surface)]
    row = [*forms, f"{kind} s known={known}", f"{kind} s first={first}&alone={len(mention.surfaces) == 1}"]
    return [*row, *(f"{kind} s {name}" for name in _recognised(probabilities))]


def _known(surface: str, type_: str, lexicon: Lexicon) -> tuple[int, int, int]:
    """How often seen as this type (in powers of two), in which share of its papers, in which share as another type."""
    counts = lexicon.counts.get(normalise(surface))
    if counts is None:
        return 0, 0, 0
    own = counts[TYPES.index(type_)]
    other = sum(counts[:3]) - own
    papers = max(counts[3], own + other, 1)
    return min(own.bit_length(), 6), 5 * own // papers, 5 * other // papers


def _recognised(probabilities: Sequence[float]) -> tuple[str, ...]:
    """The log-odds of the most probable place, in steps of a half, and in how many of the places it was recognised."""
    best = min(max(probabilities, default=0.0), 0.9999)
    odds = round(2 * log(best / (1 - best))) if best > 0 else None
    found = sum(probability > 0 for probability in probabilities)
    return f"odds={odds}", f"odds={None if odds is None else odds // 4}&found={4 * found // max(1, len(probabilities))}"


def _form(surface: str) -> tuple[str, ...]:
    words = surface.split()
    capitals = sum(char.isupper() for char in surface)
    digit = any(char.isdigit() for char in surface)
    odd = any(not (char.isalnum() or char in " -") for char in surface)
    return (
        f"words={min(len(words), 6)}",
        f"capitals={min(capitals, 3)}&one={len(words) == 1}",
        f"length={min(len(surface) // 4, 8)}&one={len(words) == 1}",
        f"digit={digit}&odd={odd}",
        f"lower={surface.islower()}&hyphen={'-' in surface}",
    )
