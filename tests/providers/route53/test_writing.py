"""The writer of a zone at work on an account with Route 53's pace, in virtual time."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from feddns.config.settings import WriteSettings
from feddns.model.records import RecordSet
from feddns.model.services import ServiceKey
from feddns.providers.route53 import Route53
from feddns.providers.writer import ZoneWriter
from tests.builders import FED, NOW, a_decision, answer, numbered, some_terms
from tests.providers.fakes.route53 import Account, FakeRoute53, Fault, Kind
from tests.providers.fakes.route53.zone import Zone
from tests.providers.route53.conftest import Inline, OpenRoute53
from tests.providers.route53.test_recordsets import alias, plain

pytestmark = [pytest.mark.looptime, pytest.mark.servers]

REQUESTS_PER_SECOND = 5.0
MOVED = ("192.0.2.99",)
SERVICE_NAMES = f".shop.{FED.federation}.svc.{FED.zone}"
FOREIGN = (
    plain("www.example.com.", "AAAA", "2001:0DB8::1", ttl=77),
    plain("txt.example.com.", "TXT", r'"not \"yours\""', r'"b\\"'),
    plain("mail.example.com.", "MX", "20 Second.example.net", "10 first.example.net"),
    plain("pool.example.com.", "A", "192.0.2.200", SetIdentifier="eu", Weight=1),
    plain("pool.example.com.", "A", "192.0.2.201", SetIdentifier="us", Weight=2),
    plain(f"s1{SERVICE_NAMES}", "TXT", '"beside ours"'),
    alias("example.com.", "A", "d1.cloudfront.net.", "Z2FDTNDATAQYW2", health=True),
)
FAULTS = (
    Kind.RESET_BEFORE,
    Kind.RESET_AFTER,
    Kind.FAIL_BEFORE,
    Kind.FAIL_AFTER,
    Kind.SILENT_BEFORE,
    Kind.SILENT_AFTER,
    Kind.THROTTLE,
    Kind.BUSY,
    Kind.EXPIRE,
    Kind.BARE_INVALID,
)


OpenScene = Callable[..., "Scene"]


class Scene:
    """A writer on the fake's zone, and something that wants records as the loop does."""

    def __init__(self, provider: Route53, account: Account, zone: Zone) -> None:
        self.account = account
        self.zone = zone
        self.wanted: dict[ServiceKey, tuple[RecordSet, ...]] = {}
        clock = asyncio.get_running_loop().time
        settings = WriteSettings(reread=30.0)
        terms = some_terms(at_least=5_000)
        self.writer = ZoneWriter(provider, terms, settings, lambda: NOW + clock(), self._want_again)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.writer.run())
        try:
            await self.writer.known.wait()
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    def want(self, number: int, *addresses: str, gone: bool = False) -> None:
        self.wanted[numbered(number)] = () if gone else answer(number, *addresses)
        self._want_again(frozenset({numbered(number)}))

    def ours(self) -> list[dict[str, Any]]:
        return sorted(
            (found for found in self.zone if found["Name"].endswith(SERVICE_NAMES) and found["Type"] == "A"),
            key=lambda found: str(found["Name"]),
        )

    def expected(self) -> list[dict[str, Any]]:
        sets = [plain(r.name, r.type, *r.values, ttl=r.ttl) for records in self.wanted.values() for r in records]
        return sorted(sets, key=lambda found: str(found["Name"]))

    def _want_again(self, keys: frozenset[ServiceKey]) -> None:
        for key in keys:
            self.writer.want(a_decision(key, self.wanted.get(key, ())))
        self.writer.go()


@pytest.fixture
async def open_scene(fake: FakeRoute53, open_route53: OpenRoute53) -> OpenScene:
    """Opens a writer on an account that allows five requests a second."""

    def open_it(busy_s: float = 0.0, timeout_s: float = 5.0) -> Scene:  # by the test: fixtures have a time of their own
        account = Account(rate=REQUESTS_PER_SECOND, burst=5, busy_s=busy_s, clock=asyncio.get_running_loop().time)
        fake.use(account)
        zone = account.add_zone("example.com")
        provider = open_route53(executor=Inline(), requests_per_second=REQUESTS_PER_SECOND, burst=5, timeout=timeout_s)
        return Scene(provider, account, zone)

    return open_it


def batches(account: Account) -> list[list[dict[str, Any]]]:
    """The changes of each change request that was let in."""
    return [asked["ChangeBatch"]["Changes"] for _, name, asked in account.log if name == "ChangeResourceRecordSets"]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  # the fake serves in another thread
            await asyncio.sleep(0.01)


async def test_ten_thousand_names_take_few_requests_and_an_urgent_one_goes_between_them(
    open_scene: OpenScene,
) -> None:
    scene = open_scene()
    account = scene.account
    async with scene.running():
        scene.want(0)
        await until(lambda: len(scene.zone) == 4)
        await asyncio.sleep(10)
        before = account.calls.total()
        for number in range(1, 10_001):
            scene.want(number)
        await until(lambda: len(batches(account)) >= 5)
        written = len(batches(account))
        scene.want(0, *MOVED)  # an address leaves an answer
        await asyncio.sleep(15)
        assert scene.ours() == scene.expected()
    assert 5 <= written < 10
    assert answer(0)[0].name in {change["ResourceRecordSet"]["Name"] for change in batches(account)[written]}
    assert account.calls.total() - before <= 1.2 * 10_000 / 1_000
    assert account.calls.total() == len(account.log)  # each was let in


async def test_no_request_is_ever_too_many_for_the_account(open_scene: OpenScene) -> None:
    scene = open_scene()
    account = scene.account
    async with scene.running():
        for number in range(200):
            scene.want(number % 20, f"192.0.2.{number}")
            await asyncio.sleep(0.05)
        await asyncio.sleep(20)
        assert scene.ours() == scene.expected()
    assert account.calls["ChangeResourceRecordSets"] < 60
    assert account.calls.total() == len(account.log)  # each was let in


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_goes_wrong_the_zone_ends_as_wanted_and_foreign_records_as_they_were(
    open_scene: OpenScene, seed: int
) -> None:
    chance = random.Random(seed)
    scene = open_scene(busy_s=0.1, timeout_s=0.2)
    account = scene.account
    scene.zone.change([{"Action": "CREATE", "ResourceRecordSet": found} for found in FOREIGN], frozenset())
    foreign = [found for found in scene.zone if found["Type"] != "SOA"]
    async with scene.running():
        for _ in range(100):
            if len(account.faults) < 5:
                account.faults.append(Fault(chance.choice(FAULTS), chance.choice(["", "ChangeResourceRecordSets"])))
            for _ in range(10):
                scene.want(chance.randrange(300), f"192.0.2.{chance.randrange(250)}", gone=chance.random() < 0.2)
            await asyncio.sleep(chance.random() * 2)
        account.faults.clear()
        await asyncio.sleep(600)
        assert scene.ours() == scene.expected()
    claim = [found for found in scene.zone if found["Name"] == FED.claim]
    assert len(claim) == 1
    kept = [found for found in scene.zone if found["Type"] != "SOA" and found not in [*claim, *scene.ours()]]
    assert kept == foreign
    assert scene.writer.agenda.problems() == ()
