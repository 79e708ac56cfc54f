"""The provider `clouddns` keeps the contract, on the strict fake."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from feddns.providers.base import Provider
from feddns.testing import HttpContract, RemoteProviderContract
from feddns.testing.subject import Subject
from tests.providers.clouddns.conftest import ZONE_ID, OpenCloudDns, write_key
from tests.providers.fakes.clouddns import FakeCloudDns, Principal

pytestmark = pytest.mark.servers  # some take seconds


class CloudDnsSubject(Subject):
    """The provider on the fake."""

    @pytest.fixture
    async def provider(self, fake: FakeCloudDns, open_clouddns: OpenCloudDns) -> Provider:
        fake.quota = msgspec.structs.replace(fake.quota, rrsets_per_managed_zone=20_000)
        return open_clouddns()

    @pytest.fixture
    async def rival(self, open_clouddns: OpenCloudDns) -> Provider:
        return open_clouddns()

    @pytest.fixture
    async def stranger(self, fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path) -> Provider:
        nobody = Principal("stranger@elsewhere.iam.gserviceaccount.com", frozenset())
        return open_clouddns(credentials_file=write_key(fake, tmp_path, nobody))

    @pytest.fixture
    async def address(self, fake: FakeCloudDns) -> tuple[str, int]:
        return "127.0.0.1", fake.port

    @pytest.fixture
    async def open_at(self, open_clouddns: OpenCloudDns) -> Callable[[str, int], Provider]:
        return lambda host, port: open_clouddns(endpoint=f"http://{host}:{port}", managed_zone=ZONE_ID, timeout=1.0)


class TestCloudDns(CloudDnsSubject, RemoteProviderContract):
    foreign = (
        ("MX", "10 mail.example.net."),
        ("SRV", "0 5 5060 sip.example.net."),
        ("CAA", '0 issue "ca.example.net"'),
        ("HTTPS", "1 . alpn=h2"),
    )


class TestCloudDnsWhereTheZoneIsLookedFor(CloudDnsSubject, HttpContract):
    write_mark = b"/changes?"

    @pytest.fixture
    async def open_at(self, open_clouddns: OpenCloudDns) -> Callable[[str, int], Provider]:
        return lambda host, port: open_clouddns(endpoint=f"http://{host}:{port}", timeout=1.0)
