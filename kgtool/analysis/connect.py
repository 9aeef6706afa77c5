"""How two nodes are connected: few ways that are short, telling and different, each step with its evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgtool import vocab
from kgtool.analysis.naming import Named, Names, find_node
from kgtool.analysis.reader import Graph, Reader, ServerReader, read
from kgtool.analysis.routes import Edge, Hop, Links, Route, TooManyWays, best_routes, surer
from kgtool.analysis.shortest import LinkRow, Ways
from kgtool.errors import InputError, NothingFound, StoreError
from kgtool.records import MIN_CONFIDENCE, Table
from kgtool.stores.corpus import Corpus

MAX_LENGTH = 4
MERE_MENTION = 0.5
"""How sure a mention is beside an edge that says what the entity is to the paper."""
LIMIT = 5
LONGEST = 10
"""More steps than this nobody asks for, and nobody waits for."""
_MOST_VIA = 8

_MENTIONS = vocab.relationship_type("mentions")
_COLLECTIONS = {"inCategory": "Category", "listedIn": "Digest"}
"""Relationships to nodes that hold papers together and say nothing about them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a connection and its evidence: the surest edge between two nodes.

    The edge goes from `start` to `end` if it is `forward`, else the other way. `papers` counts the papers behind this
    relationship of the two, `paper` is the one of the surest edge, which says so in `sentence`. Edges that were
    not read out of a text (WROTE, IN_CATEGORY, LISTED_IN) have neither `confidence` nor `sentence`.
    """

    start: Named
    relationship: str
    forward: bool
    end: Named
    confidence: float | None
    sentence: str | None
    paper: Named
    papers: int


@dataclass(frozen=True, slots=True)
class Connection:
    """A way from one node to another; the lower its `cost`, the more informative it is (see `routes`)."""

    steps: tuple[Step, ...]
    cost: float

    @property
    def nodes(self) -> tuple[Named, ...]:
        """The nodes along the way, both ends included."""
        return (self.steps[0].start, *(step.end for step in self.steps))


COLUMNS = (
    "path",
    "step",
    "from_id",
    "from",
    "relationship",
    "direction",
    "to_id",
    "to",
    "confidence",
    "papers",
    "paper",
    "title",
    "sentence",
    "cost",
)


def connect(
    kg: Graph,
    a: str,
    b: str,
    *,
    via: Names = (),
    max_length: int = MAX_LENGTH,
    limit: int = LIMIT,
    min_confidence: float = MIN_CONFIDENCE,
) -> tuple[Connection, ...]:
    """At most `limit` ways of at most `max_length` steps between the nodes that the names `a` and `b` mean.

    Edges are walked both ways. The first connection is one of the shortest; each other is the most informative of
    those that share nothing with the ones before it, as far as there is a way around; `routes` says how that is
    reckoned. `via` holds what has to be on the way between the two: labels (``Author``), relationship types
    (``COMPARED_TO``, or as a role ``compares-with``) and names or ids of nodes. Categories and digests are passed only
    where `via` asks for them, or where they are what is to be connected. Edges under `min_confidence` do not count.

    Of a graph on a server all ways are as short as the shortest; which of these come, and in which order, is the same.

    Raises `InputError` for an ambiguous name, for a node with itself and for numbers out of range, `NothingFound` for a
    name that nothing has and where there is no way.
    """
    if not 1 <= max_length <= LONGEST:
        raise InputError(f"a connection has 1 to {LONGEST} steps, not {max_length}")
    if limit < 1:
        raise InputError(f"at least 1 connection can be asked for, not {limit}")

    def find(reader: Reader) -> tuple[Connection, ...]:
        ends = (find_node(reader, a), find_node(reader, b))
        if ends[0] == ends[1]:
            raise InputError(f"{a} and {b} are the same node, {ends[0].id}; give two")
        wanted = _wanted(reader, [via] if isinstance(via, str) else via, ends)
        asked = _Asked(ends, wanted, max_length, limit, min_confidence)
        routes = _in_folder(kg, asked) if isinstance(kg, Path) else _on_server(reader, asked)
        return with_evidence(reader, routes, wanted.types, min_confidence)

    return read(kg, find)


def as_table(connections: Iterable[Connection]) -> Table:
    """One row per step; paths and steps count from 1, `direction` is ``->`` where the edge goes from `from` to `to`."""
    return Table(
        COLUMNS,
        tuple(
            (
                number,
                position,
                step.start.id,
                step.start.name,
                step.relationship,
                "->" if step.forward else "<-",
                step.end.id,
                step.end.name,
                step.confidence,
                step.papers,
                step.paper.id,
                step.paper.name,
                step.sentence,
                round(connection.cost, 3),
            )
            for number, connection in enumerate(connections, 1)
            for position, step in enumerate(connection.steps, 1)
        ),
    )


# What is asked for


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What has to be on the way."""

    types: tuple[str, ...]
    labels: tuple[str, ...]
    nodes: tuple[Named, ...]

    def __str__(self) -> str:
        return ", ".join((*self.types, *self.labels, *(f"{node.name} ({node.id})" for node in self.nodes)))

    @property
    def labels_passed(self) -> set[str]:
        """Labels of which any node may be passed that is else avoided."""
        asked = {label for name, label in _COLLECTIONS.items() if vocab.relationship_type(name) in self.types}
        return asked.union(self.labels)


