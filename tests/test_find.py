"""Full-text search: small graphs with answers worked out by hand, misspelt and hostile texts, older corpora."""

import csv
import io
import json
import os
import random
import re
import shutil
import sqlite3
from contextlib import suppress

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from samples import SHARED, LexiconExtractor, needs_shared

from kgtool.analysis.find import COLUMNS, _errors, find
from kgtool.analysis.naming import find_node
from kgtool.analysis.reader import read
from kgtool.build import build
from kgtool.cli import main
from kgtool.digests import Source, read_digest
from kgtool.errors import InputError, NothingFound, StoreError
from kgtool.records import Node, Statement
from kgtool.stores import fulltext
from kgtool.stores.corpus import FILE_NAME, Corpus
from kgtool.stores.fulltext import name_key, terms, verbatim_key

HOSTILE = """Robert'); DROP TABLE node; -- "quoted" \\ `tick` {$x: 1} NEAR(a b) OR * <script>"""


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def store(kg, nodes, statements=(), redirects=None):
    with Corpus.create_or_open(kg) as corpus:
        graph = (sorted(nodes, key=lambda node: node.id), list(statements))
        corpus.replace_state([], [], graph, redirects or {}, "by-hand-1")
    return kg


def node(label, id_, **properties):
    return Node(id_, label, tuple(sorted(properties.items())))


def found(kg, text, **options):
    """The ids, the best first; none where nothing is found."""
    try:
        return [row[1] for row in find(kg, text, **options)]
    except NothingFound:
        return []


PADDING = "It is a study of many things that are of no concern here, with results on none of them."


@pytest.fixture(scope="module")
def kg(tmp_path_factory):
    nodes = [
        node(
            "Paper",
            "arxiv:2601.00001",
            title="Policy Optimization on Graphs",
            abstract=f"{PADDING} We train with the transformer of old and measure on CIFAR-10. {PADDING}",
            arxivId="2601.00001",
            url="https://example.org/one?x=1",
            tldr=("zh", "本文研究强化学习中的策略优化问题。"),
        ),
        node("Paper", "doi:10.1234/b", title="A Note", abstract=f"Policy optimization. {PADDING}", doi="10.1234/b"),
        node("Paper", "title:0123456789abcdef", title=HOSTILE, abstract=f"A {HOSTILE} transfomer, once misspelt."),
        node("Author", "author:ada-example", name="Ada Müller-Example"),
        node("Author", "author:ben-sample", name="Ben Sample"),
        node("Method", "method:transformer", name="Transformer", papers=25, specificity=0.1),
        node("Method", "method:vision-transformer", name="Vision Transformer", aliases=("ViT",), papers=9),
        node("Method", "method:unet", name="U-Net", aliases=("UNet",), papers=3),
        node("Method", "method:unet-f3d7a9", name="UNet++", papers=1),
        node("Method", "method:gnn", name="GNNs", aliases=("Graph Neural Networks", "graph network"), papers=5),
        node("Method", "method:v-vae", name="β-VAE", papers=1),
        node("Method", "method:rare", name="policy gradient", papers=1),
        node("Method", "method:common", name="policy iteration", papers=30),
        node("Task", "task:rl", name="reinforcement learning", aliases=("RL",), papers=12),
        node("Task", "task:offline-rl", name="offline reinforcement learning", papers=2),
        node("Task", "task:odd", name="∇", papers=1),
        node("Dataset", "dataset:cifar-10", name="CIFAR-10", papers=4),
        node("Dataset", "dataset:cifar-100", name="CIFAR-100", papers=8),
        node("Dataset", "dataset:hostile", name=HOSTILE, aliases=("O'Brien\\", "NEAR/2"), papers=1),
        node("Category", "category:cs.LG", name="cs.LG"),
        node("Digest", "digest:monday", name="Papers of Monday", published="2026-02-16"),
    ]
    statements = [
        Statement("author:ada-example", "wrote", "arxiv:2601.00001", (("position", 1),)),
        Statement("author:ada-example", "wrote", "doi:10.1234/b", (("position", 1),)),
        Statement("author:ben-sample", "wrote", "arxiv:2601.00001", (("position", 2),)),
        Statement("arxiv:2601.00001", "inCategory", "category:cs.LG"),
        Statement("arxiv:2601.00001", "listedIn", "digest:monday", (("rank", 1),)),
    ]
    redirects = {"method:old-name": "method:unet"}
    return store(tmp_path_factory.mktemp("find") / "kg", nodes, statements, redirects)


# Terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Naïve GNNs", ["naive", "gnn"]),
        ("CIFAR-10/100", ["cifar", "10", "cifar10", "100"]),
        ("state-of-the-art, policies.", ["state", "of", "the", "art", "stateoftheart", "policy"]),
        ("LLaMA-3.1-8B", ["llama", "3", "1", "8b", "llama318b"]),
        ("re\u0301sume\u0301 Ｂ β", ["resume", "b", "beta"]),
        ("强化学习 RL", ["强化", "化学", "学习", "习", "rl"]),
        ("GPT模型", ["gpt", "模型", "型"]),
        ("loss bias classes corpus gas", ["loss", "bia", "classe", "corpus", "gas"]),
        (" \x00 '' -- 🤖 \udcff ++", []),
        ("½ ™ _x_", ["12", "x"]),
    ],
)
def test_terms(text, expected):
    assert [term.text for term in terms(text)] == expected


@given(st.text(max_size=60))
def test_terms_are_letters_and_digits_of_the_text(text):
    for term in terms(text):
        assert term.text
        assert term.text.isalnum()
        assert 0 <= term.start < term.end <= len(text)


def test_keys_tell_names_apart_as_far_as_they_should():
    assert name_key("CIFAR-10") == name_key("Cifar10") == name_key("cifar 10") != name_key("CIFAR-100")
    assert name_key("Graph Neural Networks") == name_key("graph neural network")
    assert name_key("UNet++") == name_key("UNet")
    assert verbatim_key("UNet++") != verbatim_key("UNet")
    assert verbatim_key("  José\tSample ") == "jose sample"


def brute(one, other):
    """Optimal string alignment, written down as it is defined."""
    if not one or not other:
        return len(one) + len(other)
    best = min(brute(one[1:], other) + 1, brute(one, other[1:]) + 1, brute(one[1:], other[1:]) + (one[0] != other[0]))
    if len(one) > 1 and len(other) > 1 and one[0] == other[1] and one[1] == other[0]:
        best = min(best, brute(one[2:], other[2:]) + 1)
    return best


@given(st.text("abc", min_size=1, max_size=5), st.text("abc", min_size=1, max_size=5))
def test_errors_are_counted_up_to_the_most(one, other):
    assert min(_errors(one, other, 2), 3) == min(brute(one, other), 3)


# What is found


def test_rows_by_hand(kg):
    first, second, *others = find(kg, "unet").records()
    assert first == {
        "label": "Method",
        "id": "method:unet",
        "name": "U-Net",
        "papers": 3,
        "matched": "UNet",
        "score": first["score"],
    }
    assert second["id"] == "method:unet-f3d7a9"
    assert second["matched"] == "UNet++"
    assert first["score"] > second["score"] > 0
    assert not others
    assert find(kg, "unet").columns == COLUMNS


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("reinforcement learning", "task:rl"),
        ("rl", "task:rl"),
        ("OFFLINE Reinforcement-Learning", "task:offline-rl"),
        ("Graph Neural Network", "method:gnn"),
        ("GNN", "method:gnn"),
        ("vit", "method:vision-transformer"),
        ("UNet++", "method:unet-f3d7a9"),
        ("method:old-name", "method:unet"),
        ("beta VAE", "method:v-vae"),
        ("Β-vae", "method:v-vae"),
        ("∇", "task:odd"),
        ("ada muller example", "author:ada-example"),
        ("Muller", "author:ada-example"),
        ("cs.lg", "category:cs.LG"),
        ("monday", "digest:monday"),
        ("2601.00001", "arxiv:2601.00001"),
        ("https://arxiv.org/abs/2601.00001v3", "arxiv:2601.00001"),
        ("https://example.org/one?x=1", "arxiv:2601.00001"),
        ("doi:10.1234/B", "doi:10.1234/b"),
        ("策略优化", "arxiv:2601.00001"),
        ("优", "arxiv:2601.00001"),
        ("policy optimisation", "arxiv:2601.00001"),
        ("o'brien\\", "dataset:hostile"),
        # misspelt
        ("reinforcment lerning", "task:rl"),
        ("offline reinforcment lerning", "task:offline-rl"),
        ("Cifar10", "dataset:cifar-10"),
        ("cifra10", "dataset:cifar-10"),
        ("Cifar 100", "dataset:cifar-100"),
        ("Transfomer", "method:transformer"),
        ("rtansformers", "method:transformer"),
        ("trnasfromer", "method:transformer"),
        ("ada mueller exmaple", "author:ada-example"),
        ("graph nerual netwrok", "method:gnn"),
    ],
)
def test_the_first_hit_by_hand(kg, text, id_):
    assert found(kg, text)[0] == id_


