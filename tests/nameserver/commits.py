"""A process of its own that commits batches to a zone's file: `python -m tests.nameserver.commits FILE ...`."""

import sys
from pathlib import Path

from feddns.errors import Conflict
from feddns.model.changes import Batch, Change, Create, Fence, Replace
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.nameserver.zonefile import ZoneFile

ZONE = ZoneName("example.com.")
FIRST_SERIAL = 1_000
SIZE = 50
"""Record sets that each batch of `commit_for_ever` writes, all with the same value."""


def claim(seq: int) -> RecordSet | None:
    """The fence's record set; None before the first."""
    return RecordSet(DnsName("_feddns.f.svc.example.com."), "TXT", 60, (f"seq={seq}",)) if seq else None


def service(number: int, seq: int) -> RecordSet:
    """A record set as the batch with this number leaves it."""
    address = f"10.{seq >> 16 & 255}.{seq >> 8 & 255}.{seq & 255}"
    return RecordSet(DnsName(f"service-{number}.example.com."), "A", 180, (address,))


def batch(seq: int) -> Batch:
    """The batch that follows one with the number before."""
    changes: list[Change] = [
        Replace(service(number, seq - 1), service(number, seq)) if seq > 1 else Create(service(number, seq))
        for number in range(SIZE)
    ]
    return Batch(tuple(changes), Fence(claim(seq - 1), claim(seq)))


def commit_for_ever(file: ZoneFile) -> None:
    """Commit batch after batch, and tell each that is done."""
    seq = 1
    while True:
        file.commit(batch(seq), FIRST_SERIAL)
        sys.stdout.write(f"{seq}\n")
        sys.stdout.flush()
        seq += 1


def commit_once(file: ZoneFile, who: str) -> None:
    """Try to be the one whose first batch is taken, once told to start."""
    mine = RecordSet(DnsName(f"{who}.example.com."), "A", 180, ("192.0.2.1",))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    try:
        file.commit(Batch((Create(mine),), Fence(None, claim(1))), FIRST_SERIAL)
    except Conflict:
        sys.stdout.write("lost\n")
    else:
        sys.stdout.write("won\n")


if __name__ == "__main__":
    opened = ZoneFile(Path(sys.argv[1]), ZONE)
    if len(sys.argv) > 2:
        commit_once(opened, sys.argv[2])
    else:
        commit_for_ever(opened)
