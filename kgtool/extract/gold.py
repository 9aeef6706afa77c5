"""Annotated records as JSON Lines: read them with clear errors, and write what was extracted in the same shape."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgtool import vocab
from kgtool.errors import InputError
from kgtool.records import Extraction

TYPES = vocab.ENTITY_TYPES
ROLES: Mapping[str, tuple[str, ...]] = {
    type_: tuple(role for role, types in vocab.ROLE_TYPES.items() if type_ in types) for type_ in TYPES
}
"""The roles that an entity of each type may have."""

RELATIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    name: vocab.RELATIONSHIPS[local].pairs for name, local in vocab.RELATION_NAMES.items()
}
"""The relations of the guidelines, with the pairs of types (head, tail) that they may join."""


@dataclass(frozen=True, slots=True)
class GoldEntity:
    """One entity of an annotated record."""

    type: str
    mentions: tuple[str, ...]
    role: str


@dataclass(frozen=True, slots=True)
class GoldRecord:
    """One annotated paper; `relations` is None where they are unknown."""

    id: str
    title: str
    abstract: str
    entities: tuple[GoldEntity, ...]
    relations: tuple[tuple[int, str, int], ...] | None

    @property
    def text(self) -> str:
        """What was annotated: all offsets count in this string."""
        return f"{self.title}\n{self.abstract}"


def joins(head_type: str, name: str, tail_type: str) -> bool:
    """Whether the guidelines let this relation join entities of these types."""
    return (head_type, tail_type) in RELATIONS[name]


def read_gold(path: Path, *, texts: bool = True) -> tuple[GoldRecord, ...]:
    """The records of a JSON Lines file, in its order.

    `texts`: whether every record must hold `title` and `abstract`, as it must to train on.

    Raises InputError that names the file, the line and the key.
    """
    return tuple(iter_gold(path, texts=texts))


def iter_gold(path: Path, *, texts: bool = True) -> Iterator[GoldRecord]:
    """As `read_gold`, record by record."""
    seen: dict[str, int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                record = _record(_Place(str(path), number), line, texts)
                if record.id in seen:
                    raise InputError(f"{path}:{number}: id: {record.id!r} stands in line {seen[record.id]} already")
                seen[record.id] = number
                yield record
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8: {error.reason} at byte {error.start}") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def to_record(paper_id: str, title: str, abstract: str, extraction: Extraction) -> dict[str, Any]:
    """What ``kgtool extract`` writes for one paper: the guidelines' record with confidences, spans and evidence."""
    return {
        "id": paper_id,
        "title": title,
        "abstract": abstract,
        "entities": [
            {
                "type": mention.type,
                "mentions": list(mention.surfaces),
                "role": mention.role,
                "confidence": mention.confidence,
                "role_confidence": mention.role_confidence,
                "spans": [[span.start, span.end, span.confidence] for span in mention.spans],
            }
            for mention in extraction.mentions
        ],
        "relations": [[relation.head, relation.name, relation.tail] for relation in extraction.relations],
        "evidence": [
            {
                "sentence": relation.sentence,
                "start": relation.start,
                "end": relation.end,
                "confidence": relation.confidence,
            }
            for relation in extraction.relations
        ],
    }


def gold_of(paper_id: str, title: str, abstract: str, extraction: Extraction) -> GoldRecord:
    """An extraction as an annotated record, for scoring it against another."""
    return GoldRecord(
        paper_id,
        title,
        abstract,
        tuple(GoldEntity(mention.type, mention.surfaces, mention.role) for mention in extraction.mentions),
        tuple((relation.head, relation.name, relation.tail) for relation in extraction.relations),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    source: str
    line: int

    def error(self, key: str, expected: str, found: object) -> InputError:
        shown = json.dumps(found, ensure_ascii=False, default=str)
        return InputError(f"{self.source}:{self.line}: {key}: expected {expected}, found {shown[:60]}")


def _record(place: _Place, line: str, texts: bool) -> GoldRecord:
    try:
        data = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise InputError(f"{place.source}:{place.line}: is not JSON: {reason}") from error
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = "half a surrogate pair (\\ud800 to \\udfff): expected Unicode text"
        raise InputError(f"{place.source}:{place.line}: {half}") from error
    if not isinstance(data, dict):
        raise place.error("record", "a JSON object", data)
    title, abstract = (_text(place, data, key, texts) for key in ("title", "abstract"))
    entities = tuple(
        _entity(place, f"entities[{index}]", entity) for index, entity in enumerate(_list(place, data, "entities"))
    )
    return GoldRecord(_text(place, data, "id", True), title, abstract, entities, _relations(place, data, entities))


def _text(place: _Place, data: dict[str, Any], key: str, required: bool) -> str:
    value = data.get(key, None if required else "")
    if not isinstance(value, str):
        raise place.error(key, "a string", value)
    return value


def _list(place: _Place, data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    if not isinstance(value, list):
        raise place.error(key, "a list", value)
    return value


def _entity(place: _Place, key: str, data: object) -> GoldEntity:
    if not isinstance(data, dict):
        raise place.error(key, "a JSON object", data)
    type_ = data.get("type")
    if type_ not in TYPES:
        raise place.error(f"{key}.type", f"one of {', '.join(TYPES)}", type_)
    role = data.get("role")
    if role not in ROLES[type_]:
        raise place.error(f"{key}.role", f"one of {', '.join(ROLES[type_])}", role)
    mentions = data.get("mentions")
    if not isinstance(mentions, list) or not mentions or not all(isinstance(m, str) and m.strip() for m in mentions):
        raise place.error(f"{key}.mentions", "a list of strings that are not empty", mentions)
    return GoldEntity(type_, tuple(mentions), role)


def _relations(
    place: _Place, data: dict[str, Any], entities: tuple[GoldEntity, ...]
) -> tuple[tuple[int, str, int], ...] | None:
    if data.get("relations") is None:
        return None
    relations = []
    for index, item in enumerate(_list(place, data, "relations")):
        key = f"relations[{index}]"
        match item:
            case [int(head), str(name), int(tail)] if name in RELATIONS:
                inside = 0 <= head < len(entities) and 0 <= tail < len(entities)
                if not inside or head == tail or isinstance(head, bool) or isinstance(tail, bool):
                    raise place.error(key, f"two different positions below {len(entities)}", item)
                relations.append((head, name, tail))
            case _:
                raise place.error(key, f"[position, one of {', '.join(RELATIONS)}, position]", item)
    return tuple(relations)
