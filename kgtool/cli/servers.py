"""How commands learn where a Neo4j server is and who they are to it; a password is never an argument."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kgtool.errors import InputError

if TYPE_CHECKING:
    from kgtool.stores.neo4j import Server

_F = TypeVar("_F", bound=Callable[..., Any])


def neo4j_options(command: _F) -> _F:
    """``--user``, ``--password-file`` and ``--database``."""
    for option in (
        click.option(
            "--database",
            metavar="NAME",
            envvar="NEO4J_DATABASE",
            show_envvar=True,
            help="The database on a Neo4j server.  [default: the user's own]",
        ),
        click.option(
            "--password-file",
            metavar="FILE",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A file whose first line is the password.  [default: the environment, else a question]",
        ),
        click.option(
            "--user",
            metavar="NAME",
            envvar="NEO4J_USERNAME",
            default="neo4j",
            show_default=True,
            show_envvar=True,
            help="The user on a Neo4j server; the password is in NEO4J_PASSWORD, in a file, or asked for.",
        ),
    ):
        command = option(command)
    return command


def neo4j_server(uri: str, user: str, password_file: Path | None, database: str | None) -> Server:
    """The server of these options.

    The password is that of the file, else of NEO4J_PASSWORD, else what is typed unseen on a terminal; without any of
    these, or with an empty one, the server is asked without credentials. Raises `InputError`.
    """
    from kgtool.stores.neo4j import Server

    Server(uri)  # an address that is none is told before a password is asked for
    password: str | None
    if password_file is not None:
        try:
            password = (password_file.read_text(encoding="utf-8").splitlines() or [""])[0]
        except (OSError, UnicodeDecodeError):
            raise InputError(f"{password_file}: no password can be read from it") from None
    elif (password := os.environ.get("NEO4J_PASSWORD")) is None and sys.stdin is not None and sys.stdin.isatty():
        password = click.prompt(
            f"Password of {user} at {uri}", default="", show_default=False, hide_input=True, err=True
        )
    return Server(uri, user, password or None, database or None)
