"""Objects of clusters as JSON, straight into the decoders: at worst one is unreadable.

What is read may go on to names, answers and people, so it is checked there: names are refused by the one error that is
meant for it, addresses are addresses, and problems fit on a line.
"""

import ipaddress
from collections import Counter
from collections.abc import Sequence

import msgspec

from feddns.clusters.decode import NodeFacts, ObjectError, Reader, ServiceFacts
from feddns.clusters.kubernetes.resources import resources
from feddns.clusters.selection import Selection
from feddns.clusters.topology import locate
from feddns.clusters.view import ClusterView
from feddns.clusters.wire import UNREADABLE, ObjectList
from feddns.config.settings import ClusterSettings, HostnameSettings, ServiceSettings
from feddns.errors import InvalidNameError
from feddns.model.labels import is_hostname
from feddns.model.records import ZoneName
from feddns.model.topology import GLOBAL, ClusterName, Scope
from feddns.naming import Names
from feddns.records.permits import Permits, Wished, permit
from tests.clusters.observing import Recorder

CLUSTER = ClusterName("us")
SETTINGS = ClusterSettings("us")
NAMES = Names.of("fed", "example.com")
PERMITS = Permits(NAMES, (NAMES.zone, ZoneName("other.example.")), (HostnameSettings("shop.example.com", ("shop",)),))
READER = Reader(CLUSTER, Selection(ServiceSettings()))
RESOURCES = resources(ClusterView(SETTINGS, 45.0, Recorder(), 0.0), READER, lambda: 0.0)
MOST_PROBLEMS = 400


def fuzz(data: bytes) -> None:
    kind, octets = (data[0], data[1:]) if data else (0, b"")
    items: Sequence[msgspec.Raw]
    if kind % 4 == 3:
        try:
            items = msgspec.json.decode(octets, type=ObjectList).items or ()
        except UNREADABLE:
            return
    else:
        items = (msgspec.Raw(octets),)
    resource = RESOURCES[kind % 3]
    for item in items:
        try:
            _, facts = resource.read(resource.decode(item))
        except ObjectError as error:
            assert str(error)
            continue
        if isinstance(facts, ServiceFacts):
            _check(facts)
        elif isinstance(facts, NodeFacts):
            _check_place(facts)


def _check(facts: ServiceFacts) -> None:
    assert len(facts.problems) <= MOST_PROBLEMS
    assert all(problem.text.isprintable() for problem in facts.problems), facts.problems
    shard = facts.shard
    if shard is None:
        return
    assert len(shard.addresses) + len(shard.hostnames) <= 100
    assert all(str(ipaddress.ip_address(address)) == address for address in shard.addresses)
    for scope in (GLOBAL, Scope("us"), Scope("us", "us-a")):
        try:
            name = NAMES.name(shard.key, scope)
        except InvalidNameError:
            continue
        assert NAMES.parse(name) == (shard.key, scope)
    permitted, _ = permit(shard.key, [Wished(wish, CLUSTER) for wish in shard.wishes], ("us",), PERMITS)
    for each in permitted:
        assert is_hostname(each.hostname)
        assert each.hostname.endswith(".shop.example.com.") or each.hostname == "shop.example.com."
        assert shard.key.namespace == "shop"


def _check_place(facts: NodeFacts) -> None:

    topology, problems = locate(Counter([facts]), SETTINGS)
    assert len(topology.zones) <= 1
    assert all(problem.text.isprintable() for problem in problems)
