"""The graph to a SPARQL endpoint: SPARQL 1.1 Update, and the Graph Store HTTP Protocol to read back what was pushed.

A triple does not say who wrote it, and others may write into the same graph, about the same subjects too. So the server
itself keeps the record, in named graphs under `RECORDS`: for each knowledge graph that is pushed and each graph that it
is pushed into, the triples that it **claims**; and, once for each graph that is pushed into, the triples that others
had **found** their way into it before. A triple is taken out of the graph when no knowledge graph claims it any more,
and it was not found there. The record lies with the data: it is lost when the data is, and not before.

A batch writes the triples and the claims in one request, which servers carry out whole or not at all. Every batch is
bound to the **turn** of its push, a random text that the next push of the same knowledge graph replaces: of two at
once, the later one goes through, and nothing of the earlier one is written after it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from kgtool import __version__, ids, rdf
from kgtool.errors import InputError, QueryTimeout, ServerError, ServerUnavailable
from kgtool.ids import content_hash
from kgtool.push.difference import Batch, Difference, difference
from kgtool.push.naming import graph_name
from kgtool.records import Table
from kgtool.stores.corpus import Corpus
from kgtool.stores.endpoint import Endpoint
from kgtool.stores.wire import Web, address

RECORDS = "https://w3id.org/kgtool/push"
"""The named graph that tells what was pushed; those of claims and of found triples have it as their beginning."""
DEFAULT_GRAPH = f"{RECORDS}#default-graph"
"""What stands for the default graph of the dataset in the record."""
BATCH = 4000
"""Triples that one request writes at most; of long ones fewer."""
TIMEOUT = 600.0
"""Seconds that the server may take over one request."""
_BATCH_CHARACTERS = 2 << 20
_FEW = 5 * BATCH
_PAUSES = (0.5, 1.0, 3.0)


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did, or would do: triples written and removed, and how many the server then holds of this graph.

    `into` is the named graph, empty for the default one; `others` are the knowledge graphs that share it.
    """

    graph: str
    into: str
    triples_written: int
    triples_removed: int
    triples: int
    dry_run: bool = False
    others: tuple[str, ...] = ()

    def table(self) -> Table:
        """One row."""
        columns = ("graph", "into", "triples_written", "triples_removed", "triples", "dry_run")
        return Table(columns, (tuple(getattr(self, column) for column in columns),))


def endpoint_of(
    target: str,
    *,
    query_url: str | None = None,
    update_url: str | None = None,
    data_url: str | None = None,
    web: Web | None = None,
) -> Endpoint:
    """The endpoint that ``sparql+http://HOST/DATASET`` means, with the services as Apache Jena Fuseki lays them out.

    Raises InputError for what is no such target.

    >>> endpoint_of("sparql+http://localhost:3030/ds").update_url
    'http://localhost:3030/ds/update'
    """
    scheme, _, rest = target.partition("+")
    if scheme.lower() != "sparql" or not rest:
        raise InputError("the target is no SPARQL endpoint: expected one such as sparql+http://localhost:3030/ds")
    dataset = address(rest).rstrip("/")
    if "?" in dataset and None in (query_url, update_url, data_url):
        raise InputError("the target has a query string: name its services by --query-url, --update-url and --data-url")
    query_url, update_url, data_url = (
        address(url) if url else f"{dataset}/{service}"
        for url, service in ((query_url, "sparql"), (update_url, "update"), (data_url, "data"))
    )
    return Endpoint(query_url, update_url, data_url, web or Web(timeout=TIMEOUT))


