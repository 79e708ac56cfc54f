"""What may be asked of a running federation."""

from typing import Annotated, Literal

import msgspec

MOST: int = 500
"""So many entries of a list are told at once."""


class Asked(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A question; its fields are the parameters of a request."""


class Nothing(Asked, frozen=True):
    """A question without parameters."""


class PageAsked(Asked, frozen=True, kw_only=True):
    """A question for a part of a list.

    Attributes:
        limit: the most entries to tell.
        continue_: `next` of the page before; the first page by default.
    """

    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 100
    continue_: Annotated[str, msgspec.Meta(max_length=200)] = msgspec.field(default="", name="continue")


class CountedAsked(PageAsked, frozen=True, kw_only=True):
    """A question for a part of a list whose pages are told apart by how many entries were before."""

    continue_: Annotated[
        str, msgspec.Meta(pattern="^[0-9]{0,9}$", extra={"words": "what `next` of a page of this list was"})
    ] = msgspec.field(default="", name="continue")

    @property
    def first(self) -> int:
        """How many entries are on the pages before."""
        return int(self.continue_ or 0)


class ServicesAsked(PageAsked, frozen=True, kw_only=True):
    """Which services to tell of.

    Attributes:
        namespace: only services of this one.
        verdict: only services with one of these; may be given more than once.
    """

    namespace: Annotated[str, msgspec.Meta(max_length=253)] = ""
    verdict: tuple[Literal["Healthy", "Degraded", "Unhealthy", "Unknown", "Absent"], ...] = ()


class ChangesAsked(CountedAsked, frozen=True, kw_only=True):
    """Which changes to tell of.

    Attributes:
        target: only those of this one.
    """

    target: Annotated[str, msgspec.Meta(max_length=253)] = ""


class ServiceAsked(Asked, frozen=True):
    """Which service to tell of.

    Attributes:
        namespace: the service's.
        name: the service's.
    """

    namespace: str
    name: str
