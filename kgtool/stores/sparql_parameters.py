"""Parameters of a SPARQL query: each variable that is named as one becomes its value, as a term.

SPARQL has no parameters of its own, and Oxigraph's substitutions reach variables of the projection alone. So the text
is rewritten, token by token, and the places of the rewritten text are known in what the user wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kgtool.errors import QueryError
from kgtool.stores.pointing import point

TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n\r]*)
    |(?P<iri><[^<>"{}|^`\x00-\x20]*>)
    |(?P<string>\"{3}(?:[^"\\]|\\.|"(?!""))*\"{3}|'{3}(?:[^'\\]|\\.|'(?!''))*'{3}
        |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    |(?P<variable>[?$]\w+)
    |(?P<name>@?\w[\w.-]*(?::[\w.%-]*)?|:[\w.%-]*)
    |(?P<sign>&&|\|\||\^\^|[<>!]=|.)""",
    re.X | re.S,
)
_END_OF_PROJECTION = {"where", "from", "{"}
_MODIFIERS = {"having", "order", "limit", "offset", "values", "}"}


@dataclass(frozen=True)
class Rewritten:
    """A query with its parameters as terms: the `text` that runs, the `query` as the user wrote it.

    `edits` are the begin and end of each term in the text, and the begin and end of its variable in the query.
    """

    text: str
    query: str
    edits: tuple[tuple[int, int, int, int], ...] = ()

    def offset(self, offset: int) -> int:
        """The place in the query as written of one in the text; of one inside a term that of its variable."""
        moved = 0
        for start, end, old_start, old_end in self.edits:
            if offset < start:
                break
            if offset < end:
                return old_start
            moved = old_end - end
        return offset + moved

    def edited(self, offset: int) -> str | None:
        """The variable as written whose term holds this place of the text, if one does."""
        return next((self.query[a:b] for start, end, a, b in self.edits if start <= offset < end), None)


def substitute(query: str, parameters: Mapping[str, Any], *, iris: bool = True) -> Rewritten:
    """The query with each variable that is named as a parameter replaced by its value, as a term.

    A text in angle brackets (``<https://…>``) is an IRI unless `iris` is false, any other a plain literal. A variable
    that is projected stays a column. Raises QueryError for a parameter that the query does not have or that cannot
    stand where it does.

    >>> substitute('SELECT ?s $word { ?s ?p $word } # $word', {"word": 'a "b"'}).text
    'SELECT ?s ("a \\\\"b\\\\"" AS ?word) { ?s ?p "a \\\\"b\\\\"" } # $word'
    """
    terms = {name: _term(name, value, iris) for name, value in parameters.items()}
    pieces: list[str] = []
    edits = []
    used = set()
    end = length = 0
    for token, role in _roles(query):
        name = token[0][1:]
        if name not in terms:
            continue
        used.add(name)
        term = _placed(query, token, role, terms[name], parameters[name])
        before = query[end : token.start()]
        pieces += [before, term]
        length += len(before)
        edits.append((length, length + len(term), token.start(), token.end()))
        length += len(term)
        end = token.end()
    if missing := sorted(set(parameters) - used):
        raise QueryError(f"the query has no parameter ${missing[0]}")
    return Rewritten("".join([*pieces, query[end:]]), query, tuple(edits))


def _placed(query: str, token: re.Match[str], role: str, term: str, value: object) -> str:
    """The text that stands for a variable, by what it does there."""
    name = token[0][1:]
    if role == "projected":
        return f"({term} AS ?{name})"
    if role == "projected inside":
        # Outside, the same name would be bound twice.
        return f"({term} AS ?{_unused(query, name)})"
    if role == "key":
        return f"({term})"
    if role == "assigned":
        message = f"{token[0]} has a value by the query itself, and cannot be a parameter too"
        raise QueryError(point(query, token.start(), len(token[0]), message))
    if role in {"limit", "offset"}:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            message = f"{role.upper()} takes a whole number that is not negative, and {token[0]} is {value!r}"
            raise QueryError(point(query, token.start(), len(token[0]), message))
        return str(value)
    return term


def _unused(query: str, name: str) -> str:
    while name in query:
        name += "_"
    return name


def _roles(query: str) -> Iterator[tuple[re.Match[str], str]]:
    """Each variable of the query with its role: projected, a key (of GROUP BY, ORDER BY), assigned, limit, a term."""
    clause, before, parens, braces = "", "", 0, 0
    for token in TOKEN.finditer(query):
        if token.lastgroup == "blank":
            continue
        word = token[0].lower()
        if token["variable"]:
            yield token, _role(clause, before, parens, braces)
        parens += (word == "(") - (word == ")")
        braces += (word == "{") - (word == "}")
        if word == "select":
            clause, parens = "select", 0
        elif clause == "select" and word in _END_OF_PROJECTION:
            clause = ""
        elif word == "by" and before in {"group", "order"}:
            clause, parens = "by", 0
        elif clause == "values" and word == "{":
            clause = ""
        elif word == "values":
            clause = "values"
        elif clause == "by" and word in _MODIFIERS:
            clause = ""
        before = word


def _role(clause: str, before: str, parens: int, braces: int) -> str:
    if before == "as" or clause == "values":
        return "assigned"
    if before in {"limit", "offset"}:
        return before
    if clause == "select" and parens == 0:
        return "projected inside" if braces else "projected"
    if clause == "by" and parens == 0:
        return "key"
    return "term"


def _term(name: str, value: Any, iris: bool) -> str:
    try:
        if iris and isinstance(value, str) and value[:1] == "<" and value[-1:] == ">":
            return str(ox.NamedNode(value[1:-1]))
        if isinstance(value, str | bool | int | float):
            return str(ox.Literal(value))
    except ValueError as error:
        raise QueryError(f"the parameter ${name}: {error}") from error
    raise QueryError(f"the parameter ${name} is neither a text nor a number")
