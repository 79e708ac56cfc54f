"""Batches: what is written, and what is not where the zone is not as expected."""

import pytest

from feddns.errors import Conflict, Rejected
from feddns.model.changes import Batch, Create, Delete, Fence, Replace
from feddns.model.records import DnsName, RecordSet
from feddns.providers.base import Provider
from feddns.testing.pen import Pen, among, contents
from feddns.testing.subject import Subject


class BatchContract(Subject):
    """What holds for batches while one writer is at the zone."""

    async def test_a_first_claim_is_written(self, pen: Pen, provider: Provider) -> None:
        await pen.write()
        assert pen.claim is not None
        assert await among(provider, pen.claim)

    async def test_a_first_claim_fails_where_there_is_one(self, pen: Pen, rival: Provider) -> None:
        await pen.write()
        before = await contents(rival)
        late = Pen(rival, self.zone)
        with pytest.raises(Conflict):
            await late.write(Create(late.set("www", "A", "192.0.2.1")))
        assert await contents(rival) == before

    async def test_a_claim_can_be_given_up(self, pen: Pen, provider: Provider) -> None:
        before = await contents(provider)
        www = pen.set("www", "A", "192.0.2.1")
        await pen.write(Create(www))
        await provider.apply(Batch((Delete(www),), Fence(pen.claim, None)))
        assert await contents(provider) == before

    @pytest.mark.parametrize(
        ("kind", "old", "new"),
        [
            ("A", ("192.0.2.1",), ("192.0.2.2", "192.0.2.3")),
            ("AAAA", ("2001:db8::1", "2001:db8::2"), ("2001:db8::3",)),
            ("CNAME", ("here.example.com.",), ("elsewhere.example.net.",)),
            ("TXT", ("old text",), ("new text",)),
        ],
    )
    async def test_a_set_is_created_replaced_and_deleted(
        self, pen: Pen, provider: Provider, kind: str, old: tuple[str, ...], new: tuple[str, ...]
    ) -> None:
        first, second = pen.set("www", kind, *old), pen.set("www", kind, *new, ttl=30)
        await pen.write(Create(first))
        assert await among(provider, first)
        await pen.write(Replace(first, second))
        assert await among(provider, second)
        await pen.write(Delete(second))
        assert (second.name, kind) not in await contents(provider)

    async def test_a_replacement_may_change_the_ttl_alone(self, pen: Pen, provider: Provider) -> None:
        slow, fast = pen.set("www", "A", "192.0.2.1", ttl=300), pen.set("www", "A", "192.0.2.1", ttl=5)
        await pen.write(Create(slow))
        await pen.write(Replace(slow, fast))
        assert await among(provider, fast)

    async def test_addresses_become_a_cname_and_come_back_in_one_batch_each(self, pen: Pen, provider: Provider) -> None:
        addresses = pen.set("www", "A", "192.0.2.1", "192.0.2.2"), pen.set("www", "AAAA", "2001:db8::1")
        alias = pen.set("www", "CNAME", "there.example.com.")
        await pen.write(*map(Create, addresses))
        await pen.write(*map(Delete, addresses), Create(alias))
        assert await among(provider, alias)
        assert (alias.name, "A") not in await contents(provider)
        await pen.write(Delete(alias), *map(Create, addresses))
        assert await among(provider, *addresses)
        assert (alias.name, "CNAME") not in await contents(provider)

    async def test_a_set_that_is_not_as_expected_stops_the_whole_batch(self, pen: Pen, provider: Provider) -> None:
        www, mail = pen.set("www", "A", "192.0.2.1", "192.0.2.2"), pen.set("mail", "A", "192.0.2.9")
        stale = pen.set("www", "A", "192.0.2.1")
        await pen.write(Create(www), Create(mail))
        before = await contents(provider)
        for wrong in (Delete(stale), Replace(stale, pen.set("www", "A", "192.0.2.3"))):
            with pytest.raises(Conflict):
                await provider.apply(pen.batch(Create(pen.set("new", "A", "192.0.2.4")), Delete(mail), wrong))
            assert await contents(provider) == before

    async def test_a_set_that_is_gone_stops_the_whole_batch(self, pen: Pen, provider: Provider) -> None:
        await pen.write()
        before = await contents(provider)
        with pytest.raises(Conflict):
            await provider.apply(
                pen.batch(Create(pen.set("new", "A", "192.0.2.4")), Delete(pen.set("www", "A", "192.0.2.1")))
            )
        assert await contents(provider) == before

    async def test_a_set_that_is_there_cannot_be_created(self, pen: Pen, provider: Provider) -> None:
        www = pen.set("www", "A", "192.0.2.1")
        await pen.write(Create(www))
        before = await contents(provider)
        for again in (www, pen.set("www", "A", "192.0.2.2")):
            with pytest.raises(Conflict):
                await provider.apply(pen.batch(Create(pen.set("new", "A", "192.0.2.4")), Create(again)))
            assert await contents(provider) == before

    @pytest.mark.parametrize("present", [("A", "192.0.2.1"), ("TXT", "a text"), ("CNAME", "there.example.com.")])
    async def test_nothing_is_lost_silently_where_a_cname_is_in_the_way(
        self, pen: Pen, provider: Provider, present: tuple[str, str]
    ) -> None:
        await pen.write(Create(pen.set("www", *present)))
        before = await contents(provider)
        newcomer = ("AAAA", "2001:db8::1") if present[0] == "CNAME" else ("CNAME", "there.example.com.")
        with pytest.raises((Conflict, Rejected)):
            await provider.apply(pen.batch(Create(pen.set("www", *newcomer))))
        assert await contents(provider) == before

    async def test_nothing_is_lost_silently_where_a_cname_takes_the_place_of_only_one_set(
        self, pen: Pen, provider: Provider
    ) -> None:
        www = pen.set("www", "A", "192.0.2.1")
        await pen.write(Create(www), Create(pen.set("www", "TXT", "someone's note")))
        before = await contents(provider)
        with pytest.raises((Conflict, Rejected)):
            await provider.apply(pen.batch(Delete(www), Create(pen.set("www", "CNAME", "there.example.com."))))
        assert await contents(provider) == before

    async def test_a_lost_fence_changes_nothing(self, pen: Pen, provider: Provider, rival: Provider) -> None:
        await pen.write()
        stale = pen.batch(Create(pen.set("www", "A", "192.0.2.1")))
        await pen.write()
        before = await contents(provider)
        with pytest.raises(Conflict):
            await rival.apply(stale)
        assert await contents(provider) == before

    async def test_a_name_outside_the_zone_is_rejected_by_name(self, pen: Pen, provider: Provider) -> None:
        await pen.write()
        before = await contents(provider)
        outside = RecordSet(DnsName("www.example.net."), "A", 60, ("192.0.2.1",))
        with pytest.raises(Rejected) as refusal:
            await provider.apply(pen.batch(Create(pen.set("new", "A", "192.0.2.4")), Create(outside)))
        assert refusal.value.names in (frozenset({outside.name}), frozenset())
        assert await contents(provider) == before

    async def test_a_batch_may_be_as_large_as_the_limits(self, pen: Pen, provider: Provider) -> None:
        count = min(provider.limits.changes, provider.limits.characters // len("192.0.2.254")) // 2
        old = [pen.set(f"service-{number}.shop.fed.svc", "A", "192.0.2.1") for number in range(count)]
        new = [pen.set(f"service-{number}.shop.fed.svc", "A", "192.0.2.254") for number in range(count)]
        await pen.write_all(old)
        await pen.write(*map(Replace, old, new))
        assert await among(provider, *new)
        await pen.write(*map(Delete, new))
        assert not {record_set.name for record_set in new} & {name for name, _ in await contents(provider)}

    async def test_a_closed_provider_can_be_closed_again(self, pen: Pen, provider: Provider) -> None:
        await pen.write()
        await provider.close()
        await provider.close()
