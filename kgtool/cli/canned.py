"""The command that lists the canned queries."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
