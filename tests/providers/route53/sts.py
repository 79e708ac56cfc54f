"""A stand-in for AWS STS that gives every caller another access key for some time."""

import threading
import urllib.parse
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Self

_ANSWER = """\
<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
<AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/r/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>
<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>{until:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials></{action}Result></{action}Response>
"""
_REFUSAL = """\
<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>
<Message>User is not authorized to perform: sts:AssumeRole</Message></Error><RequestId>r</RequestId></ErrorResponse>
"""


class Sts:
    """Serves as long as it is entered.

    Attributes:
        asked: the parameters of each request.
        signed: the access key that each was signed with; empty where it was not.
        valid_s: how long the credentials that it gives hold.
        refuses: whether nobody may assume anything.
    """

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.signed: list[str] = []
        self.valid_s = 3600.0
        self.refuses = False
        sts = self

        class Connection(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                sts.asked.append(dict(urllib.parse.parse_qsl(body)))
                sts.signed.append(self.headers.get("Authorization", "=").partition("=")[2].partition("/")[0])
                document = sts.answer().encode()
                self.send_response(403 if sts.refuses else 200)
                self.send_header("Content-Length", str(len(document)))
                self.end_headers()
                self.wfile.write(document)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Connection)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="sts")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self) -> str:
        if self.refuses:
            return _REFUSAL
        until = datetime.now(UTC) + timedelta(seconds=self.valid_s)
        return _ANSWER.format(action=self.asked[-1]["Action"], key=f"ASIA{len(self.asked)}", until=until)
