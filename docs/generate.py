"""Bring the docs up to date with the program: run the commands of the pages, print the CLI reference and the queries.

    python docs/generate.py         rewrite README.md, docs/exploring.md, docs/cli.md and docs/queries.md

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
EXPLORING = ROOT / "docs" / "exploring.md"
CLI = ROOT / "docs" / "cli.md"
QUERIES = ROOT / "docs" / "queries.md"
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
    parts += _sections(main, context, "kgtool", width)
    return "\n".join(parts)


def _sections(group: click.Group, context: click.Context, title: str, width: dict[str, int]) -> Iterator[str]:
    for name, command in group.commands.items():
        inner = click.Context(command, info_name=name, parent=context, **width)
        yield _section(f"{title} {name}", command, inner)
        if isinstance(command, click.Group):
            yield from _sections(command, inner, f"{title} {name}", width)


def _section(title: str, command: click.Command, context: click.Context) -> str:
    return f"## `{title}`\n\n```text\n{command.get_help(context).rstrip()}\n```\n"


_QUERIES_INTRO = """\
# Canned queries

Generated from the files in `kgtool/queries` by `python docs/generate.py`.

Questions that stand ready in SPARQL and in Cypher; both give the same columns and the same rows in the same order.

```sh
kgtool queries                                              # list them
kgtool queries papers-of-method                             # the parameters of one
kgtool cypher papers-of-method -p method=GRPO -p limit=5    # run it
kgtool sparql papers-of-method --show > mine.rq             # a query of your own, to start from
kgtool sparql -f mine.rq -p method=GRPO -p min_confidence=0 -p limit=5
```

In Python: `kgtool.queries.run(kg, "papers-of-method", "cypher", {"method": "GRPO", "limit": 5})` gives a table, and
`kgtool.queries.prepare` the text and the parameters for a server of yours.

Names fit in any case, whole, as a name, an alias or an id; where one fits several nodes, the rows of all of them come.
Case is the engine's: beyond the usual letters (`İ`, a final `Σ`) the two may fold it differently. A role counts as
in `kgtool matrix`: a method that is introduced, used or compared with, a dataset that is introduced, evaluated on or
trained on, a task that is addressed. A date is compared as far as it is known; papers of unknown date are in no period.
A value is always a value: nothing in it can become part of a query. The Cypher keeps to what Ladybug and Neo4j 5 read
alike; in a Neo4j database that holds other graphs too, it sees all nodes of the same labels.
"""


def query_reference() -> str:
    """Every canned query, as one page."""
    from kgtool.queries import queries

    found = queries()
    parts = [_QUERIES_INTRO, "| query | answers |\n| --- | --- |"]
    parts[-1] += "".join(f"\n| [`{query.name}`](#{query.name}) | {query.answers} |" for query in found) + "\n"
    for query in found:
        files = " · ".join(
            f"[{title}](../kgtool/queries/{query.name}.{suffix})"
            for title, suffix in (("SPARQL", "rq"), ("Cypher", "cypher"))
        )
        columns = ", ".join(f"`{name}`" for name in _columns(query.sparql))
        parts.append(f"## `{query.name}`\n\n{query.answers}\n\nGives {columns}. {files}\n")
        if query.parameters:
            rows = (
                f"| `{each.name}` | {each.type} | {each.default or 'required'} | {each.meaning} |"
                for each in query.parameters
            )
            parts.append(
                "\n".join(["| parameter | type | default | means |", "| --- | --- | --- | --- |", *rows]) + "\n"
            )
        parts.append(f"```sh\nkgtool cypher {query.name} {query.example}".rstrip() + "\n```\n")
    return "\n".join(parts)


def _columns(sparql: str) -> list[str]:
    """The columns of a query, from its outermost SELECT."""
    projected = re.search(r"^SELECT (.*?) WHERE", sparql, re.M | re.S)
    assert projected
    return re.findall(r"\?(\w+)", re.sub(r"\(.*? AS (\?\w+)\)", r"\1", projected[1]))


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


def exploring() -> str:
    """docs/exploring.md as it should be; its commands ask the graph of the examples."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(ROOT / "examples", Path(name) / "examples")
        run("kgtool build examples/*.txt examples/daily-*.md", Path(name))
        return with_outputs(EXPLORING.read_text(encoding="utf-8"), Path(name))


if __name__ == "__main__":
    README.write_text(readme(), encoding="utf-8")
    EXPLORING.write_text(exploring(), encoding="utf-8")
    CLI.write_text(cli_reference(), encoding="utf-8")
    QUERIES.write_text(query_reference(), encoding="utf-8")
