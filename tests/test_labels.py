"""Stand-off labels: written without the texts, and put beside them again."""

import gzip
import json
import lzma
import subprocess
import sys
from pathlib import Path

import pytest
from samples import SHARED, needs_shared

ROOT = Path(__file__).parents[1]
SCRIPT, LABELS = ROOT / "training" / "labels.py", ROOT / "training" / "labels.jsonl.xz"
UNSURE, PRACTISED = (ROOT / "training" / f"labels-{name}.jsonl.xz" for name in ("unsure", "practised"))

RECORD = {
    "id": "2603.90001",
    "title": "GraphMend: Repairing Graphs",
    "abstract": "We propose GraphMend. On Cora it outperforms GAT.",
    "entities": [
        {"type": "Method", "mentions": ["GraphMend"], "role": "introduces"},
        {"type": "Dataset", "mentions": ["Cora"], "role": "evaluates-on"},
    ],
    "relations": [[0, "Evaluated-With", 1]],
}
OTHER = RECORD | {"id": "2603.90002", "abstract": "Nothing is named.", "entities": [], "relations": None}


def run(*arguments):
    done = subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=True)
    return done.stdout


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_labels_hold_no_text_and_find_it_again(tmp_path):
    records, labels, texts = tmp_path / "records.jsonl", tmp_path / "labels.jsonl.xz", tmp_path / "texts.jsonl.gz"
    records.write_text("".join(json.dumps(record) + "\n" for record in (OTHER, RECORD)), encoding="utf-8")
    run("write", records, "--out", labels)
    with lzma.open(labels, "rt", encoding="utf-8") as lines:
        first, second = map(json.loads, lines)
    assert (first["id"], second["id"]) == ("2603.90001", "2603.90002")
    assert "outperforms" not in json.dumps([first, second])
    assert first["entities"][0]["offsets"] == [[0, 9], [39, 48]]

    with gzip.open(texts, "wt", encoding="utf-8") as lines:
        wrapped = RECORD["abstract"].replace("On Cora", "On\n  Cora")
        lines.write(json.dumps({"id": "another", "title": RECORD["title"], "abstract": wrapped}) + "\n")
    out = tmp_path / "joined.jsonl"
    assert run("join", labels, texts, "--out", out) == "1 of 2 labels have their text\n"
    assert read(out) == [RECORD]


def committed(path):
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("path", "number"), [(LABELS, 7631), (UNSURE, 5200), (PRACTISED, 9000)], ids=["first", "unsure", "practised"]
)
def test_the_committed_labels_hold_nothing_but_labels(path, number):
    labels = committed(path)
    assert len(labels) == number == len({label["id"] for label in labels})
    for label in labels:
        assert label.keys() == {"id", "hash", "entities", "relations"}
        for entity in label["entities"]:
            assert entity.keys() == {"type", "role", "mentions", "offsets"}
            assert all(len(mention) < 200 for mention in entity["mentions"])


@needs_shared
@pytest.mark.parametrize("name", ["train.jsonl"])
def test_the_committed_labels_are_those_of_the_annotations(name, tmp_path):
    out = tmp_path / "joined.jsonl"
    run("join", LABELS, SHARED / "gold" / name, "--out", out)
    records = {record["id"]: record for record in read(SHARED / "gold" / name)}
    joined = read(out)
    assert len(joined) == len(records)
    for record in joined:
        expected = records[record["id"]]
        assert [(e["type"], e["role"], e["mentions"]) for e in record["entities"]] == [
            (e["type"], e["role"], e["mentions"]) for e in expected["entities"]
        ]
        assert record["relations"] == expected.get("relations")


@needs_shared
def test_no_committed_label_is_of_the_development_set():
    held_back = {"".join(record["title"].lower().split()): record for record in read(SHARED / "gold" / "dev.jsonl")}
    out = {label["id"] for path in (LABELS, UNSURE, PRACTISED) for label in committed(path)}
    assert len(held_back) == 150
    assert not out & {record["id"] for record in held_back.values()}
    with gzip.open(SHARED / "abstracts" / "arxiv-cs.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = map(json.loads, lines)
        same = {text["id"] for text in texts if "".join(text["title"].lower().split()) in held_back}
    assert not out & same