def push(
    kg: Path,
    endpoint: Endpoint,
    *,
    graph: str | None = None,
    name: str | None = None,
    base: str = ids.BASE,
    evidence: rdf.Evidence = "statement",
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Pushed:
    """Make the server hold the knowledge graph in the folder `kg`, in its default graph or in the one named `graph`.

    Only what differs from what this knowledge graph claims there is written, only what it claims is removed. `name`
    is that of the knowledge graph on the server, by default the one kept in `kg`. `progress` is fed with (done, of how
    many) changes. A push that broke off is gone on with by the next one. Raises StoreError where there is no
    knowledge graph, InputError for a name that is no IRI, ServerError, QueryTimeout.
    """
    rdf.check_base(base)
    into = _into(graph)
    with Corpus.open(kg) as corpus, corpus.snapshot() as state:
        record = _Record(name or graph_name(kg), into)
        wanted = content_hash(__version__, state.fingerprint, base, evidence)
        known = _known(endpoint, record)
        others = _others(endpoint, record)
        if known is not None and known.state == wanted and _stands(endpoint, record, known.triples):
            return Pushed(record.name, record.shown, 0, 0, known.triples, dry_run, others)
        turn = "" if dry_run else _take_turn(endpoint, record)
        lines = rdf.triples(corpus.nodes(), corpus.statements(), base, evidence)
        with difference(lines, _claims(endpoint, record)) as changes:
            if not dry_run:
                _write(endpoint, record, turn, changes, progress)
                _finish(endpoint, record, turn, wanted, changes.wanted)
            return Pushed(record.name, record.shown, changes.added, changes.removed, changes.wanted, dry_run, others)


@dataclass(frozen=True, slots=True)
class _Record:
    """Where the server keeps what one knowledge graph claims in one graph; `into` is the name of that graph."""

    name: str
    into: str

    @property
    def iri(self) -> str:
        """What stands for the record, and is the name of the graph of claims."""
        return f"{RECORDS}/{quote(self.name, safe='')}/{content_hash(self.into)[:16]}"

    @property
    def found(self) -> str:
        """The graph of triples that were there before."""
        return f"{RECORDS}/found/{content_hash(self.into)[:16]}"

    @property
    def shown(self) -> str:
        """The graph for people: empty for the default graph."""
        return "" if self.into == DEFAULT_GRAPH else self.into

    def target(self) -> str:
        """?s ?p ?o in the graph that is pushed into."""
        return "?s ?p ?o ." if self.into == DEFAULT_GRAPH else _in(self.into)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the last push that came to its end left: a hash of what was pushed, and of how many triples."""

    state: str
    triples: int


def _into(graph: str | None) -> str:
    if graph is None:
        return DEFAULT_GRAPH
    try:
        name = ox.NamedNode(graph)
    except ValueError as error:
        raise InputError(f"the graph {graph!r} is no IRI: {error}") from error
    if name.value.startswith(RECORDS):
        raise InputError(f"{name.value} is where kgtool keeps the record of what it pushed; give another graph")
    return name.value


def _node(iri: str) -> str:
    return str(ox.NamedNode(iri))


def _in(graph: str, triples: str = "?s ?p ?o") -> str:
    return f"GRAPH {_node(graph)} {{ {triples} }}"


def _term(name: str) -> str:
    return _node(f"{RECORDS}#{name}")


def _claimed_by_any(record: _Record, but: str = "") -> str:
    """That a knowledge graph claims ?s ?p ?o in the graph of this record; `but` is one that does not count."""
    who = f"?record {_term('into')} {_node(record.into)} ."
    unless = f" FILTER (?record != {_node(but)})" if but else ""
    return f"{_in(RECORDS, who)}{unless} GRAPH ?record {{ ?s ?p ?o }}"


def _known(endpoint: Endpoint, record: _Record) -> _Known | None:
    pattern = _in(RECORDS, f"{_node(record.iri)} {_term('state')} ?state ; {_term('triples')} ?triples")
    rows = endpoint.select(f"SELECT ?state ?triples WHERE {{ {pattern} }}")
    if len(rows) != 1:
        return None
    state, triples = rows[0]
    return _Known(str(getattr(state, "value", "")), _number(triples))


def _number(term: object) -> int:
    text = str(getattr(term, "value", ""))
    if not text.isdecimal():
        raise ServerError(f"the server counts {text or 'nothing'}: that is no number")
    return int(text)


def _count(endpoint: Endpoint, pattern: str) -> int:
    rows = endpoint.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}")
    return _number(rows[0][0] if rows else None)


def _others(endpoint: Endpoint, record: _Record) -> tuple[str, ...]:
    """The names of other knowledge graphs that are pushed into the same graph."""
    who = f"?record {_term('into')} {_node(record.into)} ; {_term('name')} ?name"
    rows = endpoint.select(f"SELECT ?name WHERE {{ {_in(RECORDS, who)} }} ORDER BY ?name")
    return tuple(name for row in rows if (name := str(getattr(row[0], "value", ""))) != record.name)


def _claims(endpoint: Endpoint, record: _Record) -> Iterator[ox.Triple]:
    return endpoint.graph(record.iri) if _count(endpoint, _in(record.iri)) else iter(())


def _missing(record: _Record) -> str:
    """The triples that are claimed and are not there."""
    return f"{_in(record.iri)} FILTER NOT EXISTS {{ {record.target()} }}"


def _stands(endpoint: Endpoint, record: _Record, triples: int) -> bool:
    """Whether so many triples are claimed, and all of them are there."""
    return _count(endpoint, _in(record.iri)) == triples and not _count(endpoint, _missing(record))


def _literal(text: str) -> str:
    return str(ox.Literal(text))


def _turn(record: _Record, turn: str) -> str:
    """That it is still the turn of this push."""
    return _in(RECORDS, f"{_node(record.iri)} {_term('turn')} {_literal(turn)}")


def _take_turn(endpoint: Endpoint, record: _Record) -> str:
    """From now on this push writes and no other of this knowledge graph; what is claimed and is gone is written again.

    Others may have taken it out, or a server that does not do all of a request or nothing has kept one half of a batch.
    """
    turn = secrets.token_hex(16)
    who = _node(record.iri)
    old = f"DELETE WHERE {{ {_in(RECORDS, f'{who} ?term ?value')} }}"
    new = f"{who} {_term('name')} {_literal(record.name)} ; {_term('into')} {_node(record.into)} ; "
    new += f"{_term('turn')} {_literal(turn)}"
    endpoint.update(f"{old} ;\nINSERT DATA {{ {_in(RECORDS, new)} }}")
    if record.into == DEFAULT_GRAPH and endpoint.ask(f"ASK {{ {who} {_term('turn')} ?turn }}"):
        endpoint.update(old)
        raise InputError(
            f"{endpoint.query_url}: its default graph is all the named ones: name one to push into by --graph IRI"
        )
    endpoint.update(
        f"DELETE {{ {_in(record.found)} }} INSERT {{ {record.target()} }} "
        f"WHERE {{ {_turn(record, turn)} {_missing(record)} }}"
    )
    return turn


def _write(
    endpoint: Endpoint, record: _Record, turn: str, changes: Difference, progress: Callable[[int, int], None]
) -> None:
    # To look through the whole graph pays only where much is added.
    strange = f"{record.target()} FILTER NOT EXISTS {{ {_claimed(record)} }}"
    beside_others = changes.added < _FEW or endpoint.ask(f"ASK {{ {strange} }}")
    done, of = 0, changes.added + changes.removed
    for batch in changes.batches(BATCH, _BATCH_CHARACTERS):
        progress(done, of)
        try:
            _persistently(endpoint, _request(record, turn, batch, beside_others))
        except (ServerError, QueryTimeout) as error:
            written = f"{done:,} of {of:,} changes are written, and the next push goes on with the rest"
            raise type(error)(f"{error}; {written}") from error
        done += len(batch)
    progress(done, of)


def _persistently(endpoint: Endpoint, request: str) -> None:
    """A batch that is carried out twice is as one that is carried out once."""
    for pause in _PAUSES:
        try:
            endpoint.update(request)
        except ServerUnavailable:
            time.sleep(pause)
        else:
            return
    endpoint.update(request)


def _request(record: _Record, turn: str, batch: Batch, beside_others: bool) -> str:
    """One batch as an Update. Terms are written by pyoxigraph, whose N-Triples are SPARQL too."""
    mine, target, claim, found = _turn(record, turn), record.target(), _in(record.iri), _in(record.found)
    parts = []
    if batch.removed:
        gone = f"{mine} {_values(batch.removed)}"
        unclaimed = f"FILTER NOT EXISTS {{ {_claimed(record, but_mine=True)} }}"
        parts += [
            f"DELETE {{ {target} }} WHERE {{ {gone} FILTER NOT EXISTS {{ {found} }} {unclaimed} }}",
            f"DELETE {{ {found} }} WHERE {{ {gone} {unclaimed} }}",
            f"DELETE {{ {claim} }} WHERE {{ {gone} }}",
        ]
    if batch.added:
        new = f"{mine} {_values(batch.added)}"
        if beside_others:
            parts.append(f"INSERT {{ {found} }} WHERE {{ {new} {target} FILTER NOT EXISTS {{ {_claimed(record)} }} }}")
        parts.append(f"INSERT {{ {claim} {target} }} WHERE {{ {new} }}")
    return " ;\n".join(parts)


def _values(triples: Sequence[str]) -> str:
    rows = "\n".join(f"({triple})" for triple in triples)
    return f"VALUES (?s ?p ?o) {{\n{rows}\n}}"


def _claimed(record: _Record, but_mine: bool = False) -> str:
    """That a knowledge graph, or another one than this, claims ?s ?p ?o in the graph that is pushed into."""
    unless = f"FILTER (?record != {_node(record.iri)}) " if but_mine else ""
    who = f"?record {_term('into')} {_node(record.into)}"
    return f"{_in(RECORDS, who)} {unless}GRAPH ?record {{ ?s ?p ?o }}"


def _finish(endpoint: Endpoint, record: _Record, turn: str, state: str, triples: int) -> None:
    """Note what was pushed, once it is seen to be there."""
    if not endpoint.ask(f"ASK {{ {_turn(record, turn)} }}"):
        raise ServerError(
            f"{endpoint.query_url}: another push of {record.name!r} began meanwhile, and goes on in place of this one"
        )
    if not _stands(endpoint, record, triples):
        raise ServerError(
            f"{endpoint.query_url}: does not hold what was written; something else changes it meanwhile: push again"
        )
    new = f"{_node(record.iri)} {_term('state')} {_literal(state)} ; {_term('triples')} {ox.Literal(triples)}"
    old = f"{_node(record.iri)} {_term('turn')} {_literal(turn)}"
    mine = _turn(record, turn)
    endpoint.update(f"DELETE {{ {_in(RECORDS, old)} }} INSERT {{ {_in(RECORDS, new)} }} WHERE {{ {mine} }}")
