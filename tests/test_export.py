"""Exports: read back by other libraries, they hold what the corpus holds."""

import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import warnings
from collections import Counter
from contextlib import closing
from pathlib import Path

import networkx as nx
import pyarrow.csv
import pyarrow.parquet
import pyoxigraph
import pytest
import rdflib
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from kgtool import cypher, rdf, vocab
from kgtool.analysis.network import network
from kgtool.cli import main
from kgtool.errors import InputError, KgtoolError, StoreError
from kgtool.export import FORMATS, FileFormat, FolderFormat, export
from kgtool.export import tables as layout
from kgtool.records import Node, Statement
from kgtool.stores import oxigraph, views
from kgtool.stores.corpus import FILE_NAME, Corpus

FILES = [name for name, each in FORMATS.items() if isinstance(each, FileFormat)]
RDF = {"turtle": "turtle", "nquads": "nt", "jsonld": "json-ld"}
FOLDERS = [name for name, each in FORMATS.items() if isinstance(each, FolderFormat)]
TABLES = ["csv", "parquet"]
HOSTILE = (
    "a \"quoted\" \\ `tick` 'single'",
    "lines\nand\r\nreturns\rand\ttabs",
    "nul \0 bell \x07 escape \x1b delete \x7f",
    "not a character \ufffe \uffff, separators \u2028 \u2029 \x85",
    "right to left \u202eevil\u202c שלום مرحبا",
    "emoji 👩‍🔬 and 𝒳",
    "<script>alert(1)</script> &amp; ]]> <!-- -->",
    '=HYPERLINK("http://x")',
    "'=twice",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "＝1",
    "'plain",
    " spaced ",
    "a,b;c|d",
    "null",
    "NaN",
    "\\u0041 \\N",
    '["not a list"]',
)
PAPER = "arxiv:2601.00001"
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def store(kg, nodes, statements):
    """A graph as it stands, without digests behind it."""
    with Corpus.create_or_open(kg) as corpus:
        nodes = sorted(nodes, key=lambda node: node.id)
        corpus.replace_state([], [], (nodes, list(statements)), {}, "by-hand-1")
    return kg


def evidence(confidence=0.9, paper=PAPER, **more):
    found = {
        "charEnd": 4,
        "charStart": 0,
        "confidence": confidence,
        "extractor": "by-hand-1",
        "paper": paper,
        "sentence": 'Said "so".\n',
    }
    return tuple(sorted((found | more).items()))


def role(name, target, confidence=0.9, sure=0.95):
    mention = Statement(PAPER, "mentions", target, evidence(sure, role=name))
    return [mention, Statement(PAPER, vocab.ROLES[name], target, evidence(confidence))]


def by_hand(texts=HOSTILE):
    """One paper that uses methods whose names, aliases and notes are `texts`, with parallel edges."""
    nodes = [
        Node(
            PAPER,
            "Paper",
            (
                ("abstract", texts[0]),
                ("arxivId", "2601.00001"),
                ("published", "2026-01"),
                ("title", texts[-1]),
                ("tldr", ("zh-Hans", texts[0])),
            ),
        ),
        Node("doi:10.1/a(b)c<d>", "Paper", (("title", "="),)),
        Node("category:../up and: down%", "Category", (("name", "x"),)),
        Node("category:bad\x01", "Category", (("name", ""),)),
        Node("category:bad\x02", "Category", (("name", "y"),)),
        Node("digest:d", "Digest", (("name", "d"), ("published", "no date"))),
        Node("author:a", "Author", (("name", "A. Author"),)),
        Node("task:t.", "Task", (("aliases", ()), ("name", "t"), ("papers", 1), ("specificity", 0.25))),
    ]
    statements = [
        Statement("author:a", "wrote", PAPER, (("position", 1),)),
        Statement("author:a", "wrote", "doi:10.1/a(b)c<d>", (("position", 2),)),
        Statement(PAPER, "inCategory", "category:../up and: down%"),
        Statement(PAPER, "inCategory", "category:bad\x01"),
        Statement(PAPER, "inCategory", "category:bad\x02"),
        Statement(PAPER, "listedIn", "digest:d", (("rank", 1),)),
        *role("addresses", "task:t."),
    ]
    for number, text in enumerate(texts):
        method = f"method:m{number}"
        properties = (("aliases", (text, "other")), ("name", text), ("papers", number), ("specificity", 1e-05 * number))
        nodes.append(Node(method, "Method", properties))
        statements += role("uses", method, confidence=number / len(texts))
        statements.append(Statement(method, "usedFor", "task:t.", evidence(0.5, sentence=text)))
        statements.append(Statement(method, "usedFor", "task:t.", evidence(0.5, "doi:10.1/a(b)c<d>", sentence=text)))
    return nodes, statements


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return store(tmp_path_factory.mktemp("hostile") / "kg", *by_hand())


