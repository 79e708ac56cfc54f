"""What the provider makes of a webhook that adjusts, ignores, forgets and is not alone."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from feddns.errors import Conflict, Rejected, Throttled, Unavailable
from feddns.model.changes import Batch, Create, Delete, Fence, Replace
from feddns.model.records import RecordSet, ZoneName
from feddns.model.zones import HostedZone
from feddns.providers.webhook import Webhook
from feddns.testing.pen import Pen, among, contents
from tests.providers.webhook.conftest import ZONE, open_webhook
from tests.providers.webhook.scripted import Endpoint, ScriptedWebhook


@pytest.fixture
async def webhook() -> AsyncIterator[ScriptedWebhook]:
    async with ScriptedWebhook() as webhook:
        yield webhook


@pytest.fixture
async def provider(webhook: ScriptedWebhook) -> AsyncIterator[Webhook]:
    provider = open_webhook(webhook.url)
    yield provider
    await provider.close()


@pytest.fixture
def pen(provider: Webhook) -> Pen:
    return Pen(provider, ZONE)


def at_least(ttl: int) -> Any:
    def raised(endpoint: Endpoint) -> Endpoint:
        return endpoint | {"recordTTL": max(ttl, endpoint["recordTTL"])}

    return raised


async def test_a_batch_asks_what_would_be_kept_between_two_looks(pen: Pen, webhook: ScriptedWebhook) -> None:
    await pen.write(Create(pen.set("www", "A", "192.0.2.1")))
    assert webhook.requests == [
        ("GET", "/"),
        ("GET", "/records"),
        ("POST", "/adjustendpoints"),
        ("POST", "/records"),
        ("GET", "/records"),
    ]


async def test_what_is_written_are_the_endpoints_that_the_webhook_made(pen: Pen, webhook: ScriptedWebhook) -> None:
    proxied = [{"name": "proxied", "value": "false"}]
    webhook.adjusts = lambda endpoint: endpoint | {"providerSpecific": proxied}
    www = pen.set("www", "A", "192.0.2.1")
    await pen.write(Create(www))
    assert webhook.find("www.example.com", "A") == {
        "dnsName": "www.example.com",
        "recordType": "A",
        "targets": ["192.0.2.1"],
        "recordTTL": 180,
        "labels": {"owner": "feddns"},
        "providerSpecific": proxied,
    }
    await pen.write(Replace(www, pen.set("www", "A", "192.0.2.2")))
    old, new = (webhook.posted[-1][kind] for kind in ("updateOld", "updateNew"))
    assert [each["dnsName"] for each in old] == [each["dnsName"] for each in new]
    assert all(each["providerSpecific"] == proxied for each in (*old, *new))


async def test_the_claim_goes_with_the_records_in_one_request(pen: Pen, webhook: ScriptedWebhook) -> None:
    await pen.write()
    await pen.write(Create(pen.set("www", "A", "192.0.2.1")))
    (change,) = webhook.posted[1:]
    assert [each["dnsName"] for each in change["create"]] == ["www.example.com"]
    assert change["updateOld"][0]["targets"] == ['"heritage=feddns,federation=fed,owner=contract,seq=1"']
    assert change["updateNew"][0]["targets"] == ['"heritage=feddns,federation=fed,owner=contract,seq=2"']


@pytest.mark.parametrize("when", ["adjusts", "keeps"], ids=["told-when-asked", "in-silence"])
async def test_a_ttl_that_is_not_kept_reads_as_it_was_asked_for(
    pen: Pen, provider: Webhook, webhook: ScriptedWebhook, when: str
) -> None:
    setattr(webhook, when, at_least(300))
    www = pen.set("www", "A", "192.0.2.1", ttl=30)
    await pen.write(Create(www))
    assert {each["recordTTL"] for each in webhook.endpoints} == {300}
    assert pen.claim is not None
    assert await among(provider, www, pen.claim)
    replacement = pen.set("www", "A", "192.0.2.2", ttl=20)
    await pen.write(Replace(www, replacement))
    assert await among(provider, replacement)
    slow = pen.set("www", "A", "192.0.2.2", ttl=3_600)
    await pen.write(Replace(replacement, slow))
    assert await among(provider, slow)


async def test_after_a_restart_what_would_be_kept_as_it_is_is_not_sent(pen: Pen, webhook: ScriptedWebhook) -> None:
    webhook.adjusts = at_least(300)
    www = pen.set("www", "A", "192.0.2.1", ttl=30)
    await pen.write(Create(www))
    again = open_webhook(webhook.url)
    found = await contents(again)
    assert found[www.name, "A"].ttl == 300
    claim = found[pen.next_claim().name, "TXT"]
    await again.apply(Batch((Replace(found[www.name, "A"], www),), Fence(claim, pen.next_claim())))
    assert [each["dnsName"] for each in webhook.posted[-1]["updateNew"]] == ["_feddns.fed.svc.example.com"]
    assert await among(again, www)
    await again.close()


async def test_a_set_that_someone_changed_since_reads_as_it_is(
    pen: Pen, provider: Webhook, webhook: ScriptedWebhook
) -> None:
    webhook.adjusts = at_least(300)
    await pen.write(Create(pen.set("www", "A", "192.0.2.1", ttl=30)))
    webhook.endpoints.clear()
    webhook.put("www.example.com", "A", "192.0.2.9")
    assert await among(provider, pen.set("www", "A", "192.0.2.9", ttl=60))


async def test_what_the_webhook_would_leave_out_is_rejected_by_name(pen: Pen, webhook: ScriptedWebhook) -> None:
    webhook.adjusts = lambda endpoint: None if endpoint["recordType"] == "AAAA" else endpoint
    www, six = pen.set("www", "A", "192.0.2.1"), pen.set("six", "AAAA", "2001:db8::1")
    with pytest.raises(Rejected, match=r"would not keep .*six\.example\.com\. AAAA would be left out") as refusal:
        await pen.write(Create(www), Create(six))
    assert refusal.value.names == {six.name}
    assert webhook.posted == []


async def test_what_the_webhook_would_make_into_something_else_is_rejected(pen: Pen, webhook: ScriptedWebhook) -> None:
    webhook.adjusts = lambda endpoint: endpoint | {"recordType": "A"} if endpoint["recordType"] == "CNAME" else endpoint
    with pytest.raises(Rejected, match=r"www\.example\.com\. A, www\.example\.com\. CNAME would be left out or added"):
        await pen.write(Create(pen.set("www", "CNAME", "lb.example.net.")))
    assert webhook.posted == []


async def test_a_webhook_without_txt_records_is_refused_without_blaming_a_service(
    pen: Pen, webhook: ScriptedWebhook
) -> None:
    webhook.adjusts = lambda endpoint: None if endpoint["recordType"] == "TXT" else endpoint
    with pytest.raises(Rejected, match=r"keeps no TXT record _feddns\.fed\.svc\.example\.com\.") as refusal:
        await pen.write(Create(pen.set("www", "A", "192.0.2.1")))
    assert refusal.value.names == frozenset()


async def test_success_is_not_believed_until_it_is_seen(pen: Pen, provider: Webhook, webhook: ScriptedWebhook) -> None:
    www = pen.set("www", "A", "192.0.2.1")
    await pen.write(Create(www))
    webhook.ignores = frozenset({"www.example.com", "new.example.com"})
    new, other = pen.set("new", "A", "192.0.2.3"), pen.set("other", "A", "192.0.2.4")
    for change in (Create(new), Replace(www, pen.set("www", "A", "192.0.2.2")), Delete(www)):
        claim = pen.claim
        with pytest.raises(Unavailable, match=rf"{change.name} A did not become what was asked for") as failure:
            await pen.write(change, Create(other))
        assert failure.value.outcome_unknown
        assert await among(provider, other, pen.next_claim())
        pen.skip()
        await pen.write(Delete(other))
        assert pen.claim != claim


async def test_a_writer_in_between_is_noticed_afterwards(pen: Pen, webhook: ScriptedWebhook) -> None:
    await pen.write()

    def intrude() -> None:
        webhook.before_change = lambda: None
        webhook.ignores = frozenset({"_feddns.fed.svc.example.com"})
        webhook.endpoints[0]["targets"] = ['"heritage=feddns,federation=fed,owner=other,seq=2"']

    webhook.before_change = intrude
    with pytest.raises(Unavailable, match=r"_feddns\.fed\.svc\.example\.com\. TXT did not become") as failure:
        await pen.write(Create(pen.set("www", "A", "192.0.2.1")))
    assert failure.value.outcome_unknown


async def test_batches_of_one_process_take_turns(pen: Pen, provider: Webhook, webhook: ScriptedWebhook) -> None:
    await pen.write()
    batches = [pen.batch(Create(pen.set(name, "A", "192.0.2.1"))) for name in ("one", "two")]
    outcomes = await asyncio.gather(*map(provider.apply, batches), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), Conflict]
    assert len(webhook.posted) == 2


async def test_what_is_not_as_expected_is_a_conflict_and_nothing_is_sent(pen: Pen, webhook: ScriptedWebhook) -> None:
    www = pen.set("www", "A", "192.0.2.1")
    await pen.write(Create(www))
    for stale in (pen.set("www", "A", "192.0.2.1", ttl=181), pen.set("www", "A", "192.0.2.2")):
        with pytest.raises(Conflict, match=r"^www\.example\.com\. A is not as it was last read$"):
            await pen.write(Delete(stale))
    assert len(webhook.posted) == 1


async def test_a_name_that_turns_into_a_cname_takes_two_requests(pen: Pen, webhook: ScriptedWebhook) -> None:
    addresses = pen.set("www", "A", "192.0.2.1"), pen.set("www", "AAAA", "2001:db8::1")
    alias, other = pen.set("www", "CNAME", "there.example.com."), pen.set("other", "A", "192.0.2.2")
    await pen.write(*map(Create, addresses))
    await pen.write(*map(Delete, addresses), Create(alias), Create(other))
    first, second = webhook.posted[1:]
    assert {(each["dnsName"], each["recordType"]) for each in first["delete"]} == {
        ("www.example.com", "A"),
        ("www.example.com", "AAAA"),
    }
    assert [each["dnsName"] for each in first["create"]] == ["other.example.com"]
    assert [each["dnsName"] for each in first["updateNew"]] == ["_feddns.fed.svc.example.com"]
    assert second.keys() == {"create"}
    assert [each["recordType"] for each in second["create"]] == ["CNAME"]


async def test_a_name_that_only_loses_one_family_takes_one_request(pen: Pen, webhook: ScriptedWebhook) -> None:
    four, six = pen.set("www", "A", "192.0.2.1"), pen.set("www", "AAAA", "2001:db8::1")
    await pen.write(Create(six))
    await pen.write(Delete(six), Create(four))
    assert len(webhook.posted) == 2


@pytest.mark.parametrize("status", [400, 429, 500])
async def test_a_second_request_that_fails_leaves_the_outcome_unknown(
    pen: Pen, webhook: ScriptedWebhook, status: int
) -> None:
    www = pen.set("www", "A", "192.0.2.1")
    await pen.write(Create(www))

    def fail_next() -> None:
        webhook.answer("POST", "/records", status)

    webhook.before_change = fail_next
    with pytest.raises(Unavailable, match=r"^the second half of a batch failed: .* answers") as failure:
        await pen.write(Delete(www), Create(pen.set("www", "CNAME", "there.example.com.")))
    assert failure.value.outcome_unknown


async def test_a_batch_that_cannot_be_looked_at_afterwards_is_of_unknown_outcome(
    pen: Pen, webhook: ScriptedWebhook
) -> None:
    webhook.before_change = lambda: webhook.answer("GET", "/records", 429)
    with pytest.raises(Unavailable, match=r"^a batch was sent, and not seen afterwards: .* 429") as failure:
        await pen.write()
    assert failure.value.outcome_unknown
    assert not isinstance(failure.value, Throttled)


@pytest.mark.parametrize(
    "more",
    [
        {"setIdentifier": "eu", "providerSpecific": [{"name": "aws/weight", "value": "10"}]},
        {"targets": ["lb.example.net"], "providerSpecific": [{"name": "alias", "value": "true"}]},
        {"targets": ["lb.example.net"]},
        {"targets": []},
        {"targets": None},
    ],
    ids=["routing-policy", "alias", "no-address", "none", "null"],
)
async def test_what_are_no_plain_records_is_foreign_and_in_the_way(
    pen: Pen, provider: Webhook, webhook: ScriptedWebhook, more: dict[str, Any]
) -> None:
    webhook.put("www.example.com", "A", "192.0.2.1")
    webhook.endpoints[0] |= more
    www = pen.set("www", "A", "192.0.2.1", ttl=60)
    assert (await contents(provider))[www.name, "A"].values == ()
    for change in (Create(www), Create(pen.set("www", "CNAME", "there.example.com."))):
        with pytest.raises(Conflict):
            await pen.write(change)
    with pytest.raises(Rejected, match="it has 0 values"):
        await pen.write(Delete((await contents(provider))[www.name, "A"]))


async def test_what_other_tools_wrote_is_read_in_canonical_form(
    pen: Pen, provider: Webhook, webhook: ScriptedWebhook
) -> None:
    webhook.put("WWW.Example.COM.", "cname", "Target.Example.NET")
    webhook.put(r"\042.wild.example.com", "A", "192.0.2.2")
    webhook.put("each.example.com", "A", "192.0.2.2")
    webhook.put("each.example.com", "A", "192.0.2.1")
    webhook.put("text.example.com", "TXT", "two words")
    webhook.put("mail.example.com", "MX", "10 MX.Example.net")
    webhook.put("example.com", "SOA", "ns. host. 1 2 3 4 5")
    webhook.put("elsewhere.example.org", "A", "192.0.2.1")
    webhook.put("notexample.com", "A", "192.0.2.1")
    webhook.put("no..name.example.com", "A", "192.0.2.1")
    assert set(await provider.read_zone()) == {
        pen.set("www", "CNAME", "target.example.net.", ttl=60),
        pen.set("*.wild", "A", "192.0.2.2", ttl=60),
        pen.set("each", "A", "192.0.2.1", "192.0.2.2", ttl=60),
        pen.set("text", "TXT", "two words", ttl=60),
        pen.set("mail", "MX", "10 mx.example.net.", ttl=60),
    }


async def test_records_that_are_told_one_by_one_go_as_one(pen: Pen, webhook: ScriptedWebhook) -> None:
    webhook.put("each.example.com", "A", "192.0.2.2")
    webhook.put("each.example.com", "A", "192.0.2.1")
    await pen.write(Delete(pen.set("each", "A", "192.0.2.1", "192.0.2.2", ttl=60)))
    assert [each["targets"] for each in webhook.posted[0]["delete"]] == [["192.0.2.2", "192.0.2.1"]]


async def test_a_text_that_is_told_without_quotes_goes_with_quotes(pen: Pen, webhook: ScriptedWebhook) -> None:
    webhook.put("text.example.com", "TXT", "two words")
    await pen.write(Delete(pen.set("text", "TXT", "two words", ttl=60)))
    assert [each["targets"] for each in webhook.posted[0]["delete"]] == [['"two words"']]


@pytest.mark.parametrize(
    ("record_set", "text"),
    [
        (("www", "A", "192.0.2.999"), r"www\.example\.com\. A: .*192\.0\.2\.999"),
        (("www", "ALIAS", "lb.example.net."), r"www\.example\.com\. ALIAS: .*ALIAS"),
        (("www", "AAAA", "2001:DB8::1"), r"no canonical data of type AAAA"),
        (("www", "CNAME", "a.example.net.", "b.example.net."), r"it has 2 values; a CNAME has one"),
        (("www", "A"), r"it has 0 values"),
    ],
)
async def test_what_is_no_record_set_is_rejected_by_name(
    pen: Pen, webhook: ScriptedWebhook, record_set: tuple[str, ...], text: str
) -> None:
    odd = pen.set(*record_set)
    with pytest.raises(Rejected, match=text) as refusal:
        await pen.write(Create(odd), Create(pen.set("fine", "A", "192.0.2.1")))
    assert refusal.value.names == {odd.name}
    assert webhook.posted == []


async def test_contradictions_in_a_batch_are_rejected(pen: Pen) -> None:
    www, alias = pen.set("www", "A", "192.0.2.1"), pen.set("www", "CNAME", "there.example.com.")
    with pytest.raises(Rejected, match="changed twice"):
        await pen.write(Create(www), Create(www))
    with pytest.raises(Rejected, match="either a CNAME or has other records"):
        await pen.write(Create(www), Create(alias))
    with pytest.raises(Rejected, match=r"a TTL is 0 to 2147483647 seconds"):
        await pen.write(Create(RecordSet(www.name, "A", 2**31, www.values)))


async def test_a_zone_that_the_webhook_does_not_serve_is_rejected_with_its_filter(
    pen: Pen, provider: Webhook, webhook: ScriptedWebhook
) -> None:
    webhook.domain_filter = {"include": ["example.org"], "exclude": ["internal.example.org"]}
    text = r"does not serve example\.com\., but names in example\.org, not names in internal\.example\.org$"
    with pytest.raises(Rejected, match=text):
        await provider.read_zone()
    with pytest.raises(Rejected, match=text) as refusal:
        await pen.write()
    assert refusal.value.names == frozenset()
    assert set(webhook.requests) == {("GET", "/")}
    assert await provider.zones() == (HostedZone(ZoneName("example.org.")),)


async def test_a_name_that_the_webhook_would_pass_over_in_silence_is_rejected(
    pen: Pen, webhook: ScriptedWebhook
) -> None:
    webhook.domain_filter = {"include": ["example.com"], "exclude": ["internal.example.com"]}
    hidden = pen.set("www.internal", "A", "192.0.2.1")
    with pytest.raises(Rejected, match=r"does not serve this name, but names in example\.com, not names in") as refusal:
        await pen.write(Create(hidden))
    assert refusal.value.names == {hidden.name}


async def test_a_claim_that_the_webhook_would_pass_over_is_no_services_fault(
    pen: Pen, webhook: ScriptedWebhook
) -> None:
    webhook.domain_filter = {"include": ["example.com"], "exclude": ["svc.example.com"]}
    with pytest.raises(Rejected, match=r"_feddns\.fed\.svc\.example\.com\. TXT: the webhook does not") as refusal:
        await pen.write(Create(pen.set("www", "A", "192.0.2.1")))
    assert refusal.value.names == frozenset()


async def test_a_filter_that_changes_is_known_with_the_next_reading(
    provider: Webhook, webhook: ScriptedWebhook
) -> None:
    await provider.read_zone()
    webhook.domain_filter = {"include": ["example.org"]}
    with pytest.raises(Rejected, match="does not serve"):
        await provider.read_zone()
    webhook.domain_filter = {}
    assert await provider.read_zone() == ()


async def test_the_zones_are_what_the_filter_names_with_ours_marked(
    provider: Webhook, webhook: ScriptedWebhook
) -> None:
    webhook.domain_filter = {"include": ["example.org", "example.com", ".below.example.net"]}
    webhook.put("example.com", "NS", "ns2.example.net", "ns1.example.net")
    assert await provider.zones() == (
        HostedZone(ZONE, name_servers=("ns1.example.net.", "ns2.example.net."), written=True),
        HostedZone(ZoneName("example.org.")),
    )
    webhook.domain_filter = {}
    assert [zone.name for zone in await provider.zones()] == [ZONE]


async def test_the_limits_and_the_identity_say_what_it_is(provider: Webhook, webhook: ScriptedWebhook) -> None:
    assert not provider.limits.atomic
    assert provider.identity == f"example.com. through the webhook at {webhook.url}, without a fence"
    assert open_webhook(webhook.url, max_changes=50).limits.changes == 50
