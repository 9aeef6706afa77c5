"""Graphs made by hand and by hypothesis, and what the canned queries are asked about them."""

import shlex

from hypothesis import strategies as st

from kgtool import vocab
from kgtool.records import Node, Statement
from kgtool.stores.corpus import Corpus

HOSTILE = """Robert'); MATCH (n) DETACH DELETE n // "quoted" \\ `tick` {$x: 1} <b>"""


def store(kg, nodes, statements):
    """A graph as it stands, without digests behind it."""
    with Corpus.create_or_open(kg) as corpus:
        corpus.replace_state([], [], (sorted(nodes, key=lambda node: node.id), list(statements)), {}, "by-hand-1")
    return kg


def node(id_, label, **properties):
    return Node(id_, label, tuple(sorted((name, value) for name, value in properties.items() if value is not None)))


def entity(id_, name, aliases=(), papers=1):
    label = id_.partition(":")[0].capitalize()
    return node(id_, label, name=name, papers=papers, specificity=0.5, aliases=aliases or None)


def evidence(paper, confidence, sentence="Said so."):
    return (
        ("charEnd", 4),
        ("charStart", 0),
        ("confidence", confidence),
        ("extractor", "by-hand-1"),
        ("paper", paper),
        ("sentence", sentence),
    )


def role(paper, name, target, confidence=0.9, mentioned=0.95, sentence="Said so."):
    """The mention, and the stronger edge of a role beside it, which is less sure."""
    alone = name == "mentions"
    properties = evidence(paper, confidence if alone else mentioned, sentence)
    mention = Statement(paper, "mentions", target, tuple(sorted((*properties, ("role", name)))))
    if alone:
        return [mention]
    return [mention, Statement(paper, vocab.ROLES[name], target, evidence(paper, confidence, sentence))]


def relation(head, name, tail, paper, confidence=0.9, sentence="Said so."):
    return Statement(head, name, tail, evidence(paper, confidence, sentence))


_TEXTS = st.text("abAB01 -+.:'\"\\`{}$<>#/?éÉßΩ中🙂", min_size=1, max_size=6).filter(str.strip)
_CONFIDENCES = st.sampled_from((0.0, 0.05, 0.123457, 0.5, 0.7, 0.87, 0.999999, 1.0))
_DATES = st.sampled_from((None, "2025", "2025-12-31", "2026", "2026-01", "2026-02-03", "2026-02-04", "soon"))
_RELATIONS = [
    (name, pair) for name in vocab.RELATION_NAMES.values() for pair in vocab.RELATIONSHIPS[name].pairs
]  # fmt: skip


@st.composite
def graphs(draw):
    """Nodes and statements as kgtool makes them: one role of an entity in a paper, one relation of a kind in one."""
    papers = [f"{scheme}:{number}" for number, scheme in enumerate(draw(st.lists(_SCHEMES, min_size=1, max_size=5)))]
    nodes = [
        node(paper, "Paper", title=draw(_TEXTS), abstract=draw(st.just("") | _TEXTS), published=draw(_DATES),
             doi=draw(st.none() | st.just(f"10.1/{paper}")))
        for paper in papers
    ]  # fmt: skip
    ids = {
        label: [f"{label.lower()}:{number}" for number in range(draw(st.integers(1, 3)))]
        for label in (*vocab.ENTITY_TYPES, "Author", "Category", "Digest")
    }
    for label, some in ids.items():
        for id_ in some:
            if label in vocab.ENTITY_TYPES:
                aliases = tuple(sorted(draw(st.sets(_TEXTS, max_size=2))))
                nodes.append(entity(id_, draw(_TEXTS), aliases, draw(st.integers(1, 60))))
            else:
                nodes.append(node(id_, label, name=draw(_TEXTS)))
    statements = []
    for paper in papers:
        statements += draw(_of_paper(paper, ids))
    return nodes, statements


_SCHEMES = st.sampled_from(("arxiv", "doi", "title"))


@st.composite
def _of_paper(draw, paper, ids):
    statements = [
        Statement(author, "wrote", paper, (("position", position),))
        for position, author in enumerate(sorted(draw(st.sets(st.sampled_from(ids["Author"])))), 1)
    ]
    for category in sorted(draw(st.sets(st.sampled_from(ids["Category"])))):
        statements.append(Statement(paper, "inCategory", category))
    for digest in sorted(draw(st.sets(st.sampled_from(ids["Digest"])))):
        statements.append(Statement(paper, "listedIn", digest, (("rank", draw(st.integers(1, 9))),)))
    for label in vocab.ENTITY_TYPES:
        fitting = [name for name, types in vocab.ROLE_TYPES.items() if label in types]
        for id_ in sorted(draw(st.sets(st.sampled_from(ids[label])))):
            name = draw(st.sampled_from(fitting))
            statements += role(paper, name, id_, draw(_CONFIDENCES), draw(_CONFIDENCES), draw(_TEXTS))
    said = set()
    for name, (head, tail) in draw(st.lists(st.sampled_from(_RELATIONS), max_size=6)):
        edge = (draw(st.sampled_from(ids[head])), name, draw(st.sampled_from(ids[tail])))
        if edge not in said:
            said.add(edge)
            statements.append(relation(*edge, paper, draw(_CONFIDENCES), draw(_TEXTS)))
    return statements


def example(query):
    """The parameters of a query's own example."""
    words = shlex.split(query.example)
    return dict(word.split("=", 1) for word in words if word != "-p")


_LABELS = {
    "method": ("Method",),
    "dataset": ("Dataset",),
    "task": ("Task",),
    "entity": vocab.ENTITY_TYPES,
    "author": ("Author",),
    "category": ("Category",),
    "digest": ("Digest",),
    "paper": ("Paper",),
    "from": ("Paper", *vocab.ENTITY_TYPES),
    "to": vocab.ENTITY_TYPES,
}


def questions(query, nodes, choose):
    """Parameters to ask a canned query of a graph with; `choose` picks one of a list.

    With what the graph has, by ids, names and aliases in another case; with sure edges and few rows; with names
    that nothing has, or that mean something to an engine.
    """
    asked = {parameter.name for parameter in query.parameters}

    def named(name):
        labels = ("Paper" if "paper" in asked else "Method",) if name == "other" else _LABELS[name]
        some = [each for each in nodes if each.label in labels][-200:]
        if not some:
            return "nothing"
        one = choose(some)
        if name in ("from", "to"):
            return one.id.upper()
        called = [one.id, one.get("name") or one.get("title"), *(one.get("aliases") or ())]
        return choose([text for text in called if text.strip()]).swapcase()

    def given(**others):
        values = {name: named(name) for name in sorted(asked & {*_LABELS, "other"})}
        values |= {"text": choose(["a", "É", "<", "'", "0"]), "since": choose(["2025", "2026-02", "2026-02-04"])}
        values |= others
        return {name: value for name, value in values.items() if name in asked}

    yield given()
    yield given(limit=2, min_confidence=0.5, max_confidence=0.6, max_papers=20, until="2026-02")
    texts = {name: choose(["no such thing", HOSTILE, "<urn:x>", '") } #', "$limit"]) for name in (*_LABELS, "other")}
    yield given(**texts, text=HOSTILE, since="2099-12-31", max_confidence=0)
