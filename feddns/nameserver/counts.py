"""What a server has answered so far, by transport and RCODE; counted by the batch, since it answers so many."""

from collections.abc import Collection, Iterator
from typing import Final, Literal

from feddns.answers.lookup import NOERROR, NXDOMAIN, REFUSED, SERVFAIL
from feddns.answers.query import FORMERR

_NOTIMP: Final = 4
_NOTAUTH: Final = 9
_NAMES: Final = {
    NOERROR: "NOERROR",
    NXDOMAIN: "NXDOMAIN",
    SERVFAIL: "SERVFAIL",
    REFUSED: "REFUSED",
    FORMERR: "FORMERR",
    _NOTIMP: "NOTIMP",
    _NOTAUTH: "NOTAUTH",
}
"""Every RCODE that a header of ours has; BADVERS has NOERROR there, and its upper bits in the OPT record."""
CODE_AT: Final = 3
"""Where a message has its RCODE; the other bits of that octet are never set in an answer of ours (RFC 1035 section
4.1.1)."""

Transport = Literal["udp", "tcp"]


class Tally:
    """The answers by one transport.

    Attributes:
        silent: messages that got no answer.
    """

    __slots__ = ("_counts", "silent")

    def __init__(self) -> None:
        self.silent = 0
        self._counts = dict.fromkeys(_NAMES, 0)

    def add(self, codes: bytes, silent: Collection[int]) -> None:
        """Count a batch.

        Args:
            codes: of each message the octet that holds the RCODE in an answer.
            silent: places of those that got no answer.
        """
        if silent:
            self.silent += len(silent)
            left_out = frozenset(silent)
            codes = bytes([code for place, code in enumerate(codes) if place not in left_out])
        # To count each code in the whole batch takes a tenth of the time that a look at each answer would.
        counts, left = self._counts, len(codes)
        for code in counts:
            found = codes.count(code)
            if found:
                counts[code] += found
                left -= found
                if not left:
                    return

    def add_one(self, answer: bytes | None) -> None:
        """Count one answer, as a whole message, or that none was given."""
        if answer is None:
            self.silent += 1
        else:
            self._counts[answer[CODE_AT]] += 1

    def add_transfer(self) -> None:
        """Count one zone transfer, however many messages it takes."""
        self._counts[NOERROR] += 1

    def by_rcode(self) -> Iterator[tuple[str, int]]:
        """How many answers had each RCODE; `none` stands for no answer."""
        yield from ((_NAMES[code], count) for code, count in self._counts.items())
        yield "none", self.silent


class Counts:
    """The answers by each transport."""

    def __init__(self) -> None:
        self.udp = Tally()
        self.tcp = Tally()

    def queries(self) -> Iterator[tuple[Transport, str, int]]:
        """Transport, RCODE and how many messages got an answer so."""
        yield from (("udp", *found) for found in self.udp.by_rcode())
        yield from (("tcp", *found) for found in self.tcp.by_rcode())
