"""Where digests come from: files, folders and standard input; and how their bytes become numbered lines."""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from kgtool.errors import InputError
from kgtool.records import Problem

MAX_LINE = 1 << 20
"""Bytes that a line may have: thirty times the longest one of a real digest."""
_WIDE_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A digest to be read: a file, or bytes under a name."""

    name: str
    """As messages show it."""
    stem: str
    path: Path | None = None
    data: bytes = field(default=b"", repr=False)

    @classmethod
    def of_path(cls, path: Path) -> Source:
        """A file; pipes and devices, which can be read only once, are read now."""
        if path.exists() and not path.is_file():
            return cls(str(path), path.stem, None, _read(path))
        return cls(str(path), path.stem, path)

    @classmethod
    def of_bytes(cls, name: str, data: bytes) -> Source:
        """Bytes that bear a file's name."""
        return cls(name, Path(name).stem, None, data)

    def open(self) -> BinaryIO:
        """The bytes, as a seekable stream."""
        if self.path is None:
            return io.BytesIO(self.data)
        try:
            return self.path.open("rb")
        except OSError as error:
            raise InputError(f"{self.name}: cannot be read: {error.strerror}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def expand_inputs(paths: Iterable[str | Path], stdin: BinaryIO | None = None) -> list[Source]:
    """Files, folders (sorted, with their folders, without hidden files) and `-` (standard input) as sources.

    A file that is named twice is read once. Raises InputError where a path is missing or a folder holds no file.
    """
    sources: dict[str, Source] = {}
    for given in paths:
        if str(given) == "-":
            data = (stdin or sys.stdin.buffer).read() if "-" not in sources else b""
            sources.setdefault("-", Source("stdin", "stdin", None, data))
            continue
        path = Path(given)
        try:
            if not path.exists():
                raise InputError(f"{path}: no such file or folder")
            files = _files_in(path) if path.is_dir() else [path]
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read: {error}") from error
        for file in files:
            sources.setdefault(str(file.resolve()), Source.of_path(file))
    return list(sources.values())


def _files_in(folder: Path) -> list[Path]:
    def fail(error: OSError) -> None:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}") from error

    found: list[Path] = []
    for parent, folders, files in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(parent) / name for name in files if not name.startswith(".")]
    if not found:
        raise InputError(f"{folder}: the folder holds no files")
    return sorted(found)


def content_hash(stream: BinaryIO) -> str:
    """SHA-256 of a stream's bytes, in hexadecimal; the stream stands at its beginning afterwards."""
    digest = hashlib.sha256()
    while block := stream.read(MAX_LINE):
        digest.update(block)
    stream.seek(0)
    return digest.hexdigest()


class TextLines:
    """The numbered lines of a digest's bytes, up to the first damage.

    Text is UTF-8, with or without a byte order mark, or UTF-16 or UTF-32 with one. Lines end in ``\\n`` whatever the
    file has, ``\\r\\n`` too. Bytes that are no text, null bytes and lines over `MAX_LINE` bytes end the lines, and
    are told in `damage`; no more than one line is held in memory of a UTF-8 file.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        """Read from `stream`, and call it `name` in problems."""
        self._name = name
        self._rest_is_damaged = False
        self._stream = self._in_utf8(stream)
        self.damage: Problem | None = None

    def _in_utf8(self, stream: BinaryIO) -> BinaryIO:
        start = stream.read(4)
        stream.seek(0)
        encoding = next((name for bom, name in _WIDE_BOMS if start.startswith(bom)), None)
        if encoding is None:
            return stream
        data = stream.read()
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            text = data[: error.start].decode(encoding)
            self._rest_is_damaged = True
        return io.BytesIO(text.encode("utf-8"))

    def head(self, size: int) -> str:
        """The first `size` bytes as text, to recognise the format by."""
        text = self._stream.read(size).decode("utf-8", "replace")
        self._stream.seek(0)
        return text.removeprefix("\ufeff").replace("\r\n", "\n")

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """From the first line to the last, or to the damage."""
        number = 0
        while raw := self._stream.readline(MAX_LINE + 1):
            number += 1
            text, damage = _decode(raw)
            if damage:
                self.damage = Problem(self._name, number, damage)
                return
            yield number, text.removeprefix("\ufeff") if number == 1 else text
        if self._rest_is_damaged:
            self.damage = Problem(self._name, max(number, 1), "bytes from here on are not UTF-16: expected a text")


def _decode(raw: bytes) -> tuple[str, str]:
    """A line as text with its line break, and what is wrong with it."""
    if len(raw) > MAX_LINE:
        return "", f"line longer than {MAX_LINE:,} bytes: expected the lines of a digest"
    if (null := raw.find(b"\0")) >= 0:
        return "", f"null byte at byte {null + 1} of the line: expected text in UTF-8"
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return "", f"byte {error.start + 1} of the line, 0x{raw[error.start]:02x}, is not UTF-8: expected text in UTF-8"
    return (text[:-2] + "\n" if text.endswith("\r\n") else text), ""
