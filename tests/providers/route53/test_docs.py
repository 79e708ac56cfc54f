"""What docs/providers/route53.md says is so."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from feddns.errors import Unauthorized
from feddns.model.changes import Batch, Create, Delete, Fence, Replace
from feddns.model.records import ALIAS, ALIAS_TTL_S, DnsName, RecordSet, ZoneName
from feddns.providers.route53 import Route53
from feddns.providers.route53.api import METHODS
from feddns.providers.route53.settings import Route53Settings
from feddns.testing.pen import Pen
from tests.providers.fakes.route53 import FakeRoute53
from tests.providers.route53.conftest import Inline, OpenRoute53

PAGE = (Path(__file__).parents[3] / "docs" / "providers" / "route53.md").read_text()
STATEMENTS: list[dict[str, Any]] = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])["Statement"]
ACTIONS = {
    action.removeprefix("route53:")
    for statement in STATEMENTS
    for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
}


async def everything(provider: Route53) -> None:
    """Let a provider do all that it can do, and leave the zone as it was."""
    pen = Pen(provider, ZoneName("example.com."))
    leads = RecordSet(DnsName("lb.example.com."), ALIAS, ALIAS_TTL_S, ("a-1.eu-west-1.elb.amazonaws.com.",))
    old, new = pen.set("www", "A", "192.0.2.1"), pen.set("www", "A", "192.0.2.2")
    other = pen.set("other", "CNAME", "www.example.com."), pen.set("six", "AAAA", "2001:db8::1")
    await provider.zones()
    await provider.read_zone()
    await pen.write(Create(old), Create(leads), *map(Create, other))
    await pen.write(Replace(old, new))
    await pen.write(Delete(new), Delete(leads), *map(Delete, other))
    await provider.apply(Batch((), Fence(pen.claim, None)))


@pytest.mark.looptime
async def test_the_policy_allows_what_feddns_does_and_no_more(fake: FakeRoute53, open_route53: OpenRoute53) -> None:
    assert METHODS.keys() == ACTIONS
    fake.account.allowed = frozenset(ACTIONS)
    fake.account.clock = asyncio.get_running_loop().time
    fake.account.pending_s = 7.0
    await everything(open_route53(executor=Inline(), wait_for_sync=True))
    assert fake.account.calls.keys() == ACTIONS


@pytest.mark.parametrize("missing", sorted(METHODS.keys() - {"GetChange"}))
async def test_nothing_in_the_policy_is_idle(fake: FakeRoute53, open_route53: OpenRoute53, missing: str) -> None:
    fake.account.allowed = frozenset(ACTIONS - {missing})
    with pytest.raises(Unauthorized, match=f"lack the IAM permission route53:{missing} on"):
        await everything(open_route53())


async def test_changes_are_of_the_types_and_actions_that_the_policy_allows(
    fake: FakeRoute53, open_route53: OpenRoute53
) -> None:
    (conditions,) = [statement["Condition"] for statement in STATEMENTS if "Condition" in statement]
    allowed = {key.partition("Sets")[2]: set(values) for key, values in conditions["ForAllValues:StringEquals"].items()}
    await everything(open_route53())
    changes = [
        change
        for _, operation, asked in fake.account.log
        if operation == "ChangeResourceRecordSets"
        for change in asked["ChangeBatch"]["Changes"]
    ]
    assert {change["Action"] for change in changes} == allowed["Actions"]
    assert {change["ResourceRecordSet"]["Type"] for change in changes} == allowed["RecordTypes"]


def test_the_settings_of_the_examples_are_understood() -> None:
    for example in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL):
        assert msgspec.convert(yaml.safe_load(example)["dns"]["provider"]["route53"], Route53Settings) is not None


def test_every_setting_stands_in_the_table_with_its_default() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| (?:`([^`]*)`)? ?\|", PAGE, re.MULTILINE))
    fields = {field.encode_name: field.default for field in msgspec.structs.fields(Route53Settings)}
    assert table.keys() == fields.keys()
    told = {
        "requestsPerSecond": "5",
        "burst": "5",
        "gather": "500ms",
        "timeout": "10s",
        "waitForSync": "false",
        "region": "us-east-1",
    }
    assert {name: default for name, default in table.items() if default} == told


async def test_ten_thousand_names_take_eleven_requests_as_the_page_says(open_route53: OpenRoute53) -> None:
    changes = open_route53().limits.changes
    assert -(-10_000 // changes) == 11


def test_errors_that_the_page_explains_are_errors_that_are_told() -> None:
    files = (Path(__file__).parents[3] / "feddns" / "providers" / "route53").glob("*.py")
    source = re.sub(r'"\s*\n\s*f?"', "", "".join(path.read_text() for path in files))
    told = re.findall(r"^\| `([^`]+)` \| [A-Z]", PAGE, re.MULTILINE)
    assert len(told) >= 10
    for text in told:
        if not text.startswith("a conflicting RRSet"):  # the service's own words
            words = (
                re.split(r" ?\.\.\.| ?\(|route53:|sts:|(?:\d+ )?hosted zone", text)[0]
                .replace("a change", "a change of")
                .strip()
            )
            assert words in source, text
