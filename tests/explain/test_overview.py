import json
from collections import Counter
from typing import Any

import msgspec
from hypothesis import given

from feddns.explain import overview
from feddns.explain.services import answer_value, hostname_value, verdict_value
from feddns.model.evidence import Sight, Sighting
from feddns.model.orders import Drain, Orders
from feddns.model.records import CNAME, RecordSet
from feddns.model.status import Move, Ready, ServiceVerdict
from feddns.model.topology import GLOBAL, Scope
from feddns.model.verdicts import Health
from tests.builders import NGINX, NOW, a_cluster, a_policy, decided, seen
from tests.strategies import fleets


def plain(value: Any) -> Any:
    return json.loads(msgspec.json.encode(value))


@given(fleets())
def test_what_is_told_is_all_that_explain_tells(fleet: tuple[Sighting, ...]) -> None:
    decision = decided(*fleet)
    assert plain(overview.shards_told(decision.assessment)) == plain(list(map(verdict_value, decision.verdicts)))
    for published in (None, decision.records):
        told = [answer_value(answer, decision, published) for answer in decision.scopes]
        assert plain(overview.scopes_told(decision, published)) == plain(told)
    assert plain(overview.hostnames_told(decision)) == plain(list(map(hostname_value, decision.hostnames)))


@given(fleets())
def test_the_verdict_on_a_service_follows_from_those_on_its_shards(fleet: tuple[Sighting, ...]) -> None:
    believed = decided(*fleet).assessment
    found = [verdict.health for verdict in believed.verdicts if verdict.shard is not None]
    healthy, clusters = overview.shards_of(believed)
    assert (healthy, clusters) == (found.count(Health.HEALTHY), len(found))
    assert (overview.service_verdict(believed) is ServiceVerdict.HEALTHY) is (0 < healthy == clusters)
    assert (overview.service_verdict(believed) is ServiceVerdict.DEGRADED) is (0 < healthy < clusters)


def test_a_service_of_which_nothing_is_believed_is_absent_and_one_out_of_sight_unknown() -> None:
    assert overview.service_verdict(None) is ServiceVerdict.ABSENT
    unseen = decided(Sighting(a_cluster("eu", "eu", sight=Sight.UNSEEN), None))
    assert overview.service_verdict(unseen.assessment) is ServiceVerdict.UNKNOWN


def test_answers_stand_in_the_order_of_scopes_and_say_where_they_lead() -> None:
    decision = decided(seen(a_cluster("eu", "eu", "a"), "192.0.2.1", ready=0), seen(a_cluster("us", "us"), "192.0.2.2"))
    foreign = RecordSet(decision.records[0].name, "TXT", 60, ("x",))
    names = a_policy().names
    answers = list(overview.answers_told("t", names, (*reversed(decision.records), foreign)))
    assert [(answer.region, answer.zone, answer.leads_to) for answer in answers] == [
        ("", "", ""),
        ("eu", "", "global"),
        ("eu", "a", "region eu"),
        ("us", "", ""),
    ]
    assert answers[0].name == names.name(NGINX, GLOBAL)
    assert answers[1].records[0].type == CNAME
    assert {answer.target for answer in answers} == {"t"}


def test_what_the_zone_has_for_a_service_that_is_gone_is_told_as_left_over() -> None:
    names = a_policy().names
    name = names.name(NGINX, Scope("eu"))
    (left,) = overview.left_over(names, (RecordSet(name, "A", 60, ("192.0.2.1",)),))
    assert (left.name, left.records, left.because) == (name, (), "no cluster has this service any more")
    assert left.published is not None
    assert left.published[0].values == ("192.0.2.1",)


def test_a_cluster_is_ready_as_it_is_seen() -> None:
    for sight, ready in ((Sight.VISIBLE, Ready.TRUE), (Sight.UNSEEN, Ready.FALSE), (Sight.LOST, Ready.UNKNOWN)):
        orders = Orders(drains={a_cluster("eu").name: Drain(NOW)})
        told = overview.cluster_told(a_cluster("eu", "eu", sight=sight), "there", 3, orders, Counter())
        assert (told.ready, told.sight, told.drain) == (ready, sight, Drain(NOW))
        assert overview.cluster_told(a_cluster("eu"), "there", 3, None, Counter()).drain is None


def test_what_a_brake_holds_is_told_once_for_each_cluster_with_what_releases_it() -> None:
    def move(service: str, cluster: str, brake: Any) -> Move:
        return Move(service, cluster, "leaves every answer", NOW, None, is_withdrawal=True, brake=brake)

    moves = [
        move("a/a", "eu", "panic"),
        move("a/b", "eu", "panic"),
        move("a/a", "us", "cut-off"),
        move("a", "us", None),
    ]
    panic, cut_off = overview.braked(moves)
    assert (panic.kind, panic.cluster, panic.count, panic.release) == ("panic", "eu", 2, "feddns evict eu")
    assert panic.text == "a/a: leaves every answer"
    assert (cut_off.kind, cut_off.cluster, cut_off.release) == ("cut-off", "us", "")
