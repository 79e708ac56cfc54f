"""The standard health question of gRPC, `grpc.health.v1.Health/Check`.

What it is: https://github.com/grpc/grpc-proto/blob/master/grpc/health/v1/health.proto; how it travels:
https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

from feddns import __version__
from feddns.model.probing import GrpcProbe
from feddns.probes import protobuf
from feddns.probes.answer import CLOSED, CUT_SHORT, Answer, failed, succeeded

_STREAM: Final = 1
_MOST_RECEIVED: Final = 128 * 1024
_MOST_TIMEOUT: Final = 99_999_999
"""The protocol allows 8 digits; in milliseconds, 27 hours."""
_FRAME_HEADER: Final = 9
"""Octets before the payload of a frame of HTTP/2: its length in the first of them, its type in the next one."""
_LENGTH: Final = 3
_LONGEST_FRAME: Final = 16_384
"""What a server may send that was told nothing else (SETTINGS_MAX_FRAME_SIZE)."""
_GOAWAY: Final = 7
_NO_ERROR: Final = bytes(4)
_STREAM_BITS: Final = 0x7FFF_FFFF
_MOST_DIGITS: Final = 9
"""Of a status; it may grow to 64 KiB, which Python refuses to take for a number."""
_PREFIX: Final = 5
"""Octets before a message: whether it is compressed, and its length."""
_GRPC_STATUS: Final = b"grpc-status"
_SERVICE: Final = 1
"""The field `service` of HealthCheckRequest, a string."""
_STATUS: Final = 1
"""The field `status` of HealthCheckResponse, an enumeration; not sent when it is 0."""
_SERVING: Final = 1
_STATUSES: Final = ("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")
_CODES: Final = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
)  # fmt: skip
"""https://github.com/grpc/grpc/blob/master/doc/statuscodes.md."""

Headers = Iterable[tuple[bytes, bytes]]

_NOT_HTTP2: Final = failed("the answer is not HTTP/2")
_NOT_GRPC: Final = failed("the answer is not gRPC")
_CONFIG: Final = h2.config.H2Configuration(client_side=True, header_encoding=None)


