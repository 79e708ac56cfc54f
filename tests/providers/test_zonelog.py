import structlog

from feddns.model.changes import Batch, Change, Create, Delete, Fence, Replace
from feddns.model.records import AAAA, CNAME, A, DnsName, RecordSet
from feddns.plan.agenda import Agenda, Draft
from feddns.providers.zonelog import ZoneLog, answers_told
from tests.builders import FED, a_claim, some_terms

NAME, OTHER = DnsName("web.example.com."), DnsName("all.example.com.")
HERE = RecordSet(NAME, A, 60, ("192.0.2.1",))
AWAY = RecordSet(NAME, CNAME, 60, (OTHER,))


def test_a_name_that_leads_elsewhere_is_told_by_where_it_leads_now() -> None:
    assert answers_told([Delete(HERE), Create(AWAY)]) == [f"{NAME} CNAME {OTHER}"]


def test_what_is_gone_is_told_and_so_is_a_ttl_that_alone_is_another() -> None:
    six = RecordSet(OTHER, AAAA, 60, ("2001:db8::1",))
    changes: list[Change] = [Replace(HERE, RecordSet(NAME, A, 30, HERE.values)), Delete(six)]
    assert answers_told(changes) == [f"{NAME} A with TTL 30", f"{OTHER} no more AAAA"]


def test_of_many_names_the_first_are_told_and_how_many_more_there_are() -> None:
    names = [DnsName(f"s{number:02}.example.com.") for number in range(25)]
    told = answers_told(Create(RecordSet(name, A, 60, ("192.0.2.1",))) for name in names)
    assert told[:2] == ["s00.example.com. A 192.0.2.1", "s01.example.com. A 192.0.2.1"]
    assert (len(told), told[-1]) == (11, "and 15 more")


def test_a_batch_is_one_line_with_its_number_and_how_long_it_took() -> None:
    draft = Draft((), Batch((Create(HERE),), Fence(a_claim(seq=6), a_claim(seq=7))))
    with structlog.testing.capture_logs() as lines:
        ZoneLog(FED.zone, Agenda(some_terms())).written(draft, 0.01234)
    (line,) = lines
    assert (line["event"], line["seq"], line["changes"], line["took_s"]) == ("records written", 7, 1, 0.012)
    assert line["answers"] == [f"{NAME} A 192.0.2.1"]
