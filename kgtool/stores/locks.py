"""Locks between processes that a crash lets go, on every platform: the locks of SQLite on an empty file.

`flock` would do on Unix alone; SQLite's own locking does the same everywhere, and a killed process holds nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kgtool.errors import StoreError


def _open(path: Path, seconds: float) -> sqlite3.Connection:
    try:
        return sqlite3.connect(path, timeout=seconds, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path}: the lock cannot be opened: {error}") from error


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextmanager
def exclusive(path: Path, seconds: float, what: str) -> Iterator[None]:
    """Hold the lock alone within the block.

    Waits up to `seconds` for whoever holds it, then raises `StoreError`; `what` says what they are doing.
    """
    connection = _open(path, seconds)
    try:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if not _is_busy(error):
                raise StoreError(f"{path}: the lock cannot be taken: {error}") from error
            raise StoreError(f"{path.parent}: another process {what}; try again when it is done") from error
        yield
    finally:
        connection.close()


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """Hold the lock beside others within the block; keeps `is_held` true meanwhile."""
    connection = _open(path, 5.0)
    try:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield
    finally:
        connection.close()


def is_held(path: Path) -> bool:
    """Whether any process holds the lock, shared or alone."""
    connection = _open(path, 0.0)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        return _is_busy(error)
    else:
        return False
    finally:
        connection.close()
