"""Which Services of a cluster the federation takes."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from feddns.clusters.annotations import Wishes
from feddns.config.selector import parse_selector
from feddns.config.settings import ServiceSettings


class Selection:
    """The rules of `services` in the configuration, ready to be asked.

    Raises:
        ValueError: `settings.selector` is no label selector.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self._annotated = settings.select == "annotated"
        self._selector = parse_selector(settings.selector)
        self._include = settings.namespaces.include
        self._exclude = settings.namespaces.exclude

    def has_namespace(self, namespace: str) -> bool:
        """Whether Services of this namespace may be taken at all; exclusion goes before inclusion."""
        if any(fnmatchcase(namespace, pattern) for pattern in self._exclude):
            return False
        return not self._include or any(fnmatchcase(namespace, pattern) for pattern in self._include)

    def has_labels(self, labels: Mapping[str, str] | None) -> bool:
        """Whether a Service with these labels may be taken."""
        return self._selector.matches(labels or {})

    def takes(self, wishes: Wishes) -> bool:
        """Whether a Service that asks for this is taken, its namespace and labels being right."""
        federate = not self._annotated if wishes.federate is None else wishes.federate
        return federate and not wishes.ignore
