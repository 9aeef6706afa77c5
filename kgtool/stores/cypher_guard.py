"""Which Cypher queries run: those whose plan, as Ladybug itself made it, only reads the graph.

A database opened read-only still lets a query write files (``COPY … TO``, ``EXPORT DATABASE``), read them
(``LOAD FROM``), install extensions and change settings. What a text means is for the engine to say, so the judge is
its plan: `EXPLAIN` shows every operator, and all must be on the list here. Before that, the text must begin as a
reading query does, because to plan ``EXPORT DATABASE`` already makes its folder, and ``LOAD FROM`` opens its file.
"""

from __future__ import annotations

import re
from itertools import pairwise

from kgtool.errors import QueryError
from kgtool.stores.pointing import point

_HIDDEN = re.compile(
    r"""(?P<comment>//[^\n\r]*|/\*.*?(?:\*/|\Z))|(?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`)""", re.S
)
_READING = {"match", "optional", "unwind", "with", "return", "call"}
_WRITING = re.compile(
    r"(?:create|merge|set|delete|detach|remove|drop|alter|copy|install|force|uninstall|update|attach|use|import|export|"
    r"begin|commit|rollback|checkpoint|comment|analyze|foreach|load)\b",
    re.I,
)
_LOAD = re.compile(r"\bload\s+(?:with\s+headers\s+)?(?:csv|from)\b", re.I)
_CALL = re.compile(r"\bcall\s+(?P<name>[A-Za-z_]\w*)\s*(?P<sign>[=(])", re.I)

OPERATORS = frozenset(
    re.findall(
        r"\w+",
        """
    AGGREGATE AGGREGATE_FINALIZE AGGREGATE_SCAN COUNT_ANTI_EDGE_CHAIN COUNT_EXTEND_CHAIN COUNT_REL_TABLE CROSS_PRODUCT
    DUMMY_SINK EMPTY_RESULT FILTER FLATTEN GROUPED_REACHABLE_COUNT HASH_JOIN_BUILD HASH_JOIN_PROBE INTERSECT
    INTERSECT_BUILD LIMIT MULTIPLICITY_REDUCER ORDER_BY ORDER_BY_MERGE ORDER_BY_SCAN PACKED_EXTEND
    PACKED_FILTERED_COUNT PATH_PROPERTY_PROBE PRIMARY_KEY_SCAN_NODE_TABLE PROJECTION QUERY_PRIMARY_KEY_LOOKUP
    REACHABLE_COUNT RECURSIVE_EXTEND REL_DEGREE_TABLE RESULT_COLLECTOR SCAN_NODE_TABLE SCAN_REL_TABLE SEMI_MASKER SKIP
    TABLE_FUNCTION_CALL TOP_K TOP_K_SCAN UNION_ALL_SCAN UNWIND UNWIND_DEDUP
    """,
    )
)
"""Operators of a plan that only read the graph."""
TABLE_FUNCTIONS = frozenset(
    ("CATALOG_VERSION", "DB_VERSION", "SHOW_CONNECTION", "SHOW_FUNCTIONS", "SHOW_MACROS", "SHOW_TABLES", "TABLE_INFO")
)
"""What may be called; READ_FTABLE besides is the engine's own, for the results of a part of the plan."""

_BOX_TOP = re.compile(r"┌[─┴┬┼]+┐")
_OPERATOR = re.compile(r"│?\s*(?P<name>[A-Z_]+)\[(?P<id>\d+)\]\s*│")
_FUNCTION = re.compile(r"│\s*Function: (\S+)")


def mask(query: str) -> str:
    """The query with comments blank and what is quoted filled with `x`: of the same length, lines kept.

    >>> mask("RETURN 'a' // b")
    "RETURN 'x'     "
    """

    def hide(match: re.Match[str]) -> str:
        text = match[0]
        if match["comment"]:
            return re.sub(r"[^\n\r]", " ", text)
        return text[0] + re.sub(r"[^\n\r]", "x", text[1:-1]) + text[-1]

    return _HIDDEN.sub(hide, query)


def check_text(query: str) -> int:
    """Where the query begins, behind blanks and comments. Raises QueryError for one that may not be planned."""
    masked = mask(query)
    start = len(masked) - len(masked.lstrip())
    if start == len(masked):
        raise QueryError("the query is empty")
    word = re.match(r"\w+", masked[start:])
    text = word[0] if word else query[start]
    if text.lower() in {"explain", "profile"}:
        raise QueryError(point(query, start, len(text), f"{text.upper()} is not offered; leave it out"))
    if _WRITING.match(masked, start):
        raise QueryError(point(query, start, len(text), _refusal(text.upper())))
    if text.lower() not in _READING:
        forms = "MATCH, OPTIONAL MATCH, UNWIND, WITH, RETURN or CALL"
        reason = f"syntax error: unexpected {text} where a query begins with {forms}"
        raise QueryError(point(query, start, len(text), reason))
    if load := _LOAD.search(masked):
        raise QueryError(point(query, load.start(), len(load[0]), _refusal("LOAD")))
    for call in _CALL.finditer(masked):
        if call["sign"] == "=" or call["name"].upper() not in TABLE_FUNCTIONS:
            functions = ", ".join(sorted(name.lower() for name in TABLE_FUNCTIONS))
            reason = f"CALL {call['name']} is not allowed in a query that only reads; allowed are {functions}"
            raise QueryError(point(query, call.start(), len(call[0]) - 1, reason))
    return start


def check_plan(plan: str) -> list[str]:
    """The operators of the plan (as `EXPLAIN` prints it). Raises QueryError unless every one only reads the graph.

    The plan is drawn as boxes, side by side, with text of the query in them. Such text can look like an operator, which
    at worst refuses a harmless query, but hide none: each name stands right below the top of its box, and they are
    numbered without a gap.
    """
    lines = plan.splitlines()
    seen: dict[int, str] = {}
    tops = 0
    for above, line in pairwise(lines):
        tops += len(_BOX_TOP.findall(above))
        for top in _BOX_TOP.finditer(above):
            if operator := _OPERATOR.match(line[top.start() : top.end()]):
                seen[int(operator["id"])] = operator["name"]
                tops -= 1
    # The title has two boxes, one in the other, and no operator.
    if not seen or set(seen) != set(range(max(seen) + 1)) or tops > 2:
        raise QueryError("the plan of this query cannot be checked")
    for name in seen.values():
        if name not in OPERATORS:
            raise QueryError(_refusal(name))
    functions = _FUNCTION.findall(plan)
    if len(functions) < list(seen.values()).count("TABLE_FUNCTION_CALL"):
        raise QueryError("the plan of this query cannot be checked")
    for function in functions:
        if function not in TABLE_FUNCTIONS | {"READ_FTABLE"}:
            raise QueryError(_refusal(f"CALL {function.lower()}"))
    return [seen[number] for number in sorted(seen)]


def _refusal(what: str) -> str:
    return f"{what.replace('_', ' ')} is not allowed: queries only read the graph here"
