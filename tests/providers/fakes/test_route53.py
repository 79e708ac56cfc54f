"""The fake refuses what Route 53 refuses, and is no different from the simplest thing that could do the same."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.providers.fakes.route53 import Account, FakeRoute53, Fault, Kind
from tests.providers.fakes.route53.errors import ApiError
from tests.providers.fakes.route53.protocol import ROUTES
from tests.providers.fakes.route53.zone import Zone

Change = dict[str, Any]
CLASSIC = "dualstack.a-1.eu-west-1.elb.amazonaws.com."


def a_set(name: str, kind: str = "A", *values: str, ttl: int = 60, **others: Any) -> dict[str, Any]:
    records = [{"Value": value} for value in values or ("192.0.2.1",)]
    return {"Name": f"{name}.example.com.", "Type": kind, "TTL": ttl, "ResourceRecords": records, **others}


def an_alias(name: str, kind: str, target: str, zone_id: str = "Z32O12XQLNTSW2") -> dict[str, Any]:
    leads = {"HostedZoneId": zone_id, "DNSName": target, "EvaluateTargetHealth": False}
    return {"Name": f"{name}.example.com.", "Type": kind, "AliasTarget": leads}


def create(*args: Any, **others: Any) -> Change:
    return {"Action": "CREATE", "ResourceRecordSet": a_set(*args, **others)}


def delete(*args: Any, **others: Any) -> Change:
    return {"Action": "DELETE", "ResourceRecordSet": a_set(*args, **others)}


def upsert(*args: Any, **others: Any) -> Change:
    return {"Action": "UPSERT", "ResourceRecordSet": a_set(*args, **others)}


@pytest.fixture
def zone() -> Zone:
    zone = Zone("Z1", "example.com")
    zone.change([create("www"), create("alias", "CNAME", "www.example.com.")], frozenset())
    return zone


def apply(zone: Zone, *changes: Change) -> None:
    zone.change(changes, frozenset({"check"}))


weighted = {"SetIdentifier": "eu", "Weight": 1}
outside = {**a_set("x"), "Name": "x.evilexample.com."}
apex = {"Name": "example.com.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "www.example.com."}]}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ([create("www")], r"\[Tried to create .*\[name='www.example.com.', type='A'\] but it already exists\]"),
        ([create("WWW", "A", "192.0.2.2")], "already exists"),
        ([create(r"\167ww")], "already exists"),
        (
            [create("new"), create("new")],
            "invalid set of changes for a resource record set 'CREATE A new.example.com.'",
        ),
        ([delete("www"), delete("www")], "invalid set of changes"),
        ([upsert("www"), upsert("www")], "invalid set of changes"),
        ([delete("gone")], "but it was not found"),
        ([delete("www", "A", "192.0.2.2")], "do not match the current values"),
        ([delete("www", ttl=61)], "do not match the current values"),
        ([delete("www", "A", "192.0.2.1", "192.0.2.2")], "do not match the current values"),
        ([delete("www", **weighted)], "but it was not found"),
        ([create("www", "CNAME", "x.")], "CNAME with DNS name www.example.com. is not permitted as it conflicts"),
        ([create("www", "CNAME", "x."), delete("www")], "is not permitted as it conflicts"),
        ([create("alias")], "conflicting RRSet of type CNAME with the same DNS name already exists"),
        ([create("new", "CNAME", "a.", "b.")], "exactly one value"),
        ([{"Action": "CREATE", "ResourceRecordSet": apex}], "is not permitted at apex"),
        (
            [{"Action": "CREATE", "ResourceRecordSet": outside}],
            "x.evilexample.com. is not permitted in zone example.com.",
        ),
        ([create("new", "A", "192.0.2.300")], "ARRDATAIllegalIPv4Address .* encountered with '192.0.2.300'"),
        ([create("new", "AAAA", "192.0.2.1")], "AAAARRDATAIllegalIPv6Address"),
        ([create("new", "TXT", "no quotes")], "enclosed in quotation marks"),
        ([create("new", "TXT", f'"{"x" * 256}"')], "CharacterStringTooLong"),
        ([create("new", "TXT", '"\u00e4"')], "InvalidCharacterString"),
        ([create("new", "MX", "mail")], "MXRRDATAInvalid"),
        ([create("new", "CNAME", "a..b")], "DomainLabelEmpty"),
        ([create("a" * 64)], "DomainLabelTooLong"),
        ([create(".".join(["a" * 60] * 5))], "DomainNameTooLong"),
        ([create("new", "A", "192.0.2.1", "192.0.2.1")], "Duplicate Resource Record: '192.0.2.1'"),
        ([create("new", "A", *(f"10.0.{n >> 8}.{n & 255}" for n in range(401)))], "limit of 400 exceeded"),
        ([create("www", **weighted)], "cannot be created as other RRSets exist with the same name and type"),
        ([create("new", **weighted), create("new")], "cannot be created as other RRSets exist"),
        ([create("new", **weighted), create("new", SetIdentifier="x", Region="eu-west-1")], "other RRSets exist"),
        (
            [create("new", SetIdentifier=one, Failover="PRIMARY") for one in ("a", "b")],
            "same name, type and Failover already exists",
        ),
        ([create(f"n{number}") for number in range(1_001)], "Number of records limit of 1000 exceeded"),
        ([upsert(f"n{number}") for number in range(501)], "Number of records limit of 1000 exceeded"),
        (
            [create(f"n{number}", "TXT", f'"{"x" * 250}"') for number in range(127)],
            "RDATA character limit of 32000 exceeded",
        ),
        (
            [upsert(f"n{number}", "TXT", f'"{"x" * 250}"') for number in range(64)],
            "RDATA character limit of 32000 exceeded",
        ),
        (
            [{"Action": "CREATE", "ResourceRecordSet": an_alias("new", "A", "x.example.com.", "Z1")}],
            "that target was not found",
        ),
        (
            [{"Action": "CREATE", "ResourceRecordSet": an_alias("new", "AAAA", "www.example.com.", "Z1")}],
            "targets www.example.com., type AAAA in zone Z1, but that target was not found",
        ),
        (
            [{"Action": "CREATE", "ResourceRecordSet": an_alias("new", "A", "lb.example.net.")}],
            "does not lie within the target zone",
        ),
        (
            [{"Action": "CREATE", "ResourceRecordSet": an_alias("new", "A", CLASSIC, "ZUNKNOWN")}],
            "that target was not found",
        ),
        ([create("new", HealthCheckId="gone")], "NoSuchHealthCheck"),
    ],
)
def test_nothing_is_done_where_one_change_is_refused(zone: Zone, changes: list[Change], reason: str) -> None:
    before = list(zone)
    with pytest.raises(ApiError, match=reason):
        apply(zone, create("first"), *changes, create("last"))
    assert list(zone) == before


@pytest.mark.parametrize("kind", ["NS", "SOA"])
def test_the_apex_keeps_its_own_sets(zone: Zone, kind: str) -> None:
    (own,) = [found for found in zone if found["Type"] == kind]
    with pytest.raises(ApiError, match=f"must contain at least one {kind} record"):
        apply(zone, {"Action": "DELETE", "ResourceRecordSet": own})
    with pytest.raises(ApiError, match="but it already exists"):
        apply(zone, {"Action": "CREATE", "ResourceRecordSet": own})


def test_every_reason_is_told_at_once(zone: Zone) -> None:
    with pytest.raises(ApiError) as refusal:
        apply(zone, delete("gone"), create("www"), create("alias"))
    assert refusal.value.message.startswith("[Tried to delete resource record set [name='gone.example.com.', type='A']")
    assert refusal.value.message.count(", ") >= 2


@pytest.mark.parametrize(
    "changes",
    [
        [delete("www"), create("www", "A", "192.0.2.2")],
        [delete("www"), create("www", "CNAME", "x.example.net.")],
        [delete("alias", "CNAME", "www.example.com."), create("alias"), create("alias", "AAAA", "::1")],
        [upsert("www", "A", "192.0.2.2"), upsert("new")],
        [create("new", **weighted), create("new", "A", "192.0.2.2", SetIdentifier="us", Weight=2)],
        [create("new", HealthCheckId="check")],
        [create("new"), {"Action": "CREATE", "ResourceRecordSet": an_alias("z", "A", "new.example.com.", "Z1")}],
        [{"Action": "CREATE", "ResourceRecordSet": an_alias("new", kind, CLASSIC)} for kind in ("A", "AAAA")],
        [create(f"n{number}") for number in range(1_000)],
        [upsert(f"n{number}") for number in range(500)],
    ],
)
def test_what_is_right_is_done(zone: Zone, changes: list[Change]) -> None:
    apply(zone, *changes)
    names = {(found["Name"], found["Type"]) for found in zone}
    for change in changes:
        found = change["ResourceRecordSet"]
        if change["Action"] != "DELETE":
            assert (found["Name"], found["Type"]) in names


def test_names_are_told_in_lower_case_and_escaped(zone: Zone) -> None:
    apply(zone, create("*"), create("MiXed_-"), create("a/b"), create(r"\052.deep"))
    names = {found["Name"].removesuffix(".example.com.") for found in zone}
    assert {r"\052", "mixed_-", r"a\057b", r"\052.deep"} <= names


# --- the protocol, as botocore speaks it


@pytest.fixture
def fake() -> Iterator[FakeRoute53]:
    with FakeRoute53() as fake:
        yield fake


@pytest.fixture
def client(fake: FakeRoute53) -> Iterator[Any]:
    client = boto3.client(
        "route53",
        endpoint_url=fake.url,
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106  # no secret
        config=Config(retries={"total_max_attempts": 1}, read_timeout=5),
    )
    yield client
    client.close()


@pytest.fixture
def zone_id(client: Any) -> str:
    made = client.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]
    return str(made["Id"])


def change(client: Any, zone_id: str, *changes: Change) -> dict[str, Any]:
    answer: dict[str, Any] = client.change_resource_record_sets(
        HostedZoneId=zone_id, ChangeBatch={"Changes": list(changes)}
    )
    return answer["ChangeInfo"]  # type: ignore[no-any-return]  # it is one


def code(failure: pytest.ExceptionInfo[ClientError]) -> str:
    return str(failure.value.response["Error"]["Code"])


def test_everything_that_can_be_in_a_set_comes_back(client: Any, zone_id: str) -> None:
    sets = [
        a_set("b", SetIdentifier="eu", GeoLocation={"ContinentCode": "EU"}),
        a_set("c", SetIdentifier="x", GeoProximityLocation={"AWSRegion": "eu-west-1", "Bias": 5}),
        a_set("d", SetIdentifier="x", CidrRoutingConfig={"CollectionId": "0" * 8 + "-0000-0000-0000-" + "0" * 12,
                                                         "LocationName": "here"}),
        a_set("e", SetIdentifier="x", MultiValueAnswer=True),
        a_set("f", "TXT", '"<&>" "\\"quoted\\""'),
        an_alias("g", "A", CLASSIC),
    ]  # fmt: skip
    change(client, zone_id, *({"Action": "CREATE", "ResourceRecordSet": found} for found in sets))
    assert client.list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"][2:] == sets


def test_pages_have_at_most_300_sets_and_go_on_within_a_name(client: Any, zone_id: str) -> None:
    many = [create("www", SetIdentifier=f"{number:03}", Weight=1) for number in range(700)]
    change(client, zone_id, *many)
    pages = list(client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id, MaxItems="1000"))
    assert [len(page["ResourceRecordSets"]) for page in pages] == [300, 300, 102]
    found = [each.get("SetIdentifier") for page in pages for each in page["ResourceRecordSets"]]
    assert found[2:] == [f"{number:03}" for number in range(700)]


def test_sets_are_ordered_by_reversed_labels(client: Any, zone_id: str) -> None:
    change(client, zone_id, *map(create, ("b.a", "a", "z", "a.b", "b")))
    listed = client.list_resource_record_sets(HostedZoneId=zone_id, StartRecordName="a.example.com")
    names = [found["Name"].removesuffix(".example.com.") for found in listed["ResourceRecordSets"]]
    assert names == ["a", "b.a", "b", "a.b", "z"]


def test_a_change_is_pending_first(fake: FakeRoute53, client: Any, zone_id: str) -> None:
    now = 100.0
    fake.account.clock = lambda: now
    fake.account.pending_s = 30
    info = change(client, zone_id, create("www"))
    assert info["Status"] == "PENDING"
    assert client.get_change(Id=info["Id"])["ChangeInfo"]["Status"] == "PENDING"
    now += 31
    assert client.get_change(Id=info["Id"])["ChangeInfo"]["Status"] == "INSYNC"
    with pytest.raises(ClientError) as failure:
        client.get_change(Id="C0")
    assert code(failure) == "NoSuchChange"


def test_a_zone_takes_one_change_at_a_time(fake: FakeRoute53, client: Any, zone_id: str) -> None:
    now = 100.0
    fake.account.clock = lambda: now
    fake.account.busy_s = 1.0
    change(client, zone_id, create("www"))
    with pytest.raises(ClientError) as failure:
        change(client, zone_id, create("new"))
    assert code(failure) == "PriorRequestNotComplete"
    now += 1.0
    change(client, zone_id, create("new"))


def test_an_account_has_its_pace(client: Any, fake: FakeRoute53) -> None:
    now = 100.0
    fake.use(Account(rate=5, burst=3, clock=lambda: now))
    for _ in range(3):
        client.list_hosted_zones()
    with pytest.raises(ClientError) as failure:
        client.list_hosted_zones()
    assert (code(failure), failure.value.response["ResponseMetadata"]["HTTPStatusCode"]) == ("Throttling", 400)
    now += 0.2
    client.list_hosted_zones()
    assert fake.account.calls["ListHostedZones"] == 5


def test_zones_are_found_by_name_and_by_id(client: Any, fake: FakeRoute53, zone_id: str) -> None:
    fake.account.add_zone("b.org")
    private = fake.account.add_zone("example.com", private=True, vpcs=("vpc-1",))
    by_name = client.list_hosted_zones_by_name(DNSName="example.com", MaxItems="2")
    assert [found["Id"] for found in by_name["HostedZones"]] == [zone_id, f"/hostedzone/{private.id}"]
    assert by_name["NextDNSName"] == "b.org."
    assert client.get_hosted_zone(Id=zone_id)["DelegationSet"]["NameServers"]
    assert client.get_hosted_zone(Id=private.id)["VPCs"] == [{"VPCId": "vpc-1"}]
    with pytest.raises(ClientError) as failure:
        client.get_hosted_zone(Id="ZGONE")
    assert code(failure) == "NoSuchHostedZone"
    with pytest.raises(ClientError) as failure:
        client.create_hosted_zone(Name="again.example.com", CallerReference="1")
    assert code(failure) == "HostedZoneAlreadyExists"


def test_tags_are_told(client: Any, fake: FakeRoute53, zone_id: str) -> None:
    plain = zone_id.removeprefix("/hostedzone/")
    fake.account.tags[plain] = {"team": "dns"}
    one = client.list_tags_for_resource(ResourceType="hostedzone", ResourceId=plain)["ResourceTagSet"]
    many = client.list_tags_for_resources(ResourceType="hostedzone", ResourceIds=[plain])["ResourceTagSets"]
    assert one["Tags"] == [{"Key": "team", "Value": "dns"}]
    assert many == [one]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"Action": "REPLACE", "ResourceRecordSet": a_set("www")}, "InvalidInput"),
        ({"Action": "CREATE", "ResourceRecordSet": a_set("www", "TYPE65280", "x")}, "InvalidInput"),
        ({"Action": "CREATE", "ResourceRecordSet": {"Name": "x.example.com", "Type": "A"}}, "InvalidInput"),
        ({"Action": "CREATE", "ResourceRecordSet": a_set("www", Weight=1)}, "InvalidInput"),
        ({"Action": "CREATE", "ResourceRecordSet": a_set("www", SetIdentifier="x")}, "InvalidInput"),
        ({"Action": "CREATE", "ResourceRecordSet": {**a_set("www"), **an_alias("www", "A", CLASSIC)}}, "InvalidInput"),
        ({"Action": "CREATE", "ResourceRecordSet": a_set("www", ttl=2**31)}, "InvalidInput"),
    ],
)
def test_what_the_model_does_not_allow_is_refused(client: Any, zone_id: str, wrong: Change, expected: str) -> None:
    with pytest.raises(ClientError) as failure:
        change(client, zone_id, wrong)
    assert code(failure) == expected


def test_an_answer_that_the_model_does_not_know_is_an_error_of_the_fake(fake: FakeRoute53) -> None:
    (listing,) = [found for found in ROUTES if found.name == "ListHostedZones"]
    with pytest.raises(AssertionError, match="has no"):
        listing.answer({"Unheard": "of"})
    with pytest.raises(AssertionError, match="lacks"):
        listing.answer({})
    assert fake.account.calls == {}


@pytest.mark.parametrize(
    ("kind", "expected", "done"),
    [
        (Kind.FAIL_BEFORE, "ServiceUnavailable", False),
        (Kind.FAIL_AFTER, "ServiceUnavailable", True),
        (Kind.THROTTLE, "Throttling", False),
        (Kind.BUSY, "PriorRequestNotComplete", False),
        (Kind.DENY, "AccessDenied", False),
        (Kind.EXPIRE, "ExpiredToken", False),
        (Kind.INVALID, "InvalidChangeBatch", False),
        (Kind.BARE_INVALID, "", False),
    ],
)
def test_faults_come_once_and_as_told(
    fake: FakeRoute53,
    client: Any,
    zone_id: str,
    kind: Kind,
    expected: str,
    done: bool,  # noqa: FBT001  # a table's column
) -> None:
    fake.account.faults.append(Fault(kind, message="[why]"))
    client.list_hosted_zones()
    with pytest.raises(ClientError) as failure:
        change(client, zone_id, create("www"))
    assert code(failure) == expected
    (zone,) = fake.account.zones.values()
    assert len(zone) == 2 + done
    change(client, zone_id, upsert("www"))


def test_who_is_not_allowed_is_told_so(fake: FakeRoute53, client: Any) -> None:
    fake.account.allowed = frozenset({"GetChange"})
    with pytest.raises(ClientError, match="not authorized to perform: route53:ListHostedZones"):
        client.list_hosted_zones()
    fake.account.denied_keys.add("a")
    with pytest.raises(ClientError) as failure:
        client.get_change(Id="C1")
    assert code(failure) == "AccessDenied"


@pytest.mark.servers
def test_it_runs_as_a_process() -> None:
    command = [sys.executable, "-m", "tests.providers.fakes.route53", "--rate", "5", "--zone", "example.org"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, zone = process.stdout.readline().split()
        client = boto3.client(
            "route53", endpoint_url=url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"  # noqa: S106  # no secret
        )  # fmt: skip
        assert client.get_hosted_zone(Id=zone.partition("=")[2])["HostedZone"]["Name"] == "example.org."
        client.close()
        process.terminate()
        assert "GetHostedZone" in process.stdout.read()


# --- beside the simplest thing that does the same


class Beside(RuleBasedStateMachine):
    """The fake's zone, and a plain dictionary."""

    names = st.sampled_from(["a", "b", "a.b", "*"])
    kinds = st.sampled_from(["A", "AAAA", "CNAME"])
    numbers = st.integers(1, 2)

    def __init__(self) -> None:
        super().__init__()
        self.zone = Zone("Z1", "example.com")
        self.plain: dict[tuple[str, str], dict[str, Any]] = {}

    @rule(
        items=st.lists(
            st.tuples(st.sampled_from(["CREATE", "DELETE", "UPSERT"]), names, kinds, numbers), min_size=1, max_size=5
        )
    )
    def change(self, items: list[tuple[str, str, str, int]]) -> None:
        changes = [
            {"Action": action, "ResourceRecordSet": a_set(name, kind, self.value(kind, number), ttl=number)}
            for action, name, kind, number in items
        ]
        expected = self.expected(changes)
        try:
            self.zone.change(changes, frozenset())
        except ApiError:
            assert expected is None
        else:
            assert expected is not None
            self.plain = expected

    @rule(name=names, kind=kinds)
    def replace(self, name: str, kind: str) -> None:
        """What feddns does: exact deletion and creation."""
        found = self.plain.get((a_set(name)["Name"], kind))
        if found is not None:
            new = {**found, "TTL": found["TTL"] + 1}
            self.zone.change(
                [{"Action": "DELETE", "ResourceRecordSet": found}, {"Action": "CREATE", "ResourceRecordSet": new}],
                frozenset(),
            )
            self.plain[found["Name"], kind] = new

    @rule(most=st.integers(1, 4))
    def read_in_pages(self, most: int) -> None:
        found: list[dict[str, Any]] = []
        start = ("", "", "")
        while True:
            page, following = self.zone.page(start, most)
            found += page
            if following is None:
                break
            assert len(page) == most
            start = (following["Name"], following["Type"], "")
        assert found == list(self.zone)

    @invariant()
    def both_hold_the_same(self) -> None:
        own = [found for found in self.zone if found["Type"] not in {"NS", "SOA"}]
        assert {(f["Name"].replace(r"\052", "*"), f["Type"]): f["TTL"] for f in own} == {
            key: found["TTL"] for key, found in self.plain.items()
        }

    def expected(self, changes: list[Change]) -> dict[tuple[str, str], dict[str, Any]] | None:
        after = dict(self.plain)
        done: dict[tuple[str, str], list[str]] = {}
        for change in changes:
            action, found = change["Action"], change["ResourceRecordSet"]
            key = found["Name"], found["Type"]
            done.setdefault(key, []).append(action)
            if done[key] not in (["CREATE"], ["DELETE"], ["UPSERT"], ["DELETE", "CREATE"]):
                return None
            others = {kind for name, kind in after if name == key[0]} - {key[1]}
            if action == "DELETE":
                if after.get(key) != found:
                    return None
                del after[key]
            elif (action == "CREATE" and key in after) or (others and "CNAME" in others | {key[1]}):
                return None
            else:
                after[key] = found
        return after

    @staticmethod
    def value(kind: str, number: int) -> str:
        return {"A": f"192.0.2.{number}", "AAAA": f"2001:db8::{number}", "CNAME": f"x{number}.example.net."}[kind]


TestBesideTheSimplest = Beside.TestCase
