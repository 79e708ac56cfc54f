from hypothesis import given

from feddns.model.orders import Drain, Eviction, Freeze
from feddns.orders.telling import drain_text, eviction_text, freeze_notice, freeze_text, instant
from tests.orders.strategies import times

NOW = 1_767_261_600.0


def test_a_freeze_tells_who_when_and_why_and_what_ends_it() -> None:
    freeze = Freeze(NOW, "ann@host", "the provider lies")
    assert freeze_text(freeze) == "frozen by ann@host since 2026-01-01T10:00:00Z: the provider lies"
    assert freeze_notice(freeze) == f"{freeze_text(freeze)}; `feddns thaw` releases it"
    assert freeze_text(Freeze(NOW)) == "frozen since 2026-01-01T10:00:00Z"


def test_a_drain_tells_when_it_ends() -> None:
    drain = Drain(NOW, NOW + 3600, "ann", forced=True)
    assert drain_text(drain) == "drained by ann since 2026-01-01T10:00:00Z until 2026-01-01T11:00:00Z (forced)"


def test_an_eviction_tells_who_and_when() -> None:
    assert eviction_text(Eviction(NOW, "bob")) == "evicted by bob since 2026-01-01T10:00:00Z"


@given(times)
def test_every_time_that_an_order_may_have_is_one_that_people_can_read(seconds: float) -> None:
    assert len(instant(seconds)) == 20
