from pathlib import Path
from typing import Any

import pytest
import yaml

from feddns.model.evidence import ClusterState, Sight, Sighting
from feddns.model.services import ReadyEndpoints, ServiceKey, Shard
from feddns.model.topology import ClusterName, Topology
from tests.builders import NOW, a_policy, decided

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "vectors" / "federation.yaml").read_text())[
    "cases"
]


def sighting(cluster: dict[str, Any], key: ServiceKey) -> Sighting:
    name = ClusterName(cluster["name"])
    state = ClusterState(name, Sight.VISIBLE, NOW, Topology(cluster["region"], tuple(cluster["zones"])))
    ready = ReadyEndpoints(total=1 if cluster["healthy"] else 0)
    return Sighting(state, Shard(key, name, tuple(sorted(cluster["ingress"])), ready=ready))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_worked_example_comes_out_as_written(case: dict[str, Any]) -> None:
    key = ServiceKey(case["service"]["namespace"], case["service"]["name"])
    policy = a_policy(case["federation"], case["zone"], ttl=case["ttl"])
    decision = decided(*(sighting(cluster, key) for cluster in case["clusters"]), policy=policy, key=key)
    found = [
        {"name": record.name, "type": record.type, "ttl": record.ttl, "values": list(record.values)}
        for record in decision.records
    ]
    assert found == sorted(case["expect"], key=lambda record: (record["name"], record["type"]))
