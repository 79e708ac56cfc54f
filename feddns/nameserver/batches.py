"""Many datagrams in one system call: recvmmsg(2) and sendmmsg(2) of Linux, reached by ctypes.

With them a core answers a quarter more queries a second than with `socket.recvfrom` and `socket.sendto`. All memory
that the kernel writes to is laid out once and lives as long as the object. An answer is written over its query, whose
ID stays in place, and goes back to the address that the kernel put beside it, from the address that was asked.
"""

import ctypes
import errno
import mmap
import socket
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal

from feddns.nameserver.counts import CODE_AT, Tally
from feddns.nameserver.limits import Gate

_BATCH: Final = 64
_ROUNDS: Final = 8
"""Batches answered before other parts of the process get their turn."""
_SLOT: Final = 2_048
"""Octets for a query and then its answer; longer queries are cut and so malformed."""
_ADDRESS: Final = 32
"""Octets for a socket address: 16 with IPv4, 28 with IPv6."""
_CONTROL: Final = 64
"""Octets for one IP_PKTINFO or IPV6_PKTINFO: 32 or 40 with its header."""


class _Vector(ctypes.Structure):
    """`struct iovec`."""

    _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """`struct msghdr`."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_size", ctypes.c_uint32),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_size", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Header(ctypes.Structure):
    """`struct mmsghdr`."""

    _fields_ = (("message", _Message), ("size", ctypes.c_uint))


_ID: Final = 2
"""Octets of the ID at the front of a message, which an answer has from its query."""
_AFTER_ID: Final = tuple(range(_ID, _BATCH * _SLOT, _SLOT))
_FULL_SLOTS: Final = memoryview((ctypes.c_size_t * _BATCH)(*[_SLOT] * _BATCH)).cast("B").cast("L")
_FULL_CONTROLS: Final = memoryview((ctypes.c_size_t * _BATCH)(*[_CONTROL] * _BATCH)).cast("B").cast("L")
_NO_INTERFACES: Final = memoryview((ctypes.c_uint * _BATCH)()).cast("B").cast("I")

# A control message's header is a size_t and two ints; then `struct in_pktinfo` has the interface in front, `struct
# in6_pktinfo` behind an address.
_INTERFACE_AT4: Final = ctypes.sizeof(ctypes.c_size_t) + 8
_INTERFACE_AT6: Final = _INTERFACE_AT4 + 16

_libc: Final = ctypes.CDLL(None, use_errno=True)
_HAS_BATCHES: Final = sys.platform == "linux" and hasattr(_libc, "recvmmsg") and hasattr(_libc, "sendmmsg")
if _HAS_BATCHES:
    _libc.recvmmsg.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p)
    _libc.sendmmsg.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)


def has_batches() -> bool:
    """Whether this system has the two calls."""
    return _HAS_BATCHES


class BatchSocket:
    """Reads and answers datagrams by the batch."""

    def __init__(
        self,
        udp: socket.socket,
        ready: Mapping[bytes, bytes],
        respond: Callable[[bytes], bytes | None],
        cut: Callable[[bytes], bytes | None],
        gate: Gate | None = None,
        tally: Tally | None = None,
    ) -> None:
        is_ipv6 = udp.family == socket.AF_INET6
        self._fd = udp.fileno()
        self._ready = ready
        self._respond = respond
        self._cut = cut
        self._gate = gate
        self._tally = tally or Tally()
        self._slots = mmap.mmap(-1, _BATCH * _SLOT)
        self._addresses = (ctypes.c_char * (_BATCH * _ADDRESS))()
        self._controls = (ctypes.c_char * (_BATCH * _CONTROL))()
        self._vectors = (_Vector * _BATCH)()
        self._headers = (_Header * _BATCH)()
        self._lay_out()
        self._headers_at = ctypes.addressof(self._headers)
        # Where some of what came gets no answer, the headers of the rest go to a place of their own to be sent.
        size, octets = ctypes.sizeof(_Header), memoryview(self._headers).cast("B")
        self._sources = [octets[start : start + size] for start in range(0, len(octets), size)]
        gathered = (_Header * _BATCH)()
        self._gathered = memoryview(gathered).cast("B")
        self._gathered_at = ctypes.addressof(gathered)
        # Where the kernel reads and writes, as sequences with one number for each message of the batch:
        self._received = _view(self._headers, "I", _Header.size.offset, ctypes.sizeof(_Header))
        self._sizes = _view(self._vectors, "L", _Vector.size.offset, ctypes.sizeof(_Vector))
        self._control_sizes = _view(self._headers, "L", _Message.control_size.offset, ctypes.sizeof(_Header))
        self._interfaces = _view(self._controls, "I", _INTERFACE_AT6 if is_ipv6 else _INTERFACE_AT4, _CONTROL)
        self._host_at, self._host_end = (8, 24) if is_ipv6 else (4, 8)  # in sockaddr_in6 and sockaddr_in
        self._octets = memoryview(self._addresses).cast("B")
        self._clients = _view(self._addresses, "Q" if is_ipv6 else "I", self._host_at, _ADDRESS)

    def read(self) -> None:
        """Answer what waits."""
        for _ in range(_ROUNDS):
            self._sizes[:] = _FULL_SLOTS
            self._control_sizes[:] = _FULL_CONTROLS
            count = _libc.recvmmsg(self._fd, self._headers_at, _BATCH, socket.MSG_DONTWAIT, None)
            if count > 0:
                self._answer(count)
            if count < _BATCH:
                return  # nothing more waits, or an ICMP error was told; if there is more, the event loop calls again

    def _answer(self, count: int) -> None:
        slots, sizes, look_up = self._slots, self._sizes, self._ready.get
        queries: Iterable[tuple[int, tuple[int, int]]]
        queries = enumerate(zip(_AFTER_ID, self._received[:count].tolist(), strict=False))
        silent: list[int] = []
        if self._gate is not None:
            beyond = self._gate.beyond(self._clients[:count].tolist(), self._host)
            if beyond:
                queries = [query for query in queries if query[0] not in beyond]
                silent = self._limit(beyond)
        for index, (start, received) in queries:
            answer = look_up(slots[start : start + received - _ID])
            if answer is None:
                whole = self._respond(slots[start - _ID : start - _ID + received])
                if whole is None:
                    silent.append(index)
                    continue
                answer = whole[_ID:]
            size = len(answer)
            slots[start : start + size] = answer
            sizes[index] = size + _ID
        self._tally.add(slots[CODE_AT : count * _SLOT : _SLOT], silent)
        # The kernel picks the way to the client; only the address that was asked is to be that of the answer.
        self._interfaces[:] = _NO_INTERFACES
        if silent:
            self._send(self._gathered_at, self._gather(count, frozenset(silent)))
        else:
            self._send(self._headers_at, count)

    def _gather(self, count: int, silent: frozenset[int]) -> int:
        """Put the headers of what is to be sent beside each other; returns how many there are."""
        size, end = ctypes.sizeof(_Header), 0
        for index in range(count):
            if index not in silent:
                self._gathered[end : end + size] = self._sources[index]
                end += size
        return end // size

    def _limit(self, beyond: Mapping[int, bool]) -> list[int]:
        """Cut the answers to these, or leave them out; returns the places of those left out."""
        silent = []
        for index, is_cut in beyond.items():
            start, received = index * _SLOT, self._received[index]
            answer = self._cut(self._slots[start : start + received]) if is_cut else None
            if answer is None:
                silent.append(index)
            else:
                self._slots[start : start + len(answer)] = answer
                self._sizes[index] = len(answer)
        return silent

    def _host(self, index: int) -> bytes:
        """The address that a query came from."""
        start = index * _ADDRESS
        return bytes(self._octets[start + self._host_at : start + self._host_end])

    def _send(self, headers_at: int, count: int) -> None:
        first = 0
        while first < count:
            at = headers_at + first * ctypes.sizeof(_Header)
            sent = _libc.sendmmsg(self._fd, at, count - first, socket.MSG_DONTWAIT)
            if sent < 0 and ctypes.get_errno() == errno.EAGAIN:
                return  # the way out is full; who does not get an answer asks again
            # Any other error is the first message's own, such as that its client gave port 0.
            first += max(sent, 1)

    def _lay_out(self) -> None:
        slots_at = ctypes.addressof(ctypes.c_char.from_buffer(self._slots))
        for index in range(_BATCH):
            vector = self._vectors[index]
            vector.base = slots_at + index * _SLOT
            message = self._headers[index].message
            message.name = ctypes.addressof(self._addresses) + index * _ADDRESS
            message.name_size = _ADDRESS
            message.vectors = ctypes.addressof(vector)
            message.vector_count = 1
            message.control = ctypes.addressof(self._controls) + index * _CONTROL


def _view(memory: ctypes.Array[Any], number: Literal["I", "L", "Q"], offset: int, stride: int) -> "memoryview[int]":
    """The numbers that stand at an offset in each element of an array; `L` is also a size_t."""
    numbers: memoryview[int] = memoryview(memory).cast("B").cast(number)
    return numbers[offset // numbers.itemsize :: stride // numbers.itemsize]
