from typing import Any

import pytest

from feddns.membership.account import Account, Claim, Grants, manifests, rules, token_names, token_secret
from feddns.membership.contexts import Endpoint
from feddns.membership.terms import Entry, Wish

US = Claim("us", "uid-1")


def bearing(**annotations: str) -> dict[str, Any]:
    """An object that feddns has made."""
    found = token_secret(Account(), Claim("us"), "x")
    told = {f"feddns.io/{key}": value for key, value in annotations.items()}
    return {**found, "metadata": {**found["metadata"], "annotations": told}}


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (bearing(cluster="us", host="uid-1"), ""),
        (bearing(cluster="us"), ""),  # as `--dry-run` prints it
        (bearing(), ""),
        (bearing(cluster="eu", host="uid-1"), "the federation calls this cluster 'eu' already"),
        (bearing(cluster="us", host="uid-2"), "it belongs to another federation, which calls this cluster 'us'"),
        ({"metadata": {"name": "x"}}, "it was not made by feddns, but by somebody else"),
        ({"metadata": {"labels": {"app.kubernetes.io/managed-by": "Helm"}}}, "it was not made by feddns, but by Helm"),
    ],
)
def test_an_object_is_the_claims_or_another_s(found: dict[str, Any], reason: str) -> None:
    assert US.objection(found) == reason


def test_what_another_federation_has_may_be_taken_over_and_nothing_else() -> None:
    taking = Claim("us", "uid-1", replaces=True)
    assert taking.objection(bearing(cluster="america", host="uid-2")) == ""
    assert taking.objection(bearing(cluster="eu", host="uid-1")) != ""
    assert taking.objection({"metadata": {}}) != ""


def test_nothing_is_written_but_events_where_they_are_asked_for() -> None:
    reading = rules(Grants())
    assert {verb for rule in reading for verb in rule["verbs"]} == {"get", "list", "watch"}
    (more,) = (rule for rule in rules(Grants(events=True)) if rule not in reading)
    assert more == {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]}


def test_no_rule_has_a_wildcard_and_secrets_are_named_one_by_one() -> None:
    grants = Grants(events=True, headers=(("shop", ("a", "b")),))
    for manifest in manifests(Account(), grants, US):
        for rule in manifest.get("rules", ()):
            assert "*" not in {part for parts in rule.values() for part in parts}
            if "secrets" in rule.get("resources", ()):
                assert (manifest["kind"], rule["resourceNames"], rule["verbs"]) == ("Role", ["a", "b"], ["get"])


def test_all_that_is_made_is_bound_to_the_account_alone() -> None:
    account = Account("ns", "reader")
    made = list(manifests(account, Grants(headers=(("shop", ("a",)),)), US))
    subjects = [subject for manifest in made for subject in manifest.get("subjects", ())]
    assert subjects == [{"kind": "ServiceAccount", "namespace": "ns", "name": "reader"}] * 2
    assert all(US.objection(manifest) == "" for manifest in made)
    assert token_names(account) == ("reader-token", "reader-token-2")


def test_nodes_are_read_unless_region_and_zones_are_said() -> None:
    endpoint = Endpoint("https://203.0.113.1")
    wish = Wish("us", Account(), endpoint, endpoint)
    assert wish.grants(Entry("", None)).nodes
    assert wish.grants(Entry("", None, "us-central1")).nodes
    assert not wish.grants(Entry("", None, "us-central1", ("us-central1-a",))).nodes
