"""What a Cypher query may not mean as it stands.

Ladybug may match one relationship twice in a pattern, Neo4j may not (openCypher calls that relationship isomorphism):
``(a)-[:WROTE]->()<-[:WROTE]-(b)`` has everybody beside themselves. Such queries get a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from kgtool.stores.cypher_guard import mask

_MATCH = re.compile(r"\bmatch\b", re.I)
_END = re.compile(r"\b(?:where|return|with|match|optional|unwind|call|union|order|create|merge|set|delete)\b|[}]", re.I)
_NODE = re.compile(r"\(\s*(?P<name>\w*)\s*(?P<labels>(?:[:|]\s*[`\w]+\s*)*)(?P<map>\{[^{}]*\})?\s*\)")
_EDGE = re.compile(r"\s*(?P<left><?)\s*-\s*(?:\[(?P<inside>[^\]]*)\]\s*)?-\s*(?P<right>>?)\s*")
_INSIDE = re.compile(
    r"\s*(?P<name>\w*)\s*(?::\s*(?P<types>[`\w]+(?:\s*\|\s*:?\s*[`\w]+)*))?\s*(?P<star>\*)?(?P<rest>.*)", re.S
)
_ENTRY = re.compile(r"(\w+)\s*:\s*('[^']*'|\"[^\"]*\"|\$\w+|[\d.]+)")
_UNLIKE = re.compile(r"\b(\w+)(?:\.\w+)?\s*\)?\s*(?:<>|<(?![-=])|>(?!=))\s*(?:id\s*\(\s*)?(\w+)\b")


@dataclass(frozen=True)
class _Node:
    name: str
    labels: frozenset[str]
    values: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class _Edge:
    name: str
    types: frozenset[str]
    ends: tuple[str, str]
    directed: bool


def notes(query: str, parameters: Mapping[str, Any]) -> list[str]:
    """Notes on a query, each one line; none for most.

    >>> notes("MATCH (a)-[:WROTE]->(p)<-[:WROTE]-(b) WHERE a.id <> b.id RETURN a", {})
    []
    """
    text = mask(query)
    unlike = {frozenset(pair) for pair in _UNLIKE.findall(text)}
    result: list[str] = []
    for written, masked in _clauses(query, text):
        pairs = _twice(written, masked, unlike, parameters)
        result.extend(_twice_note(*pair) for pair in pairs)
        result.extend(_walk_note(step[0].strip()) for step in _EDGE.finditer(masked) if _walks(step))
    return list(dict.fromkeys(result))


def _twice_note(kind: str, a: str, b: str) -> str:
    if "#" in a + b:
        what, remedy = "both ends the same", "name both ends and compare their ids by <>"
    else:
        what, remedy = f"{a} and {b} the same", f"add {a}.id <> {b}.id"
    return f"one relationship {kind} may be matched twice here, with {what}, as Neo4j would not; to prevent it {remedy}"


def _walks(step: re.Match[str]) -> bool:
    inside = _INSIDE.match(step["inside"] or "")
    if inside is None or not inside["star"] or bool(step["left"]) != bool(step["right"]):
        return False
    return not re.match(
        r"\s*(?:trail|acyclic|(?:all\s+)?(?:w?shortest))\b|\s*1?\s*(?:\.\.\s*1)?\s*\Z", inside["rest"], re.I
    )


def _walk_note(step: str) -> str:
    return f"{step} may go back over the same relationship, as Neo4j would not; to prevent it write [* TRAIL 1..3]"


def _clauses(query: str, text: str) -> Iterator[tuple[str, str]]:
    """The pattern of each MATCH: as written, and masked."""
    for match in _MATCH.finditer(text):
        end = _pattern_end(text, match.end())
        yield query[match.end() : end], text[match.end() : end]


def _pattern_end(text: str, start: int) -> int:
    depth = 0
    for found in re.finditer(r"[({\[]|[)}\]]|\b[A-Za-z]+\b", text[start:]):
        token = found[0]
        if token in "({[":
            depth += 1
        elif token in ")}]":
            depth -= 1
        if depth < 0 or (depth == 0 and _END.fullmatch(token) and token != "}"):
            return start + found.start()
    return len(text)


def _twice(
    written: str, masked: str, unlike: set[frozenset[str]], parameters: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    nodes, edges = _pattern(written, masked, parameters)
    for one, other in combinations(edges, 2):
        if one.types and other.types and not one.types & other.types:
            continue
        if frozenset((one.name, other.name)) in unlike:
            continue
        turned = (other.ends[1], other.ends[0])
        for ends in (other.ends,) if one.directed and other.directed else (other.ends, turned):
            differing = [(a, b) for a, b in zip(one.ends, ends, strict=True) if a != b]
            # Where both ends differ, as in a chain, only a loop could be both edges.
            if len(differing) == 1 and _may_be_same(*differing[0], nodes, unlike):
                kind = "|".join(sorted(one.types & other.types or one.types or other.types)) or "of any type"
                yield kind, *differing[0]
                break


def _may_be_same(a: str, b: str, nodes: dict[str, list[_Node]], unlike: set[frozenset[str]]) -> bool:
    if frozenset((a, b)) in unlike:
        return False
    labels = [frozenset().union(*(node.labels for node in nodes[name])) for name in (a, b)]
    if labels[0] and labels[1] and not labels[0] & labels[1]:
        return False
    values = [dict(entry for node in nodes[name] for entry in node.values) for name in (a, b)]
    return all(values[0][key] == values[1][key] for key in values[0].keys() & values[1].keys())


def _pattern(written: str, masked: str, parameters: Mapping[str, Any]) -> tuple[dict[str, list[_Node]], list[_Edge]]:
    nodes: dict[str, list[_Node]] = {}
    edges: list[_Edge] = []
    before: tuple[str, re.Match[str]] | None = None
    position = 0
    while found := _NODE.search(masked, position):
        node = _node(found, written, parameters, len(nodes))
        nodes.setdefault(node.name, []).append(node)
        if before is not None and (edge := _edge(before, node.name, len(edges))):
            edges.append(edge)
        step = _EDGE.match(masked, found.end())
        before = (node.name, step) if step else None
        position = step.end() if step else found.end()
    return nodes, edges


def _node(found: re.Match[str], written: str, parameters: Mapping[str, Any], number: int) -> _Node:
    inside = written[found.start("map") : found.end("map")] if found["map"] else ""
    values = tuple(
        (key, parameters.get(value[1:], value) if value.startswith("$") else value.strip("'\""))
        for key, value in _ENTRY.findall(inside)
    )
    labels = frozenset(re.findall(r"\w+", found["labels"]))
    return _Node(found["name"] or f"#{number + 1}", labels, values)


def _edge(before: tuple[str, re.Match[str]], to: str, number: int) -> _Edge | None:
    start, step = before
    inside = _INSIDE.match(step["inside"] or "")
    if inside is None or inside["star"]:
        return None
    types = frozenset(re.findall(r"\w+", inside["types"] or ""))
    ends = (to, start) if step["left"] else (start, to)
    return _Edge(inside["name"] or f"#{number}", types, ends, bool(step["left"]) != bool(step["right"]))
