from feddns.health.withheld import Word, word
from feddns.model.orders import NO_ORDERS, Drain, Eviction, drained, evicted
from feddns.model.topology import ClusterName
from tests.builders import NOW

EU = ClusterName("eu")


def said(found: Word | None) -> Word:
    assert found is not None
    return found


def test_without_an_order_nothing_is_said() -> None:
    assert word(NO_ORDERS, EU, 180, NOW) is None
    assert word(evicted(NO_ORDERS, ClusterName("us"), Eviction(NOW)), EU, 180, NOW) is None


def test_an_evicted_cluster_leaves_at_once_and_until_a_person_says_otherwise() -> None:
    found = said(word(evicted(NO_ORDERS, EU, Eviction(NOW, "ann", forced=True)), EU, 180, NOW + 5))
    assert (found.from_when, found.until, found.forced, found.since) == (NOW, None, True, NOW)
    assert found.evidence.text == "evicted by ann; `feddns readmit` undoes it"
    assert found.evidence.against


def test_a_drained_cluster_leaves_when_every_client_has_had_the_lowered_ttl() -> None:
    found = said(word(drained(NO_ORDERS, EU, Drain(NOW, NOW + 7200)), EU, 180, NOW))
    assert (found.from_when, found.until, found.forced) == (NOW + 180, NOW + 7200, False)
    assert found.evidence.text == "drained; `feddns undrain` undoes it"


def test_a_drain_ends_by_itself() -> None:
    orders = drained(NO_ORDERS, EU, Drain(NOW, NOW + 7200))
    assert word(orders, EU, 180, NOW + 7199) is not None
    assert word(orders, EU, 180, NOW + 7200) is None


def test_an_eviction_goes_before_a_drain() -> None:
    orders = evicted(drained(NO_ORDERS, EU, Drain(NOW)), EU, Eviction(NOW + 1))
    assert said(word(orders, EU, 180, NOW + 2)).from_when == NOW + 1
