"""Decisions told as the story of one name."""

from feddns.explain.hostnames import hostname_owner, hostname_story, hostname_story_value
from feddns.explain.names import which, which_hostname
from feddns.explain.plans import shard_lines, shard_values
from feddns.explain.services import age, followed, story, story_value

__all__ = [
    "age",
    "followed",
    "hostname_owner",
    "hostname_story",
    "hostname_story_value",
    "shard_lines",
    "shard_values",
    "story",
    "story_value",
    "which",
    "which_hostname",
]
