"""Compare and swap in the zone's file: the changes of a batch where all is as it expects, inside one transaction."""

import sqlite3

import msgspec

from feddns.errors import Conflict, Rejected
from feddns.model.changes import Batch, Create, Delete, Replace
from feddns.model.records import CNAME, DnsName, RecordSet


def swap(connection: sqlite3.Connection, batch: Batch) -> None:
    """Carry out a batch; where it raises, the transaction is to be rolled back.

    Raises:
        Conflict: the fence or a record set is another than expected.
        Rejected: a name would have a CNAME beside other records.
    """
    pairs = steps(batch)
    for expected, desired in pairs:
        if expected is not None:
            _exchange(connection, expected, desired)
    _create(connection, [desired for expected, desired in pairs if expected is None and desired is not None])
    for name in {change.name for change in batch.changes}:
        _check_alias(connection, name)


def steps(batch: Batch) -> list[tuple[RecordSet | None, RecordSet | None]]:
    """What must be there and what is to be there instead, one record set after the other, the fence first."""
    pairs: list[tuple[RecordSet | None, RecordSet | None]] = [(batch.fence.expected, batch.fence.desired)]
    for change in batch.changes:
        match change:
            case Create(desired):
                pairs.append((None, desired))
            case Replace(current, desired):
                pairs.append((current, desired))
            case Delete(current):
                pairs.append((current, None))
    return pairs


def read_sets(connection: sqlite3.Connection) -> tuple[RecordSet, ...]:
    """Every record set of the file.

    Raises:
        msgspec.MsgspecError: a row is none that was written by feddns.
    """
    rows = connection.execute("SELECT name, type, ttl, data FROM record_sets").fetchall()
    # SQLite takes values of any type into any column.
    checked = msgspec.convert(rows, list[tuple[DnsName, str, int, str]])
    return tuple([RecordSet(name, type_, ttl, _values(data)) for name, type_, ttl, data in checked])


def _exchange(connection: sqlite3.Connection, expected: RecordSet, desired: RecordSet | None) -> None:
    _expect(connection, expected, expected)
    if desired is None:
        connection.execute("DELETE FROM record_sets WHERE name = ? AND type = ?", (expected.name, expected.type))
    else:
        connection.execute("REPLACE INTO record_sets VALUES (?, ?, ?, ?)", _row(desired))


def _create(connection: sqlite3.Connection, record_sets: list[RecordSet]) -> None:
    """All at once: thousands come when a zone is first written."""
    try:
        connection.executemany("INSERT INTO record_sets VALUES (?, ?, ?, ?)", map(_row, record_sets))
    except sqlite3.IntegrityError:
        for record_set in record_sets[::-1]:  # those before the one that was there already have been written by now
            _expect(connection, record_set, None)
        raise


def _expect(connection: sqlite3.Connection, place: RecordSet, expected: RecordSet | None) -> None:
    key = (place.name, place.type)
    row = connection.execute("SELECT ttl, data FROM record_sets WHERE name = ? AND type = ?", key).fetchone()
    found = None if row is None else RecordSet(*key, row[0], _values(row[1]))
    if found != expected:
        raise Conflict(f"{place.name} {place.type} is {_told(found)}, not {_told(expected)} as expected")


def _row(record_set: RecordSet) -> tuple[str, str, int, str]:
    return record_set.name, record_set.type, record_set.ttl, msgspec.json.encode(record_set.values).decode()


def _check_alias(connection: sqlite3.Connection, name: DnsName) -> None:
    """A name with a CNAME has nothing else (RFC 1034 section 3.6.2)."""
    types = {type_ for (type_,) in connection.execute("SELECT type FROM record_sets WHERE name = ?", (name,))}
    if CNAME in types and len(types) > 1:
        others = " and ".join(sorted(types - {CNAME}))
        raise Rejected(f"{name} would have CNAME beside {others}", frozenset({name}))


def _values(data: str) -> tuple[str, ...]:
    return msgspec.json.decode(data, type=tuple[str, ...])


def _told(record_set: RecordSet | None) -> str:
    return "absent" if record_set is None else f"{' '.join(record_set.values)} with TTL {record_set.ttl}"
