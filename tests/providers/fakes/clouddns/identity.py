"""Who asks, and what they may: access tokens, and the ways to them that google-auth goes."""

import itertools
from collections.abc import Mapping
from typing import Any

import google.auth.jwt
import msgspec

from tests.providers.fakes.clouddns.refusal import forbidden, unauthenticated

Json = dict[str, Any]

PERMISSIONS: Mapping[str, frozenset[str]] = {
    "projects.get": frozenset({"dns.projects.get"}),
    "managedZones.get": frozenset({"dns.managedZones.get"}),
    "managedZones.list": frozenset({"dns.managedZones.list"}),
    "resourceRecordSets.list": frozenset({"dns.resourceRecordSets.list"}),
    "changes.create": frozenset({"dns.changes.create"}),
    "changes.get": frozenset({"dns.changes.get"}),
    "changes.list": frozenset({"dns.changes.list"}),
}
"""What each method needs; a change besides what its record sets need."""

RECORD_PERMISSIONS = frozenset(f"dns.resourceRecordSets.{verb}" for verb in ("create", "update", "delete"))
ALL = frozenset[str]().union(*PERMISSIONS.values(), RECORD_PERMISSIONS)


class Principal(msgspec.Struct, frozen=True):
    """Someone with a name and permissions."""

    email: str
    permissions: frozenset[str] = ALL


class Identities:
    """All that may ask, and the tokens that they have.

    Attributes:
        anonymous: who asks without a token; None where nobody may.
        pod: whom the metadata server gives tokens for, as GKE's does.
        federated: subject tokens of another issuer, and whose tokens they are exchanged for.
        issued: access tokens, and whose they are.
    """

    def __init__(self) -> None:
        self.anonymous: Principal | None = Principal("nobody")
        self.pod: Principal | None = None
        self.federated: dict[str, Principal] = {}
        self.issued: dict[str, Principal] = {}
        self._keys: dict[str, tuple[Principal, str]] = {}
        self._numbers = itertools.count(1)

    def add(self, principal: Principal, public_key: str) -> None:
        """Let someone ask who has the private key."""
        self._keys[principal.email] = (principal, public_key)

    def permit(self, email: str, permissions: frozenset[str]) -> None:
        """Change what a service account may, for tokens that were issued too."""
        principal = Principal(email, permissions)
        self._keys[email] = (principal, self._keys[email][1])
        self.issued = {token: principal if was.email == email else was for token, was in self.issued.items()}

    def who(self, authorization: str) -> Principal:
        """Who asks.

        Raises:
            Refused: nobody that is known.
        """
        principal = self.issued.get(authorization.removeprefix("Bearer ")) if authorization else self.anonymous
        if principal is None:
            raise unauthenticated()
        return principal

    def token(self, form: Mapping[str, str]) -> Json:
        """The token endpoint of OAuth (RFC 7523), and of the exchange of tokens (RFC 8693).

        Raises:
            Refused: no token for these.
        """
        if "subject_token" in form:
            principal = self.federated.get(form["subject_token"])
        else:
            principal = self._by_assertion(form.get("assertion", ""))
        if principal is None:
            raise unauthenticated()
        return self.issue(principal) | {"issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}

    def issue(self, principal: Principal) -> Json:
        """A new access token."""
        token = f"token-{next(self._numbers)}-of-{principal.email}"
        self.issued[token] = principal
        return {"access_token": token, "token_type": "Bearer", "expires_in": 3600}

    def _by_assertion(self, assertion: str) -> Principal | None:
        decode: Any = google.auth.jwt.decode
        for principal, public_key in self._keys.values():
            try:
                claims = decode(assertion, public_key)
            except (ValueError, google.auth.exceptions.GoogleAuthError):
                continue
            if claims["iss"] == principal.email:
                return principal
        return None


def require(principal: Principal, *permissions: str) -> None:
    """Let pass who may.

    Raises:
        Refused: a permission is missing.
    """
    for permission in sorted(permissions):
        if permission not in principal.permissions:
            raise forbidden(permission)
