"""What one set of triples has and another one lacks, of any size in little memory.

Both are parted into files by the hash of their subjects (a Grace hash join: Kitsuregawa, Tanaka and Moto-oka 1983,
*Application of hash to data base machine and its architecture*), and the parts are compared one by one.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from zlib import crc32

import pyoxigraph as ox

_PARTS = 64
_CHUNK = 20_000
_XSD = re.escape("http://www.w3.org/2001/XMLSchema#")
_NUMBER = re.compile(rf'"([^"\\]*)"\^\^<{_XSD}(double|float|decimal|integer|nonNegativeInteger)>\Z')
_TAG = re.compile(r'"@[A-Za-z0-9-]+\Z')


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes to be made together: triples as in N-Triples, without the full stop."""

    removed: tuple[str, ...]
    added: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.removed) + len(self.added)


@dataclass(frozen=True, slots=True)
class Difference:
    """How many triples are wanted, and how many of them have to be added and of the others removed."""

    wanted: int
    added: int
    removed: int
    _changes: Path

    def batches(self, size: int, characters: int) -> Iterator[Batch]:
        """All changes, in batches of at most `size` triples and about `characters`, subject by subject."""
        removed: list[str] = []
        added: list[str] = []
        length = 0
        with self._changes.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                (added if line[0] == "+" else removed).append(line[1:-1])
                length += len(line)
                if len(removed) + len(added) >= size or length >= characters:
                    yield Batch(tuple(removed), tuple(added))
                    removed, added, length = [], [], 0
        if removed or added:
            yield Batch(tuple(removed), tuple(added))


@contextmanager
def difference(wanted: Iterable[str], present: Iterable[ox.Triple]) -> Iterator[Difference]:
    """What has to be added to the triples that are `present`, and removed, so that they become the N-Triples `wanted`.

    Numbers are compared by their value and tags of languages without regard to case (RDF 1.1 Concepts, 3.3), for
    servers do not keep how these were written. The result lasts for the block.
    """
    with tempfile.TemporaryDirectory(prefix="kgtool-push-") as folder:
        new, old = Path(folder) / "wanted", Path(folder) / "present"
        _part(new, (str(quad.triple) for chunk in _chunks(wanted) for quad in ox.parse(chunk, ox.RdfFormat.N_TRIPLES)))
        _part(old, map(str, present))
        total = plus = minus = 0
        changes = Path(folder) / "changes"
        with changes.open("w", encoding="utf-8", newline="\n") as out:
            for part in range(_PARTS):
                ours, theirs = _read(new / str(part)), _read(old / str(part))
                total += len(ours)
                added = [(ours[key], "+") for key in ours.keys() - theirs.keys()]
                removed = [(theirs[key], "-") for key in theirs.keys() - ours.keys()]
                plus += len(added)
                minus += len(removed)
                out.writelines(f"{sign}{line}\n" for line, sign in sorted(added + removed))
        yield Difference(total, plus, minus, changes)


def _chunks(lines: Iterable[str]) -> Iterator[bytes]:
    rest = iter(lines)
    while chunk := "".join(islice(rest, _CHUNK)):
        yield chunk.encode()


def _part(folder: Path, triples: Iterable[str]) -> None:
    folder.mkdir()
    with ExitStack() as stack:
        parts = [
            stack.enter_context((folder / str(part)).open("w", encoding="utf-8", newline="\n"))
            for part in range(_PARTS)
        ]
        for triple in triples:
            subject = triple.partition(" ")[0]
            parts[crc32(subject.encode()) % _PARTS].write(f"{triple}\n")


def _read(path: Path) -> dict[str, str]:
    """The triples of one part by what they are compared by."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        return {_key(line[:-1]): line[:-1] for line in lines}


def _key(triple: str) -> str:
    if number := _NUMBER.search(triple):
        return f"{triple[: number.start()]}{_value(number[1], number[2])} {number[2]}"
    if tag := _TAG.search(triple):
        return triple[: tag.start()] + tag[0].lower()
    return triple


def _value(lexical: str, datatype: str) -> str:
    try:
        if datatype in ("double", "float"):
            return repr(float(lexical))
        return str(Decimal(lexical).normalize())
    except (ValueError, InvalidOperation):
        return lexical
