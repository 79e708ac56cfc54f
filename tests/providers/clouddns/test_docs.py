"""docs/providers/clouddns.md says what the code does."""

import re
from pathlib import Path

import msgspec
import yaml

from feddns.config.durations import format_duration
from feddns.config.parse import load
from feddns.providers.clouddns.calls import Call
from feddns.providers.clouddns.resources import Quota
from feddns.providers.clouddns.settings import CloudDnsSettings

PAGE = (Path(__file__).parents[3] / "docs" / "providers" / "clouddns.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
ROWS = dict(re.findall(r"^\| `(\w+)` \| *([^|]*?) *\|", PAGE.partition("## Which zone")[0], re.MULTILINE))


def example(word: str) -> str:
    (found,) = (text for text in EXAMPLES if word in text)
    return str(found)


def test_every_setting_stands_in_the_table_with_its_default() -> None:
    fields = {field.encode_name: field.default for field in msgspec.structs.fields(CloudDnsSettings)}
    assert ROWS.keys() == fields.keys()
    assert ROWS["timeout"] == f"`{format_duration(fields['timeout'])}`"
    for name in ("waitForDone", "burst", "anonymous"):
        assert ROWS[name] == f"`{str(fields[name]).lower()}`"
    assert ROWS["requestsPerSecond"] == f"`{fields['requestsPerSecond']:g}`"


def test_the_role_has_exactly_the_permissions_that_the_calls_need() -> None:
    role = yaml.safe_load(example("includedPermissions"))
    assert role["includedPermissions"] == sorted(permission for call in Call for permission in call.permissions)


def test_the_first_example_is_a_valid_configuration() -> None:
    loaded = load(example("federation: myfederation"), "feddns.yaml", ("clouddns",))
    (target,) = loaded.targets
    assert loaded.provider(target, CloudDnsSettings) == CloudDnsSettings(project="my-dns-project")


def test_the_example_of_twins_is_a_valid_configuration() -> None:
    base = yaml.safe_load(example("federation: myfederation"))
    base["dns"] = yaml.safe_load(example("targets:"))
    loaded = load(yaml.safe_dump(base), "feddns.yaml", ("clouddns",))
    settings = [loaded.provider(target, CloudDnsSettings) for target in loaded.targets]
    assert [getattr(each, "private", None) for each in settings] == [False, True]


def test_the_quotas_are_those_that_are_taken_for_granted() -> None:
    quota = Quota()
    assert f"{quota.rrset_additions_per_change:,} additions, {quota.rrset_deletions_per_change:,} deletions" in PAGE
    assert f"{quota.total_rrdata_size_per_change:,} characters" in PAGE
