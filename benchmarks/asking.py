"""Asks a DNS server over and over until an answer is as expected."""

import random
import socket
import time
from collections.abc import Callable, Sequence

import dns.message

from tests.lab.processes import LOOPBACK, Process

PAUSE_S = 0.0002
"""Between two questions: a loop without any pause takes from the server the processor that it is measured on."""


class Asker:
    """One UDP socket that asks one server for the addresses of names under a suffix, while a process does its work."""

    def __init__(self, port: int, suffix: str, worker: Process) -> None:
        """Open the socket.

        Args:
            port: where on loopback the server listens.
            suffix: what all names that will be asked for end in.
            worker: the process that the answers come from in the end; when it is gone, so is hope.
        """
        self._suffix = suffix
        self._worker = worker
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect((LOOPBACK, port))
        self._socket.settimeout(1.0)

    def until(self, name: str, expected: Callable[[bytes], bool], patience_s: float = 60.0) -> float:
        """Ask for a name's addresses until the answer, as octets, is as expected.

        Returns:
            The moment when such an answer came, by `time.perf_counter`.

        Raises:
            TimeoutError: none came.
            RuntimeError: the process ended.
        """
        query = dns.message.make_query(f"{name}.{self._suffix}", "A", flags=0).to_wire()
        deadline = time.perf_counter() + patience_s
        while time.perf_counter() < deadline:
            answer = self._ask(query)
            if answer is not None and expected(answer):
                return time.perf_counter()
            time.sleep(PAUSE_S)
        message = f"{name} is not as expected; {self._worker.command[0]} said last:\n{self._worker.tail()}"
        raise TimeoutError(message)

    def until_all(self, names: Sequence[str], patience_s: float) -> float:
        """Ask for all names, in a random order, until each has had an address.

        Returns:
            The moment when the last of them had, by `time.perf_counter`.

        Raises:
            TimeoutError: one has none.
            RuntimeError: the process ended.
        """
        deadline = time.perf_counter() + patience_s
        moment = 0.0
        for name in random.sample(names, len(names)):
            moment = self.until(name, has_answer, deadline - time.perf_counter())
        return moment

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _ask(self, query: bytes) -> bytes | None:
        identity = random.randbytes(2)
        try:
            self._socket.send(identity + query[2:])
            while True:  # an answer that came too late is not the one to this question
                answer = self._socket.recv(65_535)
                if answer[:2] == identity:
                    return answer
        except (TimeoutError, ConnectionRefusedError):
            if not self._worker.running:
                message = f"{self._worker.command[0]} ended:\n{self._worker.tail()}"
                raise RuntimeError(message) from None
            return None


def has_answer(answer: bytes) -> bool:
    """Whether the message has a record in its answer section (RFC 1035 section 4.1.1: ANCOUNT)."""
    return answer[6:8] != b"\0\0"


def holds(address: str) -> Callable[[bytes], bool]:
    """Whether a message holds this IPv4 address anywhere; those of the fleet stand for nothing else."""
    octets = socket.inet_aton(address)
    return lambda answer: octets in answer


def lacks(address: str) -> Callable[[bytes], bool]:
    """Whether a message has an answer, and this IPv4 address is not in it."""
    octets = socket.inet_aton(address)
    return lambda answer: has_answer(answer) and octets not in answer
