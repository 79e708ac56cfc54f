import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from feddns import __version__
from feddns.cli.main import VERBS, Verbs, cli
from feddns.errors import ConfigError, Unavailable
from tests.cli.conftest import Feddns

FEDDNS = str(Path(sys.executable).with_name("feddns"))


class OneVerb(Verbs):
    """A command line whose only verb is the test's."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        return args[0], self.get_command(ctx, args[0]), args[1:]


def outcome(action: Callable[[], None]) -> Result:
    """What the command line makes of what a verb does."""
    group = OneVerb("feddns", commands={"verb": click.Command("verb", callback=action)})
    return CliRunner().invoke(group, ["verb"])


def raising(error: BaseException) -> Callable[[], None]:
    def action() -> None:
        raise error

    return action


async def _fail(error: Exception) -> None:
    raise error


def test_the_version_is_that_of_the_package(feddns: Feddns) -> None:
    assert feddns("--version").stdout == f"feddns {__version__}\n"


def test_help_lists_every_verb_and_imports_none(feddns: Feddns) -> None:
    shown = feddns("--help").stdout
    assert all(f"  {verb}" in shown and text in shown for verb, text in VERBS.items())


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_takes_help_and_has_the_help_line_of_the_list(feddns: Feddns, verb: str) -> None:
    result = feddns(verb, "--help")
    assert result.exit_code == 0
    assert f"Usage: feddns {verb}" in result.stdout
    if verb != "completion":
        assert "--config FILE" in result.stdout
        assert "--output [text|json|yaml]" in result.stdout


def test_a_verb_that_does_not_exist_is_bad_usage_with_a_guess(feddns: Feddns) -> None:
    result = feddns("chek")
    assert result.exit_code == 2
    assert "No such command 'chek'" in result.stderr
    assert "check" in result.stderr


def test_a_form_that_does_not_exist_is_bad_usage(feddns: Feddns) -> None:
    assert feddns("check", "--output", "xml").exit_code == 2


def test_the_file_stands_after_the_verb_or_before_it_or_in_the_environment(feddns: Feddns, folder: Path) -> None:
    (folder / "feddns.yaml").rename(folder / "other.yaml")
    assert feddns("check", "--config", "other.yaml").exit_code == 0
    assert feddns("--config", "other.yaml", "check").exit_code == 0
    assert feddns("check", FEDDNS_CONFIG="other.yaml").exit_code == 0
    assert feddns("check").exit_code == 2


def test_what_stands_closer_to_the_verb_wins(feddns: Feddns) -> None:
    assert feddns("--config", "none.yaml", "check", "--config", "feddns.yaml").exit_code == 0
    assert feddns("--config", "feddns.yaml", "check", FEDDNS_CONFIG="none.yaml").exit_code == 0
    assert feddns("--output", "json", "check").stdout.startswith("{")
    assert not feddns("--output", "json", "check", "--output", "yaml").stdout.startswith("{")


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"federation: f\ndns: \xff\n", "feddns.yaml:2: not UTF-8 text\n"),
        (b"a: [", "feddns.yaml:1: not YAML: did not find expected node content while parsing a flow node\n"),
    ],
)
def test_a_file_that_cannot_be_understood_is_told_with_its_line(
    feddns: Feddns, folder: Path, octets: bytes, expected: str
) -> None:
    (folder / "feddns.yaml").write_bytes(octets)
    result = feddns("check")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", expected)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("none.yaml", "there is no such file; name one with --config or FEDDNS_CONFIG"),
        ("eu", "cannot be read: Is a directory"),
        ("feddns.yaml/x", "cannot be read: Not a directory"),
        ("a" * 300, "cannot be read: File name too long"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_the_reason(feddns: Feddns, path: str, reason: str) -> None:
    result = feddns("check", "--config", path)
    assert (result.exit_code, result.stderr) == (2, f"{path}: {reason}\n")


def test_control_characters_of_a_file_never_reach_the_terminal(feddns: Feddns, folder: Path) -> None:
    (folder / "feddns.yaml").write_text('"\\e[31m\\nfeddns.yaml:1: forged": 1\n')
    result = feddns("check")
    assert "\x1b" not in result.stderr
    assert all("forged" not in line or r"\x1b" in line for line in result.stderr.splitlines())


def test_a_bad_configuration_ends_in_2_and_any_other_error_in_1() -> None:
    config = outcome(raising(ConfigError("feddns.yaml", 3, "wrong")))
    assert (config.exit_code, config.stderr) == (2, "feddns.yaml:3: wrong\n")
    other = outcome(raising(Unavailable("the server is away")))
    assert (other.exit_code, other.stderr) == (1, "feddns: the server is away\n")


def test_errors_out_of_task_groups_are_told_just_the_same() -> None:
    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(_fail(ConfigError("feddns.yaml", 3, "wrong")))
            group.create_task(_fail(ExceptionGroup("inner", [Unavailable("away")])))

    result = outcome(lambda: asyncio.run(main()))
    assert (result.exit_code, result.stderr) == (2, "feddns.yaml:3: wrong\nfeddns: away\n")


def test_what_nobody_foresaw_keeps_its_traceback() -> None:
    assert isinstance(outcome(raising(ZeroDivisionError())).exception, ZeroDivisionError)
    mixed = ExceptionGroup("mixed", [Unavailable("away"), ZeroDivisionError()])
    assert outcome(raising(mixed)).exception is mixed


def test_an_interrupt_ends_in_130() -> None:
    result = outcome(raising(KeyboardInterrupt()))
    assert (result.exit_code, result.output) == (130, "")


def test_colours_are_for_terminals_and_not_where_they_are_unwanted() -> None:
    def colourful() -> None:
        click.secho("x", fg="red")

    assert outcome(colourful).stdout == "x\n"
    group = click.Group("feddns", commands={"verb": click.Command("verb", callback=colourful)})
    assert CliRunner().invoke(group, ["verb"], color=True).stdout == "\x1b[31mx\x1b[0m\n"


@pytest.mark.parametrize(("value", "expected"), [("1", False), ("", None)])
def test_no_color_is_heard(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool | None) -> None:  # noqa: FBT001 - a table's column
    monkeypatch.setenv("NO_COLOR", value)
    assert cli.callback is not None
    with cli.make_context("feddns", ["completion", "bash"]) as context:
        context.invoke(cli.callback)
        assert context.color is expected


def test_a_reader_that_goes_away_is_no_error_to_talk_about(folder: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as gone:
        result = subprocess.run([FEDDNS, "check"], stdout=gone, stderr=subprocess.PIPE, cwd=folder, check=False)
    assert result.stderr == b""


IMPORTS = """\
import sys
from feddns.cli.main import cli
try:
    cli({arguments!r}, prog_name="feddns")
