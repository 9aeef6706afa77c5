"""The command line as its users meet it: output formats, exit codes, messages."""

import csv
import io
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from samples import EXAMPLES, SHARED, WORKED_EXAMPLE, needs_shared

from kgtool import __version__
from kgtool.cli import main
from kgtool.cli.base import render
from kgtool.records import Table
from kgtool.stores.corpus import Corpus

DIGESTS = [str(EXAMPLES / name) for name in ("conference.txt", "daily-2026-03-02.md", "weekly-page.txt")]


def run(*arguments, input=None):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=input, catch_exceptions=False)


def process(*arguments, input=None, **options):
    return subprocess.run(
        [sys.executable, "-m", "kgtool", *map(str, arguments)], input=input, capture_output=True, text=True, **options
    )


@pytest.fixture(scope="module")
def kg(tmp_path_factory):
    """The graph of the example digests, made by the command itself with the shipped model."""
    kg = tmp_path_factory.mktemp("cli") / "kg"
    done = process("build", *DIGESTS, "--kg", kg, "-o", "json")
    assert done.returncode == 0, done.stderr
    assert [row["status"] for row in json.loads(done.stdout)] == ["new"] * 3
    assert "Paper" in done.stderr
    return kg


@pytest.fixture
def sample(tmp_path):
    path = tmp_path / "sample.txt"
    path.write_text(WORKED_EXAMPLE, encoding="utf-8")
    return path


def rows(*arguments):
    done = run(*arguments, "-o", "jsonl")
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


# Help


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help_with_an_example(name):
    done = run(name, "--help")
    assert done.exit_code == 0
    assert "Example:" in done.stdout
    assert f"kgtool {name}" in done.stdout


def test_version():
    assert __version__ in run("--version").stdout


def test_help_starts_quickly():
    """Under 0.3 seconds of processor time: what the clock says depends on what else the machine does."""

    def seconds():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        process("--help", check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(5)) < 0.3


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell):
    done = run("completion", shell)
    assert done.exit_code == 0
    assert "_KGTOOL_COMPLETE" in done.stdout


def test_completion_completes():
    environment = os.environ | {"_KGTOOL_COMPLETE": "bash_complete", "COMP_WORDS": "kgtool sp", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", "from kgtool.cli import main; main(prog_name='kgtool')"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["plain,sparql"]


# Building


def test_a_second_build_says_nothing_new(kg):
    done = run("build", *DIGESTS, "--kg", kg, "-o", "json")
    assert done.exit_code == 0
    assert {row["status"] for row in json.loads(done.stdout)} == {"unchanged"}
    assert "Nothing new" in done.stderr


def test_one_missing_file_does_not_stop_the_others(tmp_path, sample):
    done = run("build", tmp_path / "none.txt", sample, "--kg", tmp_path / "kg")
    assert done.exit_code == 2
    assert "none.txt" in done.stderr
    assert [
        row["count"] for row in rows("stats", "--kind", "node", "--kg", tmp_path / "kg") if row["name"] == "Paper"
    ] == [1]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        (b"just some words\n", "expected one of these formats"),
        (WORKED_EXAMPLE.encode() + b"\n#2 Caf\xe9 [PDF] [Copy] [Kimi] [REL]\n", "not UTF-8"),
        (
            WORKED_EXAMPLE.encode() + b"#2 Another [PDF] [Copy] [Kimi] [REL]\nAuthors: A B\n" + b"x" * (5 << 20),
            "longer than",
        ),
    ],
)
@pytest.mark.parametrize("command", ["parse", "build", "extract"])
def test_bad_input_is_one_line_and_exit_code_two(tmp_path, command, content, expected):
    path = tmp_path / "bad.txt"
    path.write_bytes(content)
    kg = ("--kg", tmp_path / "kg") if command == "build" else ()
    done = run(command, path, *kg, "-o", "jsonl")
    assert done.exit_code == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("kgtool:")]
    assert "bad.txt:" in line
    assert expected in line
    readable = content.startswith(WORKED_EXAMPLE.encode())
    if command != "build":
        assert len(done.stdout.splitlines()) == readable
    assert ("the 1 readable paper is kept" in line) == readable


def test_remove(tmp_path, sample):
    kg = tmp_path / "kg"
    assert run("build", sample, "--kg", kg).exit_code == 0
    assert run("remove", "nothing", "--kg", kg).exit_code == 2
    done = run("remove", "digest:sample", "--kg", kg, "-o", "json")
    assert json.loads(done.stdout) == [{"digest": "sample", "format": "papers-cool", "papers": 1, "status": "removed"}]
    assert rows("stats", "--kg", kg) == []
    assert rows("cypher", "MATCH (n) RETURN n.id", "--kg", kg) == []


