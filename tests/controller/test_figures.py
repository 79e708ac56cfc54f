from feddns.controller.assemble import Federation, Observatory
from feddns.controller.figures import samples, unready
from feddns.controller.touched import Everyone, Touched
from feddns.controller.views import Views
from feddns.telemetry.metrics import Metric
from tests.builders import NOW, answer
from tests.controller.test_twins import a_target, hold
from tests.controller.world import World


def test_twins_are_compared_once_both_are_known_and_one_known_zone_is_enough_to_be_ready() -> None:
    one, other = a_target("one", is_read=False), a_target("other", is_read=False)
    hostnames = World().watcher(Touched()).hostnames
    seen = Observatory({}, (), hostnames, Views((), hostnames), Everyone())
    federation = Federation(seen, (one, other))

    def told() -> dict[tuple[Metric, tuple[str, ...]], float]:
        return {(metric, labels): value for metric, labels, value in samples(federation, NOW)}

    assert unready(federation) == "no zone has been read yet"
    hold(one, *answer(1))
    assert unready(federation) == ""
    assert Metric.TWIN_DIFFERENCES not in {metric for metric, _ in told()}
    hold(other)
    assert told()[Metric.TWIN_DIFFERENCES, ("example.com.", "one", "other")] == 1
    assert told()[Metric.RECORD_SETS, ("one", "example.com.")] == 1
