"""A strict fake of Cloud DNS: it refuses what the service refuses, and fails itself on what the service never says.

Every request and every answer is held against the description that google-api-python-client ships. What it knows of the
service's rules comes from the service's documentation and from Google's own LocalDnsHelper (google-cloud-java).
"""

from tests.providers.fakes.clouddns.faults import Cut, Fault
from tests.providers.fakes.clouddns.identity import ALL, Principal
from tests.providers.fakes.clouddns.project import Project, Request
from tests.providers.fakes.clouddns.refusal import Cause, Refused
from tests.providers.fakes.clouddns.server import FakeCloudDns
from tests.providers.fakes.clouddns.zone import Quota, Zone

__all__ = [
    "ALL",
    "Cause",
    "Cut",
    "FakeCloudDns",
    "Fault",
    "Principal",
    "Project",
    "Quota",
    "Refused",
    "Request",
    "Zone",
]
