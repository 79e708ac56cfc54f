"""What a verb has to say of each target, as one answer."""

import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import click

from feddns.cli.options import Output
from feddns.cli.output import emit
from feddns.config.parse import Loaded
from feddns.errors import ProviderError
from feddns.model.printable import printable

T = TypeVar("T")


def check_targets(loaded: Loaded, chosen: Collection[str]) -> None:
    """Refuse names that no target has.

    Raises:
        click.BadParameter: says which there are.
    """
    names = [target.name for target in loaded.targets]
    for name in chosen:
        if name not in names:
            raise click.BadParameter(
                f'there is no target "{name}"; there are: {", ".join(names)}', param_hint="--target"
            )


def show_each(
    loaded: Loaded,
    outcomes: Mapping[str, T | ProviderError],
    output: Output,
    value: Callable[[T], Mapping[str, Any]],
    text: Callable[[T], str],
    **more: Any,
) -> None:
    """Print what was found for each target; where one failed, exit with 1 after the others are told.

    With one target it is printed as it is. With `dns.targets`, JSON and YAML have a list `targets`, each with its name
    as `target`, and with `error` where nothing could be found; text has a heading for each.

    Args:
        loaded: the configuration.
        outcomes: by target, in order.
        output: the form.
        value: makes plain values.
        text: makes lines for people.
        more: what JSON and YAML have beside `targets`.

    Raises:
        ProviderError: the only target failed.
    """
    if not loaded.settings.dns.targets:
        (outcome,) = outcomes.values()
        if isinstance(outcome, ProviderError):
            raise outcome
        emit(value(outcome), output, lambda _: text(outcome))
        return
    values = [
        {"target": name, "error": str(outcome)}
        if isinstance(outcome, ProviderError)
        else {"target": name, **value(outcome)}
        for name, outcome in outcomes.items()
    ]
    emit({"targets": values, **more}, output, lambda _: sections(outcomes, text))
    if any(isinstance(outcome, ProviderError) for outcome in outcomes.values()):
        sys.exit(1)


def sections(outcomes: Mapping[str, T | ProviderError], text: Callable[[T], str]) -> str:
    """What was found for each target, under a heading for each."""
    return "\n\n".join(_section(*each, text) for each in outcomes.items())


def _section(name: str, outcome: T | ProviderError, text: Callable[[T], str]) -> str:
    heading = click.style(f"target {printable(name)}", bold=True)
    if isinstance(outcome, ProviderError):
        return f"{heading}\n{click.style(printable(f'failed: {outcome}'), fg='red')}"
    return f"{heading}\n{text(outcome)}"
