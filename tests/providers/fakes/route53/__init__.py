"""A strict fake of Route 53's API (2013-04-01), for tests and benchmarks.

It refuses what the service refuses, by the API reference, the developer guide's quotas and messages that people have
published. Where the service's behaviour is not known, it is the stricter of the possibilities: the values of a DELETE
must have the order of the set, and alias sets count as one record each.
"""

from tests.providers.fakes.route53.account import Account
from tests.providers.fakes.route53.faults import Fault, Kind
from tests.providers.fakes.route53.server import FakeRoute53

__all__ = ["Account", "FakeRoute53", "Fault", "Kind"]
