"""A configuration that changes under `feddns run`."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
import structlog.testing
import yaml

from feddns.config.parse import Loaded
from feddns.controller.reload import Reload
from tests.e2e.running import Answers, Feddns, eventually
from tests.quickstart import ASIA, EU, NGINX, US, Quickstart
from tests.servers import DnsServer

pytestmark = pytest.mark.servers

GLOBAL = f"{NGINX}.example.com."
IN_EU = f"{NGINX}.europe-west1.example.com."


@pytest.fixture
def feddns(quickstart: Quickstart) -> Iterator[Feddns]:
    with Feddns(quickstart.folder, yaml.safe_load(quickstart.config.read_text())) as feddns:
        yield feddns


async def serving(feddns: Feddns) -> Answers:
    answers = await feddns.dns()
    await answers.come_to(GLOBAL, [EU, US, ASIA])
    return answers


def write(feddns: Feddns, text: str) -> None:
    """Change the file as Kubernetes does a mounted ConfigMap: another file takes its place."""
    new = feddns.configuration.with_suffix(".new")
    new.write_text(text)
    new.rename(feddns.configuration)


def change(feddns: Feddns, **settings: object) -> None:
    write(feddns, yaml.safe_dump(yaml.safe_load(feddns.configuration.read_text()) | settings))


async def test_a_cluster_that_is_left_out_leaves_the_answers_and_one_that_is_put_in_joins_them(feddns: Feddns) -> None:
    dns = await serving(feddns)
    clusters = yaml.safe_load(feddns.configuration.read_text())["clusters"]
    change(feddns, clusters=[each for each in clusters if each["name"] != "eu"])
    await dns.come_to(GLOBAL, [US, ASIA])
    change(feddns, clusters=clusters)
    await dns.come_to(GLOBAL, [EU, US, ASIA])
    assert [line["cluster"] for line in feddns.events("cluster left")] == ["eu"]
    assert [line["cluster"] for line in feddns.events("cluster joined")] == ["eu"]
    assert len(feddns.events("configuration reloaded")) == 2


async def test_a_ttl_that_changes_changes_the_records_alone(feddns: Feddns) -> None:
    dns = await serving(feddns)
    document = yaml.safe_load(feddns.configuration.read_text())
    change(feddns, dns=document["dns"] | {"ttl": 60})
    await eventually(lambda: bool(feddns.events("configuration reloaded")))
    await dns.come_to(GLOBAL, [EU, US, ASIA])
    assert len(feddns.events("serving")) == 1, "the server serves on"


async def test_a_file_that_cannot_be_used_changes_nothing_and_is_told_with_its_line(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    dns = await serving(feddns)
    good = feddns.configuration.read_text()
    write(feddns, good.replace("federation: myfederation", "federation: My_Federation"))
    await eventually(lambda: bool(feddns.events("configuration refused")))
    (refused,) = feddns.events("configuration refused")
    assert "feddns.yaml:" in refused["reason"]
    assert "federation must be a DNS label" in refused["reason"]
    quickstart.fail("eu")
    await dns.come_to(GLOBAL, [US, ASIA])
    quickstart.mend("eu")
    write(feddns, good)
    await eventually(lambda: bool(feddns.events("configuration reloaded")))
    await dns.come_to(GLOBAL, [EU, US, ASIA])


async def test_a_server_that_is_to_listen_elsewhere_does_so(feddns: Feddns) -> None:
    await serving(feddns)
    document = yaml.safe_load(feddns.configuration.read_text())
    embedded = document["dns"]["provider"]["embedded"] | {"listen": ["127.0.0.2:0"]}
    change(feddns, dns=document["dns"] | {"provider": {"embedded": embedded}})
    await eventually(lambda: len(feddns.events("serving")) > 1)
    assert (await serving(feddns)).host == "127.0.0.2"


async def test_a_server_that_cannot_listen_where_it_should_goes_on_where_it_was(feddns: Feddns) -> None:
    await serving(feddns)
    document = yaml.safe_load(feddns.configuration.read_text())
    embedded = document["dns"]["provider"]["embedded"] | {"listen": ["192.0.2.1:53"]}  # which no machine has (RFC 5737)
    change(feddns, dns=document["dns"] | {"provider": {"embedded": embedded}})
    await eventually(lambda: bool(feddns.events("configuration refused")))
    assert "192.0.2.1:53 cannot be listened on" in feddns.events("configuration refused")[0]["reason"]
    await eventually(lambda: len(feddns.events("serving")) > 1)
    await serving(feddns)
    change(feddns, dns=document["dns"] | {"ttl": 60})
    await eventually(lambda: bool(feddns.events("configuration reloaded")))
    assert feddns.terminate() == 0


async def test_a_zone_that_is_put_in_is_written_beside_the_other_and_one_that_is_left_out_no_more(
    feddns: Feddns,
) -> None:
    await serving(feddns)
    provider = {"embedded": {"listen": ["127.0.0.3:0"], "file": "second.sqlite"}}
    document = yaml.safe_load(feddns.configuration.read_text())
    first = {"name": "example.com", "zone": "example.com", "provider": document["dns"]["provider"]}
    change(feddns, dns={"targets": [first, {"zone": "example.org", "provider": provider}]})
    await eventually(lambda: len(feddns.events("serving")) > 1)
    assert [line["addresses"][0].rpartition(":")[0] for line in feddns.events("serving")] == ["127.0.0.1", "127.0.0.3"]
    second = await feddns.dns()
    await second.come_to(f"{NGINX}.example.org.", [EU, US, ASIA])
    change(feddns, dns=document["dns"])
    await eventually(lambda: len(feddns.events("configuration reloaded")) > 1)
    assert await second.ask(f"{NGINX}.example.org.") == ["no answer"]
    assert feddns.events("part failed") == []


async def test_a_batch_that_is_under_way_is_finished_before_another_writer_begins(
    quickstart: Quickstart, bind: DnsServer
) -> None:
    document = yaml.safe_load(quickstart.config.read_text())
    with Feddns(quickstart.folder, document | {"dns": {"zone": "example.com", "provider": bind.provider()}}) as feddns:
        answers = Answers(bind.host, bind.port)
        await answers.come_to(GLOBAL, [EU, US, ASIA])
        bind.pause()
        quickstart.fail("eu")
        await eventually(lambda: any(line["pending"] == [] for line in feddns.events("verdict")))
        await asyncio.sleep(0.5)
        change(feddns, write={"deadline": "50s"})
        feddns.signal(signal.SIGHUP)
        await asyncio.sleep(1.0)  # by which the file has been read, and a batch may take 2 s
        bind.resume()
        await eventually(lambda: bool(feddns.events("configuration reloaded")))
        assert [line["seq"] for line in feddns.events("records written")] == [1, 2]
        assert feddns.events("write conflict") == feddns.events("provider failed") == []
        await answers.come_to(GLOBAL, [US, ASIA])


async def test_settings_that_count_only_at_a_start_are_named(feddns: Feddns) -> None:
    await serving(feddns)
    change(feddns, web={"listen": "127.0.0.1:0"})
    await eventually(lambda: bool(feddns.events("configuration needs restart")))
    assert feddns.events("configuration needs restart")[0]["settings"] == ["web"]


async def test_sighup_has_the_file_looked_at_again_at_once(feddns: Feddns) -> None:
    await serving(feddns)
    feddns.signal(signal.SIGHUP)
    await eventually(lambda: bool(feddns.events("configuration reloaded")))
    assert feddns.terminate() == 0


@asynccontextmanager
async def reloading(quickstart: Quickstart) -> AsyncIterator[tuple[Reload, list[list[str]]]]:
    """A file that is looked at, and the clusters of each configuration that has counted since."""
    from feddns.cli.configuration import read_configuration  # noqa: PLC0415 - which the controller must not know

    read = partial(read_configuration, str(quickstart.config))
    followed: list[list[str]] = []

    async def follow(loaded: Loaded) -> None:
        followed.append([cluster.name for cluster in loaded.settings.clusters])

    reload = Reload(quickstart.config, read, read())
    task = asyncio.create_task(reload.run(follow))
    yield reload, followed
    task.cancel()
    await asyncio.wait([task])


async def test_a_file_that_is_written_in_place_counts_when_it_is_whole(quickstart: Quickstart) -> None:
    clusters = [each["name"] for each in yaml.safe_load(quickstart.config.read_text())["clusters"]]
    whole = yaml.safe_dump(yaml.safe_load(quickstart.config.read_text()) | {"owner": "me"})
    head, *each = whole.partition("dns:")[0].split("\n- ")
    assert len(each) == len(clusters) > 1
    rest = whole[whole.index("dns:") :]
    async with reloading(quickstart) as (reload, followed):
        for written in ("", f"{rest}{head}\n- {each[0]}\n", whole):
            quickstart.config.write_text(written)
            reload.look_now()
            await asyncio.sleep(0.1)
        await eventually(lambda: bool(followed))
    assert followed == [clusters]


async def test_a_file_that_is_gone_is_told_and_counts_again_when_it_is_back(quickstart: Quickstart) -> None:
    aside = quickstart.config.with_suffix(".aside")
    with structlog.testing.capture_logs() as log:
        async with reloading(quickstart) as (reload, followed):
            quickstart.config.rename(aside)
            await eventually(lambda: bool(reload.in_force.refusal))
            assert "there is no such file" in reload.in_force.refusal
            assert followed == []
            aside.rename(quickstart.config)
            await eventually(lambda: bool(followed))
            assert reload.in_force.refusal == ""
    assert [line["event"] for line in log] == ["configuration refused", "configuration reloaded"]


def test_a_configuration_in_force_is_named_by_the_digest_of_its_file(quickstart: Quickstart) -> None:
    from feddns.cli.configuration import read_configuration  # noqa: PLC0415 - which the controller must not know

    loaded = read_configuration(str(quickstart.config))
    assert len(Reload(quickstart.config, lambda: loaded, loaded).in_force.digest) == 12
