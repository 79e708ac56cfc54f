import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feddns.errors import Conflict, ProviderError, Rejected, Unauthorized, Unavailable
from feddns.model.changes import Batch, Create, Delete, Fence, Replace
from feddns.model.records import RecordSet, ZoneName
from feddns.nameserver.zonefile import Contents, ZoneFile, next_serial
from feddns.plan.diff import diff
from tests.answers.asking import a_set, zones
from tests.fuzz.names import CORPUS
from tests.nameserver.commits import FIRST_SERIAL, SIZE, ZONE, batch, claim, service

NO_FENCE = Fence(None, None)
WWW = a_set("www", "A", "192.0.2.1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "example.com.zone.sqlite"


@pytest.fixture
def file(path: Path) -> ZoneFile:
    return ZoneFile(path, ZONE)


def committer(path: Path, *arguments: str) -> subprocess.Popen[str]:
    command = (sys.executable, "-m", "tests.nameserver.commits", str(path), *arguments)
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_no_file_is_an_empty_zone_and_is_not_made(file: ZoneFile, path: Path) -> None:
    assert file.read() == Contents(None, ())
    assert file.serial() is None
    assert not path.exists()


def test_a_commit_makes_the_file_and_counts_from_the_first_serial(file: ZoneFile, path: Path) -> None:
    assert file.commit(Batch((Create(WWW),), NO_FENCE), FIRST_SERIAL) == FIRST_SERIAL + 1
    assert file.commit(Batch((Delete(WWW),), NO_FENCE), 5) == FIRST_SERIAL + 2
    assert ZoneFile(path, ZONE).read() == Contents(FIRST_SERIAL + 2, ())


def test_a_file_is_made_once(file: ZoneFile, path: Path) -> None:
    file.create(FIRST_SERIAL)
    ZoneFile(path, ZONE).create(5)
    assert file.serial() == FIRST_SERIAL


@given(history=st.lists(zones(), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_committed_is_read_by_everyone(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[RecordSet, ...]]
) -> None:
    path = tmp_path_factory.mktemp("zone") / "zone.sqlite"
    writer, reader = ZoneFile(path, ZONE), ZoneFile(path, ZONE)
    current: tuple[RecordSet, ...] = ()
    for desired in history:
        writer.commit(Batch(diff(desired, current), NO_FENCE), FIRST_SERIAL)
        current = desired
        for each in (writer, reader):
            assert set(each.read().record_sets) == set(desired)
    writer.close()
    reader.close()
    shutil.rmtree(path.parent)


@pytest.mark.parametrize(
    "wrong",
    [
        Batch((Create(a_set("new", "A", "192.0.2.9")), Create(WWW)), NO_FENCE),
        Batch((Create(a_set("new", "A", "192.0.2.9")), Delete(a_set("www", "A", "192.0.2.2"))), NO_FENCE),
        Batch((Delete(WWW), Replace(WWW, a_set("www", "A", "192.0.2.2"))), NO_FENCE),
        Batch((Delete(a_set("www", "A", "192.0.2.1", ttl=5)),), NO_FENCE),
        Batch((Delete(WWW),), Fence(None, claim(2))),
        Batch((Delete(WWW),), Fence(claim(7), claim(8))),
    ],
    ids=["already there", "another value", "gone before", "another ttl", "a claim unexpected", "another claim"],
)
def test_a_batch_that_does_not_fit_changes_nothing(file: ZoneFile, wrong: Batch) -> None:
    file.commit(Batch((Create(WWW),), Fence(None, claim(1))), FIRST_SERIAL)
    before = file.read()
    with pytest.raises(Conflict, match="as expected"):
        file.commit(wrong, FIRST_SERIAL)
    assert file.read() == before


def test_a_conflict_tells_what_is_and_what_was_expected(file: ZoneFile) -> None:
    file.commit(Batch((Create(WWW),), NO_FENCE), FIRST_SERIAL)
    with pytest.raises(Conflict) as conflict:
        file.commit(Batch((Create(WWW),), NO_FENCE), FIRST_SERIAL)
    assert str(conflict.value) == "www.example.com. A is 192.0.2.1 with TTL 180, not absent as expected"


def test_an_alias_beside_other_records_is_rejected(file: ZoneFile) -> None:
    file.commit(Batch((Create(WWW),), NO_FENCE), FIRST_SERIAL)
    alias = a_set("www", "CNAME", "there.example.com.")
    with pytest.raises(Rejected, match="CNAME beside A") as refusal:
        file.commit(Batch((Create(alias),), NO_FENCE), FIRST_SERIAL)
    assert refusal.value.names == {"www.example.com."}
    file.commit(Batch((Delete(WWW), Create(alias)), NO_FENCE), FIRST_SERIAL)
    assert file.read().record_sets == (alias,)


def test_a_process_killed_in_the_middle_leaves_whole_batches(path: Path) -> None:
    chance = random.Random(4711)
    for _ in range(5):
        with committer(path) as process:
            assert process.stdout is not None
            for _ in range(chance.randrange(1, 30)):
                done = int(process.stdout.readline())
            process.kill()
        file = ZoneFile(path, ZONE)
        contents = file.read()
        (fence,) = [record_set for record_set in contents.record_sets if record_set.type == "TXT"]
        seq = int(fence.values[0].removeprefix("seq="))
        assert seq >= done
        assert contents.serial == FIRST_SERIAL + seq
        assert set(contents.record_sets) == {claim(seq), *(service(number, seq) for number in range(SIZE))}
        file.commit(batch(seq + 1), FIRST_SERIAL)
        file.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)


def test_of_processes_with_the_same_fence_exactly_one_wins(path: Path) -> None:
    for _ in range(3):
        path.unlink(missing_ok=True)
        processes = [committer(path, f"process-{number}") for number in range(4)]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        outcomes = sorted([process.communicate()[0] for process in processes])
        assert outcomes == ["lost\n", "lost\n", "lost\n", "won\n"]
        file = ZoneFile(path, ZONE)
        assert len(file.read().record_sets) == 2
        assert file.serial() == FIRST_SERIAL + 1
        file.close()


def test_threads_may_share_a_file(file: ZoneFile) -> None:
    def commit(number: int) -> None:
        for step in range(10):
            file.commit(Batch((Create(service(number * 100 + step, 1)),), NO_FENCE), FIRST_SERIAL)
            file.read()

    threads = [threading.Thread(target=commit, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(file.read().record_sets) == 40
    assert file.serial() == FIRST_SERIAL + 40


def test_a_file_that_was_replaced_is_read_anew(file: ZoneFile, path: Path) -> None:
    file.commit(Batch((Create(WWW),), NO_FENCE), FIRST_SERIAL)
    path.unlink()
    assert file.read() == Contents(None, ())
    other = ZoneFile(path, ZONE)
    other.commit(Batch((Create(service(1, 1)),), NO_FENCE), 5_000)
    assert file.read() == Contents(5_001, (service(1, 1),))


@pytest.mark.parametrize("use", [ZoneFile.read, ZoneFile.serial, lambda file: file.create(1)])
class TestAFileThatCannotBeUsed:
    """Whatever is done with it, the error names it."""

    def refused(self, use: Callable[[ZoneFile], object], path: Path, kind: type[ProviderError], why: str) -> None:
        file = ZoneFile(path, ZONE, patience_s=0.05)
        with pytest.raises(kind, match=why) as refusal:
            use(file)
        assert str(path) in str(refusal.value)
        file.close()

    def test_is_damaged(self, use: Callable[[ZoneFile], object], path: Path) -> None:
        path.write_bytes(b"no database " * 1_000)
        self.refused(use, path, Unavailable, "is damaged")
        assert path.read_bytes() == b"no database " * 1_000

    def test_is_damaged_so_that_it_asks_for_all_memory(self, use: Callable[[ZoneFile], object], path: Path) -> None:
        """Found by fuzzing: SQLite runs out of memory over it."""
        path.write_bytes((CORPUS / "zone_file" / "size-of-everything").read_bytes())
        self.refused(use, path, Unavailable, "is damaged")

    def test_is_somebody_elses(self, use: Callable[[ZoneFile], object], path: Path) -> None:
        run(path, "CREATE TABLE invoices (total INTEGER)")
        self.refused(use, path, Rejected, "not a zone of feddns")

    def test_is_of_another_version(self, use: Callable[[ZoneFile], object], path: Path) -> None:
        ZoneFile(path, ZONE).create(FIRST_SERIAL)
        run(path, "PRAGMA user_version = 99")
        self.refused(use, path, Rejected, "tables of version 99, written by another feddns; this one knows 1")

    def test_is_of_another_zone(self, use: Callable[[ZoneFile], object], path: Path) -> None:
        ZoneFile(path, ZoneName("example.net.")).create(FIRST_SERIAL)
        self.refused(use, path, Rejected, r"holds the zone example\.net\., not example\.com\.")

    def test_is_a_folder(self, use: Callable[[ZoneFile], object], path: Path) -> None:
        path.mkdir()
        self.refused(use, path, Unavailable, "cannot be opened")

    def test_is_under_a_file(self, use: Callable[[ZoneFile], object], path: Path) -> None:
        path.write_text("")
        self.refused(use, path / "zone", Unavailable, "cannot be used: Not a directory")


def run(path: Path, statement: str, *values: str) -> None:
    """Do to the file what feddns never does."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement, values)
    connection.close()


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="is its folder there"):
        ZoneFile(tmp_path / "gone" / "zone", ZONE).create(1)


@pytest.mark.parametrize("data", ["", "[1]", '{"a": 1}', "x"])
def test_a_row_that_feddns_never_wrote_is_told(file: ZoneFile, path: Path, data: str) -> None:
    file.create(FIRST_SERIAL)
    run(path, "INSERT INTO record_sets VALUES ('www.example.com.', 'A', 180, ?)", data)
    with pytest.raises(Rejected, match="feddns never writes"):
        file.read()


@pytest.mark.parametrize("change", ["name = x'01'", "type = x'01'", "ttl = x'01'", "ttl = 'x'", "ttl = 1.5"])
def test_a_value_of_another_type_than_its_column_is_told(file: ZoneFile, path: Path, change: str) -> None:
    """SQLite takes any."""
    file.create(FIRST_SERIAL)
    run(path, "INSERT INTO record_sets VALUES ('www.example.com.', 'A', 180, '[\"192.0.2.1\"]')")
    run(path, "UPDATE record_sets SET " + change)  # noqa: S608 - the text is the test's own
    with pytest.raises(Rejected, match="feddns never writes"):
        file.read()


@pytest.mark.parametrize("serial", ["-1", "4294967296", "'x'", "1.5"])
def test_a_serial_that_is_none_is_told(file: ZoneFile, path: Path, serial: str) -> None:
    file.create(FIRST_SERIAL)
    run(path, "UPDATE zone SET serial = " + serial)  # noqa: S608 - likewise
    with pytest.raises(Rejected, match="feddns never writes"):
        file.serial()


def test_a_commit_waits_for_another_writer_and_then_gives_up_while_reading_goes_on(path: Path) -> None:
    file = ZoneFile(path, ZONE, patience_s=0.05)
    file.create(FIRST_SERIAL)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="being written by another process"):
        file.commit(Batch((Create(WWW),), NO_FENCE), FIRST_SERIAL)
    assert file.serial() == FIRST_SERIAL
    other.execute("ROLLBACK")
    other.close()
    assert file.commit(Batch((Create(WWW),), NO_FENCE), FIRST_SERIAL) == FIRST_SERIAL + 1


def test_a_full_disk_is_told_and_nothing_is_changed(path: Path) -> None:
    file = ZoneFile(path, ZONE)
    file.commit(Batch((Create(WWW),), NO_FENCE), FIRST_SERIAL)
    before = file.read()
    run(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    large = a_set("large", "TXT", *(f"{number:03}{'x' * 250}" for number in range(400)))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limit[1]))
    try:
        with pytest.raises(Unavailable, match=re.escape(str(path))):
            file.commit(Batch((Create(large),), NO_FENCE), FIRST_SERIAL)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, ignored)
    assert file.read() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_that_may_not_be_written_can_still_be_read(file: ZoneFile, path: Path) -> None:
    file.commit(Batch((Create(WWW),), NO_FENCE), FIRST_SERIAL)
    file.close()
    path.chmod(0o400)
    assert file.read().record_sets == (WWW,)
    with pytest.raises(Unauthorized, match="may not be written"):
        file.commit(Batch((Delete(WWW),), NO_FENCE), FIRST_SERIAL)


def test_closing_twice_is_closing_once(file: ZoneFile) -> None:
    file.create(FIRST_SERIAL)
    file.close()
    file.close()
    assert file.serial() == FIRST_SERIAL


@pytest.mark.parametrize(("serial", "following"), [(1, 2), (2**31 - 1, 2**31), (2**32 - 1, 1)])
def test_serials_go_round_without_zero(serial: int, following: int) -> None:
    assert next_serial(serial) == following
