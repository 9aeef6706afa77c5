"""The name of a knowledge graph on servers, where several may live side by side."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from kgtool.errors import StoreError

FILE_NAME = "name"
_LONGEST = 200


def graph_name(kg: Path) -> str:
    """The name that is kept in the folder `kg`; one is made where there is none yet.

    A name is the folder's and a random ending: most knowledge graphs lie in a folder called ``kg``. Raises StoreError
    where it can be neither read nor kept.
    """
    path = kg / FILE_NAME
    try:
        if not path.exists():
            folder = "".join(char if char.isprintable() else "-" for char in kg.absolute().name[: _LONGEST - 9])
            _keep(path, f"{folder}-{secrets.token_hex(4)}")
        name = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise StoreError(f"{path}: the name of this graph on servers can be neither read nor kept: {reason}") from error
    if not name or len(name) > _LONGEST or not name.isprintable():
        raise StoreError(f"{path}: holds no name: expected one line of at most {_LONGEST} letters")
    return name


def _keep(path: Path, name: str) -> None:
    """Whole or not at all, and the first of two who do so at once is the one that counts."""
    handle, aside = tempfile.mkstemp(prefix="name.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(name + "\n")
        try:
            Path(aside).chmod(0o644)
            os.link(aside, path)
        except FileExistsError:
            return
        except OSError:  # a file system without links
            Path(aside).replace(path)
    finally:
        Path(aside).unlink(missing_ok=True)
