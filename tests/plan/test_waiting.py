from hypothesis import given
from hypothesis import strategies as st

from feddns.model.changes import Change, Create, Delete, Limits
from feddns.model.services import ServiceKey
from feddns.plan.budget import losses
from feddns.plan.proposal import ServiceChanges, propose, without_losses
from feddns.plan.waiting import Waiting
from tests.builders import answer, numbered

ROOMY = Limits(1_000, 100_000)
states = st.sampled_from([(), ("192.0.2.1",), ("192.0.2.2",), ("192.0.2.1", "192.0.2.2")])
proposals = st.builds(
    lambda number, before, after: propose(
        numbered(number), answer(number, *after) if after else (), answer(number, *before) if before else ()
    ),
    st.integers(0, 4),
    states,
    states,
)


def creation(number: int) -> ServiceChanges:
    return propose(numbered(number), answer(number), ())


def deletion(number: int) -> ServiceChanges:
    return propose(numbered(number), (), answer(number))


def move(number: int) -> ServiceChanges:
    return propose(numbered(number), answer(number, "192.0.2.9"), answer(number))


def filled(*services: ServiceChanges) -> Waiting:
    waiting = Waiting()
    for service in services:
        waiting.put(service)
    return waiting


@given(st.lists(proposals, max_size=20))
def test_of_each_service_what_was_put_last_waits_urgent_ones_first(put: list[ServiceChanges]) -> None:
    waiting = filled(*put)
    last = {service.key: service for service in put}
    expected = {key: service for key, service in last.items() if service.changes}
    assert {service.key: service for service in waiting} == expected
    assert len(waiting) == len(expected)
    urgent = [service.urgent for service in waiting]
    assert urgent == sorted(urgent, reverse=True)
    assert waiting.losses == sum(len(losses(service.changes)) for service in waiting) == len(waiting.withheld())


@given(st.lists(proposals, max_size=20), st.integers(1, 6), st.booleans())
def test_a_batch_is_the_front_of_what_waits_and_takes_nothing_out(
    put: list[ServiceChanges],
    most: int,
    hold: bool,  # noqa: FBT001 - drawn
) -> None:
    waiting = filled(*put)
    batch = waiting.next_batch(ROOMY, most, hold_losses=hold)
    may_go = [without_losses(service)[0] if hold else service for service in waiting]
    assert batch == tuple([service for service in may_go if service.changes][:most])
    assert waiting.next_batch(ROOMY, most, hold_losses=hold) == batch


def test_others_go_out_in_the_order_in_which_they_came() -> None:
    order = (3, 1, 2)
    waiting = filled(*map(creation, order))
    assert [service.key for service in waiting] == [numbered(number) for number in order]


def test_a_change_that_becomes_urgent_moves_to_the_front_and_back() -> None:
    waiting = filled(creation(1), creation(2), move(2))
    assert [service.key for service in waiting] == [numbered(2), numbered(1)]
    waiting.put(creation(2))
    assert [service.key for service in waiting] == [numbered(1), numbered(2)]


def test_what_need_not_be_done_any_more_waits_no_longer() -> None:
    waiting = filled(deletion(1), ServiceChanges(numbered(1), ()))
    assert list(waiting) == []
    assert waiting.losses == 0


def test_held_deletions_stay_behind_while_the_rest_of_their_service_goes() -> None:
    changes: tuple[Change, ...] = (*deletion(1).changes, *creation(2).changes)
    key = ServiceKey("shop", "both")
    waiting = filled(ServiceChanges(key, changes, urgent=True), deletion(3))
    assert waiting.next_batch(ROOMY, 10, hold_losses=True) == (
        ServiceChanges(key, (Create(answer(2)[0]),), urgent=True),
    )
    assert waiting.withheld() == (Delete(answer(1)[0]), Delete(answer(3)[0]))
