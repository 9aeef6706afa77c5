"""build and remove: incremental, idempotent, independent of order, and safe against kill -9."""

import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from samples import WORKED_EXAMPLE, LexiconExtractor

from kgtool.build import build as build_graph
from kgtool.build import remove
from kgtool.digests import Source, read_digest
from kgtool.errors import InputError, StoreError
from kgtool.records import Problem
from kgtool.stores import locks
from kgtool.stores.asking import ask_cypher, ask_sparql
from kgtool.stores.corpus import Corpus
from kgtool.stores.oxigraph import dump
from kgtool.stores.views import current_view
from kgtool.validate import validate


def build(kg, files, extractor):
    """Build, and hold what came out against the shapes: every graph conforms."""
    report = build_graph(kg, files, extractor)
    with Corpus.open(kg) as corpus:
        assert validate(tuple(corpus.nodes()), corpus.statements()).rows == ()
    return report


def state(kg):
    with Corpus.open(kg) as corpus:
        return corpus.state()


def quads(kg):
    with current_view(kg) as view:
        return list(dump(view.rdf))


def worked(text=WORKED_EXAMPLE, name="sample.txt"):
    return read_digest(Source.of_bytes(name, text.encode()))


def test_what_a_build_reports(tmp_path, extractor, example_files):
    report = build(tmp_path / "kg", example_files, extractor)
    assert [d.status for d in report.digests] == ["new"] * len(example_files)
    assert report.extracted == extractor.read >= 60
    assert report.nodes["Paper"] >= 60
    assert report.nodes["Digest"] == len(example_files)
    assert report.new_nodes == report.nodes
    assert not report.damaged


def test_a_second_build_does_nothing(tmp_path, extractor, example_files):
    kg = tmp_path / "kg"
    build(kg, example_files, extractor)
    before, read = state(kg), extractor.read
    report = build(kg, example_files, extractor)
    assert [d.status for d in report.digests] == ["unchanged"] * len(example_files)
    assert report.extracted == 0
    assert extractor.read == read
    assert not any(report.new_nodes.values())
    assert state(kg) == before


def test_the_order_of_digests_does_not_matter(tmp_path, extractor, example_files):
    together, apart = tmp_path / "together", tmp_path / "apart"
    build(together, example_files, extractor)
    for file in reversed(example_files):
        build(apart, [file], extractor)
    assert state(together).fingerprint == state(apart).fingerprint
    assert quads(together) == quads(apart)


def test_a_digest_taken_out_leaves_no_trace(tmp_path, extractor, example_files):
    kg, without = tmp_path / "kg", tmp_path / "without"
    *others, last = example_files
    build(without, others, extractor)
    build(kg, example_files, extractor)
    report = remove(kg, [f"digest:{last.digest.stem}"], extractor)
    assert [(d.digest, d.status, d.papers) for d in report.digests] == [(last.digest.stem, "removed", len(last.papers))]
    assert report.extracted == 0
    assert quads(kg) == quads(without)
    with pytest.raises(InputError, match="no such digest"):
        remove(kg, [last.digest.stem], extractor)


def test_a_digest_is_removed_by_its_file(tmp_path, extractor):
    path = tmp_path / "sample.txt"
    path.write_text(WORKED_EXAMPLE, encoding="utf-8")
    build(tmp_path / "kg", [read_digest(path)], extractor)
    assert remove(tmp_path / "kg", [str(path)], extractor).nodes == {}


def test_two_digests_of_one_name_are_told_apart(tmp_path, extractor):
    kg = tmp_path / "kg"
    other = WORKED_EXAMPLE.replace("GraphMend", "GraphBend")
    build(kg, [worked(), worked(other)], extractor)
    with pytest.raises(InputError, match="2 digests have this name"):
        remove(kg, ["sample"], extractor)
    report = remove(kg, [worked(other).digest.content_hash[:12]], extractor)
    assert report.nodes["Paper"] == 1


def test_one_content_under_two_names_is_one_digest_whichever_comes_first(tmp_path, extractor):
    one, two = worked(name="one.txt"), worked(name="two.txt")
    build(tmp_path / "a", [one, two], extractor)
    build(tmp_path / "b", [two, one], extractor)
    build(tmp_path / "c", [two], extractor)
    report = build(tmp_path / "c", [one], extractor)
    assert [d.status for d in report.digests] == ["unchanged"]
    assert quads(tmp_path / "a") == quads(tmp_path / "b") == quads(tmp_path / "c")


def test_a_paper_in_two_digests_is_one_paper(tmp_path, extractor):
    kg = tmp_path / "kg"
    build(kg, [worked(), worked("EXAMPLE.2026 - ML\n\n" + WORKED_EXAMPLE, "again.txt")], extractor)
    with current_view(kg) as view:
        query = "MATCH (p:Paper)-[r:LISTED_IN]->(d:Digest) RETURN p.id, d.id, r.rank ORDER BY d.id"
        rows = ask_cypher(view.ladybug, query, timeout=20).table.rows
    assert len({row[0] for row in rows}) == 1
    assert [row[1:] for row in rows] == [("digest:again", 1), ("digest:sample", 1)]


