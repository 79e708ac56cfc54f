"""What the contract does not ask: the file, and what can be wrong with it."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import dns.zone
import pytest

from feddns.errors import ProviderError, Rejected, Unauthorized
from feddns.model.changes import Create
from feddns.model.records import ZoneName
from feddns.testing import Pen
from feddns_zonefile import ZoneFile
from feddns_zonefile.provider import ZoneFileSettings

ZONE = ZoneName("example.com.")


@pytest.fixture
async def provider(file: Path) -> AsyncIterator[ZoneFile]:
    provider = ZoneFile.open(ZoneFileSettings(file.name), ZONE, file.parent)
    yield provider
    await provider.close()


@pytest.fixture
def pen(provider: ZoneFile) -> Pen:
    return Pen(provider, ZONE)


def as_others_read_it(file: Path) -> dns.zone.Zone:
    return dns.zone.from_text(file.read_text(), origin="example.com", relativize=False)


def octets_of(file: Path) -> bytes:
    return file.read_bytes()


def put(file: Path, octets: bytes) -> None:
    file.write_bytes(octets)


def remove(file: Path) -> None:
    file.unlink()


def forbid(file: Path) -> None:
    file.chmod(0)


async def refused(provider: ZoneFile, kind: type[ProviderError], text: str) -> None:
    """Neither reading nor writing goes, and both say why."""
    for attempt in (provider.read_zone(), Pen(provider, ZONE).write()):
        with pytest.raises(kind, match=text):
            await attempt


async def test_others_read_the_file_as_a_zone(pen: Pen, file: Path) -> None:
    await pen.write(Create(pen.set("www", "A", "192.0.2.1", "192.0.2.2")))
    zone = as_others_read_it(file)
    assert zone.get_soa().serial == 2
    assert sorted(data.to_text() for data in zone.find_rdataset("www", "A")) == ["192.0.2.1", "192.0.2.2"]
    assert zone.get_rdataset("ns1", "A") is not None


async def test_only_the_file_and_its_lock_are_left_and_the_mode_stays(pen: Pen, file: Path) -> None:
    await pen.write()
    left = {path.name: path for path in file.parent.iterdir()}
    assert left.keys() == {"zone", "zone.lock"}
    assert left["zone"].stat().st_mode & 0o777 == 0o640


async def test_the_serial_number_goes_round_the_corner(pen: Pen, file: Path) -> None:
    put(file, octets_of(file).replace(b" 1 3600", b" 4294967295 3600"))
    await pen.write()
    assert as_others_read_it(file).get_soa().serial == 1


async def test_a_file_that_is_not_there_is_told(provider: ZoneFile, file: Path) -> None:
    remove(file)
    await refused(provider, Rejected, r"there is no .*/zone: make it, with the zone's SOA and NS records")


@pytest.mark.parametrize(
    "content", ["", "@ SOA nonsense\n", "$INCLUDE other\n", "\udcff", "@ 60 IN A 192.0.2.1\n", "@ 60 IN NS ns1\n"]
)
async def test_what_is_no_zone_is_refused_and_left_alone(provider: ZoneFile, file: Path, content: str) -> None:
    octets = content.encode("utf-8", "surrogateescape")
    put(file, octets)
    await refused(provider, Rejected, r"/zone does not hold the zone example\.com\.: ")
    assert octets_of(file) == octets


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do anything")
async def test_a_file_that_may_not_be_read_is_told(provider: ZoneFile, file: Path) -> None:
    forbid(file)
    await refused(provider, Unauthorized, "feddns must be able to write the file and its folder")


@pytest.mark.parametrize("values", [("A", "192.0.2.999"), ("ALIAS", "x.example.net."), ("A",), ("AAAA", "2001:DB8::1")])
async def test_what_is_no_record_data_is_rejected_by_name(pen: Pen, file: Path, values: tuple[str, ...]) -> None:
    before = octets_of(file)
    odd = pen.set("odd", *values)
    with pytest.raises(Rejected, match=r"^odd\.example\.com\. \w+: ") as refusal:
        await pen.write(Create(odd))
    assert refusal.value.names == {odd.name}
    assert octets_of(file) == before
