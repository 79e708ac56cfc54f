"""The docs as a site: built strictly, without a network, and read without one but for links that people follow."""

import html.parser
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.rules.files import ROOT

pytestmark = pytest.mark.servers

LOADED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src", "object": "data"}
"""What a browser fetches by itself, with the attribute that says from where."""
NOT_LOADED = {"canonical", "prev", "next", "alternate"}
SVG = "{http://www.w3.org/2000/svg}"


class Fetched(html.parser.HTMLParser):
    """Everything that a page has a browser fetch.

    Attributes:
        places: where from.
        classes: all classes of its elements.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: list[str] = []
        self.classes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.classes.update(found.get("class", "").split())
        if tag in LOADED and LOADED[tag] in found and found.get("rel") not in NOT_LOADED:
            self.places.append(found[LOADED[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` does it, without a way to the network."""
    folder = tmp_path_factory.mktemp("site")
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        env=os.environ | nowhere | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (built.returncode, built.stderr) == (0, ""), built.stderr
    return folder


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    pages = {path: Fetched(path.read_text()) for path in site.rglob("*.html")}
    assert len(pages) > 40
    foreign = {place for page in pages.values() for place in page.places if re.match(r"(\w+:)?//", place)}
    assert foreign == set()
    # Material's script fetches Mermaid from a content network where a page has such a diagram, so none may have one.
    assert all("mermaid" not in page.classes for page in pages.values())
    styles = "".join(path.read_text() for path in site.rglob("*.css"))
    assert styles
    assert re.findall(r"""(?:url\(|@import)\s*["']?(?:\w+:)?//""", styles) == []


def test_everything_that_is_fetched_is_there(site: Path) -> None:
    for path in site.rglob("*.html"):
        for place in Fetched(path.read_text()).places:
            target = place.partition("?")[0].partition("#")[0]
            found = site / target.lstrip("/") if target.startswith("/") else path.parent / target
            assert place.startswith("data:") or found.exists(), f"{path} wants {place}"


@pytest.mark.parametrize("words", ["unknown keeps its answers", "tsig", "whatif", "route53"])
def test_what_people_look_for_is_found(site: Path, words: str) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text())
    texts = [f"{entry['title']} {entry['text']}".lower() for entry in index["docs"]]
    assert any(words in text for text in texts)


def test_lists_and_tables_are_no_plain_text(site: Path) -> None:
    """Without an empty line above, GitHub sees a list and the site a paragraph."""
    for path in site.rglob("*.html"):
        text = re.sub(r"<pre.*?</pre>", "", path.read_text().partition("<article")[2], flags=re.DOTALL)
        assert re.findall(r"\n(?:- |\d+\. |\| ).{0,40}", text) == [], path
        assert "```" not in text, path


def test_files_beside_the_docs_are_pages_and_their_links_lead_there(site: Path) -> None:
    install = (site / "install" / "index.html").read_text()
    assert re.search(r'href="\.\./charts/feddns/(README/)?"', install)
    chart = (site / "charts" / "feddns" / "index.html").read_text()
    assert re.search(r'href="\.\./\.\./install/"', chart)
    assert "tests/regressions/" not in (site / "regressions" / "index.html").read_text()


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "pictures").glob("*.svg")), ids=lambda path: path.name)
def test_a_picture_stands_alone_and_in_the_dark(path: Path) -> None:
    text = path.read_text()
    picture = ET.fromstring(text)  # noqa: S314 - our own file
    assert not re.search(r"""(?:href|src|url)\s*[=(]\s*["']?https?:""", text)
    if path.stem == "logo":
        return
    assert picture.findtext(f"{SVG}title")
    assert picture.findtext(f"{SVG}desc")
    assert "prefers-color-scheme:dark" in text
    _, _, width, height = map(int, picture.attrib["viewBox"].split())
    for each in picture.iter(f"{SVG}text"):
        assert 0 < int(each.attrib["x"]) < width
        assert 0 < int(each.attrib["y"]) < height
