"""The graph as GEXF 1.3 (gexf.net/schema.html), for Gephi.

There a label is what is drawn beside a node: its name. The class is the attribute `class`. Several edges between two
nodes are told apart by their `kind`, their relationship type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgtool import vocab
from kgtool.export import xml
from kgtool.export.selection import Selection
from kgtool.records import Node


def lines(selection: Selection) -> Iterator[str]:
    """The pieces of the file, one after the other.

    A node has the attribute `class` (``Paper``), an edge `type` (``EVALUATES_ON``), both their properties by name.
    Edges are numbered from 0.
    """
    yield xml.DECLARATION
    yield '<gexf xmlns="http://gexf.net/1.3" version="1.3">\n<graph mode="static" defaultedgetype="directed">\n'
    yield _attributes("node", {"class": "string"} | xml.node_types())
    yield _attributes("edge", {"type": "string"} | xml.edge_types())
    yield "<nodes>\n"
    for node in selection.nodes():
        values = _values((("class", node.label), *xml.node_values(node)))
        yield f'<node id="{xml.identifier(node.id)}" label="{xml.escaped(_name(node))}">{values}</node>\n'
    yield "</nodes>\n<edges>\n"
    for number, statement in enumerate(selection.statements()):
        ends = f'source="{xml.identifier(statement.subject)}" target="{xml.identifier(statement.object)}"'
        type_ = vocab.relationship_type(statement.predicate)
        values = _values((("type", type_), *xml.edge_values(statement)))
        yield f'<edge id="{number}" {ends} kind="{type_}">{values}</edge>\n'
    yield "</edges>\n</graph>\n</gexf>\n"


def _name(node: Node) -> str:
    return str(node.get("name") or node.get("title") or node.id)


def _attributes(kind: str, types: dict[str, str]) -> str:
    declared = "".join(f'<attribute id="{name}" title="{name}" type="{type_}"/>\n' for name, type_ in types.items())
    return f'<attributes class="{kind}" mode="static">\n{declared}</attributes>\n'


def _values(values: Iterable[tuple[str, str]]) -> str:
    written = "".join(f'<attvalue for="{name}" value="{value}"/>' for name, value in values)
    return f"<attvalues>{written}</attvalues>"