def test_titles_weigh_more_than_abstracts(kg):
    papers = found(kg, "policy optimization", label="Paper")
    assert papers == ["arxiv:2601.00001", "doi:10.1234/b"]


def test_entities_of_many_papers_come_before_those_of_few(kg):
    assert found(kg, "policy", label="Method") == ["method:common", "method:rare"]


def test_what_has_all_the_words_comes_before_what_has_some(kg):
    assert found(kg, "offline learning")[:2] == ["task:offline-rl", "task:rl"]
    assert found(kg, "transformer old")[0] == "arxiv:2601.00001"


def test_a_word_may_be_begun(kg):
    assert found(kg, "reinforc")[:2] == ["task:rl", "task:offline-rl"]
    assert found(kg, "re") == []


def test_digits_are_never_taken_for_others(kg):
    assert found(kg, "cifar20") == []
    assert found(kg, "2601.00002") == []


def test_labels_and_limits(kg):
    assert {row[0] for row in find(kg, "policy", label=("Paper", "Task"))} == {"Paper"}
    everything = found(kg, "policy")
    assert len(everything) == 4
    assert [found(kg, "policy", limit=n) for n in (1, 2, 3)] == [everything[:n] for n in (1, 2, 3)]
    assert found(kg, "policy", limit=None) == everything
    with pytest.raises(InputError, match="Person: no label; expected one of Paper, Author"):
        find(kg, "policy", label="Person")


def test_papers_are_counted(kg):
    counts = {
        row["id"]: row["papers"]
        for text in ("ada", "ben", "cs.LG", "monday", "note")
        for row in find(kg, text).records()
    }
    assert counts["author:ada-example"] == 2
    assert counts["author:ben-sample"] == counts["category:cs.LG"] == counts["digest:monday"] == 1
    assert counts["doi:10.1234/b"] is None


def test_the_place_in_the_abstract_is_shown(kg):
    (row,) = find(kg, "transformer CIFAR10", label="Paper", limit=1).records()
    assert row["id"] == "arxiv:2601.00001"
    assert "We train with the transformer of old and measure on CIFAR-10." in row["matched"]
    assert row["matched"].startswith("… ")
    assert row["matched"].endswith(" …")
    assert len(row["matched"]) < 200
    (row,) = find(kg, "policy graphs", label="Paper", limit=1).records()
    assert row["matched"] == "Policy Optimization on Graphs"
    (row,) = find(kg, "强化学习", limit=1).records()
    assert row["matched"] == "本文研究强化学习中的策略优化问题。"


def test_nothing_is_an_honest_no(kg):
    with pytest.raises(NothingFound, match=r"^nosuchthing: nothing found$"):
        find(kg, "nosuchthing")
    with pytest.raises(NothingFound, match=r"^transformer: nothing found among Author$"):
        find(kg, "transformer", label="Author")
    with pytest.raises(InputError, match="an empty text"):
        find(kg, " \n")


# Hostile


