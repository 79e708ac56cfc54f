"""What was written into a zone, transaction by transaction, as BIND's journal has it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from feddns.model.records import TXT, DnsName, RecordSet
from feddns.plan.claim import read_claim
from tests.servers import installed


class Transaction(NamedTuple):
    """One dynamic update, which BIND takes as a whole or not at all.

    Attributes:
        serial: of the zone after it.
        claims: the sequence numbers of the claim that it took away, and those that it put in its place.
        changes: how many records it took away or added besides.
    """

    serial: int
    claims: tuple[tuple[int, ...], tuple[int, ...]]
    changes: int


def transactions(journal: Path, claim: DnsName) -> Iterator[Transaction]:
    """Every update since the zone was empty, in order.

    Args:
        journal: BIND's file; `named` need not run.
        claim: the name of the federation's claim.
    """
    command = [installed("named-journalprint"), str(journal)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.split(None, 5) for line in done.stdout.splitlines() if line.startswith(("add ", "del "))]
    starts = [place for place, line in enumerate(lines) if (line[0], line[4]) == ("del", "SOA")]
    for begin, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield _transaction(lines[begin:end], claim)


def _transaction(lines: list[list[str]], claim: DnsName) -> Transaction:
    (serial,) = (int(line[5].split()[2]) for line in lines if (line[0], line[4]) == ("add", "SOA"))
    claims = {
        verb: tuple(_sequence(line[5]) for line in lines if (line[0], line[1], line[4]) == (verb, claim, TXT))
        for verb in ("del", "add")
    }
    changes = sum(line[4] != "SOA" and line[1] != claim for line in lines)
    return Transaction(serial, (claims["del"], claims["add"]), changes)


def _sequence(text: str) -> int:
    read = read_claim(RecordSet(DnsName("_."), TXT, 0, (text.strip('"'),)))
    assert read is not None, text
    return read.seq
