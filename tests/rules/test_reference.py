import re

import click
import pytest

from feddns.cli.main import VERBS, cli
from feddns.config.parse import load
from feddns.providers.installed import provider_class, provider_names
from feddns.telemetry.events import LogEvent
from tests.rules import reference
from tests.rules.files import PACKAGE

RENEW = "run `python -m tests.rules.reference`"
PAGE = (reference.REFERENCE / "cli.md").read_text()


@pytest.mark.parametrize(("page", "part"), reference.PARTS)
def test_a_generated_part_is_what_the_code_says(page: str, part: str) -> None:
    assert reference.written(page, part) == reference.made(page, part), RENEW


def test_the_schema_in_the_docs_is_that_of_the_types() -> None:
    assert reference.SCHEMA.read_text() == reference.schema_text(), RENEW


def test_the_openapi_document_in_the_docs_is_that_of_the_types() -> None:
    assert reference.OPENAPI.read_text() == reference.openapi_text(), RENEW


@pytest.mark.parametrize("event", LogEvent, ids=lambda event: event.name)
def test_every_event_is_written_somewhere(event: LogEvent) -> None:
    used = [path for path in PACKAGE.rglob("*.py") if f"LogEvent.{event.name}" in path.read_text()]
    assert used, f"no code writes LogEvent.{event.name}"


def test_no_two_events_have_the_same_message() -> None:
    messages = [event.message for event in LogEvent]
    assert len(set(messages)) == len(messages)
    assert all(re.fullmatch(r"[a-z][a-z ]*", message) for message in messages)
    assert all(event.meaning.endswith(".") for event in LogEvent)


def test_every_verb_has_its_section() -> None:
    assert re.findall(r"^## `feddns (\S+?)[ `]", PAGE, re.MULTILINE) == list(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_of_a_verb_is_in_its_section_and_no_other(verb: str) -> None:
    context = cli.make_context("feddns", [verb], resilient_parsing=True)
    _, command, _ = cli.resolve_command(context, [verb])
    assert command is not None
    own = {
        flag
        for parameter in command.params
        if isinstance(parameter, click.Option) and parameter.name not in {"config", "output"}
        for flag in parameter.opts
    }
    section = PAGE.split(f"## `feddns {verb}", 1)[1].split("\n## ", 1)[0]
    assert set(re.findall(r"^\| `(--[a-z-]+)", section, re.MULTILINE)) == own


def test_the_example_in_the_reference_of_the_configuration_is_valid() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", (reference.REFERENCE / "config.md").read_text(), re.DOTALL)
    loaded = load(example, "feddns.yaml", provider_names())
    assert all(loaded.provider(target, provider_class(target.provider).Settings) for target in loaded.targets)
    assert len(loaded.settings.clusters) == 3
