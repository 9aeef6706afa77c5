"""The graph as JSON-LD 1.1, with the context of the ontology inside: one object a line, a node or a statement.

Numbers are JSON numbers only where that changes nothing: a JSON number with a fraction would become an xsd:double in
its canonical form (JSON-LD 1.1 API, section 8.2.2), so that decimals and doubles keep their text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from kgtool import rdf, vocab
from kgtool.errors import InputError
from kgtool.export import ntriples
from kgtool.export.ntriples import Triple
from kgtool.export.selection import Selection

_TYPE = vocab.expand("rdf:type")
_INTEGER = vocab.expand("xsd:integer")
_CANONICAL = re.compile(r"-?[1-9][0-9]{0,14}|0")
"""An integer that JSON numbers hold exactly everywhere (RFC 8259, section 6)."""


class _Key(NamedTuple):
    """How a predicate is written: its name in the context, what its values are, whether they stand by language."""

    name: str
    type: str | None
    by_language: bool


def lines(selection: Selection) -> Iterator[str]:
    """The pieces of the file, one after the other.

    Raises InputError for a base that is no IRI, or one that the prefixes of the context would change.
    """
    rdf.check_base(selection.base)
    scheme, _, rest = selection.base.partition(":")
    if scheme in _context() and not rest.startswith("//"):
        raise InputError(f"the base {selection.base!r} would be read as a term with the prefix {scheme}")
    yield f'{{"@context": {_dump(_context())},\n"@graph": ['
    separator = "\n"
    for subject, run in groupby(ntriples.triples(selection), key=lambda triple: triple.subject):
        yield separator + _dump(_object(subject, run))
        separator = ",\n"
    yield "\n]}\n"


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


@cache
def _context() -> dict[str, Any]:
    context = json.loads(vocab.ontology_file("context.jsonld").read_text(encoding="utf-8"))
    return dict(context["@context"])


@cache
def _names() -> dict[str, _Key]:
    """The IRI of each predicate that has a name of its own, and how it is written."""
    found: dict[str, _Key] = {}
    for name, entry in _context().items():
        described = entry if isinstance(entry, dict) else {"@id": entry}
        prefix, colon, _ = str(described.get("@id", "")).partition(":")
        if colon and prefix in vocab.PREFIXES and "@prefix" not in described:
            key = _Key(name, described.get("@type"), described.get("@container") == "@language")
            found.setdefault(vocab.expand(described["@id"]), key)
    return found


def _object(subject: str, run: Iterable[Triple]) -> dict[str, Any]:
    written: dict[str, Any] = {"id": subject[1:-1]}
    for predicate, group in groupby(run, key=lambda triple: triple.predicate[1:-1]):
        key = _key(predicate)
        terms = [triple.object for triple in group]
        if predicate == _TYPE:
            values: list[Any] = [_compact(term[1:-1]) for term in terms]
        elif key.by_language and (notes := _by_language(terms)):
            written[key.name] = notes
            continue
        else:
            values = [_value(term, key) for term in terms]
        written[key.name] = values[0] if len(values) == 1 else values
    return written


def _key(predicate: str) -> _Key:
    if predicate == _TYPE:
        return _Key("type", None, False)
    return _names().get(predicate) or _Key(_compact(predicate), None, False)


@cache
def _compact(address: str) -> str:
    """A term of a vocabulary, by its name in the context or its prefix."""
    if address in _names():
        return _names()[address].name
    for prefix, namespace in vocab.PREFIXES.items():
        if address.startswith(namespace):
            return f"{prefix}:{address[len(namespace) :]}"
    return address


def _by_language(terms: Iterable[str]) -> dict[str, Any]:
    """Texts by their language, nothing where one of them has none."""
    notes: dict[str, Any] = {}
    for term in terms:
        found = ntriples.literal(term)
        if found is None or found.language is None or found.language in notes:
            return {}
        notes[found.language] = ntriples.unescaped(found.text)
    return notes


def _value(term: str, key: _Key) -> Any:
    found = ntriples.literal(term)
    if found is None:
        return term[1:-1] if key.type == "@id" else {"id": term[1:-1]}
    text = ntriples.unescaped(found.text)
    if found.language is not None:
        return {"@value": text, "@language": found.language}
    if found.datatype is None:
        return text if key.type is None and not key.by_language else {"@value": text}
    if key.type is not None and vocab.expand(key.type) == found.datatype:
        return text
    if found.datatype == _INTEGER and key.type is None and _CANONICAL.fullmatch(text):
        return int(text)
    return {"@value": text, "@type": _compact(found.datatype)}
