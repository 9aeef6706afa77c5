"""What the vectors of words in their context add to a linear classifier's scores: a small network, in plain numpy.

The classifier of names, cues and places stays; the network reads its scores and the vectors and corrects them ("wide
and deep": Cheng et al., DLRS 2016). It learns from scores of classifiers that had not seen the paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import srsly
from numpy.typing import NDArray

from kgtool.errors import ModelError
from kgtool.extract.context import Vectors
from kgtool.extract.linear import Linear, Rows, best_temperature, fit, softmax

Array = NDArray[np.float32]
_NARROW, _HIDDEN = 64, 96
_FOLDS, _HELD_OUT = 3, 8
_PASSES, _RATE, _DECAY = 6, 1e-3, 1e-2
_MEAN, _SQUARE = 0.9, 0.999
"""How slowly Adam forgets the gradients' mean and their squares."""
_ALONE = 1 << 18
"""Products of how many multiplications OpenBLAS calculates on one thread."""
_KEPT = 0.7
"""The share of the numbers that a step of the learning sees (dropout)."""


@dataclass(frozen=True, slots=True, eq=False)
class Deep:
    """A linear classifier, and the weights of the network that corrects its scores where vectors are known."""

    linear: Linear
    weights: tuple[Array, ...] = ()
    """Of the narrowing layer, the hidden one and the last one, each with its bias; none where there were no vectors."""
    temperature: float = 1.0

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the columns."""
        return self.linear.labels

    def probabilities(self, rows: Rows, vectors: Vectors | None, places: NDArray[np.int64]) -> Array:
        """Probabilities of the labels, one row per example.

        `places`, of shape (examples, 1 or 2), says which rows of `vectors` belong to an example. Without vectors, or
        with others than it learned from, the linear classifier decides alone.
        """
        wide = self.linear.logits(rows)
        if not rows or not self.weights or vectors is None or vectors.shape[1] != len(self.weights[0]):
            return softmax(wide)
        into, bias, middle, *_ = self.weights
        read = vectors.astype(np.float32, copy=False)
        narrow = np.concatenate([read[part] @ into + bias for part in _slices(len(read), into)])
        scores: Array = np.concatenate(
            [
                _Pass.of(self.weights, wide[part], [narrow[side] for side in places[part].T]).scores
                for part in _slices(len(wide), middle)
            ]
        )
        heated: Array = scores / np.float32(self.temperature)
        return softmax(heated)

    def calibrated(self, rows: Rows, labels: Sequence[str], vectors: Vectors | None, places: NDArray[np.int64]) -> Deep:
        """The same with the temperature that suits examples that it has not learned from, at least one.

        Raises ValueError for a label that it doesn't know.
        """
        if not rows:
            return self
        wanted = np.array([self.labels.index(label) for label in labels])
        if not self.weights or vectors is None:
            heat = best_temperature(self.linear.logits(rows), wanted)
            return replace(self, linear=replace(self.linear, temperature=self.linear.temperature * heat))
        probabilities = replace(self, temperature=1.0).probabilities(rows, vectors, places)
        return replace(self, temperature=best_temperature(np.log(probabilities + np.float32(1e-9)), wanted))

    def to_bytes(self) -> bytes:
        """The classifier as MessagePack, weights as half-precision floats."""
        weights = [[list(one.shape), one.astype("<f2").tobytes()] for one in self.weights]
        stored = {"linear": self.linear.to_bytes(), "weights": weights, "temperature": self.temperature}
        data: bytes = srsly.msgpack_dumps(stored)
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> Deep:
        """What `to_bytes` wrote. Raises ModelError where it is something else."""
        try:
            read = srsly.msgpack_loads(data)
            weights = [np.frombuffer(raw, "<f2").astype(np.float32).reshape(shape) for shape, raw in read["weights"]]
            if weights and not _fits([one.shape for one in weights]):
                raise ValueError("matrices that do not follow one another")
            return cls(Linear.from_bytes(read["linear"]), tuple(weights), float(read["temperature"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"the weights of a classifier cannot be read: {error}") from error


def fit_deep(
    rows: Rows,
    labels: Sequence[str],
    groups: Sequence[int],
    vectors: Vectors | None,
    places: NDArray[np.int64],
    *,
    also: Sequence[str] = (),
    seed: int = 7,
    minimum: int = 6,
) -> Deep:
    """Fit the linear classifier, and where there are vectors the network behind it, by Adam with decoupled decay.

    `groups` numbers the paper of each example, `places` is as in `Deep.probabilities`, the other parameters are those
    of `linear.fit`. The network's temperature is set on an eighth of the papers. The same input and seed give the same
    weights on one machine.
    """
    linear = fit(rows, labels, groups, also=also, seed=seed, minimum=minimum)
    if vectors is None:
        return Deep(linear)
    wide = np.zeros((len(rows), len(linear.labels)), np.float32)
    for fold in range(_FOLDS):
        unseen = [number for number, group in enumerate(groups) if group % _FOLDS == fold]
        others = [number for number, group in enumerate(groups) if group % _FOLDS != fold]
        if unseen and others:
            known = [labels[i] for i in others], [groups[i] for i in others]
            trial = fit([rows[i] for i in others], *known, also=linear.labels, seed=seed, minimum=minimum)
            wide[unseen] = trial.logits([rows[i] for i in unseen])
    wanted = np.array([linear.labels.index(label) for label in labels])
    examples = _Examples(wide, wanted, vectors, places)
    is_held = np.array(groups) % _HELD_OUT == 0
    part, rest = np.flatnonzero(~is_held), np.flatnonzero(is_held)
    temperature = 1.0
    if len(part) and len(rest):
        temperature = best_temperature(examples.scores(examples.learn(part, seed), rest), wanted[rest])
    return Deep(linear, examples.learn(np.arange(len(rows)), seed), temperature)


@dataclass(frozen=True, slots=True, eq=False)
class _Examples:
    """What the network learns from."""

    wide: Array
    wanted: NDArray[np.int64]
    vectors: Vectors
    places: NDArray[np.int64]

    def scores(self, weights: tuple[Array, ...], chosen: NDArray[np.int64]) -> Array:
        """The network's scores of some examples."""
        return np.concatenate(
            [
                _Pass.of(weights, self.wide[now], _narrowed(weights, self._read(now))).scores
                for now in np.array_split(chosen, 1 + len(chosen) // 4096)
            ]
        )

    def _read(self, chosen: NDArray[np.int64]) -> list[Array]:
        """The vectors of the examples, one array for each side."""
        return [self.vectors[side].astype(np.float32) for side in self.places[chosen].T]

    def learn(self, chosen: NDArray[np.int64], seed: int) -> tuple[Array, ...]:
        """Weights after passes over the chosen examples, at rates that fall to nothing."""
        random = np.random.default_rng(seed)
        batch = min(max(len(chosen) // 200, 16), 512)
        weights = _begin(self.vectors.shape[1], self.places.shape[1], self.wide.shape[1], random)
        means, squares = [[np.zeros_like(one) for one in weights] for _ in range(2)]
        steps = _PASSES * -(-len(chosen) // batch)
        batches = (np.array_split(random.permutation(chosen), steps // _PASSES) for _ in range(_PASSES))
        for step, now in enumerate(chain.from_iterable(batches), 1):
            read = [one * _dropout(one.shape, random) for one in self._read(now)]
            kept = _dropout((len(now), _HIDDEN), random)
            forward = _Pass.of(weights, self.wide[now], _narrowed(weights, read), kept)
            gradients = forward.gradients(weights, self.wanted[now], read, kept)
            rate = _RATE * (1 - (step - 1) / steps)
            for weight, mean, square, gradient in zip(weights, means, squares, gradients, strict=True):
                mean += (1 - _MEAN) * (gradient - mean)
                square += (1 - _SQUARE) * (gradient * gradient - square)
                move = mean / (1 - _MEAN**step) / (np.sqrt(square / (1 - _SQUARE**step)) + 1e-8)
                weight -= rate * (move + (_DECAY if weight.ndim > 1 else 0) * weight)
        return weights


@dataclass(frozen=True, slots=True, eq=False)
class _Pass:
    """One pass through the network from the narrowed vectors on, with what its gradients need."""

    narrow: Sequence[Array]
    joined: Array
    hidden: Array
    scores: Array

    @classmethod
    def of(cls, weights: tuple[Array, ...], wide: Array, narrow: Sequence[Array], kept: Array | None = None) -> _Pass:
        """The scores of examples; of a pair the network reads both, their product and their distance."""
        _, _, middle, middle_bias, last, last_bias = weights
        parts = [np.maximum(one, 0) for one in narrow]
        if len(narrow) == 2:
            parts += [narrow[0] * narrow[1], np.abs(narrow[0] - narrow[1])]
        joined = np.concatenate([*parts, wide], axis=1)
        hidden = np.maximum(joined @ middle + middle_bias, 0)
        if kept is not None:
            hidden = hidden * kept
        return cls(narrow, joined, hidden, wide + hidden @ last + last_bias)

    def gradients(
        self, weights: tuple[Array, ...], wanted: NDArray[np.int64], vectors: Sequence[Array], kept: Array
    ) -> list[Array]:
        """Those of the mean log loss, in the order of the weights; `vectors` are what was narrowed."""
        _, _, middle, _, last, _ = weights
        error = softmax(self.scores)
        error[np.arange(len(wanted)), wanted] -= 1
        error /= np.float32(len(wanted))
        behind = error @ last.T * (self.hidden > 0) * kept
        before = behind @ middle.T
        width = self.narrow[0].shape[1]
        parts = [before[:, at : at + width] for at in range(0, 4 * width, width)]
        own = [part * (one > 0) for part, one in zip(parts, self.narrow, strict=False)]
        if len(own) == 2:
            side = parts[3] * np.sign(self.narrow[0] - self.narrow[1])
            own = [own[0] + parts[2] * self.narrow[1] + side, own[1] + parts[2] * self.narrow[0] - side]
        narrowed = np.concatenate(own)
        return [
            np.concatenate(vectors).T @ narrowed,
            narrowed.sum(axis=0),
            self.joined.T @ behind,
            behind.sum(axis=0),
            self.hidden.T @ error,
            error.sum(axis=0),
        ]


def _slices(rows: int, weights: Array) -> Iterator[slice]:
    """Rows whose product with the weights is so small that BLAS calculates it on the thread that asks for it.

    Where the recogniser keeps all processors busy, waiting for another thread takes a hundred times as long.
    """
    step = max(1, _ALONE // weights.size)
    return (slice(at, at + step) for at in range(0, rows, step))


def _fits(shapes: Sequence[tuple[int, ...]]) -> bool:
    """Whether six arrays are three layers, each with its bias, of which the second reads what the first one gives."""
    if [len(shape) for shape in shapes] != [2, 1, 2, 1, 2, 1]:
        return False
    into, into_bias, middle, middle_bias, last, last_bias = shapes
    read = middle[0] - last[1]
    follows = into[1:] == into_bias and middle[1:] == middle_bias and last[1:] == last_bias
    return follows and last[0] == middle[1] and read in (into[1], 4 * into[1])


def _narrowed(weights: tuple[Array, ...], vectors: Sequence[Array]) -> list[Array]:
    return [one @ weights[0] + weights[1] for one in vectors]


def _begin(width: int, sides: int, labels: int, random: np.random.Generator) -> tuple[Array, ...]:
    """Small random weights; the last layer begins with none, so that learning begins with the linear classifier."""
    joined = _NARROW * (1 if sides == 1 else 4) + labels
    return (
        random.uniform(-1, 1, (width, _NARROW)).astype(np.float32) / np.float32(np.sqrt(width)),
        np.zeros(_NARROW, np.float32),
        random.uniform(-1, 1, (joined, _HIDDEN)).astype(np.float32) / np.float32(np.sqrt(joined)),
        np.zeros(_HIDDEN, np.float32),
        np.zeros((_HIDDEN, labels), np.float32),
        np.zeros(labels, np.float32),
    )


def _dropout(shape: tuple[int, ...], random: np.random.Generator) -> Array:
    kept: Array = (random.random(shape, np.float32) < _KEPT).astype(np.float32) / np.float32(_KEPT)
    return kept
