"""Where digests come from: files, folders and standard input; and how their bytes become numbered lines."""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

from kgtool.errors import InputError
from kgtool.records import Problem

MAX_LINE = 1 << 20
"""Bytes that a line may have: thirty times the longest one of a real digest."""
MAX_BYTES = 2 << 30
"""Bytes that a digest may have: about a million papers."""
_BLOCK = 1 << 20
_WIDE_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A digest to be read: a file, a stream that can be read but once, or bytes; nothing is read before `open`."""

    name: str
    """As messages show it."""
    stem: str
    path: Path | None = None
    data: bytes = field(default=b"", repr=False)
    stream: BinaryIO | None = None

    @classmethod
    def of_path(cls, path: Path) -> Source:
        """A file, pipe or device."""
        return cls(str(path), path.stem, path)

    @classmethod
    def of_bytes(cls, name: str, data: bytes) -> Source:
        """Bytes that bear a file's name."""
        return cls(name, Path(name).stem, None, data)

    def open(self) -> IO[bytes]:
        """The bytes, as a seekable stream; pipes, devices and standard input are copied to a temporary file.

        Raises InputError for what is missing, unreadable or larger than `MAX_BYTES`.
        """
        try:
            if self.stream is not None:
                return _spool(self.stream, self.name)
            if self.path is None:
                return io.BytesIO(self.data)
            file = self.path.open("rb")
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                with file:
                    return _spool(file, self.name)
            if status.st_size > MAX_BYTES:
                file.close()
                raise _too_large(self.name)
            return file
        except OSError as error:
            raise InputError(f"{self.name}: cannot be read: {error.strerror or error}") from error
        except ValueError as error:  # a null byte in the name, or a stream that is closed already
            raise InputError(f"{self.name}: cannot be read: {error}") from error


def _spool(stream: BinaryIO, name: str) -> IO[bytes]:
    """A seekable copy of a stream, which ends in the first line that is too long whatever the encoding."""
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    line_length = 0
    try:
        while block := stream.read(_BLOCK):
            copy.write(block)
            if copy.tell() > MAX_BYTES:
                raise _too_large(name)
            last_break = block.rfind(b"\n")
            line_length = line_length + len(block) if last_break < 0 else len(block) - last_break - 1
            if line_length > 4 * MAX_LINE:  # a character of UTF-32 has four bytes
                break
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return copy


def _too_large(name: str) -> InputError:
    return InputError(f"{name}: larger than {MAX_BYTES:,} bytes: expected a digest")


def expand_inputs(paths: Iterable[str | Path], stdin: BinaryIO | None = None) -> list[Source]:
    """Files, folders (sorted, with their folders, without hidden files) and `-` (standard input) as sources.

    A file that is named twice is read once. Raises InputError where a path is missing or a folder holds no file; a
    file or folder within a folder that cannot be read is a source like the others, whose `open` raises.
    """
    sources: dict[str, Source] = {}
    for given in paths:
        if str(given) == "-":
            sources.setdefault("-", Source("stdin", "stdin", stream=stdin or _standard_input()))
            continue
        path = Path(given)
        try:
            if not path.exists():
                raise InputError(f"{path}: no such file or folder")
            files = _files_in(path) if path.is_dir() else [path]
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read: {error}") from error
        for file in files:
            sources.setdefault(os.path.realpath(file), Source.of_path(file))
    return list(sources.values())


def _standard_input() -> BinaryIO:
    if sys.stdin is None or sys.stdin.closed:
        raise InputError("stdin: standard input is closed: expected a digest on it")
    return sys.stdin.buffer


def _files_in(folder: Path) -> list[Path]:
    found: list[Path] = []

    def keep(error: OSError) -> None:
        found.append(Path(error.filename))

    for parent, folders, names in os.walk(folder, onerror=keep):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files = (Path(parent) / name for name in names if not name.startswith("."))
        found += [file for file in files if not _is_pipe_or_device(file)]
    if not found:
        raise InputError(f"{folder}: the folder holds no files")
    return sorted(found)


def _is_pipe_or_device(path: Path) -> bool:
    """Whether reading could block; a dangling link is none, so that it is told."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def content_hash(stream: IO[bytes]) -> str:
    """SHA-256 of a stream's bytes, in hexadecimal; the stream stands at its beginning afterwards."""
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK):
        digest.update(block)
    stream.seek(0)
    return digest.hexdigest()


class TextLines:
    """The numbered lines of a digest's bytes, up to the first damage.

    Text is UTF-8, with or without a byte order mark, or UTF-16 or UTF-32 with one. Lines end in ``\\n`` whatever the
    file has, ``\\r\\n`` too. Bytes that are no text, null bytes and lines over `MAX_LINE` bytes end the lines, and
    are told in `damage`; no more than one line is held in memory of a UTF-8 file.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        """Read from `stream`, and call it `name` in problems."""
        self._name = name
        self._rest_is_damaged = False
        self._stream = self._in_utf8(stream)
        self.damage: Problem | None = None

    def _in_utf8(self, stream: IO[bytes]) -> IO[bytes]:
        start = stream.read(4)
        bom, encoding = next((pair for pair in _WIDE_BOMS if start.startswith(pair[0])), (b"", ""))
        stream.seek(len(bom))
        if not encoding:
            return stream
        decoder = codecs.getincrementaldecoder(encoding)()
        copy = tempfile.SpooledTemporaryFile(_BLOCK * 16)  # noqa: SIM115 - `close` does
        try:
            while block := stream.read(_BLOCK):
                copy.write(decoder.decode(block).encode("utf-8"))
            copy.write(decoder.decode(b"", final=True).encode("utf-8"))
        except UnicodeDecodeError as error:
            copy.write(error.object[: error.start].decode(encoding).encode("utf-8"))
            self._rest_is_damaged = True
        copy.seek(0)
        return copy

    def close(self) -> None:
        """Close the stream, and the copy of it where its text was not UTF-8."""
        self._stream.close()

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
