"""An HTTP server in a thread, whose answers a function gives."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request. `query` has the last of repeated names."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

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

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            made = server.reply(Asked(self.command, parts.path, query, headers, body))
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(made.body) if made.announced is None else made.announced))
            self.end_headers()
            self.wfile.write(made.body)
            if made.announced not in (None, len(made.body)):
                self.close_connection = True

        do_GET = do_POST = do_DELETE = _serve

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
