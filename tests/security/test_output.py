"""Text that a cluster chooses, on its way to people and to files: it stays text."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.answers.rdata import encode_set
from feddns.cli.options import Output
from feddns.cli.output import render, table
from feddns.errors import Rejected
from feddns.model.records import DnsName, RecordSet
from feddns.telemetry.exposition import exposition
from feddns.telemetry.lines import TextLine, json_line
from feddns.telemetry.metrics import Metric

pytestmark = pytest.mark.servers  # takes seconds

sys.path.insert(0, str(Path(__file__).parents[2] / "examples/plugin/src"))

FORGED = 'a\n{"level":"error","event":"forged"}'
hostile = st.text() | st.sampled_from(
    ["\x1b[2J", FORGED, "\u202ereversed", "\x9b31m", "\u2028", "\r", 'x" y="z', "\\", "\ud800"]
)


def an_entry(text: str) -> dict[str, Any]:
    """An event as structlog hands it on."""
    return {"event": "problem", "level": "warning", "timestamp": "2026-01-01T00:00:00Z", "service": text, "text": text}


@given(text=hostile)
def test_a_log_entry_for_programs_is_one_line_with_its_own_keys(text: str) -> None:
    line = json_line(None, "warning", an_entry(text))
    assert line.isprintable()
    entry = json.loads(line)
    assert set(entry) == {"time", "level", "event", "service", "text"}
    assert (entry["level"], entry["event"]) == ("warning", "problem")


@given(text=hostile)
def test_a_log_entry_for_people_is_one_line(text: str) -> None:
    assert TextLine(is_coloured=False)(None, "warning", an_entry(text)).isprintable()


@given(text=hostile)
def test_a_table_on_a_terminal_has_no_more_lines_than_rows(text: str) -> None:
    lines = table(("name", "problem"), [(text, text)]).split("\n")
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("output", ["json", "yaml"])
@given(text=st.text())
def test_what_programs_read_has_the_text_as_one_value(output: Output, text: str) -> None:
    import yaml  # noqa: PLC0415 - to read what was written

    if not any("\ud800" <= char <= "\udfff" for char in text):
        shown = render({"text": text}, output, str)
        assert yaml.safe_load(shown) == {"text": text} if output == "yaml" else json.loads(shown) == {"text": text}


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_a_label_of_a_metric_cannot_begin_another_sample(text: str) -> None:
    body, _ = exposition([(Metric.CLUSTER_VISIBLE, (text,), 1.0)], "text/plain")
    lines = [line for line in body.decode().split("\n") if line.startswith("feddns_")]
    assert len(lines) == 1
    assert lines[0].startswith("feddns_cluster_visible{")


@given(text=st.text(max_size=300))
def test_a_txt_record_of_any_text_is_refused_or_one_record(text: str) -> None:
    try:
        encoded = encode_set(RecordSet(DnsName("x.example.com."), "TXT", 60, (text,)))
    except (ValueError, Rejected):
        return
    assert len(encoded.rdatas) == 1


@given(name=st.text(max_size=60), text=st.text(max_size=100))
def test_no_name_and_no_text_begins_a_line_of_its_own_in_a_master_file(name: str, text: str) -> None:
    """The example of a provider that writes one (`examples/plugin`)."""
    from feddns_zonefile.values import lines_of  # noqa: PLC0415 - needs the path above

    for record_set in (
        RecordSet(DnsName(f"{name}.example.com."), "A", 60, ("192.0.2.1",)),
        RecordSet(DnsName("x.example.com."), "TXT", 60, (text,)),
        RecordSet(DnsName("x.example.com."), "CNAME", 60, (text,)),
    ):
        try:
            lines = list(lines_of(record_set))
        except Rejected:
            continue
        assert len(lines) == 1
        assert lines[0].count("\n") == 1
        assert lines[0].endswith("\n")
        assert not lines[0].startswith(("$", ";", " ", "\t", "@"))
