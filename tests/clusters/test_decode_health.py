"""What a Service asks for about its health, as its shard has it."""

from typing import Any

import msgspec

from feddns.clusters.decode import Reader
from feddns.clusters.probes import Probes
from feddns.clusters.selection import Selection
from feddns.clusters.wire import Service
from feddns.config.probing import ProbeSettings, TcpSettings
from feddns.config.settings import ServiceSettings
from feddns.model.probing import HttpProbe, Probe, TcpProbe
from feddns.model.services import Shard
from feddns.model.topology import ClusterName
from tests.clusters import objects
from tests.clusters.test_decode import shard_of

BY_TCP = ProbeSettings(tcp=TcpSettings())


def with_ports(annotations: dict[str, str], *ports: dict[str, Any]) -> dict[str, Any]:
    spec = {"type": "LoadBalancer", "ports": list(ports)}
    return {**objects.service("web", "192.0.2.1", annotations=annotations), "spec": spec}


def test_what_annotations_say_about_health_is_in_the_shard() -> None:
    annotations = {
        "feddns.io/probe": "http:web/healthz",
        "feddns.io/no-healthy-shards": "keep",
        "feddns.io/panic": "drop",
    }
    shard = shard_of(with_ports(annotations, {"name": "web", "port": 8080, "protocol": "TCP", "nodePort": 30_000}))
    assert shard.probe == Probe(HttpProbe(8080, path="/healthz"))
    assert (shard.no_healthy_shards, shard.panic, shard.problems) == ("keep", "drop", ())


def shard_with_default(service: dict[str, Any]) -> Shard:
    reader = Reader(ClusterName("us"), Selection(ServiceSettings()), Probes(ClusterName("us"), BY_TCP))
    _, facts = reader.service(msgspec.convert(service, Service))
    assert facts is not None
    assert facts.shard is not None
    return facts.shard


def test_a_probe_that_no_port_fits_is_a_problem_where_the_annotation_asks_for_it() -> None:
    dns = {"name": "dns", "port": 53, "protocol": "UDP"}
    shard = shard_of(with_ports({"feddns.io/probe": "tcp"}, dns))
    assert shard.probe is None
    text = "shop/web in cluster us: annotation feddns.io/probe asks for a port by tcp, but it has no port of TCP; give "
    assert [problem.reason for problem in shard.problems] == ["NoPortToProbe"]
    assert shard.problems[0].text.startswith(text)
    shard = shard_with_default(with_ports({}, dns))
    assert (shard.probe, shard.problems) == (None, ())


def test_a_refused_probe_counts_as_not_given_so_that_the_default_holds() -> None:
    shard = shard_with_default(with_ports({"feddns.io/probe": "icmp"}, {"port": 80}))
    assert shard.probe == Probe(TcpProbe(80))
    assert [problem.reason for problem in shard.problems] == ["InvalidAnnotation"]
