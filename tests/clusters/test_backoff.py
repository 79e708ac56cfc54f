from feddns.clusters.backoff import Backoff


def test_pauses_double_up_to_the_longest_with_jitter() -> None:
    backoff = Backoff(longest_s=10.0)
    pauses = [backoff.failed() for _ in range(12)]
    for pause, bound in zip(pauses, (0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10, 10, 10, 10), strict=True):
        assert bound / 2 <= pause <= bound
    assert len({pause / bound for pause, bound in zip(pauses, (0.2, 0.4, 0.8, 1.6), strict=False)}) > 1


def test_a_success_begins_again() -> None:
    backoff = Backoff(longest_s=10.0)
    for _ in range(5):
        backoff.failed()
    assert backoff.failures == 5
    backoff.succeeded()
    assert backoff.failures == 0
    assert backoff.failed() <= 0.2


def test_the_servers_own_wish_is_the_least_pause_within_reason() -> None:
    backoff = Backoff(longest_s=1.0)
    assert backoff.failed(retry_after_s=30.0) == 30.0
    assert backoff.failed(retry_after_s=1e9) == 300.0


def test_no_number_of_failures_is_too_many() -> None:
    backoff = Backoff(longest_s=30.0)
    for _ in range(5000):
        assert backoff.failed() <= 30.0
