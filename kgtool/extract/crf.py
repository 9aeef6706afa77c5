"""A linear-chain conditional random field over word tags (Lafferty et al. 2001): the best spans and how sure they are.

Tag 0 is outside, ``1 + 2k`` begins a span of type `k` and ``2 + 2k`` goes on with it. A tag that goes on may only
follow one of its own span.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
_Sums = NDArray[np.float64]
_NEVER = np.float32(-1e4)
_LEAST = -50.0
"""How far below the best tag of its word a tag's score may lie: e to the power of it is still no underflow."""


class TaggedSpan(NamedTuple):
    """Words `start` to `end` (excluded) are one span of the type with this number; `probability` is its marginal."""

    start: int
    end: int
    type: int
    probability: float


class Crf:
    """Scores of a tag after a tag, of shape (tags, tags), and at the start of a text, of shape (tags,)."""

    def __init__(self, transitions: Array, start: Array) -> None:
        goes_on = np.arange(2, len(start), 2)
        self.transitions, self.start = transitions.copy(), start.copy()
        self.start[goes_on] = _NEVER
        for tag in goes_on:
            others = [other for other in range(len(start)) if other not in (tag, tag - 1)]
            self.transitions[others, tag] = _NEVER

    def spans(self, emissions: Sequence[Array]) -> list[list[TaggedSpan]]:
        """The spans of the best path through each text's emissions, of shape (words, tags)."""
        if not emissions:
            return []
        lengths = np.array([len(one) for one in emissions])
        padded = np.zeros((len(emissions), max(1, lengths.max()), len(self.start)), np.float32)
        for row, one in zip(padded, emissions, strict=True):
            row[: len(one)] = one
        paths = self._best(padded, lengths)
        forward, backward, steps = self._sums(padded, lengths)
        return [
            [
                TaggedSpan(
                    start, end, type_, self._probability(start, end, type_, length, forward[i], backward[i], steps[i])
                )
                for start, end, type_ in _spans(paths[i, :length])
            ]
            for i, length in enumerate(lengths.tolist())
        ]

    def _best(self, emissions: Array, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """The tags of the best path (Viterbi), of shape (texts, words)."""
        texts, words, tags = emissions.shape
        came_from = np.zeros((texts, words, tags), np.int64)
        score = self.start + emissions[:, 0]
        for t in range(1, words):
            ways = score[:, :, None] + self.transitions
            came_from[:, t] = ways.argmax(1)
            inside = (t < lengths)[:, None]
            score = np.where(inside, ways.max(1) + emissions[:, t], score)
        path = np.zeros((texts, words), np.int64)
        tag, rows = score.argmax(1), np.arange(texts)
        for t in range(words - 1, -1, -1):
            inside = t < lengths
            path[inside, t] = tag[inside]
            tag = np.where(inside & (t > 0), came_from[rows, t, tag], tag)
        return path

    def _sums(self, emissions: Array, lengths: NDArray[np.int64]) -> tuple[_Sums, _Sums, _Sums]:
        """The scaled forward and backward sums, and the scaled factor of each word and tag (Rabiner 1989)."""
        words = emissions.shape[1]
        above_all = emissions.astype(np.float64) - emissions.max(2, keepdims=True)
        factors = np.exp(np.maximum(above_all, _LEAST))
        transition = np.exp(self.transitions.astype(np.float64))
        forward, backward = np.zeros_like(factors), np.ones_like(factors)
        forward[:, 0] = np.exp(self.start) * factors[:, 0]
        factors[:, 0] /= forward[:, 0].sum(1, keepdims=True)
        forward[:, 0] /= forward[:, 0].sum(1, keepdims=True)
        for t in range(1, words):
            reached = (forward[:, t - 1, :, None] * transition).sum(1)
            scale = (reached * factors[:, t]).sum(1, keepdims=True)
            factors[:, t] /= scale
            forward[:, t] = reached * factors[:, t]
        for t in range(words - 2, -1, -1):
            onward = (transition * (factors[:, t + 1] * backward[:, t + 1])[:, None, :]).sum(2)
            backward[:, t] = np.where((t + 1 < lengths)[:, None], onward, 1.0)
        return forward, backward, factors

    def _probability(
        self, start: int, end: int, type_: int, length: int, forward: _Sums, backward: _Sums, factors: _Sums
    ) -> float:
        """How probable it is that just these words are one span of this type."""
        begins, goes_on = 1 + 2 * type_, 2 + 2 * type_
        value, last = float(forward[start, begins]), begins
        for t in range(start + 1, end):
            value *= float(np.exp(self.transitions[last, goes_on]) * factors[t, goes_on])
            last = goes_on
        if end < length:
            ways = np.exp(self.transitions[last]) * factors[end] * backward[end]
            value *= float(ways.sum() - ways[goes_on])
        return min(1.0, max(0.0, value))


def _spans(tags: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """The spans that a path marks: start, end, type."""
    found: list[tuple[int, int, int]] = []
    for at, tag in enumerate(tags.tolist()):
        if tag % 2:
            found.append((at, at + 1, tag // 2))
        elif tag:
            start, _, type_ = found.pop()
            found.append((start, at + 1, type_))
    return found
