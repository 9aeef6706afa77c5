"""Execute the notebooks in place: ``python notebooks/run.py [NOTEBOOK…]``, all of them where none is named.

Each runs from a clean kernel of the Python that runs this. What differs between two runs or two machines (times, ids,
versions) is left out, so that a notebook that still prints the same does not change.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

HERE = Path(__file__).parent
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_CELL_TIMEOUT = 900
_START_TIMEOUT = 300
"""Seconds; on a busy machine a kernel takes its time."""


def execute(notebook: nbformat.NotebookNode, folder: Path, **environment: str) -> nbformat.NotebookNode:
    """The notebook with the outputs of a run in `folder`, as it is committed; `environment` is set in the kernel.

    Raises nbclient's CellExecutionError where a cell fails.
    """
    with TemporaryDirectory() as aside:
        manager = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(_this_python(Path(aside)))]),
            connection_file=str(Path(aside) / "connection.json"),
            transport="tcp" if os.name == "nt" else "ipc",  # no port that others on the machine could listen to
        )
        client = NotebookClient(
            notebook,
            km=manager,
            resources={"metadata": {"path": str(folder)}},
            timeout=_CELL_TIMEOUT,
            startup_timeout=_START_TIMEOUT,
            record_timing=False,
            coalesce_streams=True,
        )
        # The kernel ends with the run, and nobody's profile or startup files come in.
        client.execute(cleanup_kc=True, env={**os.environ, "IPYTHONDIR": aside, **environment})
    return plain(notebook)


def _this_python(folder: Path) -> Path:
    """Where a kernel of the running Python is described, whatever else is installed on the machine."""
    spec = folder / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": command, "display_name": "Python 3", "language": "python"}), encoding="utf-8")
    return folder / "kernels"


def plain(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without what says nothing about it: times, versions, random ids, a picture's data as text."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number:02}"
        cell.metadata = nbformat.from_dict({})
        for output in cell.get("outputs", ()):
            _plain_output(output)
    return notebook


def _plain_output(output: Any) -> None:
    output.pop("metadata", None)
    if output.output_type in ("display_data", "execute_result"):
        output.metadata = nbformat.from_dict({})
        if "image/png" in output.data:
            output.data["text/plain"] = "(picture)"


def read(path: Path) -> nbformat.NotebookNode:
    """The notebook in this file."""
    return nbformat.read(path, as_version=4)


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write the notebook, in one form only."""
    nbformat.validate(notebook)
    path.write_text(
        json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n"
    )


def main() -> None:
    """Execute the notebooks named on the command line, or all."""
    for path in [Path(name) for name in sys.argv[1:]] or sorted(HERE.glob("*.ipynb")):
        print(path.name, flush=True)
        write(execute(read(path), path.resolve().parent), path)


if __name__ == "__main__":
    main()
