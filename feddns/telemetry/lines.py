"""How a log event becomes a line: JSON for programs, aligned words for people, one line for one event in both.

What libraries log by the standard library (kubernetes, aiohttp, asyncio, botocore) comes out in the same form, from
WARNING up.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, Literal, TextIO, get_args

import msgspec

from feddns.errors import ConfigError
from feddns.model.printable import printable
from feddns.telemetry.events import logger, write_from

Form = Literal["json", "text"]

FORM_VARIABLE: Final = "FEDDNS_LOG"
"""The environment's variable that sets the form: `json` or `text`."""

LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
"""The levels by the names that people give them."""

_COLOURS: Final = {"debug": "\x1b[2m", "warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[31m"}
_RESET: Final = "\x1b[0m"

Event = MutableMapping[str, Any]


def configure(level: str = "info", stream: TextIO | None = None, environment: Mapping[str, str] = os.environ) -> None:
    """Set where log lines go and what they look like; what is not configured would go to standard output.

    Args:
        level: one of `LEVELS`, the least that our own events must have.
        stream: where to; standard error by default.
        environment: where `FEDDNS_LOG` and `NO_COLOR` are looked up. Without `FEDDNS_LOG` a terminal gets text, and
            anything else JSON.

    Raises:
        ConfigError: `FEDDNS_LOG` is neither.
    """
    target = stream or sys.stderr
    form = environment.get(FORM_VARIABLE) or ("text" if target.isatty() else "json")
    if form not in get_args(Form):
        raise ConfigError(FORM_VARIABLE, None, f'must be "json" or "text", not "{form}"')
    is_coloured = target.isatty() and not environment.get("NO_COLOR")

    def set_up() -> None:
        import structlog  # noqa: PLC0415 - imported when there is something to log

        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                json_line if form == "json" else TextLine(is_coloured=is_coloured),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
            logger_factory=lambda *_: Stream(target),
            cache_logger_on_first_use=False,
        )

    write_from(LEVELS[level], set_up)
    logging.captureWarnings(capture=True)
    logging.basicConfig(handlers=[FromLibraries(logging.WARNING)], level=logging.WARNING, force=True)


class Stream:
    """Writes lines; one that cannot be written is lost, because a full disk must not stop DNS."""

    def __init__(self, target: TextIO) -> None:
        self._target = target

    def msg(self, line: str) -> None:
        """Write one line."""
        try:
            self._target.write(line + "\n")
            self._target.flush()
        except (OSError, ValueError):  # ValueError: the stream is closed
            return

    debug = info = warning = error = critical = msg


class FromLibraries(logging.Handler):
    """Hands what libraries log on to structlog, with the library's name as `logger`."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record as one event."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError):  # arguments that do not fit their format are the library's fault, not ours
            text = str(record.msg)
        values: dict[str, Any] = {"exc_info": record.exc_info} if record.exc_info else {}
        level = min(record.levelno // 10 * 10, logging.CRITICAL)  # structlog knows the five levels and none between
        logger(record.name).log(level, text, logger=record.name, **values)


def json_line(_logger: object, _method: str, event: Event) -> str:
    """An event as one JSON object: time, level, event, then its values."""
    head = {"time": event.pop("timestamp"), "level": event.pop("level"), "event": event.pop("event")}
    try:
        text = msgspec.json.encode(head | dict(event), enc_hook=str).decode()
    except UnicodeEncodeError:  # a lone surrogate, as in the name of a file that is not UTF-8
        safe = {key: printable(str(value)) for key, value in (head | dict(event)).items()}
        text = msgspec.json.encode(safe).decode()
    if text.isprintable():
        return text
    # JSON escapes what is below U+0020; U+0085, U+009B and U+2028 move terminals and split lines as well.
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


class TextLine:
    """An event as one line of text; only a traceback of ours adds lines, all of them set in."""

    def __init__(self, *, is_coloured: bool) -> None:
        self._colours = _COLOURS if is_coloured else {}

    def __call__(self, _logger: object, _method: str, event: Event) -> str:
        """Render for a person."""
        time, level, text = event.pop("timestamp"), event.pop("level"), event.pop("event")
        traceback = event.pop("exception", "").split("\n") if "exception" in event else []
        colour = self._colours.get(level, "")
        values = "".join(f" {key}={_word(value)}" for key, value in event.items())
        line = f"{time} {colour}{level.upper():<8}{_RESET if colour else ''}{printable(str(text))}{values}"
        return "\n".join([line, *(f"    | {printable(part)}" for part in traceback)])


def _word(value: object) -> str:
    """A value that reads as one word: in quotes where it would not, and never with a control character."""
    text = str(value)
    if text and text.isprintable() and not any(char in ' "=' for char in text):
        return text
    return '"' + printable(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'