except SystemExit as end:
    assert not end.code, end.code
heavy = ["kubernetes", "boto3", "botocore", "google", "aiohttp", "structlog", "tenacity", "urllib3", "feddns.clusters"]
print([name for name in heavy if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments", [["check"], ["--help"], ["--version"], ["completion", "bash"], ["plan", "--help"]]
)
def test_what_needs_no_cluster_imports_no_cluster_client(folder: Path, arguments: list[str]) -> None:
    program = IMPORTS.format(arguments=arguments)
    result = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert result.stderr == "[]\n"


def test_an_interrupt_from_the_keyboard_is_quiet(folder: Path) -> None:
    program = """\
import click, time
from feddns.cli.main import Verbs
class OneVerb(Verbs):
    def resolve_command(self, ctx, args): return "x", click.Command("x", callback=wait), []
def wait():
    print("ready", flush=True)
    time.sleep(60)
OneVerb("feddns", commands={"x": click.Command("x")})(["x"])
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.05)  # from the line to the sleep
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (130, "")


@pytest.mark.servers  # takes its time
def test_standard_output_holds_the_answer_alone(folder: Path) -> None:
    (folder / "us.kubeconfig").write_text(
        "{current-context: us, contexts: [{name: us, context: {cluster: us, user: us}}], users: [{name: us}], "
        "clusters: [{name: us, cluster: {server: 'https://127.0.0.1:1'}}]}"
    )
    (folder / "feddns.yaml").write_text(
        "{federation: f, dns: {zone: example.com, provider: {embedded: }}, watch: {startGrace: 300ms}, "
        "clusters: [{name: us, kubeconfig: us.kubeconfig}]}"
    )
    result = subprocess.run(
        [FEDDNS, "clusters", "--output", "json"], cwd=folder, capture_output=True, text=True, check=True
    )
    (cluster,) = json.loads(result.stdout)
    assert cluster["name"] == "us"
