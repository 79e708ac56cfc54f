"""An API server with another past than the one before: its etcd was restored from a backup, or it is another one."""

from pathlib import Path

import pytest

from feddns.config.settings import WatchSettings
from feddns.model.evidence import Sight
from tests.clusters import objects
from tests.clusters.kubernetes.scripted import Observed
from tests.clusters.kubernetes.servers import LOOPBACK, Relay, ScriptedApi, kubeconfig
from tests.clusters.observing import state, until

pytestmark = pytest.mark.servers  # which takes seconds


async def test_a_server_that_was_away_is_listed_as_it_may_have_been_restored_from_a_backup(tmp_path: Path) -> None:
    watch = WatchSettings(connect_timeout=1.0, silence=30.0, lost_after=60.0, longest_backoff=0.2)
    async with ScriptedApi().serving() as api, Relay(int(api.url.rpartition(":")[2])).serving() as relay:
        api.url = f"http://{LOOPBACK}:{relay.port}"
        observed = Observed(api, tmp_path, watch)
        async with observed.visible():
            api.services.objects, api.services.version = [objects.service("web", "192.0.2.9")], "3"
            tried = relay.accepted
            relay.refuse()
            relay.cut()
            await until(lambda: relay.accepted > tried + 4)
            assert state(observed.view).sight is Sight.VISIBLE
            relay.refuse(refusing=False)
            await observed.shows("192.0.2.9")
        assert api.services.asked_to_watch[-1]["resourceVersion"] == "3"


async def test_another_server_in_the_same_kubeconfig_is_listed_and_the_one_before_heard_no_more(tmp_path: Path) -> None:
    watch = WatchSettings(connect_timeout=1.0, silence=30.0, lost_after=60.0, longest_backoff=0.2)
    async with ScriptedApi().serving() as before, ScriptedApi().serving() as after:
        after.services.objects, after.services.version = [objects.service("web", "192.0.2.9")], "3"
        observed = Observed(before, tmp_path, watch)
        async with observed.visible():
            kubeconfig(tmp_path, after.url)
            before.services.end_watch()
            await observed.shows("192.0.2.9")
            before.services.tell("MODIFIED", objects.service("web", "192.0.2.1"))
            after.services.tell("MODIFIED", objects.service("web", "192.0.2.10"))
            await observed.shows("192.0.2.10")
            await until(lambda: bool(after.slices.asked_to_watch))  # its watch of the one before has been broken off
            assert state(observed.view).sight is Sight.VISIBLE
