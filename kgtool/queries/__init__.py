"""Canned queries: questions that researchers ask, each written in SPARQL and in Cypher, with the same answer.

A query is two files, ``NAME.rq`` and ``NAME.cypher``, with one header: what it answers, its parameters and an example.

    # Which papers compare with a method, and in which sentence?
    #
    # $method          text, required         a method, by name, alias or id, in any case
    # $min_confidence  confidence, default 0  leave out edges that are less sure
    #
    # kgtool sparql comparisons-with-method -p method=PPO

The Cypher keeps to what Ladybug and Neo4j 5 read alike. Where a name fits several nodes, the rows of all of them come.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from kgtool import ids
from kgtool.analysis.papers import checked_date
from kgtool.analysis.reader import Graph
from kgtool.errors import InputError
from kgtool.records import Table
from kgtool.stores.protocol import TIMEOUT, Parameters

__all__ = ["LANGUAGES", "CannedQuery", "QueryParameter", "find", "listing", "prepare", "queries", "run"]

Language = Literal["sparql", "cypher"]
Given = str | int | float
"""What a parameter may be given as: a value of its type, or a text that reads as one."""

LANGUAGES: dict[Language, str] = {"sparql": "rq", "cypher": "cypher"}
"""Each language, and the suffix of its files."""

_MARKS: dict[Language, str] = {"sparql": "#", "cypher": "//"}
_PARAMETER = re.compile(
    r"\$(?P<name>\w+) +(?P<type>\w+), (?:required|default (?P<default>\S+)) +(?P<meaning>\S.*)", re.ASCII
)
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_MOST = (1 << 63) - 1
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """A parameter of a canned query; one without a default is required.

    `type` is ``text``, ``date`` (as exact as it is known), ``confidence`` (0 to 1) or ``count`` (from 1).
    """

    name: str
    type: str
    default: str | None
    meaning: str

    def value(self, given: Given) -> str | int | float:
        """The value as the engines take it. Raises `InputError` for what is not of the type."""
        expected, read = _TYPES[self.type]
        try:
            return read(given)
        except (ValueError, TypeError, InputError):
            shown = repr(given) if len(repr(given)) <= _LONGEST else f"{repr(given)[:_LONGEST]}…"
            raise InputError(f"{self.name}: expected {expected}, not {shown}") from None


@dataclass(frozen=True, slots=True)
class CannedQuery:
    """A question with its parameters, and its text in both languages; `example` is what follows the command's name."""

    name: str
    answers: str
    parameters: tuple[QueryParameter, ...]
    example: str
    sparql: str
    cypher: str

    def text(self, language: Language) -> str:
        """The file in one language, header and all."""
        return self.sparql if language == "sparql" else self.cypher

    def bind(self, given: Mapping[str, Given]) -> dict[str, str | int | float]:
        """The value of every parameter. Raises `InputError` for one that is missing, unknown or of another type."""
        known = {parameter.name: parameter for parameter in self.parameters}
        if unknown := sorted(given.keys() - known):
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise InputError(f"{self.name} has no parameter {unknown[0]!r}; {takes}")
        values: dict[str, str | int | float] = {}
        for name, parameter in known.items():
            value = given.get(name, parameter.default)
            if value is None:
                raise InputError(f"{self.name} needs {name}, {parameter.meaning}; as in: {self.name} {self.example}")
            values[name] = parameter.value(value)
        return values


def queries() -> tuple[CannedQuery, ...]:
    """All canned queries, by name."""
    return tuple(_all().values())


def find(name: str) -> CannedQuery:
    """The canned query of this name. Raises `InputError` with names close to it where there is none."""
    known = _all()
    if name in known:
        return known[name]
    shown = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
    words = {word for word in re.findall(r"\w+", shown.lower()) if len(word) > 3}
    alike = difflib.get_close_matches(shown.lower(), known, n=3)
    alike += [other for other in known if words & set(other.split("-")) and other not in alike]
    hint = f"; close to it: {', '.join(alike[:5])}" if alike else ""
    raise InputError(f"{shown}: no canned query of this name{hint}; kgtool queries lists them all")


def prepare(name: str, language: Language, parameters: Mapping[str, Given] | None = None) -> tuple[str, Parameters]:
    """The text of a canned query and the parameters that go with it, for whichever server or view is to answer it.

    SPARQL has no parameters: there the values stand in the text, as literals, and nothing goes with it. Raises
    `InputError` for an unknown query, and for a parameter that is missing, unknown or of another type.
    """
    query = find(name)
    values = query.bind(parameters or {})
    if language == "cypher":
        return query.cypher, values
    from kgtool.stores.sparql_parameters import substitute

    return substitute(query.sparql, values, iris=False).text, {}


