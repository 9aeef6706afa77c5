"""The best ways between two nodes: how informative a way is, and the search for few that are good and different.

Pure: it sees edges, not where they come from. The cost of a way is the sum over its steps of

- 1, so that of two ways that are else alike the shorter one is better;
- minus the natural logarithm of the certainty of the edge, so that the ways that most likely hold are cheap;
- `DAMPING` times the natural logarithm of the degree of each end of the step, but for the two nodes that are connected.

So a way over a hub says little, as in Adamic and Adar 2003 (*Friends and neighbors on the web*, Social Networks 25(3)),
and `specificity`, which falls with the logarithm of the number of papers, orders entities alike. The damping is that of
the degree-weighted path count of Himmelstein and Baranzini 2015 (*Heterogeneous network edge prediction*, PLoS
Computational Biology 11(7)); but the degree is how many nodes a node is linked with by edges of any type, not
of this one, as an edge of a type that is rare at a hub is often an error of the extraction.

Ways come in the order of their costs by A*Prune (Liu and Ramakrishnan 2001, *A\\*Prune: an algorithm for finding K
shortest paths subject to multiple constraints*, INFOCOM): best first over beginnings of simple ways, with what is at
least left to pay, which is known exactly, as the estimate. Not the k shortest, which are mostly variants of one
(Chondrogiannis et al. 2015, *Alternative routing: k-shortest paths with limited overlap*, SIGSPATIAL), but each as
cheap as it can be without anything that an earlier one passes, unless every way there is passes it. What a way passes
are the nodes between its ends and the papers behind its relations: so a relation, and the way over the paper that
states it, are variants of one fact.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

STEP = 1.0
DAMPING = 0.4
MOST_TRIED = 1_000_000
"""Beginnings of ways that are looked at before a search is given up."""
_LEAST_CERTAIN = 0.01
_NEVER = math.inf


class Edge(NamedTuple):
    """An edge of the graph, as far as the search looks at it.

    `certainty` is between 0 and 1; `paper` is the paper that states a relation between two others, else None.
    """

    source: str
    type: str
    target: str
    certainty: float = 1.0
    paper: str | None = None


class Link(NamedTuple):
    """All edges of two nodes in one, seen from one of them: the surest edge, and every paper that relates the two."""

    to: str
    type: str
    forward: bool
    certainty: float
    papers: frozenset[str]


class Hop(NamedTuple):
    """A step of a route by the surest edge between its ends, which goes from `start` to `end` if it is `forward`."""

    start: str
    type: str
    forward: bool
    end: str


@dataclass(frozen=True, slots=True)
class Route:
    """A way between two nodes that passes none twice; the lower the cost, the more informative it is."""

    hops: tuple[Hop, ...]
    cost: float
    passed: frozenset[str]
    """The nodes between the ends, and the papers behind relations."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """The ids along the way, both ends included."""
        return (self.hops[0].start, *(hop.end for hop in self.hops))

    def repeats(self, other: Route) -> bool:
        """Whether it passes nothing that the other does not; where both pass nothing, they are told apart by nodes."""
        return self.nodes == other.nodes or (bool(self.passed) and self.passed <= other.passed)


class TooManyWays(Exception):
    """The first way was not found among as many as are tried."""


class Links:
    """Which nodes are linked by what. Edges of a type in `apart` are not merged with other edges of their two nodes.

    Only what a search comes by is merged: a graph has a hundred times as many edges.
    """

    def __init__(self, edges: Iterable[Edge], apart: Collection[str] = ()) -> None:
        self.apart = frozenset(apart)
        self._around: dict[str, dict[str, list[Edge]]] = defaultdict(dict)
        for edge in edges:
            source, _, target, _, _ = edge
            between = self._around[source].get(target)
            if between is not None:
                between.append(edge)
            elif source != target:
                self._around[source][target] = self._around[target][source] = [edge]

    def around(self, node: str) -> Collection[str]:
        """The nodes that are linked with a node."""
        return self._around.get(node, ())

    def between(self, node: str, other: str) -> tuple[Link, ...]:
        """The links that lead from a node to another: one, or one besides for each type that is kept apart."""
        merged: dict[str, list[Edge]] = {}
        for edge in self._around[node][other]:
            merged.setdefault(edge.type if edge.type in self.apart else "", []).append(edge)
        links = []
        for _, edges in sorted(merged.items()):
            best = min(edges, key=surer)
            papers = frozenset(edge.paper for edge in edges if edge.paper is not None)
            links.append(Link(other, best.type, best.source == node, best.certainty, papers))
        return tuple(links)

    def hops_to(self, node: str, within: float = _NEVER) -> dict[str, int]:
        """How many steps away each node is that is at most `within` steps away."""
        away = {node: 0}
        ring = [node]
        while ring and away[ring[0]] < within:
            further = away[ring[0]] + 1
            nearer, ring = ring, []
            for near in nearer:
                for to in self.around(near):
                    if to not in away:
                        away[to] = further
                        ring.append(to)
        return away


def surer(edge: Edge) -> tuple[float, str, str, str]:
    """A key by which the surest of several edges comes first, the same one in whatever order they come."""
    return (-edge.certainty, edge.type, edge.source, edge.paper or "")


def best_routes(
    links: Links,
    start: str,
    end: str,
    *,
    max_length: int,
    limit: int,
    types: Sequence[str] = (),
    nodes: Sequence[Collection[str]] = (),
) -> tuple[Route, ...]:
    """At most `limit` ways from `start` to `end`, two different nodes, of at most `max_length` steps each.

    Each has an edge of every one of `types` (which have to be `apart` in the links), and one of every set of `nodes`
    between its ends. The first is the cheapest of those with the fewest steps. Each further one is the cheapest of
    those that pass nothing that an earlier one passes, but for what all ways of at most `max_length` steps have to
    pass, and that pass more than just that. Raises `TooManyWays` where the first was not found among as many
    beginnings as are tried.
    """
    search = _Search(links, start, end, types, nodes)
    found: list[Route] = []
    route = search.shortest(max_length)
    while route is not None:
        found.append(route)
        if len(found) == limit:
            break
        if len(found) == 1:
            search.find_unavoidable(route, max_length)
            if route.passed and route.passed <= search.unavoidable:
                break  # every other one is a detour of this
        search.spend(route)
        route = search.cheapest(max_length)
    return tuple(found)


class _Step(NamedTuple):
    """A link in a search: what it costs, and the bits of what it brings of what is needed."""

    link: Link
    cost: float
    brings: int


class _Way(NamedTuple):
    """A beginning of a route; ways are compared by what they will cost at least, then by their nodes."""

    estimate: float
    nodes: tuple[str, ...]
    need: int
    cost: float = 0.0
    links: tuple[Link, ...] = ()


class _Search:
    """Ways from `start` to `end` without what is spent.

    What has to be on the way is a bit each: `need` holds the bits that are still to come.
    """

    def __init__(
        self, links: Links, start: str, end: str, types: Sequence[str], nodes: Sequence[Collection[str]]
    ) -> None:
        self.links, self.start, self.end = links, start, end
        self.type_bits = {type_: 1 << bit for bit, type_ in enumerate(types)}
        self.node_bits: dict[str, int] = defaultdict(int)
        for bit, choice in enumerate(nodes, len(types)):
            for node in choice:
                self.node_bits[node] |= 1 << bit
        self.all = (1 << len(types) + len(nodes)) - 1
        self.away: Mapping[str, int] = {}
        self.found: list[Route] = []
        self.unavoidable: frozenset[str] = frozenset()
        self.spent: frozenset[str] = frozenset()
        self.tried = 0
        self._left: dict[tuple[str, int, int], float] = {}
        self._steps: dict[tuple[str, str], tuple[_Step, ...]] = {}

    def shortest(self, max_length: int) -> Route | None:
        """The cheapest of those with the fewest steps."""
        self.away = self.links.hops_to(self.end, max_length)
        gave_up = False
        for length in range(self.away.get(self.start, max_length + 1), max_length + 1):
            for route in self.ways(length):
                return route
            gave_up = gave_up or self.tried > MOST_TRIED
        if gave_up:
            raise TooManyWays
        return None

    def cheapest(self, max_length: int) -> Route | None:
        """The cheapest of those of at most so many steps."""
        found = None
        for length in range(self.away[self.start], max_length + 1):
            found = next(self.ways(length), found)
            if found is not None and found.cost <= (length + 1) * STEP:
                break  # no longer one is cheaper
        return found

    def find_unavoidable(self, route: Route, max_length: int) -> None:
        """Of what the route passes, that without which no way is left."""
        for passed in sorted(route.passed):
            self._forbid(frozenset({passed}))
            if not self.reaches(self.start, self.all, max_length, set()):
                self.unavoidable |= {passed}
        self._forbid(frozenset())

    def spend(self, route: Route) -> None:
        """Leave what the route passes to it."""
        self.found.append(route)
        self._forbid(self.spent | route.passed - self.unavoidable)

    def _forbid(self, spent: frozenset[str]) -> None:
        self.spent = spent
        self._left.clear()

    def ways(self, max_length: int) -> Iterator[Route]:
        """Ways that say something that those found do not, by cost."""
        self.tried = 0
        estimate = self.left(self.start, self.all, max_length)
        queue: list[_Way] = [] if estimate == _NEVER else [_Way(estimate, (self.start,), self.all)]
        while queue and self.tried <= MOST_TRIED:
            way = heapq.heappop(queue)
            if way.nodes[-1] == self.end:
                route = self._route(way)
                if not any(route.repeats(other) for other in self.found):
                    yield route
            else:
                for further in self._further(way, max_length - len(way.links)):
                    self.tried += 1
                    heapq.heappush(queue, further)

    def _further(self, way: _Way, steps: int) -> Iterator[_Way]:
        """The way with one more step, wherever the end can still be reached."""
        for link, cost, brings in self._open(way.nodes[-1], steps):
            need = way.need & ~brings
            onwards = self.left(link.to, need, steps - 1)
            if onwards < _NEVER and link.to not in way.nodes:
                so_far = way.cost + cost
                # Rounded, so that what costs the same comes in the order of its ids.
                yield _Way(round(so_far + onwards, 9), (*way.nodes, link.to), need, so_far, (*way.links, link))

    def _route(self, way: _Way) -> Route:
        hops = tuple(
            Hop(node, link.type, link.forward, link.to) for node, link in zip(way.nodes, way.links, strict=False)
        )
        passed = frozenset(way.nodes).union(*(link.papers for link in way.links)) - {self.start, self.end}
        return Route(hops, way.cost, passed)

    def left(self, node: str, need: int, steps: int) -> float:
        """The least that it costs to reach the end in at most so many steps with what is needed on the way.

        Exact where nothing is needed, for of the cheapest walks none passes a node twice; else at most what it costs.
        """
        if node == self.end:
            return 0.0 if need == 0 else _NEVER
        key = (node, need, steps)
        known = self._left.get(key)
        if known is None:
            known = _NEVER
            for link, cost, brings in self._open(node, steps):
                if cost < known:
                    known = min(known, cost + self.left(link.to, need & ~brings, steps - 1))
            self._left[key] = known
        return known

    def reaches(self, node: str, need: int, steps: int, dead: set[tuple[str, int, int]]) -> bool:
        """Whether `left` is finite, found out as soon as possible; `dead` are ends where it is not."""
        if node == self.end:
            return need == 0
        key = (node, need, steps)
        if key in dead:
            return False
        for link, _, brings in self._open(node, steps):
            if self.reaches(link.to, need & ~brings, steps - 1, dead):
                return True
        dead.add(key)
        return False

    def _open(self, node: str, steps: int) -> Iterator[_Step]:
        """The steps by which the end may be reached in so many."""
        around, around_end = self.links.around(node), self.links.around(self.end)
        nearby: Iterable[str] = around
        if steps <= 1:
            nearby = [self.end] if steps == 1 and self.end in around else []
        elif steps == 2 and len(around_end) < len(around):  # a hub's neighbours are many
            nearby = [to for to in (*around_end, self.end) if to in around]
        away, spent, start = self.away, self.spent, self.start
        for to in nearby:
            if away.get(to, steps) < steps and to not in spent and to != start:
                for step in self._steps.get((node, to)) or self._steps_to(node, to):
                    if not step.link.papers or spent.isdisjoint(step.link.papers):
                        yield step

    def _steps_to(self, node: str, to: str) -> tuple[_Step, ...]:
        steps = []
        for link in self.links.between(node, to):
            cost = STEP - math.log(max(link.certainty, _LEAST_CERTAIN))
            brings = self.type_bits.get(link.type, 0)
            if node != self.start:
                cost += DAMPING * math.log(len(self.links.around(node)))
            if to != self.end:  # the ends themselves do not count
                cost += DAMPING * math.log(len(self.links.around(to)))
                brings |= self.node_bits.get(to, 0)
            steps.append(_Step(link, cost, brings))
        self._steps[node, to] = tuple(steps)
        return self._steps[node, to]
