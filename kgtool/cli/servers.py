"""How commands learn where a Neo4j server is and who they are to it; a password is never an argument."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kgtool.cli.base import kg_option
from kgtool.errors import InputError

if TYPE_CHECKING:
    from kgtool.analysis.reader import Graph
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


def graph_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--kg``, and ``--neo4j`` with its own: the command is given one `kg`, a folder or a graph on a server."""

    @functools.wraps(command)
    def on_graph(
        kg: Path,
        neo4j: str | None,
        graph: str | None,
        user: str,
        password_file: Path | None,
        database: str | None,
        **others: Any,
    ) -> Any:
        if neo4j is not None:
            _check_scheme(neo4j)
            return command(kg=graph_on_server(neo4j_server(neo4j, user, password_file, database), graph, kg), **others)
        if graph is not None:
            raise click.UsageError("--graph goes with --neo4j")
        return command(kg=kg, **others)

    name = click.option(
        "--graph",
        metavar="NAME",
        help="The name of the graph on the server.  [default: the one kept in the folder, else the only one there]",
    )
    uri = click.option(
        "--neo4j",
        metavar="URI",
        help="Ask the graph that was pushed to this Neo4j server, not that in the folder.",
    )
    return kg_option(uri(name(neo4j_options(on_graph))))


def _check_scheme(uri: str) -> None:
    from kgtool.push.targets import NEO4J

    if uri.partition("://")[0].lower() not in NEO4J:
        known = ", ".join(f"{scheme}://" for scheme in NEO4J)
        raise InputError(f"{uri}: the address of a Neo4j server begins with one of {known}")


def graph_on_server(server: Server, name: str | None, kg: Path) -> Graph:
    """The graph of this name on a server; without a name, of the one that the folder `kg` keeps, if it keeps any."""
    from kgtool.push.naming import FILE_NAME, graph_name
    from kgtool.stores.neo4j_asking import ServerGraph

    if name is None and (kg / FILE_NAME).is_file():
        name = graph_name(kg)
    return ServerGraph(server, name)


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
