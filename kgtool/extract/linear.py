"""Multinomial logistic regression over named features, in plain numpy: small, seeded, calibrated, readable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
import srsly
from numpy.typing import NDArray

from kgtool.errors import ModelError

Rows = Sequence[Sequence[str]]
"""One collection of feature names per example."""

_FOLDS = 8
_MANY = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A fitted classifier: one weight per feature and label; unknown features weigh nothing."""

    labels: tuple[str, ...]
    features: dict[str, int]
    weights: NDArray[np.float32]
    """One row per feature, one column per label; the last row is the bias."""
    temperature: float

    def logits(self, rows: Rows) -> NDArray[np.float32]:
        """Scores of the labels, one row per example."""
        known = self.features
        bias = len(known)
        flat: list[int] = []
        starts: list[int] = []
        for row in rows:
            starts.append(len(flat))
            numbers = set(map(known.get, row, repeat(bias)))
            numbers.discard(bias)
            flat.append(bias)
            flat.extend(sorted(numbers))  # float sums depend on the order
        if not starts:
            return np.zeros((0, len(self.labels)), np.float32)
        sums: NDArray[np.float32] = np.add.reduceat(self.weights[flat], starts, axis=0)
        return sums / np.float32(self.temperature)

    def probabilities(self, rows: Rows) -> NDArray[np.float32]:
        """Probabilities of the labels, one row per example."""
        return softmax(self.logits(rows))

    def strongest(self, label: str, count: int = 20) -> list[tuple[str, float]]:
        """The features that speak most for a label, for reading."""
        column = self.weights[:-1, self.labels.index(label)]
        names = list(self.features)
        return [(names[i], float(column[i])) for i in np.argsort(-column, kind="stable")[:count]]

    def to_bytes(self) -> bytes:
        """The classifier as MessagePack, weights as half-precision floats."""
        data: bytes = srsly.msgpack_dumps(
            {
                "labels": list(self.labels),
                "features": list(self.features),
                "weights": self.weights.astype("<f2").tobytes(),
                "temperature": self.temperature,
            }
        )
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> Linear:
        """What `to_bytes` wrote. Raises ModelError where it is something else."""
        try:
            read = srsly.msgpack_loads(data)
            features = {name: index for index, name in enumerate(read["features"])}
            weights = np.frombuffer(read["weights"], "<f2").astype(np.float32)
            labels = tuple(read["labels"])
            return cls(labels, features, weights.reshape(len(features) + 1, len(labels)), float(read["temperature"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"the weights of a classifier cannot be read: {error}") from error


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True)) if logits.size else logits
    result: NDArray[np.float32] = powers / powers.sum(axis=-1, keepdims=True)
    return result


def fit(
    rows: Rows,
    labels: Sequence[str],
    groups: Sequence[int],
    *,
    also: Sequence[str] = (),
    seed: int = 7,
    epochs: int = 5,
    minimum: int = 6,
    rate: float = 0.06,
    decay: float = 2e-6,
) -> Linear:
    """Fit by AdaGrad, then set the temperature on held-out examples: an eighth, or each eighth in turn if they are few.

    `groups` numbers the paper of each example: no paper is on both sides. Features of fewer than `minimum` examples
    are left out. `also`: labels that are known even if no example has them. `decay` is the L2 penalty per step. The
    same input and seed give the same weights.
    """
    if not rows:
        raise ModelError("there is nothing to learn from: no example")
    counts = Counter(name for row in rows for name in set(row))
    features = {name: i for i, name in enumerate(sorted(name for name, n in counts.items() if n >= minimum))}
    names = tuple(sorted({*labels, *also}))
    matrix = _Matrix.of(rows, features)
    wanted = np.array([names.index(label) for label in labels])
    random = np.random.default_rng(seed)
    group_ids = np.array(groups)
    shuffled = random.permutation(np.unique(group_ids))
    logits, known = [], []
    for fold in range(_FOLDS if len(rows) < _MANY else 1):
        is_held = np.isin(group_ids, shuffled[fold::_FOLDS])
        part, rest = np.flatnonzero(~is_held), np.flatnonzero(is_held)
        if len(part) and len(rest):
            trial = _descend(matrix, wanted, part, len(names), random, epochs, rate, decay)
            logits.append(matrix.times(trial, rest))
            known.append(wanted[rest])
    temperature = best_temperature(np.concatenate(logits), np.concatenate(known)) if logits else 1.0
    weights = _descend(matrix, wanted, np.arange(len(rows)), len(names), random, epochs, rate, decay)
    return Linear(names, features, weights, temperature)


