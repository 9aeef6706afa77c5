"""What a Cypher query of Neo4j 5 silently means here, where that is something else.

What has no use here is refused, with the form that works; what a query may well mean as it stands gets a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kgtool.errors import QueryError
from kgtool.stores.cypher_guard import mask
from kgtool.stores.pointing import point

_PATTERN = r"\(\s*+\w*+\s*+(?::[^(){}]*)?(?:\{[^{}]*\}\s*)?\)\s*<?-\s*[\[-]"
_REFUSED = [
    (
        r"\blabels\s*+\(\s*+\w*+\s*+\)\s*+\[|\b(?:size|head|last|unwind|in)\b\s*\(?\s*labels\s*\(",
        "labels(n) is a text here and not a list, as a node has one label",
        "label(n) is the label; as a condition write label(n) = 'Paper'",
    ),
    (
        rf"\b(?:size|length|count)\s*\(\s*(?:distinct\s+)?{_PATTERN}",
        "a pattern does not count its matches here",
        "write COUNT { MATCH (n)<-[:USES]-() }",
    ),
    (
        r"(?<![\w`])\(\s*+\w*+\s*+:\s*+[\w`]++\s*+:\s*+[\w`]+",
        "two labels mean either here, and no node has both",
        "write one label, or (n:Method|Task) for either",
    ),
    (
        r"(?:[\w`)\]}]|(?<=['\"]))\[\s*0\s*\]",
        "there is no element 0: lists and texts count from 1 here",
        "the first is list[1], or head(list)",
    ),
    (
        r"\breverse\s*\(\s*(?:\[|(?:collect|split|string_split|nodes|rels|relationships|range|keys|list_\w+)\s*\(|"
        r"\w+\.aliases\b)",
        "reverse is of texts only",
        "for a list write list_reverse(list)",
    ),
]

_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
    and as asc ascending by case contains desc descending distinct else end ends in is limit match not null on optional
    or order return skip starts then union unwind when where with xor
    """,
    )
)
_INDEX = re.compile(r"(?P<list>(?<![\w`])[\w`]++|[)\]}'\"])\[(?P<index>[^\[\]|]*)\]")
_INDEX_AS_NEO4J = re.compile(r"\s*-\s*\d+\s*|\s*0?\s*(?:\.\.|:)(?!.*-).*", re.S)
_IDS = re.compile(r"\bid\s*\(\s*\w+\s*\)(?:\s*(?:<>|[<>]=?|=)\s*id\s*\(\s*\w+\s*\))?", re.I)
_NOTED = [
    (r"\blabels\s*\(", "labels(n) is a text here, not a list"),
    (
        r"\bsubstring\s*\(",
        "substring counts from 1 here, in Neo4j from 0: substring(s, 1, 4), or left(s, 4), are the first four",
    ),
    (r"\breverse\s*\(", "reverse is of texts only here; for a list write list_reverse(list)"),
    (r"\blog\s*\(", "log(x) is to the base 10 here; the natural logarithm is ln(x)"),
    (
        r"\bkeys\s*\(",
        "keys(n) are here all properties that the label has, those without a value too, as Neo4j would not",
    ),
    (
        r"\bcase\s+(?!when\b)(?:(?!\bend\b).){0,500}?\bwhen\s+null\b",
        "WHEN null is met by null here, in Neo4j by nothing",
    ),
]
_IN_NULL = re.compile(r"\bin\s*\[[^\[\]]*\bnull\b|\bin\s*\$(?P<name>\w+)", re.I)
_CONTAINS = re.compile(r"\bcontains\s*(?:(?P<empty>''|\"\")|\$(?P<name>\w+))", re.I)
_SUM = re.compile(r"\bsum\s*\(", re.I)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_OPERAND = r"(?:'[^']*'|\"[^\"]*\"|\$\w+)"
_PUBLISHED = re.compile(
    rf"\.published\s*[<>]=?\s*(?P<after>{_OPERAND})|(?P<before>{_OPERAND})\s*[<>]=?\s*\w+\.published\b", re.I
)
_ORDER = re.compile(r"\border\s+by\b", re.I)


def refuse_idioms(query: str) -> None:
    """Raises QueryError, pointing at the place and with a hint, for an idiom that cannot be meant as it is read here.

    >>> refuse_idioms("MATCH (n:Paper) RETURN label(n)")
    """
    text = mask(query)
    for pattern, message, hint in _REFUSED:
        if found := re.search(pattern, text, re.I):
            raise QueryError(f"{point(query, found.start(), len(found[0]), message)}\nhint: {hint}")


def refuse_lost_order(query: str, operators: Sequence[str]) -> None:
    """Raises QueryError where the plan sorts less often than the query says ``ORDER BY``.

    Ladybug 0.22.0 drops the order of ``WITH … ORDER BY … LIMIT 3`` in front of an aggregate without a key, and so
    aggregates any three rows.
    """
    orders = list(_ORDER.finditer(mask(query)))
    sorts = sum(name in {"ORDER_BY", "TOP_K"} for name in operators)
    if sorts < len(orders) and "EMPTY_RESULT" not in operators:
        message = "the engine would leave out this order, and take any rows for those of the LIMIT"
        place = point(query, orders[0].start(), len(orders[0][0]), message)
        hint = "write UNWIND [1] AS one behind the LIMIT, in front of collect, sum or the like"
        raise QueryError(f"{place}\nhint: {hint}")


def idiom_notes(query: str, parameters: Mapping[str, Any], nulls: bool) -> Iterator[str]:
    """Notes on what Neo4j would read in another way; `nulls` says whether the answer holds any."""
    text = mask(query)
    yield from (note for pattern, note in _NOTED if re.search(pattern, text, re.I | re.S))
    if any(_counts_otherwise(found) for found in _INDEX.finditer(text)):
        yield "lists and texts count from 1 here, and a range holds both ends: list[1..3] are the first three"
    if any("=" not in found[0] and "<" not in found[0] and ">" not in found[0] for found in _IDS.finditer(text)):
        yield "id(n) is here an internal place that a new graph changes; n.id is the id that lasts"
    if any(found["name"] is None or _has_null(parameters.get(found["name"])) for found in _IN_NULL.finditer(text)):
        yield "x IN a list with null is here false where x is not in it, in Neo4j null"
    if any(found["empty"] or parameters.get(found["name"]) == "" for found in _CONTAINS.finditer(text)):
        yield "no text CONTAINS '' here, in Neo4j every text does"
    if nulls and _SUM.search(text):
        yield "the sum of nothing is null here, in Neo4j 0: coalesce(sum(x), 0)"
    for found in _PUBLISHED.finditer(text):
        group = "after" if found["after"] else "before"
        written = query[found.start(group) : found.end(group)]
        value = parameters.get(written[1:]) if written.startswith("$") else written[1:-1]
        if isinstance(value, str) and _DAY.fullmatch(value):
            yield published_note(value, f"n.published >= '{value[:7]}'")
            return


def published_note(day: str, instead: str) -> str:
    """The note on comparing when a paper was published with a whole date."""
    return (
        f"published is as exact as it is known, '{day[:7]}' or '{day}', and the month alone is not compared as a day "
        f"of it; to compare by month write {instead}"
    )


def _counts_otherwise(found: re.Match[str]) -> bool:
    name = found["list"].lower()
    return name not in _WORDS and not _INDEX_AS_NEO4J.fullmatch(found["index"])


def _has_null(value: object) -> bool:
    return isinstance(value, list | tuple) and None in value
