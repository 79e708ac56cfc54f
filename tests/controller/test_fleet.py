"""Clusters that come and go while feddns runs: folders of manifests stand for them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import structlog.testing

from feddns.clusters.members import Member, united
from feddns.clusters.source import Opening
from feddns.config.settings import ClusterSettings, DnsSettings, ServiceSettings, Settings, WatchSettings
from feddns.controller.enrolment import Enrolment
from feddns.controller.fleet import UNKNOWN_MEMBERS, Fleet
from feddns.model.evidence import Sight
from tests.beside import beside
from tests.clusters.observing import Recorder, state, until
from tests.quickstart import FOLDERS, Quickstart


class Fleeting:
    """A fleet, and what it told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.touched = Recorder()
        self.changes: list[tuple[str, ...]] = []
        self.fleet = Fleet(self.touched, self._changed)

    def take(self, members: Sequence[Member], services: ServiceSettings | None = None, unknown: str = "") -> None:
        opening = Opening(services or ServiceSettings(), WatchSettings(), self.folder)
        self.fleet.take(members, opening, unknown)

    def names(self) -> tuple[str, ...]:
        return tuple(source.view.name for source in self.fleet.sources)

    def sight(self, name: str) -> Sight:
        return next(state(source.view).sight for source in self.fleet.sources if source.view.name == name)

    async def sees(self, *names: str) -> None:
        await until(lambda: all(self.sight(name) is Sight.VISIBLE for name in names))

    def _changed(self) -> None:
        self.changes.append(self.names())


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Fleeting]:
    fleeting = Fleeting(folder)
    async with beside(fleeting.fleet.run()):
        yield fleeting


def member(name: str, folder: str = "", fault: str = "") -> Member:
    return Member(ClusterSettings(name, manifests=f"clusters/{folder or FOLDERS[name]}"), fault=fault)


async def test_clusters_are_seen_from_when_they_come_and_no_more_when_they_have_gone(quickstart: Quickstart) -> None:
    async with running(quickstart.folder) as world:
        world.take([member("us"), member("eu")])
        await world.sees("us", "eu")
        tasks = len(asyncio.all_tasks())
        world.take([member("eu"), member("asia")])
        await world.sees("eu", "asia")
        assert world.names() == ("eu", "asia")
        assert world.changes == [("us", "eu"), ("eu", "asia")]
        await until(lambda: len(asyncio.all_tasks()) == tasks)


async def test_a_cluster_is_seen_by_its_old_settings_until_something_is_seen_by_the_new_ones(
    quickstart: Quickstart,
) -> None:
    async with running(quickstart.folder) as world:
        world.take([member("us")])
        await world.sees("us")
        before = world.fleet.sources
        world.take([member("us", "not-there-yet")])
        await asyncio.sleep(0.3)
        assert world.fleet.sources == before
        assert world.fleet.arriving == ("us",)
        assert world.sight("us") is Sight.VISIBLE
        quickstart.cluster("eu").rename(quickstart.folder / "clusters" / "not-there-yet")
        await until(lambda: world.fleet.sources != before)
        assert world.sight("us") is Sight.VISIBLE
        assert not world.fleet.arriving


async def test_settings_that_are_taken_back_before_anything_is_seen_by_them_leave_all_as_it_was(
    quickstart: Quickstart,
) -> None:
    async with running(quickstart.folder) as world:
        world.take([member("us")])
        await world.sees("us")
        before = world.fleet.sources
        world.take([member("us", "nowhere")])
        world.take([member("us")])
        assert world.fleet.sources == before
        assert world.fleet.arriving == ()


async def test_a_cluster_that_nothing_can_be_made_of_any_more_stays_as_it_was_seen(quickstart: Quickstart) -> None:
    async with running(quickstart.folder) as world:
        world.take([member("us")])
        await world.sees("us")
        world.take([member("us", fault="it has no key kubeconfig")])
        await asyncio.sleep(0.1)
        assert world.sight("us") is Sight.VISIBLE
        assert world.fleet.arriving == ("us",)


async def test_one_that_was_never_seen_is_at_once_seen_by_its_new_settings(quickstart: Quickstart) -> None:
    async with running(quickstart.folder) as world:
        world.take([member("us", fault="it has no key kubeconfig")])
        (source,) = world.fleet.sources
        assert "it has no key kubeconfig" in state(source.view).reason
        world.take([member("us")])
        await world.sees("us")


async def test_all_are_seen_anew_where_other_services_are_taken(quickstart: Quickstart) -> None:
    async with running(quickstart.folder) as world:
        world.take([member("us")])
        await world.sees("us")
        (source,) = world.fleet.sources
        assert source.view.keys()
        world.take([member("us")], ServiceSettings(select="annotated"))
        await until(lambda: world.fleet.sources != (source,))
        assert list(world.fleet.sources[0].view.keys()) == []


async def test_what_is_not_known_yet_stands_as_one_cluster_out_of_sight(quickstart: Quickstart) -> None:
    async with running(quickstart.folder) as world:
        world.take([member("us")], unknown="the Secrets have not been read")
        assert world.names() == ("us", UNKNOWN_MEMBERS)
        assert world.sight(UNKNOWN_MEMBERS) is Sight.UNSEEN
        world.take([member("us"), member("eu")])
        assert world.names() == ("us", "eu")


def test_the_configuration_goes_before_a_secret_and_a_secret_before_a_younger_one() -> None:
    first = Member(ClusterSettings("eu"), b"", "Secret dns/one")
    second = Member(ClusterSettings("eu"), b"", "Secret dns/two")
    members, problems = united(
        [ClusterSettings("us")], [Member(ClusterSettings("us"), b"", "Secret dns/us"), first, second]
    )
    assert [each.origin for each in members] == ["the configuration", "Secret dns/one"]
    assert problems == (
        "Secret dns/us brings in the cluster us, which the configuration has already",
        "Secret dns/two brings in the cluster eu, which Secret dns/one has already",
    )


def test_a_kubeconfig_is_in_no_text() -> None:
    assert "hush" not in repr(Member(ClusterSettings("us"), b"hush", "Secret dns/us"))


class Scripted:
    """A roster that tells what it is told to."""

    def __init__(self) -> None:
        self.known = asyncio.Event()

    def describe(self) -> str:
        return "the Secrets"

    async def read(self) -> tuple[Member, ...]:
        return ()

    async def watch(self, _seen: object) -> None:
        raise AssertionError


async def test_what_is_wrong_with_a_secret_is_told_once(tmp_path: Path) -> None:
    settings = Settings("fed", DnsSettings("example.com", {"embedded": {}}))
    world = Fleeting(tmp_path)
    enrolment = Enrolment(world.fleet, settings, tmp_path, Scripted())
    assert world.names() == (UNKNOWN_MEMBERS,)
    faulty = Member(ClusterSettings("eu"), b"", "Secret dns/eu", "it has no key kubeconfig")
    with structlog.testing.capture_logs() as log:
        enrolment.take((faulty,))
        enrolment.take((faulty,))
    assert [line["reason"] for line in log if line["event"] == "member refused"] == [
        "Secret dns/eu: it has no key kubeconfig"
    ]
    assert world.names() == ("eu",)
