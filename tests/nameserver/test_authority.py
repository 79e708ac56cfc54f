import asyncio
from pathlib import Path

import dns.rcode
import pytest
import structlog.testing

from feddns.errors import Conflict, Rejected
from feddns.model.changes import Batch, Create, Delete, Fence, Replace
from feddns.nameserver.authority import Authority
from feddns.nameserver.zonefile import ZoneFile
from tests.answers.asking import APEX, a_set, ask, told
from tests.builders import NOW
from tests.nameserver.commits import ZONE, claim

NO_FENCE = Fence(None, None)
WWW, ELSEWHERE = a_set("www", "A", "192.0.2.1"), a_set("www", "A", "192.0.2.2")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "zone.sqlite"


def an_authority(path: Path, now: float = NOW) -> Authority:
    return Authority(ZoneFile(path, ZONE), APEX, lambda: now)


def addresses(authority: Authority, name: str = "www") -> set[str]:
    return {data for *_, data in told(ask(authority.responder, name).answer)}


def lose(path: Path) -> None:
    path.unlink()


def serial(authority: Authority) -> int:
    (rrset,) = ask(authority.responder, "example.com.", "SOA").answer
    return int(rrset[0].serial)


async def test_what_is_committed_is_answered_at_once(path: Path) -> None:
    authority = an_authority(path)
    await authority.load()
    assert serial(authority) == int(NOW)
    await authority.commit(Batch((Create(WWW),), Fence(None, claim(1))))
    assert addresses(authority) == {"192.0.2.1"}
    await authority.commit(Batch((Replace(WWW, ELSEWHERE),), Fence(claim(1), claim(2))))
    assert addresses(authority) == {"192.0.2.2"}
    await authority.commit(Batch((Delete(ELSEWHERE),), Fence(claim(2), None)))
    assert addresses(authority) == set()
    assert serial(authority) == int(NOW) + 3
    await authority.close()


async def test_what_does_not_fit_is_neither_written_nor_answered(path: Path) -> None:
    authority = an_authority(path)
    await authority.load()
    await authority.commit(Batch((Create(WWW),), NO_FENCE))
    with pytest.raises(Conflict):
        await authority.commit(Batch((Create(ELSEWHERE),), NO_FENCE))
    for odd in (a_set("www", "A", "here"), a_set("ns1", "A", "192.0.2.1"), a_set("www.example.net.", "A", "192.0.2.1")):
        with pytest.raises(Rejected):
            await authority.commit(Batch((Delete(WWW), Create(odd)), NO_FENCE))
    assert addresses(authority) == {"192.0.2.1"}
    assert serial(authority) == int(NOW) + 1
    assert set(await authority.read()) == {*APEX.record_sets(), WWW}
    await authority.close()


async def test_a_restart_answers_from_the_file(path: Path) -> None:
    first = an_authority(path)
    await first.commit(Batch((Create(WWW),), NO_FENCE))
    await first.close()
    second = an_authority(path, NOW + 1_000)
    await second.load()
    assert addresses(second) == {"192.0.2.1"}
    assert serial(second) == int(NOW) + 1
    await second.close()


async def test_of_a_blank_file_nothing_is_said_to_be_absent_before_it_is_filled(path: Path) -> None:
    authority, filled = an_authority(path), False
    authority.is_filled = lambda: filled
    await authority.load()
    for name, type_ in (("www", "A"), ("ns1", "TXT"), ("example.com.", "A")):
        answer = ask(authority.responder, name, type_)
        assert (answer.rcode(), answer.authority) == (dns.rcode.SERVFAIL, [])
    assert serial(authority) == int(NOW)
    assert addresses(authority, "ns1") == {"192.0.2.53"}
    await authority.commit(Batch((Create(WWW),), Fence(None, claim(1))))
    assert addresses(authority) == {"192.0.2.1"}
    assert ask(authority.responder, "other").rcode() == dns.rcode.SERVFAIL
    filled = True
    assert ask(authority.responder, "other").rcode() == dns.rcode.NXDOMAIN
    filled = False
    assert ask(authority.responder, "another").rcode() == dns.rcode.NXDOMAIN
    await authority.close()


