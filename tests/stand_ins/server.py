"""The HTTP server on loopback that stands in for providers: a function gives its answers. Their shapes are in the files
of the vendors."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request. `target` is path and query as they came; `query` has the last of repeated names."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """One answer; with `announced` as its Content-Length, whatever the body has."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    announced: int | None = None

    @classmethod
    def of(cls, value: Any, status: int = 200, **headers: str) -> Answer:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json", **named})


CHALLENGE = Answer(
    429,
    b"<!DOCTYPE html><title>Just a moment...</title>",
    {"Content-Type": "text/html; charset=UTF-8", "cf-mitigated": "challenge"},
)
"""Cloudflare's, in place of an answer."""


class Loopback:
    """The server, until it is closed. For None it hangs up without an answer. Each connection serves one request."""

    def __init__(self, answer: Callable[[Asked], Answer | None]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                made = answer(Asked(self.command, self.path, headers, body))
                self.close_connection = True
                if made is None:
                    return
                with suppress(ConnectionError):  # whoever asked may have gone: too late, or too much
                    self.send_response(made.status)
                    length = len(made.body) if made.announced is None else made.announced
                    for name, value in {**made.headers, "Connection": "close", "Content-Length": str(length)}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(made.body)

            do_GET = do_POST = do_PUT = do_DELETE = _serve

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@dataclass
class Server:
    """`answer` gives the answers; those in `next` go before it, each once. `asked` are the requests so far."""

    answer: Callable[[Asked], Answer]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    next: list[Answer] = field(default_factory=list)

    def reply(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return self.next.pop(0) if self.next else self.answer(asked)


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[Server]:
    """The server, until the end of the block."""
    server = Server(answer)
    loopback = Loopback(server.reply)
    server.url = loopback.url
    try:
        yield server
    finally:
        loopback.close()
