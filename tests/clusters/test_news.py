from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.news import News
from feddns.model.notices import Notice, Turn
from feddns.model.services import ServiceKey

WEB, API = ServiceKey("shop", "web"), ServiceKey("shop", "api")


def a_notice(before: str, after: str, topic: str = "verdict") -> Notice:
    return Notice(topic, before, after, Turn.BECAME_HEALTHY, f"{topic} is {after}")


def states(news: News) -> list[tuple[str, str]]:
    return [(notice.before, notice.after) for _, notice in news.waiting()]


def test_of_several_turns_that_nobody_was_told_of_only_the_outcome_is_told() -> None:
    news = News()
    news.note(WEB, a_notice("Healthy", "Unhealthy"))
    news.note(WEB, a_notice("Unhealthy", "Unknown"))
    assert states(news) == [("Healthy", "Unknown")]
    news.note(WEB, a_notice("Unknown", "Healthy"))
    assert states(news) == []


def test_what_turns_while_it_is_being_told_is_told_afterwards() -> None:
    news, first = News(), a_notice("Healthy", "Unhealthy")
    news.note(WEB, first)
    news.note(WEB, a_notice("Unhealthy", "Unknown"))
    news.told(WEB, first)
    assert states(news) == [("Unhealthy", "Unknown")]


def test_topics_and_services_do_not_mix() -> None:
    news = News()
    for key in (WEB, API):
        for topic in ("verdict", "web.shop.svc."):
            news.note(key, a_notice("a", "b", topic))
    news.forget(API)
    assert [(key, notice.topic) for key, notice in news.waiting()] == [(WEB, "verdict"), (WEB, "web.shop.svc.")]
    news.clear()
    assert list(news.waiting()) == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30))
def test_who_is_told_now_and_then_always_learns_the_last_state(story: list[tuple[str, bool]]) -> None:
    news, state, known = News(), "a", "a"
    for after, is_told in story:
        if after != state:
            news.note(WEB, a_notice(state, after))
            state = after
        for _, notice in list(news.waiting()) if is_told else ():
            assert (notice.before, notice.after) == (known, state)
            news.told(WEB, notice)
            known = notice.after
    assert states(news) == ([] if known == state else [(known, state)])
