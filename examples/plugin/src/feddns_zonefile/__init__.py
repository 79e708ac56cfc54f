"""A provider for feddns that keeps a zone in a master file."""

from feddns_zonefile.provider import ZoneFile

__all__ = ["ZoneFile"]
