"""The orders as JSON text, and what is wrong with a text that is none."""

import json
from typing import Any, Final

import msgspec

from feddns.config.lines import Path, dotted, read_document
from feddns.errors import ConfigError, OrdersError
from feddns.model.orders import NO_ORDERS, Drain, Eviction, Freeze, Orders

_ORDERS: Final = msgspec.json.Decoder(Orders)
_ALL: Final = msgspec.json.Decoder(dict[str, Any])
_KINDS: Final[dict[str, type[msgspec.Struct]]] = {"drains": Drain, "evictions": Eviction}
_FIELDS: Final = frozenset(field.encode_name for field in msgspec.structs.fields(Orders))


class OrdersText(msgspec.Struct, frozen=True):
    """What one text says.

    Attributes:
        others: fields that this version does not know, by name; they stay when the orders change.
    """

    orders: Orders = NO_ORDERS
    others: dict[str, Any] = {}

    def encoded(self) -> bytes:
        """The text, as people like to read it."""
        value = {**self.others, **msgspec.to_builtins(self.orders, str_keys=True)}
        return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2) + b"\n"


def read_orders(octets: bytes, place: str) -> OrdersText:
    """Read orders.

    Args:
        octets: the text.
        place: where it is, for errors.

    Raises:
        OrdersError: it holds no orders; names the place and the line.
    """
    try:
        orders = _ORDERS.decode(octets)
        others = {name: value for name, value in _ALL.decode(octets).items() if name not in _FIELDS}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise OrdersError(
            f"{place}{_explained(octets, place)}; put it right, or delete it if nothing is ordered"
        ) from None
    return OrdersText(orders, others)


def _explained(octets: bytes, place: str) -> str:
    """The line, and what is wrong there."""
    try:
        text = octets.decode()
        value = json.loads(text)
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        return f":{line}: not UTF-8 text"
    except json.JSONDecodeError as error:
        return f":{error.lineno}: not JSON: {error.msg}"
    except (RecursionError, ValueError) as error:  # ValueError: a number of thousands of digits
        return f": not JSON that can be read: {error}"
    path, reason = _misfit(value)
    return f"{_line(text, place, path)}: {dotted(path)} is not as feddns writes it: {reason}"


def _misfit(value: Any) -> tuple[Path, str]:
    """The innermost place that does not fit, and why."""
    try:
        for name, kind in _KINDS.items() if isinstance(value, dict) else ():
            path: Path = (name,)
            orders = msgspec.convert(value.get(name, {}), dict[str, Any])
            for cluster, order in orders.items():
                path = (name, cluster)
                msgspec.convert(order, kind)
        path = ("freeze",) if isinstance(value, dict) else ()
        msgspec.convert(value.get("freeze") if path else value, Freeze | None if path else Orders)
    except msgspec.ValidationError as error:
        return path, str(error)
    return (), "it cannot be read"


def _line(text: str, place: str, path: Path) -> str:
    try:
        return f":{read_document(text, place).line(path)}"
    except ConfigError:  # not all of JSON is YAML to its reader, such as a lone surrogate
        return ""
