import json

import pytest
import yaml
from click.testing import CliRunner

from feddns.cli.main import cli
from feddns.model.records import TXT, DnsName, RecordSet
from tests.cli.conftest import Feddns
from tests.cli.terminal import at_terminal
from tests.cli.test_apply import CLAIM, zone
from tests.cli.test_plan import WORLD, ZONE, write
from tests.quickstart import ASIA, EU, NGINX, US, Quickstart

pytestmark = pytest.mark.servers  # which takes seconds

REGION = DnsName(f"{NGINX}.europe-west1.{ZONE}")
SAID = "heritage=external-dns,external-dns/owner=kubefed,external-dns/resource=crd/mynamespace/nginx"
ENTRY = RecordSet(DnsName(f"a-{WORLD}"), TXT, 300, (SAID,))
FOUND = (
    RecordSet(WORLD, "A", 180, (EU, US, ASIA)),
    RecordSet(REGION, "A", 180, (EU,)),
    RecordSet(DnsName("www.example.com."), "A", 60, ("192.0.2.1",)),
)


@pytest.fixture
def written(quickstart: Quickstart) -> Quickstart:
    """The names as Kubernetes' cluster federation wrote them, one of them by KubeFed and ExternalDNS."""
    write(quickstart.folder, *FOUND, ENTRY)
    return quickstart


def test_names_are_taken_over_and_only_the_entry_of_external_dns_goes(feddns: Feddns, written: Quickstart) -> None:
    before = zone(written)
    result = feddns("adopt", "--yes")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert f'  = {WORLD} 180 A {EU} {US} {ASIA}  (ExternalDNS of owner "kubefed", crd/mynamespace/nginx)' in lines
    assert f"  = {REGION} 180 A {EU}" in lines
    assert f"  - {ENTRY.name} 300 TXT {SAID}" in lines
    assert "proof: 4 names compared, before and after: all resolve to the same" in lines
    assert "example.com. 5 to create, 0 to replace, 0 to delete" in lines
    assert lines[-2:] == [
        "example.com. 2 record sets to adopt, 1 of ExternalDNS' TXT record sets to delete",
        "example.com: adopted",
    ]
    after = zone(written)
    assert {key for key in before if key not in after} == {(ENTRY.name, TXT)}
    assert {key for key in after if key not in before} == {(CLAIM, TXT)}
    assert feddns("apply").stdout.endswith("example.com. 5 created, 0 replaced, 0 deleted\n")


def test_adopting_again_is_nothing(feddns: Feddns, written: Quickstart) -> None:
    feddns("adopt", "--yes")
    before = zone(written)
    again = feddns("adopt")
    assert again.exit_code == 0
    assert again.stdout.endswith("example.com. is claimed already: there is nothing to do\n")
    assert zone(written) == before


@pytest.mark.usefixtures("quickstart")
def test_an_empty_zone_has_nothing_to_adopt(feddns: Feddns) -> None:
    result = feddns("adopt")
    assert (result.exit_code, result.stdout) == (0, "example.com. holds no such names: there is nothing to do\n")


def test_without_a_terminal_nothing_is_written_until_it_is_said_beforehand(feddns: Feddns, written: Quickstart) -> None:
    before = zone(written)
    result = feddns("adopt")
    assert result.exit_code == 1
    assert "2 record sets to adopt" in result.stdout
    assert result.stderr == "feddns: nothing was written: there is no terminal to ask on; --yes is a yes beforehand\n"
    assert zone(written) == before


@pytest.mark.parametrize(("typed", "code"), [("y", 0), ("", 1)])
def test_a_person_at_a_terminal_is_asked(written: Quickstart, typed: str, code: int) -> None:
    before = zone(written)
    returned, stdout, stderr = at_terminal(written.folder, typed, "adopt")
    assert returned == code, stderr
    assert "Take the claim? [y/N]:" in stderr
    assert ("adopted" in stdout) is (code == 0)
    assert ("nothing was written" in stderr) is (code == 1)
    assert (zone(written) == before) is (code == 1)


@pytest.mark.usefixtures("written")
def test_programs_get_one_answer_with_all_of_it(feddns: Feddns) -> None:
    asked = feddns("adopt", "--output", "json")
    assert asked.exit_code == 1
    assert "2 record sets to adopt" in asked.stderr
    assert json.loads(asked.stdout)["done"] is False
    made = yaml.safe_load(feddns("adopt", "--yes", "--output", "yaml").stdout)
    assert (made["zone"], made["claimed"], made["done"], made["refusals"]) == ("example.com.", False, True, [])
    (service,) = made["services"]
    assert service["service"] == "mynamespace/nginx"
    assert service["records"][1] == {
        "name": WORLD,
        "type": "A",
        "ttl": 180,
        "values": [EU, US, ASIA],
        "externalDns": {"owner": "kubefed", "resource": "crd/mynamespace/nginx"},
        "afterwards": "same",
    }
    assert [change["action"] for change in made["changes"]] == ["delete"]
    assert made["proof"] == {"names": 4, "differences": []}
    assert made["afterwards"]["summary"]["create"] == 5
    assert json.loads(feddns("adopt", "--output", "json").stdout)["claimed"] is True


