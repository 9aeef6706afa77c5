"""One SPARQL query against an Oxigraph store, in the process that calls (see `kgtool.stores.asking` for the other).

What Oxigraph parses is what runs, so Oxigraph itself judges what a query is. `SERVICE` would call out over HTTP:
the word is replaced throughout by one that is no keyword, and the query parsed once more on an empty store. In a
comment, a string, an IRI or a name that changes nothing; where it was the keyword, the query no longer parses. A list
of words or another parser would be wrong about queries such as ``SERVICE:b {}``, which Oxigraph reads as a keyword and
a name.
"""

from __future__ import annotations

import codecs
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import product, takewhile
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kgtool import vocab
from kgtool.errors import KgtoolError, QueryError, StoreError, TornView
from kgtool.stores.pointing import offset_of, point
from kgtool.stores.sparql_notes import date_notes, term_notes
from kgtool.stores.sparql_parameters import TOKEN, Rewritten, substitute

Message = dict[str, Any]
SOLUTION_FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
"""Those of `kgtool.stores.media_types.SOLUTIONS`."""
GRAPH_FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
    "n3": ox.RdfFormat.N3,
}
"""Those of `kgtool.stores.media_types.GRAPHS`."""
_WRITTEN_PREFIXES = dict(vocab.PREFIXES)
_BATCH = 200
_PIECE = 1 << 16
_BUSY = re.compile(r"permission denied|too many open files|lock hold|cannot allocate memory", re.I)
"""What keeps a store that is whole from being opened."""
_DAMAGE = re.compile(r"Corruption: |IO error: .*(?:\.sst|MANIFEST|CURRENT)\b|Invalid argument: Column family", re.S)

_SERVICE = re.compile("service", re.I)
_UPDATES = {"insert", "delete", "load", "clear", "drop", "create", "add", "move", "copy", "with"}
_FORMS = {"select", "ask", "construct", "describe"}
_STAR = re.compile(r"select\s+(?:(?:distinct|reduced)\s+)?\*", re.I)
_PADDING = "\n" + " " * 40
_AGGREGATES = {"count", "sum", "min", "max", "avg", "sample", "group_concat"}
_XSD = vocab.PREFIXES["xsd"]
_INTEGER = re.compile(
    re.escape(_XSD) + r"(?:integer|(?:unsigned)?(?:int|long|short|byte)|(?:non)?(?:positive|negative)integer)\Z",
    re.I,
)
_FLOATS = {_XSD + name for name in ("double", "float", "decimal")}


def answer(location: str, query: str, parameters: Mapping[str, Any], service: bool) -> Iterator[Message]:
    """Runs a query; gives the columns, then rows in batches, then notes.

    Raises QueryError for one that is no query, that would change the graph or that calls another server without
    `service`; TornView where the store is damaged or not there, StoreError where it cannot be opened for another
    reason.
    """
    rewritten = substitute(query, parameters)
    check(rewritten, service)
    store = _open(Path(location))
    yield {"opened": True}
    try:
        yield from messages(store.query(rewritten.text, prefixes=dict(vocab.PREFIXES)), query)
    except SyntaxError as error:
        raise QueryError(f"the query cannot be read: {error}") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise _failure(location, error) from error
    for note in (*term_notes(query), *date_notes(rewritten.text)):
        yield {"note": note}


def _failure(location: str, error: Exception) -> KgtoolError:
    if _DAMAGE.match(str(error)):
        return TornView(f"{location}: the RDF view is damaged: {error}")
    return QueryError(f"the query cannot be answered: {error}")


def serialised(location: str, query: str, formats: Mapping[str, str | None], service: bool) -> Iterator[Message]:
    """Runs a query; tells if its answer is a graph, then gives it as pieces of text.

    `formats` has the format of rows under ``solutions`` and that of a graph under ``graph``; there is no text where it
    is None. Raises as `answer` does.
    """
    check(Rewritten(query, query), service)
    store = _open(Path(location))
    yield {"opened": True}
    with tempfile.TemporaryFile("w+b") as file:
        try:
            result = store.query(query, prefixes=dict(vocab.PREFIXES))
            is_graph = isinstance(result, ox.QueryTriples)
            yield {"is_graph": is_graph}
            if isinstance(result, ox.QueryTriples):
                if format_ := formats["graph"]:
                    prefixes = _WRITTEN_PREFIXES if format_ in ("ttl", "n3") else None
                    ox.serialize(result, file, GRAPH_FORMATS[format_], prefixes=prefixes)
            elif format_ := formats["solutions"]:
                result.serialize(file, SOLUTION_FORMATS[format_])
        except SyntaxError as error:
            raise QueryError(f"the query cannot be read: {error}") from error
        except (OSError, RuntimeError, ValueError) as error:
            raise _failure(location, error) from error
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        declared = list(takewhile(lambda line: line.startswith(b"@prefix "), file))
        # Oxigraph declares prefixes in another order each time.
        yield {"text": b"".join(sorted(declared)).decode()}
        file.seek(sum(map(len, declared)))
        while piece := file.read(_PIECE):
            yield {"text": decoder.decode(piece)}


