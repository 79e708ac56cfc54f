"""Verbs that show what they would write, ask, and write it then."""

import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import click

from feddns.cli.options import Output
from feddns.cli.targets import sections, show_each
from feddns.config.parse import Loaded
from feddns.controller.undertaking import Work
from feddns.errors import ProviderError
from feddns.model.printable import printable

W = TypeVar("W", bound=Work)


@dataclass(frozen=True, slots=True)
class Proposal(Generic[W]):
    """What a verb found at each target, and how it goes on.

    Attributes:
        found: by target, what is to be done there.
        value: makes plain values of it.
        text: makes lines for people.
        question: what is asked.
        answer: what has to be typed; empty for yes or no.
        carry_out: does what is to be done at these targets, and tells the error of each that failed.
        done: what has been done then, in a word or two.
    """

    found: Mapping[str, W | ProviderError]
    value: Callable[[W], Mapping[str, Any]]
    text: Callable[[W], str]
    question: str
    answer: str
    carry_out: Callable[[Collection[str]], Mapping[str, ProviderError | None]]
    done: str


def propose(loaded: Loaded, output: Output, proposal: Proposal[W], *, yes: bool) -> None:
    """Show what is to be done, ask, have it done, and tell; exit with 1 where anything is left undone.

    Standard output has the answer alone: where that is for programs, what is asked about is shown on standard error.

    Raises:
        ProviderError: the only target failed.
    """
    is_one_of_many = bool(loaded.settings.dns.targets)
    for outcome in () if is_one_of_many else proposal.found.values():
        if isinstance(outcome, ProviderError):
            raise outcome
    works = {name: work for name, work in proposal.found.items() if not isinstance(work, ProviderError)}
    todo = [name for name, work in works.items() if work.batches and not work.refusals]
    if output == "text" or (todo and not yes):
        told = sections(proposal.found, proposal.text) if is_one_of_many else proposal.text(*works.values())
        click.echo(told, err=output != "text")
    outcomes = proposal.carry_out(todo) if todo and (yes or _agreed(proposal)) else {}
    _tell(loaded, output, proposal, outcomes)
    is_done = all(name in outcomes and outcomes[name] is None for name in todo)
    if not is_done or len(works) < len(proposal.found) or any(work.refusals for work in works.values()):
        sys.exit(1)


def _agreed(proposal: Proposal[W]) -> bool:
    if not sys.stdin.isatty():
        click.echo("feddns: nothing was written: there is no terminal to ask on; --yes is a yes beforehand", err=True)
        return False
    if not proposal.answer:
        agreed = click.confirm(proposal.question, err=True)
    else:
        typed = click.prompt(proposal.question, default="", show_default=False, err=True)
        agreed = typed.strip() == proposal.answer
    if not agreed:
        click.echo("nothing was written", err=True)
    return agreed


def _tell(loaded: Loaded, output: Output, proposal: Proposal[W], outcomes: Mapping[str, ProviderError | None]) -> None:
    if output == "text":
        for name, error in outcomes.items():
            told = proposal.done if error is None else f"failed: {error}"
            click.echo(click.style(printable(f"{name}: {told}"), fg="green" if error is None else "red"))
        return
    found = {name: outcomes.get(name) or work for name, work in proposal.found.items()}
    shown = {name: work if isinstance(work, ProviderError) else (name, work) for name, work in found.items()}
    show_each(
        loaded, shown, output, lambda each: {**proposal.value(each[1]), "done": each[0] in outcomes}, lambda _: ""
    )
