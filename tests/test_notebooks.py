"""The notebooks: they run from a clean kernel, on other digests too, and what is committed is what they print now."""

import importlib.util
import json
import re
import shutil
import warnings

import pytest
from samples import EXAMPLES, ROOT

pytest.importorskip("nbclient")

spec = importlib.util.spec_from_file_location("run_notebooks", ROOT / "notebooks" / "run.py")
run = importlib.util.module_from_spec(spec)
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of jupyter_client and what it imports
    spec.loader.exec_module(run)

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = ["01-build-and-look", "02-methods-and-datasets", "03-sparql-and-cypher", "04-people-and-topics"]
LARGEST = 400_000
LINE = 'DIGESTS = ["../examples"]'

OWN = """\
#1 QuillNet: Folding Message Passing into Graph Attention [PDF] [Copy] [Kimi] [REL]
Authors: Ada Example, Ben Sample
Graph neural networks (GNNs) degrade under noise. We propose QuillNet, which extends GCN with folded messages. \
On Cora and PubMed, QuillNet outperforms GAT and GCN on node classification.

#2 Does QuillNet Scale? [PDF] [Copy] [Kimi] [REL]
Authors: Ben Sample, Cora Beispiel
We compare QuillNet, GCN and GraphSAGE for node classification. GraphSAGE outperforms GCN on Reddit and ogbn-arxiv, \
while QuillNet is evaluated on PubMed and Cora only.

#3 InkPrune: Pruning Graph Neural Networks [PDF] [Copy] [Kimi] [REL]
Authors: Dan Muster, Eve Voorbeeld
We introduce InkPrune, a pruning method for GCN and GraphSAGE. InkPrune is evaluated on ogbn-arxiv and Cora \
for node classification and link prediction, and outperforms QuillNet.
"""

pytestmark = pytest.mark.filterwarnings(
    # ZeroMQ's loop and nbclient's sockets may be collected after their loop has ended; nothing of kgtool's is meant.
    "ignore:.*zmq.*:ResourceWarning",
    "ignore::DeprecationWarning:jupyter_client",
    "ignore::DeprecationWarning:nbclient",
    "ignore::DeprecationWarning:zmq",
)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook):
    return [output for cell in code(notebook) for output in cell.outputs]


def texts(output):
    """What can be read of an output, picture data aside."""
    if output.output_type == "stream":
        return [output.text]
    return [text for kind, text in output.data.items() if not kind.startswith("image/")]


def workplace(folder):
    """A copy of what the notebooks need, with the folders lying as in the repository."""
    shutil.copytree(EXAMPLES, folder / "examples")
    (folder / "notebooks").mkdir()
    (folder / "own.txt").write_text(OWN, encoding="utf-8")
    (folder / "tmp").mkdir()
    return folder / "notebooks"


def execute(path, folder, digests=LINE):
    notebook = run.read(path)
    opening = code(notebook)[0]
    assert opening.source.startswith(LINE)
    opening.source = opening.source.replace(LINE, digests)
    place = workplace(folder)
    done = run.execute(notebook, place, TMPDIR=str(folder / "tmp"))
    assert not list(place.iterdir()), "a notebook leaves something behind"
    assert not [left for left in (folder / "tmp").iterdir() if (left / "kg").exists()]
    return done


def numbers_apart(text):
    """The words of a text and its decimals, which differ in their last digits between processors."""
    words = re.split(r"(?<![\w.-])(\d+\.\d+(?:e-?\d+)?)(?![\w.])", text)
    return " ".join(" ".join(words[::2]).split()), [float(number) for number in words[1::2]]


def what_it_says(notebook):
    """For each output its kind, its words and its decimals; of a picture that there is one."""
    said = []
    for output in outputs(notebook):
        kinds = sorted(output.get("data", {}))
        text = output.text if output.output_type == "stream" else output.data.get("text/plain", "")
        said.append((output.output_type, kinds, *numbers_apart(text)))
    return said


