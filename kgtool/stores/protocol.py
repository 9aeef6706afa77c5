"""What every engine that answers questions gives back, and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kgtool.records import Table

Parameter = str | int | float | bool | None | list[str]
Parameters = Mapping[str, Parameter]
TIMEOUT = 60.0
"""Seconds that a query may take where the caller says nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave.

    `notes` are remarks for the user, one line each, on what the query may not mean as it stands; `ntriples` holds the
    lines of the graph if it was one (CONSTRUCT, DESCRIBE), else None.
    """

    table: Table
    notes: tuple[str, ...] = ()
    ntriples: tuple[str, ...] | None = None


class Ask(Protocol):
    """Asks one view one read-only question.

    Raises QueryError for a query that cannot or may not be run, QueryTimeout after `timeout` seconds, StoreError
    where there is no view at `location`.
    """

    def __call__(
        self, location: Path, query: str, parameters: Parameters | None = None, timeout: float = TIMEOUT
    ) -> Answer:
        """The answer to `query`, in which `parameters` stand for the variables that they name."""
