"""What the chart makes of values."""

import re
from typing import Any

import pytest
import yaml

from feddns.config.parse import load
from feddns.controller import reload
from feddns.providers.installed import provider_class, provider_names
from tests.charts.chart import (
    NAMESPACE,
    Object,
    Values,
    configuration,
    everything,
    render,
    rendered,
    scenes,
    the,
)
from tests.charts.values import FEDDNS

pytestmark = pytest.mark.servers

SCENES = dict(scenes())
LEAST = SCENES["defaults"]
EMBEDDED = SCENES["embedded"]
PEERS = "feddns-peers.feddns.svc"
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def template(objects: list[Object]) -> Any:
    (found,) = (each for each in objects if each["kind"] == "Deployment")
    return found["spec"]["template"]


def rules(objects: list[Object]) -> list[tuple[str, Any]]:
    return [
        (each["kind"], rule) for each in objects if each["kind"] in {"Role", "ClusterRole"} for rule in each["rules"]
    ]


def config(**more: Any) -> Values:
    return {"config": {**LEAST["config"], **more}}


@pytest.mark.parametrize("scene", SCENES)
def test_feddns_takes_the_configuration_of_every_scene(scene: str) -> None:
    (text,) = (each["data"]["feddns.yaml"] for each in rendered(SCENES[scene]) if "feddns.yaml" in each.get("data", {}))
    loaded = load(text, "feddns.yaml", provider_names())
    assert all(loaded.provider(target, provider_class(target.provider).Settings) for target in loaded.targets)
    assert (loaded.settings.leader_election is None) == (SCENES[scene].get("replicaCount") == 1)
    assert (loaded.settings.cluster_secrets is None) == (SCENES[scene].get("discoverClusters") is False)


@pytest.mark.parametrize("scene", SCENES)
def test_every_pod_is_restricted(scene: str) -> None:
    objects = rendered(SCENES[scene])
    for spec in (template(objects)["spec"], *(each["spec"] for each in objects if each["kind"] == "Pod")):
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert [container["securityContext"] for container in spec["containers"]] == [RESTRICTED]


def test_what_the_user_says_goes_before_what_the_pod_knows() -> None:
    given = {
        "web": {"listen": "127.0.0.1:8080"},
        "state": {"configMap": {"name": "orders"}},
        "leaderElection": {"namespace": "elsewhere", "leaseDuration": "20s"},
        "clusterSecrets": {"namespace": "clusters"},
    }
    objects = rendered(config(**given))
    found = configuration(objects)
    assert found["web"] == given["web"]
    assert found["state"] == {"configMap": {"name": "orders", "namespace": NAMESPACE}}
    assert found["leaderElection"] == {"namespace": "elsewhere", "name": "feddns", "leaseDuration": "20s"}
    assert found["clusterSecrets"] == given["clusterSecrets"]
    assert template(objects)["spec"]["containers"][0]["ports"][0]["containerPort"] == 8080
    assert the(objects, "Service")["spec"]["ports"][0]["port"] == 8080
    assert the(objects, "Role", "feddns-leader")["metadata"]["namespace"] == "elsewhere"
    assert the(objects, "Role", "feddns-clusters")["metadata"]["namespace"] == "clusters"


def test_a_configuration_goes_through_as_it_is_zeros_and_large_numbers_included() -> None:
    given = {
        "services": {"select": "annotated", "selector": "", "namespaces": {"include": [], "exclude": ["kube-*"]}},
        "write": {"reread": 1234567, "deadline": "1m30s"},
        "clusters": [{"name": "here", "inCluster": False, "kubeconfig": "/a/b"}],
    }
    found = configuration(rendered(config(**given)))
    assert {key: found[key] for key in given} == given
    own = {"negativeTtl": 0, "listen": ["0.0.0.0:5300"]}
    objects = rendered(config(dns={"zone": "example.com", "provider": {"embedded": own}}))
    embedded = configuration(objects)["dns"]["provider"]["embedded"]
    of_pod = {"lameduck": "25s", "file": "/var/lib/feddns/example.com.zone.sqlite", "peers": [f"{PEERS}:5300"]}
    assert embedded == {**own, **of_pod}
    assert {port["containerPort"] for port in template(objects)["spec"]["containers"][0]["ports"][1:]} == {5300}


