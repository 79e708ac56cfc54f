"""As much of protobuf's wire format as the health question of gRPC needs.

See https://protobuf.dev/programming-guides/encoding.
"""

from typing import Final

_VARINT: Final = 0
_FIXED64: Final = 1
_LENGTH_PREFIXED: Final = 2
_FIXED32: Final = 5
_MOST_VARINT_OCTETS: Final = 10


def text_field(field: int, text: str) -> bytes:
    """A message's field that holds a string."""
    octets = text.encode()
    return _varint(field << 3 | _LENGTH_PREFIXED) + _varint(len(octets)) + octets


def number(message: bytes, field: int) -> int:
    """The value of a field that holds a number or a word of an enumeration: the last one, and 0 where there is none.

    Raises:
        ValueError: these octets are no message.
    """
    found, at = 0, 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        kind = tag & 7
        value = 0
        if kind == _VARINT:
            value, at = _read_varint(message, at)
        elif kind == _LENGTH_PREFIXED:
            length, at = _read_varint(message, at)
            at += length
        elif kind in {_FIXED64, _FIXED32}:
            at += 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {kind}")
        if at > len(message):
            raise ValueError("a field goes on after the end")
        if tag >> 3 == field and kind == _VARINT:
            found = value
    return found


def _varint(value: int) -> bytes:
    octets = bytearray()
    while value > 0x7F:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    octets.append(value)
    return bytes(octets)


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    """A number, and where what follows begins."""
    value = 0
    for place, octet in enumerate(message[at : at + _MOST_VARINT_OCTETS]):
        value |= (octet & 0x7F) << 7 * place
        if octet < 0x80:
            return value, at + place + 1
    raise ValueError("a number without an end")
