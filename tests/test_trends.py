"""Trends: counts and changes worked out by hand, the order of periods, and the example graph."""

import json
from math import comb
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import SHARED, LexiconExtractor, needs_shared
from test_analysis import entity, paper, role, run, store

from kgtool.analysis.trends import (
    COUNT_COLUMNS,
    STATUSES,
    Period,
    Series,
    Timeline,
    change,
    compare,
    counts,
    periods_line,
    timeline,
    trends,
)
from kgtool.build import build
from kgtool.digests import read_digest
from kgtool.errors import InputError, NothingFound
from kgtool.records import Node, Statement

DATES = {"a": "2026-01-10", "b": "2026-01", "c": "2026-03-02", "d": "2026-03", "e": "2025", "f": None}
HOSTILE = "\x1b[31mGAT'\"`"


@pytest.fixture(scope="module")
def kg(tmp_path_factory):
    """Six papers: a, b of January, c, d of March, e of 2025, f of unknown date.

    GCN in a, b, e, GAT (a hostile name) in c, d, and mentioned in a; Cora in a, c, f; a task in d, unsure.
    Digests: `old` has a date and holds c, d; `mid` none and holds a, b; `bare` none and holds f.
    """
    nodes = [paper(id_, id_, **({"published": date} if date else {})) for id_, date in DATES.items()]
    nodes += [entity("Method", "GCN"), entity("Method", HOSTILE, id_="method:gat")]
    nodes += [entity("Dataset", "Cora"), entity("Task", "repair")]
    nodes += [
        Node("digest:old", "Digest", (("name", "An old one"), ("published", "2025-12-31"))),
        Node("digest:mid", "Digest", (("name", "In the middle"),)),
        Node("digest:bare", "Digest", (("name", "Nothing known"),)),
    ]
    listed = {"old": "cd", "mid": "ab", "bare": "f"}
    statements = [
        *(edge for id_ in "abe" for edge in role(id_, "uses", "method:gcn")),
        *(edge for id_ in "cd" for edge in role(id_, "introduces", "method:gat")),
        *role("a", "mentions", "method:gat"),
        *(edge for id_ in "acf" for edge in role(id_, "evaluates-on", "dataset:cora")),
        *role("d", "addresses", "task:repair", 0.3),
        *(Statement(id_, "listedIn", f"digest:{name}", (("rank", 1),)) for name, ids in listed.items() for id_ in ids),
    ]
    return store(tmp_path_factory.mktemp("trends") / "kg", nodes, statements)


def by_name(found):
    return {series.id: series.counts for series in found.series}


def test_months_in_order_with_the_papers_of_a_known_month(kg):
    found = timeline(kg)
    assert found.periods == (Period("2026-01", "2026-01", 2), Period("2026-03", "2026-03", 2))
    assert by_name(found) == {
        "method:gcn": (2, 0),
        "dataset:cora": (1, 1),
        "method:gat": (0, 2),
        "task:repair": (0, 1),
    }


def test_papers_of_unknown_month_come_before_all_others_when_asked_for(kg):
    found = timeline(kg, undated=True)
    assert [(period.name, period.papers) for period in found.periods] == [
        ("unknown", 2),
        ("2026-01", 2),
        ("2026-03", 2),
    ]
    assert by_name(found)["method:gcn"] == (1, 2, 0)
    assert by_name(found)["dataset:cora"] == (1, 1, 1)
    first, last = compare(found, min_papers=3, status="steady").records()
    assert (first["name"], first["first"], first["before"]) == ("Cora", "unknown", 2)
    assert (last["name"], last["latest"], last["before"]) == ("GCN", 0, 3)


def test_digests_in_the_order_of_their_dates(kg):
    found = timeline(kg, by="digest")
    assert [period.id for period in found.periods] == ["digest:bare", "digest:old", "digest:mid"]
    assert by_name(found)["method:gcn"] == (0, 0, 2)
    assert by_name(found)["dataset:cora"] == (1, 1, 1)


def test_filters(kg):
    assert by_name(timeline(kg, kinds=("datasets", "tasks"))).keys() == {"dataset:cora", "task:repair"}
    assert by_name(timeline(kg, method="gcn", dataset=("Cora",))).keys() == {"method:gcn", "dataset:cora"}
    assert by_name(timeline(kg, min_confidence=0.5)).keys() == {"method:gcn", "dataset:cora", "method:gat"}
    assert [period.name for period in timeline(kg, since="2026-02").periods] == ["2026-03"]
    assert [period.name for period in timeline(kg, until="2026-01-31").periods] == ["2026-01"]
    assert [period.id for period in timeline(kg, by="digest", until="2026-02").periods] == ["digest:mid"]
    with pytest.raises(NothingFound):
        timeline(kg, method="nothing like it")
    for wrong in ({"by": "year"}, {"kinds": ("authors",)}, {"since": "yesterday"}):
        with pytest.raises(InputError):
            timeline(kg, **wrong)
    with pytest.raises(InputError, match="no status"):
        trends(kg, status="up")


