"""Which server a target's address means, by its scheme: `kgtool push` asks here whose target it is."""

from __future__ import annotations

from kgtool.errors import InputError

NEO4J = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
"""``+s`` is with TLS and a certificate that this machine trusts, ``+ssc`` with any certificate; ``bolt`` asks exactly
this server, ``neo4j`` whichever member of its cluster writes."""

SPARQL = ("sparql+http", "sparql+https")


def kind_of(target: str) -> str:
    """``neo4j`` or ``sparql``.

    Raises `InputError` for any other scheme.

    >>> kind_of("neo4j+s://db.example.org"), kind_of("sparql+http://localhost:3030/ds")
    ('neo4j', 'sparql')
    """
    scheme = target.partition("://")[0].lower()
    if scheme in NEO4J:
        return "neo4j"
    if scheme in SPARQL:
        return "sparql"
    known = ", ".join(f"{name}://" for name in (*NEO4J, *SPARQL))
    raise InputError(f"the target's address has to begin with one of {known}")
