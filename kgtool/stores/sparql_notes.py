"""What a valid SPARQL query may not mean as it stands: names that find nothing, dates that do not compare."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from kgtool import vocab
from kgtool.stores.cypher_idioms import published_note
from kgtool.stores.sparql_parameters import TOKEN

_DAY = re.compile(r"['\"]+(\d{4}-\d\d-\d\d)['\"]+")
_COMPARING = {"<", ">", "<=", ">="}


def _asserted() -> dict[str, dict[str, list[str]]]:
    """Each column that is asserted as another term than its own: to these terms, each with the classes that do so."""
    found: dict[str, dict[str, list[str]]] = {}
    columns = [(column, label) for label, node in vocab.NODES.items() for column in node.columns]
    columns += [(column, "Statement") for edge in vocab.RELATIONSHIPS.values() for column in edge.columns]
    for column, owner in columns:
        owners = found.setdefault(column.name, {}).setdefault(column.term, [])
        if owner not in owners:
            owners.append(owner)
    return {name: terms for name, terms in found.items() if f"kg:{name}" not in terms}


def term_notes(query: str) -> Iterator[str]:
    """A note for each ``kg:`` name that finds nothing: none of the ontology, or one that is asserted as another term.

    >>> list(term_notes("SELECT * { ?p kg:title ?t }"))
    ['kg:title is asserted as dcterms:title']
    """
    terms = sorted(name for name in vars(vocab.KG) if not name.startswith("_"))
    asserted = _asserted()
    for name in dict.fromkeys(match["name"] for match in TOKEN.finditer(query) if match["name"]):
        if not name.startswith("kg:") or not (local := name[3:]):
            continue
        if local in asserted:
            others = asserted[local]
            several = len(others) > 1
            texts = [f"{term} ({', '.join(owners)})" if several else term for term, owners in others.items()]
            yield f"{name} is asserted as {', '.join(texts)}"
        elif local not in terms:
            near = difflib.get_close_matches(local, terms, 3)
            better = f"; did you mean {' or '.join(f'kg:{term}' for term in near)}?" if near else ""
            yield f"{name} is no term of the ontology{better}"


def date_notes(query: str) -> Iterator[str]:
    """A note where the query compares when a paper was published with a whole date: a month does not compare with it.

    `query` has its parameters as terms. One that looks at how long the dates are (STRLEN) compares what is known.
    """
    tokens = [match[0] for match in TOKEN.finditer(query) if match.lastgroup != "blank"]
    if any(token.lower() == "strlen" for token in tokens):
        return
    if not {"dcterms:issued", f"<{vocab.expand('dcterms:issued')}>"} & set(tokens) or not _COMPARING & set(tokens):
        return
    for token in tokens:
        if day := _DAY.fullmatch(token):
            yield published_note(day[1], f'STR(?published) >= "{day[1][:7]}"')
            return
