"""The options that every verb has, also before the verb: `--config` and `--output`."""

from collections.abc import Callable
from typing import Any, Final, Literal, TypeVar, get_args

import click

Output = Literal["text", "json", "yaml"]
"""The forms in which a verb can answer."""

DEFAULT_CONFIG: Final = "feddns.yaml"
CONFIG_VARIABLE: Final = "FEDDNS_CONFIG"

Call = TypeVar("Call", bound=Callable[..., Any])


def common_options(function: Call) -> Call:
    """Give a verb `--config` and `--output`, as arguments `config: str` and `output: Output`.

    What stands after the verb goes before what stands in front of it, and that before the environment.
    """
    return _config(default=None, callback=_inherited)(_output(default=None, callback=_inherited)(function))


def target_option(function: Call) -> Call:
    """Give a verb `--target`, as the argument `target: tuple[str, ...]`; empty for all targets."""
    text = "Only this target of `dns.targets`, by its name; may be given more than once."
    return click.option("--target", "target", multiple=True, metavar="NAME", help=text)(function)


def yes_option(function: Call) -> Call:
    """Give a verb `--yes`, as the argument `yes: bool`."""
    return click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")(function)


def root_options(function: Call) -> Call:
    """The same two options for the group itself, with their defaults."""
    return _config(default=DEFAULT_CONFIG, envvar=CONFIG_VARIABLE)(_output(default="text")(function))


def _config(**settings: Any) -> Callable[[Call], Call]:
    text = f"The configuration file.  [env: {CONFIG_VARIABLE}; default: {DEFAULT_CONFIG}]"
    return click.option("--config", type=click.Path(), metavar="FILE", help=text, **settings)


def _output(**settings: Any) -> Callable[[Call], Call]:
    text = "How to print the answer.  [default: text]"
    return click.option("--output", type=click.Choice(get_args(Output)), help=text, **settings)


def _inherited(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    return value if value is not None else context.find_root().params[str(parameter.name)]
