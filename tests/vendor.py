"""A vendor's server on loopback: each test says what it answers, and sees what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .stand_ins.server import Answer as Sent
from .stand_ins.server import Asked as Request
from .stand_ins.server import Loopback

__all__ = ["HANG_UP", "Reply", "Request", "Vendor"]


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
        self._server = Loopback(self._reply)
        self.url, self.close = self._server.url, self._server.close

    def _reply(self, request: Request) -> Sent | None:
        self.requests.append(request)
        reply = self.answer(request)
        if reply is HANG_UP:
            return None
        data = reply.data
        headers = {"content-type": "application/json", **reply.headers}
        return Sent(reply.status, data, headers, len(data) + reply.lacks)

    def paid(self) -> list[Request]:
        """The requests that are charged for."""
        return [one for one in self.requests if one.method in ("POST", "PUT")]
