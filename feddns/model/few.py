"""Lists in texts for people, which are not to grow without end."""

from collections.abc import Iterable


def few(items: Iterable[object], most: int) -> str:
    """The first of some items, and how many more there are: `a, b and 7 more`."""
    texts = list(map(str, items))
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