HOSTILE_TEXTS = [
    '"',
    "*",
    "a*",
    "NEAR(transformer policy, 2)",
    "transformer AND",
    "OR",
    "NOT transformer",
    "title:policy",
]
HOSTILE_TEXTS += ["-policy", "^policy", "{name}: x", "'; DROP TABLE node; --", "\x00", "policy\x00transformer", "(((("]
HOSTILE_TEXTS += [
    "\udcff",
    "policy \udcff",
    "策略 OR 优化",
    "🤖🤖",
    r"$\mathcal{L}_{\text{KL}}$",
    "%s %d {0}",
    "\u0301\u0301",
]
HOSTILE_TEXTS += [
    "policy " * 20_000,
    "x" * 100_000,
    "ab cd " * 20_000,
    "e\u0301" * 50_000,
    "-" * 100_000,
    "a-" * 50_000,
]
HOSTILE_TEXTS += ["\ufdfa" * 30_000, "transformerr" * 10_000, "学" * 50_000]


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=lambda text: ascii(text[:20]))
def test_no_text_is_more_than_its_words(kg, text):
    wanted = {term.text for term in terms(text)}
    with Corpus.open(kg) as corpus:
        nodes = {each.id: dict(each.properties) for each in corpus.nodes()}
    for id_ in found(kg, text):
        there = {term.text for part in fulltext.texts(nodes[id_]) for term in terms(part)}
        assert any(word.startswith(term) or _errors(term, word, 2) <= 2 for term in wanted for word in there)
    assert found(kg, "unet")[0] == "method:unet"


def test_a_hostile_name_is_found_by_itself(kg):
    assert set(found(kg, HOSTILE)[:2]) == {"dataset:hostile", "title:0123456789abcdef"}


@given(st.text(max_size=40))
def test_any_text_is_searched(kg, text):
    try:
        rows = find(kg, text).rows
    except (NothingFound, InputError):
        return
    order = [row[5] for row in rows]
    assert order == sorted(order, reverse=True)
    assert all(row[4] for row in rows)


def test_a_name_finds_its_node_whatever_it_holds(tmp_path):
    rng = random.Random(5)
    letters = "ab1 -'\"*()^:{}\\%\x00\x07é学β<>&;$`\u202e"
    texts = {"".join(rng.choices(letters, k=rng.randint(1, 12))).strip() for _ in range(150)}
    named = {f"method:{number}": text for number, text in enumerate(sorted(texts - {""}))}
    kg = store(tmp_path / "kg", [node("Method", id_, name=name, papers=1) for id_, name in named.items()])
    for name in named.values():
        first, *_ = find(kg, name).records()
        assert verbatim_key(first["name"]) == verbatim_key(name)
        assert first["score"] >= 100


def test_an_empty_graph(tmp_path):
    kg = store(tmp_path / "kg", [])
    assert found(kg, "anything") == []
    with pytest.raises(StoreError, match="no knowledge graph here"):
        find(tmp_path / "none", "anything")


# The index and its corpus


def strip_index(kg):
    """The corpus as an older kgtool leaves it: without the index."""
    with sqlite3.connect(kg / FILE_NAME) as db:
        for table in ("written", "named", "searchable", "called", "term", "indexed"):
            db.execute(f"DROP TABLE {table}")
    db.close()


def tables(kg):
    db = sqlite3.connect(kg / FILE_NAME)
    names = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    db.close()
    return names


def copied(kg, folder):
    return shutil.copytree(kg, folder / "kg")


def test_a_corpus_without_an_index_gets_one_and_loses_nothing(kg, tmp_path):
    old = copied(kg, tmp_path)
    strip_index(old)
    with Corpus.open(old) as corpus:
        before = (list(corpus.nodes()), list(corpus.statements()), corpus.state(), corpus.redirects())
    assert find(old, "reinforcment") == find(kg, "reinforcment")
    assert "indexed" in tables(old)
    with Corpus.open(old) as corpus:
        assert (list(corpus.nodes()), list(corpus.statements()), corpus.state(), corpus.redirects()) == before


def test_an_index_that_is_behind_is_made_anew(kg, tmp_path):
    old = copied(kg, tmp_path)
    with sqlite3.connect(old / FILE_NAME) as db:  # as an older kgtool does, which knows of no index
        db.execute("DELETE FROM node WHERE id = 'method:unet'")
        db.execute("INSERT INTO node VALUES ('method:fresh', 'Method', '{\"name\":\"FreshNet\"}')")
        db.execute("UPDATE meta SET value = 'another' WHERE key = 'fingerprint'")
    db.close()
    assert found(old, "freshnet") == ["method:fresh"]
    assert found(old, "unet") == ["method:unet-f3d7a9"]


