"""docs/comparison.md says nothing of others without a source, and each source is of a version that it names."""

import re

from tests.docs.pages import Page
from tests.rules.files import ROOT

PAGE = Page("comparison.md")
SOURCES = dict(re.findall(r"^\[([\w-]+)\]: (\S+)$", PAGE.text, re.MULTILINE))
PEERS = {"ed": "external-dns", "k8": "k8gb", "ka": "karmada", "ku": "kuadrant"}
LINK = re.compile(r"\]\[([\w-]+)\]")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = PAGE.text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r" \| ", line.strip("| "))] for line in lines[1:]]


def test_every_cell_on_a_peer_has_a_source_of_that_peer() -> None:
    table = rows("By question")
    assert len(table) > 12
    for question, feddns, *others in table:
        assert len(others) == len(PEERS), question
        assert "](" in feddns or feddns == "no", question
        for peer, cell in zip(PEERS, others, strict=True):
            found = LINK.findall(cell)
            assert cell == "—" or found, f"{question}: {cell}"
            assert {name.partition("-")[0] for name in found} <= {peer}, f"{question}: {cell}"


def test_every_statement_in_a_peers_section_that_it_is_alone_in_has_a_source() -> None:
    for section in re.split(r"^## ", PAGE.text, flags=re.MULTILINE)[2:-1]:
        head = section.splitlines()[0]
        does_more = re.findall(r"^- It does what feddns does not: .*?(?=^- |^\*\*)", section, re.MULTILINE | re.DOTALL)
        assert len(does_more) == 1, head
        assert LINK.search(does_more[0]), head
        assert "**Choose it** when" in section, head


def test_every_source_is_used_and_is_of_a_version_that_the_page_names() -> None:
    assert set(LINK.findall(PAGE.text)) == set(SOURCES)
    for name, address in SOURCES.items():
        version = re.fullmatch(r"https://github\.com/[\w-]+/[\w-]+/(?:blob|tree)/([^/]+)/\S+", address)
        assert version, address
        assert PEERS[name.partition("-")[0]] in address.lower() or "dns-operator" in address
        named = version[1] in PAGE.text.partition("## By question")[0]
        assert named or re.fullmatch(r"[0-9a-f]{40}", version[1]), address


def test_what_is_said_of_feddns_leads_to_pages_that_are_there() -> None:
    local = re.findall(r"\]\(((?!https:)[^)#]+)", PAGE.text)
    assert len(local) > 15
    assert [path for path in local if not (ROOT / "docs" / path).resolve().is_file()] == []
