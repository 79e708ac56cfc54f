"""What a person should know beside the answer, on standard error."""

import click

from feddns.model.printable import printable


def warn(*lines: str) -> None:
    """Print each line as a warning."""
    for line in lines:
        click.echo(f"{click.style('warning', fg='yellow')}: {printable(line)}", err=True)
