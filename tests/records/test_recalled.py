import pytest

from feddns.model.evidence import Sighting
from feddns.model.records import RecordSet
from feddns.model.topology import Scope
from feddns.naming import Names
from feddns.records.recalled import recalled
from tests.builders import NGINX, a_cluster, a_shard, absent, decided, seen

ORG = Names.of("ufp", "example.org")
EVERY = (Names.of("ufp", "example.com"), ORG)
US = a_cluster("us", "us", "us-a", "us-b")
BOTH = decided(seen(US, "192.0.2.1"), seen(a_cluster("eu", "eu", "eu-a"), "192.0.2.2")).records


@pytest.mark.parametrize(
    ("sighting", "places"),
    [
        (seen(US, "192.0.2.1"), ("", "us-a", "us-b")),
        (seen(US, "192.0.2.1", "192.0.2.9", ready=0), ("", "us-a", "us-b")),
        (seen(a_cluster("us", "us", "us-b", "us-c"), "192.0.2.1"), ("", "us-b")),
        (seen(a_cluster("us"), "192.0.2.1"), ("",)),
        (seen(a_cluster("us", "asia", "us-a"), "192.0.2.1"), ("",)),
        (seen(US, "192.0.2.9"), ()),
        (seen(US), ()),
        (absent(US), ()),
        (Sighting(US, a_shard("us", hostnames=("lb.cloud.test.",)), resolved=("192.0.2.1",)), ("", "us-a", "us-b")),
    ],
)
def test_a_shard_answers_where_its_addresses_are_published(sighting: Sighting, places: tuple[str, ...]) -> None:
    assert recalled(sighting, BOTH, EVERY) == places


def test_any_zone_that_is_written_remembers() -> None:
    one = RecordSet(ORG.name(NGINX, Scope("us", "us-a")), "A", 180, ("192.0.2.1",))
    assert recalled(seen(US, "192.0.2.1"), (one,), EVERY) == ("", "us-a")
    assert recalled(seen(US, "192.0.2.1"), (one,), EVERY[:1]) == ()
