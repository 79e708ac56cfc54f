"""Errors of Route 53 as botocore hands them on: one of feddns' own errors, whatever is in them."""

from typing import Any

import msgspec
from botocore.exceptions import ClientError

from feddns.errors import ProviderError
from feddns.providers.route53.outcome import answered, is_invalid_batch, of_hosted_zone, retry_after_s

OPERATIONS = ("ChangeResourceRecordSets", "ListResourceRecordSets", "AssumeRole")


class Answer(msgspec.Struct):
    """The parts of an answer that botocore takes over as they come."""

    code: str | int | None = None
    message: str | None = None
    status: int = 400
    headers: dict[str, str] = {}


def fuzz(data: bytes) -> None:
    kind, octets = (data[0], data[1:]) if data else (0, b"")
    try:
        answer = msgspec.json.decode(octets, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    response: Any = {
        "Error": {
            key: value for key, value in (("Code", answer.code), ("Message", answer.message)) if value is not None
        },
        "ResponseMetadata": {"HTTPStatusCode": answer.status, "HTTPHeaders": answer.headers},
    }
    operation = OPERATIONS[kind % 3]
    error = ClientError(response, operation)
    is_invalid_batch(error)
    assert retry_after_s(error) >= 0
    assert isinstance(answered(error, of_hosted_zone(operation, "Z1", writes=True), "aws"), ProviderError)