def test_orders_in_a_file_have_no_config_map() -> None:
    objects = rendered(config(state={"file": "/data/state.json"}))
    assert configuration(objects)["state"] == {"file": "/data/state.json"}
    assert [each for each in objects if each["kind"] == "Role" and each["metadata"]["name"].endswith("state")] == []


def test_an_embedded_zone_in_a_list_of_targets_is_served_like_one_alone() -> None:
    targets = [
        {"zone": "a.example.com", "provider": {"route53": None}},
        {"zone": "b.com.", "provider": {"embedded": {}}},
    ]
    objects = rendered({"config": {"federation": "f", "dns": {"targets": targets}}})
    (route53, embedded) = configuration(objects)["dns"]["targets"]
    assert route53 == targets[0]
    assert embedded["provider"]["embedded"] == {
        "listen": ["0.0.0.0:5353"],
        "lameduck": "25s",
        "file": "/var/lib/feddns/b.com.zone.sqlite",
        "peers": [f"{PEERS}:5353"],
    }
    assert the(objects, "Service", "feddns-dns")


def test_the_dns_service_has_both_protocols_on_port_53() -> None:
    objects = rendered(EMBEDDED)
    service = the(objects, "Service", "feddns-dns")
    assert {(port["port"], port["protocol"]) for port in service["spec"]["ports"]} == {(53, "UDP"), (53, "TCP")}
    named = {port["name"]: port["protocol"] for port in template(objects)["spec"]["containers"][0]["ports"]}
    assert all(named[port["targetPort"]] == port["protocol"] for port in service["spec"]["ports"])
    assert service["spec"]["externalTrafficPolicy"] == "Local"
    assert service["spec"]["ipFamilyPolicy"] == "PreferDualStack"
    assert service["metadata"]["annotations"]["feddns.io/ignore"] == "true"
    assert configuration(objects)["dns"]["provider"]["embedded"]["listen"] == ["0.0.0.0:5353", "[::]:5353"]


def test_a_pod_behind_a_load_balancer_answers_until_that_has_learnt_that_it_goes() -> None:
    for grace_s, lameduck, failures in ((30, "25s", 6), (33, "28s", 7), (60, "55s", 12), (5, "3s", 2)):
        objects = rendered({**EMBEDDED, "terminationGracePeriodSeconds": grace_s})
        assert configuration(objects)["dns"]["provider"]["embedded"]["lameduck"] == lameduck
        probe = template(objects)["spec"]["containers"][0]["readinessProbe"]
        assert (probe["failureThreshold"], probe["periodSeconds"]) == (failures, 5)
    inside = rendered({**EMBEDDED, "dns": {"service": {"type": "ClusterIP"}}})
    assert "lameduck" not in configuration(inside)["dns"]["provider"]["embedded"]
    assert template(inside)["spec"]["containers"][0]["readinessProbe"]["failureThreshold"] == 2
    own = rendered(config(dns={"zone": "example.com", "provider": {"embedded": {"lameduck": 0}}}))
    assert configuration(own)["dns"]["provider"]["embedded"]["lameduck"] == 0


def test_pods_find_each_other_by_a_name_that_leads_to_those_that_are_not_ready_too() -> None:
    objects = rendered(EMBEDDED)
    service = the(objects, "Service", "feddns-peers")
    assert (service["spec"]["clusterIP"], service["spec"]["publishNotReadyAddresses"]) == ("None", True)
    assert service["spec"]["ipFamilyPolicy"] == "PreferDualStack"
    (port,) = service["spec"]["ports"]
    named = {each["name"]: each["containerPort"] for each in template(objects)["spec"]["containers"][0]["ports"]}
    assert named[port["targetPort"]] == port["port"] == 5353
    assert configuration(objects)["dns"]["provider"]["embedded"]["peers"] == [f"{PEERS}:5353"]
    own: Any = {"peers": ["192.0.2.54:53"], "listen": ["192.0.2.53:53"]}
    theirs = rendered(config(dns={"zone": "example.com", "provider": {"embedded": own}}))
    assert configuration(theirs)["dns"]["provider"]["embedded"]["peers"] == own["peers"]


def test_pods_may_ask_each_other_for_their_zone_whatever_else_they_may_reach() -> None:
    objects = rendered(everything())
    (policy,) = (each["spec"] for each in objects if each["kind"] == "NetworkPolicy")
    own = everything()["networkPolicy"]["egress"]
    (added,) = (rule for rule in policy["egress"] if rule not in own)
    assert added["ports"] == [{"port": 5353, "protocol": "TCP"}]
    assert added["to"] == [{"podSelector": policy["podSelector"]}]
    assert {"ports": [{"port": "dns", "protocol": "UDP"}, {"port": "dns-tcp", "protocol": "TCP"}]} in policy["ingress"]