def content(kg):
    with Corpus.open(kg) as corpus:
        return list(corpus.nodes()), list(corpus.statements())


def exported(kg, format_, folder, **options):
    out = folder / f"out-{format_}"
    export(kg, format_, out, **options)
    return out


def lines_of(kg, **options):
    return "".join(rdf.triples(*content(kg), **options))


# RDF


def parsed(path, format_):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's parser of JSON-LD uses what rdflib gives up
        return rdflib.Graph().parse(path, format=RDF[format_])


@pytest.mark.parametrize("evidence_", ["statement", "full"])
@pytest.mark.parametrize("format_", RDF)
def test_rdf_is_isomorphic_to_the_triples_of_the_corpus(hostile, tmp_path, format_, evidence_):
    out = exported(hostile, format_, tmp_path, evidence=evidence_)
    expected = rdflib.Graph().parse(data=lines_of(hostile, evidence=evidence_), format="nt")
    assert len(expected) > 300
    assert isomorphic(parsed(out, format_), expected)


@pytest.mark.parametrize("format_", RDF)
def test_rdf_of_the_examples_equals_the_view(example_kg, tmp_path, format_):
    formats = {"turtle": "TURTLE", "nquads": "N_QUADS", "jsonld": "JSON_LD"}
    text = exported(example_kg, format_, tmp_path).read_bytes()
    found = {
        str(quad.triple) for quad in pyoxigraph.parse(text, format=getattr(pyoxigraph.RdfFormat, formats[format_]))
    }
    with views.current_view(example_kg) as view:
        assert found == {line.removesuffix(" .") for line in oxigraph.dump(view.rdf)}


def test_nquads_hold_no_line_twice(example_kg, tmp_path):
    lines = exported(example_kg, "nquads", tmp_path).read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(set(lines))
    assert set(lines) == set(lines_of(example_kg).splitlines())


def test_turtle_has_a_block_for_each_subject_and_short_names(hostile, tmp_path):
    text = exported(hostile, "turtle", tmp_path).read_text(encoding="utf-8")
    subjects = re.findall(r"^([a-z]+:\S+|<\S+>) (?=a |kg:)", text, re.M)
    assert len(subjects) == len(set(subjects))
    assert f"\n{PAPER} a kg:Paper , schema:ScholarlyArticle ;\n" in text
    assert "kg:usedFor <https://w3id.org/kgtool/task/t.>" in text
    assert "    kg:papers 3 ;\n" in text
    assert "dcterms:creator author:a ." in text


def test_json_ld_has_the_names_of_the_context(hostile, tmp_path):
    document = json.loads(exported(hostile, "jsonld", tmp_path).read_text(encoding="utf-8"))
    assert document["@context"] == json.loads(vocab.ontology_file("context.jsonld").read_text("utf-8"))["@context"]
    by_id = {item["id"]: item for item in document["@graph"]}
    assert len(by_id) == len(document["@graph"])
    paper = by_id["https://w3id.org/kgtool/arxiv/2601.00001"]
    assert paper["type"] == ["Paper", "schema:ScholarlyArticle"]
    assert paper["identifier"] == PAPER
    assert paper["title"] == HOSTILE[-1]
    assert paper["tldr"] == {"zh-Hans": HOSTILE[0]}
    assert paper["creator"] == "https://w3id.org/kgtool/author/a"
    assert paper["published"] == {"@value": "2026-01", "@type": "xsd:gYearMonth"}
    method = by_id["https://w3id.org/kgtool/method/m1"]
    assert method["aliases"] == [HOSTILE[1], "other"]
    assert method["papers"] == 1


def test_another_base_is_what_all_iris_of_nodes_begin_with(hostile, tmp_path):
    base = "urn:mine:"
    for format_ in RDF:
        graph = parsed(exported(hostile, format_, tmp_path, base=base), format_)
        assert isomorphic(graph, rdflib.Graph().parse(data=lines_of(hostile, base=base), format="nt"))
        assert (rdflib.URIRef("urn:mine:method/m1"), None, None) in graph


