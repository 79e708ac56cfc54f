"""Where the API's resources are, below their project."""

from typing import Final
from urllib.parse import quote

PROJECT: Final = ""
MANAGED_ZONES: Final = "/managedZones"


def zone_path(managed_zone: str) -> str:
    """A managed zone."""
    return f"{MANAGED_ZONES}/{quote(managed_zone, safe='')}"


def rrsets_path(managed_zone: str) -> str:
    """Its record sets."""
    return f"{zone_path(managed_zone)}/rrsets"


def changes_path(managed_zone: str) -> str:
    """Its changes."""
    return f"{zone_path(managed_zone)}/changes"


def change_path(managed_zone: str, change: str) -> str:
    """One of them."""
    return f"{changes_path(managed_zone)}/{quote(change, safe='')}"
