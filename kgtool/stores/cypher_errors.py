"""What Ladybug says of a query that it cannot run, in words that help: the place, what exists, the form that works.

The dialect's differences from Neo4j 5 that a query may run into are listed in `_HINTS`, each with the form that runs.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable

from kgtool.stores.cypher_guard import mask
from kgtool.stores.pointing import offset_of, point

Schema = dict[str, list[str]]

_PLACE = re.compile(r"\(line: (\d+), offset: (\d+)\)")
_TABLE = re.compile(r"Table (.+?) does not exist")
_PROPERTY = re.compile(r"Cannot find property (.+?) for (.+?)\.")
_VARIABLE = re.compile(r"Variable (.+?) is not in scope")
_FUNCTION = re.compile(r"function (.+?) (?:does not exist|is not defined)", re.I)
_WRITING = re.compile(r"\b(?:create|merge|set|(?:detach\s+)?delete|remove|nextval)\b", re.I)
_PARAMETER = re.compile(r"Parameter (.+?) not found")

_HINTS = [
    (r"\ballShortestPaths\s*\(", "for allShortestPaths((a)-[:USES*..8]-(b)) write (a)-[:USES* ALL SHORTEST 1..8]-(b)"),
    (r"\bshortestPath\s*\(", "for shortestPath((a)-[:USES*..8]-(b)) write (a)-[:USES* SHORTEST 1..8]-(b)"),
    (r"\bcall\s*(?:\([^)]*\)\s*)?\{", "for CALL { … } write its clauses one after the other, with WITH between them"),
    (
        r"\b(?:count|exists)\s*\{\s*\(",
        "a pattern in braces needs MATCH: COUNT { MATCH (n)-[:USES]->() }, EXISTS { MATCH (n)-[:USES]->() }",
    ),
    (r"\bcollect\s*\{", "for COLLECT { … } write OPTIONAL MATCH … and collect(x)"),
    (r"\bexists\s*\(\s*\(", "for exists((n)-[:USES]->()) write EXISTS { MATCH (n)-[:USES]->() }"),
    (r"\bexists\s*\(", "for exists(n.name) write n.name IS NOT NULL"),
    (r"\[\s*\(.*?\)\s*<?-.*?\|", "for [(a)-[:USES]->(b) | b.id] write OPTIONAL MATCH (a)-[:USES]->(b) … collect(b.id)"),
    (
        r"\[\s*\w+\s+in\b[^\]]*?[\]|]",
        "for [x IN list WHERE x > 1 | x + 1] write list_transform(list_filter(list, x -> x > 1), x -> x + 1)",
    ),
    (r"\breduce\s*\(", "for reduce(sum = 0, x IN list | sum + x) write list_reduce(list, (sum, x) -> sum + x)"),
    (r"(?<![\w$:])[A-Za-z_]\w*\s*\{\s*(?:\.|\w+\s*,)", "for n {.id, .name} write {id: n.id, name: n.name}"),
    (r"(?:-|->)\s*[+*](?:\s*\()|\)\s*(?:[+*]|\{\d*,?\d*\})", "for -[:USES]->+ or {1,3} write -[:USES*1..3]->"),
    (r"\b(?:where|and|or|not|when)\s+\(?\w+\s*:\s*\w+", "for n:Paper as a condition write label(n) = 'Paper'"),
    (r"\breturn\s+(?:[^{}]*,\s*)?\w+:\w+", "for n:Paper as a value write label(n) = 'Paper'"),
    (r"\bapoc\s*\.|\bgds\s*\.", "procedures and functions of APOC and GDS are Neo4j's alone"),
    (r"\bcall\s+db\s*\.", "for CALL db.labels() write CALL show_tables() RETURN *"),
    (r"!=", "for != write <>"),
    (r"\|\|", "for a || b write a + b"),
    (r":\s*\w+\s*&\s*!?\w+", "no node has two labels; for either write (n:Method|Task)"),
    (r"\(\s*\w*\s*:\s*!", "for (n:!Paper) write (n) and WHERE label(n) <> 'Paper'"),
    (r"[\w)]\s*\[[^\[\]]*\]\s*\.", "for list[1].name write (list[1]).name"),
]
_REASONS = [
    (
        r"skip/limit must be|as a valid (?:limit|skip) number",
        r"\b(?:limit|skip)\s+\S+",
        "LIMIT and SKIP take a whole number that is not negative, as a parameter too: -p k=10",
    ),
    (
        r"Divide by zero|Modulo by zero",
        r"[/%]\s*0(?![\d.])",
        "for x / y write x / nullif(y, 0), which is null where y is 0",
    ),
    (r"ORDER BY must be followed", r"\border\s+by\b", "order in the RETURN, or give WITH … ORDER BY a LIMIT"),
    (
        r"parsing date\.",
        r"\b(?:to_)?date\s*\(",
        "a date is whole, date('2024-11-05'); published is a text and may be a month: n.published >= '2024-11'",
    ),
    (
        r"list_extract.* is out of range",
        r"\[[^\[\]|]*\]|\b(?:head|last)\s*\(",
        "leave short lists out: size(list) >= 5",
    ),
    (r"Function ROUND", r"\bround\b", "for round(x) write round(x, 0)"),
    (r"Function SUBSTRING", r"\bsubstring\b", "for substring(s, 2) write substring(s, 3, size(s)); texts count from 1"),
    (r"Function (?:DATE|TIMESTAMP).*Actual: \(\)", r"\b(?:date|timestamp)\b", "for date() write current_date()"),
    (r"has data type DATE but", r"\.\s*(?:year|month|day)\b", "for day.year write date_part('year', day)"),
    (
        r"function \+\(",
        r"\+",
        "a text is added to texts only: 'a' + to_string(1), and an element as a list: list + [x]",
    ),
]
"""What the engine says without a place: where that is likely to be, and the form that works."""

_FUNCTIONS = {
    "elementid": "id(n) is an internal id; n.id is the one that lasts",
    "tointeger": "for toInteger(x) write to_int64(x), which rounds",
    "tail": "for tail(list) write list[2:]; lists count from 1",
    "isempty": "for isEmpty(list) write size(list) = 0",
    "datetime": "for datetime() write current_timestamp(), for datetime('…') timestamp('…')",
    "reduce": "for reduce(sum = 0, x IN list | sum + x) write list_reduce(list, (sum, x) -> sum + x)",
    "nodes": "nodes(p) is of a path p = (a)-[*1..3]-(b)",
    "timestamp": "timestamp('2026-01-01 00:00:00') makes one of a text; now is current_timestamp()",
    "charlength": "for char_length(s) write size(s)",
    "tostring": "for toString(x) write to_string(x)",
    "toboolean": "for toBoolean(x) write to_bool(x)",
    "tointegerornull": "for toIntegerOrNull(x) write to_int64(x), which fails where x is no number",
    "exp": "for exp(x) write 2.718281828459045 ^ x",
    "e": "for e() write 2.718281828459045",
    "localdatetime": "for localdatetime() write current_timestamp(), for localdatetime('…') timestamp('…')",
}


def explain_error(query: str, start: int, error: str, schema: Callable[[], Schema]) -> str:
    """The message for a query that failed with `error`.

    `start` is where what the engine read begins in it; `schema` is asked only where names have to be suggested.
    """
    message = _message(query, start, error, schema)
    hint = _hint(query, error)
    return f"{message}\nhint: {hint}" if hint else message


def _message(query: str, start: int, error: str, schema: Callable[[], Schema]) -> str:
    if found := _PLACE.search(error):
        offset = start + offset_of(query[start:], int(found[1]), int(found[2]) + 1)
        rest = re.match(r"\w+|.", query[offset:], re.S)
        if rest is None or not query[offset:].strip():
            return point(query, len(query.rstrip()), 1, "syntax error: the query ends too early")
        reason = error.split("Parser exception: ")[-1].split(" (line:")[0]
        if reason.startswith(
            ("Invalid input", "mismatched", "extraneous", "no viable", "token recognition", "missing")
        ):
            reason = f"unexpected {rest[0]}"
        return point(query, offset, len(rest[0]), f"syntax error: {reason}")
    if found := _TABLE.search(error):
        names = sorted(schema())
        return _at_word(
            query, found[1], f"there is no label or relationship type {found[1]}{_instead(found[1], names)}"
        )
    if found := _PROPERTY.search(error):
        return _at_word(query, found[1], f"{found[2]} has no property {found[1]}{_of_all(query, found, schema())}")
    if found := _VARIABLE.search(error):
        return _at_word(query, found[1], f"the variable {found[1]} is not known here")
    if found := _FUNCTION.search(error):
        return _at_word(query, found[1], f"there is no function {found[1].lower()}")
    if found := _PARAMETER.search(error):
        return _at_word(query, f"${found[1]}", f"the parameter ${found[1]} has no value")
    if "read-only" in error:
        word = _WRITING.search(mask(query))
        message = "the query would change the graph: queries are read-only here"
        return point(query, word.start(), len(word[0]), message) if word else message
    if "multiple statements" in error:
        return "more than one statement; give one query at a time"
    if "Buffer manager" in error or "bad_alloc" in error:
        return "the query needs more memory than it may have; narrow it, or add a LIMIT"
    message = re.sub(r"^\w+ [eE]xception: ", "", " ".join(error.split())).split(". Supported inputs")[0]
    if known := _reason(error):
        places = list(re.finditer(known[1], mask(query), re.I))
        if len(places) == 1:
            return point(query, places[0].start(), len(places[0][0]), message.rstrip("."))
    return message


def _reason(error: str) -> tuple[str, str, str] | None:
    return next((reason for reason in _REASONS if re.search(reason[0], error, re.S)), None)


def _at_word(query: str, word: str, message: str) -> str:
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", mask(query), re.I)
    return point(query, found.start(), len(word), message) if found else message


def _instead(name: str, names: list[str]) -> str:
    lower = {known.lower(): known for known in names}
    near = [lower[match] for match in difflib.get_close_matches(name.lower(), lower, 3)]
    return f"; did you mean {' or '.join(near)}?" if near else f"; there are {', '.join(names)}"


def _of_all(query: str, found: re.Match[str], schema: Schema) -> str:
    """What to write instead of a property: of the labels and types that the query gives the variable, else of all."""
    text = mask(query)
    named = re.findall(rf"[(\[]\s*{re.escape(found[2])}\s*:([\w\s:|]+)", text)
    tables = [table for part in named for table in re.findall(r"\w+", part) if table in schema] or list(schema)
    return _instead(found[1], sorted({column for table in tables for column in schema[table]}))


def _hint(query: str, error: str) -> str | None:
    if function := _FUNCTION.search(error):
        return _FUNCTIONS.get(function[1].lower().replace("_", ""))
    if any(known.search(error) for known in (_TABLE, _PROPERTY, _PARAMETER)):
        return None
    if reason := _reason(error):
        return reason[2]
    text = mask(query)
    return next((hint for pattern, hint in _HINTS if re.search(pattern, text, re.I | re.S)), None)
