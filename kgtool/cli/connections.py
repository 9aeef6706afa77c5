"""Commands that find what is not in one abstract: find, related, connect."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
