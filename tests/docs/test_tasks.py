"""docs/tasks: what a reader copies from the pages is taken, and what they show is what feddns answers."""

import itertools
import json
import re
from pathlib import Path
from typing import Any, Final, NamedTuple

import botocore.session
import pytest
import yaml
from botocore import xform_name

from feddns.config.parse import Loaded, load
from feddns.providers.installed import provider_class, provider_names
from tests.charts.chart import configuration, rendered
from tests.charts.resources import apply, remove_all
from tests.docs.commands import taken
from tests.docs.pages import Command, Page
from tests.e2e.running import Feddns
from tests.lab.federation import Lab
from tests.rules.files import ROOT

pytestmark = pytest.mark.servers

GKE, EKS, BIND, CLOUDS = (
    Page(f"tasks/{name}.md") for name in ("gke-cloud-dns", "eks-route53", "on-premises-bind", "several-clouds")
)
PAGES: Final = (GKE, EKS, BIND, CLOUDS)
ANYWHERE: Final = {"--output", "--query", "--region"}
"""Options that every command of the AWS CLI takes."""
PODS: Final = {"roleArn", "webIdentityTokenFile", "tsig"}
"""Settings that say who feddns is, which differ between a pod and a person's machine."""


class Place(NamedTuple):
    """A cluster of a page.

    Attributes:
        region: as its nodes say.
        zones: likewise.
    """

    address: str
    region: str
    zones: tuple[str, ...]


US, EU = "203.0.113.57", "203.0.113.30"
PLACES: Final = {
    GKE: {"us": Place(US, "us-central1", ("us-central1-a",)), "eu": Place(EU, "europe-west1", ("europe-west1-b",))},
    EKS: {"us": Place(US, "us-east-1", ("us-east-1a",)), "eu": Place(EU, "eu-west-1", ("eu-west-1a",))},
    CLOUDS: {"us": Place(US, "us-central1", ("us-central1-a",)), "eu": Place(EU, "eu-west-1", ("eu-west-1a",))},
}


def read(text: str) -> Loaded:
    """A configuration with its providers' settings, as `feddns check` reads it."""
    loaded = load(text, "feddns.yaml", provider_names())
    for target in loaded.targets:
        loaded.provider(target, provider_class(target.provider).Settings)
    return loaded


def every(program: str) -> list[Any]:
    return [(page, each) for page in PAGES for each in page.commands(program)]


def words(value: Page | Command) -> str:
    return value.path if isinstance(value, Page) else " ".join(value.words[1:3])


