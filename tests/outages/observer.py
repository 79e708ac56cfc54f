"""What clients see: the answers of a DNS server, asked again and again, with the time of every change."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final, Self

import dns.exception
import dns.message
import dns.rdatatype
import msgspec

EVERY_S: Final = 0.02
_PATIENCE_S: Final = 0.5
_LARGEST: Final = 4096
SERIAL: Final = "serial"
"""The label under which the zone's serial number is seen, which counts its changes."""

Answer = tuple[str, ...]
"""A chain of CNAMEs, then addresses sorted."""

NO_ANSWER: Final[Answer] = ("no answer",)


class Seen(msgspec.Struct, frozen=True):
    """An answer, and since when it was seen, by the monotonic clock."""

    at: float
    answer: Answer

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses that a client gets."""
        return frozenset(value for value in self.answer if not value.endswith("."))


class History:
    """The answers to some questions over time; only changes are kept.

    Attributes:
        seen: by label, in the order of time.
        longest_gap_s: the longest time that nobody looked.
    """

    def __init__(self) -> None:
        self.seen: dict[str, list[Seen]] = {}
        self.longest_gap_s = 0.0

    def note(self, label: str, at: float, answer: Answer) -> None:
        """Take note of an answer."""
        changes = self.seen.setdefault(label, [])
        if not changes or changes[-1].answer != answer:
            changes.append(Seen(at, answer))

    def during(self, label: str, start: float, end: float = float("inf")) -> Iterator[Seen]:
        """The answers that were seen in this time, that which stood at its start among them."""
        changes = self.seen.get(label, [])
        for number, seen in enumerate(changes):
            until = changes[number + 1].at if number + 1 < len(changes) else float("inf")
            if seen.at <= end and until > start:
                yield seen

    def now(self, label: str) -> Answer:
        """The last answer."""
        changes = self.seen.get(label)
        return changes[-1].answer if changes else NO_ANSWER

    def came(self, label: str, answer: Answer, after: float) -> float | None:
        """When an answer was first seen after this time; None where it was not."""
        return next((seen.at for seen in self.seen.get(label, ()) if seen.at >= after and seen.answer == answer), None)

    def returns(self, label: str, address: str, after: float) -> Iterator[float]:
        """When an address came into an answer after this time."""
        changes = self.seen.get(label, [])
        for before, seen in pairwise(changes):
            if seen.at >= after and address in seen.addresses and address not in before.addresses:
                yield seen.at


class Observer:
    """A context in which a DNS server is asked for some names every 20 ms, and for the zone's serial number.

    Attributes:
        history: what was seen so far.
    """

    def __init__(self, host: str, port: int, zone: str, names: Mapping[str, str]) -> None:
        """Plan to look.

        Args:
            host: the server's address.
            port: of that.
            zone: the zone's name.
            names: the names to ask for, by label.
        """
        self.history = History()
        self._server = (host, port)
        self._labels = (*names, SERIAL)
        queries = [dns.message.make_query(name, "A") for name in names.values()]
        queries.append(dns.message.make_query(zone, "SOA"))
        self._queries = [query.to_wire()[2:] for query in queries]
        self._read: dict[bytes, Answer] = {}
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look, name="observer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _look(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.connect(self._server)
            turn, before = 0, time.monotonic()
            while not self._ends.wait(max(0.0, before + EVERY_S - time.monotonic())):
                turn += 1
                at = time.monotonic()
                self.history.longest_gap_s = max(self.history.longest_gap_s, at - before)
                before = at
                self._ask_all(asking, turn % 256, at)

    def _ask_all(self, asking: socket.socket, turn: int, at: float) -> None:
        """Ask everything at once, and wait for all answers of this turn; what is late is asked again in the next."""
        missing = dict(enumerate(self._labels))
        deadline = at + _PATIENCE_S
        try:
            for number, query in enumerate(self._queries):
                asking.send(bytes((turn, number)) + query)
            while missing:
                asking.settimeout(max(0.001, deadline - time.monotonic()))
                octets = asking.recv(_LARGEST)
                label = missing.pop(octets[1], None) if octets[0] == turn else None
                if label is not None:
                    self.history.note(label, time.monotonic(), self._answer(octets))
        except TimeoutError:
            pass
        except OSError:
            for label in missing.values():
                self.history.note(label, time.monotonic(), NO_ANSWER)

    def _answer(self, octets: bytes) -> Answer:
        known = self._read.get(octets[2:])
        if known is None:
            known = self._read[octets[2:]] = _answer(octets)
        return known


def _answer(octets: bytes) -> Answer:
    try:
        message = dns.message.from_wire(octets)
    except dns.exception.DNSException:
        return NO_ANSWER
    chain = [each.to_text() for found in message.answer if found.rdtype == dns.rdatatype.CNAME for each in found]
    serial = [str(each.serial) for found in message.answer if found.rdtype == dns.rdatatype.SOA for each in found]
    rest = [each.to_text() for found in message.answer if found.rdtype == dns.rdatatype.A for each in found]
    return (*chain, *serial, *sorted(rest))