def _open(folder: Path) -> ox.Store:
    # A folder that is missing would be made.
    if not (folder / "CURRENT").is_file():
        raise TornView(f"{folder}: there is no RDF view")
    try:
        store = ox.Store.read_only(str(folder))
        # A store that was loaded with nothing has one file; one whose list of files is cut short looks empty too.
        empty = next(store.quads_for_pattern(None, None, None, None), None) is None
    except (OSError, RuntimeError, ValueError) as error:
        kind = StoreError if _BUSY.search(str(error)) else TornView
        raise kind(f"{folder}: the RDF view cannot be opened: {error}") from error
    if empty and sum(1 for _ in folder.glob("*.sst")) > 1:
        raise TornView(f"{folder}: the RDF view is damaged: it is empty beside files that are not")
    return store


def messages(result: ox.QueryBoolean | ox.QuerySolutions | Iterable[ox.Triple], query: str) -> Iterator[Message]:
    """The columns of a result, then its rows in batches; those of a graph end with their line of N-Triples."""
    if isinstance(result, ox.QueryBoolean):
        yield {"columns": ["answer"]}
        yield {"rows": [[bool(result)]]}
    elif isinstance(result, ox.QuerySolutions):
        names = [variable.value for variable in result.variables]
        if _STAR.search(query):
            # `SELECT *` has its variables in alphabetical order; that of the query says more.
            order = list(dict.fromkeys(match["variable"][1:] for match in TOKEN.finditer(query) if match["variable"]))
            names.sort(key=lambda name: order.index(name) if name in order else len(order))
        yield {"columns": names}
        yield from _batches([_cell(solution[name]) for name in names] for solution in result)
    else:
        yield {"columns": ["subject", "predicate", "object"], "graph": True}
        seen: set[str] = set()
        rows = []
        for triple in result:
            line = f"{triple} ."
            if line not in seen:
                seen.add(line)
                rows.append([_cell(triple.subject), _cell(triple.predicate), _cell(triple.object), line])
            if len(rows) >= _BATCH:
                yield {"rows": rows}
                rows = []
        yield {"rows": rows}


def _batches(rows: Iterator[list[Any]]) -> Iterator[Message]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) >= _BATCH:
            yield {"rows": batch}
            batch = []
    yield {"rows": batch}


def _cell(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None) -> Any:
    if term is None:
        return None
    if isinstance(term, ox.Triple):
        return [_cell(term.subject), _cell(term.predicate), _cell(term.object)]
    if isinstance(term, ox.BlankNode):
        return str(term)
    if isinstance(term, ox.NamedNode):
        return term.value
    return _value(term.value, term.datatype.value)


def _value(lexical: str, datatype: str) -> Any:
    try:
        if _INTEGER.match(datatype):
            return int(lexical)
        if datatype in _FLOATS:
            number = float(lexical)
            # JSON has no sign for what is no number: its lexical form stays.
            return number if abs(number) < float("inf") else lexical
    except ValueError:
        return lexical
    if datatype == _XSD + "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(lexical, lexical)
    return lexical


def check(rewritten: Rewritten, service: bool = False) -> None:
    """Raises QueryError for a text that is no query, and for `SERVICE` unless it is wanted.

    The message shows the query as the user wrote it.

    No other server is asked in doing so.
    """
    harmless = _without_service(rewritten.text)
    error = _parse_error(harmless)
    if error is None:
        return
    found = _place(harmless)
    query, offset = rewritten.query, rewritten.offset(found)
    if variable := rewritten.edited(found):
        term = TOKEN.match(rewritten.text, found)
        text = term[0] if term else ""
        raise QueryError(point(query, offset, len(variable), f"the parameter {variable} cannot stand here as {text}"))
    if _SERVICE.match(query, offset):
        if service:
            return
        raise QueryError(point(query, offset, 7, "SERVICE asks another server, which is off unless you ask for it"))
    raise QueryError(_syntax_error(query, offset, error))


def _without_service(query: str) -> str:
    """The query with a word of the same length, which it does not hold, wherever `service` stands."""
    lower = query.lower()
    # Letters alone, for it may be in the tag of a language; no keyword begins with a q.
    words = ("qxj" + "".join(tail) for tail in product("zwvkyhq", repeat=4))
    word = next(word for word in words if word not in lower)

    def replaced(match: re.Match[str]) -> str:
        # In the case of each letter: `?service` and `?Service` are two variables.
        return "".join(new.upper() if old.isupper() else new for old, new in zip(match[0], word, strict=True))

    return _SERVICE.sub(replaced, query)


def _parse_error(query: str) -> str | None:
    try:
        ox.Store().query(query, prefixes=dict(vocab.PREFIXES))
    except SyntaxError as error:
        return str(error)
    except (RuntimeError, ValueError, OSError):
        # It is a query; what is wrong with its evaluation shows when it runs.
        return None
    return None


