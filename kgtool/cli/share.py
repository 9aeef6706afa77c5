"""Commands that take the graph elsewhere: export, push, serve."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
