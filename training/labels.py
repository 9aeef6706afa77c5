"""Annotations as stand-off labels: ids, mentions, roles, relations and offsets, without the texts.

    python training/labels.py write RECORDS.jsonl… --out training/labels.jsonl.xz
    python training/labels.py join training/labels.jsonl.xz TEXTS.jsonl[.gz]… --out records.jsonl

`write` takes annotated records and leaves the texts out. `join` puts the labels beside the texts again: those of the
files that have the label's hash, whatever blanks stand between their words. Texts are JSON Lines with `id`,
`title` and `abstract`, as arXiv's metadata (CC0) is handed around.
"""

import argparse
import gzip
import hashlib
import json
import lzma
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kgtool.errors import KgtoolError
from kgtool.extract.gold import GoldRecord, iter_gold
from kgtool.extract.mentions import gold_mentions


def label(record: GoldRecord) -> dict[str, object]:
    """The record without its text; `offsets` count in ``title + "\\n" + abstract``."""
    return {
        "id": record.id,
        "hash": text_hash(record.title, record.abstract),
        "entities": [
            {
                "type": mention.type,
                "role": mention.role,
                "mentions": list(mention.surfaces),
                "offsets": [[span.start, span.end] for span in mention.spans],
            }
            for mention in gold_mentions(record)
        ],
        "relations": record.relations,
    }


def text_hash(title: str, abstract: str) -> str:
    """Which text was annotated, whatever blanks stand between its words."""
    words = f"{' '.join(title.split())}\n{' '.join(abstract.split())}"
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def joined(labels: Sequence[dict[str, Any]], texts: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Annotated records, in the order of the labels; labels whose text is not among the texts are passed over."""
    wanted = {one["hash"] for one in labels}
    found = {}
    for text in texts:
        title, abstract = " ".join(text["title"].split()), " ".join(text["abstract"].split())
        key = text_hash(title, abstract)
        if key in wanted:
            found[key] = (title, abstract)
    for one in labels:
        if one["hash"] in found:
            title, abstract = found[one["hash"]]
            entities = [{name: entity[name] for name in ("type", "mentions", "role")} for entity in one["entities"]]
            record = {"id": one["id"], "title": title, "abstract": abstract, "entities": entities}
            yield record | {"relations": one["relations"]}


def read(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The objects of JSON Lines files, plain or compressed by name."""
    for path in paths:
        opener = {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)
        with opener(path, "rt", encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.strip())


def write(paths: Iterable[Path], out: Path) -> int:
    """Write the labels of the records, by id; of several with one id the first counts. Gives their number."""
    records: dict[str, GoldRecord] = {}
    for path in paths:
        for record in iter_gold(path):
            records.setdefault(record.id, record)
    with lzma.open(out, "wt", encoding="utf-8", newline="\n", preset=9) as lines:
        for id_ in sorted(records):
            lines.write(json.dumps(label(records[id_]), ensure_ascii=False, separators=(",", ":")) + "\n")
    return len(records)


def join(labels: Path, texts: Iterable[Path], out: Path) -> tuple[int, int]:
    """Write the records that the texts allow; gives their number and that of the labels."""
    wanted = list(read([labels]))
    number = 0
    with out.open("w", encoding="utf-8", newline="\n") as lines:
        for record in joined(wanted, read(texts)):
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")
            number += 1
    return number, len(wanted)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    writing = commands.add_parser("write")
    writing.add_argument("records", nargs="+", type=Path)
    joining = commands.add_parser("join")
    joining.add_argument("labels", type=Path)
    joining.add_argument("texts", nargs="+", type=Path)
    for command in (writing, joining):
        command.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    try:
        if asked.command == "write":
            print(f"{write(asked.records, asked.out)} labels")
        else:
            number, of = join(asked.labels, asked.texts, asked.out)
            print(f"{number} of {of} labels have their text")
    except (KgtoolError, OSError, EOFError, lzma.LZMAError, ValueError, KeyError) as error:
        sys.exit(f"labels: {error}")


if __name__ == "__main__":
    main()
