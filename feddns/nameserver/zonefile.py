"""The zone on disk: one SQLite file that outlives a crash at any moment, and that several processes read and write."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from feddns.answers.transfer import is_newer
from feddns.errors import ProviderError, Rejected, Unauthorized, Unavailable
from feddns.model.changes import Batch
from feddns.model.records import RecordSet, ZoneName
from feddns.nameserver.swap import read_sets, swap

APPLICATION_ID: Final = 0x66644E53
"""`fdNS`: tells our files from other SQLite files (https://www.sqlite.org/fileformat2.html, offset 68)."""
VERSION: Final = 1
"""Of the tables; a file with another one was written by another feddns."""

_PAUSE_S: Final = 0.01

_TABLES: Final = (
    "CREATE TABLE zone (name TEXT NOT NULL, serial INTEGER NOT NULL)",
    """CREATE TABLE record_sets (
        name TEXT NOT NULL, type TEXT NOT NULL, ttl INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (name, type)
    ) WITHOUT ROWID""",
)


class Contents(msgspec.Struct, frozen=True):
    """What the file holds at one moment.

    Attributes:
        serial: grows by one with each commit (RFC 1982); None where there is no file yet.
        record_sets: all of them, in no particular order.
    """

    serial: int | None
    record_sets: tuple[RecordSet, ...]


class ZoneFile:
    """One zone's file. Every method blocks, and may be called from any thread.

    All raise `Unavailable` where the file cannot be used now, `Unauthorized` where its permissions forbid it, and
    `Rejected` where it is not a file of this zone; the error names the file.

    Attributes:
        path: the file.
    """

    def __init__(self, path: Path, zone: ZoneName, patience_s: float = 5.0) -> None:
        """Name the file; it is not touched.

        Args:
            path: where it is.
            zone: the zone that it holds.
            patience_s: how long to wait for another process that writes.
        """
        self.path = path
        self._zone = zone
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def serial(self) -> int | None:
        """The serial of the last commit; None where there is no file yet."""
        with self._lock, self._explained():
            connection = self._reading()
            return None if connection is None else _serial(connection)

    def read(self) -> Contents:
        """All of the zone, of one moment; no file is an empty zone, and is not made."""
        with self._lock, self._explained():
            connection = self._reading()
            if connection is None:
                return Contents(None, ())
            with _transaction(connection, "DEFERRED"):
                return Contents(_serial(connection), read_sets(connection))

    def create(self, first_serial: int) -> None:
        """Make the file where there is none."""
        with self._lock, self._explained():
            self._writing(first_serial)

    def commit(self, batch: Batch, first_serial: int, least_serial: int | None = None) -> int:
        """Carry out a batch if the fence and every record set are as it expects, else nothing.

        Args:
            batch: the changes.
            first_serial: of the zone where there is no file yet.
            least_serial: what the new serial is to be, unless the next one is later; None where that is always taken.

        Returns:
            The new serial.

        Raises:
            Conflict: the fence or a record set is another.
            Rejected: a name would have a CNAME beside other records.
        """
        with self._lock, self._explained():
            connection = self._writing(first_serial)
            # IMMEDIATE takes the write lock before the first look, so that what was checked cannot change until COMMIT.
            with _transaction(connection, "IMMEDIATE"):
                swap(connection, batch)
                serial = next_serial(_serial(connection))
                if least_serial is not None and is_newer(least_serial, serial):
                    serial = least_serial
                connection.execute("UPDATE zone SET serial = ?", (serial,))
            return serial

    def close(self) -> None:
        """Let go of the file, once a commit that is under way is done."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None

    def _reading(self) -> sqlite3.Connection | None:
        """A connection to a file that has our tables; None where there is none."""
        found = self._found()
        if found is None:
            return None
        if self._connection is None or found != self._identity:
            self._close()
            connection = self._open("rw")
            try:
                with _transaction(connection, "DEFERRED"):  # one moment, as another process may be making the tables
                    is_ours = self._has_tables(connection)
            except BaseException:
                connection.close()
                raise
            if not is_ours:
                connection.close()
                return None
            self._connection, self._identity = connection, found
        return self._connection

    def _writing(self, first_serial: int) -> sqlite3.Connection:
        connection = self._reading()
        if connection is not None:
            return connection
        self._close()
        connection = self._open("rwc")
        try:
            self._turn_to_wal(connection)
            with _transaction(connection, "IMMEDIATE"):
                if not self._has_tables(connection):  # another process may have been faster
                    self._make_tables(connection, first_serial)
        except BaseException:
            connection.close()
            raise
        self._connection, self._identity = connection, self._found()
        return connection

    def _turn_to_wal(self, connection: sqlite3.Connection) -> None:
        """Let readers and a writer go on side by side; SQLite itself does not wait for other processes here."""
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_S)
            else:
                return

    def _found(self) -> tuple[int, int] | None:
        """What tells this file from another that may take its place under the same path."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"{self.path} cannot be used: {error.strerror}") from error
        return status.st_dev, status.st_ino

    def _open(self, mode: str) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(uri, uri=True, timeout=self._patience_s, isolation_level=None, check_same_thread=False)

    def _has_tables(self, connection: sqlite3.Connection) -> bool:
        """Whether it is a zone file of ours; False where it is still blank.

        Raises:
            Rejected: it is something else.
        """
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application == version == tables == 0:
            return False
        if application != APPLICATION_ID:
            raise Rejected(f"{self.path} is an SQLite file, but not a zone of feddns; name another file")
        if version != VERSION:
            raise Rejected(
                f"{self.path} has tables of version {version}, written by another feddns; this one knows {VERSION}"
            )
        (name,) = connection.execute("SELECT name FROM zone").fetchone()
        if name != self._zone:
            raise Rejected(f"{self.path} holds the zone {name}, not {self._zone}; each zone has a file of its own")
        return True

    def _make_tables(self, connection: sqlite3.Connection, first_serial: int) -> None:
        for statement in _TABLES:
            connection.execute(statement)
        connection.execute("INSERT INTO zone VALUES (?, ?)", (self._zone, first_serial))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            self._close()
            raise self._explain(error) from error
        except MemoryError as error:  # SQLite believes whatever lengths it reads
            self._close()
            text = f"{self.path} is damaged, or there is no memory left; if it is damaged, move it away"
            raise Unavailable(text) from error
        except (ValueError, TypeError, RecursionError) as error:
            raise Rejected(f"{self.path} holds what feddns never writes ({error}); move it away") from error

    def _explain(self, error: sqlite3.Error) -> ProviderError:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            return Unavailable(f"{self.path} is damaged ({error}); move it away, and the zone is written anew")
        if name.startswith(("SQLITE_READONLY", "SQLITE_PERM")):
            return Unauthorized(f"{self.path} may not be written ({error})")
        if name.startswith("SQLITE_CANTOPEN"):
            return Unavailable(
                f"{self.path} cannot be opened; is its folder there, and are both readable and writable?"
            )
        if name.startswith("SQLITE_BUSY"):
            return Unavailable(f"{self.path} is being written by another process for more than {self._patience_s:g} s")
        return Unavailable(f"{self.path} cannot be used: {error}", outcome_unknown=name.startswith("SQLITE_IOERR"))


def next_serial(serial: int) -> int:
    """The serial after one (RFC 1982 section 3.1); never 0, which some servers take for none."""
    return (serial + 1) & 0xFFFF_FFFF or 1


@contextmanager
def _transaction(connection: sqlite3.Connection, kind: str) -> Iterator[None]:
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _serial(connection: sqlite3.Connection) -> int:
    (serial,) = connection.execute("SELECT serial FROM zone").fetchone()
    if not isinstance(serial, int) or not 0 <= serial < 2**32:
        raise ValueError(f"the serial {serial!r}")
    return serial
