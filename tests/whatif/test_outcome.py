from typing import Any

import msgspec
import pytest

from feddns.config.health import ClusterBudget, DeletionBudget, HealthSettings
from feddns.model.evidence import Sight, Sighting
from feddns.model.orders import Drain, Eviction, Freeze, Orders
from feddns.model.probing import Track
from feddns.model.records import A, DnsName, RecordSet
from feddns.model.services import HostnameWish
from feddns.model.topology import GLOBAL, ClusterName, Scope
from feddns.whatif.outcome import Outcome, outcome
from feddns.whatif.zone import Story, Version
from tests.builders import NOW, a_cluster, a_policy, numbered, permitting
from tests.whatif.playing import EU, PROBE, US, Play, down, drain, one, shown, unready

NAME = DnsName("s0.shop.fed.svc.example.com.")


def told(*versions: tuple[float, float, int, str]) -> Outcome:
    """The outcome of one name's versions: when each is decided and written, its TTL and its one address."""
    play = Play(one(shown(US, "192.0.2.1")), drain())
    play.run()
    play.zone.stories[NAME] = Story(
        numbered(0),
        [
            Version((RecordSet(NAME, A, ttl, (address,)),), NOW + decided, NOW + written)
            for decided, written, ttl, address in versions
        ],
    )
    return outcome(play.zone, play.simulation)


def test_clients_have_moved_when_the_last_old_answer_has_expired() -> None:
    (changed,) = told((0, 0, 180, "192.0.2.1"), (30, 31, 180, "192.0.2.2")).changed
    assert (changed.first_s, changed.decided_s, changed.write_s, changed.ttl_s) == (30, 30, 1, 180)
    assert changed.moved_s == 211
    assert changed.lowered is None


def test_a_ttl_that_was_lowered_long_before_counts() -> None:
    versions = (0, 0, 180, "192.0.2.1"), (0, 1, 30, "192.0.2.1"), (200, 201, 180, "192.0.2.2")
    (changed,) = told(*versions).changed
    assert changed.ttl_s == 30
    assert changed.lowered is not None
    assert (changed.lowered.after_s, changed.lowered.ttl_s) == (1, 30)


def test_a_ttl_that_was_lowered_just_before_leaves_answers_with_the_old_one() -> None:
    versions = (0, 0, 180, "192.0.2.1"), (99, 100, 30, "192.0.2.1"), (120, 121, 180, "192.0.2.2")
    (changed,) = told(*versions).changed
    assert changed.ttl_s == 100 + 180 - 121


def test_a_ttl_alone_is_no_other_answer() -> None:
    assert told((0, 0, 180, "192.0.2.1"), (9, 10, 90, "192.0.2.1")).changed == ()
    assert told((0, 0, 180, "192.0.2.1"), (1, 2, 90, "192.0.2.2"), (9, 10, 180, "192.0.2.1")).changed == ()


def test_an_answer_that_comes_in_steps_tells_its_first_and_its_last() -> None:
    versions = (0, 0, 60, "192.0.2.1"), (10, 11, 60, "192.0.2.2"), (50, 52, 60, "192.0.2.3"), (70, 71, 30, "192.0.2.3")
    (changed,) = told(*versions).changed
    assert (changed.first_s, changed.decided_s, changed.write_s, changed.ttl_s) == (10, 50, 2, 60)
    assert changed.after[0].ttl == 30


def test_hostnames_that_lead_to_a_changed_name_are_named_with_it() -> None:
    policy = permitting(a_policy("fed"), "example.com")
    wishes = (HostnameWish("www.example.com."), HostnameWish("eu.example.com.", "eu"))
    pair = (shown(US, "192.0.2.1", wishes=wishes), shown(EU, "192.0.2.2", wishes=wishes))
    found = Play(one(*pair), unready("eu"), policy=policy).run()
    followers = {each.name: each.followers for each in found.changed}
    assert followers[policy.names.name(numbered(0), GLOBAL)] == ("www.example.com.",)
    assert followers[policy.names.name(numbered(0), Scope("eu"))] == ("eu.example.com.",)


def reasons(play: Play) -> set[str]:
    found = play.run()
    assert found.kept
    return {reason for each in found.kept for reason in each.reasons}


