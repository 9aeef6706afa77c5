from __future__ import annotations

import time
from pathlib import Path

import pytest

from kgtool.errors import QueryError
from kgtool.records import Node, Statement, Value
from kgtool.stores import ladybug
from kgtool.stores.asking import ask_cypher
from kgtool.stores.cypher_guard import check_plan, check_text, mask
from kgtool.stores.cypher_idioms import idiom_notes, refuse_idioms
from kgtool.stores.cypher_notes import notes
from kgtool.stores.protocol import Answer

EVIDENCE: tuple[tuple[str, Value], ...] = (
    ("charEnd", 9),
    ("charStart", 3),
    ("confidence", 0.93),
    ("extractor", "kgtool-0.1.0"),
    ("paper", "arxiv:2601.00001"),
    ("sentence", "COPY this; LOAD FROM 'x'"),
)
NODES = [
    Node("arxiv:2601.00001", "Paper", (("title", "COPY that"),)),
    Node("arxiv:2601.00002", "Paper", (("title", "Another"),)),
    Node("author:ada", "Author", (("name", "Ada"),)),
    Node("author:ben", "Author", (("name", "Ben"),)),
    Node("method:lora", "Method", (("aliases", ("LoRA", "low rank")), ("name", "LoRA"), ("papers", 2))),
    Node("method:gcn", "Method", (("name", "GCN"), ("papers", 3))),
]
STATEMENTS = [
    Statement("author:ada", "wrote", "arxiv:2601.00001", (("position", 1),)),
    Statement("author:ben", "wrote", "arxiv:2601.00001", (("position", 2),)),
    Statement("arxiv:2601.00001", "uses", "method:lora", EVIDENCE),
]


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("views")
    ladybug.load(folder / "graph.lbug", NODES, STATEMENTS)
    (folder / "table.csv").write_text("a,b\n1,2\n", "utf-8")
    return folder / "graph.lbug"


def cypher(view: Path, query: str, **parameters: Value | list[str]) -> Answer:
    return ask_cypher(view, query, parameters, timeout=20)  # type: ignore[arg-type]


