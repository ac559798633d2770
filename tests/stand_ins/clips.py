"""Runway and Luma: jobs that a test moves from state to state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from reelwright.domain.costs.prices import PriceTable
from reelwright.providers.clips.luma import Luma
from reelwright.providers.clips.runway import Runway

from .server import Answer, Asked, Server, serving

KEY = "clip-key-0123456789abcdef"


@dataclass
class ClipTwin:
    """`state` is the one of every job, in the provider's own fields; `charged` are the bodies of submissions.
    `credits_s`: Runway's for each second of a clip; 0 where every clip costs 25."""

    name: str
    data: bytes
    credits_s: int = 0
    state: dict[str, Any] = field(default_factory=dict)
    charged: list[dict[str, Any]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    file: Answer | None = None
    server: Server = field(init=False)

    def maker(self, prices: PriceTable | None = None, **options: Any) -> Any:
        """The adapter, set to this server."""
        prices = prices or PriceTable()
        if self.name == "runway":
            return Runway(SecretStr(KEY), prices, base=self.server.url, allow_private=True, **options)
        return Luma(SecretStr(KEY), prices, base=self.server.url + "/v1", allow_private=True, **options)

    @property
    def output(self) -> str:
        return f"{self.server.url}/out/clip.mp4?_jwt=signature-of-this-address"

    def done(self) -> None:
        if self.name == "runway":
            self.state = {"status": "SUCCEEDED", "output": [self.output], "cost": {"credits": 25}}
        else:
            self.state = {"state": "completed", "output": [{"type": "video", "url": self.output}]}

    def answer(self, asked: Asked) -> Answer:
        if asked.path.startswith("/out/"):
            return self.file or Answer(200, self.data, {"Content-Type": "video/mp4"})
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return Answer.of({"error": f"The key {asked.headers.get('authorization')} is not valid."}, 401)
        return self._runway(asked) if self.name == "runway" else self._luma(asked)

    def _runway(self, asked: Asked) -> Answer:
        if asked.headers.get("x-runway-version") != "2024-11-06":
            return Answer.of({"error": "This API version is not supported."}, 400)
        if asked.method == "POST":
            assert asked.path in ("/v1/image_to_video", "/v1/text_to_video")
            assert ("promptImage" in asked.json) == (asked.path == "/v1/image_to_video")
            self.charged.append(asked.json)
            return Answer.of(
                {"id": f"task-{len(self.charged)}", "estimatedCost": {"credits": self._credits(asked.json)}}
            )
        task = asked.path.removeprefix("/v1/tasks/")
        if asked.method == "DELETE":
            self.cancelled.append(task)
            return Answer(204)
        if task not in {f"task-{number + 1}" for number in range(len(self.charged))}:
            return Answer.of({"error": "The task was not found."}, 404)
        state = {"id": task, "createdAt": "2026-11-30T12:00:00Z", **self.state}
        if self.credits_s and "cost" in state:
            state["cost"] = {"credits": self._credits(self.charged[int(task.removeprefix("task-")) - 1])}
        return Answer.of(state)

    def _credits(self, body: dict[str, Any]) -> int:
        return self.credits_s * int(body["duration"]) if self.credits_s else 25

    def _luma(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            assert asked.path == "/v1/generations" and asked.json["type"] == "video"
            self.charged.append(asked.json)
            return Answer.of({"id": f"gen-{len(self.charged)}", "state": "queued", "model": "ray-3.2"}, 201)
        generation = asked.path.removeprefix("/v1/generations/")
        if generation not in {f"gen-{number + 1}" for number in range(len(self.charged))}:
            return Answer.of({"detail": "Generation not found"}, 404)
        return Answer.of({"id": generation, "type": "video", "model": "ray-3.2", **self.state})


@contextmanager
def clips_of(name: str, data: bytes = b"\0\0\0\x18ftypmp42 a clip") -> Iterator[ClipTwin]:
    """A provider that makes this clip of every order, until the end of the block."""
    twin = ClipTwin(name, data)
    with serving(twin.answer) as server:
        twin.server = server
        yield twin
