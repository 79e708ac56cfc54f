"""A writer on the provider, while the service throttles, fails, resets and answers nothing."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from feddns.config.settings import WriteSettings
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.model.services import ServiceKey
from feddns.providers.clouddns import CloudDns
from feddns.providers.writer import ZoneWriter
from tests.builders import FED, NOW, a_decision, answer, numbered, some_terms
from tests.providers.clouddns.conftest import ZONE_ID, Inline, fake_project, settings_for
from tests.providers.fakes.clouddns import Cause, Cut, FakeCloudDns, Quota, Refused
from tests.virtual import virtually

FOREIGN = [
    {"name": "www.example.com.", "type": "A", "ttl": 77, "rrdatas": ["192.0.2.200"]},
    {"name": "www.example.com.", "type": "TXT", "ttl": 300, "rrdatas": ['"not; yours" "second"']},
    {"name": "s1.shop.otherfed.svc.example.com.", "type": "A", "ttl": 60, "rrdatas": ["192.0.2.201"]},
    {"name": "*.wild.example.com.", "type": "CNAME", "ttl": 60, "rrdatas": ["www.example.com."]},
    {"name": answer(1)[0].name, "type": "MX", "ttl": 60, "rrdatas": ["10 mail.example.net."]},
    {
        "name": "geo.example.com.",
        "type": "A",
        "ttl": 5,
        "routingPolicy": {"geo": {"items": [{"location": "asia-east1", "rrdatas": ["192.0.2.1"]}]}},
    },
]


FAULTS: list[Refused | Cut] = [
    Cut.BEFORE,
    Cut.AFTER,
    Refused(503, Cause("backendError", "later")),
    Refused(500, Cause("internalError", "sorry")),
    Refused(429, Cause("rateLimitExceeded", "slowly"), retry_after="2"),
    Refused(403, Cause("rateLimitExceeded", "slowly", "usageLimits")),
]


def chance(seed: int) -> Callable[[str], Refused | Cut | None]:
    """Every third request goes wrong in one of many ways."""
    dice = random.Random(seed)

    def throw(method: str) -> Refused | Cut | None:
        del method
        if dice.random() > 1 / 3:
            return None
        return dice.choice(FAULTS)

    return throw


class Wanting:
    """A writer, and someone who wants records as the loop does: also anew when it is told to."""

    def __init__(self, provider: CloudDns) -> None:
        self._wanted: dict[ServiceKey, tuple[RecordSet, ...]] = {}
        clock = asyncio.get_running_loop().time
        terms = some_terms(allow_deletions=True)
        self.writer = ZoneWriter(provider, terms, WriteSettings(), lambda: NOW + clock(), self._decide_again)

    def want(self, number: int, *addresses: str) -> None:
        self._wanted[numbered(number)] = answer(number, *addresses) if addresses else ()
        self._say(numbered(number))

    def expected(self) -> set[RecordSet]:
        return {record for records in self._wanted.values() for record in records}

    def _say(self, *keys: ServiceKey) -> None:
        for key in keys:
            self.writer.want(a_decision(key, self._wanted.get(key, ())))
        self.writer.go()

    def _decide_again(self, keys: frozenset[ServiceKey]) -> None:
        asyncio.get_running_loop().call_soon(lambda: self._say(*keys))


async def wreak(fake: FakeCloudDns, provider: CloudDns, services: int, seed: int) -> set[RecordSet]:
    """Want many things, and change one's mind on the way; gives what is wanted in the end."""
    dice = random.Random(seed)
    wanting = Wanting(provider)
    fake.faults.chance = chance(seed)
    task = asyncio.create_task(wanting.writer.run())
    for number in range(services):
        wanting.want(number, f"10.0.{number >> 8}.{number & 255}")
        if dice.random() < 0.2:
            wanting.want(dice.randrange(number + 1), *(dice.choice([["192.0.2.1"], ["192.0.2.2", "192.0.2.3"], []])))
        if dice.random() < 0.1:
            await asyncio.sleep(dice.choice([0.1, 1.0]))
    await asyncio.sleep(5_000)
    task.cancel()
    await asyncio.wait([task])
    return wanting.expected()


@pytest.mark.parametrize(
    ("services", "seed"), [(200, 0), *(pytest.param(1_000, seed, marks=pytest.mark.servers) for seed in range(1, 6))]
)
def test_whatever_the_service_does_the_zone_becomes_what_is_wanted_and_nothing_else_is_touched(
    tmp_path: Path, services: int, seed: int
) -> None:
    with fake_project() as fake:
        zone = fake.zones[ZONE_ID]
        zone.change({"additions": FOREIGN}, Quota())
        fake.quota = Quota(rrset_additions_per_change=12, rrset_deletions_per_change=9)
        before = dict(zone.rrsets)
        provider = CloudDns(
            settings_for(fake, requests_per_second=5.0, burst=5), ZoneName("example.com."), tmp_path, Inline()
        )

        async def run() -> None:
            expected = await wreak(fake, provider, services, seed)
            fake.faults.chance = lambda _: None
            found = set(await provider.read_zone())
            await provider.close()
            ours = {each for each in found if FED.parse(each.name) and each.type != "MX"}
            assert ours == expected

        virtually(run())
        assert {key: zone.rrsets[key] for key in before} == before
        written = Counter(change["status"] for change in zone.changes)
        assert sum(written.values()) > services / 20
        claims = [
            rrset for change in zone.changes for rrset in change["additions"] if rrset["name"] == DnsName(FED.claim)
        ]
        assert len(claims) == len({rrset["rrdatas"][0] for rrset in claims}) == len(zone.changes) - 2
