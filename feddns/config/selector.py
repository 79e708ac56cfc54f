"""Kubernetes label selectors as text: parsed once, then matched against labels."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

_TOKENS: Final = re.compile(r"\s*(?:(==|!=|=|!|,|\(|\)|>|<)|([^\s=!,()<>]+))", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?", re.ASCII)
_SUBDOMAIN: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*", re.ASCII)
_OPERATORS: Final = "=, ==, !=, in (...), notin (...), or a key alone, or !key"
_END: Final = ""


class Requirement(msgspec.Struct, frozen=True, order=True):
    """One condition on one label.

    Attributes:
        key: the label.
        values: those that it may have (or, where negated, may not have); None for any, so that only its presence
            counts.
        negated: the condition turned round; a label that is absent then fulfils it.
    """

    key: str
    values: frozenset[str] | None = None
    negated: bool = False

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether `labels` fulfil the condition."""
        found = self.key in labels if self.values is None else labels.get(self.key) in self.values
        return found is not self.negated


class Selector(msgspec.Struct, frozen=True):
    """Conditions that must all be fulfilled; none for every object."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether `labels` fulfil all conditions."""
        return all(requirement.matches(labels) for requirement in self.requirements)


def parse_selector(text: str) -> Selector:
    """Parse a selector such as `tier=web,env notin (dev, test),!canary`.

    The grammar is that of `kubectl --selector` without the numeric `<` and `>`, which `labelSelector`s of objects do
    not have either: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors.

    Raises:
        ValueError: `text` is no selector; tells where and what would be right.
    """
    parser = _Parser(_tokens(text))
    if parser.next == _END:
        return Selector()
    requirements = [parser.requirement()]
    while parser.next == ",":
        parser.take()
        requirements.append(parser.requirement())
    if parser.next != _END:
        raise ValueError(f"expected a comma before {parser.next!r} in the label selector")
    return Selector(tuple(requirements))


def _tokens(text: str) -> list[str]:
    tokens = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKENS.match(text, place)
        if match is None:  # only a character that is a blank elsewhere but not in ASCII
            raise ValueError(f"the character {text[place]!r} cannot stand in a label selector")
        tokens.append(match[1] or match[2])
        place = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = [*tokens, _END]
        self._place = 0

    @property
    def next(self) -> str:
        return self._tokens[self._place]

    def take(self) -> str:
        token = self.next
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def requirement(self) -> Requirement:
        if self.next == "!":
            self.take()
            return Requirement(_key(self.take()), negated=True)
        key = _key(self.take())
        match self.next:
            case "," | "":
                return Requirement(key)
            case "=" | "==" | "!=":
                return Requirement(key, negated=self.take() == "!=", values=frozenset({self._value(key)}))
            case "in" | "notin":
                return Requirement(key, negated=self.take() == "notin", values=self._values(key))
            case other:
                raise ValueError(f"{other!r} after {key!r} is no operator of a label selector; there are {_OPERATORS}")

    def _value(self, key: str) -> str:
        """One value; nothing at all stands for the empty one."""
        if self.next in {",", ")", _END}:
            return ""
        value = self.take()
        if not _NAME.fullmatch(value):
            raise ValueError(
                f"{value!r} cannot be a value of label {key!r}: at most 63 letters, digits, '-', '_' and '.', "
                "with a letter or digit at both ends"
            )
        return value

    def _values(self, key: str) -> frozenset[str]:
        if self.take() != "(":
            raise ValueError(f"the values of label {key!r} must stand in brackets, such as {key} in (a, b)")
        values = {self._value(key)}  # of empty brackets, as in Kubernetes, the empty one
        while self.next == ",":
            self.take()
            values.add(self._value(key))
        if self.take() != ")":
            raise ValueError(f"the brackets after label {key!r} are not closed, or a comma is missing between values")
        return frozenset(values)


def _key(token: str) -> str:
    prefix, slash, name = token.rpartition("/")
    if not _NAME.fullmatch(name) or (slash and not (len(prefix) <= 253 and _SUBDOMAIN.fullmatch(prefix))):
        told = repr(token) if token else "the end"
        raise ValueError(
            f"expected the key of a label in the label selector, found {told}; a key is a name such as tier, "
            "or example.com/tier"
        )
    return token