def option(words: tuple[str, ...], name: str) -> str:
    return words[words.index(name) + 1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
class TestEachPage:
    def test_its_configuration_is_valid_and_asks_for_what_its_values_ask_for(self, page: Page) -> None:
        laptop = read(page.file("feddns.yaml"))
        objects = rendered(yaml.safe_load(page.file("feddns-values.yaml")))
        pod = configuration(objects)
        read(yaml.safe_dump(pod))
        told = yaml.safe_load(page.file("feddns.yaml"))
        assert (without_identity(pod["dns"]), pod["federation"]) == (without_identity(told["dns"]), told["federation"])
        assert pod["clusterSecrets"]["namespace"] == laptop.settings.cluster_secrets.namespace  # type: ignore[union-attr]  # it has one, as the pod has
        state = laptop.settings.state.config_map
        assert state is not None
        assert pod["state"]["configMap"] == {"namespace": state.namespace, "name": state.name}

    def test_every_other_piece_of_yaml_is_a_part_of_the_values(self, page: Page) -> None:
        whole = yaml.safe_load(page.file("feddns-values.yaml"))
        for block in page.blocks:
            if block.language == "yaml" and not block.title:
                piece = yaml.safe_load(block.text)
                rendered({**whole, "config": {**whole["config"], **piece.pop("config", {})}, **piece})

    def test_it_goes_all_the_way(self, page: Page) -> None:
        steps = [*(each.words[0] for each in page.commands()), *re.findall(r"^## (.*)$", page.text, re.MULTILINE)]
        assert {"helm", "dig", "When it doesn't work"} <= set(steps)
        verbs = [each.words[1] for each in page.commands("feddns")]
        wanted = ["join", "check", "clusters", "zones", "plan", "status", "whatif", "drain", "undrain"]
        assert [verb for verb in dict.fromkeys(verbs) if verb in wanted] == wanted
        first_write = next(at for at, each in enumerate(page.commands()) if each.words[:2] == ("helm", "install"))
        assert any(each.words[:2] == ("feddns", "plan") for each in page.commands()[:first_write])

    def test_its_contexts_are_those_that_it_has_made_or_asks_for(self, page: Page) -> None:
        options = {"--context", "--host-context", "--kube-context"}
        named = {
            value
            for each in page.commands()
            for key, value in itertools.pairwise(each.words)
            if key in options or (each.words[0], key) == ("feddns", "join")
        }
        assert named == ({"berlin", "munich", "mgmt"} if page is BIND else {"us", "eu", "mgmt"})

    def test_the_files_that_it_speaks_of_are_there(self, page: Page) -> None:
        for command in page.commands("helm"):
            if command.words[1] == "install":
                assert (ROOT / command.words[3] / "Chart.yaml").is_file()
                assert page.file(option(command.words, "--values"))
        applied = [option(each.words, "-f") for each in page.commands("kubectl") if "apply" in each.words]
        assert len(applied) == 2
        assert all((ROOT / path).is_file() for path in applied)


def without_identity(value: Any) -> Any:
    """Settings without those that say who feddns is."""
    if isinstance(value, list):
        return [without_identity(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: without_identity(each) for key, each in value.items() if key not in PODS}


@pytest.mark.parametrize(("page", "command"), every("feddns"), ids=words)
def test_feddns_takes_every_command_line(page: Page, command: Command) -> None:
    for name in taken(command.words).get("target") or ():
        assert name in {target.name for target in read(page.file("feddns.yaml")).targets}


@pytest.mark.parametrize(("page", "command"), every("aws"), ids=words)
def test_aws_has_every_operation_and_option(page: Page, command: Command) -> None:
    service, operation, *rest = command.words[1:]
    options = {word for word in rest if word.startswith("--")} - ANYWHERE
    if operation == "update-kubeconfig":  # the CLI's own, in no model
        assert options == {"--name", "--alias"}
        return
    model = botocore.session.get_session().get_service_model(service)
    by_name = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(by_name[operation]).input_shape
    assert options <= {f"--{xform_name(name, '-')}" for name in shape.members}
    assert {f"--{xform_name(name, '-')}" for name in shape.required_members} <= options
    for file in re.findall(r"file://(\S+)", command.line):
        assert file in page.text.replace(command.line, "")


@pytest.mark.parametrize("page", [EKS, CLOUDS], ids=lambda page: page.path)
def test_the_trust_is_for_the_service_account_that_the_chart_makes(page: Page) -> None:
    objects = rendered(yaml.safe_load(page.file("feddns-values.yaml")))
    (account,) = (each["metadata"] for each in objects if each["kind"] == "ServiceAccount")
    (spec,) = (each["spec"]["template"]["spec"] for each in objects if each["kind"] == "Deployment")
    assert spec["serviceAccountName"] == account["name"]
    for text in page.given("json"):
        (statement,) = json.loads(text)["Statement"]
        asked = statement["Condition"]["StringEquals"]
        if statement["Action"] == "sts:AssumeRoleWithWebIdentity":
            issuer = statement["Principal"]["Federated"].partition("oidc-provider/")[2]
            subject = f"system:serviceaccount:{account['namespace']}:{account['name']}"
            assert asked == {f"{issuer}:sub": subject, f"{issuer}:aud": "sts.amazonaws.com"}
        else:
            assert asked["aws:RequestTag/kubernetes-namespace"] == account["namespace"]
            assert asked["aws:RequestTag/kubernetes-service-account"] == account["name"]


def test_the_token_for_the_other_cloud_is_where_the_provider_looks_for_it() -> None:
    objects = rendered(yaml.safe_load(CLOUDS.file("feddns-values.yaml")))
    (spec,) = (each["spec"]["template"]["spec"] for each in objects if each["kind"] == "Deployment")
    (volume,) = (each for each in spec["volumes"] if "projected" in each)
    (mount,) = (each for each in spec["containers"][0]["volumeMounts"] if each["name"] == volume["name"])
    path = f"{mount['mountPath']}/{volume['projected']['sources'][0]['serviceAccountToken']['path']}"
    assert configuration(objects)["dns"]["targets"][1]["provider"]["route53"]["webIdentityTokenFile"] == path


@pytest.mark.lab
@pytest.mark.parametrize("name", ["web.yaml", "web-nlb.yaml"])
async def test_an_api_server_takes_the_service(lab: Lab, namespace: str, name: str) -> None:
    objects = list(yaml.safe_load_all((ROOT / "docs" / "tasks" / name).read_text()))
    for each in objects[1:]:
        each["metadata"]["namespace"] = namespace
    try:
        for each in objects[1:]:
            await apply(lab["us"].api, each)
    finally:
        await remove_all(lab["us"].api, objects[1:])
    assert [each["kind"] for each in objects] == ["Namespace", "Deployment", "Service"]


@pytest.mark.parametrize("page", PLACES, ids=lambda page: page.path)
def test_the_answers_are_those_that_feddns_gives(page: Page, tmp_path: Path) -> None:
    healthy, without_eu = (records(page, tmp_path / name, out) for name, out in (("all", ""), ("without", "eu")))
    asked = page.commands("dig")
    assert len(asked) == 4
    for command, known in zip(asked, (healthy, healthy, without_eu, without_eu), strict=True):
        assert command.output.splitlines() == resolved(known, f"{command.words[-1]}."), command.line


def records(page: Page, folder: Path, out: str) -> dict[str, dict[str, Any]]:
    """What feddns would have in the zone, by name, if no endpoint of the cluster `out` were ready."""
    clusters = []
    for name, place in PLACES[page].items():
        (folder / name).mkdir(parents=True)
        (applied,) = (each.words[-1] for each in page.commands("kubectl") if each.words[2:4] == (name, "apply"))
        objects = [*yaml.safe_load_all((ROOT / applied).read_text()), a_slice(ready=name != out)]
        objects[2]["status"] = {"loadBalancer": {"ingress": [{"ip": place.address}]}}
        (folder / name / "web.yaml").write_text(yaml.safe_dump_all(objects))
        where = {"region": place.region, "zones": list(place.zones)}
        clusters.append({"name": name, "manifests": str(folder / name), **where})
    told = yaml.safe_load(page.file("feddns.yaml"))
    del told["clusterSecrets"], told["state"]
    made = Feddns(folder, {**told, "clusters": clusters}).records()
    return {each["name"]: each for each in made}


def a_slice(*, ready: bool) -> dict[str, Any]:
    labels = {"kubernetes.io/service-name": "web"}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"namespace": "shop", "name": "web-1", "labels": labels},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.1.0.7"], "conditions": {"ready": ready}}],
    }


def resolved(known: dict[str, dict[str, Any]], name: str) -> list[str]:
    """What `dig +short` prints of a name."""
    found: list[str] = known[name]["values"]
    return [*found, *resolved(known, found[0])] if known[name]["type"] == "CNAME" else found
