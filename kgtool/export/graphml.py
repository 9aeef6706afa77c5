"""The graph as GraphML (graphml.graphdrawing.org, primer of 2002), as networkx reads it: `analysis.network` again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgtool import vocab
from kgtool.export import xml
from kgtool.export.selection import Selection


def lines(selection: Selection) -> Iterator[str]:
    """The pieces of the file, one after the other.

    A node has the attribute `label` (``Paper``), an edge `type` (``EVALUATES_ON``), both their properties by name.
    """
    yield xml.DECLARATION
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for kind, types in (
        ("node", {"label": "string"} | xml.node_types()),
        ("edge", {"type": "string"} | xml.edge_types()),
    ):
        for name, type_ in types.items():
            yield f'<key id="{kind}-{name}" for="{kind}" attr.name="{name}" attr.type="{type_}"/>\n'
    yield '<graph id="kgtool" edgedefault="directed">\n'
    for node in selection.nodes():
        values = _data("node", (("label", node.label), *xml.node_values(node)))
        yield f'<node id="{xml.identifier(node.id)}">{values}</node>\n'
    for statement in selection.statements():
        ends = f'source="{xml.identifier(statement.subject)}" target="{xml.identifier(statement.object)}"'
        type_ = vocab.relationship_type(statement.predicate)
        yield f"<edge {ends}>{_data('edge', (('type', type_), *xml.edge_values(statement)))}</edge>\n"
    yield "</graph>\n</graphml>\n"


def _data(kind: str, values: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<data key="{kind}-{name}">{value}</data>' for name, value in values)
