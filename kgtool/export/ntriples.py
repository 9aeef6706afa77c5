"""The graph as lines of N-Triples, which are N-Quads in the default graph, in runs of one subject.

First the nodes by id, each with its properties and direct triples, then the statements that reify edges. RDF 1.1
N-Triples, RDF 1.1 N-Quads.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from kgtool import rdf, vocab
from kgtool.export.selection import Selection

_INVERSE = tuple(name for name, relationship in vocab.RELATIONSHIPS.items() if relationship.inverse)
_ROLES = frozenset(vocab.ROLES.values()) - {"mentions"}
_LITERAL = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"(?:@(?P<language>[A-Za-z0-9-]+)|\^\^<(?P<datatype>[^>]*)>)?')
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))")
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


class Triple(NamedTuple):
    """The three terms of a line, as they stand there."""

    subject: str
    predicate: str
    object: str


class Literal(NamedTuple):
    """A literal of a line: its text with escapes, its language tag, the IRI of its datatype."""

    text: str
    language: str | None
    datatype: str | None


def lines(selection: Selection) -> Iterator[str]:
    """The lines, each ended by a line feed, none of them twice.

    Equal to `rdf.triples` as a set, where no edge is left out. Where the stronger edge beside a `mentions` statement is
    not sure enough, the `mentions` statement is reified in its place. Raises InputError for a base that is no IRI.
    """
    rdf.check_base(selection.base)
    yield from _distinct(_nodes(selection))
    yield from _statements(selection)


def triples(selection: Selection) -> Iterator[Triple]:
    """The lines, each taken apart."""
    for line in lines(selection):
        yield Triple(*line[:-3].split(" ", 2))


def literal(term: str) -> Literal | None:
    """A term taken apart where it is a literal, None where it is an IRI."""
    match = _LITERAL.fullmatch(term)
    return Literal(match["text"], match["language"], match["datatype"]) if match else None


def unescaped(text: str) -> str:
    """What the text of a literal means."""
    return _ESCAPE.sub(_meant, text) if "\\" in text else text


def _meant(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _ESCAPED.get(match[2], match[2])


def _nodes(selection: Selection) -> Iterator[str]:
    """Properties, direct triples and those the other way round, each sorted on disk by their subjects."""
    base = selection.base
    described = ((node.id, 0, rdf.node_lines(node, base)) for node in selection.nodes())
    direct = ((one.subject, 1, _nth(rdf.edge_lines(one, base), 0)) for one in selection.statements("predicate"))
    inverse = ((one.object, 2, _nth(rdf.edge_lines(one, base), 1)) for one in selection.statements("object", _INVERSE))
    for _, _, found in heapq.merge(described, direct, inverse, key=lambda item: item[:2]):
        yield from found


def _nth(found: Iterator[str], number: int) -> Iterable[str]:
    return tuple(found)[number : number + 1]


def _distinct(found: Iterable[str]) -> Iterator[str]:
    """Without repetitions, which stand next to each other: an edge that several papers state is one triple."""
    return (line for line, _ in groupby(found))


def _statements(selection: Selection) -> Iterator[str]:
    described: set[str] = set()
    for _, edges in groupby(selection.corpus.statements("ends"), key=lambda one: (one.subject, one.object)):
        distinct = [one for one, _ in groupby(edges)]
        kept = [one for one in distinct if selection.holds(one)]
        alone = any(one.predicate in _ROLES for one in distinct) and not any(one.predicate in _ROLES for one in kept)
        for one in kept:
            if alone or not rdf.is_beside_stronger(one):
                found: dict[str, list[str]] = {}
                for line in rdf.evidence_lines(one, selection.base, selection.evidence, described):
                    found.setdefault(line.partition(" ")[0], []).append(line)
                for same_subject in found.values():
                    yield from same_subject
