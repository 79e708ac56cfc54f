"""A batch as the requests that carry it."""

from collections.abc import Mapping

import msgspec

from feddns.errors import Rejected
from feddns.model.changes import Batch, Create, Delete
from feddns.model.records import CNAME, DnsName, RecordSet
from feddns.providers.webhook.endpoints import Changes, Endpoint, Key, Listed, endpoint_of, key
from feddns.providers.webhook.targets import sent_form


def wished(batch: Batch) -> tuple[Endpoint, ...]:
    """What a batch brings, to be looked over by the webhook.

    Raises:
        Rejected: a value is no data of its type.
    """
    return tuple(map(_wish, batch.coming))


def _wish(record_set: RecordSet) -> Endpoint:
    try:
        return endpoint_of(record_set)
    except ValueError as error:
        raise Rejected(f"{record_set.name} {record_set.type}: {error}", frozenset({record_set.name})) from error


def refuse_changed(batch: Batch, kept: Mapping[Key, Listed]) -> None:
    """Refuse what the webhook would leave out, or make into something else.

    Args:
        batch: the batch.
        kept: what the webhook says that it would keep.

    Raises:
        Rejected: names the record sets; none where it is the claim, without which nothing can be written.
    """
    wanted = {key(record_set) for record_set in batch.coming}
    odd = sorted((wanted ^ kept.keys()) | {each for each in wanted & kept.keys() if not kept[each].record_set.values})
    if not odd:
        return
    claim = batch.fence.desired
    if claim is not None and key(claim) in odd:
        raise Rejected(f"the webhook keeps no TXT record {claim.name}, by which feddns claims its names")
    told = ", ".join(f"{name} {kind}" for name, kind in odd[:3])
    text = f"the webhook would not keep what was asked for as plain records: {told} would be left out or added"
    raise Rejected(text, frozenset(name for name, _ in odd))


def posts(batch: Batch, there: Mapping[Key, Listed], kept: Mapping[Key, Listed]) -> tuple[Changes, ...]:
    """The requests, in their order.

    A name that becomes a CNAME, or ceases to be one, takes two: providers do what is to be created before what is to
    be deleted, and DNS servers drop a CNAME beside other records without an error, so that one would lose the name.

    Args:
        batch: the batch.
        there: every record set at the names that the batch touches, as it was told.
        kept: what the webhook says that it would keep.
    """
    gone, came = {key(record_set) for record_set in batch.going}, [key(record_set) for record_set in batch.coming]
    turning = _turning(batch)
    updated = [each for each in came if each in gone and there[each].record_set != kept[each].record_set]
    first = Changes(
        create=tuple([kept[each].endpoint for each in came if each not in gone and each[0] not in turning]),
        update_old=tuple([_former(there[each]) for each in updated]),
        update_new=tuple([kept[each].endpoint for each in updated]),
        delete=tuple([_former(there[each]) for each in sorted(gone.difference(came))]),
    )
    second = Changes(create=tuple([kept[each].endpoint for each in came if each not in gone and each[0] in turning]))
    return tuple(each for each in (first, second) if each != Changes())


def _former(listed: Listed) -> Endpoint:
    """What is to go, as it was told."""
    targets = tuple([sent_form(listed.record_set.type, target) for target in listed.endpoint.targets or ()])
    return msgspec.structs.replace(listed.endpoint, targets=targets)


def _turning(batch: Batch) -> set[DnsName]:
    """The names that become a CNAME, or cease to be one."""
    gone = {change.name: change.current.type for change in batch.changes if isinstance(change, Delete)}
    return {
        change.name
        for change in batch.changes
        if isinstance(change, Create) and change.name in gone and CNAME in {change.desired.type, gone[change.name]}
    }
