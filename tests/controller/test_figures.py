from pathlib import Path

from feddns.controller.assemble import Federation, Observatory
from feddns.controller.figures import samples, unready
from feddns.controller.touched import Everyone, Touched
from feddns.controller.views import Views
from feddns.model.probing import Probe
from feddns.orders.file import FileStore
from feddns.probes.allowed import Allowed
from feddns.probes.answer import Answer
from feddns.probes.prober import Prober
from feddns.telemetry.metrics import Metric
from tests.builders import NOW, answer, numbered
from tests.controller.test_twins import a_target, hold
from tests.controller.world import World, a_judging


def blind(folder: Path) -> Observatory:
    """What looks at no cluster at all."""
    everyone, hostnames = Everyone(), World().watcher(Touched()).hostnames
    views = Views((), hostnames)
    prober = Prober(lambda _: None, the_time, never, allowed=Allowed())
    judging = a_judging(views, everyone, the_time)
    return Observatory({}, (), hostnames, views, prober, judging, FileStore(folder / "state.json"), everyone)


async def never(_address: str, _probe: Probe) -> Answer:
    raise AssertionError


def the_time() -> float:
    return NOW


async def test_twins_are_compared_once_both_are_known_and_one_known_zone_is_enough_to_be_ready(tmp_path: Path) -> None:
    one, other = a_target("one", is_read=False), a_target("other", is_read=False)
    federation = Federation(blind(tmp_path), (one, other))

    def told() -> dict[tuple[Metric, tuple[str, ...]], float]:
        return {(metric, labels): value for metric, labels, value in samples(federation, NOW)}

    assert unready(federation) == "no zone has been read yet"
    hold(one, *answer(1))
    assert unready(federation) == ""
    assert Metric.TWIN_DIFFERENCES not in {metric for metric, _ in told()}
    hold(other)
    assert told()[Metric.TWIN_DIFFERENCES, ("example.com.", "one", "other")] == 1
    assert told()[Metric.RECORD_SETS, ("one", "example.com.")] == 1


async def test_deletions_that_are_held_are_counted_by_cause(tmp_path: Path) -> None:
    one = a_target("one", *(record for number in range(9) for record in answer(number)))
    for number in range(9):
        standing = frozenset(record.name for record in answer(number)) if number < 6 else frozenset()
        one.writer.agenda.want(numbered(number), (), standing)
    federation = Federation(blind(tmp_path), (one,))
    held = {labels[-1]: value for metric, labels, value in samples(federation, NOW) if metric is Metric.DELETIONS_HELD}
    assert held == {"health": 6, "specification": 0, "drift": 0}
