import io
import json
import logging
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.errors import ConfigError
from feddns.telemetry.events import LogEvent, log
from feddns.telemetry.lines import LEVELS, configure

EVENT = LogEvent.CLUSTER_LOST
values = st.dictionaries(
    st.sampled_from(["cluster", "reason", "zone"]),
    st.text(st.characters()) | st.integers() | st.none() | st.lists(st.text()) | st.builds(ValueError, st.text()),
)


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


class Broken(io.StringIO):
    """A stream on a disk that is full."""

    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")


def stream_as(form: str, level: str = "info") -> io.StringIO:
    stream = io.StringIO()
    configure(level, stream, {"FEDDNS_LOG": form})
    return stream


@given(values)
def test_an_event_is_one_line_of_json_whatever_its_values(facts: dict[str, object]) -> None:
    stream = stream_as("json")
    log(EVENT, **facts)
    (line,) = stream.getvalue().splitlines()
    assert line.isprintable()
    read = json.loads(line)
    assert list(read)[:3] == ["time", "level", "event"]
    assert (read["level"], read["event"]) == ("warning", EVENT.message)
    assert read.keys() == {"time", "level", "event", *facts}


@given(values)
def test_an_event_is_one_line_of_text_whatever_its_values(facts: dict[str, object]) -> None:
    stream = stream_as("text")
    log(EVENT, **facts)
    text = stream.getvalue()
    assert text.endswith("\n")
    assert text.removesuffix("\n").isprintable()


def test_a_line_of_text_reads_from_the_time_to_the_values() -> None:
    stream = stream_as("text")
    log(EVENT, cluster="eu", reason='no "answer"', age=3)
    time, rest = stream.getvalue().split(" ", 1)
    assert time.endswith("Z")
    assert rest == f'WARNING {EVENT.message} cluster=eu reason="no \\"answer\\"" age=3\n'


def test_a_terminal_gets_coloured_text_and_anything_else_json() -> None:
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        configure(stream=stream, environment={})
        log(EVENT)
    assert "\x1b[33mWARNING" in terminal.getvalue()
    assert json.loads(file.getvalue())["event"] == EVENT.message


def test_the_environment_goes_before_the_terminal_and_no_color_is_heard() -> None:
    terminal = Terminal()
    configure(stream=terminal, environment={"FEDDNS_LOG": "json"})
    log(EVENT)
    assert json.loads(terminal.getvalue())
    plain = Terminal()
    configure(stream=plain, environment={"NO_COLOR": "1"})
    log(EVENT)
    assert "\x1b" not in plain.getvalue()


@pytest.mark.parametrize("level", LEVELS)
def test_events_below_the_level_are_left_out(level: str) -> None:
    stream = stream_as("json", level)
    log(EVENT)
    assert bool(stream.getvalue()) is (EVENT.level >= LEVELS[level])


def test_what_libraries_log_comes_in_the_same_form_from_warning_up() -> None:
    stream = stream_as("json")
    library = logging.getLogger("kubernetes.client")
    library.info("not this")
    library.warning("watch of %s\nclosed", "pods")
    library.log(35, "between two levels")
    library.warning("%d is no number", "x")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["level"], line["event"], line["logger"]) for line in lines] == [
        ("warning", "watch of pods\nclosed", "kubernetes.client"),
        ("warning", "between two levels", "kubernetes.client"),
        ("warning", "%d is no number", "kubernetes.client"),
    ]


def test_a_traceback_is_a_value_in_json_and_set_in_lines_in_text() -> None:
    for form in ("json", "text"):
        stream = stream_as(form)
        logging.getLogger("asyncio").error("task failed", exc_info=ValueError("2030-01-01 forged\nline\x1b[2J"))
        first, *rest = stream.getvalue().splitlines()
        if form == "json":
            assert "forged\nline" in json.loads(first)["exception"]
            assert not rest
        else:
            assert first.endswith("task failed logger=asyncio")
            assert len(rest) == 2
            assert all(line.startswith("    | ") and line.isprintable() for line in rest)


def test_python_warnings_are_lines_too() -> None:
    stream = stream_as("json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        configure("info", stream, {"FEDDNS_LOG": "json"})
        warnings.warn("something is old", UserWarning, stacklevel=1)
    assert json.loads(stream.getvalue())["logger"] == "py.warnings"


def test_a_form_that_does_not_exist_is_told() -> None:
    with pytest.raises(ConfigError, match=r'^FEDDNS_LOG: must be "json" or "text", not "xml"$'):
        configure(environment={"FEDDNS_LOG": "xml"})


def test_a_stream_that_cannot_be_written_stops_nothing() -> None:
    configure(stream=Broken(), environment={})
    log(EVENT)
    closed = io.StringIO()
    configure(stream=closed, environment={})
    closed.close()
    log(EVENT)
