"""Small builders, so that a test reads like its subject."""

import msgspec

from feddns.assess import Beliefs, assess
from feddns.config.health import ClusterBudget, DeletionBudget, HealthSettings
from feddns.config.settings import DnsSettings, HostnameSettings
from feddns.decide import Policy, decide
from feddns.health.brakes import ClusterBrake
from feddns.health.service import Circumstances
from feddns.model.assessments import NO_HISTORY, Assessment
from feddns.model.decisions import Decision
from feddns.model.evidence import ClusterState, Sight, Sighting
from feddns.model.orders import NO_ORDERS, Orders
from feddns.model.records import TXT, A, RecordSet
from feddns.model.services import ReadyEndpoints, ServiceKey, Shard
from feddns.model.topology import GLOBAL, ClusterName, Topology
from feddns.naming import Names
from feddns.plan.agenda import Terms

NGINX = ServiceKey("mynamespace", "nginx")
NOW = 1_800_000_000.0


def a_policy(federation: str = "ufp", zone: str = "example.com", **dns: object) -> Policy:
    settings = DnsSettings(zone=zone, provider={"embedded": {}}, **dns)  # type: ignore[arg-type]  # tests name them
    return Policy(Names.of(federation, zone), settings)


def permitting(policy: Policy, *domains: str, namespace: str = "*") -> Policy:
    """The policy with hostnames in these domains allowed; in the whole zone by default."""
    entries = tuple(HostnameSettings(domain, (namespace,)) for domain in domains or (policy.names.zone,))
    return msgspec.structs.replace(policy, hostnames=entries)


def a_cluster(name: str, region: str = "", *zones: str, sight: Sight = Sight.VISIBLE) -> ClusterState:
    return ClusterState(ClusterName(name), sight, NOW - 100, Topology(region, zones))


def a_shard(cluster: str, *addresses: str, ready: int = 1, key: ServiceKey = NGINX, **fields: object) -> Shard:
    made = Shard(key, ClusterName(cluster), tuple(sorted(addresses)), ready=ReadyEndpoints(ready))
    return msgspec.structs.replace(made, **fields)


def seen(cluster: ClusterState, *addresses: str, ready: int = 1, key: ServiceKey = NGINX) -> Sighting:
    return Sighting(cluster, a_shard(cluster.name, *addresses, ready=ready, key=key))


def absent(cluster: ClusterState) -> Sighting:
    return Sighting(cluster, None)


HASTY = HealthSettings(settle=0.0, hold_down=0.0, load_balancer_hold=0.0)
"""Rules by which what is seen is believed at once."""


def some_circumstances(rules: HealthSettings = HASTY, orders: Orders = NO_ORDERS, clusters: int = 3) -> Circumstances:
    return Circumstances(rules, ClusterBrake(ClusterBudget(), clusters), orders)


class Decided(Decision, frozen=True, kw_only=True):
    """A decision, with the assessment that it follows from."""

    assessment: Assessment


def decided(
    *sightings: Sighting,
    published: tuple[RecordSet, ...] = (),
    before: Decided | None = None,
    policy: Policy | None = None,
    key: ServiceKey = NGINX,
    now: float = NOW,
    circumstances: Circumstances | None = None,
) -> Decided:
    policy = policy or a_policy()
    beliefs = Beliefs(policy.dns, circumstances or some_circumstances(), (policy.names,))
    assessment = assess(key, sightings, before.assessment.history if before else NO_HISTORY, now, beliefs)
    decision = decide(assessment, published, before.memory if before else {}, policy)
    fields = {name: getattr(decision, name) for name in decision.__struct_fields__}
    return Decided(**fields, assessment=assessment)


FED = Names.of("fed", "example.com")
"""The names in the zones of the tests of plans and writers."""


def numbered(number: int) -> ServiceKey:
    return ServiceKey("shop", f"s{number}")


def answer(number: int, *addresses: str) -> tuple[RecordSet, ...]:
    """The records of a numbered service with these load balancers; one by default."""
    return (RecordSet(FED.name(numbered(number), GLOBAL), A, 60, tuple(sorted(addresses)) or ("192.0.2.1",)),)


def a_claim(owner: str = "me", seq: int = 7) -> RecordSet:
    return RecordSet(FED.claim, TXT, 60, (f"heritage=feddns,federation=fed,owner={owner},seq={seq}",))


def some_terms(*, owner: str = "me", allow_deletions: bool = False, **budget: float) -> Terms:
    deletions = DeletionBudget(**{"share": 0.5, "at_least": 2, "window": 600.0, **budget})  # type: ignore[arg-type]  # tests name them
    return Terms(FED, owner, deletions, allow_deletions=allow_deletions)


def a_decision(key: ServiceKey, records: tuple[RecordSet, ...]) -> Decision:
    return Decision(key, records, (), (), (), {})
