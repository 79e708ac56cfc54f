import asyncio

import pytest

from feddns.errors import Unavailable
from feddns.model.address import Address, parse_address
from feddns.nameserver.peers import Peers
from tests.beside import beside


def the_peers(*names: str) -> Peers:
    return Peers(tuple(map(parse_address, names)))


async def test_addresses_are_their_own_names_and_include_their_hosts_from_any_port() -> None:
    peers = the_peers("127.0.0.1:5353", "[::1]:5353", "127.0.0.1:5353")
    assert not peers.include("127.0.0.1")
    await peers.look()
    assert peers.addresses == (Address("127.0.0.1", 5353), Address("::1", 5353))
    assert all(map(peers.include, ("127.0.0.1", "::1", "0:0:0:0:0:0:0:1")))
    assert not any(map(peers.include, ("127.0.0.2", "fe80::1%lo")))


async def test_a_name_leads_to_all_its_addresses() -> None:
    peers = the_peers("localhost:5353")
    await peers.look()
    assert Address("127.0.0.1", 5353) in peers.addresses


async def test_a_name_that_is_not_found_is_told_and_takes_nothing_away() -> None:
    peers = the_peers("127.0.0.1:5353", f"{'a' * 64}.invalid:53")
    with pytest.raises(Unavailable, match=r"^a{64}\.invalid is not found: "):
        await peers.look()
    assert peers.include("127.0.0.1")


@pytest.mark.looptime
async def test_strangers_have_no_more_than_one_look_a_second_and_without_any_there_is_one_now_and_then() -> None:
    class Counted(Peers):
        looks = 0

        async def look(self) -> None:
            self.looks += 1

    peers = Counted(())
    async with beside(peers.follow()):
        for _ in range(100):
            peers.include("127.0.0.2")
            await asyncio.sleep(0.1)
        assert 9 <= peers.looks <= 11
        await asyncio.sleep(1)
        before = peers.looks
        await asyncio.sleep(600)
        assert 18 <= peers.looks - before <= 20
