import os
from pathlib import Path

import pytest
import yaml

from feddns.clusters.decode import Reader
from feddns.clusters.manifests.folder import Contents, ManifestFolder
from feddns.clusters.selection import Selection
from feddns.config.settings import ServiceSettings
from feddns.errors import ClusterError
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from tests.clusters import objects

WEB, API = ServiceKey("shop", "web"), ServiceKey("shop", "api")


@pytest.fixture
def folder(tmp_path: Path) -> ManifestFolder:
    return ManifestFolder(tmp_path, Reader(ClusterName("us"), Selection(ServiceSettings())))


def write(path: Path, *addresses: str, name: str = "web") -> None:
    """Write a file in place, as editors and `>` do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(objects.service(name, *addresses)))


def rename_over(path: Path, *addresses: str) -> None:
    """Put another file into the place of one, as careful programs do."""
    write(path.with_name(".new"), *addresses)
    path.with_name(".new").rename(path)


def addresses(contents: Contents, key: ServiceKey = WEB) -> tuple[str, ...] | None:
    facts = contents.services.get(key)
    return facts.shard.addresses if facts is not None and facts.shard is not None else None


def test_files_are_read_in_subfolders_too_and_other_files_left_alone(folder: ManifestFolder, tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "web.yaml", "192.0.2.1")
    write(tmp_path / "api.YML", "192.0.2.2", name="api")
    write(tmp_path / "web.yaml.bak", "192.0.2.9")
    write(tmp_path / ".hidden.yaml", "192.0.2.9")
    write(tmp_path / ".git" / "web.yaml", "192.0.2.9")
    (tmp_path / "README").write_text("{")
    contents = folder.look()
    assert (addresses(contents), addresses(contents, API)) == (("192.0.2.1",), ("192.0.2.2",))
    assert contents.problems == {}


def test_while_nothing_changes_the_contents_are_the_same(folder: ManifestFolder, tmp_path: Path) -> None:
    write(tmp_path / "web.yaml", "192.0.2.1")
    assert folder.look() is folder.look()


def test_a_file_that_is_written_in_place_is_read_when_it_has_settled(folder: ManifestFolder, tmp_path: Path) -> None:
    write(tmp_path / "web.yaml", "192.0.2.1")
    folder.look()
    write(tmp_path / "web.yaml", "192.0.2.2", "192.0.2.3")
    assert addresses(folder.look()) == ("192.0.2.1",)
    assert addresses(folder.look()) == ("192.0.2.2", "192.0.2.3")


def test_a_file_that_is_emptied_on_the_way_does_not_lose_its_objects(folder: ManifestFolder, tmp_path: Path) -> None:
    write(tmp_path / "web.yaml", "192.0.2.1")
    folder.look()
    (tmp_path / "web.yaml").write_text("")
    assert addresses(folder.look()) == ("192.0.2.1",)
    write(tmp_path / "web.yaml", "192.0.2.2", "192.0.2.3")
    assert addresses(folder.look()) == ("192.0.2.1",)
    assert addresses(folder.look()) == ("192.0.2.2", "192.0.2.3")


def test_a_file_that_stays_empty_has_no_objects(folder: ManifestFolder, tmp_path: Path) -> None:
    write(tmp_path / "web.yaml", "192.0.2.1")
    folder.look()
    (tmp_path / "web.yaml").write_text("")
    folder.look()
    assert addresses(folder.look()) is None


def test_a_file_that_takes_anothers_place_is_read_at_once(folder: ManifestFolder, tmp_path: Path) -> None:
    write(tmp_path / "web.yaml", "192.0.2.1")
    folder.look()
    rename_over(tmp_path / "web.yaml", "192.0.2.2")
    assert addresses(folder.look()) == ("192.0.2.2",)


def test_a_file_that_vanishes_takes_its_objects_away(folder: ManifestFolder, tmp_path: Path) -> None:
    write(tmp_path / "web.yaml", "192.0.2.1")
    write(tmp_path / "api.yaml", "192.0.2.2", name="api")
    folder.look()
    (tmp_path / "web.yaml").unlink()
    contents = folder.look()
    assert (addresses(contents), addresses(contents, API)) == (None, ("192.0.2.2",))


def test_a_mounted_config_map_changes_as_a_whole(folder: ManifestFolder, tmp_path: Path) -> None:
    write(tmp_path / "..v1" / "web.yaml", "192.0.2.1")
    write(tmp_path / "..v2" / "web.yaml", "192.0.2.2")
    (tmp_path / "..data").symlink_to("..v1")
    (tmp_path / "web.yaml").symlink_to("..data/web.yaml")
    contents = folder.look()
    assert addresses(contents) == ("192.0.2.1",)
    assert contents.problems == {}
    (tmp_path / "..data_tmp").symlink_to("..v2")
    (tmp_path / "..data_tmp").rename(tmp_path / "..data")
    assert addresses(folder.look()) == ("192.0.2.2",)
    (tmp_path / "..v2" / "web.yaml").unlink()
    assert addresses(folder.look()) is None


def test_folders_that_link_in_a_circle_are_entered_once(folder: ManifestFolder, tmp_path: Path) -> None:
    write(tmp_path / "a" / "web.yaml", "192.0.2.1")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    contents = folder.look()
    assert addresses(contents) == ("192.0.2.1",)
    assert contents.problems == {}


def test_a_file_that_breaks_stays_as_it_was_and_is_told(folder: ManifestFolder, tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    write(file, "192.0.2.1")
    folder.look()
    file.write_text("kind: }")
    folder.look()
    contents = folder.look()
    assert addresses(contents) == ("192.0.2.1",)
    assert contents.unread == ()
    (problem,) = contents.problems.values()
    assert problem.reason == "UnreadableManifest"
    assert problem.text.startswith(f"{file}:1: not YAML")
    rename_over(file, "192.0.2.3")
    contents = folder.look()
    assert addresses(contents) == ("192.0.2.3",)
    assert contents.problems == {}


def test_a_file_that_never_was_readable_is_told_apart(folder: ManifestFolder, tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text("}")
    contents = folder.look()
    assert len(contents.unread) == len(contents.problems) == 1
    assert contents.unread[0].startswith(f"{tmp_path / 'web.yaml'}:1: not YAML")


def test_of_equal_objects_in_two_files_the_first_by_path_counts(folder: ManifestFolder, tmp_path: Path) -> None:
    write(tmp_path / "b.yaml", "192.0.2.2")
    folder.look()
    write(tmp_path / "a.yaml", "192.0.2.1")
    contents = folder.look()
    assert addresses(contents) == ("192.0.2.1",)
    (problem,) = contents.problems.values()
    assert problem.text == (
        f"{tmp_path / 'b.yaml'} repeats Service shop/web (as in {tmp_path / 'a.yaml'}); "
        "of equal objects the first in the order of the files' paths counts"
    )
    (tmp_path / "a.yaml").unlink()
    contents = folder.look()
    assert addresses(contents) == ("192.0.2.2",)
    assert contents.problems == {}


def test_a_folder_that_is_not_there_is_told_and_its_coming_seen(tmp_path: Path) -> None:
    folder = ManifestFolder(tmp_path / "later", Reader(ClusterName("us"), Selection(ServiceSettings())))
    with pytest.raises(ClusterError) as error:
        folder.look()
    assert str(error.value) == f"the folder of manifests {tmp_path / 'later'} cannot be read: No such file or directory"
    write(tmp_path / "later" / "web.yaml", "192.0.2.1")
    assert addresses(folder.look()) == ("192.0.2.1",)


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    write(tmp_path / "file.yaml")
    folder = ManifestFolder(tmp_path / "file.yaml", Reader(ClusterName("us"), Selection(ServiceSettings())))
    with pytest.raises(ClusterError, match="cannot be read: Not a directory"):
        folder.look()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_subfolder_that_may_not_be_read_is_told_and_not_taken_for_empty(
    folder: ManifestFolder, tmp_path: Path
) -> None:
    write(tmp_path / "a" / "web.yaml", "192.0.2.1")
    folder.look()
    (tmp_path / "a").chmod(0)
    try:
        with pytest.raises(ClusterError, match="Permission denied"):
            folder.look()
    finally:
        (tmp_path / "a").chmod(0o700)
