"""The media types of SPARQL results and RDF graphs, and which of them a client wants (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re

SOLUTIONS = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
"""What the answer of a SELECT or an ASK may be written as: media type to format, the preferred one first."""
GRAPHS = {
    "text/turtle": "ttl",
    "application/x-turtle": "ttl",
    "application/turtle": "ttl",
    "application/n-triples": "nt",
    "text/plain": "nt",
    "application/rdf+xml": "rdf",
    "application/xml": "rdf",
    "text/xml": "rdf",
    "application/ld+json": "jsonld",
    "application/json": "jsonld",
    "text/n3": "n3",
}
"""The same for CONSTRUCT and DESCRIBE; the formats are the suffixes of their files."""

_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


def preferred(accept: str, offered: dict[str, str]) -> str | None:
    """The media type among those offered that an ``Accept`` header wants most, None where it wants none of them.

    Of equal wishes the one that is offered first. An empty header wants anything.

    >>> preferred("text/csv;q=0.5, application/sparql-results+xml", SOLUTIONS)
    'application/sparql-results+xml'
    >>> preferred("text/html, */*;q=0.1", SOLUTIONS), preferred("text/html", SOLUTIONS)
    ('application/sparql-results+json', None)
    """
    wishes = _wishes(accept) or {"*/*": 1.0}
    best = max(offered, key=lambda media_type: _quality(media_type, wishes))
    return best if _quality(best, wishes) > 0 else None


def _wishes(accept: str) -> dict[str, float]:
    """Ranges of media types with their qualities; what is not well-formed is not wished for."""
    found: dict[str, float] = {}
    for item in accept.lower().split(","):
        media_range, *parameters = (part.strip() for part in item.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                quality = float(value) if _QUALITY.fullmatch(value.strip()) else 0.0
        if "/" in media_range:
            found[media_range] = max(quality, found.get(media_range, 0.0))
    return found


def _quality(media_type: str, wishes: dict[str, float]) -> float:
    """The most specific range that fits decides."""
    for media_range in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if media_range in wishes:
            return wishes[media_range]
    return 0.0