def test_the_comparison_by_hand(kg):
    rows = {row["id"]: row for row in trends(kg, min_papers=1).records()}
    gat, gcn, cora = rows["method:gat"], rows["method:gcn"], rows["dataset:cora"]
    # Of 2 + 2 papers both with GAT are of the last 2: one way in comb(4, 2) = 6, half of which is the mid-p value.
    z = round(-NormalDist().inv_cdf(1 / 12), 2)
    assert (gat["status"], gat["latest"], gat["before"], gat["share_latest"], gat["z"]) == ("new", 2, 0, 1.0, z)
    assert (gcn["status"], gcn["latest"], gcn["before"], gcn["share_before"], gcn["z"]) == ("steady", 0, 2, 1.0, -z)
    assert (cora["status"], cora["first"], cora["papers"], cora["z"]) == ("steady", "2026-01", 2, 0.0)
    assert list(rows) == ["method:gat", "task:repair", "dataset:cora", "method:gcn"]
    assert [row["id"] for row in trends(kg, limit=1).records()] == ["method:gat"]
    assert len(trends(kg, status="new", min_papers=1)) == 2


def test_what_rises_and_falls():
    periods = (Period("1", "1", 60), Period("2", "2", 40), Period("3", "3", 50))
    series = (
        Series("method:up", "Method", "up", 12, (1, 1, 10)),
        Series("method:down", "Method", "down", 20, (10, 10, 0)),
        Series("method:same", "Method", "same", 30, (12, 8, 10)),
    )
    rows = compare(Timeline(periods, series)).records()
    assert [(row["name"], row["status"]) for row in rows] == [("up", "rising"), ("same", "steady"), ("down", "falling")]
    assert rows[0]["share_before"] == 0.02


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_the_score_is_that_of_the_exact_test(latest, before, more_latest, more_before):
    of_latest, of_before = latest + more_latest, before + more_before
    ways = {
        k: comb(of_latest, k) * comb(of_before, latest + before - k)
        for k in range(latest + before + 1)
        if k <= of_latest and latest + before - k <= of_before
    }
    tail = (sum(count for k, count in ways.items() if k > latest) + ways[latest] / 2) / sum(ways.values())
    assert change(latest, before, of_latest, of_before) == pytest.approx(-NormalDist().inv_cdf(tail), abs=1e-6)
    assert change(before, latest, of_before, of_latest) == pytest.approx(
        -change(latest, before, of_latest, of_before), abs=1e-6
    )


def test_large_counts_have_a_score_too():
    assert change(5000, 0, 5000, 70000) > 30
    assert change(0, 5000, 70000, 5000) < -30


def test_one_period_is_no_trend(kg):
    found = timeline(kg, since="2026-02")
    assert {row["status"] for row in compare(found, min_papers=1).records()} == {None}
    assert compare(found, min_papers=1).records()[0]["before"] is None
    assert "only one period, 2026-03 (2 papers)" in periods_line(found)
    done = run("trends", "--kg", kg, "--since", "2026-02", "-o", "json")
    assert done.exit_code == 0
    assert "nothing to compare" in done.stderr
    assert "nothing to compare" not in done.stdout


def test_counts_in_long_form(kg):
    table = counts(timeline(kg, method="GCN"))
    assert table.columns == COUNT_COLUMNS
    assert table.rows == (
        ("2026-01", 2, "GCN", "Method", 2, 1.0, "method:gcn"),
        ("2026-03", 2, "GCN", "Method", 0, 0.0, "method:gcn"),
    )
    assert len(counts(timeline(kg), {"method:gat"})) == 2


def test_an_empty_graph_and_none(tmp_path):
    kg = store(tmp_path / "kg", [], [])
    for by in ("month", "digest"):
        assert timeline(kg, by=by) == Timeline((), ())
        assert len(trends(kg, by=by)) == 0
    done = run("trends", "--kg", kg, "-o", "json")
    assert (done.exit_code, done.stdout.strip()) == (0, "[]")
    assert "no papers of a known period" in done.stderr
    assert run("trends", "--kg", tmp_path / "none").exit_code == 2


def test_the_command(example_kg, kg):
    done = run("trends", "--by", "digest", "--kg", example_kg, "-o", "json", "--limit", 5)
    assert done.exit_code == 0
    assert json.loads(done.stdout) == trends(example_kg, by="digest", limit=5).records()
    assert "against" in done.stderr
    found = json.loads(run("trends", "--counts", "--limit", 2, "--kg", example_kg, "-o", "json").stdout)
    assert len({row["id"] for row in found}) == 2
    assert [row["period"] for row in found][:2] == sorted(row["period"] for row in found[:2])
    shown = run("trends", "--kg", kg, "-o", "table").stdout
    assert "\x1b" not in shown
    assert "\\x1b[31m" in shown
    for wrong in (("--by", "year"), ("--kind", "authors"), ("--since", "soon"), ("--status", "up")):
        assert run("trends", *wrong, "--kg", kg).exit_code == 2


@needs_shared
def test_the_real_digests(tmp_path):
    files = [read_digest(path) for path in sorted((SHARED / "digests").glob("daily-arxiv-2026-0[12]*.md"))]
    build(tmp_path / "kg", files, LexiconExtractor())
    found = timeline(tmp_path / "kg", by="digest")
    assert [(period.name, period.papers) for period in found.periods] == [
        ("daily-arxiv-2026-01-09", 90),
        ("daily-arxiv-2026-02-18", 65),
    ]
    assert found.series
    assert {row["status"] for row in compare(found, limit=None).records()} <= set(STATUSES)
