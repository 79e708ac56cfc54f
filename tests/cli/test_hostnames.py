"""Hostnames outside of the federation's pattern, from the annotation to the answer, on the quickstart."""

import json

import pytest

from tests.cli.conftest import Feddns
from tests.quickstart import ASIA, EU, NGINX, US, Quickstart

HOSTNAMES = "feddns.io/hostname"


@pytest.fixture
def allowed(quickstart: Quickstart) -> Quickstart:
    quickstart.configure(hostnames=[{"domain": "example.com", "namespaces": ["my*"]}])
    return quickstart


def answers(feddns: Feddns) -> dict[tuple[str, str], list[str]]:
    records = json.loads(feddns("records", "--output", "json").stdout)
    return {(record["name"], record["type"]): record["values"] for record in records}


def test_a_hostname_leads_to_the_global_name_a_regional_one_to_its_region_and_the_apex_has_addresses(
    feddns: Feddns, allowed: Quickstart
) -> None:
    allowed.annotate("us", HOSTNAMES, "www.example.com, {region}.www.example.com, example.com")
    found = answers(feddns)
    assert found["www.example.com.", "CNAME"] == [f"{NGINX}.example.com."]
    assert found["europe-west1.www.example.com.", "CNAME"] == [f"{NGINX}.europe-west1.example.com."]
    assert found["example.com.", "A"] == sorted([EU, US, ASIA])
    assert found["_feddns.www.example.com.", "TXT"] == [
        "heritage=feddns,federation=myfederation,owner=default,service=mynamespace/nginx"
    ]
    done = feddns("apply")
    assert (done.exit_code, done.stderr) == (0, "")
    assert feddns("plan", "--detailed-exitcode").exit_code == 0


def test_a_hostname_that_goes_is_deleted_and_nothing_else(feddns: Feddns, allowed: Quickstart) -> None:
    allowed.annotate("us", HOSTNAMES, "www.example.com")
    feddns("apply")
    allowed.replace("us", "www.example.com", "shop.example.com")
    done = feddns("apply")
    deleted = [line for line in done.stdout.splitlines() if line.startswith("  - ")]
    assert {line.split()[1] for line in deleted} == {"www.example.com.", "_feddns.www.example.com."}
    assert "2 created, 0 replaced, 2 deleted" in done.stdout


def test_a_hostname_in_a_domain_that_is_not_allowed_is_told_with_what_would_allow_it(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    quickstart.annotate("us", HOSTNAMES, "www.example.com")
    result = feddns("records")
    assert result.exit_code == 0
    assert "HostnameNotAllowed" in result.stderr
    assert "www.example.com" not in result.stdout


def test_a_hostname_is_explained_with_whose_it_is_and_what_it_leads_to(feddns: Feddns, allowed: Quickstart) -> None:
    allowed.annotate("us", HOSTNAMES, "www.example.com")
    feddns("apply")
    told = feddns("explain", "www.example.com")
    first, *_ = told.stdout.splitlines()
    assert (told.exit_code, first) == (0, "www.example.com. (hostname of mynamespace/nginx)")
    assert f"then {NGINX}.example.com. (global)" in told.stdout
    value = json.loads(feddns("explain", "www.example.com", "--output", "json").stdout)
    assert (value["service"], value["isOwned"]) == ("mynamespace/nginx", True)
    nobody = feddns("explain", "mail.example.com")
    assert "no service that may have it asks for it" in nobody.stdout
    assert feddns("explain", "www.example.org").exit_code == 1


def test_what_holds_the_changes_of_a_hostname_is_told_with_what_releases_it(
    feddns: Feddns, allowed: Quickstart
) -> None:
    allowed.annotate("us", HOSTNAMES, "www.example.com")
    feddns("apply")
    feddns("freeze")
    told = feddns("explain", "www.example.com").stdout.splitlines()
    assert told[-1].endswith("`feddns thaw` releases it")
    assert json.loads(feddns("explain", "www.example.com", "--output", "json").stdout)["brakes"] == told[-1:]
    feddns("thaw")
    assert json.loads(feddns("explain", "www.example.com", "--output", "json").stdout)["brakes"] == []
    config = allowed.config.read_text()
    allowed.config.write_text("budget: {deletions: {share: 0, atLeast: 0}}\n" + config)
    allowed.replace("us", "www.example.com", "web.example.com")
    (held,) = json.loads(feddns("explain", "www.example.com", "--output", "json").stdout)["brakes"]
    assert "2 of 9 record sets would be deleted, as nothing stands for their names any more" in held
    assert json.loads(feddns("explain", "web.example.com", "--output", "json").stdout)["brakes"] == []
