"""A server that quotes what it was sent in its errors, alone or in front of the sandbox; and the search for leaks."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlsplit

import httpx

STATUSES = (400, 401, 403, 404, 429, 500, 200)
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda text: quote(text, safe=""),
    "JSON": lambda text: json.dumps(json.dumps(text)),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
}
SHAPES = ("envelope", "OAuth", "page", "text")
QUOTED_BODY = 1_000


def ways(number: int) -> list[tuple[int, str, str]]:
    """Answers as (status, spelling, shape): each status once, each spelling and each shape at least once. Those of four
    numbers in a row put each status into each spelling."""
    return [
        (status, list(SPELLINGS)[(i + number) % len(SPELLINGS)], SHAPES[(3 * i + number // 2) % len(SHAPES)])
        for i, status in enumerate(STATUSES)
    ]


_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server", "content-encoding"}


def answer(shape: str, said: str, status: int) -> tuple[str, str]:
    """(media type, body) of an error: in every platform's envelope at once, or as a page, or as bare text."""
    if shape == "page":
        return "text/html", f"<html><body><h1>Error</h1><p>{said}</p></body></html>"
    if shape == "text":
        return "text/plain", said
    item = {"message": said, "detail": said, "title": said, "reason": "badRequest", "code": 100, "type": said}
    body: dict[str, Any] = {
        "error": {**item, "errors": [item], "status": "INVALID_ARGUMENT", "log_id": said, "error_user_msg": said},
        "errors": [item], "message": said, "detail": said, "title": said, "reason": said, "status": status,
        "serviceErrorCode": 100, "code": 50035, "error_description": said, "request_id": said, "debug_info": item,
    }  # fmt: skip
    if shape == "OAuth":
        body["error"] = "invalid_grant" if status != 403 else said
    return "application/json", json.dumps(body)


def values_of(path: str, headers: Any, body: bytes) -> list[str]:
    """The values alone that a request holds: without their names, nothing tells that they are secret."""
    form = parse_qsl(body[:QUOTED_BODY].decode("latin-1")) + parse_qsl(urlsplit(path).query)
    values = [headers.get("authorization", "").rpartition(" ")[2], headers.get("x-api-key", "")]
    values += [value for _, value in form] + urlsplit(path).path.split("/")
    return sorted({value for value in values if len(value) >= 16}, key=len)


@dataclass
class Quoted:
    """One answer that quoted its request: what was quoted, before it was spelt."""

    method: str
    path: str
    status: int
    text: str


