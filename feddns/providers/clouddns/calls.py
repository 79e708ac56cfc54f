"""Every method of the API that feddns calls, and the IAM permissions that each needs.

Source: https://cloud.google.com/dns/docs/access-control#permissions.
"""

import enum

_WRITER = "roles/dns.admin"
_READER = "roles/dns.reader"


class Call(enum.Enum):
    """A method of the API.

    Attributes:
        method: its name.
        permissions: the IAM permissions that it needs.
        role: the narrowest predefined role that has them.
    """

    GET_PROJECT = ("projects.get", ("dns.projects.get",), _READER)
    GET_ZONE = ("managedZones.get", ("dns.managedZones.get",), _READER)
    LIST_ZONES = ("managedZones.list", ("dns.managedZones.list",), _READER)
    LIST_RECORD_SETS = ("resourceRecordSets.list", ("dns.resourceRecordSets.list",), _READER)
    CREATE_CHANGE = (
        "changes.create",
        (
            "dns.changes.create",
            "dns.resourceRecordSets.create",
            "dns.resourceRecordSets.delete",
            "dns.resourceRecordSets.update",
        ),
        _WRITER,
    )
    GET_CHANGE = ("changes.get", ("dns.changes.get",), _READER)

    def __init__(self, method: str, permissions: tuple[str, ...], role: str) -> None:
        self.method = method
        self.permissions = permissions
        self.role = role

    @property
    def writes(self) -> bool:
        """Whether it changes something, so that its outcome can be unknown."""
        return self is Call.CREATE_CHANGE
