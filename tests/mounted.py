"""A Secret or ConfigMap as kubelet mounts it, and changes it."""

import itertools
from pathlib import Path


class Mounted:
    """A folder whose files are links to `..data/NAME`, and `..data` a link to the folder of one version.

    kubelet changes all files at once, by turning `..data` to another folder; see `pkg/volume/util/atomic_writer.go` in
    Kubernetes.
    """

    def __init__(self, folder: Path, **contents: str) -> None:
        self.folder = folder
        self._versions = itertools.count(1)
        folder.mkdir()
        self.swap(**contents)

    def swap(self, **contents: str) -> None:
        """Put other contents into the place of all there are."""
        version = self.folder / f"..version_{next(self._versions)}"
        version.mkdir()
        for name, text in contents.items():
            (version / name).write_text(text)
        turned = self.folder / "..data_tmp"
        turned.symlink_to(version.name)
        turned.rename(self.folder / "..data")
        for name in contents:
            link = self.folder / name
            if not link.is_symlink():
                link.symlink_to(f"..data/{name}")

    def path(self, name: str) -> Path:
        """One of its files."""
        return self.folder / name