def test_damage_is_reported_and_the_rest_kept(tmp_path, extractor):
    good = worked()
    bad = replace(worked(name="bad.txt"), problems=(Problem("bad.txt", 3, "cut off: expected an abstract"),))
    report = build(tmp_path / "kg", [replace(bad, papers=()), good], extractor)
    assert report.damaged
    assert [d.status for d in report.digests] == ["unreadable", "new"]
    assert report.nodes["Paper"] == 1


def test_an_interrupted_build_goes_on_where_it_was(tmp_path, example_files):
    class Breaks(LexiconExtractor):
        def __call__(self, papers):
            for number, extraction in enumerate(super().__call__(papers)):
                if number == 64:
                    raise KeyboardInterrupt
                yield extraction

    breaking, going_on = Breaks(), LexiconExtractor()
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "kg", example_files, breaking)
    with Corpus.open(tmp_path / "kg") as corpus:
        assert corpus.state().generation == 0
    report = build(tmp_path / "kg", example_files, going_on)
    assert 0 < going_on.read == report.extracted < report.nodes["Paper"]


def test_another_extractor_reads_everything_again(tmp_path, extractor):
    class Newer(LexiconExtractor):
        name = "kgtool-0.1.0-lexicon-2"

    build(tmp_path / "kg", [worked()], extractor)
    assert build(tmp_path / "kg", [], Newer()).extracted == 1
    with current_view(tmp_path / "kg") as view:
        query = "SELECT DISTINCT ?a WHERE { ?s prov:wasGeneratedBy ?a }"
        assert ask_sparql(view.rdf, query, timeout=20).table.rows == (
            ("https://w3id.org/kgtool/activity/kgtool-0.1.0-lexicon-2",),
        )


def test_only_one_builds_at_a_time(tmp_path, extractor):
    kg = tmp_path / "kg"
    build(kg, [worked()], extractor)
    with (
        locks.exclusive(kg / "lock", 1, "is building"),
        pytest.raises(StoreError, match="another process is building"),
    ):
        build(kg, [worked()], extractor)


def test_views_are_made_again_from_the_corpus(tmp_path, extractor):
    kg = tmp_path / "kg"
    build(kg, [worked()], extractor)
    before = quads(kg)
    shutil.rmtree(kg / "views")
    assert quads(kg) == before
    (kg / "views" / "CURRENT").write_text("nonsense")
    assert quads(kg) == before
    with current_view(kg) as view:
        (view.folder / "manifest.json").write_text("{}")
    assert quads(kg) == before


def test_a_view_that_is_read_is_not_taken_away(tmp_path, extractor):
    kg = tmp_path / "kg"
    build(kg, [worked()], extractor)
    with current_view(kg) as old:
        build(kg, [worked(WORKED_EXAMPLE.replace("GraphMend", "GraphBend"), "other.txt")], extractor)
        assert ask_cypher(old.ladybug, "MATCH (p:Paper) RETURN count(p)", timeout=20).table.rows == ((1,),)
    build(kg, [worked(WORKED_EXAMPLE.replace("GraphMend", "GraphSend"), "third.txt")], extractor)
    assert not old.folder.exists()


def test_a_folder_that_is_no_graph_is_not_touched(tmp_path, extractor):
    (tmp_path / "corpus.sqlite").write_text("this is not a database, and long enough to tell" * 40)
    with pytest.raises(StoreError, match=r"corpus\.sqlite"):
        build(tmp_path, [worked()], extractor)
    with pytest.raises(StoreError, match="no knowledge graph here"):
        Corpus.open(tmp_path / "nowhere")


KILLED = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from samples import EXAMPLES, LexiconExtractor
from kgtool.build import build
from kgtool.digests import read_digest
print("ready", flush=True)
build(Path({kg!r}), [read_digest(Path(name)) for name in {names!r}], LexiconExtractor())
"""


def test_killed_at_any_moment_the_old_state_or_the_new_is_found(tmp_path, extractor, example_files):
    from samples import EXAMPLES

    old, new, kg = tmp_path / "old", tmp_path / "new", tmp_path / "kg"
    names = [str(EXAMPLES / file.digest.stem) for file in example_files]
    names = sorted(str(path) for path in EXAMPLES.iterdir() if str(path.with_suffix("")) in names)
    build(old, example_files[:1], extractor)
    build(new, example_files, extractor)
    possible = {state(old).fingerprint, state(new).fingerprint}
    expected = {state(old).fingerprint: quads(old), state(new).fingerprint: quads(new)}
    chance = random.Random(7)
    seen = []
    for _ in range(6):
        shutil.rmtree(kg, ignore_errors=True)
        shutil.copytree(old, kg)
        code = KILLED.format(tests=str(Path(__file__).parent), kg=str(kg), names=names)
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0.0, 1.2))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        found = state(kg).fingerprint
        assert found in possible
        assert quads(kg) == expected[found]
        seen.append(found)
    report = build(kg, example_files, extractor)
    assert state(kg).fingerprint == state(new).fingerprint
    assert report.nodes["Paper"] >= 60
