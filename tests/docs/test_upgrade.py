"""docs/upgrade.md promises what the code does."""

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import msgspec
import pytest

from feddns.cli.remote import Remote
from feddns.config.parse import load
from feddns.errors import ConfigError, UntoldError
from feddns.model.records import A, DnsName, RecordSet
from feddns.model.status import Verdicts
from feddns.orders.document import OrdersText, read_orders
from feddns.plan.budget import Cause, Spent
from feddns.plan.claim import next_fence
from feddns.plan.ownership import ownership, read_ownership
from feddns.plan.zone import refusal, sort_zone
from tests.builders import FED, NGINX
from tests.charts.values import CHARTS
from tests.docs.commands import taken
from tests.docs.pages import Page

PAGE = Page("upgrade.md")
H = DnsName("nginx.example.com.")


def newer(record: RecordSet) -> RecordSet:
    """As a version would write it that says more."""
    return msgspec.structs.replace(record, values=(f"{record.values[0]},form=2",))


def told(what: str) -> str:
    """The row of a table that begins so."""
    (row,) = re.findall(rf"^\| {re.escape(what)}.*$", PAGE.text, re.MULTILINE)
    return str(row)


def test_claim_and_ownerships_are_of_the_form_that_the_page_gives() -> None:
    claim = next_fence(FED, "O", None).desired
    assert claim is not None
    assert claim.values[0].replace("=fed,", "=F,").replace("seq=1", "seq=N") in told("the claim")
    assert claim.name == "_feddns.fed.svc.example.com."
    spent = next_fence(FED, "O", None, (Spent(Cause.HEALTH, 1, 1),)).desired
    assert spent is not None
    assert spent.values[0] == claim.values[0].replace(",seq=", ",deleted=h1@1,seq=")
    assert "`deleted=…,`" in told("the claim")
    owned = ownership(FED, "O", NGINX, H, "R").values[0].replace("=fed,", "=F,")
    form, _, region = owned.replace(str(NGINX), "NAMESPACE/NAME").rpartition(",")
    assert form in told("ownerships")
    assert f",{region}" in told("ownerships")


def test_a_claim_of_another_form_stops_all_writing_and_is_named() -> None:
    claim = next_fence(FED, "me", None).desired
    assert claim is not None
    assert refusal(sort_zone([claim], FED), FED, "me") == ""
    text = refusal(sort_zone([newer(claim)], FED), FED, "me")
    assert text.startswith(f"{FED.claim} TXT is ")
    assert "form=2" in text


def test_an_ownership_of_another_form_leaves_its_hostname_to_others() -> None:
    claim, owned = next_fence(FED, "me", None).desired, ownership(FED, "me", NGINX, H)
    assert claim is not None
    assert read_ownership(newer(owned)) is None
    at_hostname = RecordSet(H, A, 60, ("192.0.2.1",))
    assert at_hostname in sort_zone([claim, owned, at_hostname], FED).services[NGINX]
    assert sort_zone([claim, newer(owned), at_hostname], FED).services == {}


def test_orders_keep_what_is_newer_beside_them_and_not_within_them() -> None:
    text = b'{"quotas": {"us": 1}, "drains": {"us": {"since": 1, "note": "x"}}}'
    read = read_orders(text, "orders.json")
    assert json.loads(OrdersText(read.orders, read.others).encoded())["quotas"] == {"us": 1}
    assert "note" not in read.encoded().decode()
    assert "is gone when orders change" in told("fields in the orders")


def test_a_setting_of_a_newer_version_is_refused_with_its_line() -> None:
    text = "federation: f\nzoneless: true\ndns: {zone: example.com, provider: {embedded: {}}}\n"
    with pytest.raises(ConfigError, match=r"^feddns.yaml:2: .*zoneless"):
        load(text, "feddns.yaml", ("embedded",))


def test_there_are_no_resource_definitions_in_the_charts() -> None:
    templates = [path for path in CHARTS.rglob("*") if path.suffix in {".yaml", ".tpl"}]
    assert len(templates) > 10
    assert [path for path in templates if "CustomResourceDefinition" in path.read_text()] == []
    assert [*CHARTS.glob("*/crds")] == []


def test_every_command_line_is_taken() -> None:
    verbs = [taken(each.words) and each.words[1] for each in PAGE.commands("feddns")]
    assert set(verbs) == {"check", "plan", "join", "release", "leave"}
    for each in PAGE.commands("helm"):
        assert each.words[1] in {"upgrade", "history", "rollback", "uninstall"}


class Older(BaseHTTPRequestHandler):
    """A feddns of another version."""

    told: dict[str, Any]

    def do_GET(self) -> None:  # the name that http.server asks for
        body = json.dumps(self.told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def pod() -> Iterator[Remote]:
    server = HTTPServer(("127.0.0.1", 0), Older)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Remote(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


def test_status_ignores_what_is_new_and_tells_of_another_version_where_something_is_missing(pod: Remote) -> None:
    known = {"healthy": 1, "unhealthy": 0, "unknown": 2}
    Older.told = {**known, "drained": 3}
    assert pod.ask("/verdicts", Verdicts) == Verdicts(1, 0, 2)
    Older.told = {"healthy": 1}
    with pytest.raises(UntoldError, match="is another version of feddns"):
        pod.ask("/verdicts", Verdicts)


@pytest.mark.servers
def test_orders_are_moved_by_the_key_that_they_are_kept_under() -> None:
    from feddns.orders.configmap import KEY  # noqa: PLC0415 - the Kubernetes client is slow to import

    assert KEY in told("orders")
    assert f"--from-file={KEY}" in PAGE.text
