"""Ports that answer at once, from memory, and count what was asked of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from reelwright.domain.assets import AssetRef
from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.channels.in_force import InForce
from reelwright.domain.content.judging import ModerationContext, verdict_of
from reelwright.domain.content.policy import ModerationPolicy
from reelwright.domain.content.request import FeedItem
from reelwright.domain.content.story import (
    ModerationFinding,
    ModerationVerdict,
    Scene,
    Story,
    Translation,
    WordTiming,
    WriteTask,
)
from reelwright.domain.content.taken import StoredMedia
from reelwright.domain.content.telling import Telling
from reelwright.domain.content.voice import PLAIN, Delivery
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.limits import Limits as BudgetLimits
from reelwright.domain.costs.money import Money
from reelwright.domain.errors import AssetCorrupt, InvalidInput, ReelwrightError
from reelwright.domain.evidence import Noted
from reelwright.domain.ports.buying import Packed, Request
from reelwright.domain.ports.making import (
    Drawing,
    MediaStore,
    Purchase,
    Score,
    Speech,
    SpokenBy,
)
from reelwright.providers.own.buckets import Buckets
from reelwright.providers.own.fetching import Web
from reelwright.providers.own.intake import OwnIntake
from reelwright.providers.own.limits import Limits


class MemoryMedia:
    """A media store in a dictionary."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    async def put(self, path: Path, media_type: str) -> AssetRef:
        return await self.put_bytes(path.read_bytes(), media_type)

    async def put_bytes(self, data: bytes, media_type: str) -> AssetRef:
        sha = hashlib.sha256(data).hexdigest()
        self.files[sha] = data
        return AssetRef(key=f"{sha}.bin", sha256=sha, size=len(data), media_type=media_type)

    async def fetch(self, ref: AssetRef, to: Path) -> Path:
        to.write_bytes(self._whole(ref))
        return to

    async def read(
        self, ref: AssetRef, *, start: int = 0, end: int | None = None, chunk: int = 1 << 20
    ) -> AsyncIterator[bytes]:
        yield self._whole(ref)[start:end]

    def _whole(self, ref: AssetRef) -> bytes:
        """As the real ones: what is missing or is not what was stored is refused."""
        data = self.files.get(ref.sha256)
        if data is None or hashlib.sha256(data).hexdigest() != ref.sha256:
            raise AssetCorrupt(f"{ref.key} is not what was stored", field="asset", remedy="make it again")
        return data

    async def exists(self, ref: AssetRef) -> bool:
        return ref.sha256 in self.files


class MemoryCatalog:
    """A catalog in dictionaries."""

    def __init__(self) -> None:
        self.contents: dict[str, dict[str, Any]] = {}
        self.results: dict[str, str] = {}
        self.booked: dict[str, dict[str, float]] = {}
        self.purchases: list[dict[str, Any]] = []
        self.decisions: list[dict[str, str]] = []
        self.noted: list[Noted] = []
        self.keys: set[str] = set()
        self.refuses: list[ReelwrightError] = []
        """What the next reservations that may cost something are refused with."""
        self.limit = BudgetLimits("default")

    async def limits(self, content_id: str) -> BudgetLimits:
        return self.limit

    async def counted(self, content_id: str) -> dict[str, Money]:
        return {step: Money.of(usd) for step, usd in self.booked.get(content_id, {}).items() if usd}

    async def open_content(
        self, content_id: str, *, workflow_id: str, request_json: str, request_sha256: str, request_key: str | None
    ) -> None:
        known = self.contents.setdefault(content_id, {"sha": request_sha256, "status": "open"})
        if known["sha"] != request_sha256:
            raise InvalidInput("belongs to another request", field="content_id", remedy="choose another")

    async def close_content(self, content_id: str, *, status: str, result_json: str) -> None:
        self.contents[content_id]["status"] = status

    async def find_result(self, key: str) -> str | None:
        return self.results.get(key)

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
        self.noted += noted if key not in self.results else ()
        if purchase is None and key not in self.results:
            self._book(content_id, step, usd)
        if purchase is not None:
            self.purchases[purchase - 1].update(state="lost" if key in self.results else "stored", answer=None)
        return self.results.setdefault(key, result_json)

    def _book(self, content_id: str, step: str, usd: float) -> None:
        by_step = self.booked.setdefault(content_id, {})
        by_step[step] = by_step.get(step, 0.0) + usd

    async def reserve(
        self, key: str, *, content_id: str, step: str, provider: str, wanted: Estimate | None = None
    ) -> Purchase:
        if self.refuses and wanted is not None:
            raise self.refuses.pop(0)
        for row in self.purchases:
            if row["key"] == key and row["state"] == "paid" and row["answer"]:
                return Purchase(id=row["id"], answer=row["answer"])
        row = {"id": len(self.purchases) + 1, "key": key, "content_id": content_id, "step": step, "state": "reserved"}
        self.purchases.append(row)
        return Purchase(id=row["id"])

    async def release(self, purchase: int) -> None:
        self.purchases[purchase - 1]["released"] = True

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
        row = self.purchases[purchase - 1]
        row.update(state="lost" if lost else "paid", usd=usd, answer=answer, bought_for=bought_for)
        self._book(row["content_id"], row["step"], usd)
        return purchase

    async def spent(self, bought_for: str) -> float:
        return sum(row["usd"] for row in self.purchases if row.get("bought_for") == bought_for)

    async def record_decision(
        self, key: str, *, content_id: str, kind: str, decision: str, by: str, note: str, artifact_sha256: str
    ) -> None:
        said = {"kind": kind, "decision": decision, "by": by, "note": note}
        if key not in self.keys:
            self.decisions.append({**said, "content_id": content_id, "artifact": artifact_sha256})
        self.keys.add(key)

    async def costs(self, content_id: str) -> dict[str, float]:
        return self.booked.get(content_id, {})


