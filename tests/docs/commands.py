"""Command lines of feddns in the docs, read as feddns reads them; nothing is run."""

import importlib
from collections.abc import Sequence
from typing import Any

import click

from feddns.cli.main import cli


def taken(words: Sequence[str]) -> dict[str, Any]:
    """What a verb makes of its arguments.

    Args:
        words: the command line, `feddns` at its head; options that every verb takes stand behind the verb.

    Raises:
        click.ClickException: it is refused.
    """
    verb, *rest = words[1:]
    root = click.Context(cli, info_name="feddns")
    root.params = {"config": "feddns.yaml", "output": "text"}
    command: click.Command = importlib.import_module(f"feddns.cli.{verb}").command
    return command.make_context(verb, rest, parent=root).params