def test_commands_need_a_graph(tmp_path):
    for command in (("stats",), ("validate",), ("sparql", "ASK {}"), ("cypher", "RETURN 1"), ("remove", "x")):
        done = run(*command, "--kg", tmp_path / "none")
        assert done.exit_code == 2
        assert "no knowledge graph here" in done.stderr
    assert not (tmp_path / "none").exists()


def test_an_unknown_format_names_the_known_ones(sample):
    done = run("parse", sample, "--format", "word")
    assert done.exit_code == 2
    assert "papers-cool" in done.stderr


# Reading and extracting


def test_parse_feeds_build_and_parse(tmp_path, sample):
    parsed = process("parse", sample).stdout
    assert process("parse", "-", input=parsed).stdout == parsed
    for name, source, text in (("direct", sample, None), ("fed", "-", parsed)):
        assert process("build", source, "--kg", tmp_path / name, input=text).returncode == 0
    queries = "SELECT ?p ?o WHERE { ?s a kg:Paper ; ?p ?o FILTER(?p != kg:listedIn) } ORDER BY ?p ?o"
    assert rows("sparql", queries, "--kg", tmp_path / "direct") == rows("sparql", queries, "--kg", tmp_path / "fed")


def test_parse_of_several_digests_fed_back_is_one_digest_with_ranks_in_order(tmp_path):
    parsed = process("parse", *DIGESTS[:2]).stdout
    assert process("build", "-", "--kg", tmp_path / "kg", input=parsed).returncode == 0
    found = rows("cypher", "MATCH (:Paper)-[r:LISTED_IN]->(:Digest) RETURN r.rank AS rank", "--kg", tmp_path / "kg")
    assert sorted(row["rank"] for row in found) == list(range(1, 47))


def test_parse_as_csv_and_table(sample):
    (row,) = csv.DictReader(io.StringIO(run("parse", sample, "-o", "csv").stdout))
    assert row["authors"] == "Ada Example; Ben Sample"
    assert "GraphMend" in run("parse", sample, "-o", "table").stdout
    (paper,) = json.loads(run("parse", sample, "-o", "json").stdout)
    assert paper["digest"] == "sample"


def test_extract_keeps_ids_and_text_verbatim(tmp_path):
    record = {"id": "my own/id 1", "title": "On  Cora", "abstract": "We  evaluate GCN on Cora."}
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    (found,) = [json.loads(line) for line in run("extract", path).stdout.splitlines()]
    assert {key: found[key] for key in record} == record
    text = f"{record['title']}\n{record['abstract']}"
    for entity in found["entities"]:
        assert {text[start:end] for start, end, _ in entity["spans"]} == set(entity["mentions"])


def test_extract_as_csv(sample):
    found = list(csv.DictReader(io.StringIO(run("extract", sample, "-o", "csv").stdout)))
    assert {"GraphMend", "GCN"} <= {row["name"] for row in found}


def test_a_closed_pipe_is_no_failure():
    command = f"{sys.executable} -m kgtool parse {DIGESTS[0]} -o jsonl | head -n 1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr == ""


# Asking


def test_stats_counts_what_the_queries_find(kg):
    counts = {(row["kind"], row["name"]): row["count"] for row in rows("stats", "--kg", kg)}
    (found,) = rows("cypher", "MATCH (p:Paper) RETURN count(p) AS n", "--kg", kg)
    assert counts["node", "Paper"] == found["n"] >= 60
    (found,) = rows("sparql", "SELECT (COUNT(*) AS ?n) WHERE { ?p kg:evaluatesOn ?d }", "--kg", kg)
    assert counts["edge", "EVALUATES_ON"] == found["n"] > 50


def test_every_edge_shows_its_mention_in_its_sentence(kg):
    query = (
        "MATCH (p:Paper)-[r:MENTIONS]->(e) "
        "RETURN p.title AS title, p.abstract AS abstract, r.charStart AS first, r.charEnd AS last, "
        "r.sentence AS sentence, e.name AS name, e.aliases AS aliases"
    )
    found = rows("cypher", query, "--kg", kg)
    assert len(found) > 500
    for row in found:
        text = f"{row['title']}\n{row['abstract']}"
        surface = text[row["first"] : row["last"]]
        assert surface in {row["name"], *(row["aliases"] or ())}
        assert surface in row["sentence"]
        assert row["sentence"] in text


