"""The ports of activities. The workers inject the adapters; nothing here depends on them.

`posting_ports` has those of publishing. All calls are coroutines. An implementation with a long computation does it in
a thread or a process of its own, so that the caller's event loop keeps sending heartbeats. Errors are those of
`domain.errors`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from ..assets import AssetRef
from ..content.credit import Credit
from ..content.judging import ModerationContext
from ..content.picturing import PictureCard, PictureReading
from ..content.policy import ModerationPolicy
from ..content.request import FeedItem
from ..content.story import (
    ModerationFinding,
    ModerationVerdict,
    Mood,
    Scene,
    Story,
    TimingSource,
    WordTiming,
    WriteTask,
)
from ..content.telling import Telling
from ..content.voice import PLAIN, Delivery
from ..costs.estimate import Estimate
from ..evidence import Noted
from .buying import Packed, Request

# --- makers of material ------------------------------------------------------------------------------------------


class Writer(Protocol):
    """Writes stories from a script, a feed item or a topic."""

    @property
    def name(self) -> str: ...

    async def write(self, task: WriteTask) -> Story: ...


@runtime_checkable
class PricedWriter(Writer, Protocol):
    """A writer whose stories may cost something."""

    def estimate(self, task: WriteTask) -> Estimate:
        """What the task's story may cost; without a call to the provider."""
        ...


class FeedReader(Protocol):
    """Reads the newest entry with text from a feed at a URL; with `telling`, the newest usable one, which is then
    claimed. Raises `InvalidInput` (field `feed`), also when all entries have been used."""

    async def newest(self, url: str, telling: Telling | None = None) -> FeedItem: ...


@dataclass(frozen=True)
class Speech:
    """Spoken audio: a mono 48 kHz 16-bit WAV file's bytes, seconds, and one timing per whitespace token."""

    wav: bytes
    duration_s: float
    words: tuple[WordTiming, ...]
    usd: float = 0.0
    timing: TimingSource = ""
    certainty: float | None = None
    """The confidence that the words match the sound, 0 to 1; None where the times came with the sound."""
    request_id: str = ""
    """The provider's own id of the call, for evidence."""


@dataclass(frozen=True)
class SpokenBy:
    """Who speaks a text, and all that decides how it sounds besides the text: part of the key of what is spoken.
    `settings` is empty for a voice as it has always been."""

    provider: str
    settings: tuple[str, ...] = ()


class Speaker(Protocol):
    """Speaks one scene's text."""

    def spoken_by(self, language: str, delivery: Delivery = PLAIN) -> SpokenBy:
        """Who would speak. Raises `InvalidInput` for a voice that is not there or speaks another language."""
        ...

    def own_voice(self, language: str) -> str:
        """The name of the voice that speaks where none is named. Raises `InvalidInput` for an unknown language."""
        ...

    async def ready(self, language: str, delivery: Delivery = PLAIN) -> None:
        """Loads the voices. Raises what `spoken_by` does, and `InvalidInput` for a voice file that is none."""
        ...

    async def speak(self, text: str, *, language: str, delivery: Delivery = PLAIN) -> Speech: ...


@dataclass(frozen=True)
class Drawing:
    """A picture file's bytes (PNG or JPEG). `reading` is the illustrator's reading of the scene, where there is one;
    with a `card` the picture is the background on which the renderer sets the card's text. Of a found work there is
    the `credit`; of a made one the provider's id of the call, what it was asked for and the seed it used, for
    evidence."""

    data: bytes
    media_type: str
    usd: float = 0.0
    reading: PictureReading | None = None
    card: PictureCard | None = None
    credit: Credit | None = None
    request_id: str = ""
    prompt: str = ""
    seed: int | None = None


class Illustrator(Protocol):
    """Draws one still for a scene, large enough to crop to every format (at least 1920x1920).

    The important part lies inside the central region that all formats share."""

    @property
    def name(self) -> str: ...

    async def draw(self, scene: Scene, *, story: Story, seed: int, channel: str = "") -> Drawing:
        """`channel` is whose content it is: a library does not show it the same work again."""
        ...


@dataclass(frozen=True)
class Score:
    """A stereo 48 kHz 16-bit WAV file's bytes that loops without a seam, and its length in seconds."""

    wav: bytes
    duration_s: float
    usd: float = 0.0
    request_id: str = ""
    prompt: str = ""


