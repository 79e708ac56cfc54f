import json

import pytest

from tests.cli.conftest import Feddns
from tests.lab.processes import free_port
from tests.quickstart import Quickstart
from tests.servers import DnsServer


def test_the_zone_is_shown_with_its_delegation_and_who_has_claimed_it(
    feddns: Feddns, quickstart: Quickstart, bind: DnsServer
) -> None:
    quickstart.configure(dns={"zone": "example.com", "provider": bind.provider()}, write={"deadline": "5s"})
    resolver = f"{bind.host}:{bind.port}"
    result = feddns("zones", "--resolver", resolver, "--claims")
    assert result.exit_code == 0, result.stderr
    head, titles, row = result.stdout.splitlines()
    assert head.endswith("batches are fenced")
    assert titles.split() == ["ZONE", "ID", "KIND", "WRITTEN", "DELEGATION", "REASON"]
    assert row.split() == ["example.com.", "-", "public", "yes", "delegated", "to", "ns1.example.com."]
    assert feddns("apply").exit_code == 0
    told = json.loads(feddns("zones", "--resolver", resolver, "--claims", "--output", "json").stdout)
    assert told["claim"] == {"federation": "myfederation", "owner": "default", "seq": 1}
    assert told["zones"][0]["delegation"]["verdict"] == "delegated"
    assert 'claimed by owner "default", batch 1' in feddns("zones", "--resolver", resolver, "--claims").stdout


@pytest.mark.servers  # takes its time
def test_without_a_resolver_the_zones_are_told_all_the_same(feddns: Feddns, quickstart: Quickstart) -> None:
    result = feddns("zones", "--resolver", f"127.0.0.1:{free_port()}", "--output", "json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["provider"].startswith("zone example.com. in ")
    assert told["atomic"] is True
    (zone,) = told["zones"]
    assert (zone["name"], zone["written"], zone["nameServers"]) == ("example.com.", True, ["ns1.example.com."])
    assert zone["delegation"]["verdict"] == "unknown"
    assert not list(quickstart.folder.glob("*.sqlite*"))


def test_a_key_that_may_not_read_is_told_with_what_it_lacks_and_other_targets_are_shown(
    feddns: Feddns, quickstart: Quickstart, bind: DnsServer
) -> None:
    stranger = bind.provider()
    stranger["rfc2136"]["tsig"]["name"] = bind.stranger
    inside = {"name": "inside", "zone": "corp.example.com", "provider": {"embedded": {"listen": ["127.0.0.1:0"]}}}
    targets = [{"name": "outside", "zone": "example.com", "provider": stranger}, inside]
    quickstart.configure(dns={"targets": targets})
    result = feddns("zones", "--resolver", f"{bind.host}:{bind.port}")
    assert result.exit_code == 1
    assert "target outside\nfailed: " in result.stdout
    assert "key" in result.stdout.splitlines()[1]
    assert "corp.example.com." in result.stdout
    alone = feddns("zones", "--target", "inside", "--resolver", f"{bind.host}:{bind.port}")
    assert (alone.exit_code, "outside" in alone.stdout) == (0, False)


@pytest.mark.usefixtures("quickstart")
def test_a_resolver_that_is_no_address_is_a_fault_of_the_command_line(feddns: Feddns) -> None:
    result = feddns("zones", "--resolver", "ns1.example.com")
    assert result.exit_code == 2
    assert '"ns1.example.com" is no address' in result.stderr
