"""A life of a federation: evidence, orders and time, in any order; each step is looked at as feddns would."""

from collections.abc import Iterable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from feddns.config.health import ClusterBudget, HealthSettings
from feddns.model.evidence import Sight
from feddns.model.orders import Drain, Eviction, drained, evicted, readmitted, undrained
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from tests.health.federation import Federation, Place, address

PAUSES = (0.0, 3.0, 20.0)

some_rules = st.builds(
    HealthSettings,
    settle=st.sampled_from(PAUSES),
    load_balancer_hold=st.sampled_from((0.0, 30.0)),
    hold_down=st.sampled_from((0.0, 5.0)),
    longest_hold_down=st.sampled_from((5.0, 300.0)),
    hold_down_decay=st.sampled_from((20.0, 600.0)),
    witness=st.sampled_from((0.0, 60.0)),
    unknown_limit=st.sampled_from((None, None, 100.0)),
    panic=st.sampled_from(("keep", "keep", "drop")),
    panic_share=st.sampled_from((0.0, 0.5, 1.0)),
    panic_scope=st.sampled_from(("global", "region", "zone")),
    panic_evidence=st.sampled_from(("probes", "all")),
)
some_budgets = st.builds(
    ClusterBudget,
    interval=st.sampled_from((0.0, 60.0)),
    share=st.sampled_from((0.0, 0.5, 1.0)),
    window=st.sampled_from((30.0, 600.0)),
    at_least=st.sampled_from((0, 2)),
)
numbers = st.integers(0, 7)


