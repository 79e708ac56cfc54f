"""docs/hostnames.md is held to what stands in the code."""

import re
from pathlib import Path

import msgspec
import yaml

from feddns.clusters.annotations import PREFIX, read_annotations
from feddns.config.settings import HostnameSettings
from feddns.model.records import TXT, DnsName, RecordSet
from feddns.model.services import ServiceKey
from feddns.plan.ownership import read_ownership

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "hostnames.md").read_text()
SETTINGS, SERVICE = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL))


def test_every_reason_of_a_problem_is_documented() -> None:
    files = ("records/permits.py", "records/hostnames.py", "plan/hostnames.py", "plan/proposal.py")
    code = "".join((ROOT / "feddns" / file).read_text() for file in files)
    reasons = set(re.findall(r'Problem\(\s*"([A-Z]\w+)"', code))
    assert len(reasons) > 8
    assert {reason for reason in reasons if f"| `{reason}` |" not in TEXT} == set()


def test_the_examples_are_valid() -> None:
    assert len(msgspec.convert(SETTINGS["hostnames"], list[HostnameSettings])) == 2
    wishes, problems = read_annotations(SERVICE["metadata"]["annotations"], "")
    assert problems == ()
    assert {PREFIX + "hostname"} == set(SERVICE["metadata"]["annotations"])
    entries = re.findall(r"^\| `([^`]*acme.com[^`]*)`", TEXT, re.MULTILINE)
    assert read_annotations({PREFIX + "hostname": ",".join(entries[:3])}, "")[0] == wishes


def test_the_ownership_in_the_text_is_one() -> None:
    ((name, text),) = re.findall(r'^    (_feddns\S+)  TXT  "(.*)"$', TEXT, re.MULTILINE)
    found = read_ownership(RecordSet(DnsName(name + "."), TXT, 300, (text,)))
    assert found is not None
    assert (found.hostname, found.service) == ("nginx.acme.com.", ServiceKey("shop", "nginx"))
