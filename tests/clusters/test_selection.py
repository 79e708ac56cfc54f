import pytest

from feddns.clusters.annotations import NO_WISHES, Wishes
from feddns.clusters.selection import Selection
from feddns.config.settings import NamespaceSettings, ServiceSettings

FEDERATE, KEEP_OUT, IGNORE = Wishes(federate=True), Wishes(federate=False), Wishes(federate=True, ignore=True)


def test_all_services_are_taken_but_those_that_say_no() -> None:
    selection = Selection(ServiceSettings(select="all"))
    assert [selection.takes(wishes) for wishes in (NO_WISHES, FEDERATE, KEEP_OUT, IGNORE)] == [True, True, False, False]


def test_annotated_services_are_taken_alone() -> None:
    selection = Selection(ServiceSettings(select="annotated"))
    taken = [selection.takes(wishes) for wishes in (NO_WISHES, FEDERATE, KEEP_OUT, IGNORE)]
    assert taken == [False, True, False, False]


@pytest.mark.parametrize(
    ("include", "exclude", "taken"),
    [
        ((), (), {"shop", "team-a", "team-b", "Team-a"}),
        (("team-*",), (), {"team-a", "team-b"}),
        ((), ("team-*",), {"shop", "Team-a"}),
        (("team-*", "shop"), ("team-b",), {"shop", "team-a"}),
        (("team-?",), ("team-?",), set()),
    ],
)
def test_namespaces_are_included_and_excluded_by_pattern(
    include: tuple[str, ...], exclude: tuple[str, ...], taken: set[str]
) -> None:
    selection = Selection(ServiceSettings(namespaces=NamespaceSettings(include, exclude)))
    assert {name for name in ("shop", "team-a", "team-b", "Team-a") if selection.has_namespace(name)} == taken


def test_labels_are_selected_also_where_there_are_none() -> None:
    selection = Selection(ServiceSettings(selector="env!=dev"))
    assert selection.has_labels(None)
    assert selection.has_labels({"env": "prod"})
    assert not selection.has_labels({"env": "dev"})