@pytest.mark.parametrize("format_", RDF)
@pytest.mark.parametrize("base", ["no iri", "nothing", "http://x/<y>"])
def test_a_base_that_is_no_iri_is_refused(hostile, tmp_path, format_, base):
    with pytest.raises(InputError, match="is no IRI"):
        exported(hostile, format_, tmp_path, base=base)
    assert not list(tmp_path.iterdir())


def test_a_base_that_json_ld_would_read_as_a_prefix_is_refused(hostile, tmp_path):
    with pytest.raises(InputError, match="prefix skos"):
        exported(hostile, "jsonld", tmp_path, base="skos:")
    assert exported(hostile, "turtle", tmp_path, base="skos:").exists()


def test_a_mention_whose_stronger_edge_is_left_out_keeps_its_evidence(tmp_path):
    nodes, _ = by_hand()
    kg = store(tmp_path / "kg", nodes, [*role("uses", "method:m1", 0.4, 0.9), *role("uses", "method:m2", 0.8, 0.9)])
    graph = rdflib.Graph().parse(exported(kg, "nquads", tmp_path, min_confidence=0.5), format="nt")
    found = {
        (str(row.p).rpartition("#")[2], str(row.o).rpartition("/")[2])
        for row in graph.query("SELECT ?p ?o { ?s rdf:predicate ?p ; rdf:object ?o }")
    }
    assert found == {("mentions", "m1"), ("uses", "m2")}
    assert not list(
        graph.triples((None, rdflib.URIRef(vocab.KG.uses), rdflib.URIRef("https://w3id.org/kgtool/method/m1")))
    )


# GraphML and GEXF


def restored(graph):
    """Lists as docs/exports.md says how to get them back."""
    for _, data in graph.nodes(data=True):
        if "aliases" in data:
            data["aliases"] = tuple(json.loads(data["aliases"]))
    return graph


def attributes(graph):
    nodes = dict(graph.nodes(data=True))
    edges = Counter(
        (source, target, tuple(sorted((name, value) for name, value in data.items() if name != "id")))
        for source, target, data in graph.edges(data=True)
    )
    return nodes, edges


def xml_text(value):
    """What the documentation says of characters that XML cannot hold."""
    if isinstance(value, tuple):
        return tuple(map(xml_text_in_list, value))
    return NO_XML.sub("\ufffd", value) if isinstance(value, str) else value


def xml_text_in_list(text):
    """In a list JSON escapes control characters, and so they survive XML."""
    return "".join(char if char < " " else xml_text(char) for char in text)


def as_xml_has_it(graph):
    """Without the nodes whose ids it cannot hold."""
    mapped = graph.copy()
    mapped.remove_nodes_from([node for node in graph if NO_XML.search(node)])
    elements = [data for _, data in mapped.nodes(data=True)] + [data for *_, data in mapped.edges(data=True)]
    for data in elements:
        data.update({name: xml_text(value) for name, value in data.items()})
    return mapped


def without_bad_ids(graph):
    graph.remove_nodes_from([node for node in graph if "\ufffd" in node])
    return graph


def test_graphml_is_the_network_again(hostile, example_kg, tmp_path):
    for kg in (hostile, example_kg):
        graph = nx.read_graphml(exported(kg, "graphml", tmp_path))
        assert isinstance(graph, nx.MultiDiGraph)
        assert graph.number_of_edges() == network(kg).number_of_edges()
        assert attributes(without_bad_ids(restored(graph))) == attributes(as_xml_has_it(network(kg)))


def test_gexf_is_the_network_again(hostile, example_kg, tmp_path):
    for kg in (hostile, example_kg):
        graph = nx.read_gexf(exported(kg, "gexf", tmp_path))
        assert isinstance(graph, nx.MultiDiGraph)
        expected = as_xml_has_it(network(kg))
        names = {node: data.get("name") or data.get("title") or node for node, data in expected.nodes(data=True)}
        found = without_bad_ids(restored(graph))
        assert {node: data["label"] for node, data in found.nodes(data=True)} == names
        for _, data in found.nodes(data=True):
            data["label"] = data.pop("class")
        assert attributes(found) == attributes(expected)


@pytest.mark.parametrize("format_", ["graphml", "gexf"])
def test_ids_that_xml_cannot_hold_stay_apart(hostile, tmp_path, format_):
    graph = getattr(nx, f"read_{format_}")(exported(hostile, format_, tmp_path))
    assert graph.number_of_nodes() == network(hostile).number_of_nodes()
    assert sorted(graph.nodes[node]["name"] for node in graph if node.startswith("category:bad")) == ["", "y"]


