import re

import click
import msgspec
import pytest

from feddns.cli.picture import status_text, way
from feddns.model.evidence import Sight
from feddns.model.orders import Eviction
from feddns.model.services import Problem
from feddns.model.status import (
    ChangeCounts,
    Cluster,
    Configuration,
    Failover,
    Hold,
    Leadership,
    Move,
    Ready,
    ServiceCounts,
    ServiceVerdict,
    Stand,
    Status,
    Target,
    Verdicts,
)
from feddns.model.stories import Answer, Records, Service
from tests.builders import NOW

LOST = "nothing heard for too long of services, endpointslices.discovery.k8s.io, nodes"
EU = Cluster(
    name="eu",
    ready=Ready.UNKNOWN,
    sight=Sight.LOST,
    since=NOW - 60,
    origin="the configuration",
    region="europe-west1",
    zones=("europe-west1-b", "europe-west1-c"),
    heard_at=NOW - 105,
    services=3000,
    verdicts=Verdicts(0, 1, 2999),
    drain=None,
    eviction=Eviction(NOW - 30, "ann@desk"),
    reason=LOST,
    problems=(Problem("MissingPermission", "nodes: watch is not allowed; see the access rules in the documentation"),),
)
TARGET = Target(
    name="public",
    zone="example.com.",
    provider="route53",
    is_fenced=True,
    is_known=True,
    record_sets=21_000,
    claim_seq=7,
    waiting=ChangeCounts(3, 2, 1, 40),
    read_at=NOW - 300,
    written_at=None,
    failed_at=NOW - 5,
    failure="zone example.com.: Throttling: Rate exceeded",
    refusal="",
    frozen="",
    problems=(),
)
LEFT = Failover(
    cluster="eu",
    kind="left",
    services=3000,
    service="shop/api",
    before=Stand(("192.0.2.1",), ("a", "b")),
    after=Stand((), ()),
    others=("asia", "us"),
    because="operator: evicted by ann@desk; `feddns readmit` undoes it",
    at=NOW - 30,
    until=NOW - 29,
    written_at=NOW - 28.5,
)
BUDGET = "40 of 21000 record sets would be deleted. They stay until `feddns apply --allow-deletions`"
STATUS = Status(
    at=NOW,
    version="1.2.3",
    federation="fed",
    owner="me",
    started_at=NOW - 7200,
    unready="no zone has been read yet",
    leadership=Leadership("standby", "feddns-1", "feddns-0", 3),
    configuration=Configuration("0123456", NOW - 60, "feddns.yaml:3: unknown key", ("web",)),
    clusters=(EU,),
    services=ServiceCounts(3000, 2999, 0, 0, 1, 0),
    moves=21,
    next_moves=(
        Move("shop/api", "us", "leaves every answer", NOW - 10, NOW + 50, is_withdrawal=True, brake=None),
        Move("shop/web", "us", "only 1 of 3 would stay", NOW - 10, None, is_withdrawal=True, brake="panic"),
    ),
    holds=(
        Hold("deletions", "public", "", 40, BUDGET, "feddns apply --allow-deletions"),
        Hold("panic", "", "us", 12, "shop/web: only 1 of 3 would stay", "feddns evict us"),
    ),
    failovers=(LEFT,),
    targets=(TARGET,),
)
WEB = Service(
    "shop",
    "web",
    ServiceVerdict.UNKNOWN,
    0,
    1,
    0,
    (
        Answer("public", "global", "", "", "n", (Records("A", 60, ("192.0.2.1", "192.0.2.2")),), ""),
        Answer("public", "region eu", "eu", "", "n", (Records("CNAME", 60, ("x.",)),), "global"),
        Answer("public", "zone a of eu", "eu", "a", "n", (Records("CNAME", 60, ("y.",)),), "region eu"),
        Answer("public", "region us", "us", "", "n", (Records("A", 60, ("192.0.2.2",)),), ""),
        Answer("public", "zone a of us", "us", "a", "n", (Records("A", 60, ("192.0.2.2",)),), ""),
    ),
)


def drawn(width: int | None, status: Status = STATUS) -> list[str]:
    return click.unstyle(status_text(status, (WEB,), width)).splitlines()


def test_all_that_needs_a_person_stands_above() -> None:
    lines = drawn(None)
    assert lines[:7] == [
        "federation fed of me: feddns 1.2.3 for 2h, standby (the leader is feddns-0), configuration 0123456 for 1m",
        "! not ready: no zone has been read yet",
        "! what the configuration says now does not count: feddns.yaml:3: unknown key",
        "! these settings count only from the next start: web",
        f"! public: {BUDGET}",
        "! 12 shards of us stay, such as shop/web: only 1 of 3 would stay (`feddns evict us` releases it)",
        "",
    ]
    assert lines[-1].startswith("eu: MissingPermission: nodes: watch is not allowed")


def test_each_part_has_its_table() -> None:
    text = "\n".join(re.sub(" {2,}", "  ", line) for line in drawn(None))
    evicted = "evicted by ann@desk since 2027-01-15T07:59:30Z"
    for line in (
        f"eu  Unknown  europe-west1  europe-west1-b,europe-west1-c  1m45s  3000  0  {evicted}; {LOST}",
        "3000 services: 2999 healthy, 1 unknown",
        "shop/web  Unknown  0/1  192.0.2.1 192.0.2.2; eu -> global; a.eu -> eu; us 192.0.2.2",
        "public  example.com.  21000  +3 ~2 -1 !40  5m ago  -  5s ago: zone example.com.: Throttling: Rate exceeded",
        "in 50s  shop/api  us  10s  leaves every answer",
        "held (panic)  shop/web  us  10s  only 1 of 3 would stay",
        "... 19 more pending",
        f"30s ago  eu left  shop/api +2999  in 1.5 s  asia, eu, us -> asia, us  {LEFT.because}",
    ):
        assert line in text


@pytest.mark.parametrize("width", [80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert [line for line in drawn(width) if len(line) > width] == []


def test_names_from_outside_cannot_write_on_the_terminal() -> None:
    evil = "\x1b[2J\n"
    cluster = msgspec.structs.replace(EU, name=evil, reason=evil, region=evil, problems=(Problem(evil, f"{evil}x"),))
    status = msgspec.structs.replace(STATUS, clusters=(cluster,), unready=evil)
    assert not any("\x1b" in line for line in drawn(80, status))
    assert not any("\x1b" in line for line in drawn(None, status))
    assert len(drawn(None, status)) == len(drawn(None))


def test_the_way_of_an_answer_is_told_by_what_moved() -> None:
    joined = msgspec.structs.replace(LEFT, kind="joined", others=())
    moved = msgspec.structs.replace(LEFT, kind="moved", after=Stand(("192.0.2.9",), ("a", "b")))
    places = msgspec.structs.replace(LEFT, kind="moved", after=Stand(("192.0.2.1",), ("b",)))
    assert [way(each) for each in (LEFT, joined, moved, places)] == [
        "asia, eu, us -> asia, us",
        "nobody -> eu",
        "192.0.2.1 -> 192.0.2.9",
        "a, b -> b",
    ]