def test_records_that_feddns_would_write_otherwise_are_shown_and_refuse(feddns: Feddns, written: Quickstart) -> None:
    written.fail("eu")
    before = zone(written)
    refused = feddns("adopt", "--yes")
    assert refused.exit_code == 1
    assert f"  ~ {WORLD} 180 A {EU} {US} {ASIA}  (other values afterwards; " in refused.stdout
    assert f"  - {REGION} 180 A {EU}  (goes afterwards)" in refused.stdout
    assert f"refused: {REGION}, {WORLD} would not stay as they are once feddns runs" in refused.stdout
    assert refused.stdout.endswith("example.com. nothing written\n")
    assert zone(written) == before
    assert feddns("adopt", "--yes", "--allow-changes").exit_code == 0
    assert zone(written)[WORLD, "A"] == before[WORLD, "A"], "adopting itself changes no answer"


def test_names_are_adopted_beside_a_cluster_that_cannot_be_seen_as_long_as_they_stay(
    feddns: Feddns, written: Quickstart
) -> None:
    written.spoil("eu")
    result = feddns("adopt", "--yes")
    assert result.exit_code == 0
    assert result.stderr.count("cluster eu cannot be seen, so its answers stay as they are") == 1
    assert feddns("release", "--yes").exit_code == 0
    written.fail("us")
    refused = feddns("adopt", "--yes", "--allow-changes")
    assert refused.exit_code == 1
    assert "cannot be told while clusters cannot be seen: eu" in refused.stdout


def test_the_owner_and_the_affixes_of_external_dns_count(feddns: Feddns, written: Quickstart) -> None:
    refused = feddns("adopt", "--yes", "--txt-owner-id", "another")
    assert refused.exit_code == 1
    assert f'{WORLD} belong to ExternalDNS of owner "kubefed", and --txt-owner-id is "another"' in refused.stdout
    write(written.folder, RecordSet(DnsName(f"x.a-{WORLD}"), TXT, 300, (SAID,)))
    refused = feddns("adopt", "--yes")
    assert refused.exit_code == 1
    assert "give its --txt-prefix or --txt-suffix" in refused.stdout
    assert feddns("adopt", "--txt-prefix", "a", "--txt-suffix", "b").exit_code == 2
    assert feddns("adopt", "--yes", "--txt-prefix", "x.").exit_code == 0
    assert not [name for name, kind in zone(written) if kind == TXT and name != CLAIM]


def test_a_hostname_of_external_dns_is_taken_over_with_what_it_leads_to(feddns: Feddns, quickstart: Quickstart) -> None:
    shop = DnsName("shop.example.com.")
    write(
        quickstart.folder,
        RecordSet(shop, "A", 300, (EU, US, ASIA)),
        RecordSet(DnsName(f"a-{shop}"), TXT, 300, (SAID,)),
    )
    quickstart.configure(hostnames=[{"domain": "example.com", "namespaces": ["*"]}])
    for name in ("us", "eu", "asia"):
        quickstart.annotate(name, "feddns.io/hostname", "shop.example.com")
    result = feddns("adopt", "--yes")
    assert result.exit_code == 0, result.stdout
    assert f"mynamespace/nginx: hostname {shop}, ExternalDNS of owner" in result.stdout
    assert "all resolve to the same" in result.stdout
    assert zone(quickstart)[shop, "CNAME"] == (WORLD,)
    assert zone(quickstart)[WORLD, "A"] == (EU, US, ASIA)
    assert (f"a-{shop}", TXT) not in zone(quickstart)
    assert feddns("plan", "--detailed-exitcode").exit_code == 0


def test_of_several_targets_one_that_fails_holds_up_no_other(feddns: Feddns, written: Quickstart) -> None:
    dead = {"name": "dead", "zone": "example.com", "provider": {"rfc2136": {"server": "127.0.0.1:1", "timeout": 1}}}
    here = {"name": "here", "zone": "example.com", "provider": {"embedded": {"listen": ["127.0.0.1:0"]}}}
    written.configure(dns={"targets": [dead, here]})
    result = feddns("adopt", "--yes")
    assert result.exit_code == 1
    assert "target dead\nfailed: " in result.stdout
    assert result.stdout.endswith("here: adopted\n")
    told = json.loads(feddns("adopt", "--target", "here", "--output", "json").stdout)
    assert [(each["target"], each["claimed"], each["done"]) for each in told["targets"]] == [("here", True, False)]


def test_what_is_shown_is_coloured_on_a_terminal_only(written: Quickstart) -> None:
    painted = CliRunner().invoke(cli, ["adopt", "--config", str(written.config)], color=True)
    assert "\x1b[31m  - a-" in painted.stdout
