"""Pointing at a place in a query: its line, and a caret below."""

from __future__ import annotations

_WIDTH = 100
"""Characters of a line that are shown."""


def place_of(query: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of the character at `offset` (from 0)."""
    before = query[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def offset_of(query: str, line: int, column: int) -> int:
    """The offset, from 0, of a line and column (from 1); the end of the query where they lie behind it."""
    lines = query.splitlines(keepends=True)
    return min(sum(len(text) for text in lines[: line - 1]) + column - 1, len(query))


def point(query: str, offset: int, width: int, message: str) -> str:
    """The message with its line and column, and below it the line of the query with carets under the place.

    >>> print(point("RETURN 1 1", 9, 1, "unexpected 1"))
    unexpected 1 (line 1, column 10)
      RETURN 1 1
               ^
    """
    line, column = place_of(query, offset)
    lines = query.splitlines()
    text = lines[line - 1] if line <= len(lines) else ""
    first = max(0, min(column - 1 - _WIDTH // 2, len(text) - _WIDTH))
    shown = "".join(char if char.isprintable() else " " for char in text[first : first + _WIDTH])
    carets = "^" * max(1, min(width, len(text) - column + 1))
    return f"{message} (line {line}, column {column})\n  {shown}\n  {' ' * (column - 1 - first)}{carets}"
