"""What the docs tell people to give to Helm is taken."""

import re
from pathlib import Path

import pytest
import yaml

from tests.charts.chart import HelmRefused, configuration, render, rendered, scenes, the
from tests.charts.values import FEDDNS
from tests.rules.files import ROOT

pytestmark = pytest.mark.servers

INSTALL = ROOT / "docs" / "install.md"
README = FEDDNS / "README.md"
LEAST = dict(scenes())["defaults"]


def examples(page: Path) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)


def test_there_are_examples() -> None:
    assert [len(examples(page)) for page in (INSTALL, README)] == [7, 1]


@pytest.mark.parametrize("example", [*examples(INSTALL), *examples(README)])
def test_every_example_of_values_renders(example: str) -> None:
    given = yaml.safe_load(example)
    objects = rendered({**LEAST, **given})
    assert configuration(objects)["dns"]["zone"] in {"example.com", "fed.example.com"}
    mounted = {volume["secret"]["secretName"] for volume in volumes(objects) if "secret" in volume}
    assert mounted == {mount["secret"] for mount in given.get("secretMounts", ())}


def volumes(objects: list[dict[str, object]]) -> list[dict[str, dict[str, str]]]:
    spec: list[dict[str, dict[str, str]]] = the(objects, "Deployment")["spec"]["template"]["spec"]["volumes"]
    return spec


def test_a_wrong_value_is_refused_as_the_docs_show() -> None:
    shown = re.findall(r"^(- at .*)$", INSTALL.read_text(), re.MULTILINE)
    with pytest.raises(HelmRefused) as refused:
        render({"config": {**LEAST["config"], "dns": {"tll": 30}}})
    assert shown
    assert all(line in str(refused.value) for line in shown)


def test_the_table_of_rights_tells_of_every_rule_that_a_template_has() -> None:
    templates = "".join((FEDDNS / "templates" / name).read_text() for name in ("roles.yaml", "clusterrole.yaml"))
    table = README.read_text().partition("## Rights")[2].partition("## Values")[0].lower()
    resources = {name for found in re.findall(r"resources: \[(.*?)\]", templates) for name in found.split(", ")}
    assert resources == {"configmaps", "leases", "secrets", "services", "endpointslices", "nodes", "events"}
    assert [name for name in resources if name[:-1] not in table] == []
    assert "/readyz" in table
