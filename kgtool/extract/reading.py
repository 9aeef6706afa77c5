"""A text as the classifiers read it: sentences of words in which every mention is one item."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kgtool.extract.context import Vectors, WordVectors
from kgtool.records import Mention

Item = str | int
"""A word or sign in lower case, or the position of a Mention."""

_ITEM = re.compile(r"\w+|[^\w\s]")
_DIGITS = frozenset("0123456789")
_NUMBER = re.compile(r"\d+")
_LONGEST_SENTENCE = 400
_LONGEST_TEXT = 400


@dataclass(frozen=True, slots=True)
class Place:
    """One occurrence of a mention: its sentence (0 is the title) and its position among that sentence's items."""

    sentence: int
    position: int


@dataclass(slots=True)
class Reading:
    """Sentences as items, and where each mention stands in them."""

    text: str
    mentions: Sequence[Mention]
    bounds: list[tuple[int, int]] = field(default_factory=list)
    sentences: list[list[Item]] = field(default_factory=list)
    places: list[list[Place]] = field(default_factory=list)
    """For each mention its places, in order."""
    mask: list[list[str]] = field(default_factory=list)
    """The sentences with the type of each mention in angle brackets in its place."""
    words: WordVectors | None = None
    """The vectors of the text's words, where the recogniser gives any."""

    def vectors(self) -> Vectors | None:
        """Those of the mentions."""
        return self.words.of(self.mentions) if self.words else None


def read(
    text: str,
    sentences: tuple[tuple[int, int], ...],
    mentions: Sequence[Mention],
    words: WordVectors | None = None,
) -> Reading:
    """Cut the text into items; `words` are the vectors of its words.

    At most the first 400 sentences are read, and 400 items of each: more is no abstract, and the cost stays linear.
    """
    reading = Reading(text, mentions, places=[[] for _ in mentions], words=words)
    spans = sorted((span.start, span.end, index) for index, mention in enumerate(mentions) for span in mention.spans)
    marks = [f"<{mention.type}>" for mention in mentions]
    at = 0
    for number, (start, end) in enumerate(sentences[:_LONGEST_TEXT]):
        items: list[Item] = []
        cursor = start
        while at < len(spans) and spans[at][0] < end:
            begin, stop, index = spans[at]
            at += 1
            if begin < cursor:
                continue
            items.extend(_ITEM.findall(text[cursor:begin].lower()))
            if len(items) < _LONGEST_SENTENCE:
                reading.places[index].append(Place(number, len(items)))
            items.append(index)
            cursor = stop
        if cursor < end:
            items.extend(_ITEM.findall(text[cursor:end].lower()))
        del items[_LONGEST_SENTENCE:]
        reading.bounds.append((start, end))
        reading.sentences.append(items)
        reading.mask.append(
            [
                marks[item]
                if isinstance(item, int)
                else "0"
                if item[0] in _DIGITS and _NUMBER.fullmatch(item)
                else item
                for item in items
            ]
        )
    return reading


def joined_vectors(readings: Sequence[Reading]) -> Vectors | None:
    """The vectors of all the readings' mentions, one behind the other; None where a reading has none."""
    known = [vectors for reading in readings if (vectors := reading.vectors()) is not None]
    return np.concatenate(known) if len(known) == len(readings) > 0 else None