def _wanted(reader: Reader, via: Sequence[str], ends: Sequence[Named]) -> _Wanted:
    types: dict[str, None] = {}
    labels: dict[str, None] = {}
    nodes: dict[Named, None] = {}
    known_labels = {label.lower(): label for label in vocab.LABELS}
    known_types = {relationship.type: relationship.type for relationship in vocab.RELATIONSHIPS.values()}
    known_types |= {role.upper().replace("-", "_"): vocab.relationship_type(name) for role, name in vocab.ROLES.items()}
    for name in via:
        if label := known_labels.get(name.strip().lower()):
            labels[label] = None
        elif type_ := known_types.get(name.strip().upper().replace("-", "_")):
            types[type_] = None
        else:
            node = find_node(reader, name)
            if node in ends:
                raise InputError(f"{name}: {node.id} is an end of the connection, it cannot be on the way too")
            nodes[node] = None
    if len(types) + len(labels) + len(nodes) > _MOST_VIA:
        raise InputError(f"at most {_MOST_VIA} things can be asked for on the way")
    return _Wanted(tuple(types), tuple(labels), tuple(nodes))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which ways are looked for."""

    ends: tuple[Named, Named]
    wanted: _Wanted
    max_length: int
    limit: int
    min_confidence: float


def _in_folder(kg: Path, asked: _Asked) -> tuple[Route, ...]:
    """The best ways through the whole graph, from the corpus as it is now."""
    with Corpus.open(kg) as corpus:
        links = Links(_edges(corpus.links(), asked), asked.wanted.types)
    labels = [_ids(kg, label) for label in asked.wanted.labels]
    if routes := _routes(links, asked, labels, asked.max_length):
        return routes
    away = links.hops_to(asked.ends[1].id).get(asked.ends[0].id)
    raise NothingFound(_no_connection(asked, away, "however many steps are allowed, there is none"))


def _on_server(reader: Reader, asked: _Asked) -> tuple[Route, ...]:
    """The best of the shortest ways, through what the server finds on these."""
    assert isinstance(reader, ServerReader)
    wanted, (a, b) = asked.wanted, asked.ends
    avoided = tuple(label for label in _COLLECTIONS.values() if label not in wanted.labels_passed)
    nodes = tuple(node.id for node in wanted.nodes)
    mentions = _MENTIONS in wanted.types
    ways = Ways(
        a.id, b.id, asked.min_confidence, mentions, avoided, (a.id, b.id, *nodes), wanted.types, wanted.labels, nodes
    )
    away = ways.length(reader, LONGEST)
    for length in range(away or LONGEST, asked.max_length + 1 if away else 0):
        passed = ways.passed(reader, length)
        links = Links(_edges(ways.links(reader, tuple(passed)), asked), wanted.types)
        labels = [{id_ for id_, label in passed.items() if label == each} for each in wanted.labels]
        if passed and (routes := _routes(links, asked, labels, length)):
            return routes
    raise NothingFound(_no_connection(asked, away, f"there is none of at most {LONGEST} steps"))


def _routes(links: Links, asked: _Asked, labels: Sequence[Collection[str]], max_length: int) -> tuple[Route, ...]:
    wanted = asked.wanted
    try:
        return best_routes(
            links,
            asked.ends[0].id,
            asked.ends[1].id,
            max_length=max_length,
            limit=asked.limit,
            types=wanted.types,
            nodes=[*labels, *({node.id} for node in wanted.nodes)],
        )
    except TooManyWays:
        raise InputError(
            f"too many ways of {max_length} steps to find one over all that --via names; "
            "allow fewer steps, or name nodes by their ids"
        ) from None


def _ids(kg: Path, label: str) -> set[str]:
    with Corpus.open(kg) as corpus:
        return {node.id for node in corpus.nodes() if node.label == label}


def _edges(links: Iterable[LinkRow], asked: _Asked) -> Iterator[Edge]:
    """The edges that a way may take."""
    wanted = asked.wanted
    named = {node.id for node in (*asked.ends, *wanted.nodes)}
    avoided = {name for name, label in _COLLECTIONS.items() if label not in wanted.labels_passed}
    between = set(vocab.RELATION_NAMES.values())
    types = {name: relationship.type for name, relationship in vocab.RELATIONSHIPS.items()}
    for source, name, target, role, confidence, paper in links:
        if confidence is not None and confidence < asked.min_confidence:
            continue
        if name in avoided and target not in named:
            continue
        type_ = types[name]
        if _counts(type_, role, wanted.types):
            yield Edge(source, type_, target, _certainty(type_, confidence), paper if name in between else None)


def _counts(type_: str, role: str | None, types: Collection[str]) -> bool:
    """A mention that a stronger edge stands beside is the same fact, and counts only where mentions are asked for."""
    return type_ != _MENTIONS or role == "mentions" or _MENTIONS in types


def _certainty(type_: str, confidence: float | None) -> float:
    return (1.0 if confidence is None else confidence) * (MERE_MENTION if type_ == _MENTIONS else 1.0)


def _no_connection(asked: _Asked, away: int | None, none: str) -> str:
    """What is said where there is no way; `away` is how many steps the shortest has, None where there is `none`."""
    a, b = (f"{node.name} ({node.id})" for node in asked.ends)
    steps = f"{asked.max_length} step{'' if asked.max_length == 1 else 's'}"
    if away is None:
        hint = none
    elif away > asked.max_length:
        hint = f"the shortest has {away} steps"
    else:
        return f"no connection within {steps} between {a} and {b} over {asked.wanted}"
    return f"no connection within {steps} between {a} and {b}; {hint}"


# Evidence


def with_evidence(
    reader: Reader, routes: Sequence[Route], types: Collection[str] = (), min_confidence: float = MIN_CONFIDENCE
) -> tuple[Connection, ...]:
    """The routes as connections, whoever found them: names, and the surest edge of each step with its sentence.

    `types` are relationship types that a step keeps where the search took it for one of them. Raises `StoreError` where
    the graph has no such edge any more.
    """
    ids = sorted({id_ for route in routes for id_ in route.nodes})
    rows = reader.rows(
        "MATCH (a)-[r]->(b) WHERE a.id IN $ids AND b.id IN $ids AND coalesce(r.confidence, 1.0) >= $least "
        f"RETURN a.id, {reader.label('a')}, coalesce(a.name, a.title, a.id), "
        f"b.id, {reader.label('b')}, coalesce(b.name, b.title, b.id), "
        "type(r), r.role, r.confidence, r.sentence, r.paper",
        ids=ids,
        least=min_confidence,
    )
    evidence = _Evidence(rows, types)
    if elsewhere := sorted({row[-1] for row in rows if row[-1] is not None} - evidence.nodes.keys()):
        titles = reader.rows("MATCH (p:Paper) WHERE p.id IN $ids RETURN p.id, p.title", ids=elsewhere)
        evidence.nodes.update((id_, Named(id_, "Paper", title)) for id_, title in titles)
    return tuple(Connection(tuple(map(evidence.step, route.hops)), route.cost) for route in routes)


class _Evidence:
    """The edges between the nodes of some routes, by their ends and types, and the nodes by their ids."""

    def __init__(self, rows: Iterable[tuple[Any, ...]], types: Collection[str]) -> None:
        self.nodes: dict[str, Named] = {}
        self.edges: dict[tuple[str, str, str], list[tuple[Edge, float | None, str | None]]] = {}
        for a, a_label, a_name, b, b_label, b_name, type_, role, confidence, sentence, paper in rows:
            self.nodes[a], self.nodes[b] = Named(a, a_label, a_name), Named(b, b_label, b_name)
            if _counts(type_, role, types):
                edge = Edge(a, type_, b, _certainty(type_, confidence), paper)
                self.edges.setdefault((a, type_, b), []).append((edge, confidence, sentence))

    def step(self, hop: Hop) -> Step:
        """The hop with its surest edge."""
        source, target = (hop.start, hop.end) if hop.forward else (hop.end, hop.start)
        found = self.edges.get((source, hop.type, target))
        if not found:
            raise StoreError("the graph changed while ways through it were looked for; try again")
        edge, confidence, sentence = min(found, key=lambda item: surer(item[0]))
        paper = edge.paper or next(id_ for id_ in (target, source) if self.nodes[id_].label == "Paper")
        papers = {item.paper for item, *_ in found}
        return Step(
            self.nodes[hop.start],
            hop.type,
            hop.forward,
            self.nodes[hop.end],
            confidence,
            sentence,
            self.nodes[paper],
            len(papers),
        )