def pair(**fields: Any) -> tuple[Sighting, Sighting]:
    return shown(US, "192.0.2.1", **fields), shown(EU, "192.0.2.2", **fields)


def test_a_budget_that_holds_deletions_is_named() -> None:
    held = DeletionBudget(share=0.0, at_least=0)
    play = Play(one(*pair()), unready("us", "eu"), deletions=held)
    (reason,) = reasons(play)
    assert "the budget for health leaves 0" in reason
    assert play.simulation.is_over


def test_a_freeze_is_named() -> None:
    play = Play(one(*pair()), unready("eu"))
    for each in play.assessments.values():
        play.zone.decide(each, NOW)
    play.zone.settle(NOW)
    play.zone.agenda.frozen = "frozen by anna"
    assert reasons(play) == {"frozen by anna"}


def test_the_brake_on_clusters_is_named_where_it_holds_beyond_the_time_looked_at() -> None:
    budget = ClusterBudget(interval=100_000.0, at_least=0)
    fleet = one(*pair(probe=PROBE), shown(a_cluster("asia"), "192.0.2.3", probe=PROBE))
    rules = HealthSettings(panic="drop")
    play = Play(fleet, down("us", "eu"), rules=rules, budget=budget, more=[a_cluster("x"), a_cluster("y")])
    (reason,) = reasons(play)
    assert "budget.clusters" in reason
    assert "(after 27h" in reason


def test_an_address_that_cannot_be_probed_is_told_with_the_reason() -> None:
    (reason,) = reasons(Play(one(*pair(probe=PROBE, track=Track(hindrance="no route to it"))), down("eu")))
    assert reason == (
        "nothing withdraws it: eu would be Unknown and 192.0.2.2 cannot be probed: no route to it; `feddns evict eu` "
        "takes it out"
    )


def test_an_address_that_may_not_be_probed_is_told() -> None:
    us, eu = pair(probe=PROBE)
    (reason,) = reasons(Play(one(us, msgspec.structs.replace(eu, probed={})), down("eu")))
    assert "192.0.2.2 is not probed" in reason


def test_an_unknown_limit_beyond_the_day_is_told_with_its_time() -> None:
    rules = HealthSettings(unknown_limit=172_800.0)
    (reason,) = reasons(Play(one(*pair()), down("eu"), rules=rules))
    assert "(after 48h45s)" in reason


def test_an_unknown_limit_within_the_day_withdraws_it() -> None:
    found = Play(one(*pair()), down("eu"), rules=HealthSettings(unknown_limit=3_600.0)).run()
    assert found.kept == ()
    assert {each.decided_s for each in found.changed} == {45.0 + 3_600.0 + HealthSettings().settle}


def test_a_cluster_that_is_drained_already_and_dies_then_leaves_as_it_would_have() -> None:
    orders = Orders(drains={ClusterName("eu"): Drain(NOW - 60)})
    found = Play(one(*pair()), down("eu"), orders=orders).run()
    assert {each.decided_s for each in found.changed} == {120.0}


def test_an_evicted_cluster_has_nothing_to_lose() -> None:
    orders = Orders(evictions={ClusterName("eu"): Eviction(NOW - 60)})
    found = Play(one(*pair()), down("eu"), orders=orders).run()
    assert (found.changed, found.kept) == ((), ())


@pytest.mark.parametrize("scenario", [down("eu"), unready("eu"), drain("eu")])
def test_a_service_that_the_cluster_does_not_have_is_not_told_of(scenario: Any) -> None:
    found = Play(one(shown(US, "192.0.2.1"), Sighting(EU, None)), scenario).run()
    assert (found.changed, found.kept, found.is_over) == ((), (), True)


def test_a_freeze_order_is_no_matter_of_judgement() -> None:
    found = Play(one(*pair()), unready("eu"), orders=Orders(freeze=Freeze(NOW))).run()
    assert len(found.changed) == 3


def test_a_cluster_that_is_lost_already_is_told_of_as_it_is_remembered() -> None:
    us, eu = pair()
    lost = msgspec.structs.replace(eu, cluster=a_cluster("eu", "eu", "eu-b", sight=Sight.LOST))
    found = Play(one(us, lost), down("eu")).run()
    assert found.changed == ()
