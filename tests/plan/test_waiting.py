from hypothesis import given
from hypothesis import strategies as st

from feddns.model.changes import Change, Create, Delete, Limits
from feddns.model.services import ServiceKey
from feddns.plan.budget import Cause, Grounds, Loss
from feddns.plan.proposal import ServiceChanges, propose
from feddns.plan.waiting import Waiting
from tests.builders import answer, numbered

ROOMY = Limits(1_000, 100_000)
states = st.sampled_from([(), ("192.0.2.1",), ("192.0.2.2",), ("192.0.2.1", "192.0.2.2")])
causes = st.frozensets(st.sampled_from(Cause))
proposals = st.builds(
    lambda number, before, after, cause: propose(
        numbered(number),
        answer(number, *after) if after else (),
        answer(number, *before) if before else (),
        grounds(number, cause),
    ),
    st.integers(0, 4),
    states,
    states,
    st.sampled_from(Cause),
)


def grounds(number: int, cause: Cause) -> Grounds:
    """What makes this the cause of a numbered service's losses."""
    (record,) = answer(number)
    match cause:
        case Cause.HEALTH:
            return Grounds(standing=frozenset({record.name}))
        case Cause.DRIFT:
            return Grounds(strays=frozenset({(record.name, record.type)}))
        case Cause.SPECIFICATION:
            return Grounds()


def creation(number: int) -> ServiceChanges:
    return propose(numbered(number), answer(number), ())


def deletion(number: int, cause: Cause = Cause.SPECIFICATION) -> ServiceChanges:
    return propose(numbered(number), (), answer(number), grounds(number, cause))


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
    for cause in Cause:
        withheld = waiting.withheld({cause})
        assert {loss.cause for loss in withheld} <= {cause}
        assert waiting.losses.get(cause, 0) == len(withheld)
    assert len(waiting.withheld(set(Cause))) == sum(len(service.losses) for service in waiting)


@given(st.lists(proposals, max_size=20), st.integers(1, 6), causes)
def test_a_batch_is_the_front_of_what_waits_and_takes_nothing_out(
    put: list[ServiceChanges], most: int, hold: frozenset[Cause]
) -> None:
    waiting = filled(*put)
    batch = waiting.next_batch(ROOMY, most, hold=hold)
    may_go = [service.without(hold) for service in waiting]
    assert batch == tuple([service for service in may_go if service.changes][:most])
    assert waiting.next_batch(ROOMY, most, hold=hold) == batch


@given(st.lists(proposals, max_size=20), causes)
def test_what_is_held_for_one_cause_holds_up_nothing_of_another(
    put: list[ServiceChanges], hold: frozenset[Cause]
) -> None:
    waiting = filled(*put)
    everything = {change for service in waiting for change in service.changes}
    goes = [change for service in waiting.next_batch(ROOMY, 99, hold=hold) for change in service.changes]
    assert everything - set(goes) == {loss.deletion for loss in waiting.withheld(hold)}


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
    assert not any(waiting.losses.values())


def test_held_deletions_stay_behind_while_the_rest_of_their_service_goes() -> None:
    lost = deletion(1, Cause.HEALTH)
    changes: tuple[Change, ...] = (*lost.changes, *creation(2).changes)
    both = ServiceChanges(ServiceKey("shop", "both"), changes, urgent=True, losses=lost.losses)
    waiting = filled(both, deletion(3))
    assert waiting.next_batch(ROOMY, 10, hold={Cause.HEALTH}) == (
        both.only((Create(answer(2)[0]),)),
        deletion(3),
    )
    assert waiting.withheld(frozenset(Cause)) == (
        Loss(Delete(answer(1)[0]), Cause.HEALTH),
        Loss(Delete(answer(3)[0]), Cause.SPECIFICATION),
    )


def test_urgent_changes_without_end_do_not_keep_the_others_from_being_written() -> None:
    """As of a tenant with many Services that it withdraws and publishes all the time."""
    tight = Limits(10, 100_000)
    waiting = filled(creation(999))
    for turn in range(8):
        for number in range(40):
            waiting.put(deletion(turn * 40 + number))
        batch = waiting.next_batch(tight, 1_000, hold=())
        if any(service.key == numbered(999) for service in batch):
            break
        for service in batch:
            waiting.put(ServiceChanges(service.key, ()))
    else:
        raise AssertionError("it was never its turn")
    assert turn == 3
