from hypothesis import given
from hypothesis import strategies as st

from feddns.model.services import HostnameWish
from tests.strategies import WISHES

regions = st.lists(st.sampled_from(("eu", "us", "asia")), unique=True)


@given(st.sampled_from(WISHES), regions)
def test_a_wish_stands_for_what_it_expands_to(wish: HostnameWish, among: list[str]) -> None:
    for hostname, region in wish.expanded(among):
        assert wish.stands_for(hostname, region)
        assert not wish.stands_for(hostname, "elsewhere")
        assert not wish.stands_for(f"x{hostname}", region)  # type: ignore[arg-type]  # no name of a zone


def test_a_wish_with_a_place_for_the_region_is_one_in_each_region() -> None:
    wish = HostnameWish("{region}.acme.com.")
    assert list(wish.expanded(("eu", "us"))) == [("eu.acme.com.", "eu"), ("us.acme.com.", "us")]
    assert list(wish.expanded(())) == []


def test_a_wish_without_one_is_the_same_in_any_region() -> None:
    assert list(HostnameWish("acme.com.", "eu").expanded(("us",))) == [("acme.com.", "eu")]
    assert list(HostnameWish("acme.com.").expanded(())) == [("acme.com.", "")]
