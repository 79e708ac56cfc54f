"""The command `feddns`: its verbs, and what its exit codes mean.

0 is success, 1 an error, 2 a bad configuration or a bad command line, 130 an interrupt. `plan
--detailed-exitcode` gives 2 another meaning: there are changes.
"""

import os
from importlib import import_module
from typing import Any, Final

import click

from feddns import __version__
from feddns.cli.options import root_options
from feddns.errors import ConfigError, FeddnsError
from feddns.model.printable import printable

VERBS: Final = {
    "run": "Keep the zone in line with the clusters until stopped.",
    "status": "Show what a running feddns sees, believes and writes.",
    "plan": "Show what would change in the zone, and change nothing.",
    "apply": "Bring the zone in line with the clusters once, then exit.",
    "adopt": "Take over names that others have written.",
    "release": "Give up the claim on the names, and leave the records.",
    "purge": "Delete all that the federation has in a zone.",
    "drain": "Have the clients of a cluster leave it in good order.",
    "undrain": "Have a drained cluster answer again.",
    "evict": "Take a cluster out of every answer at once.",
    "readmit": "Have an evicted cluster answer again.",
    "freeze": "Stop all writing.",
    "thaw": "Resume all writing.",
    "join": "Have a cluster join, from a laptop with a kubeconfig.",
    "leave": "Have a cluster leave.",
    "zones": "Show the zones, and whether they are delegated.",
    "records": "Print the records that should be; needs no provider.",
    "whatif": "Tell which answers would change if clusters failed.",
    "explain": "Tell why a name has the answer that it has.",
    "clusters": "Show every cluster as it is seen now.",
    "check": "Check the configuration and the files that it names.",
    "completion": "Print the completion script for a shell.",
}
"""By verb, its line in the help. A verb `x` is the object `command` of `feddns.cli.x`, imported when it is used."""


class Verbs(click.Group):
    """Imports a verb when it is used: help, completion and errors must not wait for cluster and provider clients.

    Its `commands` know no more than their line in the help.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The verbs, in the order of the help."""
        return list(VERBS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb itself, imported."""
        name, known, rest = super().resolve_command(ctx, args)
        if name is None or known is None:
            return name, known, rest
        command: click.Command = import_module(f"feddns.cli.{name}").command
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; errors that are meant for people end in a line and an exit code, not in a traceback."""
        try:
            return super().invoke(ctx)
        except FeddnsError as error:
            ctx.exit(_tell(error))
        except BaseExceptionGroup as group:  # a task group wraps what its tasks raise
            told, rest = group.split(FeddnsError)
            if told is None or rest is not None:
                raise
            ctx.exit(max(_tell(error) for error in _leaves(told)))
        except KeyboardInterrupt:
            ctx.exit(130)


def _tell(error: FeddnsError) -> int:
    is_config = isinstance(error, ConfigError)
    text = str(error) if is_config else f"feddns: {error}"
    for line in text.split("\n"):  # what stands in a file may try to write on the terminal
        click.echo(printable(line), err=True)
    return 2 if is_config else 1


def _leaves(group: BaseExceptionGroup[FeddnsError]) -> list[FeddnsError]:
    leaves: list[FeddnsError] = []
    for error in group.exceptions:
        leaves.extend(_leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    return leaves


@click.group(
    cls=Verbs,
    name="feddns",
    commands={name: click.Command(name, help=text) for name, text in VERBS.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@root_options
@click.version_option(__version__, message="feddns %(version)s")
@click.pass_context
def cli(context: click.Context, /, **_: str) -> None:
    """One DNS answer for a service that runs in many Kubernetes clusters.

    Exit codes: 0 done; 1 an error; 2 a bad configuration or command line, or, with plan --detailed-exitcode, changes;
    130 interrupted.
    """
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        context.color = False


def main() -> None:
    """Run the command line."""
    cli(prog_name="feddns")