def test_there_are_four_notebooks_and_each_is_described():
    assert [path.stem for path in NOTEBOOKS] == NAMES
    readme = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    for path in NOTEBOOKS:
        assert f"({path.name})" in readme


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestCommitted:
    def test_it_is_thin(self, path):
        for cell in code(run.read(path)):
            assert not re.search(r"^\s*(async\s+def|def|class)\b", cell.source, re.M)
            assert not re.search(r"^\s*[!%]", cell.source, re.M), "no shell and no magic"

    def test_prose_stands_before_every_piece_of_work(self, path):
        kinds = [cell.cell_type for cell in run.read(path).cells]
        assert kinds[0] == kinds[-1] == "markdown"
        assert kinds.count("markdown") >= 8

    def test_it_was_run_from_top_to_bottom(self, path):
        cells = code(run.read(path))
        assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))

    def test_it_holds_nothing_of_the_machine_or_the_time(self, path):
        notebook = run.read(path)
        assert notebook.metadata == run.METADATA
        assert all(cell.metadata == {} for cell in notebook.cells)
        assert [cell.id for cell in notebook.cells] == [f"cell-{at:02}" for at in range(1, len(notebook.cells) + 1)]
        for output in outputs(notebook):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text
            for text in texts(output):
                assert not re.search(r"(?<![\w/])/(?:home|root|tmp|work|usr|opt|var|private|Users)/|[A-Z]:\\", text)
                assert not re.search(r"\bat 0x[0-9a-f]{6,}", text)

    def test_it_is_written_in_one_form(self, path, tmp_path):
        run.write(run.plain(run.read(path)), tmp_path / path.name)
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()

    def test_it_can_be_read_on_the_web(self, path):
        assert path.stat().st_size < LARGEST
        assert any("text/html" in output.get("data", {}) for output in outputs(run.read(path)))
        for output in outputs(run.read(path)):
            html = output.get("data", {}).get("text/html", "")
            assert not re.search(r"<(script|iframe|img|link)\b", html, re.I), "a page on the web drops it"

    def test_links_lead_somewhere(self, path):
        for cell in run.read(path).cells:
            for target in re.findall(
                r"\]\((?!https?:)([^)#]+)[^)]*\)", cell.source if cell.cell_type != "code" else ""
            ):
                assert (path.parent / target).exists(), target


@pytest.mark.parametrize(("stem", "least"), [(NAMES[0], 1), (NAMES[1], 1), (NAMES[3], 1)])
def test_there_are_pictures(stem, least):
    notebook = run.read(ROOT / "notebooks" / f"{stem}.ipynb")
    assert sum("image/png" in output.get("data", {}) for output in outputs(notebook)) >= least


def test_ten_questions_are_asked_in_both_languages():
    cells = [cell.source for cell in code(run.read(ROOT / "notebooks" / f"{NAMES[2]}.ipynb"))]
    asked = [source for source in cells if "assert cypher == sparql" in source]
    assert len(asked) == 10
    assert all("kg.cypher(" in source and "kg.sparql(" in source for source in asked)
    canned = [re.findall(r'kg\.(?:cypher|sparql)\("([\w-]+)"', source) for source in asked]
    assert sorted(map(len, canned)) == [0] * 5 + [2] * 5
    assert all(len(set(names)) <= 1 for names in canned)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_committed_is_what_a_clean_kernel_prints(path, tmp_path):
    committed, fresh = what_it_says(run.read(path)), what_it_says(execute(path, tmp_path))
    stale = f"{path.name} is out of date: python notebooks/run.py"
    assert [said[:3] for said in committed] == [said[:3] for said in fresh], stale
    for (*_, before), (*_, after) in zip(committed, fresh, strict=True):
        assert before == pytest.approx(after, abs=0.02), stale


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_one_line_leads_to_other_digests(path, tmp_path):
    notebook = execute(path, tmp_path, 'DIGESTS = ["../own.txt"]')
    shown = "\n".join(text for output in outputs(notebook) for text in texts(output))
    assert {"01": "QuillNet", "02": "Cora", "03": "Does QuillNet Scale?", "04": "Ben Sample"}[path.stem[:2]] in shown
    assert "GraphMend" not in shown


def test_a_cell_that_fails_is_an_error(tmp_path):
    notebook = run.nbformat.v4.new_notebook(cells=[run.nbformat.v4.new_code_cell("1 / 0")])
    from nbclient.exceptions import CellExecutionError

    with pytest.raises(CellExecutionError, match="division"):
        run.execute(notebook, tmp_path)


def test_running_leaves_out_what_differs_between_runs(tmp_path):
    made = run.nbformat.v4.new_notebook(
        cells=[run.nbformat.v4.new_code_cell("import sys\nprint('a')\nprint('b')\nsys.executable")],
        metadata={"kernelspec": {"name": "another", "display_name": "another"}},
    )
    done = run.execute(made, tmp_path)
    run.write(done, tmp_path / "a.ipynb")
    written = json.loads((tmp_path / "a.ipynb").read_text(encoding="utf-8"))
    (cell,) = written["cells"]
    assert written["metadata"] == run.METADATA
    assert (cell["id"], cell["metadata"], cell["execution_count"]) == ("cell-01", {}, 1)
    assert [output["output_type"] for output in cell["outputs"]] == ["stream", "execute_result"]
    # It is the running Python that answered, whatever kernels the machine has.
    assert run.sys.executable in "".join(cell["outputs"][1]["data"]["text/plain"])
