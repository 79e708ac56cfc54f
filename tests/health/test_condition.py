"""What evidence says of one shard, before anything is damped or braked."""

from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.health import HealthSettings
from feddns.health.condition import ANYWHERE, Condition, ready_zones, remembered_condition, visible_condition
from feddns.model.assessments import ShardHistory
from feddns.model.evidence import NOT_PROBED, Sight, Sighting
from feddns.model.probing import Probe, ProbeState, TcpProbe, Track
from feddns.model.services import ReadyEndpoints, Shard
from feddns.model.topology import Topology
from feddns.model.verdicts import Health, Verdict
from tests.builders import HASTY, NOW, a_cluster, a_shard, absent, seen
from tests.strategies import sightings

VISIBLE = (Sight.VISIBLE,)
HOLD_S = 300.0
RULES = HealthSettings(load_balancer_hold=HOLD_S, witness=60)
A, B = "192.0.2.1", "192.0.2.2"
FAILING = Track(ProbeState.FAILING, NOW - 30, "refused", NOW, 4, failed_from=NOW - 40)
ONE = a_cluster("one", "eu", "a", "b")
LOST = a_cluster("one", sight=Sight.LOST)


def condition(
    sighting: Sighting, before: ShardHistory | None = None, now: float = NOW, rules: HealthSettings = RULES
) -> Condition:
    assert sighting.shard is not None
    return visible_condition(sighting, sighting.shard, before, now, rules)


def remembered(found: Condition, *, standing: tuple[str, ...] | None = None) -> ShardHistory:
    """What is remembered of a shard that was in this condition and answered accordingly."""
    verdict = Verdict(
        found.shard.cluster, Health.HEALTHY, NOW, found.topology, evidence=found.evidence, shard=found.shard
    )
    addresses = found.addresses if standing is None else standing
    return ShardHistory(found.shard, found.resolved, found.places, addresses, {}, found.emptied_at, verdict)


def lost(
    before: ShardHistory, now: float = NOW, rules: HealthSettings = RULES, probed: Mapping[str, Track] = NOT_PROBED
) -> Condition:
    sighting = msgspec.structs.replace(absent(LOST), probed=probed)
    return remembered_condition(sighting, before, now, rules, is_cut_off=False)


def emptied(cluster_since: float = NOW - 100, created_at: float = NOW - 9999) -> Sighting:
    cluster = msgspec.structs.replace(ONE, since=cluster_since)
    return Sighting(cluster, a_shard("one", created_at=created_at))


@given(sightings("one", VISIBLE))
def test_evidence_is_for_a_visible_shard_if_and_only_if_it_has_ready_endpoints(sighting: Sighting) -> None:
    if sighting.shard is None:
        return
    found = condition(sighting)
    assert (ANYWHERE in found.places) is (sighting.shard.ready.total > 0)
    assert set(found.places) <= {ANYWHERE, *sighting.cluster.topology.zones}
    assert found.addresses == tuple(sorted({*sighting.shard.addresses, *sighting.resolved}))
    assert found.is_visible


@given(sightings("one", VISIBLE), st.floats(1, 1e6))
def test_a_cluster_that_is_lost_leaves_its_shard_as_it_was_last_seen(sighting: Sighting, later_s: float) -> None:
    if sighting.shard is None:
        return
    seen_last = condition(sighting)
    found = lost(remembered(seen_last), NOW + later_s)
    kept = ("shard", "addresses", "resolved", "topology", "places")
    assert [getattr(found, name) for name in kept] == [getattr(seen_last, name) for name in kept]
    assert found.next_at is None
    assert not found.is_visible
    assert found.may_own_more
    again = lost(remembered(found), NOW + later_s + 5)
    assert again.evidence == found.evidence  # it does not pile up


@pytest.mark.parametrize(
    ("ready", "zones"),
    [
        (ReadyEndpoints(2, (("a", 2),)), ("a",)),
        (ReadyEndpoints(2, (("a", 1), ("b", 1))), ("a", "b")),
        (ReadyEndpoints(2, (("a", 1),)), ("a", "b")),
        (ReadyEndpoints(1, (("elsewhere", 1),)), ("a", "b")),
        (ReadyEndpoints(1), ("a", "b")),
        (ReadyEndpoints(0, (), 3), ()),
    ],
    ids=["one zone", "both", "one endpoint without a zone", "a zone not of the cluster", "no zones told", "not ready"],
)
def test_the_zones_of_a_shard_are_those_of_its_ready_endpoints(ready: ReadyEndpoints, zones: tuple[str, ...]) -> None:
    assert ready_zones(ready, Topology("eu", ("a", "b"))) == zones


def test_a_cluster_without_zones_has_none_whatever_its_endpoints_say() -> None:
    assert ready_zones(ReadyEndpoints(1, (("a", 1),)), Topology("eu")) == ()


# --- the load balancer's status


def test_an_emptied_status_is_not_believed_before_its_hold_is_over() -> None:
    before = remembered(condition(seen(ONE, A)))
    held = condition(emptied(), before)
    assert (held.addresses, held.places[0]) == ((A,), ANYWHERE)
    assert (held.emptied_at, held.held_until, held.next_at) == (NOW, NOW + HOLD_S, NOW + HOLD_S)
    assert held.evidence[1].text == f"its status was emptied; it had {A}"
    assert not held.evidence[1].against
    still = condition(emptied(), remembered(held), NOW + HOLD_S - 1)
    assert (still.places, still.emptied_at) == (held.places, NOW)
    over = condition(emptied(), remembered(still), NOW + HOLD_S)
    assert (over.places, over.next_at) == ((), None)
    assert over.evidence[1].against


