"""The graph as Turtle (RDF 1.1 Turtle), node by node: no more than one triple is in memory at a time.

Every kind of node has its prefix, so that most nodes are called by their ids: ``method:lora``, ``arxiv:2602.15076``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from kgtool import rdf, vocab
from kgtool.export import ntriples
from kgtool.export.selection import Selection

_KINDS = ("arxiv", "doi", "title", *(label.lower() for label in vocab.LABELS[1:]), "statement", "activity", "agent")
"""How ids begin, and what there is beside nodes."""
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_BARE = {
    vocab.expand("xsd:integer"): re.compile(r"[+-]?[0-9]+"),
    vocab.expand("xsd:decimal"): re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    vocab.expand("xsd:double"): re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+"),
}
"""The literals that need no quotation marks (section 2.5.2)."""


def lines(selection: Selection) -> Iterator[str]:
    """The pieces of the file, one after the other. Raises InputError for a base that is no IRI."""
    base = selection.base
    rdf.check_base(base)
    for prefix, namespace in (*vocab.PREFIXES.items(), *((kind, f"{base}{kind}/") for kind in _KINDS)):
        yield f"@prefix {prefix}: <{namespace}> .\n"
    subject = predicate = ""
    for triple in ntriples.triples(selection):
        object_ = _object(triple.object, base)
        if triple.subject != subject:
            yield f"{' .' if subject else ''}\n\n{_iri(triple.subject, base)} {_predicate(triple.predicate)} {object_}"
        elif triple.predicate != predicate:
            yield f" ;\n    {_predicate(triple.predicate)} {object_}"
        else:
            yield f" , {object_}"
        subject, predicate = triple.subject, triple.predicate
    yield " .\n" if subject else ""


def _object(term: str, base: str) -> str:
    found = ntriples.literal(term)
    if found is None:
        return _iri(term, base)
    if found.datatype is None:
        return term
    if found.datatype in _BARE and _BARE[found.datatype].fullmatch(found.text):
        return found.text
    return f'"{found.text}"^^{_term(f"<{found.datatype}>")}'


def _iri(term: str, base: str) -> str:
    """An IRI, by its prefix where what is left is a plain name."""
    address = term[1:-1]
    if address.startswith(base):
        kind, _, local = address[len(base) :].partition("/")
        if kind in _KINDS and _LOCAL.fullmatch(local):
            return f"{kind}:{local}"
    return _term(term)


def _predicate(term: str) -> str:
    return "a" if term == f"<{vocab.expand('rdf:type')}>" else _term(term)


@lru_cache(maxsize=1 << 10)
def _term(term: str) -> str:
    """A term of a vocabulary, by its prefix."""
    address = term[1:-1]
    for prefix, namespace in vocab.PREFIXES.items():
        if address.startswith(namespace) and _LOCAL.fullmatch(address[len(namespace) :]):
            return f"{prefix}:{address[len(namespace) :]}"
    return term
