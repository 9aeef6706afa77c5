"""A knowledge graph while a question is answered that takes several queries: of one view, or of a server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from kgtool import vocab
from kgtool.stores import views
from kgtool.stores.asking import ask_cypher
from kgtool.stores.corpus import Corpus
from kgtool.stores.protocol import TIMEOUT, Parameter

if TYPE_CHECKING:
    from kgtool.stores.neo4j_asking import Asker, ServerGraph

Graph: TypeAlias = "Path | ServerGraph"
"""Where a knowledge graph is: its folder, or the server that it was pushed to."""

_T = TypeVar("_T")
_Rows = tuple[tuple[Any, ...], ...]

SUPPORTING = {
    "Method": ("introduces", "uses", "compares-with"),
    "Dataset": ("introduces", "evaluates-on", "trains-on"),
    "Task": ("addresses",),
}
"""The roles by which a paper stands for an entity of this type, and not just mentions it."""


class Reader(Protocol):
    """What answers the queries of one question. They are in what Ladybug and Neo4j read alike, but for two things."""

    def rows(self, query: str, **parameters: Parameter) -> _Rows:
        """The rows that answer a Cypher query; names and values of users travel as parameters only."""

    def label(self, variable: str) -> str:
        """The Cypher for the label of the node that a variable holds."""

    def among(self, text: str, texts: str) -> str:
        """The Cypher for whether a text is one of a list of texts, in any case."""

    def redirects(self) -> dict[str, str]:
        """Ids that were once given, and what they are called now, as far as that is known here."""


@dataclass(frozen=True, slots=True)
class FolderReader:
    """One view of the knowledge graph in the folder `kg`."""

    kg: Path
    view: views.View

    def rows(self, query: str, **parameters: Parameter) -> _Rows:
        """The rows that the embedded view gives."""
        return ask_cypher(self.view.ladybug, query, parameters, TIMEOUT).table.rows

    def label(self, variable: str) -> str:
        """In Ladybug a node has one label."""
        return f"label({variable})"

    def among(self, text: str, texts: str) -> str:
        """Not by `any`, which Ladybug gets wrong where some of the nodes can have no such list."""
        return f"list_contains(list_transform({texts}, each -> lower(each)), lower({text}))"

    def redirects(self) -> dict[str, str]:
        """Those of the corpus."""
        with Corpus.open(self.kg) as corpus:
            return corpus.redirects()


@dataclass(frozen=True, slots=True)
class ServerReader:
    """A knowledge graph on a Neo4j server."""

    asker: Asker

    def rows(self, query: str, **parameters: Parameter) -> _Rows:
        """The rows that the server gives, of this graph alone."""
        return self.asker.ask(query, parameters, TIMEOUT).rows

    def label(self, variable: str) -> str:
        """In Neo4j a node has several labels, and anybody may give it more."""
        return f"head([each IN labels({variable}) WHERE each IN {list(vocab.LABELS)}])"

    def among(self, text: str, texts: str) -> str:
        """By `any`, as Neo4j has it."""
        return f"any(each IN {texts} WHERE toLower(each) = toLower({text}))"

    def redirects(self) -> dict[str, str]:
        """None: a server holds the graph as it is now."""
        return {}


def read(kg: Graph, question: Callable[[Reader], _T]) -> _T:
    """What `question` finds in the knowledge graph `kg`: in the current view of a folder, or on a server.

    Raises `StoreError` where there is none in the folder; of a server, what `kgtool.stores.neo4j_asking.asking` raises.
    """
    if isinstance(kg, Path):
        folder = kg
        return views.ask(folder, lambda view: question(FolderReader(folder, view)))
    from kgtool.stores.neo4j_asking import asking

    with asking(kg) as asker:
        return question(ServerReader(asker))


def role_types(roles: tuple[str, ...]) -> str:
    """The roles as a choice of relationship types: ``USES|COMPARES_WITH``."""
    return "|".join(vocab.relationship_type(vocab.ROLES[role]) for role in roles)
