from pathlib import Path

from feddns.cli.configuration import read_configuration
from feddns.controller.assemble import Federation, Observatory
from feddns.controller.assemble import federation as assembled
from feddns.controller.figures import samples, unready
from feddns.controller.reload import InForce
from feddns.controller.touched import Everyone, Touched
from feddns.controller.views import Views
from feddns.model.probing import Probe
from feddns.model.verdicts import Health
from feddns.orders.file import FileStore
from feddns.probes.allowed import Allowed
from feddns.probes.answer import Answer
from feddns.probes.prober import Prober
from feddns.telemetry.histogram import Histogram
from feddns.telemetry.metrics import Metric
from tests.builders import NOW, answer, numbered
from tests.controller.test_twins import a_target, hold
from tests.controller.world import World, a_judging, nobody
from tests.quickstart import Quickstart


def blind(folder: Path) -> Observatory:
    """What looks at no cluster at all."""
    everyone, hostnames = Everyone(), World().watcher(Touched()).hostnames
    views = Views((), hostnames)
    prober = Prober(lambda _: None, the_time, never, allowed=Allowed())
    judging = a_judging(views, everyone, the_time)
    return Observatory(
        {}, nobody(everyone), hostnames, views, prober, judging, FileStore(folder / "state.json"), everyone
    )


async def never(_address: str, _probe: Probe) -> Answer:
    raise AssertionError


def the_time() -> float:
    return NOW


async def test_twins_are_compared_once_both_are_known_and_one_known_zone_is_enough_to_be_ready(tmp_path: Path) -> None:
    one, other = a_target("one", is_read=False), a_target("other", is_read=False)
    federation = Federation(blind(tmp_path), (one, other))

    def told() -> dict[tuple[Metric, tuple[str, ...]], float | Histogram]:
        return {(metric, labels): value for metric, labels, value in samples(federation, NOW)}

    assert unready(federation) == "no zone has been read yet"
    hold(one, *answer(1))
    assert unready(federation) == ""
    await federation.twins.look(federation.targets)
    assert Metric.TWIN_DIFFERENCES not in {metric for metric, _ in told()}
    hold(other)
    await federation.twins.look(federation.targets)
    assert told()[Metric.TWIN_DIFFERENCES, ("example.com.", "one", "other")] == 1
    assert told()[Metric.RECORD_SETS, ("one", "example.com.", "global", "A")] == 1


async def test_deletions_that_are_held_are_counted_by_cause(tmp_path: Path) -> None:
    one = a_target("one", *(record for number in range(9) for record in answer(number)))
    for number in range(9):
        standing = frozenset(record.name for record in answer(number)) if number < 6 else frozenset()
        one.writer.agenda.want(numbered(number), (), standing)
    federation = Federation(blind(tmp_path), (one,))
    held = {labels[-1]: value for metric, labels, value in samples(federation, NOW) if metric is Metric.DELETIONS_HELD}
    assert held == {"health": 6, "specification": 0, "drift": 0}


async def test_shards_are_told_by_every_verdict_of_the_clusters_that_are_members(tmp_path: Path) -> None:
    quickstart = Quickstart(tmp_path)
    federation = assembled(read_configuration(str(quickstart.config)), tmp_path)
    found = [labels for metric, labels, _ in samples(federation, NOW) if metric is Metric.SHARDS]
    assert found == [(name, health.value) for name in ("us", "eu", "asia") for health in Health]
    assert {value for metric, _, value in samples(federation, NOW) if metric is Metric.SHARDS} == {0}


async def test_what_waits_what_is_left_and_what_is_refused_is_told_of_each_target(tmp_path: Path) -> None:
    one = a_target("one", *(record for number in range(10) for record in answer(number)))
    agenda = one.writer.agenda
    agenda.want(numbered(0), answer(0, "192.0.2.9"))
    agenda.want(numbered(1), ())
    one.touched.services([numbered(2), numbered(3)])
    told = {(metric, labels[2:]): value for metric, labels, value in samples(Federation(blind(tmp_path), (one,)), NOW)}
    assert told[Metric.SERVICES_TOUCHED, ()] == 2
    assert told[Metric.SERVICES_WAITING, ()] == 2
    assert told[Metric.CHANGES_WAITING, ()] == 2
    assert told[Metric.SERVICES_REFUSED, ()] == 0
    assert told[Metric.DELETION_BUDGET_LEFT, ("health",)] == 5
    draft = agenda.next_draft(one.provider.limits, NOW)
    assert draft is not None
    agenda.refused(draft, "no such thing here", frozenset({answer(1)[0].name}))
    told = {(metric, labels[2:]): value for metric, labels, value in samples(Federation(blind(tmp_path), (one,)), NOW)}
    assert told[Metric.SERVICES_REFUSED, ()] == 1
    assert told[Metric.SERVICES_WAITING, ()] == 1


async def test_a_deletion_takes_from_what_is_left_of_its_causes_budget(tmp_path: Path) -> None:
    one = a_target("one", *(record for number in range(10) for record in answer(number)))
    one.writer.agenda.want(numbered(1), ())
    draft = one.writer.agenda.next_draft(one.provider.limits, NOW)
    assert draft is not None
    one.writer.agenda.done(draft, NOW)

    def left(now: float) -> dict[str, float | Histogram]:
        told = samples(Federation(blind(tmp_path), (one,)), now)
        return {labels[-1]: value for metric, labels, value in told if metric is Metric.DELETION_BUDGET_LEFT}

    assert left(NOW + 1) == {"health": 5, "specification": 4, "drift": 5}
    assert left(NOW + 601) == {"health": 4, "specification": 4, "drift": 4}


async def test_a_configuration_that_is_followed_is_told_of(tmp_path: Path) -> None:
    federation = Federation(blind(tmp_path), ())
    followed = {
        metric: value
        for metric, _, value in samples(federation, NOW, InForce("abc", NOW - 5, "line 3 is wrong", ("web",)))
    }
    assert followed[Metric.CONFIG_RELOADED] == 0
    assert followed[Metric.CONFIG_SINCE] == NOW - 5
    assert followed[Metric.CONFIG_WAITING] == 1
    assert Metric.CONFIG_RELOADED not in {metric for metric, *_ in samples(federation, NOW)}
