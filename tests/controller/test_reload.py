"""A configuration that changes under `feddns run`."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from feddns.controller.reload import Reload
from tests.e2e.running import Answers, Feddns, eventually
from tests.quickstart import ASIA, EU, NGINX, US, Quickstart

pytestmark = pytest.mark.servers

GLOBAL = f"{NGINX}.example.com."
IN_EU = f"{NGINX}.europe-west1.example.com."


@pytest.fixture
def quickstart(tmp_path: Path) -> Quickstart:
    return Quickstart(tmp_path)


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


def test_a_configuration_in_force_is_named_by_the_digest_of_its_file(quickstart: Quickstart) -> None:
    from feddns.cli.configuration import read_configuration  # noqa: PLC0415 - which the controller must not know

    loaded = read_configuration(str(quickstart.config))
    assert len(Reload(quickstart.config, lambda: loaded, loaded).in_force.digest) == 12