@dataclass
class QuotingServer:
    """Quotes from the request after the first `spared` on; those, and requests to `kept_paths`, go to `upstream`.
    `count` requests are quoted (None: all), the later ones go on again."""

    upstream: str = ""
    spared: int = 0
    count: int | None = None
    kept_paths: tuple[str, ...] = ()
    status: int = 400
    spelling: str = "plain"
    shape: str = "envelope"
    quoted: list[Quoted] = field(default_factory=list)
    seen: int = 0
    url: str = ""
    client: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=300, verify=False))

    def plan(self, **changes: Any) -> None:
        """Begins anew with these."""
        self.quoted, self.seen = [], 0
        for name, value in changes.items():
            setattr(self, name, value)

    def takes(self, path: str) -> bool:
        """Whether this request is quoted."""
        if any(path.startswith(kept) for kept in self.kept_paths):
            return False
        self.seen += 1
        return self.seen > self.spared and (self.count is None or len(self.quoted) < self.count)

    def reply(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if self.upstream and not self.takes(path):
            return self._forward(method, path, headers, body)
        first = [headers[name] for name in ("authorization", "x-api-key") if name in headers]
        sent = [*first, body[:QUOTED_BODY].decode("latin-1"), f"{method} {path}", str(dict(headers))]
        text = " ".join(sent if method != "GET" else [*first, sent[-2], *sent[-3:-2], sent[-1]])
        text = f"odd: {' '.join(values_of(path, headers, body))} in {text}"
        self.quoted.append(Quoted(method, path, self.status, text))
        kind, said = answer(self.shape, SPELLINGS[self.spelling](text), self.status)
        return self.status, {"content-type": kind}, said.encode()

    def _forward(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        passed = {name: value for name, value in headers.items() if name.lower() not in _HOP}
        got = self.client.request(method, f"{self.upstream}{path}", headers=passed, content=body)
        return got.status_code, {k: v for k, v in got.headers.items() if k.lower() not in _HOP}, got.content


@contextmanager
def quoting_server(upstream: str = "") -> Iterator[QuotingServer]:
    """A running one, on a free port."""
    server = QuotingServer(upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            status, headers, data = server.reply(self.command, self.path, self.headers, self._body())
            self.close_connection = True
            self.send_response(status)
            for name, value in {**headers, "connection": "close", "content-length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_any

        def _body(self) -> bytes:
            if "chunked" not in self.headers.get("transfer-encoding", ""):
                return self.rfile.read(int(self.headers.get("content-length") or 0))
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{listener.server_address[1]}"
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
        server.client.close()


# --- the search ------------------------------------------------------------------------------------------------------
# It knows nothing of how secrets are struck, so that a mistake there is not made here again.


def proof(app_secret: str, token: str) -> str:
    """Meta's `appsecret_proof`: made of secrets, and one itself."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


@functools.cache
def forms(secret: str) -> set[str]:
    """The spellings that are looked for."""
    plain = {secret, quote(secret, safe=""), quote_plus(secret), quote(quote(secret, safe=""), safe="")}
    plain |= {json.dumps(secret)[1:-1], json.dumps(secret)[1:-1].replace("/", "\\/")}
    encoded = {form.encode().hex() for form in plain}
    for form in plain:
        for shift in range(3):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                # Without the first and last characters, into which the neighbours go.
                encoded.add(encode(b"\0" * shift + form.encode()).decode().rstrip("=")[4:-3])
    return plain | encoded


def leaks(texts: Iterable[str], secrets: Iterable[str]) -> list[str]:
    """Where a secret stands in the texts: what is around it, and the secret's kind of spelling. Empty is good."""
    wanted = {form: secret for secret in secrets if len(secret) >= 6 for form in forms(secret) if len(form) >= 6}
    layers = list(dict.fromkeys(layer for text in texts for layer in _layers(text)))
    everything = "\0".join(layers)  # no form holds a zero
    return [
        f"{secret[:4]}… as {form[:12]}… in {layer[max(0, layer.find(form) - 60) :][:160]!r}"
        for form, secret in wanted.items()
        if form in everything
        for layer in layers
        if form in layer
    ]


def _layers(text: str) -> Iterator[str]:
    """The text, with escapes undone, and what runs of base64 in it say."""
    yield text
    undone = unquote_plus(text.replace("\\\\", "\\").replace('\\"', '"').replace("\\/", "/"))
    yield undone
    for run in re.findall(r"[A-Za-z0-9+/_-]{16,}", undone):
        piece = run.replace("-", "+").replace("_", "/")
        with_padding = piece[: len(piece) // 4 * 4]
        try:
            yield unquote_plus(base64.b64decode(with_padding, validate=True).decode("latin-1"))
        except ValueError:
            continue


async def all_rows(pool: Any, *, leave: tuple[str, ...] = ()) -> list[str]:
    """Every row of every table as text; `leave` names columns (`table.column`) that are not looked at."""
    tables = [
        row["table_name"]
        for row in await pool.fetch("select table_name from information_schema.tables where table_schema = 'public'")
    ]
    assert len(tables) >= 8, tables
    texts = []
    for table in tables:
        for row in await pool.fetch(f'select * from "{table}"'):
            shown = {name: value for name, value in row.items() if f"{table}.{name}" not in leave}
            texts.append(f"{table}: {shown}")
    return texts
