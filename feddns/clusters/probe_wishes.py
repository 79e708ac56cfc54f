"""The annotation `feddns.io/probe`: what the owners of a Service may ask for, in short and at length.

It has the shape of `health.probe` in the configuration but for what names files: those are feddns' own. Headers come
from a Secret of the Service's own namespace instead, which its owners may read anyway.
"""

import functools
import re
from typing import Any, Final

import msgspec

from feddns.config.lines import Fault, Path
from feddns.config.probing import GrpcQuestion, HttpQuestion, Pace, ServerName, TcpSettings, TlsQuestion
from feddns.config.probing import probe_contradictions as contradictions
from feddns.config.scalars import ObjectName
from feddns.config.shape import shape

MOST_CHARACTERS: Final = 2048
"""The longest value that is read."""

_OFF_WORD: Final = "off"
_SHORT: Final = re.compile(r"(tcp|https?|grpc)(?::([^/]*))?(?:/(.*))?", re.DOTALL)
_WHERE: Final[Path] = ("probe",)
_OPERATORS_OWN: Final = {
    "headersFrom": "names files of feddns, which only its configuration may; name a Secret with headersSecret instead",
    "caFile": "names a file of feddns, which only its configuration may; without it the system's authorities count",
}


class HttpWish(HttpQuestion, frozen=True):
    """A request over HTTP.

    Attributes:
        headers_secret: name of a Secret of the Service's namespace, whose keys are the names of further headers.
    """

    headers_secret: ObjectName | None = None


class HttpsWish(HttpWish, frozen=True):
    """A request over HTTPS.

    Attributes:
        server_name: sent as SNI, and what the certificate must be for.
        verify: whether the certificate must be valid.
    """

    server_name: ServerName = ""
    verify: bool = True


class GrpcWish(GrpcQuestion, frozen=True):
    """A question to gRPC's health service.

    Attributes:
        tls: how TLS is spoken; plain text by default.
    """

    tls: TlsQuestion | None = None


class ProbeWish(Pace, frozen=True):
    """What the addresses of a Service are to be asked; one without any of the kinds means not to ask.

    Attributes:
        tcp: take a connection.
        http: answer a request.
        https: answer a request over TLS.
        grpc: answer gRPC's health check.
    """

    tcp: TcpSettings | None = None
    http: HttpWish | None = None
    https: HttpsWish | None = None
    grpc: GrpcWish | None = None


OFF: Final = ProbeWish()


class ProbeRefusedError(ValueError):
    """The value is no probe; the text tells what is wrong in it, for people."""


def read_probe(text: str) -> ProbeWish:
    """Read a value of the annotation; equal ones give the same object.

    Raises:
        ProbeRefusedError: tells which key is wrong, and what would be right.
        ValueError: the value is of neither form.
    """
    if len(text) > MOST_CHARACTERS:
        raise ProbeRefusedError(f"it has {len(text)} characters, and may have {MOST_CHARACTERS}")
    wish = _read(text)
    if isinstance(wish, str):
        raise ProbeRefusedError(wish) if wish else ValueError("neither form")
    return wish


@functools.lru_cache(maxsize=4096)  # thousands of Services may have the same, and reading one takes a while
def _read(text: str) -> ProbeWish | str:
    """The wish, or why it is refused; empty where the value is of neither form."""
    try:
        return OFF if text == _OFF_WORD else _shaped(_from_json(text) if text.startswith("{") else _from_short(text))
    except ProbeRefusedError as error:
        return str(error)
    except ValueError:
        return ""


def _shaped(value: Any) -> ProbeWish:
    faults: list[Fault] = []
    wish = shape(value, ProbeWish, _WHERE, faults)
    if wish is not None:
        faults.extend(contradictions(wish, _WHERE))
    if wish is None or faults:
        raise ProbeRefusedError("; ".join(map(_told, faults)))
    return wish


def _from_json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProbeRefusedError(f"it begins like JSON, but is none: {error}") from None


def _from_short(text: str) -> dict[str, Any]:
    """The long form of such as `http:8080/healthz`.

    Raises:
        ValueError: it is no short form either.
    """
    match = _SHORT.fullmatch(text)
    if match is None:
        raise ValueError("neither form")
    kind, port, rest = match.groups()
    question: dict[str, Any] = {}
    if port is not None:
        question["port"] = int(port) if port.isascii() and port.isdecimal() and len(port) < 6 else port
    if rest is not None:
        if kind == "tcp":
            raise ProbeRefusedError("a probe by tcp has no path")
        question |= {"service": rest} if kind == "grpc" else {"path": f"/{rest}"}
    return {kind: question}


def _told(fault: Fault) -> str:
    own = _OPERATORS_OWN.get(str(fault.path[-1]))
    return f"{'.'.join(map(str, fault.path))} {own}" if own else fault.text