async def test_a_file_from_before_tells_at_once_what_is_absent(path: Path) -> None:
    first = an_authority(path)
    await first.commit(Batch((Create(WWW),), NO_FENCE))
    await first.close()
    second = an_authority(path)
    second.is_filled = lambda: False
    await second.load()
    assert ask(second.responder, "other").rcode() == dns.rcode.NXDOMAIN
    await second.close()


async def answering(authority: Authority, expected: set[str]) -> None:
    """Wait until the answers are these, for which `follow` looks twice a second."""
    async with asyncio.timeout(5):
        while addresses(authority) != expected:  # noqa: ASYNC110 - there is no event: another process did it
            await asyncio.sleep(0.01)


async def test_another_processs_commits_are_followed(path: Path) -> None:
    server, other = an_authority(path), an_authority(path)
    await server.load()
    following = asyncio.create_task(server.follow())
    await other.commit(Batch((Create(WWW),), NO_FENCE))
    await answering(server, {"192.0.2.1"})
    assert serial(server) == int(NOW) + 1
    await other.commit(Batch((Replace(WWW, ELSEWHERE),), NO_FENCE))
    await server.commit(Batch((Create(a_set("more", "A", "192.0.2.9")),), NO_FENCE))
    assert addresses(server) == {"192.0.2.2"}  # what came between is not skipped
    assert addresses(server, "more") == {"192.0.2.9"}
    following.cancel()
    await asyncio.wait([following])
    await server.close()
    await other.close()


async def test_a_cancelled_commit_is_answered_once_it_is_in_the_file(path: Path) -> None:
    authority = an_authority(path)
    await authority.load()
    following = asyncio.create_task(authority.follow())
    commit = asyncio.create_task(authority.commit(Batch((Create(WWW),), NO_FENCE)))
    await asyncio.sleep(0)
    commit.cancel()
    await asyncio.wait([commit])
    committed = {record_set for record_set in await authority.read() if record_set == WWW}
    await answering(authority, {value for record_set in committed for value in record_set.values})
    following.cancel()
    await asyncio.wait([following])
    await authority.close()


@pytest.mark.servers  # takes its time
async def test_a_lost_file_leaves_the_answers_and_is_told_once(path: Path) -> None:
    authority = an_authority(path)
    await authority.load()
    await authority.commit(Batch((Create(WWW),), NO_FENCE))
    lose(path)
    with structlog.testing.capture_logs() as logs:
        following = asyncio.create_task(authority.follow())
        await asyncio.sleep(1.3)
        following.cancel()
        await asyncio.wait([following])
    assert [line["event"] for line in logs] == ["zone file failed"]
    assert f"{path} is gone" in logs[0]["reason"]
    assert addresses(authority) == {"192.0.2.1"}
    await authority.close()


@pytest.mark.parametrize("now", [NOW - 1_000_000, NOW, NOW + 1_000_000])
async def test_the_serial_grows_over_the_loss_of_the_file(path: Path, now: float) -> None:
    clock = [NOW]
    authority = Authority(ZoneFile(path, ZONE), APEX, lambda: clock[0])
    await authority.load()
    for number in range(3):
        await authority.commit(Batch((Create(a_set(f"www-{number}", "A", "192.0.2.1")),), NO_FENCE))
    before = serial(authority)
    lose(path)
    clock[0] = now
    await authority.commit(Batch((Create(WWW),), NO_FENCE))
    assert serial(authority) > before
    assert addresses(authority) == {"192.0.2.1"}
    assert addresses(authority, "www-0") == set()
    await authority.close()


async def test_reading_makes_no_file(path: Path) -> None:
    authority = an_authority(path)
    assert set(await authority.read()) == set(APEX.record_sets())
    assert list(path.parent.iterdir()) == []
    await authority.close()
