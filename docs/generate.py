"""Bring the docs up to date with the program: run the README's commands, print the CLI reference.

    python docs/generate.py         rewrite README.md and docs/cli.md

A test compares: docs that are not true fail the build.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
CLI = ROOT / "docs" / "cli.md"
_CONSOLE = re.compile(r"(?<=```console\n)(.*?)(?=^```$)", re.M | re.S)


def with_outputs(text: str, folder: Path) -> str:
    """The text with the output of every ``$ kgtool …`` line in its console blocks, run in order in `folder`."""

    def run_block(match: re.Match[str]) -> str:
        return "".join(f"$ {command}\n{run(command, folder)}" for command in commands(match[1]))

    return _CONSOLE.sub(run_block, text)


def commands(block: str) -> Iterator[str]:
    """The commands of a console block; one may go on over lines that end in a backslash or stand in quotes."""
    lines = iter(block.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line.removeprefix("$ ")
            while not _complete(command):
                command += "\n" + next(lines)
            yield command


def _complete(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return False
    return not command.endswith("\\")


def run(command: str, folder: Path) -> str:
    """What a command prints, messages too."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "120",
        "KGTOOL_KG": "",
    }
    environment.pop("KGTOOL_KG")
    done = subprocess.run(
        command, shell=True, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
        check=False,
    )  # fmt: skip
    return done.stdout


def cli_reference() -> str:
    """The help of every command, as one page."""
    from kgtool.cli import main

    parts = ["# Command line reference\n\nGenerated from the program's own help by `python docs/generate.py`.\n"]
    width = {"terminal_width": 110, "max_content_width": 110}
    context = click.Context(main, info_name="kgtool", **main.context_settings, **width)
    parts.append(_section("kgtool", main, context))
    for name, command in main.commands.items():
        inner = click.Context(command, info_name=name, parent=context, **width)
        parts.append(_section(f"kgtool {name}", command, inner))
    return "\n".join(parts)


def _section(title: str, command: click.Command, context: click.Context) -> str:
    return f"## `{title}`\n\n```text\n{command.get_help(context).rstrip()}\n```\n"


def with_schema(text: str) -> str:
    """The text with the picture of the schema between its marks."""
    from kgtool.schemagen import diagram, read_schema
    from kgtool.vocab import ontology_file

    picture = f"```mermaid\n{diagram(read_schema(ontology_file('kgtool.ttl'))).strip()}\n```"
    return re.sub(r"(?<=<!-- schema:begin -->\n).*?(?=<!-- schema:end -->)", lambda _: f"{picture}\n", text, flags=re.S)


def readme() -> str:
    """README.md as it should be."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(ROOT / "examples", Path(name) / "examples")
        return with_schema(with_outputs(README.read_text(encoding="utf-8"), Path(name)))


if __name__ == "__main__":
    README.write_text(readme(), encoding="utf-8")
    CLI.write_text(cli_reference(), encoding="utf-8")
