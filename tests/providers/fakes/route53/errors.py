"""What the service says when it refuses."""


class ApiError(Exception):
    """An answer that is an error."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        self.code = code
        self.message = message
        self.status = status
        super().__init__(f"{code}: {message}")


def invalid_input(message: str) -> ApiError:
    return ApiError("InvalidInput", message)


class Refused(Exception):
    """One change cannot be carried out; the text is the reason as the service lists it."""