def _place(query: str) -> int:
    """Where the first token begins that no query can hold there.

    Oxigraph reports how far any alternative looked ahead, a keyword's length too far. So the beginnings of the query
    are tried: one that could go on fails at its very end.
    """
    ends = [match.end() for match in TOKEN.finditer(query)]
    starts = [match.start() for match in TOKEN.finditer(query) if match.lastgroup != "blank"]
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if _goes_on(query[: ends[middle]]):
            low = middle + 1
        else:
            high = middle
    if low == len(ends):
        return len(query.rstrip())
    return min((start for start in starts if start >= ends[low - 1]), default=len(query)) if low else starts[0]


def _goes_on(beginning: str) -> bool:
    error = _parse_error(beginning + _PADDING)
    if error is None:
        return True
    reported = re.match(r"error at (\d+):(\d+)", error)
    if not reported:
        return False
    padded = beginning + _PADDING
    return offset_of(padded, int(reported[1]), int(reported[2])) >= len(padded)


def _syntax_error(query: str, offset: int, error: str) -> str:
    found = TOKEN.match(query, offset)
    text = found[0] if found else ""
    if not query.strip():
        return "the query is empty"
    before = {(match["name"] or "").lower() for match in TOKEN.finditer(query[:offset])}
    if text.lower() in _UPDATES and not before & _FORMS:
        return point(query, offset, len(text), f"{text.upper()} would change the graph: queries are read-only here")
    if "Prefix not found" in error and (name := _unknown_prefix(query)):
        known = ", ".join(vocab.PREFIXES)
        return point(query, name.start(), len(name[0]), f"the prefix of {name[0]} is not declared; known are {known}")
    if (variable := ungrouped(query)) and variable.start() < offset:
        message = f"{variable[0]} is neither in GROUP BY nor inside of an aggregate such as COUNT({variable[0]})"
        return point(query, variable.start(), len(variable[0]), message)
    if reason := re.search(r"(?:one of |, |expected )(The [^,]*)", error):
        return point(query, offset, len(text), reason[1])
    words = [match[0].lower() for match in TOKEN.finditer(query)]
    if "group" in before and words.count("select") == 1 and (star := _STAR.search(query)):
        return point(query, star.start(), len(star[0]), "SELECT * does not go with GROUP BY: name the columns")
    if offset >= len(query.rstrip()):
        return point(query, len(query.rstrip()), 1, "syntax error: the query ends too early")
    return point(query, offset, len(text), f"syntax error: unexpected {text}")


def ungrouped(query: str) -> re.Match[str] | None:
    """The first variable that a grouped SELECT gives as it is, though it is no key of the groups.

    >>> ungrouped("SELECT ?a ?b (COUNT(?c) AS ?n) { ?a ?b ?c } GROUP BY ?a").start()
    10
    """
    tokens = [match for match in TOKEN.finditer(query) if match.lastgroup != "blank"]
    words = [token[0].lower() for token in tokens]
    for number, word in enumerate(words):
        if word == "select":
            keys = _keys(tokens, words, number)
            given, aggregated = _given(tokens, words, number)
            if aggregated or keys:
                for variable in given:
                    if variable[0][1:] not in keys:
                        return variable
    return None


def _given(tokens: list[re.Match[str]], words: list[str], select: int) -> tuple[list[re.Match[str]], bool]:
    """The variables of a projection that stand outside of aggregates and are not named by it; if it aggregates."""
    parens = 0
    inside: int | None = None
    aggregated = False
    given: list[re.Match[str]] = []
    named: set[str] = set()
    for number in range(select + 1, len(tokens)):
        word = words[number]
        if word in {"{", "where", "from"}:
            break
        if word == "(":
            if inside is None and words[number - 1] in _AGGREGATES:
                inside, aggregated = parens, True
            parens += 1
        elif word == ")":
            parens -= 1
            inside = None if inside == parens else inside
        elif tokens[number]["variable"] and words[number - 1] == "as":
            named.add(tokens[number][0][1:])
        elif tokens[number]["variable"] and inside is None and tokens[number][0][1:] not in named:
            given.append(tokens[number])
    return given, aggregated


def _keys(tokens: list[re.Match[str]], words: list[str], select: int) -> set[str]:
    """The names of the variables in the GROUP BY of the SELECT that begins at a token."""
    depth, grouping, keys = 0, False, set()
    for number in range(select + 1, len(tokens)):
        word = words[number]
        depth += (word == "{") - (word == "}")
        if depth < 0 or (grouping and word in {"having", "order", "limit", "offset", "values"}):
            break
        if depth == 0 and word == "group":
            grouping = True
        elif grouping and tokens[number]["variable"]:
            keys.add(tokens[number][0][1:])
    return keys


def _unknown_prefix(query: str) -> re.Match[str] | None:
    declared = set(vocab.PREFIXES) | set(re.findall(r"(?i)\bprefix\s+([\w.-]*):", query))
    for match in TOKEN.finditer(query):
        name = match["name"]
        if name and ":" in name and not name.startswith(("_:", "@")) and name.split(":")[0] not in declared:
            return match
    return None
