"""The account behind HTTP/1.1, each connection in a thread."""

import itertools
import socket
import threading
import urllib.parse
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.providers.fakes.route53.account import Account
from tests.providers.fakes.route53.errors import ApiError
from tests.providers.fakes.route53.faults import RESETS, SILENCES, Fault, Kind
from tests.providers.fakes.route53.protocol import Route, bare_invalid_batch, error_document, route


class FakeRoute53:
    """Serves an account as long as it is entered.

    Attributes:
        account: who is asked; one without limits by default.
        host: where it listens.
        port: likewise.
    """

    def __init__(self, account: Account | None = None, port: int = 0) -> None:
        self.account = account or Account()
        self._server = _Server(("127.0.0.1", port), self.account)
        self.host, self.port = "127.0.0.1", int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="fake-route53")

    def use(self, account: Account) -> None:
        """Serve another account from now on."""
        self.account = self._server.account = account

    @property
    def url(self) -> str:
        """What clients take as their endpoint."""
        return f"http://{self.host}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.end_connections()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], account: Account) -> None:
        self.account = account
        self.closing = threading.Event()
        self.numbers = itertools.count(1)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        """Wake the threads that wait for another request."""
        with self._lock:
            for connection in self._open:
                connection.shutdown(socket.SHUT_RDWR)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # head and document leave together
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        try:
            asked, path = route(self.command, url.path)
        except ApiError as error:
            self._fail(error, None)
            return
        read: Callable[[], dict[str, Any]] = lambda: asked.parameters(path, query, body)  # noqa: E731  # with its type
        outcome, fault = self.server.account.answer(asked.name, self.headers.get("Authorization", ""), read)
        if fault is not None and fault.kind in RESETS | SILENCES:
            if fault.kind in SILENCES:
                self.server.closing.wait(30)
            self.close_connection = True
        elif fault is not None and not isinstance(outcome, ApiError):
            self._fail(fault.error(), fault)
        elif isinstance(outcome, ApiError):
            self._fail(outcome, fault)
        else:
            self._succeed(asked, outcome)

    def _succeed(self, asked: Route, outcome: dict[str, Any]) -> None:
        status = asked.model.http.get("responseCode", 200)
        self._send(status, asked.answer(outcome), {"Location": outcome["Location"]} if "Location" in outcome else {})

    def _fail(self, error: ApiError, fault: Fault | None) -> None:
        if fault is not None and fault.kind is Kind.BARE_INVALID:
            document = bare_invalid_batch(error.message)
        else:
            document = error_document(error, self._request_id())
        self._send(error.status, document, dict(fault.headers) if fault is not None else {})

    def _send(self, status: int, document: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "text/xml", "x-amzn-RequestId": self._request_id(), **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(document)))
        self.end_headers()
        self.wfile.write(document)

    def _request_id(self) -> str:
        return f"00000000-0000-0000-0000-{next(self.server.numbers):012}"
