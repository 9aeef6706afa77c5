"""Annotated records: read with clear errors, written as `kgtool extract` does."""

import json

import pytest

from kgtool.errors import InputError
from kgtool.extract.gold import gold_of, joins, read_gold, to_record
from kgtool.records import Extraction, Mention, Relation, Span

RECORD = {
    "id": "p1",
    "title": "GraphMend",
    "abstract": "GraphMend on Cora.",
    "entities": [
        {"type": "Method", "mentions": ["GraphMend"], "role": "introduces"},
        {"type": "Dataset", "mentions": ["Cora"], "role": "evaluates-on"},
    ],
    "relations": [[0, "Evaluated-With", 1]],
}


def write(path, *records):
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in records), encoding="utf-8")
    return path


def test_read(tmp_path):
    (record,) = read_gold(write(tmp_path / "r.jsonl", "", RECORD))
    assert record.text == "GraphMend\nGraphMend on Cora."
    assert record.relations == ((0, "Evaluated-With", 1),)
    (unknown,) = read_gold(write(tmp_path / "r.jsonl", RECORD | {"relations": None}))
    assert unknown.relations is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": 3}, "2: title: expected a string, found 3"),
        ({"title": "A \ud800"}, "2: half a surrogate pair"),
        ({"id": None}, "2: id: expected a string, found null"),
        ({"entities": {}}, "2: entities: expected a list"),
        ({"entities": [1]}, r"2: entities\[0\]: expected a JSON object"),
        ({"entities": [{"type": "Metric"}]}, r"2: entities\[0\]\.type: expected one of Method, Dataset, Task"),
        (
            {"entities": [{"type": "Task", "role": "uses"}]},
            r"2: entities\[0\]\.role: expected one of addresses, mentions",
        ),
        ({"entities": [{"type": "Task", "role": "mentions", "mentions": [""]}]}, r"entities\[0\]\.mentions: expected"),
        ({"relations": [[0, "Used-For", 2]]}, r"2: relations\[0\]: expected two different positions below 2"),
        ({"relations": [[0, "Used-For", 0]]}, r"2: relations\[0\]: expected two different positions below 2"),
        ({"relations": [[0, "Loves", 1]]}, r"2: relations\[0\]: expected \[position, one of"),
        ({"relations": "none"}, "2: relations: expected a list"),
        ({"id": "p0"}, "2: id: 'p0' stands in line 1 already"),
    ],
)
def test_errors_name_line_and_key(tmp_path, change, message):
    path = write(tmp_path / "r.jsonl", RECORD | {"id": "p0"}, RECORD | change)
    with pytest.raises(InputError, match=message) as error:
        read_gold(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("line", ["{", "[]", "null", "[" * 100_000])
def test_not_json_objects(tmp_path, line):
    with pytest.raises(InputError, match=":1: "):
        read_gold(write(tmp_path / "r.jsonl", line))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_gold(tmp_path / "absent.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"id": "\xe9"}')
    with pytest.raises(InputError, match="not UTF-8"):
        read_gold(tmp_path / "latin.jsonl")


def test_texts_may_be_left_out_for_scoring(tmp_path):
    path = write(tmp_path / "r.jsonl", {key: RECORD[key] for key in ("id", "entities", "relations")})
    assert read_gold(path, texts=False)[0].title == ""
    with pytest.raises(InputError, match="title"):
        read_gold(path)


def test_extraction_becomes_a_record(tmp_path):
    mentions = (
        Mention("Method", ("GraphMend",), "introduces", 0.9, 0.8, (Span(0, 9, 0.9), Span(10, 19, 0.9))),
        Mention("Dataset", ("Cora",), "evaluates-on", 0.7, 0.6, (Span(23, 27, 0.5),)),
    )
    relation = Relation(0, "Evaluated-With", 1, "GraphMend on Cora.", 10, 28, 0.4)
    extraction = Extraction(mentions, (relation,))
    record = to_record("p1", RECORD["title"], RECORD["abstract"], extraction)
    assert list(record) == ["id", "title", "abstract", "entities", "relations", "evidence"]
    assert record["entities"][1] == {
        "type": "Dataset",
        "mentions": ["Cora"],
        "role": "evaluates-on",
        "confidence": 0.7,
        "role_confidence": 0.6,
        "spans": [[23, 27, 0.5]],
    }
    assert record["evidence"] == [{"sentence": "GraphMend on Cora.", "start": 10, "end": 28, "confidence": 0.4}]
    (read,) = read_gold(write(tmp_path / "r.jsonl", record))
    assert read == gold_of("p1", RECORD["title"], RECORD["abstract"], extraction)


def test_what_relations_join():
    assert joins("Method", "Evaluated-With", "Dataset")
    assert not joins("Dataset", "Evaluated-With", "Method")
    assert joins("Task", "Compare-With", "Task")
    assert not joins("Task", "Compare-With", "Method")
