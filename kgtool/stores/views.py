"""The views of a corpus: an Oxigraph store for SPARQL and a Ladybug database for Cypher, made aside and swapped in.

`views/<generation>-<fingerprint>/` holds `rdf/`, `graph.lbug`, `manifest.json` and `in-use`, a lock that readers share.
`views/CURRENT` names the folder that answers. A view that does not match the corpus or the versions of the
engines is made anew in a child process, so that a crash of an engine cannot take the command down.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from kgtool import __version__
from kgtool.errors import StoreError, TornView
from kgtool.stores import locks
from kgtool.stores.corpus import Corpus, State

_Answer = TypeVar("_Answer")

FORMAT_VERSION = 1
_LOCK_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class View:
    """One generation of both views, ready to be asked."""

    folder: Path

    @property
    def rdf(self) -> Path:
        """The folder of the Oxigraph store."""
        return self.folder / "rdf"

    @property
    def ladybug(self) -> Path:
        """The file of the Ladybug database."""
        return self.folder / "graph.lbug"


@contextmanager
def current_view(kg: Path) -> Iterator[View]:
    """The view of the corpus as it is now, brought up to date first where it is behind; kept while in the block.

    Raises `StoreError` where there is no corpus, or no view of it can be made.
    """
    with Corpus.open(kg) as corpus:
        state = corpus.state()
    view = _ready(kg, state)
    if view is None:
        refresh(kg)
        with Corpus.open(kg) as corpus:
            view = _ready(kg, corpus.state())
    if view is None:
        raise StoreError(f"{kg}: the graph changed while its views were made; try again")
    with _held(view):
        yield view


def ask(kg: Path, question: Callable[[View], _Answer]) -> _Answer:
    """The answer of the current view; a view that turns out to be damaged is made again, once, and asked again."""
    try:
        with current_view(kg) as view:
            return question(view)
    except TornView:
        (kg / "views" / "CURRENT").unlink(missing_ok=True)
    with current_view(kg) as view:
        return question(view)


def refresh(kg: Path) -> None:
    """Make the views of the corpus as it is now, unless they stand already; old ones go when nobody reads them."""
    views = kg / "views"
    try:
        views.mkdir(exist_ok=True)
        with locks.exclusive(views / "lock", _LOCK_SECONDS, "is making the views of this graph"):
            with Corpus.open(kg) as corpus:
                state = corpus.state()
            if _ready(kg, state) is None:
                _make(kg, state)
            _drop_old(views, _folder_name(state))
    except OSError as error:
        raise StoreError(f"{views}: the views cannot be written: {error}") from error


def _folder_name(state: State) -> str:
    return f"{state.generation}-{state.fingerprint[:12]}"


def _manifest(state: State) -> dict[str, str | int]:
    """What a view was made of and with; a view with another manifest is made anew."""
    return {
        "format": FORMAT_VERSION,
        "kgtool": __version__,
        "ladybug": version("ladybug"),
        "pyoxigraph": version("pyoxigraph"),
        "generation": state.generation,
        "fingerprint": state.fingerprint,
    }


def _ready(kg: Path, state: State) -> View | None:
    views = kg / "views"
    try:
        name = (views / "CURRENT").read_text(encoding="utf-8").strip()
        if name != _folder_name(state):
            return None
        manifest = json.loads((views / name / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    view = View(views / name)
    return view if manifest == _manifest(state) | {"sizes": _sizes(view.folder)} else None


def _sizes(folder: Path) -> dict[str, int]:
    """Bytes of each file that holds data: the database, and the tables of the RDF store."""
    files = [folder / "graph.lbug", *sorted((folder / "rdf").glob("*.sst")), folder / "rdf" / "CURRENT"]
    return {file.relative_to(folder).as_posix(): file.stat().st_size for file in files if file.is_file()}


def _make(kg: Path, state: State) -> None:
    views = kg / "views"
    name = _folder_name(state)
    aside = views / f"{name}.{os.getpid()}.tmp"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        _run_viewmaker(kg, aside, state)
        (aside / "manifest.json").write_text(
            json.dumps(_manifest(state) | {"sizes": _sizes(aside)}, indent=1), encoding="utf-8"
        )
        (aside / "in-use").touch()
        shutil.rmtree(views / name, ignore_errors=True)
        aside.rename(views / name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    pointer = views / "CURRENT.tmp"
    pointer.write_text(name + "\n", encoding="utf-8")
    pointer.replace(views / "CURRENT")


def _run_viewmaker(kg: Path, aside: Path, state: State) -> None:
    """The child ends when its standard input does, so that it does not outlive a parent that is killed."""
    command = [sys.executable, "-P", "-m", "kgtool.stores.viewmaker", str(kg.absolute()), str(aside.absolute())]
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints,
        subprocess.Popen([*command, state.fingerprint], stdin=subprocess.PIPE, stderr=complaints) as child,
    ):
        try:
            code = child.wait()
        except BaseException:
            child.kill()
            raise
        if code != 0:
            complaints.seek(0)
            last = (complaints.read().strip().splitlines() or [f"it ended with exit code {code}"])[-1]
            raise StoreError(f"{kg}: the views could not be made: {last}")


def _drop_old(views: Path, current: str) -> None:
    for folder in sorted(views.iterdir()):
        if folder.is_dir() and folder.name != current:
            lock = folder / "in-use"
            if not lock.exists() or not locks.is_held(lock):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _held(view: View) -> Iterator[None]:
    if not os.access(view.folder, os.W_OK):
        yield
        return
    with locks.shared(view.folder / "in-use"):
        yield
