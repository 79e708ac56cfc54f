"""What is told of a running federation over HTTP, as JSON; nothing can be changed by it."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web

from feddns.web.asking import BadQuestion, question
from feddns.web.openapi import document
from feddns.web.operations import OPERATIONS, PREFIX, Operation, ProblemDetails, Teller

_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def application(teller: Teller) -> web.Application:
    """What answers below `PREFIX`."""
    app, turn = web.Application(middlewares=[_as_problems]), asyncio.Lock()
    for operation in OPERATIONS:
        app.router.add_get(operation.path, _answering(operation, teller, turn))
    app.router.add_get("/openapi.json", _describe)
    return app


def _answering(
    operation: Operation, teller: Teller, turn: asyncio.Lock
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        asked = question(operation.asked, request.match_info, request.query.items())
        async with turn:  # one answer at a time, so that however many ask, all else that runs has its turn as soon
            found = await operation.tell(teller, asked)
            if found is None:
                return _problem(HTTPStatus.NOT_FOUND, operation.missing)
            return web.Response(body=msgspec.json.encode(found), content_type="application/json", headers=_HEADERS)

    return answer


async def _describe(_: web.Request) -> web.Response:
    return web.Response(body=msgspec.json.encode(document()), content_type="application/json", headers=_HEADERS)


@web.middleware
async def _as_problems(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """What is wrong with a request, as RFC 9457 has it."""
    try:
        return await handler(request)
    except BadQuestion as error:
        return _problem(HTTPStatus.BAD_REQUEST, str(error))
    except web.HTTPMethodNotAllowed as error:
        allowed = {"Allow": ", ".join(sorted(error.allowed_methods))}
        return _problem(HTTPStatus.METHOD_NOT_ALLOWED, "this is read only: use GET or HEAD", allowed)
    except web.HTTPNotFound:
        paths = ", ".join(f"{PREFIX}{operation.path}" for operation in OPERATIONS)
        return _problem(HTTPStatus.NOT_FOUND, f"there is nothing here; there are: {paths}, {PREFIX}/openapi.json")


def _problem(status: HTTPStatus, detail: str, headers: dict[str, str] | None = None) -> web.Response:
    details = ProblemDetails("about:blank", status.phrase, status, detail)
    return web.Response(
        status=status,
        body=msgspec.json.encode(details),
        content_type="application/problem+json",
        headers=_HEADERS | (headers or {}),
    )
