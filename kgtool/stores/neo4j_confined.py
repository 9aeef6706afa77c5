"""Cypher of kgtool's own, kept to one knowledge graph of a Neo4j database that may hold others, and foreign data too.

An embedded view holds one graph, so the canned queries and those of the exploring commands do not say which. For a
server each node pattern gets the label `KgNode` and the property `graph`, each relationship pattern the property:

>>> confined("MATCH (p:Paper {id: $id})-[r:USES|MENTIONS]->(m) RETURN r.role")
'MATCH (p:KgNode&Paper {graph: $graph, id: $id})-[r:USES|MENTIONS {graph: $graph}]->(m:KgNode {graph: $graph}) RETURN r.role'

That is for texts that kgtool wrote and tested: they keep to patterns of this form. A user's own query runs as it stands.
"""  # noqa: E501

from __future__ import annotations

import re
from functools import lru_cache

from kgtool.stores.cypher_guard import mask
from kgtool.stores.neo4j_rows import LABEL

_INNER = r"\s*(?P<{0}_name>\w+)?\s*(?::(?P<{0}_kinds>[\w|]+))?\s*(?:\{{(?P<{0}_has>[^{{}}]*)\}})?\s*"
_PART = re.compile(
    rf"(?P<word>[A-Za-z_]\w*)|(?P<node>\({_INNER.format('node')}\))|(?P<edge>\[{_INNER.format('edge')}\])"
    r"|(?P<short>--)|(?P<open>[(\[{])|(?P<close>})"
)
_CLAUSES = {"where", "return", "with", "unwind", "optional", "union", "order", "call"}
"""What ends the patterns of a MATCH."""


@lru_cache(maxsize=256)
def confined(query: str) -> str:
    """The query with every pattern kept to the graph `$graph`.

    Raises `ValueError` for a pattern of a form that is not known: none goes unconfined.
    """
    pieces, copied, in_pattern = [], 0, False
    for part in _PART.finditer(mask(query)):
        word = (part["word"] or "").lower()
        if word == "match":
            in_pattern = True
        elif word in _CLAUSES or part["close"]:
            in_pattern = False
        elif in_pattern and (part["short"] or part["open"]):
            raise ValueError(f"a pattern that cannot be confined to a graph: {query[part.start() :][:60]}")
        elif in_pattern and (part["node"] or part["edge"]):
            pieces += [query[copied : part.start()], _element(query, part)]
            copied = part.end()
    return "".join((*pieces, query[copied:]))


def _element(query: str, part: re.Match[str]) -> str:
    """A node or a relationship pattern with the condition in it; what is quoted in it comes from the query itself."""
    kind = "node" if part["node"] else "edge"
    kinds = part[f"{kind}_kinds"]
    if kind == "node":
        choice = f"({kinds})" if kinds and "|" in kinds else kinds
        kinds = f"{LABEL}&{choice}" if choice else LABEL
    text = (part[f"{kind}_name"] or "") + (f":{kinds}" if kinds else "")
    has = "graph: $graph"
    if part[f"{kind}_has"] is not None:
        start, end = part.span(f"{kind}_has")
        has = f"{has}, {query[start:end]}"
    inner = f"{text} {{{has}}}".lstrip()
    return f"({inner})" if kind == "node" else f"[{inner}]"
