from __future__ import annotations

from pathlib import Path

import pytest

from kgtool import rdf
from kgtool.errors import StoreError
from kgtool.records import Node, Statement
from kgtool.stores import oxigraph

NODES = (
    Node("arxiv:2601.00001", "Paper", (("title", 'A "quoted" \\ title\nof two lines'),)),
    Node("author:ada-example", "Author", (("name", "Ada Example"),)),
    Node("category:Machine Learning, 50%", "Category", (("name", "Machine Learning, 50%"),)),
    Node("method:lora", "Method", (("aliases", ("LoRA", "low-rank adaptation")), ("name", "LoRA"), ("papers", 1))),
)
STATEMENTS = (
    Statement("author:ada-example", "wrote", "arxiv:2601.00001", (("position", 1),)),
    Statement("arxiv:2601.00001", "inCategory", "category:Machine Learning, 50%"),
)


def line(number: int) -> str:
    return f'<http://example.org/{number}> <http://example.org/p> "{number}" .'


def test_a_store_holds_what_it_was_made_of(tmp_path: Path) -> None:
    lines = list(rdf.triples(NODES, STATEMENTS))
    oxigraph.load(tmp_path / "rdf", lines)
    assert oxigraph.count_nodes(tmp_path / "rdf") == len(NODES)
    assert [found.strip() for found in oxigraph.dump(tmp_path / "rdf")] == sorted({found.strip() for found in lines})
    assert [path.name for path in tmp_path.iterdir()] == ["rdf"]


def test_a_store_is_made_of_a_file_too_and_its_order_does_not_matter(tmp_path: Path) -> None:
    source = tmp_path / "graph.nt"
    source.write_text("\n".join(line(number) for number in range(100)), "utf-8")
    oxigraph.load(tmp_path / "one", source)
    oxigraph.load(tmp_path / "two", (line(number) for number in reversed(range(100))))
    assert list(oxigraph.dump(tmp_path / "one")) == list(oxigraph.dump(tmp_path / "two"))


def test_an_empty_graph_is_a_store(tmp_path: Path) -> None:
    oxigraph.load(tmp_path / "rdf", [])
    assert list(oxigraph.dump(tmp_path / "rdf")) == []
    assert oxigraph.count_nodes(tmp_path / "rdf") == 0


def test_what_is_not_ntriples_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be made"):
        oxigraph.load(tmp_path / "rdf", ["this is no triple"])


def test_a_store_is_never_written_over(tmp_path: Path) -> None:
    oxigraph.load(tmp_path / "rdf", [line(1)])
    with pytest.raises(StoreError, match="not empty"):
        oxigraph.load(tmp_path / "rdf", [line(2)])
    assert list(oxigraph.dump(tmp_path / "rdf")) == [line(1)]


@pytest.mark.parametrize("content", [None, b"", b"no manifest"])
def test_a_missing_or_torn_store_is_an_error_and_is_not_made(tmp_path: Path, content: bytes | None) -> None:
    folder = tmp_path / "rdf"
    if content is not None:
        folder.mkdir()
        (folder / "CURRENT").write_bytes(content)
    with pytest.raises(StoreError):
        oxigraph.count_nodes(folder)
    assert folder.exists() == (content is not None)
