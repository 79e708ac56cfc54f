"""Orders in a file, for feddns outside of clusters: whole at every moment, and changed by one command at a time."""

import asyncio
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from feddns.errors import OrdersError
from feddns.model.orders import Orders
from feddns.orders.bulletin import Bulletin
from feddns.orders.document import OrdersText, read_orders

_PAUSE_S: Final = 0.01
_MOST_OCTETS: Final = 4 * 2**20
_MODE: Final = 0o644
"""Of a new file: nothing in it is secret, and who runs feddns is often another than who gives orders."""


class FileStore:
    """See `feddns.orders.store.OrderStore`; no file is no orders.

    A change is written beside the file, to the disk, and takes its place by renaming, so that a crash at any moment
    leaves the old orders or the new ones. Commands take turns by a lock on a file of its own, as the orders' file is
    another one after each change.

    Args:
        path: of the file.
        patience_s: seconds to wait for another command.
        poll_s: seconds between two looks at the file.
    """

    def __init__(self, path: Path, patience_s: float = 5.0, poll_s: float = 0.5) -> None:
        self.known = asyncio.Event()
        self._path = path
        self._patience_s = patience_s
        self._poll_s = poll_s

    def describe(self) -> str:
        """See `OrderStore`."""
        return f"the file {self._path}"

    async def read(self) -> Orders:
        """See `OrderStore`."""
        return (await asyncio.to_thread(self._read)).orders

    async def update(self, change: Callable[[Orders], Orders]) -> Orders:
        """See `OrderStore`."""
        return await asyncio.to_thread(self._update, change)

    async def watch(self, seen: Callable[[Orders], None]) -> None:
        """See `OrderStore`.

        The file is read again and again, as that is cheap, works on every file system, and sees what a look at times
        and sizes might miss.
        """
        bulletin = Bulletin(self.describe(), self.known, seen)
        reason = ""
        while True:
            try:
                bulletin.tell(await self.read())
                reason = ""
            except OrdersError as error:
                if reason == str(error):  # else it may be half of what an editor is just writing
                    bulletin.trouble(reason)
                reason = str(error)
            await asyncio.sleep(self._poll_s)

    def _read(self) -> OrdersText:
        try:
            with self._path.open("rb") as file:
                octets = file.read(_MOST_OCTETS + 1)
        except FileNotFoundError:
            folder = self._place().parent
            if folder.is_dir():
                return OrdersText()
            raise OrdersError(f"{self._path} cannot be read: there is no folder {folder}") from None
        except OSError as error:
            raise OrdersError(f"{self._path} cannot be read: {error.strerror}") from None
        if len(octets) > _MOST_OCTETS:
            raise OrdersError(f"{self._path} has more than {_MOST_OCTETS} octets, so it holds no orders; move it away")
        return read_orders(octets, str(self._path))

    def _update(self, change: Callable[[Orders], Orders]) -> Orders:
        try:
            place = self._place()
            with self._locked(place.with_name(f".{place.name}.lock")):
                text = self._read()
                orders = change(text.orders)
                if orders != text.orders:
                    _replace(place, OrdersText(orders, text.others).encoded())
                return orders
        except OSError as error:
            raise OrdersError(
                f"{self._path} cannot be written: {error.strerror}; orders need a folder that feddns may write to, or "
                f"a ConfigMap: see `state` in the configuration"
            ) from None

    def _place(self) -> Path:
        """Where a link leads, which stays one."""
        return Path(os.path.realpath(self._path))

    @contextmanager
    def _locked(self, path: Path) -> Iterator[None]:
        """Hold the lock; it goes with the process that has it, however that ends."""
        ends = time.monotonic() + self._patience_s
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        try:
            while not _taken(descriptor):
                if time.monotonic() > ends:
                    raise OrdersError(
                        f"{self._path} is being changed by another process for more than {self._patience_s:g} s"
                    )
                time.sleep(_PAUSE_S)
            yield
        finally:
            os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _replace(path: Path, octets: bytes) -> None:
    """Put `octets` in the place of a file, whole and on the disk; to be called under the lock."""
    new = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        new.unlink()  # what a process left that was killed here
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, _MODE)
    with os.fdopen(descriptor, "wb") as file:
        _take_after(path, descriptor)
        file.write(octets)
        file.flush()
        os.fsync(descriptor)
    new.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _take_after(path: Path, descriptor: int) -> None:
    """Give a file the owner and the mode of the one whose place it takes: root's order must not take it from others."""
    with suppress(FileNotFoundError):
        old = path.stat()
        os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
        with suppress(PermissionError):
            os.fchown(descriptor, old.st_uid, old.st_gid)
