"""Training: one command, seeded; and the pipeline that it makes, used by kgtool and by spaCy alone."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import SHARED, needs_shared

from kgtool.errors import InputError, ModelError
from kgtool.extract.pipeline import MAX_CHARACTERS, MODEL, PipelineExtractor, load_model
from kgtool.extract.training import VERSION, train
from kgtool.records import Paper

STEPS = 40

METHODS = ("LoRA", "ResNet", "GraphMend", "PPO", "BERT")
DATASETS = ("Cora", "ImageNet", "GSM8K", "MuJoCo")
TASKS = ("node classification", "object detection", "question answering")


def invented(number):
    method, other = METHODS[number % 5], METHODS[(number + 1) % 5]
    dataset, task = DATASETS[number % 4], TASKS[number % 3]
    return {
        "id": f"invented-{number}",
        "title": f"{method} for {task}",
        "abstract": f"We propose {method}, which solves {task}. On {dataset}, {method} outperforms {other}.",
        "entities": [
            {"type": "Method", "mentions": [method], "role": "introduces"},
            {"type": "Task", "mentions": [task], "role": "addresses"},
            {"type": "Dataset", "mentions": [dataset], "role": "evaluates-on"},
            {"type": "Method", "mentions": [other], "role": "compares-with"},
        ],
        "relations": [[0, "Used-For", 1], [0, "Evaluated-With", 2], [0, "Compare-With", 3]],
    }


def contents(folder: Path):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    path = tmp_path_factory.mktemp("records") / "records.jsonl"
    path.write_text("".join(json.dumps(invented(n)) + "\n" for n in range(60)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(records, tmp_path_factory):
    out = tmp_path_factory.mktemp("trained") / "model"
    return train([records], out, steps=STEPS), out


def test_the_same_records_give_the_same_model(records, trained, tmp_path):
    report, out = trained
    assert report["records"] + report["held_out"] == 60
    assert train([records], tmp_path / "again", steps=STEPS) == report
    assert contents(tmp_path / "again") == contents(out)


def test_a_model_names_no_place_of_the_machine(trained):
    _, out = trained
    for path in (out, MODEL):
        text = (path / "config.cfg").read_text(encoding="utf-8") + (path / "meta.json").read_text(encoding="utf-8")
        assert str(Path.home()) not in text
        assert "/tmp" not in text


def test_a_trained_model_extracts(trained):
    extractor = PipelineExtractor(trained[1])
    (found,) = extractor([Paper("x", "BERT for question answering", abstract="On Cora, BERT outperforms PPO.")])
    assert re.fullmatch(rf"kgtool-[\d.]+-default-{VERSION}-[0-9a-f]{{8}}", extractor.name)
    assert PipelineExtractor().name.endswith(f"-default-{VERSION}")
    assert isinstance(found.mentions, tuple)


def test_spacy_alone_loads_the_shipped_model():
    code = f"""import spacy
nlp = spacy.load({str(MODEL)!r})
doc = nlp("On Cora\\nWe evaluate GCN on Cora.")
print(nlp.pipe_names, [m[1] for m in doc._.kgtool_mentions])"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Cora" in done.stdout
    assert "'kgtool_tagger', 'kgtool_abbreviations', 'kgtool_mentions'" in done.stdout


def test_nothing_else_is_overwritten(records, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="the folder holds something else"):
        train([records], tmp_path, steps=1)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_too_few_records(tmp_path):
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(invented(1)) + "\n")
    with pytest.raises(InputError, match="too few"):
        train([path], tmp_path / "model", steps=1)


def test_a_folder_that_is_no_model(tmp_path):
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(tmp_path)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(max_size=80), abstract=st.text(max_size=400))
def test_any_text_is_read_and_offsets_are_exact(extractor_of_shipped, title, abstract):
    paper = Paper("x", title, abstract=abstract)
    (found,) = extractor_of_shipped([paper])
    for mention in found.mentions:
        assert {paper.text[span.start : span.end] for span in mention.spans} == set(mention.surfaces)
        assert all(0 <= span.confidence <= 1 for span in mention.spans)
    for relation in found.relations:
        assert paper.text[relation.start : relation.end] == relation.sentence
        assert 0 <= relation.head < len(found.mentions)
        assert 0 <= relation.tail < len(found.mentions)


@pytest.mark.parametrize(
    "abstract",
    [
        "",
        "\0\0 null \0",
        "We use \\textbf{LoRA} on $\\mathcal{D}$ &amp; CIFAR-10 😀." * 40,
        "我们提出了一种新的方法，在 ImageNet 上评估。",
        "BERT on GLUE. " * 8000,
        "x" * 100_000,
        "We evaluate GCN on Cora. " * (MAX_CHARACTERS // 20),
    ],
    ids=["empty", "null", "latex", "chinese", "long", "one word", "too long"],
)
def test_odd_abstracts(extractor_of_shipped, abstract):
    paper = Paper("x", "On Cora", abstract=abstract)
    (found,) = extractor_of_shipped([paper])
    for mention in found.mentions:
        assert {paper.text[span.start : span.end] for span in mention.spans} == set(mention.surfaces)


@needs_shared
def test_the_shipped_model_is_no_worse_than_promised(extractor_of_shipped):
    """On dev, well above the default small CNN of the baselines (mention F1 58.5, entity F1 52.1)."""
    from kgtool.extract.evaluation import score
    from kgtool.extract.gold import gold_of, read_gold

    gold = read_gold(SHARED / "gold" / "dev.jsonl")
    papers = [Paper(record.id, record.title, abstract=record.abstract) for record in gold]
    found = [
        gold_of(paper.id, paper.title, paper.abstract, extraction)
        for paper, extraction in zip(papers, extractor_of_shipped(papers), strict=True)
    ]
    figures = score(gold, found)
    assert figures["mention"].f1 > 66
    assert figures["entity"].f1 > 65
    assert figures["link"].f1 > 54