def test_a_dns_service_of_one_family_says_so() -> None:
    objects = rendered({**EMBEDDED, "ipFamilies": ["IPv6"]})
    for spec in (the(objects, "Service", name)["spec"] for name in ("feddns-dns", "feddns-peers")):
        assert (spec["ipFamilyPolicy"], spec["ipFamilies"]) == ("SingleStack", ["IPv6"])


def test_pods_of_a_new_version_are_spread_among_themselves() -> None:
    own = {"matchLabels": {"app.kubernetes.io/name": "feddns", "app.kubernetes.io/instance": "feddns"}}
    for each in template(rendered(LEAST))["spec"]["topologySpreadConstraints"]:
        assert (each["labelSelector"], each["matchLabelKeys"]) == (own, ["pod-template-hash"])
    theirs = {"maxSkew": 1, "topologyKey": "rack", "whenUnsatisfiable": "DoNotSchedule"}
    selected = {**theirs, "labelSelector": {"matchLabels": {"team": "platform"}}}
    objects = rendered({**LEAST, "topologySpreadConstraints": [theirs, selected]})
    assert template(objects)["spec"]["topologySpreadConstraints"] == [{**theirs, "labelSelector": own}, selected]


@pytest.mark.parametrize("name", ["2024", "1e3", "null", "true"])
def test_names_that_look_like_something_else_stay_names(name: str) -> None:
    objects = rendered({**everything(), "fullnameOverride": "true"}, release=name, namespace=name)
    for each in objects:
        metadata = each["metadata"]
        assert metadata.get("namespace", name) == name
        assert metadata["labels"]["app.kubernetes.io/instance"] == name
        assert isinstance(metadata["name"], str)
    (text,) = (each["data"]["feddns.yaml"] for each in objects if "feddns.yaml" in each.get("data", {}))
    assert yaml.safe_load(text)["leaderElection"] == {"namespace": name, "name": "true"}
    (lease,) = (rule for _, rule in rules(objects) if rule.get("resourceNames") == ["true"])
    assert lease["resources"] == ["leases"]


def test_without_an_embedded_zone_there_is_no_dns_service_and_no_volume_for_it() -> None:
    objects = rendered(LEAST)
    assert [each["metadata"]["name"] for each in objects if each["kind"] == "Service"] == ["feddns"]
    assert [volume["name"] for volume in template(objects)["spec"]["volumes"]] == ["config", "tmp"]


def test_services_lead_to_the_pods_and_not_to_the_test() -> None:
    objects = rendered(EMBEDDED)
    (test,) = (each for each in objects if each["kind"] == "Pod")
    pods = template(objects)["metadata"]["labels"]
    for service in (each for each in objects if each["kind"] == "Service"):
        assert service["spec"]["selector"].items() <= pods.items()
        assert not service["spec"]["selector"].items() <= test["metadata"]["labels"].items()


def test_the_test_is_where_the_pods_are_and_may_ask_even_where_only_some_may() -> None:
    objects = rendered(everything())
    (policy,) = (each for each in objects if each["kind"] == "NetworkPolicy")
    (test,) = (each for each in objects if each["kind"] == "Pod")
    first, *others = policy["spec"]["ingress"][0]["from"]
    assert first["podSelector"]["matchLabels"].items() <= test["metadata"]["labels"].items()
    assert others == everything()["networkPolicy"]["metricsFrom"]
    assert policy["spec"]["egress"][:-1] == everything()["networkPolicy"]["egress"]
    assert test["spec"]["nodeSelector"] == everything()["nodeSelector"]
    assert test["spec"]["tolerations"] == everything()["tolerations"]


def test_a_changed_configuration_is_taken_up_by_the_pods_that_run() -> None:
    before, after = (template(rendered(values)) for values in (LEAST, config(write={"deadline": "30s"})))
    assert before == after
    mounts = before["spec"]["containers"][0]["volumeMounts"]
    assert [mount for mount in mounts if "subPath" in mount] == []  # which would never change


AT_START: dict[str, dict[str, Any]] = {
    "clusterSecrets": {"clusterSecrets": {"namespace": "elsewhere"}},
    "health.probing": {"health": {"probing": {"concurrency": 7}}},
    "leaderElection": {"leaderElection": {"leaseDuration": "20s"}},
    "state": {"state": {"configMap": {"name": "orders"}}},
    "web": {"web": {"listen": "0.0.0.0:1234"}},
}