def test_an_index_of_another_format_is_made_anew(kg, tmp_path, monkeypatch):
    old = copied(kg, tmp_path)
    monkeypatch.setattr(fulltext, "FORMAT_VERSION", fulltext.FORMAT_VERSION + 1)
    assert found(old, "unet")[0] == "method:unet"
    db = sqlite3.connect(old / FILE_NAME)
    assert db.execute("SELECT version FROM indexed").fetchall() == [(fulltext.FORMAT_VERSION,)]
    db.close()


@pytest.mark.parametrize("behind", [False, True])
def test_where_nothing_may_be_written_the_index_is_made_in_memory(kg, tmp_path, monkeypatch, behind):
    old = copied(kg, tmp_path)
    if behind:
        with sqlite3.connect(old / FILE_NAME) as db:
            db.execute("UPDATE indexed SET fingerprint = 'another'")
        db.close()
    else:
        strip_index(old)
    content = (old / FILE_NAME).read_bytes()
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert find(old, "reinforcment") == find(kg, "reinforcment")
    assert find(old, "method:old-name") == find(kg, "method:old-name")
    assert (old / FILE_NAME).read_bytes() == content


def test_the_index_changes_with_the_graph_in_one_transaction(tmp_path, monkeypatch):
    kg = store(tmp_path / "kg", [node("Method", "method:one", name="FirstNet", papers=1)])
    assert found(kg, "firstnet") == ["method:one"]
    write = fulltext.write

    def fail(*arguments):
        write(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(fulltext, "write", fail)
    with pytest.raises(KeyboardInterrupt):
        store(kg, [node("Method", "method:two", name="SecondNet", papers=1)])
    monkeypatch.undo()
    assert found(kg, "firstnet") == ["method:one"]
    assert found(kg, "secondnet") == []
    store(kg, [node("Method", "method:two", name="SecondNet", papers=1)])
    assert found(kg, "firstnet") == []
    assert found(kg, "secondnet") == ["method:two"]


def test_damage_is_one_clear_error(kg, tmp_path):
    old = copied(kg, tmp_path)
    strip_index(old)
    with sqlite3.connect(old / FILE_NAME) as db:
        db.execute("UPDATE node SET properties = '{' WHERE id = 'method:unet'")
    db.close()
    with pytest.raises(StoreError, match="the corpus is damaged"):
        find(old, "unet")


@pytest.mark.parametrize("seed", range(15))
def test_a_corpus_with_bytes_changed_answers_or_is_damaged(kg, tmp_path, seed):
    old = copied(kg, tmp_path)
    content = bytearray((old / FILE_NAME).read_bytes())
    chance = random.Random(seed)
    for _ in range(25):
        content[chance.randrange(4096, len(content))] = chance.randrange(256)
    (old / FILE_NAME).write_bytes(content)
    for text in ("reinforcment lerning", "policy", "cifar10"):
        with suppress(StoreError):
            found(old, text)


def test_without_fts5_it_is_said(kg, monkeypatch):
    monkeypatch.setattr(fulltext, "_SCHEMA", ("CREATE VIRTUAL TABLE main.written USING no_such_module(x)",))
    db = sqlite3.connect(":memory:")
    with pytest.raises(StoreError, match="lacks FTS5"):
        fulltext.write(db, "x")
    db.close()


# The command


def test_the_command(kg):
    done = run("find", "reinforcment lerning", "--kg", kg, "--label", "task", "-o", "jsonl")
    assert done.exit_code == 0
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["task:rl", "task:offline-rl"]
    done = run("find", "policy", "--kg", kg, "--label", "Paper", "--label", "Method", "--limit", 3, "-o", "csv")
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert tuple(rows[0]) == COLUMNS
    assert {row[0] for row in rows[1:]} == {"Paper", "Method"}
    assert len(rows) == 4
    assert "transformer" in run("find", "transformer", "--kg", kg, "-o", "table").stdout


@pytest.mark.parametrize("text", ["nosuchthing", "???", "\x00\x1b[31m", "🤖"])
def test_the_command_says_no_in_one_line(kg, text):
    done = run("find", text, "--kg", kg)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert re.fullmatch(r"kgtool: .*: nothing found\n", done.stderr)
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [["", "--kg", "KG"], ["x", "--limit", "0"], ["x", "--label", "Person"], ["x", "--kg", "/no/such/kg"]]
)
def test_the_command_used_wrongly(kg, arguments):
    done = run("find", *(kg if argument == "KG" else argument for argument in arguments))
    assert done.exit_code == 2
    assert done.stdout == ""


