"""Servers that take dynamic updates (RFC 2136) and give zone transfers (RFC 5936, RFC 1995), such as BIND and Knot."""

from feddns.providers.rfc2136.provider import Rfc2136

__all__ = ["Rfc2136"]