@pytest.mark.parametrize("format_", ["graphml", "gexf"])
def test_places_are_not_taken_for_times(example_kg, tmp_path, format_):
    text = exported(example_kg, format_, tmp_path).read_text(encoding="utf-8")
    assert "charStart" in text
    assert not re.search(r'(?<![A-Za-z])(?:start|end)="', text)


@pytest.mark.parametrize("format_", ["graphml", "gexf"])
def test_edges_that_are_not_sure_are_left_out(hostile, tmp_path, format_):
    graph = getattr(nx, f"read_{format_}")(exported(hostile, format_, tmp_path, min_confidence=0.6))
    assert graph.number_of_edges() == network(hostile, min_confidence=0.6).number_of_edges()
    assert graph.number_of_nodes() == network(hostile).number_of_nodes()


# Tables


def expected_rows(kg):
    nodes, statements = content(kg)
    found = {name: [] for name in layout.columns()}
    for label in vocab.LABELS:
        found[f"nodes/{label}"] = [tuple(row) for row in cypher.node_rows(label, nodes)]
    labels = {node.id: node.label for node in nodes}
    for row in cypher.relationship_rows(statements, labels.__getitem__):
        found[f"edges/{row.type}"].append((row.from_id, row.to_id, *row.values))
    return found


def unguarded(text):
    """As docs/exports.md says: one ``'`` less, where a sign of a formula is behind it."""
    return re.sub("^'(?='*[=+\\-@\t\r\n＝＋－＠])", "", text)


def read_csv(path, columns):
    types = {"STRING": pyarrow.string(), "INT64": pyarrow.int64(), "DOUBLE": pyarrow.float64()}
    table = pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={name: types.get(type_, pyarrow.string()) for name, type_ in columns},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    lists = {name for name, type_ in columns if type_ == "STRING[]"}
    for row in table.to_pylist():
        assert list(row) == [name for name, _ in columns]
        yield tuple(
            value if not isinstance(value, str) else tuple(json.loads(value)) if name in lists else unguarded(value)
            for name, value in row.items()
        )


def read_parquet(path, columns):
    for row in pyarrow.parquet.read_table(path).to_pylist():
        assert list(row) == [name for name, _ in columns]
        yield tuple(tuple(value) if isinstance(value, list) else value for value in row.values())


@pytest.mark.parametrize("format_", TABLES)
def test_tables_hold_what_the_corpus_holds(hostile, example_kg, tmp_path, format_):
    read = {"csv": read_csv, "parquet": read_parquet}[format_]
    for kg in (hostile, example_kg):
        out = exported(kg, format_, tmp_path)
        expected = expected_rows(kg)
        assert sum(map(len, expected.values())) > 50
        for name, columns in layout.columns().items():
            assert list(read(out / f"{name}.{format_}", columns)) == expected[name], name


