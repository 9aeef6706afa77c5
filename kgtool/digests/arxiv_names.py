"""The names of arXiv's categories: pages write "Computation and Language" for `cs.CL` (arxiv.org/category_taxonomy)."""

from __future__ import annotations

import re

_CODE = re.compile(r"[a-z]{2,8}(?:-[a-z]{2,5})?(?:\.[A-Za-z]{2}(?:-[a-z]{2,4})?[a-z-]*)?")

_NAMES = {
    "cs": "AI Artificial Intelligence|AR Hardware Architecture|CC Computational Complexity"
    "|CE Computational Engineering, Finance, and Science|CG Computational Geometry|CL Computation and Language"
    "|CR Cryptography and Security|CV Computer Vision and Pattern Recognition|CY Computers and Society|DB Databases"
    "|DC Distributed, Parallel, and Cluster Computing|DL Digital Libraries|DM Discrete Mathematics"
    "|DS Data Structures and Algorithms|ET Emerging Technologies|FL Formal Languages and Automata Theory"
    "|GL General Literature|GR Graphics|GT Computer Science and Game Theory|HC Human-Computer Interaction"
    "|IR Information Retrieval|IT Information Theory|LG Machine Learning|LO Logic in Computer Science"
    "|MA Multiagent Systems|MM Multimedia|MS Mathematical Software|NA Numerical Analysis"
    "|NE Neural and Evolutionary Computing|NI Networking and Internet Architecture|OH Other Computer Science"
    "|OS Operating Systems|PF Performance|PL Programming Languages|RO Robotics|SC Symbolic Computation|SD Sound"
    "|SE Software Engineering|SI Social and Information Networks|SY Systems and Control",
    "eess": "AS Audio and Speech Processing|IV Image and Video Processing|SP Signal Processing",
    "stat": "AP Applications|CO Computation|ME Methodology|OT Other Statistics|TH Statistics Theory",
    "math": "OC Optimization and Control|PR Probability|ST Statistics Theory|CO Combinatorics|DS Dynamical Systems",
    "q-bio": "BM Biomolecules|GN Genomics|NC Neurons and Cognition|QM Quantitative Methods",
}
_CODES = {
    name.casefold(): f"{archive}.{code}"
    for archive, listing in reversed(_NAMES.items())
    for code, _, name in (entry.partition(" ") for entry in listing.split("|"))
} | {"quantum physics": "quant-ph"}
_WITH_COMMAS = sorted((name for name in _CODES if "," in name), key=len, reverse=True)


def category_code(given: str, name: str) -> str:
    """The identifier of a category that is given by identifier or by name; what is neither is kept as it is.

    >>> category_code("cs.CL", ""), category_code("x", "Computation and Language"), category_code("x", "Alchemy")
    ('cs.CL', 'cs.CL', 'Alchemy')
    """
    if _CODE.fullmatch(given) and ("." in given or "-" in given):
        return given
    return _CODES.get(name.casefold(), name)


def split_category_names(text: str) -> list[str]:
    """The categories of a comma-separated list; the names that hold commas themselves stay whole.

    >>> split_category_names("Robotics, Distributed, Parallel, and Cluster Computing; cs.AI")
    ['Robotics', 'distributed, parallel, and cluster computing', 'cs.AI']
    """
    for name in _WITH_COMMAS:
        text = re.sub(re.escape(name), name.replace(",", "\0"), text, flags=re.I)
    parts = re.split(r"\s*[,;，；]\s*", text)
    return [part.replace("\0", ",").strip() for part in parts if part.strip()]
