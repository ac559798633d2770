"""A provider on loopback that charges for each answer, also for one that nobody is there to take, and counts them."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PRICE = 0.02


class Charging:
    """What was charged for, by the text that was to be spoken. Some calls fail, and are not charged for."""

    def __init__(self, seed: int, slowest_s: float, failing: float) -> None:
        self.charged: Counter[str] = Counter()
        self.asked = 0
        self._rng = random.Random(seed)
        self._slowest_s, self._failing = slowest_s, failing
        self._lock = threading.Lock()

    def answer(self, text: str) -> int:
        """The status of the answer."""
        with self._lock:
            self.asked += 1
            before, after = (self._rng.uniform(0, self._slowest_s / 2) for _ in range(2))
            failing = self._rng.random() < self._failing
        time.sleep(before)
        if not failing:
            with self._lock:
                self.charged[text] += 1
        time.sleep(after)
        return 500 if failing else 200


@contextmanager
def charging(seed: int, *, slowest_s: float, failing: float = 0.05) -> Iterator[tuple[str, Charging]]:
    """Its address, and its books."""
    books = Charging(seed, slowest_s, failing)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
            status = books.answer(text)
            body = f"sound of {text}".encode()
            with suppress(OSError):  # nobody is there any more
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", books
    finally:
        server.shutdown()