class Life(RuleBasedStateMachine):
    """What may happen; each happening ends with `look`."""

    @initialize(
        clusters=st.integers(3, 4),
        services=st.integers(1, 8),
        rules=some_rules,
        budget=some_budgets,
        probed=st.booleans(),
        is_late=st.booleans(),
    )
    def begin(
        self, clusters: int, services: int, rules: HealthSettings, budget: ClusterBudget, *, probed: bool, is_late: bool
    ) -> None:
        self.fed = Federation(clusters, services, rules, budget, probed=probed)
        self.fed.is_late = is_late
        self.probed = probed
        self.look()

    # --- evidence

    @rule(cluster=numbers, service=numbers, zones=st.sets(st.sampled_from(("eu-a", "eu-b", "us-a", "us-b"))))
    def endpoints_change(self, cluster: int, service: int, zones: set[str]) -> None:
        place = self.place(cluster, service)
        if place in self.fed.shards:
            self.fed.set_ready(place, zones)
            self.look([place[1]])

    @rule(cluster=numbers, services=st.sets(numbers, min_size=1), ready=st.booleans(), order=st.randoms())
    def a_whole_cluster_changes(self, cluster: int, services: set[int], ready: bool, order: object) -> None:  # noqa: FBT001 - drawn
        for number in services:
            place = self.place(cluster, number)
            if place in self.fed.shards:
                (self.fed.set_ready if ready else self.fed.set_unready)(place)
        keys = list(self.fed.keys)
        order.shuffle(keys)  # type: ignore[attr-defined]  # a random.Random
        self.look(keys)

    @rule(cluster=numbers, service=numbers, which=st.sets(st.integers(0, 2), max_size=2), hostname=st.booleans())
    def a_load_balancer_changes(self, cluster: int, service: int, which: set[int], hostname: bool) -> None:  # noqa: FBT001 - drawn
        place = self.place(cluster, service)
        if place in self.fed.shards:
            number = self.fed.keys.index(place[1])
            addresses = tuple(sorted(address(place[0], number, each) for each in which))
            hostnames = ("lb.cloud.test.",) if hostname and not addresses else ()
            self.fed.set(place, addresses=addresses, hostnames=hostnames)
            self.look([place[1]])

    @precondition(lambda self: self.probed)
    @rule(cluster=numbers, service=numbers, which=st.integers(0, 2), succeeded=st.booleans(), times=st.integers(1, 2))
    def probes_find(self, cluster: int, service: int, which: int, succeeded: bool, times: int) -> None:  # noqa: FBT001 - drawn
        place = self.place(cluster, service)
        which_address = address(place[0], self.fed.keys.index(place[1]), which)
        self.fed.probe(place, which_address, succeeded=succeeded, times=times)
        self.look([place[1]])

    @precondition(lambda self: self.probed)
    @rule(clusters=st.sets(numbers, min_size=1), succeeded=st.booleans())
    def probes_of_all_services_find(self, clusters: set[int], succeeded: bool) -> None:  # noqa: FBT001 - drawn
        for cluster in clusters:
            for service, each in enumerate(self.fed.keys):
                place = self.place(cluster, service)
                shard = self.fed.shards.get(place)
                for which in shard.addresses if shard is not None else ():
                    self.fed.probe(place, which, succeeded=succeeded, times=2)
                self.look([each])

    @rule(cluster=numbers, service=numbers)
    def a_service_is_deleted_or_made(self, cluster: int, service: int) -> None:
        place = self.place(cluster, service)
        if self.fed.shards.pop(place, None) is None:
            self.fed.shards[place] = self.fed.fresh(place[0], self.fed.keys.index(place[1]), probed=self.probed)
        self.look([place[1]])

    @rule(clusters=st.sets(numbers, min_size=1))
    def clusters_fall_silent(self, clusters: set[int]) -> None:
        for number in clusters:
            cluster = self.cluster(number)
            if self.fed.sights[cluster][0] is Sight.VISIBLE:
                self.fed.see(cluster, Sight.LOST)
        self.look()

    @rule(clusters=st.sets(numbers, min_size=1))
    def clusters_are_seen(self, clusters: set[int]) -> None:
        for number in clusters:
            self.fed.see(self.cluster(number), Sight.VISIBLE)
        self.look()

    # --- orders

    @rule(cluster=numbers, lasts=st.none() | st.sampled_from((10.0, 1000.0)), forced=st.booleans())
    def a_cluster_is_drained(self, cluster: int, lasts: float | None, forced: bool) -> None:  # noqa: FBT001 - drawn
        until = None if lasts is None else self.fed.now + lasts
        drain = Drain(self.fed.now, until, "ann", forced)
        self.fed.orders = drained(self.fed.orders, ClusterName(self.cluster(cluster)), drain)
        self.look()

    @rule(cluster=numbers, forced=st.booleans())
    def a_cluster_is_evicted(self, cluster: int, forced: bool) -> None:  # noqa: FBT001 - drawn
        order = Eviction(self.fed.now, "ann", forced)
        self.fed.orders = evicted(self.fed.orders, ClusterName(self.cluster(cluster)), order)
        self.look()

    @rule(cluster=numbers)
    def orders_are_taken_back(self, cluster: int) -> None:
        name = ClusterName(self.cluster(cluster))
        self.fed.orders = readmitted(undrained(self.fed.orders, name), name)
        self.look()

    # --- time, and feddns itself

    @rule(seconds=st.sampled_from((0.001, 1.0, 3.0, 10.0, 61.0, 300.0, 1000.0)))
    def time_passes(self, seconds: float) -> None:
        end = self.fed.now + seconds
        for _ in range(500):
            due = self.fed.due()
            if due is None or due > end:
                self.fed.now = end
                return
            self.fed.now = due
            self.look([each for each, found in self.fed.assessments.items() if found.due == due])
        raise AssertionError("feddns looks again and again")

    @rule()
    def what_was_decided_is_written(self) -> None:
        self.fed.write()

    @rule()
    def feddns_is_started_again(self) -> None:
        self.fed.restart()
        before = dict(self.fed.zone)
        self.look()
        self.fed.write()
        assert self.fed.zone == before

    # --- in few words

    def look(self, keys: Iterable[ServiceKey] | None = None) -> None:
        """Look at these services, by default at all."""
        self.fed.turn(None if keys is None else list(keys))

    def cluster(self, number: int) -> str:
        return self.fed.clusters[number % len(self.fed.clusters)]

    def place(self, cluster: int, service: int) -> Place:
        return self.cluster(cluster), self.fed.keys[service % len(self.fed.keys)]
