"""ElevenLabs Music and Mubert."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from pydantic import SecretStr

from reelwright.domain.costs.prices import PriceTable
from reelwright.providers.music.cloud.elevenlabs import ElevenLabsMusic
from reelwright.providers.music.cloud.mubert import Mubert

from .server import Answer, Asked, Server, serving

KEY = "music-key-0123456789abcdef"


def mp3(seconds: float, *, level: float = 0.3, fade_s: float = 0.0, rate: int = 44_100) -> bytes:
    """A chord as a mono MP3, which dies away at its end over `fade_s`."""
    at = np.arange(round(seconds * rate)) / rate
    sound = level * sum(np.sin(2 * np.pi * hertz * at) for hertz in (220.0, 277.2, 329.6)) / 3
    if fade_s:
        sound *= np.clip((seconds - at) / fade_s, 0.0, 1.0)
    made = io.BytesIO()
    with av.open(made, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=rate, layout="mono")
        stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(sound.astype(np.float32)[None, :], format="fltp", layout="mono")
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return made.getvalue()


@dataclass
class MusicTwin:
    """`data` is what every order sounds like; `states` are those of a track until it is `finished`."""

    name: str
    data: bytes
    states: list[str] = field(default_factory=lambda: ["pending", "processing"])
    finished: str = "done"
    charged: list[dict[str, Any]] = field(default_factory=list)
    file: Answer | None = None
    server: Server = field(init=False)

    def composer(self, prices: PriceTable | None = None, **options: Any) -> Any:
        """The adapter, set to this server."""
        prices = prices or PriceTable()
        if self.name == "elevenlabs":
            return ElevenLabsMusic(SecretStr(KEY), prices, base=self.server.url, **options)
        fast = {"poll_s": 0.01, "allow_private": True}
        return Mubert("customer-1", SecretStr(KEY), prices, base=f"{self.server.url}/api/v3", **fast, **options)

    def answer(self, asked: Asked) -> Answer:
        if asked.path.startswith("/tracks/"):
            return self.file or Answer(200, self.data, {"Content-Type": "audio/mpeg"})
        return self._elevenlabs(asked) if self.name == "elevenlabs" else self._mubert(asked)

    def _elevenlabs(self, asked: Asked) -> Answer:
        if asked.headers.get("xi-api-key") != KEY:
            return Answer.of({"detail": {"status": "invalid_api_key", "message": "Invalid API key"}}, 401)
        assert asked.path == "/v1/music"
        self.charged.append(asked.json)
        return self.file or Answer(200, self.data, {"Content-Type": "audio/mpeg", "song-id": "song-1"})

    def _mubert(self, asked: Asked) -> Answer:
        if (asked.headers.get("access-token"), asked.headers.get("customer-id")) != (KEY, "customer-1"):
            return Answer.of({"message": "Unauthenticated."}, 401)
        if asked.method == "POST":
            assert asked.path == "/api/v3/public/tracks"
            self.charged.append(asked.json)
        state = self.states.pop(0) if self.states else self.finished
        generation = {"status": state, "url": None, "expired_at": None}
        if state == self.finished:
            generation["url"] = f"{self.server.url}/tracks/1.mp3?signature=of-this-address"
        return Answer.of({"data": {"id": "track-1", "session_id": "s", "generations": [generation]}})


@contextmanager
def music_of(name: str, data: bytes) -> Iterator[MusicTwin]:
    """A provider whose music is this, until the end of the block."""
    twin = MusicTwin(name, data)
    with serving(twin.answer) as server:
        twin.server = server
        yield twin