def test_the_first_id_feeds_every_other_command(example_kg):
    for text, options in [
        ("Cifar10", ("--dataset",)),
        ("transfomer", ("--method",)),
        ("reinforcment lerning", ("--task",)),
    ]:
        first, *_ = find(example_kg, text).records()
        assert read(example_kg, lambda reader, id_=first["id"]: find_node(reader, id_)).id == first["id"]
        assert run("show", first["id"], "--kg", example_kg, "-o", "json").exit_code == 0
        assert run("papers", *options, first["id"], "--kg", example_kg).exit_code == 0
        assert run("matrix", "methods", "datasets", *options, first["id"], "--kg", example_kg).exit_code == 0
        assert run("related", first["id"], "--kg", example_kg).exit_code in (0, 1)
    author = find(example_kg, "priya sankarlaal", label="Author").records()[0]["id"]
    assert author == "author:priya-sankarlal"
    assert run("papers", "--author", author, "--kg", example_kg).exit_code == 0


# Real digests


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The graph of the real digests, read by the dictionary extractor."""
    kg = tmp_path_factory.mktemp("real") / "kg"
    files = [read_digest(path) for path in sorted((SHARED / "digests").iterdir()) if path.suffix != ".jsonl"]
    build(kg, files, LexiconExtractor())
    return kg


@needs_shared
def test_every_real_node_is_found_by_its_name(real):
    with Corpus.open(real) as corpus:
        nodes = list(corpus.nodes())
    rng = random.Random(1)
    for each in rng.sample(nodes, 40):
        name = each.get("title") or each.get("name")
        rows = find(real, name, limit=50).records()
        named = [row["id"] for row in rows if verbatim_key(row["name"]) == verbatim_key(name)]
        assert each.id in named
        assert rows[0]["id"] in named
        assert found(real, each.id)[0] == each.id


@needs_shared
@pytest.mark.parametrize(
    ("text", "id_"),
    [("Cifar100", "dataset:cifar-100"), ("imagnet", "dataset:imagenet"), ("objcet detcetion", "task:object-detection")],
)
def test_real_misspelt(real, text, id_):
    assert found(real, text)[0] == id_


@needs_shared
def test_a_paper_is_found_by_words_of_its_abstract(real):
    with Corpus.open(real) as corpus:
        papers = [each for each in corpus.nodes() if each.label == "Paper" and len(each.get("abstract") or "") > 400]
    rng = random.Random(2)
    ranks = []
    for each in rng.sample(papers, 25):
        words = sorted(
            {term.text for term in terms(each.get("abstract")) if len(term.text) > 5 and term.text.isascii()}
        )
        ids = found(real, " ".join(rng.sample(words, 6)), label="Paper")
        ranks.append(ids.index(each.id) if each.id in ids else 99)
    assert sum(rank == 0 for rank in ranks) >= 23
    assert max(ranks) < 20


def test_a_digest_read_from_the_web_is_searched_as_it_is(tmp_path):
    text = (
        "#1 <b>Café</b> \"Networks\" & 'Graphs' [PDF]\nAuthors: A. B. Example\n"
        "We use LoRA on Cora; see \\textbf{Möbius} maps.\n"
    )
    kg = tmp_path / "kg"
    build(kg, [read_digest(Source.of_bytes("sample.txt", text.encode()))], LexiconExtractor())
    (row,) = find(kg, "mobius cafe", label="Paper").records()
    assert row["matched"] in (row["name"], "We use LoRA on Cora; see \\textbf{Möbius} maps.")
    assert found(kg, "lora")[0] == "method:lora"