def test_csv_is_read_by_the_csv_module_of_python(hostile, tmp_path):
    out = exported(hostile, "csv", tmp_path)
    with (out / "nodes" / "Method.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert Counter(unguarded(row["name"]) for row in rows) == Counter(HOSTILE)
    assert [json.loads(row["aliases"]) for row in rows if row["id"] == "method:m1"] == [[HOSTILE[1], "other"]]


def test_no_cell_of_csv_begins_like_a_formula(hostile, tmp_path):
    out = exported(hostile, "csv", tmp_path)
    for path in out.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            assert not [cell for row in csv.reader(file) for cell in row if re.match("[=+\\-@\t\r\n＝＋－＠]", cell)]
    with (out / "nodes" / "Method.csv").open(encoding="utf-8", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    assert {'\'=HYPERLINK("http://x")', "''=twice", "'+1", "'plain"} <= set(names)


def test_lone_surrogates_become_replacement_characters_everywhere(tmp_path):
    kg = store(tmp_path / "kg", *by_hand(("a☃b",)))
    for table in ("node", "statement"):
        with closing(sqlite3.connect(kg / FILE_NAME)) as db, db:
            db.execute(f"UPDATE {table} SET properties = replace(properties, '\\u2603', '\\ud800')")
    good = "a\ufffdb"
    for format_ in FILES:
        assert good in exported(kg, format_, tmp_path).read_text(encoding="utf-8")
    assert good in (exported(kg, "csv", tmp_path) / "nodes" / "Method.csv").read_text(encoding="utf-8")
    table = pyarrow.parquet.read_table(exported(kg, "parquet", tmp_path) / "nodes" / "Method.parquet").to_pylist()
    assert (table[0]["name"], table[0]["aliases"]) == (good, [good, "other"])


@given(text=st.text(st.characters(), max_size=20))
@settings(max_examples=15, deadline=None)
def test_any_text_survives_every_format(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("any")
    kg = store(folder / "kg", *by_hand((text,)))
    whole = re.sub("[\ud800-\udfff]", "\ufffd", text)
    expected = rdflib.Graph().parse(data=lines_of(kg), format="nt")
    for format_ in RDF:
        assert isomorphic(parsed(exported(kg, format_, folder), format_), expected)
    graph = nx.read_graphml(exported(kg, "graphml", folder))
    assert graph.nodes["method:m0"]["name"] == xml_text(whole)
    assert json.loads(graph.nodes["method:m0"]["aliases"]) == [xml_text_in_list(whole), "other"]
    assert nx.read_gexf(exported(kg, "gexf", folder)).nodes["method:m0"]["name"] == xml_text(whole)
    columns = layout.columns()["nodes/Method"]
    for format_, read in (("csv", read_csv), ("parquet", read_parquet)):
        ((_, name, aliases, _, _),) = read(exported(kg, format_, folder) / f"nodes/Method.{format_}", columns)
        assert (name, aliases) == (whole, (whole, "other"))


# What all formats share


def everything(out):
    paths = sorted(out.rglob("*")) if out.is_dir() else [out]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths if path.is_file()}


@pytest.mark.parametrize("format_", FILES + TABLES)
def test_equal_graphs_give_equal_bytes(hostile, tmp_path, format_):
    (tmp_path / "again").mkdir()
    code = "import sys; from pathlib import Path; from kgtool.export import export; "
    code += "export(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))"
    other = tmp_path / "again" / "out"
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", code, hostile, format_, other], check=True, env=environment)
    assert everything(exported(hostile, format_, tmp_path)) == everything(other)


@pytest.mark.parametrize("format_", FILES + TABLES)
def test_an_empty_graph_is_exported(tmp_path, format_):
    kg = store(tmp_path / "kg", [], [])
    out = exported(kg, format_, tmp_path)
    if format_ in RDF:
        assert len(parsed(out, format_)) == 0
    elif format_ in FILES:
        assert len(getattr(nx, f"read_{format_}")(out)) == 0
    else:
        read = {"csv": read_csv, "parquet": read_parquet}[format_]
        assert not [
            row for name, columns in layout.columns().items() for row in read(out / f"{name}.{format_}", columns)
        ]


@pytest.mark.parametrize("format_", FILES + TABLES)
def test_an_export_that_fails_leaves_what_was_there(hostile, tmp_path, monkeypatch, format_):
    before = everything(exported(hostile, format_, tmp_path))

    nodes, _ = content(hostile)

    def torn(self, *_):
        yield nodes[0]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Corpus, "nodes", torn)
    with pytest.raises(KgtoolError, match=f"out-{format_}: cannot be written: No space left"):
        exported(hostile, format_, tmp_path)
    with pytest.raises(KgtoolError, match="No space left"):
        export(hostile, format_, tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == [f"out-{format_}"]
    assert everything(tmp_path / f"out-{format_}") == before


@pytest.mark.parametrize("format_", FILES + TABLES)
def test_an_interrupted_export_leaves_nothing(hostile, tmp_path, monkeypatch, format_):
    _, statements = content(hostile)

    def interrupted(self, *_):
        yield from statements[:3]
        raise KeyboardInterrupt

    monkeypatch.setattr(Corpus, "statements", interrupted)
    with pytest.raises(KeyboardInterrupt):
        exported(hostile, format_, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
def test_a_full_disk_is_told(hostile, tmp_path):
    result = run("export", "turtle", "--out", "/dev/full", "--kg", hostile)
    assert (result.exit_code, result.stderr) == (2, "kgtool: /dev/full: cannot be written: No space left on device\n")
    assert Path("/dev/full").is_char_device()


@pytest.mark.parametrize("format_", TABLES)
def test_an_earlier_export_is_replaced_but_nothing_else(hostile, example_kg, tmp_path, format_):
    first = everything(exported(hostile, format_, tmp_path))
    assert everything(exported(example_kg, format_, tmp_path)) != first
    other = tmp_path / f"out-{format_}" / "nodes" / "mine.txt"
    other.write_text("mine")
    with pytest.raises(InputError, match=r"holds other things \(nodes/mine.txt\)"):
        exported(hostile, format_, tmp_path)
    assert other.read_text() == "mine"
    other.unlink()
    (tmp_path / f"out-{format_}" / "folder").mkdir()
    with pytest.raises(InputError, match=r"holds other things \(folder\)"):
        exported(hostile, format_, tmp_path)


def test_a_folder_where_a_file_belongs_and_the_other_way_round(hostile, tmp_path):
    with pytest.raises(InputError, match="one file"):
        export(hostile, "turtle", tmp_path)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="a folder of several"):
        export(hostile, "csv", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"
    with pytest.raises(InputError, match="want a folder"):
        export(hostile, "csv", io.BytesIO())


def test_a_link_stays_a_link(hostile, tmp_path):
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to(target)
    export(hostile, "nquads", link)
    assert link.is_symlink()
    assert target.stat().st_size > 1000


def test_wrong_options_are_refused(hostile, tmp_path):
    with pytest.raises(InputError, match="no format; expected one of turtle"):
        export(hostile, "word", tmp_path / "x")
    with pytest.raises(InputError, match="are for turtle, nquads, jsonld"):
        export(hostile, "csv", tmp_path / "x", evidence="full")
    with pytest.raises(InputError, match="are for turtle, nquads, jsonld"):
        export(hostile, "gexf", tmp_path / "x", base="http://example.org/")
    with pytest.raises(StoreError, match="no knowledge graph here"):
        export(tmp_path / "nowhere", "csv", tmp_path / "x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format_", FILES)
def test_standard_output_gets_the_same_bytes(hostile, tmp_path, format_):
    result = run("export", format_, "--out", "-", "--kg", hostile)
    assert result.exit_code == 0
    assert result.stdout_bytes == exported(hostile, format_, tmp_path).read_bytes()
    assert not result.stderr


def test_the_command_says_what_it_wrote(hostile, tmp_path):
    result = run("export", "csv", "--out", tmp_path / "tables", "--kg", hostile)
    assert result.exit_code == 0
    assert not result.stdout
    assert re.fullmatch(r"Wrote \S+tables: \d+\.\d kB\.\n", result.stderr)
    assert run("export", "csv", "--out", "-", "--kg", hostile).exit_code == 2
    assert run("export", "word", "--out", "-", "--kg", hostile).exit_code == 2
    assert run("export", "csv", "--kg", hostile).exit_code == 2


# As large as it may be

GROWTH = """
import re, sys
from pathlib import Path
from kgtool.export import export
export(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""
"""Prints the peak of memory in kB. The ru_maxrss of a child is at least what its parent had when it was forked."""


def made_up(kg, papers):
    """So many papers of 10 kB with 12 edges each."""
    nodes = [Node(f"method:m{i}", "Method", (("name", f"M {i}"), ("papers", 1))) for i in range(papers)]
    statements = []
    for i in range(papers):
        id_ = f"arxiv:{i:010}"
        nodes.append(Node(id_, "Paper", (("abstract", f"{i:05}" * 2000), ("title", f"Paper {i}"))))
        for j in range(4):
            target = f"method:m{(i * 7 + j) % papers}"
            found = evidence(0.9, id_, sentence=f"Sentence {i} {j} " * 10)
            statements.append(Statement(id_, "mentions", target, tuple(sorted((*found, ("role", "uses"))))))
            statements.append(Statement(id_, "uses", target, found))
            statements.append(Statement(target, "usedFor", f"method:m{(i + j + 1) % papers}", found))
    return store(kg, nodes, statements)


@pytest.fixture(scope="module")
def two_sizes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sizes")
    return [made_up(folder / str(papers), papers) for papers in (200, 2000)]


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read as Linux tells it")
@pytest.mark.parametrize("format_", FILES + TABLES)
def test_memory_does_not_grow_with_the_graph(two_sizes, tmp_path, format_):
    peaks = []
    for number, kg in enumerate(two_sizes):
        command = [sys.executable, "-c", GROWTH, kg, format_, tmp_path / str(number)]
        peaks.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / 1024)
    # In memory the larger graph takes 60 MB. Parquet wants room until the row groups of all tables have once been full.
    assert peaks[1] - peaks[0] < 30, peaks
