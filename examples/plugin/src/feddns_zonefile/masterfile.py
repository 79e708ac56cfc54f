"""A zone as a master file on the disk: read, and replaced by a rename."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import dns.exception
import dns.rdatatype
import dns.rdtypes.ANY.SOA
import dns.zone
import msgspec

from feddns.errors import Rejected, Unauthorized, Unavailable
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.providers.canonical import canonical_value
from feddns_zonefile.values import lines_of

_SERIALS: Final = 2**32


class Contents(msgspec.Struct, frozen=True):
    """A zone as it stands in a file.

    Attributes:
        soa: the zone's SOA record.
        soa_ttl: its TTL in seconds.
        sets: all other record sets by name and type.
    """

    soa: dns.rdtypes.ANY.SOA.SOA
    soa_ttl: int
    sets: Mapping[tuple[str, str], RecordSet]


class MasterFile:
    """One zone's file.

    Attributes:
        path: where it is.
    """

    def __init__(self, path: Path, zone: ZoneName) -> None:
        self.path = path
        self._zone = zone

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep all others that lock away, in this process and in others.

        Raises:
            Unauthorized: the lock's file may not be made.
            Unavailable: the disk fails.
        """
        # The file itself is replaced with each write, and a lock on what was replaced keeps nobody away.
        with _told(self.path), self.path.with_name(f"{self.path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def read(self) -> Contents:
        """What the file holds.

        Raises:
            Rejected: there is no file, or what it holds is not the zone.
            Unauthorized: it may not be read.
            Unavailable: the disk fails.
        """
        with _told(self.path):
            octets = self.path.read_bytes()
        try:
            zone = dns.zone.from_text(octets.decode(), origin=self._zone, relativize=False)
            apex = zone.find_rdataset("@", dns.rdatatype.SOA)
        except (dns.exception.DNSException, ValueError) as error:
            raise Rejected(f"{self.path} does not hold the zone {self._zone}: {error}") from error
        sets: dict[tuple[str, str], RecordSet] = {}
        for name, rdataset in zone.iterate_rdatasets():
            if rdataset.rdtype != dns.rdatatype.SOA:
                owner, kind = DnsName(name.canonicalize().to_text()), dns.rdatatype.to_text(rdataset.rdtype)
                sets[owner, kind] = RecordSet(owner, kind, rdataset.ttl, tuple(sorted(map(canonical_value, rdataset))))
        return Contents(apex[0], apex.ttl, sets)

    def write(self, contents: Contents) -> None:
        """Replace the file: whoever reads it gets the old zone or the new one, whole, also when the power fails.

        The SOA gets the next serial number. To be called under the lock.

        Raises:
            Rejected: a record set cannot be written.
            Unauthorized: the folder may not be written.
            Unavailable: the disk fails, or is full.
        """
        # Servers load a zone again when its number has grown, also past the largest (RFC 1982).
        soa = contents.soa.replace(serial=(contents.soa.serial + 1) % _SERIALS or 1)
        lines = [f"{self._zone} {contents.soa_ttl} IN SOA {soa.to_text()}\n"]
        lines += [line for _, record_set in sorted(contents.sets.items()) for line in lines_of(record_set)]
        with _told(self.path):
            self._replace("".join(lines).encode())

    def _replace(self, octets: bytes) -> None:
        folder = self.path.parent
        with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{self.path.name}.", delete=False) as file:
            try:
                file.write(octets)
                file.flush()
                os.fchmod(file.fileno(), self.path.stat().st_mode)
                os.fsync(file.fileno())
                Path(file.name).rename(self.path)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Bring the rename itself onto the disk."""
    try:
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        raise Unavailable(f"{folder} may not be on the disk: {error.strerror}", outcome_unknown=True) from error


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the operating system says into the errors of the contract; nothing has been changed then."""
    try:
        yield
    except FileNotFoundError as error:
        raise Rejected(f"there is no {path}: make it, with the zone's SOA and NS records") from error
    except PermissionError as error:
        raise Unauthorized(f"{path}: {error.strerror}; feddns must be able to write the file and its folder") from error
    except OSError as error:
        raise Unavailable(f"{path}: {error.strerror}") from error
