"""The parts of a chart that are made from others: `python -m tests.charts.values` writes them.

The table of values in a chart's README is made from the comments in its `values.yaml` that begin with `# -- `. In
`values.schema.json` of feddns, `definitions` is the schema of `feddns.yaml`, so that Helm refuses a wrong `config`
before anything is installed; the rest of it is written by people.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from tests.rules.files import ROOT

CHARTS: Final = ROOT / "charts"
FEDDNS: Final = CHARTS / "feddns"
CONFIGURATION: Final = ROOT / "docs" / "reference" / "feddns.schema.json"

_BEGIN: Final = "<!-- begin: values -->\n"
_END: Final = "<!-- end: values -->\n"
_KEY: Final = re.compile(r"^( *)([A-Za-z][\w.-]*):")
_END_OF_TEXT: Final = r"(?![\s\S])"
_UNKNOWN_TO_GO: Final = re.compile(r"\(\?[=!]|\{\d*,?\d{4,}\}")  # looking ahead; more than 1000 times (RE2's syntax)
# The chart gives these what they must have: a namespace, and of the whole a clear refusal in `_validate.tpl`.
_MAY_LACK_KEYS: Final = ("Settings", "ClusterSecretsSettings", "ConfigMapSettings", "LeaderElectionSettings")


class Value(NamedTuple):
    """One value that a comment tells of.

    Attributes:
        path: its keys, with dots between them.
        meaning: the comment.
        default: what it is by default.
    """

    path: str
    meaning: str
    default: Any


def documented(text: str) -> Iterator[Value]:
    """The values that the comments of a `values.yaml` tell of, in their order."""
    defaults, path, meaning = yaml.safe_load(text), list[tuple[int, str]](), ""
    for line in text.splitlines():
        comment = line.strip().removeprefix("#")
        if comment.startswith(" -- "):
            meaning = comment.removeprefix(" -- ").strip()
        elif line.strip().startswith("#") and meaning:
            meaning += f" {comment.strip()}"
        elif found := _KEY.match(line):
            depth = len(found[1])
            path = [(at, key) for at, key in path if at < depth] + [(depth, found[2])]
            if meaning:
                keys = [key for _, key in path]
                yield Value(".".join(keys), meaning, _at(defaults, keys))
            meaning = ""


def _at(values: Any, keys: list[str]) -> Any:
    for key in keys:
        values = values[key]
    return values


def leaves(values: Any, path: str = "") -> Iterator[str]:
    """The paths of all that is not a map with something in it."""
    if isinstance(values, dict) and values:
        for key, value in values.items():
            yield from leaves(value, f"{path}.{key}".removeprefix("."))
    else:
        yield path


def table(chart: Path) -> str:
    """The table of values for a chart's README."""
    rows = ["| Value | Meaning | Default |\n|---|---|---|\n"]
    for value in documented((chart / "values.yaml").read_text()):
        cells = (f"`{value.path}`", value.meaning, f"`{json.dumps(value.default)}`")
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n")
    return "".join(rows)


def readme(chart: Path) -> str:
    """A chart's README as it should be: what people wrote, with the table as the values have it."""
    head, begin, rest = (chart / "README.md").read_text().partition(_BEGIN)
    assert begin, f"{chart.name}/README.md has no mark {_BEGIN}"
    return head + begin + table(chart) + _END + rest.partition(_END)[2]


def schema() -> str:
    """`values.schema.json` of feddns as it should be."""
    written = json.loads((FEDDNS / "values.schema.json").read_text())
    definitions = _for_helm(json.loads(CONFIGURATION.read_text())["$defs"])
    for name in _MAY_LACK_KEYS:
        definitions[name].pop("required", None)
    for name in ("DnsSettings", "TargetSettings"):  # an image may have providers that others wrote
        definitions[name]["properties"]["provider"]["additionalProperties"] = {"type": ["object", "null"]}
    del definitions["DnsSettings"]["oneOf"]  # `_validate.tpl` says it more clearly
    return json.dumps({**written, "definitions": definitions}, indent=2, ensure_ascii=False) + "\n"


def _for_helm(schema: Any) -> Any:
    """Draft 7 in place of 2020-12, and no patterns that Go's regular expressions do not know."""
    if isinstance(schema, list):
        return [_for_helm(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: _for_helm(value) for key, value in schema.items()}
    if isinstance(told.get("$ref"), str):
        told["$ref"] = told["$ref"].replace("#/$defs/", "#/definitions/")
    if isinstance(told.get("pattern"), str):
        told["pattern"] = told["pattern"].replace(_END_OF_TEXT, "$").replace("^(?=.)", "^")
        if _UNKNOWN_TO_GO.search(told["pattern"]):
            del told["pattern"]
    return told


def main() -> None:
    """Write them."""
    (FEDDNS / "values.schema.json").write_text(schema())
    for file in sorted(CHARTS.glob("*/README.md")):
        if _BEGIN in file.read_text():
            file.write_text(readme(file.parent))


if __name__ == "__main__":
    main()
