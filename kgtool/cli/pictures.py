"""The command that draws: plot."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
