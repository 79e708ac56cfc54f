"""The examples of docs/providers/rfc2136.md do what the page says."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import yaml

from feddns.errors import Unauthorized
from feddns.model.changes import Create, Delete
from feddns.model.records import ZoneName
from feddns.providers.rfc2136.settings import Rfc2136Settings
from feddns.testing.pen import Pen, among
from tests.providers.conftest import OpenAt
from tests.servers import Bind, DnsServer, Knot

PAGE = (Path(__file__).parents[3] / "docs" / "providers" / "rfc2136.md").read_text()


def example(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


class DocumentedBind(Bind):
    """BIND with the page's key and zone."""

    def _configure(self) -> list[str]:
        command = super()._configure()
        path = self.folder / "named.conf"
        statements = example("named").replace("BASE64", self.secret)
        own = path.read_text()
        kept = own[: own.index("key ")]
        path.write_text(kept + statements.replace("/var/lib/bind/example.com.zone", str(self.folder / "zone")))
        return command


class DocumentedKnot(Knot):
    """Knot with the page's key, ACLs and zone."""

    def _configure(self) -> list[str]:
        command = super()._configure()
        path = self.folder / "knot.conf"
        own = path.read_text()
        statements = example("knot").replace("BASE64", self.secret).replace("/var/lib/knot", str(self.folder))
        path.write_text(own[: own.index("key:")] + statements.replace("example.com.zone", "zone"))
        return command


@pytest.fixture(params=[DocumentedBind, DocumentedKnot])
def server(request: pytest.FixtureRequest) -> Iterator[DnsServer]:
    with request.param() as server:
        yield server


@pytest.mark.servers
async def test_the_servers_set_up_as_documented_let_feddns_write_what_it_must_and_no_more(
    server: DnsServer, open_rfc2136: OpenAt
) -> None:
    provider = open_rfc2136(server)
    pen = Pen(provider, ZoneName("example.com."))
    address, alias = pen.set("www", "A", "192.0.2.1"), pen.set("www", "CNAME", "there.example.com.")
    await pen.write(Create(address), Create(pen.set("www", "AAAA", "2001:db8::1")))
    await pen.write(Delete(address), Delete(pen.set("www", "AAAA", "2001:db8::1")), Create(alias))
    assert await among(provider, alias)
    with pytest.raises(Unauthorized):
        await pen.write(Create(pen.set("mail", "MX", "10 mail.example.net.")))
    await provider.close()


def test_the_settings_of_the_example_are_understood() -> None:
    settings = yaml.safe_load(example("yaml"))["dns"]["provider"]["rfc2136"]
    assert msgspec.convert(settings, Rfc2136Settings).server == "ns1.example.com"


def test_every_setting_stands_in_the_table() -> None:
    fields = {
        field.encode_name if section is Rfc2136Settings else f"tsig.{field.encode_name}"
        for section in (Rfc2136Settings, Rfc2136Settings.__annotations__["tsig"].__args__[0])
        for field in msgspec.structs.fields(section)
    }
    assert set(re.findall(r"^\| `([\w.]+)` \|", PAGE, re.MULTILINE)) == fields - {"tsig"}
