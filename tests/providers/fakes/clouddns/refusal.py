"""How the API says no."""

from typing import Any

import msgspec


class Cause(msgspec.Struct, frozen=True):
    reason: str
    message: str
    domain: str = "global"


class Refused(Exception):
    """An answer that is no success.

    Attributes:
        status: of HTTP.
        causes: at least one; the first one's message stands for all.
        retry_after: the header of that name; empty for none.
    """

    def __init__(self, status: int, *causes: Cause, retry_after: str = "") -> None:
        self.status = status
        self.causes = causes
        self.retry_after = retry_after
        super().__init__(f"{status} {'; '.join(cause.message for cause in causes)}")

    def body(self) -> dict[str, Any]:
        causes = [msgspec.to_builtins(cause) for cause in self.causes]
        return {"error": {"code": self.status, "message": self.causes[0].message, "errors": causes}}


def invalid(place: str, value: object) -> Refused:
    return Refused(400, Cause("invalid", f"Invalid value for '{place}': '{value}'"))


def required(place: str) -> Refused:
    return Refused(400, Cause("required", f"The '{place}' parameter is required but was missing."))


def missing(place: str, name: str) -> Refused:
    return Refused(404, Cause("notFound", f"The '{place}' resource named '{name}' does not exist."))


def forbidden(permission: str) -> Refused:
    return Refused(403, Cause("forbidden", f"Permission '{permission}' denied: The caller does not have permission"))


def too_many_requests(retry_after_s: int = 0) -> Refused:
    cause = Cause("rateLimitExceeded", "Resource has been exhausted (e.g. check quota).", "usageLimits")
    return Refused(429, cause, retry_after=str(retry_after_s) if retry_after_s else "")


def unauthenticated() -> Refused:
    return Refused(401, Cause("authError", "Request had invalid authentication credentials."))


def broken(status: int = 503) -> Refused:
    return Refused(status, Cause("backendError", "Visibility check was unavailable. Please retry the request"))
