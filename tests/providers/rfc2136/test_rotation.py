"""TSIG keys change while feddns writes."""

import asyncio
import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog.testing

from feddns.errors import Unauthorized
from feddns.model.changes import Create
from feddns.model.records import ZoneName
from feddns.providers.rfc2136 import Rfc2136
from feddns.providers.rfc2136.settings import Rfc2136Settings
from feddns.providers.tsigkey import Secret, TsigSettings
from feddns.telemetry.events import LogEvent
from feddns.testing.pen import Pen
from tests.mounted import Mounted
from tests.servers import Bind

ZONE = ZoneName("example.com.")
FIRST, SECOND = (base64.b64encode(text * 8).decode() for text in (b"old.", b"new."))


def key(name: str, secret: str, algorithm: str = "hmac-sha256") -> str:
    """A key as tsig-keygen prints it."""
    return f'key "{name}" {{\n\talgorithm {algorithm};\n\tsecret "{secret}";\n}};\n'


class TwoKeys(Bind):
    """A BIND that grants two keys the same.

    Attributes:
        granted: the names of those that it still knows.
    """

    granted: tuple[str, ...] = ("first.", "second.")

    def _configure(self) -> list[str]:
        command = super()._configure()
        keys = "".join(key(name, {"first.": FIRST, "second.": SECOND}[name]) for name in self.granted)
        transfer = "".join(f'key "{name}"; ' for name in self.granted)
        update = "".join(f"grant {name} zonesub ANY; " for name in self.granted)
        path = self.folder / "named.conf"
        text = path.read_text()
        text = text.replace(f'allow-transfer {{ key "{self.key_name}"; }};', f"allow-transfer {{ {transfer}}};")
        path.write_text(keys + text.replace(f"grant {self.key_name} zonesub ANY;", update))
        return command


@pytest.fixture
def bind() -> Iterator[TwoKeys]:
    with TwoKeys() as server:
        yield server


@pytest.mark.servers
async def test_bind_is_written_without_a_pause_while_the_key_is_rotated(bind: TwoKeys, tmp_path: Path) -> None:
    secret = Mounted(tmp_path / "tsig", key=key("first.", FIRST))
    settings = Rfc2136Settings(f"{bind.host}:{bind.port}", TsigSettings(secret_file="tsig/key"))  # noqa: S106  # a path
    provider = Rfc2136.open(settings, ZONE, tmp_path)
    pen = Pen(provider, ZONE)
    signed_by: list[str] = []

    async def write(count: int) -> None:
        for _ in range(count):
            await pen.write(Create(pen.set(f"host-{len(signed_by)}", "A", "192.0.2.1")))
            signed_by.append(_signers(bind)[-1])

    with structlog.testing.capture_logs() as told:
        await write(5)
        secret.swap(key=key("second.", SECOND))
        await write(5)
        secret.swap(key="key { torn")
        await write(2)
        bind.granted = ("second.",)  # the old key is taken away last
        await provider.close()
        await asyncio.to_thread(bind.restart)
        await write(3)
    assert len(await provider.read_zone()) >= 15
    await provider.close()
    assert signed_by == ["first"] * 5 + ["second"] * 10
    assert [line["event"] for line in told] == [
        LogEvent.CREDENTIALS_RENEWED.message,
        LogEvent.CREDENTIALS_KEPT.message,
    ]
    assert all(text not in str(told) for text in (FIRST, SECOND, "torn"))


def _signers(bind: Bind) -> list[str]:
    """Who signed each update, as BIND tells it."""
    return re.findall(r"/key (\w+): updating zone", (bind.folder / "log").read_text())


@pytest.mark.parametrize(
    "text",
    [
        key("first.", FIRST),
        key("First", FIRST).replace('"', ""),
        f"# made by hand\n{key('first', FIRST)}// end\n",
        key("first.", FIRST).replace("\n", " ").replace("\t", ""),
    ],
)
def test_a_whole_key_is_understood_as_bind_understands_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    found = Secret(TsigSettings(secret_file="key"), tmp_path).key()  # noqa: S106  # a path
    assert found.name.canonicalize().to_text() == "first."
    assert found.secret == b"old." * 8


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        (FIRST, "", "holds a TSIG secret alone: set the key's `name` beside it"),
        (key("first.", FIRST), "other", r"holds the TSIG key first\., and not other: leave out `name`"),
        (key("first.", FIRST, "hmac-md5"), "", "too weak"),
        (key("a..b", FIRST), "", "no domain name"),
        (key("first.", "===="), "", "nothing but base64, or a whole key"),
        (key("first.", FIRST) * 2, "", "nothing but base64, or a whole key"),
    ],
)
def test_a_key_that_cannot_be_used_is_told_and_not_shown(tmp_path: Path, text: str, name: str, told: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(Unauthorized, match=told) as refusal:
        Secret(TsigSettings(name, secret_file="key"), tmp_path).key()  # noqa: S106  # a path
    assert FIRST not in repr(refusal.value)
