"""The vectors that a recogniser gives the words of a text in their context, for the stages behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgtool.records import Mention

if TYPE_CHECKING:
    from spacy.tokens import Doc

Vectors = NDArray[np.floating]
"""One row per mention: the mean of the vectors of its words; of a mention without places, nothing but zeros."""


@dataclass(frozen=True, slots=True, eq=False)
class WordVectors:
    """The vectors of words, and where these begin and end in the text."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    rows: NDArray[np.floating]

    @classmethod
    def of_doc(cls, doc: Doc) -> WordVectors | None:
        """Those in ``doc.tensor``; None where it has no row for each token."""
        rows = doc.tensor
        if rows is None or rows.ndim != 2 or not len(doc) or len(rows) != len(doc):
            return None
        bounds = doc.to_array(["IDX", "LENGTH"]).astype(np.int64)
        return cls(bounds[:, 0], bounds.sum(axis=1), rows)

    def within(self, places: Iterable[tuple[int, int]]) -> WordVectors:
        """Only the words at these places, in half precision: a sixth of the memory, where these are mentions."""
        chosen = np.zeros(len(self.starts), bool)
        for start, end in places:
            chosen[self._words(start, end)] = True
        return WordVectors(self.starts[chosen], self.ends[chosen], self.rows[chosen].astype(np.float16))

    def of(self, mentions: Sequence[Mention]) -> Vectors:
        """The vectors of mentions, over all their places, in the precision of the words'."""
        spans = [span for mention in mentions for span in mention.spans]
        firsts = self.ends.searchsorted([span.start for span in spans], "right").tolist()
        lasts = self.starts.searchsorted([span.end for span in spans], "left").tolist()
        parts = iter([self.rows[first:last] for first, last in zip(firsts, lasts, strict=True)])
        found = np.zeros((len(mentions), self.rows.shape[1]), self.rows.dtype)
        for row, mention in zip(found, mentions, strict=True):
            own = list(islice(parts, len(mention.spans)))
            if words := sum(map(len, own)):
                row[:] = np.concatenate(own).sum(axis=0, dtype=np.float32) / words
        return found

    def _words(self, start: int, end: int) -> slice:
        """The words that the place touches."""
        return slice(int(self.ends.searchsorted(start, "right")), int(self.starts.searchsorted(end, "left")))
