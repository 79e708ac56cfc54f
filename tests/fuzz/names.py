"""Which fuzz targets there are, and where their seeds are kept."""

from pathlib import Path

CORPUS = Path(__file__).with_name("corpus")


def names() -> list[str]:
    """Every target has a module of its own, and a folder of seeds of the same name."""
    modules = Path(__file__).with_name("targets").glob("*.py")
    return sorted(path.stem for path in modules if not path.stem.startswith("_"))