class MemoryMediaBook:
    """The records of the user's own media, in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[str, StoredMedia] = {}

    async def find(self, sha256: str) -> StoredMedia | None:
        return self.rows.get(sha256)

    async def add(self, media: StoredMedia) -> StoredMedia:
        return self.rows.setdefault(media.file.sha256, media)


class QuickIntake(OwnIntake):
    """Takes no frames of clips, which takes a process of its own."""

    async def frames(self, file: AssetRef, at_s: Sequence[float], *, name: str, workdir: Path) -> list[AssetRef]:
        return [await self.media.put_bytes(f"{file.sha256} at {at}".encode(), "image/jpeg") for at in at_s]


class Looker:
    """Judges pictures: `finds` has the decision by place, `seen` what it was shown. Without a name it is not there."""

    def __init__(self) -> None:
        self.name = ""
        self.finds: dict[str, Literal["review", "block"]] = {}
        self.seen: list[str] = []

    async def judge_picture(self, place: str, data: bytes, policy: ModerationPolicy) -> list[ModerationFinding]:
        assert data
        self.seen.append(place)
        if (decision := self.finds.get(place)) is None:
            return []
        reason = f"{place}: something"
        return [
            ModerationFinding(place=place, rule="fake/x", decision=decision, score=1, reason=reason, cure="mend it")
        ]


def own_intake(media: MediaStore, book: MemoryMediaBook | None = None) -> OwnIntake:
    """What takes in own media, with a real look at each file; of the web what is public, and no buckets."""
    limits = Limits()
    sources = {"https": Web(limits, allow_private=False), "s3": Buckets(limits, lambda: None, ())}
    return QuickIntake(book or MemoryMediaBook(), media, sources, limits)


class MemoryChannels:
    """The newest versions of channels, and what contents have of them, in dictionaries."""

    def __init__(self) -> None:
        self.lines: dict[str, list[tuple[int, ChannelConfig]]] = {}
        self.contents: dict[str, InForce] = {}

    async def line(self, name: str) -> list[tuple[int, ChannelConfig]]:
        return self.lines.get(name, [])

    async def kept(self, content_id: str) -> InForce | None:
        return self.contents.get(content_id)

    async def keep(self, content_id: str, found: InForce) -> InForce:
        return self.contents.setdefault(content_id, found)


class Makers:
    """Every maker of material in one; `calls` counts, `price` is what each call costs, `broken` what fails."""

    name = "fake"

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.price = 0.01
        self.verdict: str = "allow"
        self.template = self.follows_notes = False
        self.judged: list[tuple[str, ModerationContext | None]] = []
        self.texts_judged: list[dict[str, str]] = []
        self.found: tuple[ModerationFinding, ...] = ()
        self.in_texts: tuple[ModerationFinding, ...] = ()
        self.item_language = ""
        self.languages: set[str] = set()

    async def newest(self, url: str, telling: Telling | None = None) -> FeedItem:
        self.calls["feed"] += 1
        return FeedItem(title="News", text="Something happened. It was good.", url=url, language=self.item_language)

    async def write(self, task: WriteTask) -> Story:
        self.calls["write"] += 1
        text = task.request.script or task.request.topic or (task.item.text if task.item else "Once upon a time.")
        scenes = tuple(Scene(index=i, text=t) for i, t in enumerate(text.split("\n\n")))
        title = task.request.title or "A story"
        others = [Translation(language=k, scenes=tuple(t.split("\n\n"))) for k, t in task.request.translations.items()]
        return Story(
            title=title, description="d", scenes=scenes, writer=self.name, usd=self.price, translations=tuple(others),
            template=self.template, follows_notes=self.follows_notes,
            language=task.request.language,
        )  # fmt: skip

    async def judge(
        self, story: Story, policy: ModerationPolicy | None = None, context: ModerationContext | None = None
    ) -> ModerationVerdict:
        self.calls["judge"] += 1
        self.judged.append((policy.name if policy else "", context))
        if self.found:
            return verdict_of(self.found, provider=self.name, input_sha256="0" * 64, policy="")
        return ModerationVerdict(
            decision=self.verdict,  # type: ignore[arg-type]
            reasons=() if self.verdict == "allow" else ("a reason",),
            provider=self.name,
            input_sha256="0" * 64,
        )

    async def judge_texts(
        self, texts: Mapping[str, str], policy: ModerationPolicy, context: ModerationContext, language: str = "en"
    ) -> list[ModerationFinding]:
        self.texts_judged.append(dict(texts))
        return [finding for finding in self.in_texts if finding.place in texts]

    def spoken_by(self, language: str, delivery: Delivery = PLAIN) -> SpokenBy:
        return SpokenBy(self.name)

    def own_voice(self, language: str) -> str:
        return ""

    async def ready(self, language: str, delivery: Delivery = PLAIN) -> None:
        self.calls["ready"] += 1

    async def speak(self, text: str, *, language: str, delivery: Delivery = PLAIN) -> Speech:
        self.calls["speak"] += 1
        self.languages.add(language)
        return Speech(wav=text.encode(), duration_s=1.0, words=(WordTiming(text=text, start=0, end=1),), usd=self.price)

    async def draw(self, scene: Scene, *, story: Story, seed: int, channel: str = "") -> Drawing:
        self.calls["draw"] += 1
        return Drawing(data=f"{scene.text}{seed}".encode(), media_type="image/png", usd=self.price)

    async def compose(self, mood: str, *, duration_s: float, seed: int) -> Score:
        self.calls["compose"] += 1
        return Score(wav=str(seed).encode(), duration_s=duration_s, usd=self.price)