def test_output_formats(kg):
    query = (
        "cypher",
        "MATCH (d:Dataset) RETURN d.id AS id, d.papers AS papers ORDER BY papers DESC, id LIMIT 3",
        "--kg",
        kg,
    )
    as_json = json.loads(run(*query, "-o", "json").stdout)
    assert len(as_json) == 3
    assert [json.loads(line) for line in run(*query, "-o", "jsonl").stdout.splitlines()] == as_json
    as_csv = list(csv.DictReader(io.StringIO(run(*query, "-o", "csv").stdout)))
    assert [(row["id"], int(row["papers"])) for row in as_csv] == [(row["id"], row["papers"]) for row in as_json]
    table = run(*query, "-o", "table").stdout.splitlines()
    assert table[0].split() == ["id", "papers"]
    assert len(table) == 4


def test_a_query_without_rows_is_done(kg):
    done = run("sparql", "SELECT ?s WHERE { ?s kg:arxivId 'none' }", "--kg", kg, "-o", "json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, [])


def test_queries_from_a_file_and_parameters(kg, tmp_path):
    path = tmp_path / "query.cypher"
    path.write_text("MATCH (d:Dataset) WHERE d.name = $name RETURN d.id", encoding="utf-8")
    assert rows("cypher", "-f", path, "-p", "name=ImageNet", "--kg", kg) == [{"d.id": "dataset:imagenet"}]
    query = "SELECT ?id WHERE { ?d a kg:Dataset ; skos:prefLabel ?name ; dcterms:identifier ?id }"
    assert rows("sparql", query, "-p", "name=ImageNet", "--kg", kg) == [{"id": "dataset:imagenet"}]
    assert run("cypher", "--kg", kg).exit_code == 2
    assert run("cypher", "RETURN 1", "-f", path, "--kg", kg).exit_code == 2
    assert run("cypher", "RETURN $x", "-p", "x", "--kg", kg).exit_code == 2


@pytest.mark.parametrize(
    ("command", "query"),
    [("sparql", "SELECT ?s\nWHERE { ?s ?p }"), ("cypher", "MATCH (p:Paper)\nRETRUN p.id")],
)
def test_a_syntax_error_points_at_its_place(kg, command, query):
    done = run(command, query, "--kg", kg)
    assert done.exit_code == 2
    assert "line 2" in done.stderr
    assert "^" in done.stderr


@pytest.mark.parametrize(
    ("command", "query"),
    [
        ("sparql", "DELETE WHERE { ?s ?p ?o }"),
        ("cypher", "MATCH (n) DETACH DELETE n"),
        ("cypher", "CREATE (:Task {id: 'x'})"),
    ],
)
def test_queries_only_read(kg, command, query):
    with Corpus.open(kg) as corpus:
        before = corpus.state()
    done = run(command, query, "--kg", kg)
    assert done.exit_code == 2
    assert "only read" in done.stderr or "read-only" in done.stderr
    with Corpus.open(kg) as corpus:
        assert corpus.state() == before


def test_a_query_has_a_timeout(kg):
    begin = time.monotonic()
    query = "MATCH (a:Author), (b:Author), (c:Author), (d:Author) RETURN count(DISTINCT a.id + b.id + c.id + d.id)"
    done = run("cypher", query, "--timeout", "1", "--kg", kg)
    assert done.exit_code == 2
    assert time.monotonic() - begin < 10
    assert "1" in done.stderr


def test_the_graph_conforms(kg):
    done = run("validate", "--kg", kg, "-o", "json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, [])


def test_what_does_not_conform_is_an_honest_no(tmp_path, sample):
    import sqlite3

    kg = tmp_path / "kg"
    assert run("build", sample, "--kg", kg).exit_code == 0
    with sqlite3.connect(kg / "corpus.sqlite") as db:
        broken = "replace(properties, '\"charEnd\":', '\"charEnd\":-')"
        db.execute(f"UPDATE statement SET properties = {broken} WHERE predicate = 'introduces'")
    db.close()
    done = run("validate", "--kg", kg, "-o", "json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)


# When things go wrong


@pytest.fixture
def small(tmp_path, sample):
    """A graph of one paper, made to be broken."""
    kg = tmp_path / "small"
    assert run("build", sample, "--kg", kg).exit_code == 0
    return kg


def complaint(done):
    """The one line that a failed command says, and no traceback."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("kgtool:")]
    return line


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_corpus_is_one_line(small, sample, seed):
    path = small / "corpus.sqlite"
    content = bytearray(path.read_bytes())
    chance = random.Random(seed)
    for _ in range(400):
        content[chance.randrange(4096, len(content))] = chance.randrange(256)
    path.write_bytes(content)
    for command in (("stats",), ("validate",), ("remove", "sample"), ("cypher", "MATCH (p:Paper) RETURN p.id")):
        done = process(*command, "--kg", small)
        if done.returncode != 0:  # not every byte matters to every command
            assert "small" in complaint(done) or "corpus" in complaint(done)
    path.write_bytes(b"")
    assert "corpus" in complaint(process("stats", "--kg", small))


def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path, small):
    before = rows("stats", "--kg", small)
    command = f"ulimit -f 200; {sys.executable} -m kgtool build {DIGESTS[0]} --kg {small}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert complaint(done)
    assert rows("stats", "--kg", small) == before
    assert run("build", DIGESTS[0], "--kg", small).exit_code == 0


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: os.truncate(folder / "graph.lbug", 5000),
        lambda folder: os.truncate(folder / "graph.lbug", 0),
        lambda folder: (folder / "graph.lbug").unlink(),
        lambda folder: (folder / "graph.lbug").write_bytes(b"x" * (folder / "graph.lbug").stat().st_size),
        lambda folder: (folder / "rdf" / "CURRENT").unlink(),
        lambda folder: [os.truncate(path, 100) for path in (folder / "rdf").glob("*.sst")],
        lambda folder: shutil.rmtree(folder / "rdf"),
        lambda folder: (folder / "manifest.json").write_text("{"),
    ],
    ids=["cut", "empty", "gone", "overwritten", "no rdf CURRENT", "cut sst", "no rdf", "cut manifest"],
)
def test_torn_views_are_made_again(small, damage):
    name = (small / "views" / "CURRENT").read_text().strip()
    damage(small / "views" / name)
    query = "MATCH (:Paper)-[:COMPARES_WITH]->(m) RETURN m.name AS name"
    assert rows("cypher", query, "--kg", small) == [{"name": "GAT"}]
    query = "SELECT ?name WHERE { ?p kg:comparesWith ?m . ?m skos:prefLabel ?name }"
    assert rows("sparql", query, "--kg", small) == [{"name": "GAT"}]


def test_in_a_folder_other_files_are_passed_over(tmp_path, sample):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a-link.txt").symlink_to(tmp_path / "nowhere")
    (folder / "README.md").write_text("# Just a readme\n")
    shutil.copy(sample, folder / "z.txt")
    done = run("parse", folder, "-o", "jsonl")
    assert [json.loads(line)["digest"] for line in done.stdout.splitlines()] == ["z"]
    assert "a-link.txt" in done.stderr
    assert done.exit_code == 2
    (folder / "a-link.txt").unlink()
    done = run("parse", folder, "-o", "jsonl")
    assert done.exit_code == 0
    assert "kgtool: note: " in done.stderr


def test_nothing_readable_makes_no_graph(tmp_path):
    (tmp_path / "plain.txt").write_text("nothing to see\n")
    assert run("build", tmp_path / "plain.txt", "--kg", tmp_path / "kg").exit_code == 2
    assert not (tmp_path / "kg").exists()


def test_messages_obey_no_escapes(small):
    done = run("remove", "\x1b[31mred", "--kg", small)
    assert done.exit_code == 2
    assert "\x1b" not in done.stderr
    assert "\\x1b[31mred" in done.stderr


def test_a_closed_stdout_is_no_traceback(small):
    command = f"{sys.executable} -m kgtool stats --kg {small} >&-"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


def test_a_table_fits_the_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdout", type("Terminal", (io.StringIO,), {"isatty": lambda self: True})())
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((60, 20)))
    wide = Table(("id", "sentence", "n"), (("arxiv:2602.15076", "a word " * 40, 1), ("x", "short", 2)))
    lines = render(wide).splitlines()
    assert max(map(len, lines)) <= 60
    assert len(lines) > 4
    assert lines[0].split() == ["id", "sentence", "n"]


# The real digests

COUNTS = {
    "papers-cool-aaai-2026-ml.txt": 25,
    "daily-arxiv-2026-02-18.md": 65,
    "daily-arxiv-2026-01-09.md": 90,
    "hf-papers-search.txt": 189,
    "hf-daily-papers.txt": 18,
}


@needs_shared
def test_the_real_digests_make_a_graph_that_conforms(tmp_path):
    kg = tmp_path / "kg"
    done = process("build", *(SHARED / "digests" / name for name in COUNTS), "--kg", kg, "-o", "json")
    assert done.returncode == 0, done.stderr
    assert {row["digest"]: row["papers"] for row in json.loads(done.stdout)} == {
        name.rpartition(".")[0]: count for name, count in COUNTS.items()
    }
    listed = {
        row["d"]: row["n"]
        for row in rows("cypher", "MATCH (:Paper)-[:LISTED_IN]->(d:Digest) RETURN d.id AS d, count(*) AS n", "--kg", kg)
    }
    assert sum(listed.values()) == sum(COUNTS.values())
    done = process("validate", "--kg", kg)
    assert done.returncode == 0, done.stdout
