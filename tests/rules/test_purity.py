import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import dns.message
import pytest

from feddns.answers.query import Query, read_query
from feddns.answers.responder import Responder
from feddns.answers.zone import Apex, NameServer, Zone
from feddns.config.parse import load
from feddns.config.schema import schema
from feddns.explain import story
from feddns.model.changes import Limits
from feddns.model.evidence import Sight
from feddns.model.records import DnsName
from feddns.model.topology import GLOBAL
from feddns.plan.agenda import Agenda
from feddns.plan.render import plan_lines
from feddns.plan.zone import sort_zone
from feddns.providers.embedded import EmbeddedSettings
from tests.builders import FED, NOW, a_claim, a_cluster, answer, decided, numbered, seen, some_terms
from tests.rules.conftest import NoIo

CONFIG = """\
federation: f
dns: {zone: example.com, provider: {embedded: {}}}
clusters: [{name: a, manifests: b, region: eu, zones: [c]}]
services: {selector: "tier in (web, api)"}
watch: {silence: 10s}
"""

REACHES = {
    "a file": lambda: Path(__file__).read_bytes(),
    "a folder": lambda: list(Path(__file__).parent.iterdir()),
    "a socket": lambda: socket.socket().close(),
    "a name": lambda: socket.getaddrinfo("localhost", 80),
    "a program": lambda: subprocess.run(["true"], check=True),
}


@pytest.mark.parametrize("what", REACHES)
def test_the_watch_sees(no_io: NoIo, what: str) -> None:
    reach: Callable[[], object] = REACHES[what]
    with pytest.raises(AssertionError, match="reached outside"), no_io():
        reach()


def test_the_watch_sleeps_outside_its_block(no_io: NoIo) -> None:
    with no_io():
        pass
    assert Path(__file__).read_bytes()


def test_a_configuration_is_read_from_text_alone(no_io: NoIo) -> None:
    with no_io():
        loaded = load(CONFIG, "feddns.yaml", ("embedded",))
    assert loaded.targets[0].provider == "embedded"


@pytest.mark.parametrize("sight", Sight)
def test_a_decision_and_its_story_come_from_values_alone(no_io: NoIo, sight: Sight) -> None:
    sightings = (
        seen(a_cluster("eu", "europe", "europe-a", sight=sight), "192.0.2.1"),
        seen(a_cluster("us", "america", "america-a"), "192.0.2.2", ready=0),
    )
    with no_io():
        decision = decided(*sightings)
        lines = list(story(decision, GLOBAL, decision.records, NOW))
    assert decision.scopes
    assert lines


def test_an_agenda_thinks_with_values_alone(no_io: NoIo) -> None:
    agenda = Agenda(some_terms())
    with no_io():
        agenda.read(sort_zone([a_claim(), *answer(1), *answer(2)], FED))
        agenda.want(numbered(1), ())
        agenda.want(numbered(3), answer(3))
        lines = list(plan_lines(agenda.plan(NOW)))
        draft = agenda.next_draft(Limits(10, 1_000), NOW)
        assert draft is not None
        agenda.refused(draft, "no", frozenset())
        agenda.done(draft, NOW)
    assert lines
    assert agenda.published(numbered(3)) == answer(3)


def test_an_answer_is_made_from_octets_alone(no_io: NoIo) -> None:
    server = NameServer(DnsName("ns1.example.com."), ("192.0.2.53",))
    asked = dns.message.make_query(answer(1)[0].name, "A").to_wire()
    with no_io():
        responder = Responder(Zone(Apex(FED.zone, (server,), DnsName("hostmaster.example.com."), 30)))
        responder.change(*responder.zone.difference(answer(1)), 7)
        query = read_query(asked)
        assert isinstance(query, Query)
        first, again = responder.answer_datagram(query), responder.answer_datagram(query)
    assert first == again
    assert dns.message.from_wire(first).answer[0].to_text().endswith("A 192.0.2.1")


def test_a_schema_is_made_from_the_types_alone(no_io: NoIo) -> None:
    with no_io():
        made = schema({"embedded": EmbeddedSettings})
    assert made["$defs"]
