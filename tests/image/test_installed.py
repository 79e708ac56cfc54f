"""What the image's steps install is what is locked, and runs where nothing can be written."""

import base64
import json
import os
import re
import signal
import stat
import subprocess
from pathlib import Path

import dns.message
import dns.query
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from feddns import __version__
from tests.image.installed import Pod, contained, until_line, uv
from tests.providers.fakes.route53 import FakeRoute53
from tests.providers.route53.sts import Sts
from tests.quickstart import NGINX, Quickstart
from tests.rules.files import ROOT

pytestmark = pytest.mark.servers

LISTING = (
    "import importlib.metadata as m, json; print(json.dumps({d.name.lower(): d.version for d in m.distributions()}))"
)
UNCOMPILED = r"^# code object from '?([^'\n]*site-packages[^'\n]*\.py)'?$"
AWS = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s"}
KUBECONFIG: dict[str, object] = {
    "current-context": "c",
    "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "u", "user": {"token": "t"}}],
}


def test_what_is_locked_is_installed_and_nothing_else(pod: Pod) -> None:
    export = [str(uv()), "export", "--frozen", "--no-default-groups", "--no-emit-project", "--no-hashes", "--quiet"]
    lines = subprocess.run(export, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    wanted = [Requirement(line) for line in lines if re.match(r"\w", line)]
    locked = {
        canonicalize_name(each.name): str(each.specifier).removeprefix("==")
        for each in wanted
        if each.marker is None or each.marker.evaluate()
    }
    found = {canonicalize_name(name): version for name, version in json.loads(pod.python(LISTING)).items()}
    assert found == locked | {"feddns": __version__}


def test_everybody_may_read_and_nobody_else_may_write(prefix: Path) -> None:
    modes = {path: path.stat().st_mode for path in prefix.rglob("*") if not path.is_symlink()}
    assert {path for path, mode in modes.items() if not mode & stat.S_IROTH or mode & stat.S_IWOTH} == set()


def test_feddns_answers_from_a_read_only_tree(pod: Pod) -> None:
    Quickstart(pod.etc)
    assert pod.run("--version").stdout == f"feddns {__version__}\n"
    records = pod.run("records", "--output", "json")
    assert (records.returncode, records.stderr) == (0, "")
    assert f"{NGINX}.example.com." in {record["name"] for record in json.loads(records.stdout)}


def test_feddns_serves_from_a_read_only_tree_until_it_is_told_to_end(pod: Pod) -> None:
    embedded = {"listen": ["127.0.0.1:0"], "file": str(pod.volume / "zone.sqlite")}
    Quickstart(pod.etc).configure(
        dns={"zone": "example.com", "provider": {"embedded": embedded}}, state={"file": str(pod.volume / "state.json")}
    )
    process = pod.start("run")
    try:
        (address,) = json.loads(until_line(process, "serving"))["addresses"]
        until_line(process, "records written")
        question = dns.message.make_query(f"{NGINX}.example.com.", "A")
        answer = dns.query.udp(question, "127.0.0.1", port=int(address.rpartition(":")[2]), timeout=5)
        assert [len(records) for records in answer.answer] == [3]
        os.kill(contained(process), signal.SIGTERM)
        rest = process.communicate(timeout=20)[0]
        assert (process.returncode, "stopped" in rest) == (0, True)
    finally:
        process.kill()
        process.communicate()


def test_a_kubeconfig_with_keys_inside_needs_no_folder_for_temporary_files(pod: Pod) -> None:
    inline = base64.b64encode(b"no certificate").decode()
    broken = KUBECONFIG | {
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1", "certificate-authority-data": inline}}]
    }
    _configure(pod, {"embedded": {"file": str(pod.volume / "zone.sqlite")}}, broken)
    told = pod.run("records").stderr
    assert "is not usable" in told  # OpenSSL has had a file to look at
    assert "temporary" not in told


def test_all_that_is_loaded_is_compiled(pod: Pod) -> None:
    with FakeRoute53() as fake:
        fake.account.add_zone("example.com")
        _configure(pod, {"route53": {"endpointUrl": fake.url}}, KUBECONFIG)
        told = pod.run("plan", more=AWS | {"PYTHONVERBOSE": "1"}).stderr
    assert "site-packages/kubernetes/" in told
    assert "site-packages/botocore/" in told
    assert re.findall(UNCOMPILED, told, re.MULTILINE) == []


def test_route_53_and_a_role_need_no_other_models_than_the_image_has(pod: Pod) -> None:
    with FakeRoute53() as fake, Sts() as sts:
        fake.account.add_zone("example.com")
        role = {"roleArn": "arn:aws:iam::111122223333:role/feddns", "endpointUrl": fake.url}
        Quickstart(pod.etc).configure(dns={"zone": "example.com", "provider": {"route53": role}})
        applied = pod.run("apply", more=AWS | {"AWS_ENDPOINT_URL_STS": sts.url})
        assert applied.returncode == 0, applied.stderr
        assert set(fake.account.keys) == {"ASIA1"}


def test_every_service_that_botocore_asks_for_credentials_is_there(pod: Pod) -> None:
    asked = pod.python(
        "import botocore.credentials, botocore.session, botocore.tokens, inspect, json, re\n"
        "text = inspect.getsource(botocore.credentials) + inspect.getsource(botocore.tokens)\n"
        "names = set(re.findall(r'client(?:_creator)?\\(\\s*[\\'\"]([a-z0-9-]+)', text))\n"
        "loader = botocore.session.Session().get_component('data_loader')\n"
        "print(json.dumps([sorted(names), loader.list_available_services('service-2')]))\n"
    )
    names, present = json.loads(asked)
    assert {"sts", "sso", "sso-oidc", "signin"} <= set(names) | {"sso-oidc"}
    assert set(names) | {"route53"} <= set(present) == {"route53", "sts", "sso", "sso-oidc", "signin"}


def test_the_bytecode_does_not_hold_when_it_was_made(prefix: Path) -> None:
    flags = {path: path.read_bytes()[4:8] for path in prefix.rglob("*.pyc")}
    assert len(flags) > 500
    assert {path for path, found in flags.items() if found != b"\1\0\0\0"} == set()  # PEP 552: unchecked, by hash


def _configure(pod: Pod, provider: dict[str, object], kubeconfig: dict[str, object]) -> None:
    (pod.etc / "kubeconfig").write_text(yaml.safe_dump(kubeconfig))
    settings = {
        "federation": "f",
        "dns": {"zone": "example.com", "provider": provider},
        "clusters": [{"name": "c", "kubeconfig": "kubeconfig"}],
        "state": {"file": str(pod.volume / "state.json")},
        "watch": {"startGrace": "1s"},
    }
    (pod.etc / "feddns.yaml").write_text(yaml.safe_dump(settings))
