"""The command that lists the canned queries."""

from __future__ import annotations

import click

from kgtool.cli.base import chosen, output_option, print_table


@click.command()
@click.argument("name", required=False)
@output_option
def queries(name: str | None, output: str | None) -> None:
    """The canned queries: questions that stand ready in SPARQL and in Cypher, with the same answer.

    With a NAME, the parameters of that query. `kgtool sparql NAME` or `kgtool cypher NAME` runs one, with its
    parameters by -p; with --show they print its text, to start from.

    \b
    Example:
      kgtool queries
      kgtool queries papers-of-method
    """
    from kgtool import queries as canned
    from kgtool.records import Table

    if name is None:
        print_table(canned.listing(), output)
        return
    query = canned.find(name)
    if chosen(output) == "table":
        click.echo(
            f"{query.answers}\n\n  kgtool sparql {name} {query.example}\n  kgtool cypher {name} {query.example}\n"
        )
    rows = tuple((each.name, each.type, each.default, each.meaning) for each in query.parameters)
    print_table(Table(("parameter", "type", "default", "meaning"), rows), output)


COMMANDS: tuple[click.Command, ...] = (queries,)
