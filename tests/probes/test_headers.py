import os
from pathlib import Path

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.errors import HeadersError
from feddns.probes.headers import HeaderFolders, checked

A_SECRET = b"hunter2"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("octets", "value"),
    [(b"a", "a"), (b"a\n", "a"), (b"a\r\n", "a"), (b" a b \n", "a b"), (b"", ""), (b"a\tb", "a\tb")],
)
def test_a_newline_at_the_end_is_the_editors(octets: bytes, value: str) -> None:
    assert checked({"X-Token": octets}, "the Secret") == {"X-Token": value}


@pytest.mark.parametrize(
    "octets", [b"a\n\n", b"a\nX-Other: b", b"a\rb", b"a\0b", "\u00fc".encode(), b"\x7f", b"x" * 8193]
)
def test_a_value_that_no_header_may_hold_is_refused_and_not_told(octets: bytes) -> None:
    with pytest.raises(HeadersError, match=r"^the Secret: X-Token ") as raised:
        checked({"X-Token": A_SECRET + octets}, "the Secret")
    assert A_SECRET.decode() not in str(raised.value)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "\u00fc", "a\n", "Host", "content-length", "Transfer-Encoding"])
def test_a_name_that_can_be_no_header_of_ours_is_refused(name: str) -> None:
    with pytest.raises(HeadersError, match=r"^the Secret has "):
        checked({name: A_SECRET}, "the Secret")


def test_too_many_are_refused() -> None:
    with pytest.raises(HeadersError, match="holds 65 headers; 64 at most"):
        checked({f"x-{number}": b"" for number in range(65)}, "the Secret")


@given(st.dictionaries(st.text(max_size=5), st.binary(max_size=20), max_size=3))
def test_what_is_accepted_can_be_sent(entries: dict[str, bytes]) -> None:
    try:
        headers = checked(entries, "the Secret")
    except HeadersError:
        return
    h11.Request(method="GET", target="/", headers=[("Host", "a"), *headers.items()])


def test_each_file_of_a_folder_is_a_header(tmp_path: Path) -> None:
    (tmp_path / "Authorization").write_bytes(b"Bearer hunter2\n")
    (tmp_path / "X-Probe").write_bytes(b"feddns")
    (tmp_path / "folder").mkdir()
    assert HeaderFolders().headers(str(tmp_path)) == {"Authorization": "Bearer hunter2", "X-Probe": "feddns"}


def mount(folder: Path, name: str, **entries: str) -> None:
    """Put data into a folder as kubelet does with a Secret: behind a link that is replaced at once."""
    data = folder / name
    data.mkdir()
    for key, value in entries.items():
        (data / key).write_text(value)
        if not (folder / key).is_symlink():
            (folder / key).symlink_to(Path("..data") / key)
    link = folder / "..data_tmp"
    link.symlink_to(name)
    os.replace(link, folder / "..data")  # noqa: PTH105 - as kubelet does


def test_a_mounted_secret_that_changes_is_read_again_after_a_second(tmp_path: Path) -> None:
    clock = Clock()
    folders = HeaderFolders(clock)
    mount(tmp_path, "..2026_01", token="one")  # noqa: S106 - no secret
    assert folders.headers(str(tmp_path)) == {"token": "one"}
    mount(tmp_path, "..2026_02", token="two")  # noqa: S106 - likewise
    clock.now = 0.9
    assert folders.headers(str(tmp_path)) == {"token": "one"}
    clock.now = 1.0
    assert folders.headers(str(tmp_path)) == {"token": "two"}


def test_what_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    clock = Clock()
    folders = HeaderFolders(clock)
    (tmp_path / "token").write_text("one")
    first = folders.headers(str(tmp_path))
    clock.now = 100.0
    assert folders.headers(str(tmp_path)) is first


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(HeadersError, match="missing cannot be read: No such file or directory"):
        HeaderFolders().headers(str(tmp_path / "missing"))
    (tmp_path / "X-Long").write_bytes(b"x" * 10_000)
    with pytest.raises(HeadersError, match="X-Long is longer than 8 KiB"):
        HeaderFolders().headers(str(tmp_path))
