import asyncio
import json

from feddns.model.changes import Batch, Create, Fence
from feddns.model.records import TXT, DnsName, RecordSet, ZoneName
from feddns.providers.embedded import Embedded, EmbeddedSettings
from tests.cli.conftest import Feddns
from tests.cli.test_plan import WORLD, ZONE, write
from tests.quickstart import EU, NGINX, US, Quickstart

CLAIM = DnsName("_feddns.myfederation.svc.example.com.")


def zone(quickstart: Quickstart) -> dict[tuple[str, str], tuple[str, ...]]:
    """The values in the zone's file, by name and type."""

    async def read() -> tuple[RecordSet, ...]:
        provider = Embedded.open(EmbeddedSettings(), ZoneName("example.com."), quickstart.folder)
        try:
            return await provider.read_zone()
        finally:
            await provider.close()

    return {(record.name, record.type): record.values for record in asyncio.run(read())}


def test_what_was_done_is_told_and_the_next_time_there_is_nothing_to_do(feddns: Feddns, quickstart: Quickstart) -> None:
    result = feddns("apply")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("example.com. 7 created, 0 replaced, 0 deleted\n")
    assert zone(quickstart)[WORLD, "A"] == (EU, US, "203.0.113.89")
    assert feddns("apply").stdout == feddns("plan").stdout == "example.com. no change\n"


def test_a_failover_is_told_as_it_was_written(feddns: Feddns, quickstart: Quickstart) -> None:
    feddns("apply")
    quickstart.fail("eu")
    done = json.loads(feddns("apply", "--output", "json").stdout)
    assert done["summary"] == {"create": 2, "replace": 1, "delete": 2, "held": 0}
    assert {change["action"] for change in done["changes"]} == {"create", "replace", "delete"}
    assert zone(quickstart)[f"{NGINX}.europe-west1.example.com.", "CNAME"] == (WORLD,)


def test_every_batch_counts_the_claim_on(feddns: Feddns, quickstart: Quickstart) -> None:
    feddns("apply")
    assert zone(quickstart)[CLAIM, TXT] == ("heritage=feddns,federation=myfederation,owner=default,seq=1",)
    quickstart.fail("eu")
    feddns("apply")
    feddns("apply")
    assert zone(quickstart)[CLAIM, TXT] == ("heritage=feddns,federation=myfederation,owner=default,seq=2",)


