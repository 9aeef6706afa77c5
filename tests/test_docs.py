"""Docs are true: the README's commands print what it says, the CLI reference is the program's own."""

import importlib.util
import re
import subprocess
import sys

import pytest
from samples import ROOT

spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*.md")])


def test_the_readme_is_what_its_commands_print():
    assert generate.README.read_text(encoding="utf-8") == generate.readme()


def test_the_page_of_exploring_is_what_its_commands_print():
    assert generate.EXPLORING.read_text(encoding="utf-8") == generate.exploring()


def test_the_cli_reference_is_the_programs_help():
    assert generate.CLI.read_text(encoding="utf-8") == generate.cli_reference()


def test_the_page_of_the_canned_queries_is_made_of_their_files():
    assert generate.QUERIES.read_text(encoding="utf-8") == generate.query_reference()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", prose):
        if page.parent.name != "examples" or page.stem == "README":
            assert (page.parent / target).exists(), target


def test_the_demo_answers_both_questions(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "demo.py", tmp_path / "kg"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    sparql, cypher = done.stdout.split("SPARQL:")[1].split("Cypher:")
    assert len(sparql.strip().splitlines()) >= 7
    assert "ImageNet" in sparql
    assert len(cypher.strip().splitlines()) >= 4
    assert f"The graph lies in {tmp_path / 'kg'}" in done.stdout
