import json

import msgspec
import pytest

from feddns.web.openapi import document
from feddns.web.operations import OPERATIONS


def test_every_operation_is_described_with_its_parameters() -> None:
    paths = document()["paths"]
    assert list(paths) == [operation.path for operation in OPERATIONS]
    assert [parameter["name"] for parameter in paths["/services/{namespace}/{name}"]["get"]["parameters"]] == [
        "namespace",
        "name",
    ]
    (limit,) = [each for each in paths["/services"]["get"]["parameters"] if each["name"] == "limit"]
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}
    assert all(set(operations) == {"get"} for operations in paths.values())


def test_every_key_of_an_answer_that_does_not_speak_for_itself_is_described() -> None:
    schemas = document()["components"]["schemas"]
    assert all(schema.get("description") for schema in schemas.values())
    assert "Attributes" not in json.dumps(schemas)
    assert schemas["Cluster"]["properties"]["heardAt"]["description"].startswith("when its API server was last heard")


@pytest.mark.servers
def test_the_document_is_valid_openapi() -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator, validate  # noqa: PLC0415 - takes half a second

    validate(json.loads(msgspec.json.encode(document())), cls=OpenAPIV31SpecValidator)
