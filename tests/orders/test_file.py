# ruff: noqa: ASYNC240 - the test's own folder is no slow disk
import asyncio
import fcntl
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feddns.errors import OrdersError
from feddns.model.orders import NO_ORDERS, Drain, Freeze, Orders, drained, frozen, thawed
from feddns.model.topology import ClusterName
from feddns.orders.file import FileStore
from tests.clusters.observing import until
from tests.orders.strategies import Change, changes
from tests.orders.watching import logged, troubles, watched
from tests.rules.files import ROOT

US = ClusterName("us")
DRAINED = drained(NO_ORDERS, US, Drain(1))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feddns-state.json"


@pytest.fixture
def store(path: Path) -> FileStore:
    return FileStore(path, patience_s=0.05, poll_s=0.01)


@contextmanager
def giving(path: Path, count: int, prefix: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that gives orders; it has begun."""
    command = [sys.executable, "-m", "tests.orders.giving", str(path), str(count), prefix]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "going\n"
            yield process
        finally:
            process.kill()


async def test_no_file_is_no_orders(store: FileStore, path: Path) -> None:
    assert await store.read() == NO_ORDERS
    assert not path.exists()


async def test_a_folder_that_is_not_there_may_hold_any_orders(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "gone" / "state.json")
    with pytest.raises(OrdersError, match=r"there is no folder .*/gone"):
        await store.read()
    with pytest.raises(OrdersError, match="cannot be written: No such file or directory; orders need a folder"):
        await store.update(lambda _: DRAINED)


async def test_a_link_that_leads_nowhere_may_hold_any_orders(store: FileStore, path: Path) -> None:
    path.symlink_to("unmounted/state.json")
    with pytest.raises(OrdersError, match="there is no folder"):
        await store.read()


@settings(max_examples=25)
@given(st.lists(changes(), max_size=5))
def test_a_new_store_reads_what_the_orders_came_to(
    tmp_path_factory: pytest.TempPathFactory, given: list[Change]
) -> None:
    path = tmp_path_factory.mktemp("orders") / "state.json"
    expected = NO_ORDERS
    for change in given:
        expected = change(expected)
        assert asyncio.run(FileStore(path).update(change)) == expected
    assert asyncio.run(FileStore(path).read()) == expected


async def test_a_change_that_changes_nothing_writes_nothing(store: FileStore, path: Path) -> None:
    assert await store.update(thawed) == NO_ORDERS
    assert not path.exists()


async def test_an_update_keeps_link_mode_and_what_other_versions_wrote(
    store: FileStore, path: Path, tmp_path: Path
) -> None:
    place = tmp_path / "place.json"
    place.write_text('{"quotas": 1}')
    place.chmod(0o640)
    path.symlink_to(place.name)
    await store.update(lambda _: DRAINED)
    assert path.is_symlink()
    assert place.stat().st_mode & 0o777 == 0o640
    assert json.loads(place.read_text()).keys() == {"quotas", "drains"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [".place.json.lock", "feddns-state.json", "place.json"]


async def test_orders_may_be_read_by_others_as_none_is_secret(store: FileStore, path: Path) -> None:
    before = os.umask(0o022)
    try:
        await store.update(lambda _: DRAINED)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o644


async def test_a_damaged_file_is_never_overwritten(store: FileStore, path: Path) -> None:
    path.write_text('{"drains": ')
    for work in (store.read(), store.update(lambda _: NO_ORDERS)):
        with pytest.raises(OrdersError, match=r"feddns-state\.json:1: not JSON"):
            await work
    assert path.read_text() == '{"drains": '


async def test_a_file_of_any_size_is_no_trap(store: FileStore, path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**33)
    with pytest.raises(OrdersError, match="more than 4194304 octets"):
        await store.read()


async def test_who_holds_the_lock_too_long_is_told_of(store: FileStore, path: Path) -> None:
    await store.update(lambda _: DRAINED)
    with path.with_name(f".{path.name}.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(OrdersError, match=r"changed by another process for more than 0\.05 s"):
            await store.update(thawed)
        assert await store.read() == DRAINED


async def test_an_error_in_a_change_leaves_the_lock_free(store: FileStore) -> None:
    def refuse(_: Orders) -> Orders:
        raise OrdersError("no")

    with pytest.raises(OrdersError, match="no"):
        await store.update(refuse)
    assert await store.update(lambda _: DRAINED) == DRAINED


async def test_updates_of_one_process_at_once_are_all_kept(path: Path) -> None:
    async def drain(number: int) -> None:
        cluster = ClusterName(f"c{number}")
        await FileStore(path).update(lambda orders: drained(orders, cluster, Drain(1)))

    await asyncio.gather(*map(drain, range(40)))
    assert len((await FileStore(path).read()).drains) == 40


@pytest.mark.servers
async def test_updates_of_several_processes_at_once_are_all_kept(path: Path) -> None:
    with giving(path, 100, "a") as one, giving(path, 100, "b") as other:
        mine = FileStore(path, patience_s=60)
        for number in range(100):
            cluster = ClusterName(f"c{number}")
            await mine.update(partial(drained, cluster=cluster, drain=Drain(1)))
        assert one.wait(60) == other.wait(60) == 0
    assert len((await mine.read()).drains) == 300


@pytest.mark.servers
async def test_a_kill_in_the_midst_of_writing_leaves_the_old_orders_or_the_new(path: Path) -> None:
    chance = random.Random(8)
    for turn in range(20):
        with giving(path, 100_000, f"{turn}-") as process:
            await asyncio.sleep(chance.uniform(0, 0.02))
            process.send_signal(signal.SIGKILL)
            process.wait()
        orders = await FileStore(path).read()
        mine = [drain for name, drain in orders.drains.items() if name.startswith(f"{turn}-")]
        assert len(mine) >= 1
        assert sorted(int(drain.by) for drain in mine) == list(range(1, len(mine) + 1))  # all up to the last one
        after = ClusterName(f"after-{turn}")
        await FileStore(path).update(partial(drained, cluster=after, drain=Drain(1)))  # what is left is in nobody's way
    assert not any(found.name.endswith(".new") for found in path.parent.iterdir())


async def test_the_watch_tells_at_the_start_and_at_each_change(store: FileStore, path: Path) -> None:
    assert not store.known.is_set()
    async with watched(store) as told:
        await until(store.known.is_set)
        await FileStore(path).update(lambda _: DRAINED)
        await until(lambda: len(told) > 1)
        await FileStore(path).update(lambda orders: frozen(orders, Freeze(1)))
        await until(lambda: len(told) > 2)
        path.unlink()
        await until(lambda: len(told) > 3)
    assert told == [NO_ORDERS, DRAINED, frozen(DRAINED, Freeze(1)), NO_ORDERS]


@pytest.mark.parametrize("damage", ["text", "loop"])
async def test_trouble_leaves_the_last_known_orders_and_is_logged_once(
    store: FileStore, path: Path, damage: str
) -> None:
    await store.update(lambda _: DRAINED)
    other = path.with_suffix(".other")
    if damage == "text":
        other.write_text("{")
    else:
        other.symlink_to(path.name)
    with logged() as lines:
        async with watched(store) as told:
            await until(lambda: told == [DRAINED])
            other.replace(path)
            await until(lambda: troubles(lines) != [])
            await asyncio.sleep(0.1)
            assert told == [DRAINED]
            assert len(troubles(lines)) == 1
            other.write_text("{}")
            other.replace(path)
            await until(lambda: told == [DRAINED, NO_ORDERS])


async def test_nothing_is_known_until_the_file_can_be_read(store: FileStore, path: Path) -> None:
    path.write_text("{")
    with logged() as lines:
        async with watched(store) as told:
            await until(lambda: troubles(lines) != [])
            assert not told
            assert not store.known.is_set()
            path.write_text("{}")
            await until(store.known.is_set)
            assert told == [NO_ORDERS]


async def test_a_watch_that_is_started_again_tells_again(store: FileStore) -> None:
    for _ in range(2):
        async with watched(store) as told:
            await until(partial([NO_ORDERS].__eq__, told))


async def test_a_change_of_the_orders_is_logged(store: FileStore, path: Path) -> None:
    with logged() as lines:
        async with watched(store) as told:
            await until(store.known.is_set)
            assert lines == []
            await FileStore(path).update(lambda _: DRAINED)
            await until(lambda: len(told) > 1)
    (line,) = lines
    assert (line["event"], line["drained"], line["frozen"]) == ("orders changed", ["us"], False)
    assert line["kept_in"] == f"the file {path}"
