"""The annotations of Services that feddns understands, in one table that reads them and that the docs are held to."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from feddns.clusters.probe_wishes import MOST_CHARACTERS, ProbeRefusedError, ProbeWish, read_probe
from feddns.config.durations import parse_duration
from feddns.model.labels import absolute, is_hostname, is_label
from feddns.model.printable import printable
from feddns.model.services import REGION_PLACE, HostnameWish, Problem

PREFIX: Final = "feddns.io/"

_LEAST_TTL: Final = 1
_MOST_TTL: Final = 604_800
_MOST_ENTRIES: Final = 100
_MOST_REFUSED: Final = 10  # of one Service's annotations, and of one list's entries, that are told one by one
_SHOWN: Final = 60  # characters of a refused value that are repeated in a message
_MOST_WORDS: Final = 600  # characters of the reason; the message of an Event has 1024


def _ttl(text: str) -> int:
    seconds = float(text) if text.isascii() and text.isdecimal() and len(text) < 16 else parse_duration(text)
    if not seconds.is_integer() or not _LEAST_TTL <= seconds <= _MOST_TTL:
        raise ValueError("out of range")
    return int(seconds)


def _flag(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _one_of(*words: str) -> Callable[[str], str]:
    return {word: word for word in words}.__getitem__


def _wish(text: str) -> HostnameWish:
    hostname, leads_to, region = (part.strip().lower() for part in text.partition("="))
    if leads_to and (REGION_PLACE in hostname or not is_label(region)):
        raise ValueError("no region")
    if not is_hostname(hostname.replace(REGION_PLACE, "x")):
        raise ValueError("no hostname")
    return HostnameWish(absolute(hostname), region)


class Annotation(msgspec.Struct, frozen=True):
    """One annotation.

    Attributes:
        name: without the prefix; with underscores for hyphens also the field of `Wishes` that holds its value.
        value: what it may be set to, for people.
        meaning: what it does.
        parse: reads a value; raises ValueError or KeyError where it is refused, `ProbeRefusedError` to tell why.
        is_list: whether the value is a list with commas, whose entries are read, and refused, one by one.
    """

    name: str
    value: str
    meaning: str
    parse: Callable[[str], Any]
    is_list: bool = False


_FLAG_VALUES: Final = '"true" or "false"'

ANNOTATIONS: Final = (
    Annotation(
        "ttl",
        "whole seconds from 1 to 604800, or a span such as 5m",
        "how long resolvers may keep this service's answers; goes before `dns.ttl`",
        _ttl,
    ),
    Annotation(
        "ignore", _FLAG_VALUES, "true: this Service is not federated, as if this cluster did not have it", _flag
    ),
    Annotation(
        "federate",
        _FLAG_VALUES,
        "true: this Service is federated where `services.select` is `annotated`; false: it is not, whatever that says",
        _flag,
    ),
    Annotation(
        "hostname",
        f"up to {_MOST_ENTRIES} hostnames with commas between them, such as nginx.acme.com, "
        f"eu.nginx.acme.com=europe-west1 or {REGION_PLACE}.nginx.acme.com",
        "further names of this service: they lead to its global name, to a region's, or one to each region's",
        _wish,
        is_list=True,
    ),
    Annotation(
        "probe",
        "off, or such as tcp, tcp:443, http:8080/healthz, https:web/healthz, grpc:9090 or grpc:9090/my.Service, where "
        "a port may be the name of one of the Service's, or a JSON object of the shape of `health.probe` of up to "
        f"{MOST_CHARACTERS} characters",
        "how the addresses of this service are probed in this cluster; goes before `health.probe`",
        read_probe,
    ),
    Annotation(
        "no-healthy-shards",
        "remove or keep",
        "what this service has while it has no healthy shard: no records, or the last ones; goes before "
        "`dns.noHealthyShards`",
        _one_of("remove", "keep"),
    ),
    Annotation(
        "panic",
        "keep or drop",
        "what is done where too few of this service's shards would stay: withdraw no more, or withdraw all the same; "
        "goes before `health.panic`",
        _one_of("keep", "drop"),
    ),
)

_BY_NAME: Final = {annotation.name: annotation for annotation in ANNOTATIONS}


class Wishes(msgspec.Struct, frozen=True, gc=False):
    """What the annotations of one Service ask for; a refused value counts as not given.

    Attributes:
        ttl: in seconds.
        federate: None where nothing is asked for.
        hostname: sorted.
        probe: None where nothing is asked for.
        no_healthy_shards: empty where nothing is asked for.
        panic: empty where nothing is asked for.
    """

    ttl: int | None = None
    ignore: bool = False
    federate: bool | None = None
    hostname: tuple[HostnameWish, ...] = ()
    probe: ProbeWish | None = None
    no_healthy_shards: str = ""
    panic: str = ""


NO_WISHES: Final = Wishes()


def read_annotations(annotations: Mapping[str, str] | None, where: str) -> tuple[Wishes, tuple[Problem, ...]]:
    """Read the annotations that begin with `feddns.io/`.

    Args:
        annotations: all annotations of the Service.
        where: which Service in which cluster, to begin the problems' texts with.

    Returns:
        The wishes, and a problem for each annotation that is unknown or has a value that is refused.
    """
    if not annotations:
        return NO_WISHES, ()
    values: dict[str, Any] = {}
    ours = [key for key in annotations if key.startswith(PREFIX)]
    problems = _unknown([key for key in ours if key.removeprefix(PREFIX) not in _BY_NAME], where)
    for key in ours:
        annotation = _BY_NAME.get(key.removeprefix(PREFIX))
        if annotation is None:
            continue
        value, refused = (_read_list if annotation.is_list else _read)(annotation, annotations[key])
        problems.extend(_problem(key, what, annotation, where) for what in refused[:_MOST_REFUSED])
        if len(refused) > _MOST_REFUSED:
            problems.append(_further(where, f"{len(refused) - _MOST_REFUSED} further entries of annotation {key} are"))
        if value is not None:
            values[annotation.name.replace("-", "_")] = value
    if not values and not problems:
        return NO_WISHES, ()
    return Wishes(**values), tuple(sorted(set(problems)))


class _Refused(NamedTuple):
    """A value, and why it is refused; empty where it is nothing of what it may be."""

    text: str
    why: str = ""


def _read(annotation: Annotation, text: str) -> tuple[Any, list[_Refused]]:
    """The value, None where it is refused; and what is refused."""
    if len(text) > MOST_CHARACTERS:
        return None, [_Refused(text, f"it has {len(text)} characters, and may have {MOST_CHARACTERS}")]
    try:
        return annotation.parse(text.strip()), []
    except ProbeRefusedError as error:
        return None, [_Refused(text, str(error))]
    except (ValueError, KeyError):
        return None, [_Refused(text)]


def _read_list(annotation: Annotation, text: str) -> tuple[Any, list[_Refused]]:
    entries = [entry for entry in text.split(",") if entry.strip()]
    if not entries:
        return None, [_Refused(text)]
    read = [_read(annotation, entry) for entry in entries[:_MOST_ENTRIES]]
    refused = [what for _, refused in read for what in refused]
    if len(entries) > _MOST_ENTRIES:
        refused.append(_Refused(",".join(entries[_MOST_ENTRIES:])))
    return tuple(sorted({value for value, _ in read if value is not None})), refused


def _problem(key: str, refused: _Refused, annotation: Annotation, where: str) -> Problem:
    shown = refused.text if len(refused.text) <= _SHOWN else f"{refused.text[:_SHOWN]}..."
    what = f"annotation {key} {'has' if annotation.is_list else 'is'} {shown!r}, which is ignored"
    why = refused.why[:_MOST_WORDS] or f"it must be {annotation.value}"
    return Problem("InvalidAnnotation", f"{where}: {what}; {why}")


def _unknown(keys: list[str], where: str) -> list[Problem]:
    """An object may have a quarter of a million characters of them: not each is told by itself."""
    problems = []
    for key in keys[:_MOST_REFUSED]:
        close = difflib.get_close_matches(key.removeprefix(PREFIX)[:_SHOWN], _BY_NAME, 1)
        known = ", ".join(PREFIX + name for name in _BY_NAME)
        hint = f"did you mean {PREFIX}{close[0]}?" if close else f"there are {known}"
        text = f"{where}: annotation {printable(key[:253])} is not known; {hint}"
        problems.append(Problem("UnknownAnnotation", text))
    if len(keys) > _MOST_REFUSED:
        problems.append(_further(where, f"{len(keys) - _MOST_REFUSED} further annotations {PREFIX}* are"))
    return problems


def _further(where: str, what: str) -> Problem:
    return Problem("InvalidAnnotation", f"{where}: {what} refused, and not told one by one")
