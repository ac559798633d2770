"""Stand-in providers that charge, count what they charged for, and fail as they are told to; and the books they stand
in, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from temporalio.testing import ActivityEnvironment

from activities.content.buying import Purchasing
from activities.content.material import DrawScene, SpeakScene, Studio, Voices
from reelwright.domain.assets import AssetRef
from reelwright.domain.chains import Link, Patience, ProviderList
from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.channels.in_force import InForce, Inheriting, in_force
from reelwright.domain.content.credit import Credit
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import Scene, Story, WordTiming, WriteTask
from reelwright.domain.content.voice import PLAIN, Delivery
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.money import Money
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.making import Drawing, Score, Speech, SpokenBy
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.channels import PostgresChannels
from reelwright.storage.failure_log import PostgresFailureLog
from reelwright.storage.gate import PostgresGate
from reelwright.storage.requests import PostgresRequests
from tests.workflow.fakes import MemoryMedia

MakerT = TypeVar("MakerT")
PRICE = 0.02


class Provider:
    """Writes, speaks, draws and composes, each for two cents. `fails` are the errors of the next calls (None: it
    works), `always` that of every one; `hold` keeps answers back until it is set; `nothing`: its answers are empty."""

    def __init__(self, name: str, *, voices: Sequence[str] = (), price: float = PRICE) -> None:
        self.name = f"{name}:m"
        self.calls: Counter[str] = Counter()
        self.fails: list[BaseException | None] = []
        self.always: BaseException | None = None
        self.hold: asyncio.Event | None = None
        self.asked = asyncio.Event()
        self.nothing = False
        self.voices = voices
        self.price = price
        self.at_once = self.most_at_once = 0
        self.credit: Credit | None = None

    async def _answer(self, what: str) -> None:
        self.calls[what] += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.asked.set()
        try:
            if self.hold is not None:
                await self.hold.wait()
            if self.fails:
                error = self.fails.pop(0)
                if error is not None:
                    raise error
                return
            if self.always is not None:
                raise self.always
        finally:
            self.at_once -= 1

    def estimate(self, *_: Any, **__: Any) -> Estimate:
        return Estimate(step="s", provider=self.name, usual=Money.of(self.price), worst=Money.of(2 * self.price))

    async def write(self, task: WriteTask) -> Story:
        await self._answer("write")
        texts = [] if self.nothing else ["Tides come and go.", "The moon pulls."]
        scenes = tuple(Scene(index=number, text=text) for number, text in enumerate(texts))
        return Story(title="Tides", description="d", scenes=scenes, writer=self.name, usd=self.price)

    def spoken_by(self, language: str, delivery: Delivery = PLAIN) -> SpokenBy:
        for choice in delivery.choices:
            if choice.voice and choice.voice not in self.voices:
                raise InvalidInput(f"no voice {choice.voice}", field="voice", remedy="name another")
        return SpokenBy(self.name, tuple(choice.voice for choice in delivery.choices if choice.voice))

    def own_voice(self, language: str) -> str:
        return self.voices[0] if self.voices else ""

    async def ready(self, language: str, delivery: Delivery = PLAIN) -> None:
        self.spoken_by(language, delivery)

    async def speak(self, text: str, *, language: str, delivery: Delivery = PLAIN) -> Speech:
        await self._answer("speak")
        words = tuple(WordTiming(text=word, start=n, end=n + 1) for n, word in enumerate(text.split()))
        wav = b"" if self.nothing else f"{self.name} says {text}".encode()
        return Speech(wav=wav, duration_s=len(words), words=words, usd=self.price, request_id="req-1")

    async def draw(self, scene: Scene, *, story: Story, seed: int, channel: str = "") -> Drawing:
        await self._answer("draw")
        data = b"" if self.nothing else f"{self.name} {scene.text} {seed}".encode()
        return Drawing(
            data, "image/png", usd=self.price, request_id="req-2", prompt=f"draw {scene.text}", credit=self.credit
        )

    async def compose(self, mood: str, *, duration_s: float, seed: int) -> Score:
        await self._answer("compose")
        return Score(b"" if self.nothing else f"{self.name} {mood}".encode(), duration_s, usd=self.price)


def provider_list(
    *providers: Provider, offline: Provider | None = None, lacks: str = "", most: int = 4
) -> ProviderList[Any]:
    """A chain of these; `lacks` is what the first one has not."""
    links = {
        each.name.partition(":")[0]: Link(
            each.name.partition(":")[0],
            lambda each=each: each,  # type: ignore[misc]
            lacks=lacks if place == 0 else "",
            concurrency=most,
        )
        for place, each in enumerate(providers)
    }
    order = tuple(links)
    if offline is not None:
        links["local"] = Link("local", lambda: offline, offline=True)
    return ProviderList(links, order)


class Store(MemoryMedia):
    """In memory, with keys as the real stores have them."""

    async def put_bytes(self, data: bytes, media_type: str) -> AssetRef:
        ref = await super().put_bytes(data, media_type)
        return ref.model_copy(update={"key": f"{ref.sha256[:2]}/{ref.sha256}.{media_type.partition('/')[2]}"})


@dataclass
class Shop(Generic[MakerT]):
    """A channel of its own with contents, and everything a purchase stands on. Its leases are short."""

    pool: Any
    lease_s: float = 30.0
    open_s: float = 30.0
    patience: Patience = field(default_factory=lambda: Patience(tries=3, within=timedelta(minutes=3)))
    media: Any = field(default_factory=lambda: Store())

    def __post_init__(self) -> None:
        self.channel = f"ch-{uuid.uuid4().hex[:10]}"
        self.catalog = PostgresCatalog(self.pool)
        self.ledger = PostgresRequests(self.pool, lease_s=self.lease_s)
        self.gate = PostgresGate(self.pool, lease_s=self.lease_s, open_s=self.open_s)
        self.channels = PostgresChannels(self.pool)
        self.purchasing = Purchasing(
            self.ledger, self.gate, PostgresFailureLog(self.pool), self.channels, self.patience
        )

    async def content(self, **providers: Sequence[str]) -> str:
        """A new content of the channel, whose chains these are."""
        content = f"m{uuid.uuid4().hex[:12]}"
        await self.catalog.open_content(
            content,
            workflow_id=f"content-{content}",
            request_json=json.dumps({"topic": "Tides", "channel": self.channel}),
            request_sha256="ab" * 32,
            request_key=None,
        )
        config = ChannelConfig.model_validate({"name": self.channel, "providers": providers})
        asked = Inheriting.of(content, ContentRequest(topic="Tides", channel=self.channel))
        found: InForce = in_force(asked, [(1, config)])
        await self.channels.keep(content, found)
        return content

    def voices(self, speakers: ProviderList[Any]) -> Voices:
        return Voices(self.catalog, self.media, Provider("none"), speakers, self.purchasing)

    def studio(self, makers: ProviderList[Any]) -> Studio:
        none = Provider("none")
        return Studio(self.catalog, self.media, none, none, makers, makers, self.purchasing)  # type: ignore[arg-type]

    async def purchases(self, content: str) -> list[Any]:
        rows = await self.pool.fetch(
            "select id, state, provider, usd, held_usd from purchases where content_id = $1 order by id", content
        )
        return list(rows)


def activity() -> ActivityEnvironment:
    """An activity of its own: what was spent is counted by activity."""
    env = ActivityEnvironment()
    env.info = dataclasses.replace(
        env.info,
        activity_id=uuid.uuid4().hex,
        start_to_close_timeout=timedelta(minutes=10),
        started_time=datetime.now(UTC),
    )
    return env


SCENES = (Scene(index=0, text="Tides come and go."), Scene(index=1, text="The moon pulls."))
STORY = Story(title="Tides", description="d", scenes=SCENES, writer="w")


def speak(content: str, scene: int = 0, **more: Any) -> SpeakScene:
    return SpeakScene(content_id=content, scene=SCENES[scene], language="en", **more)


def draw(content: str, scene: int = 0) -> DrawScene:
    return DrawScene(content_id=content, scene=SCENES[scene], story=STORY)