class Composer(Protocol):
    """Writes background music."""

    @property
    def name(self) -> str: ...

    async def compose(self, mood: Mood, *, duration_s: float, seed: int) -> Score: ...


class Moderator(Protocol):
    """Judges a story's words, and those of its posts, before anything is spent on it."""

    @property
    def name(self) -> str: ...

    async def judge(
        self, story: Story, policy: ModerationPolicy | None = None, context: ModerationContext | None = None
    ) -> ModerationVerdict:
        """Without a policy that of releases which had none: the preset `standard`, for what stands in the story."""
        ...

    async def judge_texts(
        self, texts: Mapping[str, str], policy: ModerationPolicy, context: ModerationContext, language: str = "en"
    ) -> Sequence[ModerationFinding]:
        """What is found in texts of posts, by the names of their places (`youtube text`)."""
        ...


# --- keeping ---------------------------------------------------------------------------------------------------------

ResultT = TypeVar("ResultT")


class MediaStore(Protocol):
    """Content-addressed files: a local folder or S3. Putting the same bytes twice is putting them once."""

    async def put(self, path: Path, media_type: str) -> AssetRef: ...

    async def put_bytes(self, data: bytes, media_type: str) -> AssetRef: ...

    async def fetch(self, ref: AssetRef, to: Path) -> Path:
        """Writes the file to `to` (a file path, made whole or not at all), its digest checked."""
        ...

    def read(
        self, ref: AssetRef, *, start: int = 0, end: int | None = None, chunk: int = 1 << 20
    ) -> AsyncIterator[bytes]:
        """Streams the bytes from `start` on, up to `end` (not included) or all, in pieces of at most `chunk` bytes."""
        ...

    async def exists(self, ref: AssetRef) -> bool: ...


@dataclass(frozen=True)
class Purchase:
    """A call to a provider that costs money, noted before it is made. `answer` is the JSON of one that an earlier
    attempt has paid for and whose result never came to be on record."""

    id: int
    answer: str | None = None


class Catalog(Protocol):
    """The database's view of content. Every write is idempotent by its key."""

    async def open_content(
        self,
        content_id: str,
        *,
        workflow_id: str,
        request_json: str,
        request_sha256: str,
        request_key: str | None,
    ) -> None:
        """Claims the id and the request key. Raises `InvalidInput` when either belongs to another request."""
        ...

    async def close_content(self, content_id: str, *, status: str, result_json: str) -> None: ...

    async def find_result(self, key: str) -> str | None:
        """The JSON an effect ended with, if it has been done before."""
        ...

    async def record_result(
        self,
        key: str,
        *,
        content_id: str,
        step: str,
        result_json: str,
        assets: tuple[AssetRef, ...],
        provider: str,
        usd: float,
        purchase: int | None = None,
        noted: Sequence[Noted] = (),
    ) -> str:
        """Stores an effect's result and cost, and what is `noted` of its assets as evidence; the first writer wins, and
        its JSON is returned. What came of a `purchase` has its cost booked already."""
        ...

    async def reserve(
        self, key: str, *, content_id: str, step: str, provider: str, wanted: Estimate | None = None
    ) -> Purchase:
        """Notes that something is about to be bought, before the call, and reserves what it costs at most. Raises
        `OverBudget` and `BudgetSpent` where a limit does not allow it, `TooDear` where its tier does not."""
        ...

    async def release(self, purchase: int) -> None:
        """Certainly nothing is charged for a purchase: what was reserved for it is free again."""
        ...

    async def paid(
        self,
        purchase: int,
        *,
        usd: float,
        provider: str,
        bought_for: str,
        answer: str | None = None,
        lost: bool = False,
        cost_known: bool = True,
        request: Request | None = None,
        packed: Packed | None = None,
    ) -> int:
        """Books what a purchase has cost, right after the call; `answer` is kept until there is a result, `packed` in
        the ledger as the answer to `request`. `lost`: it was paid for in vain. Without `cost_known` the provider may
        charge more, and the rest stays reserved. The purchase's id from here on."""
        ...

    async def spent(self, bought_for: str) -> float:
        """US dollars that were paid for one activity (`bought_for`), in all its attempts."""
        ...

    async def record_decision(
        self, key: str, *, content_id: str, kind: str, decision: str, by: str, note: str, artifact_sha256: str
    ) -> None: ...

    async def costs(self, content_id: str) -> dict[str, float]:
        """US dollars by step."""
        ...