def test_services_that_vanish_do_not_hold_up_one_that_is_withdrawn(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.populate(12)
    feddns("apply")
    for name in ("us", "eu", "asia"):
        (quickstart.cluster(name) / "many.yaml").unlink()
        quickstart.fail(name)
    result = feddns("apply")
    assert result.exit_code == 1
    assert "held: 84 of 84 record sets would be deleted, as nothing stands for their names any more" in result.stdout
    assert {name for name, _ in zone(quickstart) if name.startswith(NGINX)} == set()


def test_many_deletions_are_held_until_a_person_allows_them(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.populate(12)
    assert feddns("apply").exit_code == 0
    for name in ("us", "eu", "asia"):
        (quickstart.cluster(name) / "many.yaml").unlink()
    quickstart.fail("eu")
    result = feddns("apply")
    assert result.exit_code == 1
    assert "held: 84 of 91 record sets would be deleted" in result.stdout
    assert "feddns apply --allow-deletions" in result.stdout
    assert result.stdout.endswith("example.com. 2 created, 1 replaced, 2 deleted, 84 deletions held\n")
    assert sum(name.startswith("s") for name, _ in zone(quickstart)) == 84
    (held,) = json.loads(feddns("apply", "--output", "json").stdout)["held"]
    assert (held["cause"], held["count"]) == ("specification", 84)
    allowed = feddns("apply", "--allow-deletions")
    assert allowed.exit_code == 0
    assert allowed.stdout.endswith("example.com. 0 created, 0 replaced, 84 deleted\n")
    assert sum(name.startswith("s") for name, _ in zone(quickstart)) == 0


def test_names_of_others_are_left_alone_until_they_are_adopted(feddns: Feddns, quickstart: Quickstart) -> None:
    write(quickstart.folder, RecordSet(WORLD, "A", 60, ("203.0.113.66",)))
    refused = feddns("apply")
    assert refused.exit_code == 1
    assert "`feddns adopt`" in refused.stdout
    assert zone(quickstart)[WORLD, "A"] == ("203.0.113.66",)
    assert feddns("adopt", "--yes", "--allow-changes").exit_code == 0
    assert feddns("apply").stdout.endswith("example.com. 6 created, 1 replaced, 0 deleted\n")
    assert feddns("plan", "--detailed-exitcode").exit_code == 0


def test_another_owners_names_are_never_written(feddns: Feddns, quickstart: Quickstart) -> None:
    feddns("apply")
    quickstart.configure(owner="another")
    quickstart.fail("eu")
    before = zone(quickstart)
    for arguments in (["apply"], ["apply", "--allow-deletions"], ["adopt", "--yes"], ["purge", "--yes"]):
        result = feddns(*arguments)
        assert result.exit_code == 1
        assert 'claimed by owner "default", and this is owner "another"' in result.stdout
    assert zone(quickstart) == before


def test_a_name_that_cannot_be_written_beside_a_foreign_record_is_left_undone_with_1(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    region = DnsName(f"{NGINX}.europe-west1.{ZONE}")
    write(quickstart.folder, RecordSet(region, "MX", 60, ("10 mx.example.net.",)))
    quickstart.fail("eu")
    result = feddns("apply")
    assert result.exit_code == 1
    assert f"ForeignRecords: {region} stays as it is: others keep MX there" in result.stdout
    assert result.stdout.endswith("example.com. 6 created, 0 replaced, 0 deleted\n")
    assert (region, "MX") in zone(quickstart)


def test_foreign_records_come_out_as_they_went_in(feddns: Feddns, quickstart: Quickstart) -> None:
    foreign = (
        RecordSet(DnsName(f"www.{ZONE}"), "A", 77, ("192.0.2.1",)),
        RecordSet(DnsName(f"www.{ZONE}"), TXT, 77, ('"not; ours" "second"',)),
        RecordSet(DnsName(f"nginx.mynamespace.other.svc.{ZONE}"), "A", 60, ("192.0.2.2",)),
        RecordSet(WORLD, "HTTPS", 60, ("1 . alpn=h2",)),
    )
    write(quickstart.folder, *foreign)
    feddns("apply")
    quickstart.configure(services={"select": "annotated"})
    feddns("apply", "--allow-deletions")
    after = zone(quickstart)
    assert {(record.name, record.type): after[record.name, record.type] for record in foreign} == {
        (record.name, record.type): record.values for record in foreign
    }
    assert not [name for name, kind in after if "myfederation" in name and kind not in {TXT, "HTTPS"}]


def test_a_folder_that_may_not_be_written_is_told_with_1(feddns: Feddns, quickstart: Quickstart) -> None:
    provider = {"embedded": {"file": "absent/zone.sqlite"}}
    quickstart.configure(dns={"zone": "example.com", "provider": provider})
    result = feddns("apply")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("feddns: ")
    assert "absent/zone.sqlite" in result.stderr


def test_a_zone_that_another_process_writes_meanwhile_is_still_brought_in_line(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    feddns("apply")
    claim = RecordSet(CLAIM, TXT, 60, zone(quickstart)[CLAIM, TXT])

    async def add() -> None:
        provider = Embedded.open(EmbeddedSettings(), ZONE, quickstart.folder)
        stray = RecordSet(DnsName(f"old.mynamespace.myfederation.svc.{ZONE}"), "A", 60, ("203.0.113.7",))
        await provider.apply(Batch((Create(stray),), Fence(claim, claim)))
        await provider.close()

    asyncio.run(add())
    assert feddns("apply").stdout.endswith("example.com. 0 created, 0 replaced, 1 deleted\n")
