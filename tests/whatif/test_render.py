import msgspec

from feddns.model.changes import Create
from feddns.model.records import CNAME, A, DnsName, RecordSet, ZoneName
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.whatif.outcome import Changed, Kept, Lowered, Outcome
from feddns.whatif.render import outcome_lines, outcome_value

ZONE = ZoneName("example.com.")
WEB, API = ServiceKey("shop", "web"), ServiceKey("shop", "api")
NAME, EU_NAME = DnsName("web.shop.fed.svc.example.com."), DnsName("web.shop.fed.svc.eu.example.com.")
BEFORE, AFTER = RecordSet(NAME, A, 180, ("192.0.2.1", "192.0.2.2")), RecordSet(NAME, A, 90, ("192.0.2.1",))
MOVED = Changed(WEB, NAME, (BEFORE,), (AFTER,), 36.0, 36.0, 1.0, 180.0)
LED = Changed(
    WEB,
    EU_NAME,
    (RecordSet(EU_NAME, A, 180, ("192.0.2.2",)),),
    (RecordSet(EU_NAME, CNAME, 180, (NAME,)),),
    3.0,
    180.0,
    1.04,
    30.0,
    Lowered(1.0, 30),
    (DnsName("www.example.com."),),
)
STAYS = Kept(API, DnsName("api.shop.fed.svc.example.com."), ("192.0.2.9",), (ClusterName("eu"),), 1, ("no probe",))


def text(outcome: Outcome) -> list[str]:
    return [f"{kind or ' '} {line}" for kind, line in outcome_lines(outcome)]


def test_where_nothing_changes_that_is_all_there_is_to_say() -> None:
    assert text(Outcome(ZONE, (), ())) == ["  example.com. no answer changes"]


def test_answers_stand_as_in_a_plan_with_the_time_of_those_that_move_together() -> None:
    assert text(Outcome(ZONE, (MOVED,), ())) == [
        "  shop/web",
        "~   ~ web.shop.fed.svc.example.com. 180 A 192.0.2.1 192.0.2.2",
        "~                                   => 90 A 192.0.2.1",
        "    moved after at most 217 s: detected after 36 s, written in 1 s, TTL 180 s",
        (
            "  all times are the longest that may be; writing is estimated, by 1 s a batch and what the provider's "
            "limits and pace allow"
        ),
        "  example.com. 1 answer changes, clients moved after at most 217 s",
    ]


def test_names_of_other_times_have_lines_of_their_own_and_so_have_steps_and_lowered_ttls() -> None:
    lines = text(Outcome(ZONE, (LED, MOVED), ()))
    assert [line for line in lines if "moved after" in line] == [
        (
            "    moved after at most 211 s: detected after 180 s (a first change after 3 s), written in 1 s, TTL 30 s "
            "(lowered to 30 s after 1 s)"
        ),
        "    moved after at most 217 s: detected after 36 s, written in 1 s, TTL 180 s",
        "  example.com. 2 answers change, clients moved after at most 217 s",
    ]
    assert "      www.example.com. leads there" in lines


def test_what_stays_is_told_once_with_its_names_and_why() -> None:
    regional = msgspec.structs.replace(STAYS, name=DnsName("api.shop.fed.svc.eu.example.com."), others=0)
    assert text(Outcome(ZONE, (), (STAYS, regional))) == [
        "  shop/api",
        "!   ! 192.0.2.9 of eu would stay:",
        "!     at api.shop.fed.svc.example.com.",
        "!     at api.shop.fed.svc.eu.example.com., alone",
        "      no probe",
        "  example.com. no answer changes; 2 answers still lead to eu",
    ]


def test_what_is_not_written_yet_and_what_is_not_over_is_said() -> None:
    lines = text(Outcome(ZONE, (), (), pending=(Create(AFTER),), is_over=False))
    assert lines[0] == "! taken as written: 1 change that `feddns plan` shows"
    assert lines[1] == "! more would happen after the time that was looked at, a day"


def test_programs_get_all_of_it() -> None:
    value = outcome_value(Outcome(ZONE, (LED,), (STAYS,), pending=(Create(AFTER),)))
    assert value["zone"] == ZONE
    assert value["summary"] == {"change": 1, "keep": 1, "moved": 211.0, "over": True}
    (changed,) = value["changes"]
    assert changed["service"] == "shop/web"
    assert changed["before"] == [{"name": EU_NAME, "type": "A", "ttl": 180, "values": ["192.0.2.2"]}]
    assert changed["after"] == [{"name": EU_NAME, "type": "CNAME", "ttl": 180, "values": [NAME]}]
    times = {name: changed[name] for name in ("firstDetected", "detected", "write", "ttl", "moved")}
    assert times == {"firstDetected": 3.0, "detected": 180.0, "write": 1.0, "ttl": 30.0, "moved": 211.0}
    assert changed["ttlLowered"] == {"after": 1.0, "ttl": 30}
    assert changed["followers"] == ["www.example.com."]
    assert value["kept"] == [
        {
            "service": "shop/api",
            "name": "api.shop.fed.svc.example.com.",
            "values": ["192.0.2.9"],
            "clusters": ["eu"],
            "others": 1,
            "reasons": ["no probe"],
        }
    ]
    assert value["pending"][0]["action"] == "create"


def test_of_a_zone_where_nothing_changes_no_time_is_told() -> None:
    assert outcome_value(Outcome(ZONE, (), ()))["summary"] == {"change": 0, "keep": 0, "moved": None, "over": True}
