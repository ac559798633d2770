"""A vendor's server on loopback: each test says what it answers, and sees what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    """What was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)


@dataclass
class Reply:
    """What is answered: JSON, text or bytes. `lacks` bytes of what is announced are not sent."""

    said: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    lacks: int = 0

    @property
    def data(self) -> bytes:
        if isinstance(self.said, bytes):
            return self.said
        return self.said.encode() if isinstance(self.said, str) else json.dumps(self.said).encode()


HANG_UP = object()
Answer = Callable[[Request], Any]


class Vendor:
    """`answer` makes the reply; `HANG_UP` closes the connection without one."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                where = urlsplit(self.path)
                data = self.rfile.read(int(self.headers.get("content-length") or 0))
                request = Request(
                    self.command,
                    where.path,
                    {name: values[0] for name, values in parse_qs(where.query).items()},
                    {name.lower(): value for name, value in self.headers.items()},
                    data,
                )
                vendor.requests.append(request)
                reply = vendor.answer(request)
                self.close_connection = True
                if reply is HANG_UP:
                    return
                body = reply.data
                self.send_response(reply.status)
                for name, value in {"content-type": "application/json", "connection": "close", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body) + reply.lacks))
                self.end_headers()
                with suppress(ConnectionError):  # whoever asked may have gone: too late, or too much
                    self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = _any

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def paid(self) -> list[Request]:
        """The requests that are charged for."""
        return [one for one in self.requests if one.method in ("POST", "PUT")]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
