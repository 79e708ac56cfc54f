"""`feddns completion`: the script that lets a shell complete verbs and options."""

from typing import Final

import click
from click.shell_completion import get_completion_class

SHELLS: Final = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the completion script for a shell.

    \b
    bash:  source <(feddns completion bash)
    zsh:   source <(feddns completion zsh)
    fish:  feddns completion fish > ~/.config/fish/completions/feddns.fish
    """  # noqa: D301 - click wants the backspace itself
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"this version of click has no completion for {shell}")
    root = context.find_root()
    click.echo(kind(root.command, {}, "feddns", "_FEDDNS_COMPLETE").source())
