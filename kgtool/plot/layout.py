"""Where the nodes of a picture go. Everything is in inches, y downwards; the same graph gets the same places.

Closeness is drawn by stress majorisation (Gansner, Koren and North 2004, *Graph drawing by stress majorization*), with
their longer lines at nodes that have many; then boxes that overlap are pushed apart, so that every label can be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Place = tuple[float, float]

_ROUNDS = 300
_GAP = 0.08
_FILLED = 0.4
"""How much of the area the boxes may fill before they are pushed apart."""


def by_closeness(
    sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]], aspect: float = 2.4
) -> list[Place]:
    """The centres of boxes of these sizes: nodes that an edge joins come close, and no two boxes overlap.

    `edges` are pairs of positions in `sizes`; `aspect` is how much wider than high the whole is to be, about.
    """
    import numpy as np

    count = len(sizes)
    if count <= 1:
        return [(0.0, 0.0)] * count
    boxes = np.array(sizes, dtype=float)
    places = _by_stress(_distances(count, edges))
    places -= places.mean(axis=0)
    axes = np.linalg.eigh(places.T @ places)[1][:, ::-1]
    places = places @ (axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]]))
    spread = np.ptp(places, axis=0)
    spread = np.maximum(spread, max(float(spread.max()) / 20, 1e-6))  # a chain has no height to make the most of
    area = float((boxes[:, 0] * boxes[:, 1]).sum()) / _FILLED
    target = np.array([(area * aspect) ** 0.5, (area / aspect) ** 0.5])
    # A little of the layout's own shape is kept: squeezed out of it, closeness could not be seen.
    scale = (target / spread) ** 0.8 * float((target / spread).min()) ** 0.2
    return _rounded(apart(places * scale, boxes))


def along_paths(
    sizes: Sequence[tuple[float, float]], hanging: Sequence[float], paths: Sequence[Sequence[int]]
) -> list[Place]:
    """Paths from left to right: the first in the middle row, the others in turns below and above it.

    A node that several paths share stands in the row of the first of them. `hanging` is how far below its row the
    centre of a box is to be.
    """
    import numpy as np

    boxes = np.array(sizes, dtype=float)
    step = float(boxes[:, 0].max()) + 0.7
    pitch = float(boxes[:, 1].max()) + 0.4
    longest = max(len(path) for path in paths) - 1
    found: dict[int, Place] = {}
    rows = 0
    for path in paths:
        row = (rows + 1) // 2 * (1 if rows % 2 else -1)
        fresh = [position for position, node in enumerate(path) if node not in found]
        for position in fresh:
            found[path[position]] = (position / max(len(path) - 1, 1) * longest * step, row * pitch)
        rows += bool(fresh)
    places = [(found[index][0], found[index][1] + down) for index, down in enumerate(hanging)]
    return _rounded(apart(np.array(places), boxes))


def side_by_side(
    sides: tuple[Sequence[int], Sequence[int]], weights: dict[tuple[int, int], float]
) -> tuple[list[int], list[int]]:
    """The order of both sides of a bipartite graph by which lines cross little.

    Each node goes to the weighted mean of its neighbours' places, in turns (Sugiyama, Tagawa and Toda 1981).
    """
    left, right = list(sides[0]), list(sides[1])
    for _ in range(12):
        right = _by_neighbours(right, left, {(target, source): w for (source, target), w in weights.items()})
        left = _by_neighbours(left, right, weights)
    return left, right


def _by_neighbours(these: list[int], others: list[int], weights: dict[tuple[int, int], float]) -> list[int]:
    place = {node: index / max(len(others) - 1, 1) for index, node in enumerate(others)}
    totals: dict[int, tuple[float, float]] = {}
    for (node, other), weight in weights.items():
        moment, mass = totals.get(node, (0.0, 0.0))
        totals[node] = (moment + weight * place[other], mass + weight)
    old = {node: index / max(len(these) - 1, 1) for index, node in enumerate(these)}
    mean = {node: totals[node][0] / totals[node][1] if node in totals else old[node] for node in these}
    return sorted(these, key=lambda node: (round(mean[node], 9), old[node]))


def apart(places: Array, boxes: Array) -> Array:
    """The places moved as little as will do so that no two boxes around them overlap."""
    import numpy as np

    places = places + np.arange(len(places))[:, None] * np.array([1e-4, 1.3e-4])
    for _ in range(40):
        for _ in range(_ROUNDS):
            shift = places[:, None, :] - places[None, :, :]
            over = (boxes[:, None, :] + boxes[None, :, :]) / 2 + _GAP - np.abs(shift)
            touching = np.logical_and((over > 1e-3).all(axis=2), ~np.eye(len(places), dtype=bool))
            if not touching.any():
                return places
            sideways = over[:, :, 0] < over[:, :, 1]
            for axis, along in ((0, sideways), (1, ~sideways)):
                push = np.where(touching & along, np.sign(shift[:, :, axis]) * over[:, :, axis], 0.0)
                places[:, axis] += push.sum(axis=1) * 0.5 / np.maximum((push != 0).sum(axis=1), 1) ** 0.5
        places *= 1.1
    return places


def _distances(count: int, edges: Sequence[tuple[int, int]]) -> Array:
    """Lengths of the shortest ways, where an edge is the longer the more neighbours its ends have that differ."""
    import numpy as np

    linked = np.zeros((count, count), dtype=bool)
    for source, target in edges:
        if source != target:
            linked[source, target] = linked[target, source] = True
    degree = linked.sum(axis=1)
    common = linked.astype(float) @ linked.astype(float)
    differing = degree[:, None] + degree[None, :] - 2 * common
    distances = np.where(linked, np.sqrt(np.maximum(differing, 1.0)), np.inf)
    np.fill_diagonal(distances, 0.0)
    for middle in range(count):
        np.minimum(distances, distances[:, middle, None] + distances[None, middle, :], out=distances)
    farthest = float(distances[np.isfinite(distances)].max()) or 1.0
    return np.where(np.isfinite(distances), distances, farthest * 1.2)


def _by_stress(distances: Array) -> Array:
    """Places in the plane whose distances are these as nearly as can be (SMACOF, from the classical solution)."""
    import numpy as np

    count = len(distances)
    centring = np.eye(count) - 1 / count
    values, vectors = np.linalg.eigh(-0.5 * centring @ distances**2 @ centring)
    places: Array = vectors[:, [-1, -2]] * np.sqrt(np.maximum(values[[-1, -2]], 1e-9))
    places = places + np.random.default_rng(0).normal(0, 0.01 * distances.max(), places.shape)
    with np.errstate(divide="ignore"):
        weights = np.where(distances > 0, distances**-2.0, 0.0)
    inverse = np.linalg.pinv(np.diag(weights.sum(axis=1)) - weights)
    for _ in range(_ROUNDS):
        now = np.linalg.norm(places[:, None, :] - places[None, :, :], axis=2)
        ratio = np.where(now > 1e-9, weights * distances / np.maximum(now, 1e-9), 0.0)
        moved = inverse @ ((np.diag(ratio.sum(axis=1)) - ratio) @ places)
        change = float(np.abs(moved - places).max())
        places = moved
        if change < 1e-4:
            break
    return places


def _rounded(places: Array) -> list[Place]:
    """With the least coordinates at 0, in hundredths of an inch."""
    places = places - places.min(axis=0)
    return [(round(float(x), 2), round(float(y), 2)) for x, y in places]
