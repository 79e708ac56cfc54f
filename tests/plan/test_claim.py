import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.settings import Settings
from feddns.model.records import TXT, RecordSet
from feddns.naming import Names
from feddns.plan.budget import Cause, Spent
from feddns.plan.claim import Claim, next_fence, read_claim
from tests.builders import FED, a_claim
from tests.strategies import labels

owners = st.from_regex(r"[A-Za-z0-9._-]{1,63}", fullmatch=True)


spendings = st.lists(
    st.builds(Spent, st.sampled_from(Cause), st.integers(0, 10**10), st.integers(1, 10**7)), max_size=15
).map(tuple)


def text(*values: str) -> RecordSet:
    return RecordSet(FED.claim, TXT, 60, values)


@given(labels, owners, st.integers(0, 10**17))
def test_what_a_fence_leaves_is_read_as_the_claim_with_the_next_number(federation: str, owner: str, seq: int) -> None:
    names = Names.of(federation, "example.com")
    current = text(f"heritage=feddns,federation={federation},owner={owner},seq={seq}")
    fence = next_fence(names, owner, current)
    assert fence.expected == current
    assert fence.desired is not None
    assert (fence.desired.name, fence.desired.type) == (names.claim, TXT)
    assert read_claim(fence.desired) == Claim(federation, owner, seq + 1)


@given(owners)
def test_every_owner_that_the_settings_take_can_be_told_from_a_claim(owner: str) -> None:
    settings = {"federation": "fed", "owner": owner, "clusters": [], "dns": {"zone": "example.com", "provider": {}}}
    assert msgspec.convert(settings, Settings).owner == owner
    fence = next_fence(FED, owner, None)
    assert fence.desired is not None
    assert read_claim(fence.desired) == Claim("fed", owner, 1)


def test_a_zone_without_a_claim_must_still_have_none_when_the_first_batch_arrives() -> None:
    fence = next_fence(FED, "me", None)
    assert fence.expected is None
    assert fence.desired == a_claim("me", 1)


@pytest.mark.parametrize(
    "values",
    [
        (),
        ("",),
        ("heritage=external-dns,external-dns/owner=me",),
        ("heritage=feddns,federation=fed,owner=me",),
        ("heritage=feddns,federation=fed,owner=me,seq=",),
        ("heritage=feddns,federation=fed,owner=me,seq=-1",),
        ("heritage=feddns,federation=fed,owner=me,seq=1x",),
        ("heritage=feddns,federation=fed,owner=me,seq=" + "9" * 5000,),
        (" heritage=feddns,federation=fed,owner=me,seq=1",),
        ("heritage=feddns,federation=fed,owner=a,owner=b,seq=1",),
        ("heritage=feddns,federation=fed,owner=me,seq=1", "v=spf1 -all"),
        ('"heritage=feddns,federation=fed,owner=me," "seq=1"',),
        ("heritage=feddns,federation=fed,owner=me,deleted=,seq=1",),
        ("heritage=feddns,federation=fed,owner=me,deleted=x1@1,seq=1",),
        ("heritage=feddns,federation=fed,owner=me,deleted=h1@1+,seq=1",),
        ("heritage=feddns,federation=fed,owner=me,deleted=h" + "9" * 5000 + "@1,seq=1",),
    ],
)
def test_what_feddns_has_not_written_is_no_claim(values: tuple[str, ...]) -> None:
    assert read_claim(text(*values)) is None


def test_a_record_that_is_no_claim_is_replaced_as_it_is_where_it_must_be() -> None:
    odd = text("something else")
    assert next_fence(FED, "me", odd).expected == odd
    assert next_fence(FED, "me", odd).desired == a_claim("me", 1)


@given(labels, owners, st.integers(0, 10**17), spendings)
def test_what_was_deleted_is_read_again_no_less_and_no_earlier_in_one_string(
    federation: str, owner: str, seq: int, spent: tuple[Spent, ...]
) -> None:
    current = text(f"heritage=feddns,federation={federation},owner={owner},seq={seq}")
    desired = next_fence(Names.of(federation, "example.com"), owner, current, spent).desired
    assert desired is not None
    assert len(desired.values[0]) <= 255
    claim = read_claim(desired)
    assert claim is not None
    for cause in Cause:
        told, meant = ([each for each in all_ if each.cause is cause] for all_ in (claim.spent, spent))
        assert sum(each.count for each in told) == min(sum(each.count for each in meant), 10**8 - 1)
        assert all(sum(each.count for each in told if each.at >= one.at) >= one.count for one in meant)


def test_a_claim_tells_what_was_deleted_and_goes_on_telling_where_that_stays_as_it_is() -> None:
    spent = (Spent(Cause.HEALTH, 1_800_000_000, 3), Spent(Cause.SPECIFICATION, 1_800_000_150, 12))
    first = next_fence(FED, "me", None, spent).desired
    assert first == text("heritage=feddns,federation=fed,owner=me,deleted=h3@1800000000+s12@1800000150,seq=1")
    second = next_fence(FED, "me", first)
    assert second.desired is not None
    assert read_claim(second.desired) == Claim("fed", "me", 2, spent)
    assert next_fence(FED, "me", first, ()).desired == a_claim("me", 2)


def test_numbers_beyond_all_sense_are_told_as_the_largest_that_can_be_read_again() -> None:
    odd = text(
        "heritage=feddns,federation=fed,owner=me,deleted=" + "+".join(["h99999999@999999999999"] * 20) + ",seq=1"
    )
    desired = next_fence(FED, "me", odd).desired
    assert desired is not None
    assert read_claim(desired) == Claim("fed", "me", 2, (Spent(Cause.HEALTH, 10**12 - 1, 10**8 - 1),))
