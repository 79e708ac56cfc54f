"""The project behind HTTP, and beside it the servers that google-auth asks for tokens."""

import contextlib
import http.server
import socket
import socketserver
import struct
import threading
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from tests.providers.fakes.clouddns.project import Dropped, Project, Request
from tests.providers.fakes.clouddns.refusal import Cause, Refused

Json = dict[str, Any]
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends a reset."""
_METADATA = "/computeMetadata/v1/"


class FakeCloudDns(Project):
    """A project that listens on a free port of this machine, for a `with` statement.

    Attributes:
        port: where it listens.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.project = self
        self.port: int = self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.close_all()

    def serve(self) -> None:
        """Serve until interrupted."""
        self._server.serve_forever()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    project: Project

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_RESET)) == _RESET:
            self.close_request(request)  # an orderly end would go before the reset
        else:
            super().shutdown_request(request)

    def close_all(self) -> None:
        self.server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Connection(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            super().handle()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        try:
            answer = self._find(body)
        except Refused as refused:
            self._send(refused.status, refused.body(), {"Retry-After": refused.retry_after})
        except Dropped:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.close_connection = True
        else:
            self._send(200, answer, {})

    def _find(self, body: bytes) -> Json | str:
        parts = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        project = self.server.project
        if parts.path == "/token" and self.command == "POST":
            return project.identities.token({key: values[-1] for key, values in parse_qs(body.decode()).items()})
        if parts.path.startswith(_METADATA) or parts.path == "/":
            return self._metadata(parts.path.removeprefix(_METADATA))
        # Paths are looked up as they are, so that a slash in a name stays one.
        request = Request(
            self.command, unquote(parts.path), query, {key.lower(): value for key, value in self.headers.items()}, body
        )
        return project.answer(request)

    def _metadata(self, path: str) -> Json | str:
        """What GKE's metadata server tells a pod (https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity)."""
        project = self.server.project
        pod = project.identities.pod
        if pod is None or self.headers.get("Metadata-Flavor") != "Google":
            raise Refused(404, Cause("notFound", "there is no metadata server"))
        match path.rstrip("/").rpartition("/")[2]:
            case "token":
                return project.identities.issue(pod)
            case "default" | pod.email:
                return {"email": pod.email, "scopes": ["https://www.googleapis.com/auth/cloud-platform"], "aliases": []}
            case "project-id":
                return project.name
            case "universe-domain":
                return "googleapis.com"
            case _:
                return ""

    def _send(self, status: int, answer: Json | str, headers: dict[str, str]) -> None:
        octets = answer.encode() if isinstance(answer, str) else msgspec.json.encode(answer)
        self.send_response(status)
        kind = "application/text" if isinstance(answer, str) else "application/json; charset=UTF-8"
        for name, value in {"Content-Type": kind, "Metadata-Flavor": "Google", **headers}.items():
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)
        self.wfile.flush()