@dataclass(frozen=True, slots=True, eq=False)
class _Matrix:
    """Examples as rows of feature numbers, one behind the other (compressed sparse rows of ones)."""

    numbers: NDArray[np.int64]
    starts: NDArray[np.int64]
    """Where each row begins in `numbers`, and behind them where the last one ends."""
    width: int

    @classmethod
    def of(cls, rows: Rows, features: dict[str, int]) -> _Matrix:
        """Every row begins with the bias, so that none is empty."""
        bias = len(features)
        known = [[bias, *sorted({features[name] for name in row if name in features})] for row in rows]
        starts = np.cumsum([0, *map(len, known)])
        return cls(np.fromiter(chain.from_iterable(known), np.int64), starts, bias + 1)

    def part(self, chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The feature numbers of some rows, one behind the other, and the rows' lengths."""
        lengths = self.starts[chosen + 1] - self.starts[chosen]
        ends = np.cumsum(lengths)
        offsets = np.repeat(self.starts[chosen] - (ends - lengths), lengths)
        return self.numbers[np.arange(ends[-1]) + offsets], lengths

    def times(self, weights: NDArray[np.float32], chosen: NDArray[np.int64]) -> NDArray[np.float32]:
        """The sums of the weights of some rows' features."""
        parts = []
        for at in range(0, len(chosen), 4096):
            numbers, lengths = self.part(chosen[at : at + 4096])
            parts.append(np.add.reduceat(weights[numbers], np.cumsum(lengths) - lengths, axis=0))
        return np.concatenate(parts)


def _descend(
    matrix: _Matrix,
    wanted: NDArray[np.int64],
    chosen: NDArray[np.int64],
    n_labels: int,
    random: np.random.Generator,
    epochs: int,
    rate: float,
    decay: float,
) -> NDArray[np.float32]:
    """Weights after `epochs` passes over the chosen rows, averaged over the last pass; at least 200 steps each."""
    batch = min(max(len(chosen) // 200, 16), 512)
    shape = (matrix.width, n_labels)
    weights = np.zeros(shape, np.float32)
    squares = np.full(shape, 1e-4, np.float32)
    average = np.zeros(shape, np.float64)
    steps = 0
    for epoch in range(epochs):
        order = random.permutation(chosen)
        for at in range(0, len(order), batch):
            now = order[at : at + batch]
            numbers, lengths = matrix.part(now)
            error = softmax(np.add.reduceat(weights[numbers], np.cumsum(lengths) - lengths, axis=0))
            error[np.arange(len(now)), wanted[now]] -= 1
            error = np.repeat(error / len(now), lengths, axis=0)
            gradient = np.stack(
                [np.bincount(numbers, error[:, label], matrix.width) for label in range(n_labels)], axis=1
            ).astype(np.float32)
            gradient += decay * weights
            squares += gradient * gradient
            weights -= rate * (1 - epoch / epochs) * gradient / np.sqrt(squares)
            if epoch == epochs - 1:
                average += weights
                steps += 1
    return (average / max(steps, 1)).astype(np.float32)


def best_temperature(logits: NDArray[np.float32], wanted: NDArray[np.int64]) -> float:
    """The temperature of the least log loss (Guo et al. 2017, section 4.2), by a search over a grid."""
    grid = np.exp(np.linspace(np.log(0.5), np.log(5.0), 93))
    losses = [-np.log(softmax(logits / np.float32(t))[np.arange(len(wanted)), wanted] + 1e-9).mean() for t in grid]
    return float(grid[int(np.argmin(losses))])


def best_threshold(scored: Sequence[tuple[float, bool]], missed: int = 0) -> float:
    """The probability from which saying yes gives the best F1; `missed` positives are not among the scored at all."""
    positives = sum(right for _, right in scored) + missed
    best = (0.0, 0.5)
    true = 0
    ordered = sorted(scored, key=lambda item: -item[0])
    for count, (probability, right) in enumerate(ordered, 1):
        true += right
        following = ordered[count][0] if count < len(ordered) else 0.0
        if following < probability:
            best = max(best, (2 * true / (count + positives), (probability + following) / 2))
    return best[1]