class GrpcDialogue:
    """One call to one address; see `Dialogue`.

    Args:
        question: what is asked.
        address: who is asked.
        timeout_s: how long the server may take, which it is told.
    """

    protocol = "h2"

    def __init__(self, question: GrpcProbe, address: str, timeout_s: float) -> None:
        self._service = question.service
        self._headers = [
            (":method", "POST"),
            (":scheme", "http" if question.tls is None else "https"),
            (":path", "/grpc.health.v1.Health/Check"),
            (":authority", _authority(question, address)),
            ("te", "trailers"),
            ("grpc-timeout", f"{min(max(1, round(timeout_s * 1000)), _MOST_TIMEOUT)}m"),
            ("content-type", "application/grpc"),
            ("user-agent", f"feddns/{__version__}"),
        ]
        self._connection = h2.connection.H2Connection(_CONFIG)
        self._connection.local_settings = h2.settings.Settings(
            client=True, initial_values={h2.settings.SettingCodes.ENABLE_PUSH: 0}
        )
        self._received = 0
        self._unread = b""
        self._message = b""

    def opening(self) -> bytes:
        """The preface of HTTP/2 and the call."""
        message = protobuf.text_field(_SERVICE, self._service) if self._service else b""
        self._connection.initiate_connection()
        self._connection.send_headers(_STREAM, self._headers)
        self._connection.send_data(_STREAM, b"\0" + len(message).to_bytes(4, "big") + message, end_stream=True)
        return self._connection.data_to_send()

    def heard(self, data: bytes) -> Answer | None:
        """Take octets of the answer."""
        if not data:
            return failed(CUT_SHORT if self._received else CLOSED)
        self._received += len(data)
        self._unread += data
        for frame in self._whole_frames():
            answer = self._read(frame)
            if answer is not None:
                return answer
        if int.from_bytes(self._unread[:_LENGTH].ljust(_LENGTH, b"\0"), "big") > _LONGEST_FRAME:
            return _NOT_HTTP2  # as text is, or TLS
        return failed("no gRPC answer in the first 128 KiB") if self._received > _MOST_RECEIVED else None

    def reply(self) -> bytes:
        """Acknowledgements of settings and pings."""
        return self._connection.data_to_send()

    def _whole_frames(self) -> Iterator[bytes]:
        """The frames that have come to their end (RFC 9113 section 4.1)."""
        while len(self._unread) >= _FRAME_HEADER:
            end = _FRAME_HEADER + int.from_bytes(self._unread[:_LENGTH], "big")
            if len(self._unread) < end:
                return
            frame, self._unread = self._unread[:end], self._unread[end:]
            yield frame

    def _read(self, frame: bytes) -> Answer | None:
        if _lets_us_finish(frame):
            return None
        try:
            events = self._connection.receive_data(frame)
        except h2.exceptions.H2Error:
            return _NOT_HTTP2
        return next(filter(None, map(self._taken, events)), None)

    def _taken(self, event: h2.events.Event) -> Answer | None:
        match event:
            case h2.events.ResponseReceived(headers=headers):
                return self._opened(headers or ())
            case h2.events.DataReceived(data=data):
                self._message += data or b""
            case h2.events.TrailersReceived(headers=headers):
                return self._closed(headers or ())
            case h2.events.StreamEnded():  # neither trailers nor a status among the headers
                return _NOT_GRPC
            case h2.events.StreamReset():
                return failed("the server reset the call")
            case h2.events.ConnectionTerminated():
                return failed("the server is about to close the connection (GOAWAY)")
            case _:  # settings, pings, windows
                pass
        return None

    def _opened(self, headers: Headers) -> Answer | None:
        """What the headers say alone; nothing where a message and trailers are to follow."""
        found = dict(headers)
        if found.get(b":status") != b"200":
            return failed(f"HTTP {found.get(b':status', b'').decode(errors='replace')}, wanted gRPC")
        if not found.get(b"content-type", b"").startswith(b"application/grpc"):
            return _NOT_GRPC
        return self._closed(headers) if _GRPC_STATUS in found else None

    def _closed(self, trailers: Headers) -> Answer:
        code = dict(trailers).get(_GRPC_STATUS, b"")
        if not code.isdigit() or len(code) > _MOST_DIGITS:
            return _NOT_GRPC
        return _judged(self._message) if int(code) == 0 else failed(self._refusal(int(code)))

    def _refusal(self, code: int) -> str:
        name = _CODES[code] if code < len(_CODES) else f"status {code}"
        if name == "UNIMPLEMENTED":
            return f"gRPC {name}: the server does not have the service grpc.health.v1.Health"
        if name == "NOT_FOUND":
            return f"gRPC {name}: the server's health service does not know {self._service!r}"
        return f"gRPC {name}"


def _authority(question: GrpcProbe, address: str) -> str:
    host = question.tls.server_name if question.tls is not None and question.tls.server_name else address
    return f"[{host}]:{question.port}" if ":" in host else f"{host}:{question.port}"


def _lets_us_finish(frame: bytes) -> bool:
    """Whether a frame is a GOAWAY of a server that answers our call all the same (RFC 9113 section 6.8).

    nginx and Envoy send one before the answer to the last call that they allow a connection, which may be the first;
    h2 would take no frame after it.
    """
    payload = frame[_FRAME_HEADER:]
    if frame[_LENGTH] != _GOAWAY or payload[4:8] != _NO_ERROR:
        return False
    return int.from_bytes(payload[:4], "big") & _STREAM_BITS >= _STREAM


def _judged(framed: bytes) -> Answer:
    """What the one message says (Length-Prefixed-Message)."""
    message = framed[_PREFIX:]
    if len(framed) < _PREFIX or len(message) != int.from_bytes(framed[1:_PREFIX], "big"):
        return _NOT_GRPC
    if framed[0]:
        return failed("the gRPC answer is compressed, which was not asked for")
    try:
        status = protobuf.number(message, _STATUS)
    except ValueError:
        return failed("the gRPC answer is no HealthCheckResponse")
    if status == _SERVING:
        return succeeded("gRPC SERVING")
    return failed(f"gRPC {_STATUSES[status] if status < len(_STATUSES) else f'health status {status}'}")
