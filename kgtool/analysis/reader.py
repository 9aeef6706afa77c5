"""A knowledge graph while a question is answered that takes several queries, all of one view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kgtool import vocab
from kgtool.stores import views
from kgtool.stores.asking import ask_cypher
from kgtool.stores.corpus import Corpus
from kgtool.stores.protocol import TIMEOUT, Parameter

_T = TypeVar("_T")

SUPPORTING = {
    "Method": ("introduces", "uses", "compares-with"),
    "Dataset": ("introduces", "evaluates-on", "trains-on"),
    "Task": ("addresses",),
}
"""The roles by which a paper stands for an entity of this type, and not just mentions it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One view of the knowledge graph in the folder `kg`."""

    kg: Path
    view: views.View

    def rows(self, query: str, **parameters: Parameter) -> tuple[tuple[Any, ...], ...]:
        """The rows that answer a Cypher query; names and values of users travel as parameters only."""
        return ask_cypher(self.view.ladybug, query, parameters, TIMEOUT).table.rows

    def redirects(self) -> dict[str, str]:
        """Ids that were once given, and what they are called now."""
        with Corpus.open(self.kg) as corpus:
            return corpus.redirects()


def read(kg: Path, question: Callable[[Reader], _T]) -> _T:
    """What `question` finds in the current view of the knowledge graph in the folder `kg`.

    Raises `StoreError` where there is none.
    """
    return views.ask(kg, lambda view: question(Reader(kg, view)))


def role_types(roles: tuple[str, ...]) -> str:
    """The roles as a choice of relationship types: ``USES|COMPARES_WITH``."""
    return "|".join(vocab.relationship_type(vocab.ROLES[role]) for role in roles)
