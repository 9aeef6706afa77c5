"""The role of each mention in its paper: a classifier over cues of wording, place and company, and over its vector.

The features of a mention, each readable in the weights:

- ``type``, and its normal form (``name:…``) and last word (``head:…``) where training saw them often enough;
- the words around its occurrences: one and two before (``-1:…``, ``-2:…``) and after (``+1:…`` …), pairs of
  them (``-2-1:…``, ``+1+2:…``), other mentions shown as ``<Method>``, ``<Dataset>``, ``<Task>``;
- the cue words of the sentences it stands in, before it (``<:…``) and behind it (``>:…``), of the first one apart;
- where it stands: in the title and in which part of it, first and last sentence, how many of the abstract's
  sentences, rank among the mentions of its type, and how often;
- its form: capitals, digits, length in words, whether it has a short form;
- its company: how many mentions of its type there are, whether it is the only one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kgtool.extract.context import WordVectors
from kgtool.extract.deep import Deep, fit_deep
from kgtool.extract.gold import ROLES, GoldRecord
from kgtool.extract.mentions import gold_mentions
from kgtool.extract.reading import Place, Reading, joined_vectors, read
from kgtool.extract.surfaces import normalise
from kgtool.records import Mention
from kgtool.sentences import sentences

_MOST_PLACES = 8
_CUE_WINDOW = 12
_SEEN = 15
"""In how many examples a feature must be seen to count: rarer ones make the model larger and no better."""


@dataclass(frozen=True, slots=True)
class Roles:
    """The classifier of mentions by role."""

    classifier: Deep

    def __call__(self, reading: Reading) -> tuple[Mention, ...]:
        """The reading's mentions with their roles and the roles' probabilities."""
        rows = features(reading)
        if not rows:
            return ()
        labels = self.classifier.labels
        allowed = np.array([[label in ROLES[mention.type] for label in labels] for mention in reading.mentions])
        places = np.arange(len(rows))[:, np.newaxis]
        found = self.classifier.probabilities(rows, reading.vectors(), places)
        kept = np.where(allowed, found + np.float32(1e-9), np.float32(0))
        kept /= kept.sum(axis=1, keepdims=True)
        best = kept.argmax(axis=1)
        return tuple(
            replace(mention, role=labels[best[i]], role_confidence=round(float(kept[i, best[i]]), 4))
            for i, mention in enumerate(reading.mentions)
        )


def fit_roles(
    records: Sequence[GoldRecord], words: Sequence[WordVectors | None] | None = None, *, seed: int = 7
) -> Roles:
    """Learn roles from annotated records and the vectors of their words."""
    both = zip(records, words or [None] * len(records), strict=True)
    readings = [gold_reading(record, own) for record, own in both]
    rows, labels, places = _examples(readings)
    groups = [number for number, reading in enumerate(readings) for _ in reading.mentions]
    return Roles(fit_deep(rows, labels, groups, joined_vectors(readings), places, seed=seed, minimum=_SEEN))


def calibrate_roles(roles: Roles, unseen: Sequence[tuple[GoldRecord, WordVectors | None]]) -> Roles:
    """With the temperature that suits records that no stage has learned from."""
    readings = [gold_reading(record, own) for record, own in unseen]
    rows, labels, places = _examples(readings)
    return Roles(roles.classifier.calibrated(rows, labels, joined_vectors(readings), places))


def _examples(readings: Sequence[Reading]) -> tuple[list[list[str]], list[str], NDArray[np.int64]]:
    """Features, role and row of the vector of each mention."""
    rows = [row for reading in readings for row in features(reading)]
    labels = [mention.role for reading in readings for mention in reading.mentions]
    return rows, labels, np.arange(len(rows))[:, np.newaxis]


def gold_reading(record: GoldRecord, words: WordVectors | None = None) -> Reading:
    """An annotated record as the classifiers read it."""
    return read(record.text, sentences(record.text), gold_mentions(record), words)


def features(reading: Reading) -> list[list[str]]:
    """The features of each mention of the reading."""
    counts = Counter(mention.type for mention in reading.mentions)
    rank: Counter[str] = Counter()
    order = sorted(range(len(reading.mentions)), key=lambda i: _first_start(reading.mentions[i]))
    ranks = {}
    for i in order:
        ranks[i] = rank[reading.mentions[i].type]
        rank[reading.mentions[i].type] += 1
    return [_row(reading, i, ranks[i], counts) for i in range(len(reading.mentions))]


def _first_start(mention: Mention) -> int:
    return mention.spans[0].start if mention.spans else len(mention.surfaces)


def _row(reading: Reading, index: int, rank: int, counts: Counter[str]) -> list[str]:
    mention = reading.mentions[index]
    places = reading.places[index]
    kind = mention.type[0]
    last = len(reading.sentences) - 1
    found: set[str] = set()
    for number, place in enumerate(places[:_MOST_PLACES]):
        found.update(_around(reading.mask[place.sentence], place, number == 0 or places[number - 1].sentence == 0))
    sentence_numbers = sorted({place.sentence for place in places})
    in_title = 0 in sentence_numbers
    body = [number for number in sentence_numbers if number]
    found.add("" if in_title else "out-of-title")
    if in_title:
        found.update(_title_cues(reading, next(place for place in places if place.sentence == 0)))
    if body:
        found.add(f"begins={min(5 * (body[0] - 1) // max(last, 1), 4)}")
        found.add(f"first-sentence={body[0] == 1}&title={in_title}")
        found.add(f"last-sentence={body[-1] == last}&title={in_title}")
        found.add(f"only-first={body == [1]}&title={in_title}")
        found.add(f"spread={min(len(body), 4)}&title={in_title}")
    found.add(f"places={min(len(places), 5)}&title={in_title}")
    found.update(_form(mention))
    found.add(f"rank={min(rank, 4)}&title={in_title}")
    found.add(f"of-type={min(counts[mention.type], 6)}")
    found.add(f"only={counts[mention.type] == 1}&title={in_title}")
    found.add(f"datasets={min(counts['Dataset'], 3)}&rank={min(rank, 2)}")
    row = [f"{kind} {name}" for name in found]
    names = {normalise(surface) for surface in mention.surfaces}
    row.extend(f"{kind} name:{name}" for name in sorted(names))
    row.extend(f"{kind} head:{head}" for head in sorted({name.rsplit(" ", 1)[-1] for name in names}))
    row.extend(sorted({name.split(" ")[0] and f"{kind} begin:{name.split(' ')[0]}" for name in names}))
    return row


def _around(mask: list[str], place: Place, first: bool) -> set[str]:
    """Features of one occurrence: its neighbours, and the words before and behind it in the sentence."""
    at = place.position
    where = "t" if place.sentence == 0 else ""
    before = ["^^", "^", *mask[max(0, at - _CUE_WINDOW) : at]]
    after = [*mask[at + 1 : at + 1 + _CUE_WINDOW], "$", "$$"]
    found = {
        f"{where}-1:{before[-1]}",
        f"{where}-2:{before[-2]}",
        f"{where}+1:{after[0]}",
        f"{where}+2:{after[1]}",
        f"{where}-2-1:{before[-2]} {before[-1]}",
        f"{where}+1+2:{after[0]} {after[1]}",
        f"{where}-1+1:{before[-1]} {after[0]}",
    }
    if place.sentence:
        words = [word for word in before if word.isalpha() or word[0] == "<"]
        found.update(f"<:{word}" for word in words)
        found.update(f">:{word}" for word in after if word.isalpha() or word[0] == "<")
        found.update(f"<:{one} {two}" for one, two in pairwise(words))
        start = [word for word in mask[:3] if word.isalpha()]
        found.add(f"opens:{' '.join(start[:2])}")
        if first:
            found.update(f"1<:{word}" for word in words)
            found.add(f"1-2-1:{before[-2]} {before[-1]}")
            found.add(f"1+1:{after[0]}")
            found.add(f"1opens:{' '.join(start[:2])}")
    return found


def _title_cues(reading: Reading, place: Place) -> set[str]:
    mask = reading.mask[0]
    colon = mask.index(":") if ":" in mask else -1
    part = "whole" if colon < 0 else "name" if place.position < colon else "rest"
    alone = colon == 1 and place.position == 0
    link = next((word for word in reversed(mask[: place.position]) if word in _TITLE_LINKS), "none")
    return {f"title-part={part}", f"title-alone={alone}", f"title-link={link}", f"title-at={min(place.position, 3)}"}


_TITLE_LINKS = frozenset(
    ("for", "with", "via", "of", "in", "by", "from", "using", "on", "to", "through", "and", "under")
)


def _form(mention: Mention) -> set[str]:
    surface = max(mention.surfaces, key=len) if mention.surfaces else ""
    shortest = min(mention.surfaces, key=len) if mention.surfaces else ""
    capitals = sum(char.isupper() for char in shortest)
    return {
        f"words={min(len(surface.split()), 5)}",
        f"surfaces={min(len(mention.surfaces), 3)}",
        f"inner-capital={any(char.isupper() for char in shortest[1:])}",
        f"digit={any(char.isdigit() for char in shortest)}",
        f"capitals={min(capitals, 3)}&space={' ' in shortest}",
    }