def files(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*")}


NOT_READING = [
    "COPY (MATCH (p:Paper) RETURN p.*) TO '{folder}/out.csv'",
    "COPY (MATCH (p:Paper) RETURN p.*) TO '{folder}/out.parquet'",
    "copy(MATCH (p:Paper) RETURN p.id)to'{folder}/out.csv'",
    "/* harmless */ COPY (RETURN 1) TO '{folder}/out.csv'",
    "// harmless\nCOPY (RETURN 1) TO '{folder}/out.csv'",
    "/* */ // MATCH\n\t\u2003COPY (RETURN 1) TO '{folder}/out.csv'",
    "PROFILE COPY (RETURN 1) TO '{folder}/out.csv'",
    "EXPLAIN COPY (RETURN 1) TO '{folder}/out.csv'",
    "EXPLAIN LOGICAL COPY (RETURN 1) TO '{folder}/out.csv'",
    "PROFILE RETURN 1",
    "RETURN 1; COPY (RETURN 1) TO '{folder}/out.csv'",
    "RETURN 1;;\nCOPY (RETURN 1) TO '{folder}/out.csv';",
    "RETURN ';' AS x; EXPORT DATABASE '{folder}/out'",
    "RETURN 1 UNION COPY (RETURN 1) TO '{folder}/out.csv'",
    "COPY Paper FROM '{folder}/table.csv'",
    "LOAD FROM '{folder}/table.csv' RETURN *",
    "load /* */ from '{folder}/table.csv' RETURN *",
    "LOAD WITH HEADERS (a INT64, b INT64) FROM '{folder}/table.csv' RETURN *",
    "LOAD CSV FROM '{folder}/table.csv' AS row RETURN row",
    "WITH 1 AS x LOAD FROM '{folder}/table.csv' RETURN *",
    "MATCH (p:Paper) LOAD // from\n FROM '{folder}/table.csv' RETURN *",
    "WITH 1 AS x LOAD WITH HEADERS (a INT64, b INT64) FROM '{folder}/table.csv' RETURN a, b, x",
    "LOAD FROM query RETURN *",
    "EXPORT DATABASE '{folder}/out'",
    "EXPLAIN EXPORT DATABASE '{folder}/out'",
    "/**/EXPORT DATABASE '{folder}/out'",
    "IMPORT DATABASE '{folder}/out'",
    "INSTALL json",
    "FORCE INSTALL httpfs",
    "INSTALL httpfs FROM 'http://127.0.0.1:9/'",
    "UPDATE EXTENSION json",
    "UNINSTALL json",
    "LOAD EXTENSION json",
    "LOAD EXTENSION '{folder}/evil.so'",
    "ATTACH '{folder}/other.lbug' AS other (dbtype lbug)",
    "DETACH other",
    "USE other",
    "CALL timeout=0",
    "CALL threads=64",
    "call /* */ progress_bar = true",
    "CALL current_setting('threads') RETURN *",
    "CALL project_graph('g', ['Paper'], ['USES'])",
    "CALL project_graph_cypher('g', 'MATCH (n) RETURN n')",
    "CALL clear_warnings()",
    "CALL read_csv_parallel('{folder}/table.csv') RETURN *",
    "CALL read_parquet('{folder}/table.csv') RETURN *",
    "CALL storage_info('Paper') RETURN *",
    "MATCH (p:Paper) CALL bm_info() RETURN *",
    "CREATE (:Method {{id: 'x'}})",
    "MATCH (p:Paper) CREATE (:Method {{id: 'x'}})",
    "MERGE (:Method {{id: 'x'}})",
    "MATCH (p:Paper) MERGE (m:Method {{id: 'x'}}) RETURN m",
    "MATCH (p:Paper) SET p.title = ''",
    "MATCH (p:Paper) DELETE p",
    "MATCH (p:Paper) DETACH DELETE p",
    "MATCH (p:Paper) REMOVE p.title",
    "FOREACH (x IN [1] | CREATE (:Method))",
    "CREATE NODE TABLE T(id STRING PRIMARY KEY)",
    "CREATE MACRO f(x) AS x + 1",
    "CREATE SEQUENCE s",
    "RETURN nextval('s')",
    "CREATE TYPE t AS INT64",
    "DROP TABLE USES",
    "DROP MACRO type",
    "ALTER TABLE Paper ADD x INT64",
    "COMMENT ON TABLE Paper IS 'x'",
    "ANALYZE",
    "BEGIN TRANSACTION",
    "BEGIN TRANSACTION READ ONLY",
    "COMMIT",
    "ROLLBACK",
    "CHECKPOINT",
    "SHOW TABLES",
    "\\u0043OPY (RETURN 1) TO '{folder}/out.csv'",
    "`COPY` (RETURN 1) TO '{folder}/out.csv'",
    "\ufeffCOPY (RETURN 1) TO '{folder}/out.csv'",
    "\0COPY (RETURN 1) TO '{folder}/out.csv'",
    "RETURN 1\0; COPY (RETURN 1) TO '{folder}/out.csv'",
    "/* unclosed COPY (RETURN 1) TO '{folder}/out.csv'",
    "/*/ RETURN 1 /*/ COPY (RETURN 1) TO '{folder}/out.csv'",
    "RETURN 'it''s'; COPY (RETURN 1) TO '{folder}/out.csv' //'",
    "RETURN 'a\\\\'; COPY (RETURN 1) TO '{folder}/out.csv' //'",
    "RETURN \"'\"; COPY (RETURN 1) TO '{folder}/out.csv' //\"",
]


@pytest.mark.parametrize("query", NOT_READING)
def test_what_does_more_than_read_the_graph_is_refused(view: Path, query: str) -> None:
    query = query.format(folder=view.parent)
    before = files(view.parent)
    with pytest.raises(QueryError):
        cypher(view, query)
    assert files(view.parent) == before


@pytest.mark.parametrize(
    "query", NOT_READING[:2] + NOT_READING[15:17] + ["INSTALL json", "CALL timeout=0", "CHECKPOINT"]
)
def test_the_plan_refuses_it_too(view: Path, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the check of the text away, that of the plan would hold."""
    from kgtool.stores import cypher_guard, cypher_query

    monkeypatch.setattr(cypher_guard, "check_text", lambda query: 0)
    before = files(view.parent)
    with pytest.raises(QueryError, match="is not allowed: queries only read the graph here"):
        list(cypher_query.answer(str(view), query.format(folder=view.parent), {}, 1 << 28))
    assert files(view.parent) == before


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("RETURN 'COPY (RETURN 1) TO x; LOAD FROM y' AS x", (("COPY (RETURN 1) TO x; LOAD FROM y",),)),
        ('RETURN "CREATE; /* DROP */ // INSTALL" AS x', (("CREATE; /* DROP */ // INSTALL",),)),
        ("// COPY (RETURN 1) TO 'x'\nRETURN 1", ((1,),)),
        ("/* EXPORT DATABASE 'x'; */ RETURN 1 // ; LOAD FROM 'x'", ((1,),)),
        ("RETURN 1 AS `LOAD FROM`, 2 AS COPY", ((1, 2),)),
        ("RETURN 1;", ((1,),)),
        ("  \n\tRETURN 1 ;\n", ((1,),)),
        ("MATCH (p:Paper) WHERE p.title STARTS WITH 'COPY' RETURN p.id", (("arxiv:2601.00001",),)),
        ("MATCH ()-[r:USES]->() RETURN r.sentence", (("COPY this; LOAD FROM 'x'",),)),
        (
            "RETURN 'COPY_TO[0]', '│ COPY_TO[0] │'",
            (("COPY_TO[0]", "│ COPY_TO[0] │"),),
        ),
        ("MATCH (a:Paper), (b:Paper) WHERE a.title = 'x\ny' AND b.title = '┌─\n│' RETURN a, b", ()),
        ("UNWIND [1, 2] AS load WITH load WHERE load > 1 RETURN load", ((2,),)),
        ("CALL show_tables() WHERE name = 'Paper' RETURN name, type", (("Paper", "NODE"),)),
        ("CALL table_info('Category') RETURN name", (("id",), ("name",))),
        ("MATCH (p:Paper) RETURN p.id UNION MATCH (p:Paper) RETURN p.id ORDER BY p.id", None),
        ("MATCH (p:Paper) OPTIONAL MATCH (p)-[:USES]->(m) RETURN p.id, m.id ORDER BY p.id SKIP 1 LIMIT 1", None),
        ("MATCH (p:Paper) WHERE NOT EXISTS { MATCH (p)-[:USES]->() } RETURN count(DISTINCT p)", ((1,),)),
        ("MATCH x = (a:Author)-[* SHORTEST 1..4]-(b:Author) WHERE a.id < b.id RETURN length(x)", ((2,),)),
        ("MATCH (a)-[:USES* TRAIL 1..3]->(b) RETURN a.id", (("arxiv:2601.00001",),)),
        (
            "MATCH (a)-[:USES]->(m)<-[:USES]-(b), (a)<-[:WROTE]-(c)-[:WROTE]->(b) WHERE a.id <> b.id RETURN m",
            (),
        ),
        ("MATCH ()-[r]->() RETURN count(*)", ((3,),)),
        ("MATCH (p:Paper) WHERE (p)-[:USES]->() RETURN p.id", (("arxiv:2601.00001",),)),
        ("MATCH (p:Paper) WHERE p.id IN ['arxiv:2601.00002', 'x'] RETURN p.id", (("arxiv:2601.00002",),)),
        ("UNWIND ['method:gcn'] AS id MATCH (m:Method {id: id}) RETURN m.name", (("GCN",),)),
    ],
)
def test_harmless_queries_run(view: Path, query: str, rows: object) -> None:
    answer = cypher(view, query)
    assert rows is None or answer.table.rows == rows


def test_a_plan_that_cannot_be_read_is_refused() -> None:
    box = "┌────────────────────────┐\n│ {:^22} │\n└────────────────────────┘\n"
    check_plan(box.format("LIMIT[1]") + box.format("SKIP[0]"))
    for plan in ("", "no boxes", box.format("LIMIT[1]"), box.format("LIMIT"), box.format("COPY_TO[0]")):
        with pytest.raises(QueryError):
            check_plan(plan)
    with pytest.raises(QueryError, match="CALL read csv is not allowed"):
        check_plan(box.format("TABLE_FUNCTION_CALL[0]") + "│ Function: READ_CSV │")


@pytest.mark.parametrize("quoted", ["'a'", '"a\\"b"', "`a b`", "// a", "/* a\n b */", "'\\''", "/* a"])
def test_what_is_quoted_is_masked(quoted: str) -> None:
    text = f"RETURN {quoted}"
    assert len(mask(text)) == len(text)
    assert mask(text).startswith("RETURN ")
    assert not set(mask(text)[8:-1]) - {"x", " ", "\n"}
    assert check_text(f"/* {quoted} */ RETURN 1".replace("/* /*", "/* ").replace("*/ */", "*/")) > 0


def test_values_are_what_json_has(view: Path) -> None:
    query = (
        "MATCH (p:Paper)-[r:USES]->(m) RETURN m, r, sum(m.papers) AS total, avg(m.papers) AS mean, "
        "m.aliases AS aliases, date('2026-01-02') AS day, timestamp('2026-01-02 03:04:05') AS time, 1.5 AS half, "
        "null AS nothing, 1/0.0 AS much, {a: 1, b: 'x'} AS map, p.doi AS doi"
    )
    assert cypher(view, query).table.records() == [
        {
            "m": {"label": "Method", "id": "method:lora", "aliases": ["LoRA", "low rank"], "name": "LoRA", "papers": 2},
            "r": {"type": "USES", **dict(EVIDENCE)},
            "total": 2,
            "mean": 2.0,
            "aliases": ("LoRA", "low rank"),
            "day": "2026-01-02",
            "time": "2026-01-02T03:04:05",
            "half": 1.5,
            "nothing": None,
            "much": "inf",
            "map": {"a": 1, "b": "x"},
            "doi": None,
        }
    ]
    (path,) = cypher(view, "MATCH x = (a:Author {id: 'author:ada'})-[:WROTE]->()-[:USES]->() RETURN x").table.rows[0]
    assert isinstance(path, tuple)
    assert [part.get("id", part.get("type")) for part in path] == [  # type: ignore[attr-defined]
        "author:ada",
        "WROTE",
        "arxiv:2601.00001",
        "USES",
        "method:lora",
    ]


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("MATCH ()-[r:USES]->() RETURN type(r), count(*)", ("type(r)", "count(*)")),
        ("RETURN DISTINCT 1 +  2 , [1, 2] AS `a b`, ',' AS c ORDER BY c LIMIT 1", ("1 + 2", "a b", "c")),
        ("MATCH (p:Paper) RETURN p.id, p.id", ("p.id", "p.id (2)")),
        ("WITH 1 AS a, 2 AS b RETURN *", ("a", "b")),
        ("RETURN 1 AS x UNION RETURN 2 AS x", ("x",)),
        ("MATCH (p:Paper) WHERE EXISTS { MATCH (p)-[:USES]->(m) } RETURN p.title;", ("p.title",)),
    ],
)
def test_columns_are_named_as_in_the_query(view: Path, query: str, columns: tuple[str, ...]) -> None:
    assert cypher(view, query).table.columns == columns


@pytest.mark.parametrize("value", [1, 1.5, True, "x'; RETURN 2 //", ["a", "b"], None])
def test_parameters_keep_their_types(view: Path, value: Value | list[str]) -> None:
    ((found,),) = cypher(view, "RETURN $value", value=value).table.rows
    assert found == (tuple(value) if isinstance(value, list) else value)


def test_a_parameter_without_value_is_an_error(view: Path) -> None:
    with pytest.raises(QueryError, match=r"the parameter \$name has no value \(line 1, column 8\)"):
        cypher(view, "RETURN $name")
    with pytest.raises(QueryError, match=r"the query has no parameter \$x"):
        cypher(view, "RETURN '$x'", x=1)


@pytest.mark.parametrize(
    ("query", "place", "caret", "says"),
    [
        ("MATCH (n:Paper) RETRN n", "line 1, column 17", "^^^^^", "unexpected RETRN"),
        ("MATCH (n:Paper)\nWHERE n.id = = 'x'\nRETURN n", "line 2, column 14", "^", "unexpected ="),
        ("// é\n\n  /* é */ MATCH (n)\nWHERE n.id = = 'x'", "line 4, column 14", "^", "unexpected ="),
        ("/* é */ MATCH (n) WHERE n.id = = 'x'", "line 1, column 32", "^", "unexpected ="),
        ("RETURN 'é', 1 1", "line 1, column 15", "^", "unexpected 1"),
        ("SELECT 1", "line 1, column 1", "^^^^^^", "unexpected SELECT where a query begins with MATCH"),
        (
            "MATCH (n:Papr) RETURN n",
            "line 1, column 10",
            "^^^^",
            "no label or relationship type Papr; did you mean Paper",
        ),
        ("MATCH ()-[:USE]->() RETURN 1", "line 1, column 12", "^^^", "type USE; did you mean USES"),
        ("MATCH (n:Author) RETURN n.nam", "line 1, column 27", "^^^", "n has no property nam; did you mean name"),
        ("MATCH (n:Author) RETURN n.x", "line 1, column 27", "^", "n has no property x; there are id, name"),
        ("MATCH (n:Author) RETURN m.x", "line 1, column 25", "^", "the variable m is not known here"),
        ("RETURN fo(1)", "line 1, column 8", "^^", "there is no function fo"),
        ("MATCH (p:Paper) SET p.title = ''", "line 1, column 17", "^^^", "the query would change the graph"),
    ],
)
def test_an_error_points_at_its_place(view: Path, query: str, place: str, caret: str, says: str) -> None:
    with pytest.raises(QueryError, match=says) as caught:
        cypher(view, query)
    first, line, below = str(caught.value).splitlines()[:3]
    assert first.endswith(f"({place})")
    row, column = (int(word) for word in place.replace(",", "").split()[1::2])
    assert line[2:] == query.splitlines()[row - 1]
    assert below == "  " + " " * (column - 1) + caret


@pytest.mark.parametrize("query", ["MATCH (n:Paper", "RETURN 'open", "MATCH", "RETURN 1 +", "MATCH (n) WHERE"])
def test_a_query_that_ends_too_early_is_an_error(view: Path, query: str) -> None:
    with pytest.raises(QueryError, match="syntax error"):
        cypher(view, query)


@pytest.mark.parametrize(
    ("query", "hint", "instead"),
    [
        (
            "MATCH p = shortestPath((a:Author)-[:USES*..3]-(b)) RETURN p",
            "[:USES* SHORTEST 1..8]",
            "MATCH p = (a)-[:USES* SHORTEST 1..8]-(b) RETURN p",
        ),
        (
            "MATCH p = allShortestPaths((a)-[*]-(b)) RETURN p",
            "* ALL SHORTEST 1..8]",
            "MATCH (a)-[:USES* ALL SHORTEST 1..8]-(b) RETURN a",
        ),
        (
            "MATCH (n:Method) RETURN [x IN n.aliases WHERE x > 'a' | x + 'b']",
            "list_transform(list_filter(",
            "WITH [1, 2] AS list RETURN list_transform(list_filter(list, x -> x > 1), x -> x + 1)",
        ),
        ("MATCH (n:Method) RETURN [x IN n.aliases | x]", "list_transform", None),
        ("MATCH (n:Paper) RETURN n {.id, .title}", "{id: n.id,", "MATCH (n:Method) RETURN {id: n.id, name: n.name}"),
        ("MATCH (n:Paper) CALL { WITH n RETURN 1 AS x } RETURN x", "for CALL { … }", None),
        (
            "MATCH (n:Paper) RETURN count { (n)-[:USES]->() }",
            "COUNT { MATCH",
            "MATCH (n:Paper) RETURN COUNT { MATCH (n)-[:USES]->() }",
        ),
        (
            "MATCH (n:Paper) WHERE EXISTS { (n)-[:USES]->() } RETURN n",
            "EXISTS { MATCH",
            "MATCH (n:Paper) WHERE EXISTS { MATCH (n)-[:USES]->() } RETURN n",
        ),
        ("MATCH (n:Paper) WHERE exists((n)-[:USES]->()) RETURN n", "EXISTS { MATCH", None),
        (
            "MATCH (n:Paper) WHERE exists(n.title) RETURN n",
            "IS NOT NULL",
            "MATCH (n:Paper) WHERE n.title IS NOT NULL RETURN n",
        ),
        ("MATCH (n) WHERE n:Paper RETURN n", "label(n) = 'Paper'", "MATCH (n) WHERE label(n) = 'Paper' RETURN n"),
        ("MATCH (n) RETURN n:Paper", "label(n) = 'Paper'", None),
        ("MATCH (n:Paper) RETURN [(n)-[:USES]->(m) | m.id]", "OPTIONAL MATCH", None),
        ("MATCH (n:Paper)-[:USES]->+(m) RETURN m", "-[:USES*1..3]->", "MATCH (n)-[:USES*1..3]->(m) RETURN m"),
        (
            "MATCH (n:Paper) WITH n ORDER BY n.id RETURN n",
            "LIMIT",
            "MATCH (n:Paper) WITH n ORDER BY n.id LIMIT 9 RETURN n",
        ),
        ("RETURN reduce(s = 0, x IN [1] | s + x)", "list_reduce", "RETURN list_reduce([1], (sum, x) -> sum + x)"),
        ("RETURN toInteger('1')", "to_int64", "RETURN to_int64('1')"),
        ("RETURN tail([1, 2])", "list[2:]", "WITH [1, 2] AS list RETURN list[2:]"),
        ("RETURN datetime()", "current_timestamp()", "RETURN current_timestamp()"),
        ("MATCH (n) RETURN elementId(n)", "n.id", "MATCH (n) RETURN n.id"),
        ("CALL db.labels()", "show_tables", "CALL show_tables() RETURN *"),
        ("RETURN apoc.text.join(['a'], ',')", "APOC", None),
        ("MATCH (n:Paper) WHERE n.id != 'x' RETURN n", "<>", "MATCH (n:Paper) WHERE n.id <> 'x' RETURN n"),
    ],
)
def test_what_neo4j_knows_and_ladybug_does_not_gets_a_hint(
    view: Path, query: str, hint: str, instead: str | None
) -> None:
    with pytest.raises(QueryError) as caught:
        cypher(view, query)
    assert str(caught.value).splitlines()[-1].startswith("hint: ")
    assert hint in str(caught.value).splitlines()[-1]
    if instead:
        cypher(view, instead)


@pytest.mark.parametrize(
    ("query", "noted"),
    [
        ("MATCH (a)-[:WROTE]->()<-[:WROTE]-(b) RETURN a, b", True),
        ("MATCH (a:Author)-[:WROTE]->(p)<-[:WROTE]-(b:Author) RETURN a", True),
        ("MATCH (a)-[:WROTE]->(p), (b)-[:WROTE]->(p) RETURN a, b", True),
        ("MATCH (a)-[r:WROTE|USES]->(p)<-[s:USES]-(b) RETURN a", True),
        ("MATCH (a)-->(p)<--(b) RETURN a", True),
        ("MATCH (a)--(p)--(b) RETURN a", True),
        ("match (a)-[:WROTE]->()<-[:WROTE]-() return count(*)", True),
        ("MATCH (a)-[:WROTE]->(p)<-[:WROTE]-(b) WHERE b.id = 'a <> b' RETURN a", True),
        ("MATCH (a {id: 'x'})-[:WROTE]->()<-[:WROTE]-(b {name: 'y'}) RETURN a", True),
        ("MATCH (a {id: $one})-[:WROTE]->()<-[:WROTE]-(b {id: $same}) RETURN a", True),
        ("MATCH (a)-[:USES*1..3]-(b) RETURN a", True),
        ("MATCH (a)-[:WROTE]->(p)<-[:WROTE]-(b) WHERE a.id <> b.id RETURN a", False),
        ("MATCH (a)-[:WROTE]->(p)<-[:WROTE]-(b) WHERE a.name < b.name RETURN a", False),
        ("MATCH (a)-[:WROTE]->(p)<-[:WROTE]-(b) WHERE id(a) <> id(b) RETURN a", False),
        ("MATCH (a)-[:WROTE]->(p)<-[:WROTE]-(b) WHERE b <> a RETURN a", False),
        ("MATCH (a)-[r:WROTE]->(p)<-[s:WROTE]-(b) WHERE id(r) <> id(s) RETURN a", False),
        ("MATCH (a)-[:WROTE]->(p) MATCH (p)<-[:WROTE]-(b) RETURN a", False),
        ("MATCH (a)-[:WROTE]->(p)-[:USES]->(m) RETURN a", False),
        ("MATCH (a)-[:SUB_CLASS_OF]->(b)-[:SUB_CLASS_OF]->(c) RETURN a", False),
        ("MATCH (a:Method)-[:MENTIONS]->(p)<-[:MENTIONS]-(b:Task) RETURN a", False),
        ("MATCH (a {id: 'x'})-[:WROTE]->()<-[:WROTE]-(b {id: 'y'}) RETURN a", False),
        ("MATCH (a {id: $one})-[:WROTE]->()<-[:WROTE]-(b {id: $other}) RETURN a", False),
        ("MATCH (a)-[:USES* TRAIL 1..3]-(b) RETURN a", False),
        ("MATCH (a)-[:USES*1..3]->(b) RETURN a", False),
        ("RETURN '(a)-[:WROTE]->()<-[:WROTE]-(b)' // MATCH (a)-[:X]->()<-[:X]-(b)", False),
    ],
)
def test_a_relationship_that_may_be_matched_twice_is_noted(query: str, noted: bool) -> None:
    parameters = {"one": "x", "same": "x", "other": "y"}
    assert [note for note in notes(query, parameters) if "as Neo4j would not" in note] != [] if noted else True
    assert bool(notes(query, parameters)) == noted


def test_notes_come_with_the_answer(view: Path) -> None:
    answer = cypher(view, "MATCH (a:Author)-[:WROTE]->()<-[:WROTE]-(b:Author) RETURN a.id, b.id")
    assert len(answer.table) == 4
    assert answer.notes == (
        "one relationship WROTE may be matched twice here, with a and b the same, as Neo4j would not;"
        " to prevent it add a.id <> b.id",
    )
    assert (
        len(cypher(view, "MATCH (a:Author)-[:WROTE]->()<-[:WROTE]-(b:Author) WHERE a.id <> b.id RETURN a.id").table)
        == 2
    )


def test_rows_come_in_the_same_order_every_time(view: Path) -> None:
    query = "MATCH (n) RETURN n.id LIMIT 4"
    assert len({cypher(view, query).table.rows for _ in range(4)}) == 1


@pytest.mark.parametrize(
    ("query", "place", "hint", "instead"),
    [
        ("MATCH (n) RETURN labels(n)[0]", "column 18", "label(n)", "MATCH (n) RETURN label(n)"),
        ("MATCH (n) RETURN size(labels(n))", "column 18", "label(n)", None),
        ("MATCH (n) WHERE 'Paper' IN labels(n) RETURN n", "column 25", "label(n) = 'Paper'", None),
        (
            "MATCH (n:Method) RETURN n.id, size((n)<-[:USES]-())",
            "column 31",
            "COUNT { MATCH (n)<-[:USES]-() }",
            "MATCH (n:Method) RETURN n.id, COUNT { MATCH (n)<-[:USES]-() }",
        ),
        ("MATCH (n) RETURN size((n)--())", "column 18", "COUNT {", None),
        ("MATCH (n) RETURN count( DISTINCT (n:Method {id: 'x'})-->())", "column 18", "COUNT {", None),
        ("MATCH (n:Method:Task) RETURN n", "column 7", "(n:Method|Task)", "MATCH (n:Method|Task) RETURN n"),
        ("MATCH ()-[:USES]->( : Method : Task { id: 'x' }) RETURN 1", "column 19", "(n:Method|Task)", None),
        ("MATCH (n:Method) RETURN n.aliases[0]", "column 33", "list[1]", "RETURN ['a'][1], head(['a'])"),
        ("RETURN 'abc'[0]", "column 13", "list[1]", None),
        ("RETURN reverse([1, 2])", "column 8", "list_reverse", "RETURN list_reverse([1, 2])"),
    ],
)
def test_what_neo4j_reads_otherwise_and_has_no_use_here_is_refused(
    view: Path, query: str, place: str, hint: str, instead: str | None
) -> None:
    with pytest.raises(QueryError) as caught:
        cypher(view, query)
    first, *_, last = str(caught.value).splitlines()
    assert first.endswith(f"(line 1, {place})")
    assert last.startswith("hint: ")
    assert hint in last
    if instead:
        cypher(view, instead)


@pytest.mark.parametrize(
    "query",
    [
        "MATCH (n:Method) WITH n ORDER BY n.papers DESC LIMIT 1 RETURN collect(n.name)",
        "MATCH (n:Method) WITH n, n.papers AS c ORDER BY c DESC LIMIT 1 RETURN sum(c)",
        "UNWIND [3, 1, 2] AS x WITH x order  by x LIMIT 2 RETURN collect(x)",
    ],
)
def test_an_order_that_the_engine_would_leave_out_is_refused(view: Path, query: str) -> None:
    with pytest.raises(QueryError, match=r"the engine would leave out this order.*\(line 1, column \d+\)"):
        cypher(view, query)


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("UNWIND [3, 1, 2] AS x WITH x ORDER BY x LIMIT 2 UNWIND [1] AS one RETURN collect(x)", (1, 2)),
        ("MATCH (n:Method) WITH n ORDER BY n.papers DESC LIMIT 1 UNWIND [1] AS one RETURN collect(n.name)", ("GCN",)),
        ("MATCH (n:Method) WITH n ORDER BY n.papers DESC LIMIT 1 RETURN n.name", "GCN"),
        ("MATCH (n:Method) RETURN n.name ORDER BY n.papers DESC, n.name LIMIT 1 // ORDER BY", "GCN"),
        ("MATCH (n:Method) WHERE false WITH n ORDER BY n.name LIMIT 1 RETURN count(n)", 0),
    ],
)
def test_an_order_that_the_engine_keeps_runs(view: Path, query: str, value: object) -> None:
    assert cypher(view, query).table.rows == ((value,),)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("MATCH (n:Paper) RETURN labels(n)", "labels(n) is a text"),
        ("RETURN substring('abc', 0, 2)", "substring counts from 1"),
        ("RETURN ['a', 'b'][1]", "count from 1"),
        ("MATCH (n:Method) RETURN n.name[1..2]", "count from 1"),
        ("WITH ['a', 'b'] AS l, 1 AS i RETURN l[i]", "count from 1"),
        ("RETURN log(10)", "ln(x)"),
        ("MATCH (n:Paper) RETURN keys(n)", "without a value"),
        ("MATCH (n:Paper) RETURN id(n)", "n.id is the id that lasts"),
        ("RETURN CASE null WHEN null THEN 1 END", "WHEN null"),
        ("RETURN 2 IN [1, null]", "in Neo4j null"),
        ("RETURN 2 IN $list", "in Neo4j null"),
        ("RETURN 'a' CONTAINS ''", "CONTAINS ''"),
        ("RETURN 'a' CONTAINS $empty", "CONTAINS ''"),
        ("MATCH (n:Method {id: 'x'}) RETURN sum(n.papers)", "coalesce(sum(x), 0)"),
        ("MATCH (n:Paper) WHERE n.published >= '2026-06-01' RETURN n", "n.published >= '2026-06'"),
        ("MATCH (n:Paper) WHERE $day > n.published RETURN n", "n.published >= '2026-06'"),
    ],
)
def test_what_neo4j_reads_otherwise_is_noted(view: Path, query: str, says: str) -> None:
    values: dict[str, Value | list[str]] = {"list": [1, None], "empty": "", "day": "2026-06-01"}  # type: ignore[list-item]
    (note,) = cypher(view, query, **{name: value for name, value in values.items() if f"${name}" in query}).notes
    assert says in note
    assert "\n" not in note


@pytest.mark.parametrize(
    "query",
    [
        "MATCH (n:Paper) RETURN label(n), n.id",
        "MATCH (n:Method) RETURN n.name[-1], n.name[0..2], n.name[..2], left(n.name, 2)",
        "MATCH (n:Method) WHERE n.id IN ['x', 'y'] AND n.name CONTAINS 'L' RETURN [1, 2]",
        "MATCH (a:Author), (b:Author) WHERE id(a) < id(b) RETURN a.id",
        "MATCH (n:Method) RETURN sum(n.papers)",
        "MATCH (n:Paper) WHERE n.published >= '2026-06' AND n.title <> '2026-06-01' RETURN n",
        "RETURN 'labels(n) substring(id(n)) IN [null]' // log(1) x[1]",
        "MATCH (a:Author)-[r:WROTE {position: 1}]->(p:Paper) RETURN (1) - (2), size('a'), count((1) - (1))",
        "RETURN CASE WHEN null THEN 1 ELSE 2 END",
    ],
)
def test_what_both_read_alike_is_not_noted(view: Path, query: str) -> None:
    assert cypher(view, query).notes == ()


@pytest.mark.parametrize(
    ("query", "place", "hint"),
    [
        ("RETURN 1 LIMIT $k", "line 1, column 10", "-p k=10"),
        ("RETURN 1/0", "line 1, column 9", "nullif(y, 0)"),
        ("MATCH (n:Paper) WITH n ORDER BY n.id RETURN n.id", "line 1, column 24", "LIMIT"),
        ("RETURN date('2024-11')", "line 1, column 8", "'2024-11-05'"),
        ("RETURN round(2.5)", "line 1, column 8", "round(x, 0)"),
        ("RETURN substring('abc', 2)", "line 1, column 8", "substring(s, 3, size(s))"),
        ("RETURN 'a' + 1", "line 1, column 12", "to_string"),
        ("MATCH (n:Method) RETURN n.aliases[7]", "line 1, column 34", "size(list)"),
        ("RETURN date('2024-11-05').year", "line 1, column 26", "date_part"),
    ],
)
def test_an_error_that_the_engine_gives_no_place_has_one(view: Path, query: str, place: str, hint: str) -> None:
    with pytest.raises(QueryError) as caught:
        cypher(view, query, **({"k": "x"} if "$k" in query else {}))
    lines = str(caught.value).splitlines()
    assert lines[0].endswith(f"({place})")
    assert lines[1] == f"  {query}"
    assert lines[-1].startswith("hint: ")
    assert hint in lines[-1]


@pytest.mark.parametrize(
    "text", ["case x " * 8_000, "labels(" + " " * 50_000, "x" * 50_000, "(:a" * 15_000, "a[" * 25_000, "in [" * 15_000]
)
def test_idioms_are_looked_for_in_linear_time(text: str) -> None:
    start = time.monotonic()
    refuse_idioms(text)
    list(idiom_notes(text, {}, nulls=True))
    assert time.monotonic() - start < 2
