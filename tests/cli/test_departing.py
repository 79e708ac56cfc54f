"""`feddns release` and `feddns purge`."""

import json

import pytest

from feddns.model.records import TXT, DnsName, RecordSet
from tests.cli.conftest import Feddns
from tests.cli.terminal import at_terminal
from tests.cli.test_apply import CLAIM, zone
from tests.cli.test_plan import WORLD, ZONE, write
from tests.quickstart import NGINX, Quickstart

pytestmark = pytest.mark.servers  # which takes seconds

FOREIGN = (
    RecordSet(DnsName("www.example.com."), "A", 60, ("192.0.2.1",)),
    RecordSet(WORLD, "MX", 60, ("10 mx.example.net.",)),
)


@pytest.fixture
def written(feddns: Feddns, quickstart: Quickstart) -> Quickstart:
    """The example's records, written by feddns beside those of others, with a hostname."""
    write(quickstart.folder, *FOREIGN)
    quickstart.configure(hostnames=[{"domain": "example.com", "namespaces": ["*"]}])
    for name in ("us", "eu", "asia"):
        quickstart.annotate(name, "feddns.io/hostname", "shop.example.com")
    assert feddns("apply").exit_code == 0
    assert (CLAIM, TXT) in zone(quickstart)
    return quickstart


def test_a_release_leaves_every_name_and_takes_the_claim(feddns: Feddns, written: Quickstart) -> None:
    before = zone(written)
    result = feddns("release", "--yes")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-2:] == [
        "example.com. 2 record sets to delete, the claim among them; 8 record sets to leave",
        "example.com: released",
    ]
    after = zone(written)
    assert before.keys() - after.keys() == {(CLAIM, TXT), ("_feddns.shop.example.com.", TXT)}
    assert not after.keys() - before.keys()
    refused = feddns("apply")
    assert refused.exit_code == 1
    assert "feddns adopt" in refused.stdout
    assert zone(written) == after
    again = feddns("release")
    assert (again.exit_code, again.stdout.splitlines()[-1]) == (0, "example.com. has no claim: there is nothing to do")


def test_what_was_released_can_be_adopted_again(feddns: Feddns, written: Quickstart) -> None:
    before = {key for key in zone(written) if key != (CLAIM, TXT)}
    feddns("release", "--yes")
    assert feddns("adopt", "--yes").exit_code == 0
    assert {key for key in zone(written) if key != (CLAIM, TXT)} == before
    assert feddns("plan", "--detailed-exitcode").exit_code == 0


def test_a_purge_leaves_what_is_not_ours_alone(feddns: Feddns, written: Quickstart) -> None:
    result = feddns("purge", "--yes")
    assert result.exit_code == 0
    assert f"  - {WORLD} 180 A " in result.stdout
    assert result.stdout.endswith("example.com: purged\n")
    left = {(name, kind) for name, kind in zone(written) if name not in {ZONE, f"ns1.{ZONE}"}}
    assert left == {(record_set.name, record_set.type) for record_set in FOREIGN}
    again = feddns("purge")
    assert (again.exit_code, again.stdout) == (0, "example.com. has no claim: there is nothing to do\n")


@pytest.mark.parametrize(("typed", "is_purged"), [("myfederation", True), ("yes", False), ("", False)])
def test_a_purge_asks_for_the_federations_name(written: Quickstart, typed: str, *, is_purged: bool) -> None:
    before = zone(written)
    code, stdout, stderr = at_terminal(written.folder, typed, "purge")
    assert "Type the federation's name to delete all of it: " in stderr
    assert code == (0 if is_purged else 1)
    assert ("purged" in stdout) is is_purged
    assert (zone(written) == before) is not is_purged


@pytest.mark.parametrize("verb", ["release", "purge"])
def test_nothing_is_written_without_a_word(feddns: Feddns, written: Quickstart, verb: str) -> None:
    before = zone(written)
    result = feddns(verb)
    assert result.exit_code == 1
    assert "nothing was written" in result.stderr
    assert zone(written) == before


@pytest.mark.parametrize("verb", ["release", "purge"])
def test_another_owners_claim_is_neither_released_nor_purged(feddns: Feddns, written: Quickstart, verb: str) -> None:
    before = zone(written)
    written.configure(owner="another")
    result = feddns(verb, "--yes")
    assert result.exit_code == 1
    assert 'claimed by owner "default", and this is owner "another"' in result.stdout
    assert zone(written) == before


def test_names_without_a_claim_are_not_purged(feddns: Feddns, quickstart: Quickstart) -> None:
    write(quickstart.folder, RecordSet(WORLD, "A", 60, ("203.0.113.66",)))
    result = feddns("purge", "--yes")
    assert result.exit_code == 1
    assert "they are not ours" in result.stdout
    assert zone(quickstart)[WORLD, "A"] == ("203.0.113.66",)


@pytest.mark.usefixtures("written")
def test_programs_get_what_goes_and_what_stays(feddns: Feddns) -> None:
    told = json.loads(feddns("release", "--yes", "--output", "json").stdout)
    assert (told["zone"], told["done"], told["refusals"]) == ("example.com.", True, [])
    assert told["claim"] == {"federation": "myfederation", "owner": "default", "seq": 1}
    assert [record["name"] for record in told["goes"]] == ["_feddns.shop.example.com."]
    assert len(told["stays"]) == 8
    assert json.loads(feddns("release", "--output", "json").stdout)["done"] is False


def test_no_cluster_is_asked(feddns: Feddns, written: Quickstart) -> None:
    for name in ("us", "eu", "asia"):
        written.spoil(name)
    assert feddns("purge", "--yes").exit_code == 0
    assert not [name for name, _ in zone(written) if name.startswith(NGINX) and (name, "MX") not in zone(written)]