def run(
    kg: Graph,
    name: str,
    language: Language = "cypher",
    parameters: Mapping[str, Given] | None = None,
    *,
    timeout: float = TIMEOUT,
) -> Table:
    """The rows that answer a canned query, the same ones in either language; of a Neo4j server, in Cypher.

    Raises `InputError` as `prepare` does, `QueryTimeout` after `timeout` seconds, `StoreError` where there is no graph;
    of a server also what `kgtool.stores.neo4j_asking.asking` raises.

    >>> run(Path("kg"), "papers-of-method", parameters={"method": "GRPO", "limit": 5})  # doctest: +SKIP
    """
    from kgtool.stores import views
    from kgtool.stores.asking import ask_cypher, ask_sparql

    text, bound = prepare(name, language, parameters)
    if not isinstance(kg, Path):
        from kgtool.stores.neo4j_asking import asking

        if language != "cypher":
            raise InputError(f"{kg}: a Neo4j server is asked in Cypher")
        with asking(kg) as asker:
            return asker.ask(text, bound, timeout)
    if language == "sparql":
        return views.ask(kg, lambda view: ask_sparql(view.rdf, text, bound, timeout)).table
    return views.ask(kg, lambda view: ask_cypher(view.ladybug, text, bound, timeout)).table


def listing() -> Table:
    """All canned queries: `name, languages, parameters` (with their defaults) and what each `answers`."""
    rows = (
        (query.name, tuple(LANGUAGES), tuple(_with_default(each) for each in query.parameters), query.answers)
        for query in queries()
    )
    return Table(("name", "languages", "parameters", "answers"), tuple(rows))


def _with_default(parameter: QueryParameter) -> str:
    return parameter.name if parameter.default is None else f"{parameter.name}={parameter.default}"


@lru_cache(maxsize=1)
def _all() -> dict[str, CannedQuery]:
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.rq"))
    return {name: _read(name) for name in names}


def _read(name: str) -> CannedQuery:
    texts = {
        language: (Path(__file__).parent / f"{name}.{suffix}").read_text(encoding="utf-8")
        for language, suffix in LANGUAGES.items()
    }
    header = {language: _header(text, language, name) for language, text in texts.items()}
    if header["sparql"] != header["cypher"]:
        raise ValueError(f"{name}: the headers of its two files differ")
    answers, parameters, example = header["sparql"]
    return CannedQuery(name, answers, parameters, example, texts["sparql"], texts["cypher"])


def _header(text: str, language: Language, name: str) -> tuple[str, tuple[QueryParameter, ...], str]:
    """What is answered, the parameters, and the arguments of the example."""
    mark = _MARKS[language]
    lines = text[: text.index("\n\n")].splitlines()
    answers, *blocks = "\n".join(line.removeprefix(mark).strip() for line in lines).split("\n\n")
    *declared, example = blocks
    found = [_PARAMETER.fullmatch(line) for block in declared for line in block.splitlines()]
    call = f"kgtool {language} {name}"
    if None in found or not example.startswith(call):
        raise ValueError(f"{name}: its header in {language} is not of the form that the others have")
    parameters = tuple(QueryParameter(**match.groupdict()) for match in found if match)
    return answers, parameters, example.removeprefix(call).strip()


def _text(given: Given) -> str:
    if not isinstance(given, str) or _NO_TEXT.search(given):
        raise ValueError
    if not (text := ids.fold(given)):
        raise ValueError
    return text


def _date(given: Given) -> str:
    return checked_date(given if isinstance(given, str) else str(given))


def _confidence(given: Given) -> float:
    number = float(given)
    if isinstance(given, bool) or not 0 <= number <= 1:
        raise ValueError
    return number


def _count(given: Given) -> int:
    number = int(given)
    if isinstance(given, bool | float) or not 1 <= number <= _MOST:
        raise ValueError
    return number


_TYPES: dict[str, tuple[str, Callable[[Given], str | int | float]]] = {
    "text": ("a text that is not empty", _text),
    "date": ("a date like 2026, 2026-02 or 2026-02-17", _date),
    "confidence": ("a number from 0 to 1", _confidence),
    "count": ("a whole number from 1", _count),
}