def test_a_status_that_is_filled_again_is_as_if_it_had_never_been_empty() -> None:
    before = remembered(condition(seen(ONE, A)))
    held = remembered(condition(emptied(), before))
    assert condition(seen(ONE, A), held, NOW + 9) == condition(seen(ONE, A), before, NOW + 9)


def test_a_status_that_is_filled_with_other_addresses_has_these() -> None:
    held = remembered(condition(emptied(), remembered(condition(seen(ONE, A)))))
    assert condition(seen(ONE, B), held).addresses == (B,)


def test_without_a_hold_an_emptied_status_is_believed_at_once() -> None:
    assert condition(emptied(), remembered(condition(seen(ONE, A))), rules=HASTY).places == ()


def test_an_empty_status_that_may_have_been_emptied_before_we_looked_makes_no_published_answer_go_yet() -> None:
    found = condition(emptied())
    assert (found.may_own_more, found.next_at) == (True, NOW + HOLD_S)
    later = condition(emptied(), remembered(found), NOW + HOLD_S)
    assert (later.may_own_more, later.next_at) == (False, None)


def test_a_load_balancer_of_a_service_that_is_new_is_pending() -> None:
    found = condition(emptied(cluster_since=NOW - 100, created_at=NOW - 5))
    assert not found.may_own_more
    assert found.next_at is None
    assert (found.evidence[1].text, found.evidence[1].against) == ("pending: its status has no ingress", True)


def test_a_host_name_that_is_not_resolved_yet_makes_no_published_answer_go() -> None:
    shard = a_shard("one", hostnames=("lb.cloud.test.",))
    found = condition(Sighting(ONE, shard, unresolved=("lb.cloud.test.",)))
    assert (found.addresses, found.may_own_more, found.places[0]) == ((), True, ANYWHERE)


# --- probes


def probed(sighting: Sighting, track: Track) -> Sighting:
    return msgspec.structs.replace(sighting, probed={A: track})


def test_a_failing_address_is_doubted_and_one_that_waits_for_its_first_probe_is_untested() -> None:
    assert condition(probed(seen(ONE, A, B), FAILING)).doubted == {A}
    assert condition(probed(seen(ONE, A, B), Track())).untested == {A}


def test_in_an_unknown_cluster_probes_must_have_failed_for_long_to_count() -> None:
    before = remembered(condition(seen(ONE, A)))
    found = lost(before, NOW, probed={A: FAILING})
    assert (found.doubted, found.next_at) == (frozenset(), NOW + 20)
    found = lost(before, NOW + 20, probed={A: msgspec.structs.replace(FAILING, tested_at=NOW + 20)})
    assert (found.doubted, found.next_at) == (frozenset({A}), None)


def test_in_an_unknown_cluster_an_address_that_went_by_its_probes_stays_out_while_they_fail() -> None:
    before = remembered(condition(seen(ONE, A, B)), standing=(B,))
    assert lost(before, NOW, probed={A: FAILING}).doubted == {A}


# --- an age limit


def test_an_unknown_cluster_is_given_up_at_the_limit_where_there_is_one() -> None:
    rules = msgspec.structs.replace(RULES, unknown_limit=1000)
    before = remembered(condition(seen(ONE, A)))
    limit_at = LOST.since + 1000
    soon, now = lost(before, limit_at - 1, rules), lost(before, limit_at, rules)
    assert (soon.places, soon.next_at) == ((ANYWHERE, "a", "b"), limit_at)
    assert (now.places, now.next_at) == ((), None)


# --- what is told of it


def evidence(shard: Shard, *resolved: str) -> dict[str, str]:
    return {piece.source: piece.text for piece in condition(Sighting(ONE, shard, resolved)).evidence}


def test_the_evidence_counts_endpoints_and_names_the_load_balancer() -> None:
    shard = msgspec.structs.replace(a_shard("one", A), ready=ReadyEndpoints(2, (), 1))
    assert evidence(shard) == {"EndpointSlices": "2 of 3 endpoints ready", "load balancer": A}


def test_the_evidence_tells_of_endpoints_that_serve_while_they_terminate() -> None:
    shard = msgspec.structs.replace(a_shard("one", A), ready=ReadyEndpoints(0, (), 2, terminating=1))
    assert evidence(shard)["EndpointSlices"] == "0 of 2 endpoints ready, 1 more serve while they terminate"


def test_the_evidence_tells_of_a_pending_load_balancer_and_of_no_endpoints() -> None:
    assert evidence(a_shard("one", ready=0)) == {
        "EndpointSlices": "no endpoints",
        "load balancer": "pending: its status has no ingress",
    }


def test_the_evidence_tells_what_a_host_name_leads_to() -> None:
    shard = a_shard("one", hostnames=("lb.cloud.test.",))
    assert evidence(shard)["load balancer"] == "lb.cloud.test. (no address known yet)"
    assert evidence(shard, "192.0.2.5")["load balancer"] == "lb.cloud.test. (192.0.2.5)"


def test_the_evidence_tells_of_probes_by_the_question_that_the_service_asks_for() -> None:
    shard = a_shard("one", A, probe=Probe(TcpProbe(443)))
    found = condition(msgspec.structs.replace(Sighting(ONE, shard), probed={A: FAILING}))
    assert found.evidence[2].text == f"{A} TCP 443 failing: refused"


def test_a_cluster_that_is_lost_without_a_reason_has_some_words_anyway() -> None:
    found = lost(remembered(condition(seen(ONE, A))))
    assert found.evidence[0].text == "the cluster cannot be seen"
    assert [piece.source for piece in found.evidence] == ["watch", "EndpointSlices", "load balancer"]
