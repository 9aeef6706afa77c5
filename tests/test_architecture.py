"""The structure is the pipeline: modules import downwards only, and the command line starts light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kgtool"

# From the bottom to the top: a room may import from its own row's rooms below it in the list, and from rows above.
LAYERS = [
    ["errors", "records", "ids", "schema", "sentences"],
    ["vocab"],
    ["schemagen", "digests", "extract", "rdf", "cypher"],
    ["resolve", "validate"],
    ["stores"],
    ["build", "queries", "analysis"],
    ["export", "plot", "serve", "push"],
    ["library"],
    ["cli"],
    ["__main__"],
]
ROW = {room: row for row, rooms in enumerate(LAYERS) for room in rooms}
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))
HEAVY = {
    "spacy",
    "numpy",
    "thinc",
    "onnxruntime",
    "rdflib",
    "pyoxigraph",
    "ladybug",
    "pyarrow",
    "pyshacl",
    "networkx",
    "neo4j",
    "matplotlib",
    "pandas",
    "prettytable",
}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "kgtool":
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {name.name for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {name.name.split(".")[1] for name in node.names if name.name.startswith("kgtool.")}
    return {name for name in found if name != "__version__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_downwards(path):
    room = room_of(path)
    if room == "__init__":
        return
    assert room in ROW, f"{room} has no place in the layers"
    upwards = {other for other in imported_rooms(path) if other != room and ROW[other] > ROW[room]}
    assert not upwards


def test_rooms_have_no_cycles():
    uses = {}
    for path in MODULES:
        uses.setdefault(room_of(path), set()).update(imported_rooms(path) - {room_of(path)})
    order = []
    while uses:
        free = sorted(room for room, others in uses.items() if not others - set(order))
        assert free, f"these import each other: {sorted(uses)}"
        order += free
        for room in free:
            del uses[room]
    assert order.index("library") < order.index("__init__")
    assert order.index("cli") < order.index("__main__")


def test_command_line_imports_nothing_heavy():
    code = "import sys, kgtool.cli; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)
