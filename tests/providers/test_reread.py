"""Files that change while feddns runs are read again, and those that break leave what was good."""

from pathlib import Path

import pytest
import structlog.testing

from feddns.errors import Unauthorized
from feddns.providers.reread import Reread
from feddns.telemetry.events import LogEvent
from tests.mounted import Mounted


class Words:
    """Reads a file, and counts how often."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        try:
            text = self.path.read_text()
        except OSError as error:
            raise Unauthorized("it is not there") from error
        if "!" in text:
            raise Unauthorized("it is broken")
        return text


@pytest.fixture
def secret(tmp_path: Path) -> Mounted:
    return Mounted(tmp_path / "secret", word="one")


@pytest.fixture
def words(secret: Mounted) -> Words:
    return Words(secret.path("word"))


def events(told: list[structlog.typing.EventDict]) -> list[str]:
    return [line["event"] for line in told]


def test_what_stays_the_same_is_read_once(words: Words) -> None:
    reread = Reread(words, [words.path])
    assert [reread.get() for _ in range(3)] == ["one"] * 3
    assert words.count == 1


def test_another_version_of_a_mounted_secret_is_used_and_told(secret: Mounted, words: Words) -> None:
    reread = Reread(words, [words.path])
    reread.get()
    with structlog.testing.capture_logs() as told:
        secret.swap(word="two")
        assert reread.get() == reread.get() == "two"
    assert events(told) == [LogEvent.CREDENTIALS_RENEWED.message]


def test_a_file_that_is_written_over_is_read_again_though_nothing_but_its_content_is_another(
    words: Words,
) -> None:
    reread = Reread(words, [words.path])
    reread.get()
    words.path.write_text("two")
    assert reread.get() == "two"


@pytest.mark.parametrize("contents", [{"word": "broken!"}, {"other": "x"}])
def test_what_cannot_be_used_leaves_what_was_good_and_is_told_once(
    secret: Mounted, words: Words, contents: dict[str, str]
) -> None:
    reread = Reread(words, [words.path])
    reread.get()
    with structlog.testing.capture_logs() as told:
        secret.swap(**contents)
        assert [reread.get() for _ in range(3)] == ["one"] * 3
        secret.swap(word="three")
        assert reread.get() == "three"
    assert events(told) == [LogEvent.CREDENTIALS_KEPT.message, LogEvent.CREDENTIALS_RENEWED.message]
    assert told[0]["files"] == [str(words.path)]


def test_what_never_was_usable_is_an_error_until_it_is(secret: Mounted, words: Words) -> None:
    secret.swap(word="broken!")
    reread = Reread(words, [words.path])
    for _ in range(2):
        with pytest.raises(Unauthorized, match="broken"):
            reread.get()
    secret.swap(word="two")
    assert reread.get() == "two"


def test_what_is_in_doubt_is_made_anew_and_kept_where_that_fails(secret: Mounted, words: Words) -> None:
    reread = Reread(words, [words.path])
    reread.get()
    reread.doubt()
    assert (reread.get(), words.count) == ("one", 2)
    secret.swap(word="broken!")
    reread.get()
    reread.doubt()
    with structlog.testing.capture_logs() as told:
        assert (reread.get(), words.count) == ("one", 4)
    assert told == []


def test_files_may_be_looked_at_now_and_then_only(secret: Mounted, words: Words) -> None:
    reread = Reread(words, [words.path], every_s=3600)
    reread.get()
    secret.swap(word="two")
    assert reread.get() == "one"
    reread.doubt()
    assert reread.get() == "two"


def test_an_error_of_another_kind_is_not_taken_for_a_broken_file(secret: Mounted, words: Words) -> None:
    reread = Reread(words, [words.path], ValueError)
    reread.get()
    secret.swap(word="broken!")
    for _ in range(2):
        with pytest.raises(Unauthorized):
            reread.get()
