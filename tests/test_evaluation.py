"""Figures equal to those of the annotation's own scorer, and what else is measured."""

import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kgtool.extract.evaluation import (
    FIGURES,
    confusion,
    expected_calibration_error,
    figures_table,
    frequent_errors,
    score,
)
from kgtool.extract.gold import ROLES, TYPES, GoldEntity, GoldRecord, read_gold

GOLD = Path(__file__).parents[1].parent / "shared" / "gold"


def record(*entities, relations=(), id_="1", title="T", abstract="We use GCN on Cora. GCN is slow."):
    found = tuple(GoldEntity(type_, tuple(mentions.split("|")), role) for type_, mentions, role in entities)
    return GoldRecord(id_, title, abstract, found, relations)


def perturbed(gold, seed):
    """The record with entities dropped, split, retyped, renamed and added, and relations changed."""
    rng = random.Random(f"{gold.id}{seed}")
    entities = []
    for entity in gold.entities:
        choice = rng.random()
        if choice < 0.15:
            continue
        mentions = entity.mentions
        if choice < 0.3 and len(mentions) > 1:
            entities.append(GoldEntity(entity.type, mentions[1:], entity.role))
            mentions = mentions[:1]
        type_, role = entity.type, entity.role
        if choice > 0.9:
            type_ = rng.choice(TYPES)
            role = ROLES[type_][0]
        if choice > 0.7:
            role = rng.choice(ROLES[type_])
        if 0.5 < choice < 0.6:
            mentions = (mentions[0].upper(), *mentions)
        entities.append(GoldEntity(type_, mentions, role))
    words = gold.abstract.split()[:3] or ["x"]
    entities += [GoldEntity("Method", (word,), "uses") for word in words if rng.random() < 0.3]
    relations = []
    for head, name, tail in gold.relations or ():
        if head < len(entities) and tail < len(entities) and rng.random() < 0.8:
            relations.append((head, rng.choice([name, name, "Evaluated-With"]), tail))
    return replace(gold, entities=tuple(entities), relations=tuple(relations))


@pytest.mark.skipif(not GOLD.is_dir(), reason="the annotations are not here")
@pytest.mark.parametrize("seed", range(3))
def test_figures_equal_the_annotations_scorer(tmp_path, seed):
    gold = read_gold(GOLD / "dev.jsonl")
    predicted = [perturbed(one, seed) for one in gold if seed or one.id[-1] != "7"]
    path = tmp_path / "predicted.jsonl"
    path.write_text(
        "\n".join(
            json.dumps(
                {
                    "id": one.id,
                    "entities": [{"type": e.type, "mentions": e.mentions, "role": e.role} for e in one.entities],
                    "relations": one.relations,
                }
            )
            for one in predicted
        )
    )
    command = [sys.executable, GOLD / "score.py", GOLD / "dev.jsonl", path, "--json"]
    theirs = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    ours = score(gold, predicted)
    assert {name: {"p": f.precision, "r": f.recall, "f1": f.f1, "gold": f.gold} for name, f in ours.items()} == theirs
    assert 0 < ours["relation"].f1 < 100


def test_the_same_is_perfect_and_nothing_is_zero():
    gold = [
        record(
            ("Method", "GCN|GCNs", "uses"), ("Dataset", "Cora", "evaluates-on"), relations=((0, "Evaluated-With", 1),)
        )
    ]
    perfect = score(gold, gold)
    assert tuple(perfect) == FIGURES
    assert all(figure.f1 == 100 for name, figure in perfect.items() if name != "entity Task")
    assert all(figure.f1 == 0 for figure in score(gold, []).values())
    assert score([], [])["entity"].gold == 0
    assert figures_table(perfect).columns == ("figure", "p", "r", "f1", "gold")


def test_confusion_counts_types_and_roles():
    gold = [record(("Method", "GCN", "uses"), ("Dataset", "Cora", "evaluates-on"))]
    predicted = [record(("Task", "GCN", "addresses"), ("Method", "slow", "uses"))]
    assert set(confusion(gold, predicted).rows) == {
        ("Method uses", "Task addresses", 1),
        ("-", "Method uses", 1),
        ("Dataset evaluates-on", "-", 1),
    }


def test_frequent_errors_have_their_sentence():
    gold = [record(("Method", "GCN", "uses"), ("Dataset", "Cora", "evaluates-on"), id_=str(i)) for i in range(3)]
    predicted = [record(("Task", "GCN", "addresses"), ("Method", "slow", "uses"), id_=str(i)) for i in range(2)]
    errors = frequent_errors(gold, predicted)
    assert (errors[0].kind, errors[0].gold, errors[0].count) == ("missed", "Cora (Dataset)", 3)
    assert errors[0].sentence == "We use GCN on Cora."
    assert {(error.kind, error.predicted) for error in errors[1:]} == {
        ("wrong type", "GCN (Task)"),
        ("spurious", "slow (Method)"),
        ("missed", ""),
    }
    (boundary,) = frequent_errors([record(("Method", "GCN", "uses"))], [record(("Method", "use GCN", "uses"))])
    assert (boundary.kind, boundary.gold, boundary.predicted) == ("wrong boundary", "GCN (Method)", "use GCN (Method)")


def test_calibration_error():
    assert expected_calibration_error([]) == 0
    assert expected_calibration_error([(1.0, True), (0.0, False)]) == 0
    assert expected_calibration_error([(0.75, True), (0.75, True), (0.75, True), (0.75, False)]) == 0
    assert expected_calibration_error([(0.9, False), (0.9, False)]) == pytest.approx(0.9)
