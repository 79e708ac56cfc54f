"""Values that are wrong are refused before anything is installed, with words that say where and what would be right."""

from typing import Any

import pytest

from tests.charts.chart import HelmRefused, lint, render, scenes

pytestmark = pytest.mark.servers

GOOD = dict(scenes())["defaults"]
TARGETS: Any = [{"zone": zone, "provider": {"embedded": {}}} for zone in ("a.example.com", "b.example.com")]


def _merged(given: Any, more: Any) -> Any:
    if not isinstance(given, dict) or not isinstance(more, dict):
        return more
    return given | {key: _merged(given.get(key), value) for key, value in more.items()}


def test_the_chart_has_no_fault_with_its_defaults() -> None:
    assert "0 chart(s) failed" in lint({})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"replicas": 3}, "additional properties 'replicas' not allowed"),
        ({"replicaCount": "two"}, "at '/replicaCount': got string, want integer"),
        ({"replicaCount": 100}, "at '/replicaCount': maximum: got 100, want 10"),
        ({"configReload": "warm"}, "at '/configReload': value must be one of 'hot', 'restart'"),
        ({"image": {"pullPolicy": "Sometimes"}}, "value must be one of 'Always', 'IfNotPresent', 'Never'"),
        ({"image": {"digest": "sha256:12"}}, "at '/image/digest': 'sha256:12' does not match pattern"),
        ({"ports": {"dns": 53}}, "at '/ports/dns': minimum: got 53, want 1,024"),
        ({"ipFamilies": ["IPv5"]}, "at '/ipFamilies/0': value must be one of 'IPv4', 'IPv6'"),
        ({"ipFamilies": []}, "at '/ipFamilies': minItems: got 0, want 1"),
        ({"secretMounts": [{"secret": "us"}]}, "at '/secretMounts/0': missing property 'mountPath'"),
        (
            {"secretMounts": [{"secret": "us", "mountPath": "us"}]},
            "at '/secretMounts/0/mountPath': 'us' does not",
        ),
        (
            {"serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "feddns"}}},
            "at '/serviceAccount/annotations/eks.amazonaws.com~1role-arn': 'feddns' does not match pattern '^arn:aws",
        ),
        ({"dns": {"service": {"type": "Ingress"}}}, "value must be one of 'LoadBalancer', 'NodePort', 'ClusterIP'"),
        ({"extraEnv": [{"name": "PORT", "value": 1}]}, "at '/extraEnv/0/value': got number, want string"),
        ({"podAnnotations": {"a": True}}, "at '/podAnnotations/a': got boolean, want string"),
        ({"config": {"dns": {"ttl": "long"}}}, "at '/config/dns/ttl': got string, want integer"),
        ({"config": {"dns": {"tll": 30}}}, "at '/config/dns': additional properties 'tll' not allowed"),
        ({"config": {"dns": {"provider": {"route53": {"regoin": "x"}}}}}, "additional properties 'regoin' not allowed"),
        ({"config": {"clusters": [{"inCluster": True}]}}, "at '/config/clusters/0': missing property 'name'"),
        (
            {"config": {"dns": {"provider": {"embedded": {}}}}},
            "/config/dns/provider': maxProperties: got 2, want 1",
        ),
    ],
)
def test_the_schema_says_where_a_value_is_wrong(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(HelmRefused) as refused:
        render(_merged(GOOD, wrong))
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "config.federation is missing: the federation's name, a DNS label"),
        ({"config": {"federation": "f"}}, "config.dns needs a zone and a provider, such as `dns: {zone: example.com"),
        ({"config": {"federation": "f", "dns": {"zone": "example.com"}}}, "config.dns needs a zone and a provider"),
        (
            _merged(GOOD, {"config": {"dns": {"targets": TARGETS}}}),
            "config.dns has targets beside a zone",
        ),
        ({"config": {"federation": "f", "dns": {"targets": TARGETS}}}, "install one release for each embedded zone"),
        (
            {**GOOD, "secretMounts": [{"secret": "us", "mountPath": "/etc/feddns/us"}]},
            "cannot be mounted at /etc/feddns/us, as /etc/feddns is the read-only folder of the configuration; take",
        ),
    ],
)
def test_what_a_schema_cannot_say_is_refused_as_well(values: dict[str, Any], message: str) -> None:
    with pytest.raises(HelmRefused) as refused:
        render(values)
    assert message in str(refused.value)


@pytest.mark.parametrize("release", ["1feddns", "feddns.eu"])
def test_a_release_whose_services_would_have_no_name_is_refused(release: str) -> None:
    with pytest.raises(
        HelmRefused, match=f"would be called {release}, which is no name for a Service: .* set fullname"
    ):
        render(GOOD, release=release)
    assert render({**GOOD, "fullnameOverride": "feddns"}, release=release)
