"""ExternalDNS' own webhook servers: what the contract does not ask."""

import asyncio
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from feddns.errors import Rejected, Unavailable
from feddns.model.changes import Create, Delete, Replace
from feddns.model.records import ZoneName
from feddns.providers.webhook import Webhook
from feddns.testing.pen import Pen, among, contents
from tests.providers.webhook.conftest import ZONE, open_webhook
from tests.providers.webhook.externaldns import ExternalDns, on_server
from tests.quickstart import NGINX, US, Quickstart
from tests.servers import DnsServer, dig

pytestmark = pytest.mark.servers

ACCOUNT = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_REGION": "us-east-1"}


@pytest.fixture
async def provider(updater: ExternalDns) -> AsyncIterator[Webhook]:
    provider = open_webhook(updater.url)
    yield provider
    await provider.close()


@pytest.fixture
def route53(listener: tuple[Path, str, int], tmp_path: Path) -> Iterator[ExternalDns]:
    """A webhook that writes a hosted zone `example.com` of moto's Route 53."""
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    url = f"http://{host}:{port}"
    # What moto holds is the process's, not the server's.
    urllib.request.urlopen(f"{url}/moto-api/reset", b"").close()  # noqa: S310 - the URL is the one above
    client = boto3.client(
        "route53",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106
    )
    client.create_hosted_zone(Name="example.com", CallerReference="tests")
    environment = {**ACCOUNT, "AWS_ENDPOINT_URL_ROUTE_53": url}
    try:
        with ExternalDns(
            listener, tmp_path, "--provider=aws", "--aws-batch-change-interval=10ms", environment=environment
        ) as server:
            yield server
    finally:
        client.close()
        moto.stop()


async def test_what_is_written_is_what_resolvers_get(provider: Webhook, bind: DnsServer) -> None:
    pen = Pen(provider, ZONE)
    await pen.write(
        Create(pen.set("www", "A", "192.0.2.1", "192.0.2.2")), Create(pen.set("alias", "CNAME", "www.example.com."))
    )
    assert await asyncio.to_thread(dig, bind, "alias.example.com") == ["192.0.2.1", "192.0.2.2", "www.example.com."]
    text = await asyncio.to_thread(dig, bind, "_feddns.fed.svc.example.com", "TXT")
    assert text == ['"heritage=feddns,federation=fed,owner=contract,seq=1"']


async def test_a_failover_and_its_end_lose_no_name(provider: Webhook, bind: DnsServer) -> None:
    """In one request, ExternalDNS v0.21 would let BIND drop the newcomer, and answer 204."""
    pen = Pen(provider, ZONE)
    address, alias = pen.set("www", "A", "192.0.2.1"), pen.set("www", "CNAME", "up.example.com.")
    await pen.write(Create(address))
    await pen.write(Delete(address), Create(alias))
    assert await asyncio.to_thread(dig, bind, "www.example.com", "CNAME") == ["up.example.com."]
    await pen.write(Delete(alias), Create(address))
    assert await asyncio.to_thread(dig, bind, "www.example.com") == ["192.0.2.1"]


async def test_a_least_ttl_is_lived_with(listener: tuple[Path, str, int], tmp_path: Path, bind: DnsServer) -> None:
    with ExternalDns(listener, tmp_path, *on_server(bind), "--rfc2136-min-ttl=300s") as server:
        provider = open_webhook(server.url)
        pen = Pen(provider, ZONE)
        www, other = pen.set("www", "A", "192.0.2.1", ttl=30), pen.set("www", "A", "192.0.2.2", ttl=30)
        await pen.write(Create(www))
        await pen.write(Replace(www, other))
        assert await among(provider, other)
        assert "www.example.com. 300 A 192.0.2.2" in await asyncio.to_thread(bind.records)
        await provider.close()


async def test_what_others_change_in_the_zone_is_seen(provider: Webhook, bind: DnsServer) -> None:
    pen = Pen(provider, ZONE)
    await pen.write()
    bind.seed("theirs 60 A 192.0.2.7\nmail 60 MX 10 mx.example.net.")
    found = await contents(provider)
    assert found[pen.set("theirs", "A").name, "A"].values == ("192.0.2.7",)
    assert not [kind for _, kind in found if kind == "MX"], "it tells of MX records now: say so in the docs"


async def test_a_dead_server_behind_the_webhook_is_unavailable(provider: Webhook, bind: DnsServer) -> None:
    pen = Pen(provider, ZONE)
    await pen.write()
    bind.stop()
    for attempt in (provider.read_zone(), pen.write()):
        with pytest.raises(Unavailable, match="answers 500 Internal Server Error") as failure:
            await attempt
        assert not failure.value.outcome_unknown, "it failed at the look before the write"
    bind.restart()
    await pen.write()


async def test_externaldns_on_route53_keeps_what_it_adjusted(route53: ExternalDns) -> None:
    provider = open_webhook(route53.url)
    pen = Pen(provider, ZONE)
    first, second = pen.set("www", "A", "192.0.2.1"), pen.set("www", "A", "192.0.2.2", "192.0.2.3")
    alias = pen.set("www", "CNAME", "up.example.com.")
    await pen.write(Create(first))
    await pen.write(Replace(first, second))
    await pen.write(Delete(second), Create(alias))
    assert pen.claim is not None
    assert await among(provider, alias, pen.claim)
    (zone, *others) = await provider.zones()
    assert (zone.name, zone.written) == (ZONE, True)
    assert others == []
    await provider.close()


async def test_externaldns_on_route53_says_which_zones_it_serves(route53: ExternalDns) -> None:
    provider = open_webhook(route53.url, ZoneName("example.org."))
    with pytest.raises(Rejected, match=r"does not serve example\.org\., but names in .*example\.com"):
        await provider.read_zone()
    assert [(zone.name, zone.written) for zone in await provider.zones()] == [(ZONE, False)]
    await provider.close()


async def test_externaldns_on_route53_would_make_an_alias_of_a_load_balancers_name(route53: ExternalDns) -> None:
    provider = open_webhook(route53.url)
    pen = Pen(provider, ZONE)
    www = pen.set("www", "CNAME", "lb-1.us-east-1.elb.amazonaws.com.")
    with pytest.raises(
        Rejected, match=r"would not keep what was asked for as plain records: www\.example\.com"
    ) as refusal:
        await pen.write(Create(www))
    assert refusal.value.names == {www.name}
    await provider.close()


def test_a_federation_is_written_through_a_webhook(updater: ExternalDns, bind: DnsServer, tmp_path: Path) -> None:
    quickstart = Quickstart(tmp_path / "quickstart")
    quickstart.configure(dns={"zone": "example.com", "provider": {"webhook": {"url": updater.url}}})

    def feddns(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, "-m", "feddns", *arguments, "--config", str(quickstart.config))
        return subprocess.run(command, capture_output=True, text=True, check=False)

    applied = feddns("apply")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert dig(bind, f"{NGINX}.us-central1.example.com") == [US]
    quickstart.fail("us")
    assert feddns("apply").returncode == 0
    assert dig(bind, f"{NGINX}.us-central1.example.com", "CNAME") == [f"{NGINX}.example.com."]
    planned = feddns("plan", "--detailed-exitcode")
    assert planned.returncode == 0, planned.stdout + planned.stderr
