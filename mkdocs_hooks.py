"""What the site takes from beside docs/: READMEs as pages, and no links to files that it does not have."""

import posixpath
import re
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

PAGES: Final = ("benchmarks/README.md", "charts/feddns/README.md", "charts/feddns-member/README.md", "CHANGELOG.md")
"""Files of the repository that are pages of the site, at the same path."""

_ROOT: Final = Path(__file__).parent
_LINK: Final = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s#]+)(#[^()\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Put the further pages beside those of docs/."""
    for path in PAGES:
        files.append(File.generated(config, path, abs_src_path=str(_ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - MkDocs' own
    """Let links lead where their files are in the site."""
    source = page.file.src_uri
    here = source if source in PAGES else f"docs/{source}"

    def led(match: re.Match[str]) -> str:
        text, target, anchor = match[1], match[2], match[3] or ""
        if "://" in target or target.startswith("mailto:"):
            return match[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(here), target))
        wanted = path if path in PAGES else path.removeprefix("docs/")
        if wanted == path and path not in PAGES:
            return text  # a file that the site does not have
        return f"[{text}]({posixpath.relpath(wanted, posixpath.dirname(source) or '.')}{anchor})"

    return _LINK.sub(led, markdown)