def test_what_feddns_reads_at_its_start_alone_takes_new_pods() -> None:
    assert AT_START.keys() == set(reload.AT_START)
    before = template(rendered(LEAST))["metadata"]["annotations"]
    for values in AT_START.values():
        assert template(rendered(config(**values)))["metadata"]["annotations"] != before


def test_every_change_takes_new_pods_where_that_is_asked_for() -> None:
    restart = {"configReload": "restart"}
    before, after = (template(rendered({**each, **restart})) for each in (LEAST, config(write={"deadline": "30s"})))
    assert before["metadata"]["annotations"] != after["metadata"]["annotations"]


def test_rights_are_those_that_the_configuration_needs() -> None:
    alone = rendered({**SCENES["a single replica"], "replicaCount": 1, "discoverClusters": False})
    assert [(kind, rule["resources"]) for kind, rule in rules(alone)] == [("Role", ["configmaps"])] * 2
    host = rendered(config(clusters=[{"name": "here", "inCluster": True}]))
    cluster = [rule for kind, rule in rules(host) if kind == "ClusterRole"]
    assert [rule.get("resources") for rule in cluster] == [
        ["services"],
        ["endpointslices"],
        ["nodes"],
        ["events"],
        None,
    ]
    placed = {"name": "here", "inCluster": True, "region": "r", "zones": ["z"]}
    told = rendered(config(clusters=[placed], services={"events": False}))
    assert [rule.get("resources") for kind, rule in rules(told) if kind == "ClusterRole"] == [
        ["services"],
        ["endpointslices"],
        None,
    ]
    assert rules(rendered({**everything(), "rbac": {"create": False}})) == []


def test_what_is_in_another_cluster_has_no_role_here() -> None:
    there = {"namespace": "feddns", "kubeconfig": "/etc/feddns-secrets/host/kubeconfig"}
    objects = rendered(config(state={"configMap": there}, leaderElection=there, clusterSecrets=there))
    assert rules(objects) == []


def test_no_right_is_a_wildcard() -> None:
    for _, rule in rules(rendered({**everything()})):
        assert "*" not in {*rule.get("resources", ()), *rule.get("apiGroups", ()), *rule["verbs"]}


def test_one_pod_ends_before_the_next_one_writes_and_two_overlap() -> None:
    one, two = (the(rendered({**LEAST, "replicaCount": count}), "Deployment")["spec"] for count in (1, 2))
    assert one["strategy"] == {"type": "Recreate"}
    assert two["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    assert the(rendered({**EMBEDDED, "replicaCount": 1}), "Deployment")["spec"]["strategy"]["type"] == "RollingUpdate"


def test_the_image_is_that_of_the_chart_or_the_digest() -> None:
    version = re.findall(r'appVersion: "(.*)"', (FEDDNS / "Chart.yaml").read_text())[0]
    assert template(rendered(LEAST))["spec"]["containers"][0]["image"] == f"feddns:{version}"
    image = template(rendered(everything()))["spec"]["containers"][0]["image"]
    assert image == f"registry.example.com/dns/feddns@sha256:{'0a' * 32}"


def test_the_end_of_one_of_several_installations_is_seen_where_the_chart_has_it_scraped() -> None:
    def down(values: Values) -> str:
        return next(line for line in render(values).splitlines() if "absent(feddns_build_info" in line).strip()

    assert down(everything()) == 'expr: absent(feddns_build_info{namespace="feddns", job="dns-federation"})'
    assert down({**LEAST, "prometheusRule": {"enabled": True}}) == "expr: absent(feddns_build_info)"


def test_alerts_and_dashboard_come_as_they_are() -> None:
    text = render(everything())
    objects = rendered(everything())
    assert "ServiceMonitor" in text
    (alerts,) = (each for each in objects if each["kind"] == "PrometheusRule")
    assert sum(len(group["rules"]) for group in alerts["spec"]["groups"]) > 0
    assert "{{" in str(alerts)  # of Prometheus, which Helm left alone
    (dashboard,) = (each for each in objects if each["metadata"]["labels"].get("grafana_dashboard") == "1")
    assert dashboard["data"]["feddns.json"].strip() == (FEDDNS / "dashboards" / "feddns.json").read_text().strip()
