import shutil
from pathlib import Path

import pytest
import structlog
import yaml

from feddns.clusters.source import Source
from feddns.config.settings import ClusterSettings
from feddns.model.evidence import Sight
from feddns.model.services import ServiceKey
from feddns.model.topology import Topology
from tests.clusters import objects
from tests.clusters.observing import QUICK, Recorder, is_visible, opened, running, state, until

WEB = ServiceKey("shop", "web")


class World:
    """A folder of manifests and the source that observes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.touched = Recorder()
        self.source: Source = opened(
            ClusterSettings(name="us", manifests=folder.name), self.touched, watch=QUICK, folder=folder.parent
        )
        self.view = self.source.view

    def write(self, *addresses: str) -> None:
        self.folder.mkdir(exist_ok=True)
        everything = [
            objects.service("web", *addresses),
            objects.endpoint_slice("web-1", "web", ready=[True]),
            objects.node(),
        ]
        (self.folder / ".new").write_text(yaml.safe_dump(objects.a_list(*everything)))
        (self.folder / ".new").rename(self.folder / "all.yaml")

    def shows(self, *addresses: str) -> bool:
        shard = self.view.shard(WEB)
        return shard is not None and shard.addresses == addresses


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "us")


async def test_a_folder_is_a_cluster_and_its_changes_are_seen(world: World) -> None:
    world.write("192.0.2.1")
    async with running(world.source):
        await until(is_visible(world.view))
        assert state(world.view).topology == Topology("us", ("us-a",))
        shard = world.view.shard(WEB)
        assert shard is not None
        assert shard.ready.by_zone == (("us-a", 1),)
        assert world.touched.services == []
        world.write("192.0.2.2")
        await until(lambda: world.shows("192.0.2.2"))
        assert world.touched.services == [WEB]


async def test_a_folder_that_is_not_there_leaves_the_cluster_unseen_until_it_is(world: World) -> None:
    async with running(world.source):
        await until(lambda: state(world.view).reason.endswith("cannot be read: No such file or directory"))
        assert state(world.view).sight is Sight.UNSEEN
        world.write("192.0.2.1")
        await until(is_visible(world.view))
        assert world.shows("192.0.2.1")


@pytest.mark.servers  # takes its time
async def test_a_folder_that_goes_is_a_lost_cluster_and_not_an_empty_one(world: World) -> None:
    world.write("192.0.2.1")
    async with running(world.source):
        await until(is_visible(world.view))
        shutil.rmtree(world.folder)
        await until(lambda: state(world.view).sight is Sight.LOST)
        assert "cannot be read" in state(world.view).reason
        assert world.shows("192.0.2.1")
        world.write("192.0.2.1")
        world.touched.clusters.clear()
        await until(is_visible(world.view))
        assert world.touched.clusters == ["us"]


async def test_an_empty_folder_is_a_cluster_without_services(world: World) -> None:
    world.folder.mkdir()
    async with running(world.source):
        await until(is_visible(world.view))
        assert not world.view.keys()


async def test_a_broken_file_at_the_start_leaves_the_cluster_unseen_and_says_which_line(world: World) -> None:
    world.write("192.0.2.1")
    (world.folder / "broken.yaml").write_text("a: b\nc: [")
    async with running(world.source):
        await until(lambda: f"{world.folder / 'broken.yaml'}:3: not YAML" in state(world.view).reason)
        assert state(world.view).sight is Sight.UNSEEN
        assert [problem.reason for problem in state(world.view).problems] == ["UnreadableManifest"]
        (world.folder / "broken.yaml").unlink()
        await until(is_visible(world.view))
        assert state(world.view).problems == ()


async def test_a_broken_file_later_is_a_problem_and_the_rest_goes_on(world: World) -> None:
    world.write("192.0.2.1")
    with structlog.testing.capture_logs() as lines:
        async with running(world.source):
            await until(is_visible(world.view))
            (world.folder / "broken.yaml").write_text("a: b\nc: [")
            await until(lambda: bool(state(world.view).problems))
            world.write("192.0.2.2")
            await until(lambda: world.shows("192.0.2.2"))
            assert state(world.view).sight is Sight.VISIBLE
    assert [line["reason"] for line in lines if line["event"] == "problem"] == ["UnreadableManifest"]
