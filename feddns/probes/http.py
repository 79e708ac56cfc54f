"""One HTTP/1.1 request and what is wanted of its answer (RFC 9112)."""

from collections.abc import Mapping
from typing import Final

import h11

from feddns import __version__
from feddns.model.probing import HttpProbe
from feddns.probes.answer import CLOSED, CUT_SHORT, Answer, NotAnswered, failed, hindered, succeeded

_MOST_BEFORE_BODY: Final = 64 * 1024
_MOST_BODY: Final = 64 * 1024
_MOST_TOLD: Final = 40
_WITH_LENGTH: Final = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests have a body; RFC 9110 section 8.6 wants its length told where it is empty."""


class HttpDialogue:
    """One request to one address; see `Dialogue`.

    Args:
        question: what is asked, and what is wanted.
        address: who is asked.
        headers: further ones, which go before our own.
    """

    protocol = "http/1.1"

    def __init__(self, question: HttpProbe, address: str, headers: Mapping[str, str]) -> None:
        self._question = question
        self._headers = _headers(question, address, headers)
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=2 * _MOST_BEFORE_BODY)
        self._received = 0
        self._status = 0
        self._body = b""

    def opening(self) -> bytes:
        """The request."""
        try:
            request = h11.Request(
                method=self._question.method, target=self._question.path, headers=list(self._headers.items())
            )
            return (self._connection.send(request) or b"") + (self._connection.send(h11.EndOfMessage()) or b"")
        except (h11.LocalProtocolError, UnicodeError):
            # Their text may hold the value of a header, so it goes no further.
            unaskable = "the request cannot be written as HTTP: look at the probe's method, path, host and headers"
            raise NotAnswered(hindered(unaskable)) from None

    def heard(self, data: bytes) -> Answer | None:
        """Take octets of the answer."""
        self._received += len(data)
        try:
            self._connection.receive_data(data)
            answer = self._next()
        except h11.RemoteProtocolError:
            return failed(self._broken(at_end=not data))
        if answer is None and not self._status and self._received > _MOST_BEFORE_BODY:
            return failed("no HTTP answer in the first 64 KiB")
        return answer

    def reply(self) -> bytes:
        """Nothing."""
        return b""

    def _next(self) -> Answer | None:
        while True:
            match self._connection.next_event():
                case h11.Response(status_code=status):
                    self._status = status
                    answer = self._judged()
                case h11.Data(data=data):
                    self._body += data
                    answer = self._searched(is_whole=len(self._body) >= _MOST_BODY)
                case h11.EndOfMessage():
                    return self._searched(is_whole=True)
                case h11.InformationalResponse():
                    continue
                case _:  # more is needed
                    return None
            if answer is not None:
                return answer

    def _judged(self) -> Answer | None:
        """What the status alone says; nothing where a body is wanted too."""
        wanted = self._question.statuses
        if not any(first <= self._status <= last for first, last in wanted):
            return failed(f"HTTP {self._status}, wanted {', '.join(map(_span, wanted))}")
        return None if self._question.body else succeeded(f"HTTP {self._status}")

    def _searched(self, *, is_whole: bool) -> Answer | None:
        wanted = self._question.body
        if wanted.encode() in self._body[:_MOST_BODY]:
            return succeeded(f"HTTP {self._status} with the wanted body")
        told = wanted if len(wanted) <= _MOST_TOLD else f"{wanted[:_MOST_TOLD]}…"
        return failed(f"HTTP {self._status}, but its body is without {told!r}") if is_whole else None

    def _broken(self, *, at_end: bool) -> str:
        if self._status:
            return f"HTTP {self._status}, but its body broke off"
        if at_end:
            return CUT_SHORT if self._received else CLOSED
        return "the answer is not HTTP/1.1"


def _headers(question: HttpProbe, address: str, given: Mapping[str, str]) -> dict[str, str]:
    ours = {
        "Host": question.host or authority(address, question.port, 443 if question.tls else 80),
        "User-Agent": f"feddns/{__version__}",
        "Accept": "*/*",
        "Connection": "close",
    }
    if question.method in _WITH_LENGTH:
        ours["Content-Length"] = "0"
    if question.body:
        ours["Accept-Encoding"] = "identity"  # what is compressed cannot be searched
    replaced = {name.lower() for name in given}
    return {name: value for name, value in ours.items() if name.lower() not in replaced} | dict(given)


def authority(address: str, port: int, default: int) -> str:
    """An address and its port as RFC 3986 section 3.2 writes them, without the scheme's default port."""
    host = f"[{address}]" if ":" in address else address
    return host if port == default else f"{host}:{port}"


def _span(span: tuple[int, int]) -> str:
    first, last = span
    return f"{first}" if first == last else f"{first}-{last}"
