"""The publishing side in memory: the books with the real ones' transitions, and a platform that can go wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Literal

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import InvalidInput, PostRejected
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import Checkpoint, PostFiles, VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.posting import (
    Extra,
    ExtraKind,
    Notice,
    Pause,
    PostDraft,
    PostKind,
    PostRow,
    PostState,
    Processing,
    ProcessingState,
    PublishedPost,
    Reconciliation,
    UploadProgress,
    UploadSession,
)
from reelwright.domain.publishing.quota import Booking, BucketState, QuotaReading, Slot
from reelwright.domain.publishing.texts import PlatformText

from .fakes import MemoryCatalog


class MemoryPosts:
    """A post ledger in a dictionary, with the same transitions as the real one."""

    def __init__(self) -> None:
        self.rows: dict[str, PostRow] = {}
        self.again: dict[str, str] = {}

    async def prepare(
        self, key: str, *, content_id: str, draft: PostDraft, video: AssetRef, again_by: str = ""
    ) -> PostRow:
        row = PostRow(
            key=key, content_id=content_id, platform=draft.platform, account=draft.account, state=PostState.PREPARED
        )
        row = self.rows.setdefault(key, row)
        if self._others_live(row) and not _live(row):
            if not again_by:
                raise PostRejected("posted already", field="post", remedy="--post-again")
            self.again[key] = again_by
        return row

    def _others_live(self, row: PostRow) -> bool:
        place = (row.content_id, row.platform, row.account)
        others = [r for r in self.rows.values() if (r.content_id, r.platform, r.account) == place and r.key != row.key]
        return row.key not in self.again and any(_live(other) for other in others)

    def _set(self, key: str, **update: Any) -> None:
        self.rows[key] = self.rows[key].model_copy(update=update)

    async def save_session(self, key: str, session: UploadSession) -> None:
        self._set(key, session=session, state=PostState.UPLOADING, committed=0)

    async def checkpoint(
        self, key: str, session: UploadSession, committed: int, *, arming: datetime | None = None
    ) -> bool:
        row = self.rows[key]
        ours = row.armed_at == arming if arming else row.state is PostState.UPLOADING
        if ours:
            self._set(key, session=session, committed=committed)
        return ours

    async def drop_session(self, key: str) -> None:
        if self.rows[key].state is PostState.UPLOADING:
            self._set(key, session=None, state=PostState.PREPARED)

    async def arm(self, key: str) -> PostRow | None:
        if self.rows[key].state is not PostState.UPLOADING:
            return None
        if self._others_live(self.rows[key]):
            raise PostRejected("posted already", field="post", remedy="--post-again")
        self._set(key, state=PostState.ARMED, armed_at=datetime.now(UTC))
        return self.rows[key]

    async def disarm(self, key: str, arming: datetime | None, *, settled_by: str | None = None) -> None:
        if self.rows[key].state is PostState.ARMED and arming in (None, self.rows[key].armed_at):
            self._set(key, state=PostState.UPLOADING, armed_at=None)

    async def confirm(self, key: str, post: PublishedPost, *, settled_by: str | None = None) -> None:
        self._set(key, state=PostState.POSTED, post_id=post.post_id, url=post.url)

    async def refine(self, key: str, post: PublishedPost) -> None:
        self._set(key, post_id=post.post_id, url=post.url)

    async def fail(self, key: str, error: str) -> None:
        if self.rows[key].state is not PostState.POSTED:
            self._set(key, state=PostState.FAILED, error=error)

    async def void(self, key: str, error: str) -> None:
        self._set(key, state=PostState.FAILED, error=error, post_id="", url="", session=None, armed_at=None)

    async def reopen(self, key: str) -> PostRow:
        if self.rows[key].state is PostState.FAILED:
            if self.rows[key].armed_at is None:
                self._set(key, state=PostState.PREPARED, session=None, committed=0, error="")
            else:
                self._set(key, state=PostState.ARMED, error="")
        return self.rows[key]

    async def get(self, key: str) -> PostRow | None:
        return self.rows.get(key)


def _live(row: PostRow) -> bool:
    """Whether its post exists or may exist."""
    return row.state in (PostState.ARMED, PostState.POSTED) or (row.state is PostState.FAILED and bool(row.armed_at))


class MemorySlots:
    """A time for each post of a platform that has slots."""

    def __init__(self) -> None:
        self.times: dict[Platform, datetime] = {}
        self.claimed: dict[str, datetime] = {}

    async def claim(
        self, key: str, *, content_id: str, platform: Platform, account: str, now: datetime
    ) -> datetime | None:
        if platform in self.times:
            self.claimed[key] = self.times[platform]
        return self.times.get(platform)


class MemoryApprovals:
    """Which posts were made from which material, beside the catalog's decisions; without a catalog all are approved."""

    def __init__(self, catalog: MemoryCatalog | None = None) -> None:
        self._catalog = catalog
        self.posts: dict[tuple[str, str], str] = {}

    def _last(self, content_id: str, artifact: str) -> str:
        decisions = self._catalog.decisions if self._catalog else []
        said = [d["decision"] for d in decisions if (d["content_id"], d["artifact"]) == (content_id, artifact)]
        return said[-1] if said else ""

    async def record(
        self, content_id: str, artifact_sha256: str, digests: Sequence[str], *, approvers: int = 1
    ) -> None:
        if self._last(content_id, artifact_sha256) != "approve":
            raise InvalidInput("not approved", field="approval", remedy="have it reviewed")
        made = [d for d in self._catalog.decisions if d["artifact"] == artifact_sha256] if self._catalog else []
        if len({d["by"].casefold() for d in made if d["decision"] == "approve"}) < approvers:
            raise InvalidInput("not approved by enough people", field="approval", remedy="have it reviewed")
        self.posts |= {(content_id, digest): artifact_sha256 for digest in digests}

    async def need(self, content_id: str, digest: str) -> None:
        if self._catalog is None:
            return
        artifact = self.posts.get((content_id, digest), "none")
        if self._last(content_id, artifact) != "approve":
            raise PostRejected("no approval is on record", field="approval", remedy="have it reviewed")


class MemoryTexts:
    """Composed texts by their digest."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], PlatformText] = {}

    async def keep(self, content_id: str, texts: Sequence[PlatformText]) -> None:
        for text in texts:
            self.kept.setdefault((content_id, text.sha256), text)

    async def find(self, content_id: str, sha256: str) -> PlatformText | None:
        return self.kept.get((content_id, sha256))


class MemoryEffects:
    """Small effects in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[str, str | None] = {}
        self.begun: dict[str, datetime] = {}

    async def begun_at(self, key: str) -> datetime | None:
        return self.begun.get(key)

    async def again(self, key: str) -> None:
        self.begun[key] = datetime.now(UTC)

    async def begin(self, key: str) -> Literal["new", "begun", "done"]:
        if key not in self.rows:
            self.rows[key] = None
            self.begun[key] = datetime.now(UTC)
            return "new"
        return "begun" if self.rows[key] is None else "done"

    async def done(self, key: str, result: str) -> None:
        self.rows[key] = result

    async def forget(self, key: str) -> None:
        self.rows.pop(key, None)

    async def result(self, key: str) -> str:
        return self.rows.get(key) or ""


class MemoryQuota:
    """Grants everything, unless `slots` holds answers to be given first."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.slots: list[Slot] = []
        self.closed_until: dict[str, datetime] = {}

    async def reserve(self, booking: Booking) -> Slot:
        self.calls["reserve"] += 1
        if self.slots:
            return self.slots.pop(0)
        return Slot(granted=True, at=datetime.now(UTC))

    async def commit(self, key: str) -> None:
        self.calls["commit"] += 1

    async def release(self, key: str) -> None:
        self.calls["release"] += 1

    async def correct(self, platform: Platform, account: str, readings: Sequence[QuotaReading]) -> None:
        self.calls["correct"] += 1

    async def spent(self, platform: Platform, account: str, bucket: str, until: datetime) -> None:
        self.closed_until[bucket] = until

    async def sweep(self) -> int:
        return 0

    async def state(self, platform: Platform | None = None, account: str | None = None) -> Sequence[BucketState]:
        return ()


class MemoryGate:
    """Pauses in a dictionary."""

    def __init__(self) -> None:
        self.held: dict[tuple[Platform, str], Pause] = {}

    async def pause(self, platform: Platform, account: str, *, by: str, note: str) -> None:
        pause = Pause(platform=platform, account=account, since=datetime.now(UTC), by=by, note=note)
        self.held.setdefault((platform, account), pause)

    async def resume(self, platform: Platform, account: str, *, by: str = "") -> bool:
        return self.held.pop((platform, account), None) is not None

    async def closed(self, platform: Platform, account: str) -> Pause | None:
        return self.held.get((platform, "")) or self.held.get((platform, account))

    async def pauses(self) -> Sequence[Pause]:
        return tuple(self.held.values())


class MemoryAccounts:
    """Accounts in a dictionary, `default` on every platform; no tokens."""

    def __init__(self) -> None:
        self.known = {(platform, "default"): AccountInfo(platform=platform) for platform in Platform}

    async def put(self, account: AccountInfo, token: StoredToken | None = None, *, by: str = "") -> None:
        self.known[account.platform, account.name] = account

    async def find(self, platform: Platform, name: str) -> AccountInfo | None:
        return self.known.get((platform, name))

    async def list(self, platform: Platform | None = None) -> Sequence[AccountInfo]:
        return tuple(self.known.values())

    async def remove(self, platform: Platform, name: str, *, by: str = "") -> bool:
        return self.known.pop((platform, name), None) is not None

    async def token(self, platform: Platform, name: str) -> StoredToken | None:
        return None

    async def needs_authorization(self, platform: Platform, name: str, reason: str) -> None:
        return None

    @asynccontextmanager
    async def exclusive(self, platform: Platform, name: str) -> AsyncIterator[Callable[[StoredToken], Awaitable[None]]]:
        async def store(token: StoredToken) -> None:
            return None

        yield store


class MemoryAnnouncer:
    """Remembers what was told."""

    def __init__(self) -> None:
        self.told: list[Notice] = []

    async def announce(self, notice: Notice) -> None:
        self.told.append(notice)


class FakePlatform:
    """A platform whose post exists on its last byte, as YouTube's does. `lose_reply` posts and then fails; `refuse`
    raises those errors, one a call, before anything is posted; `outcome` is what its reads can tell at best."""

    def __init__(self, platform: Platform = Platform.YOUTUBE) -> None:
        self.platform = platform
        self.posts: list[bytes] = []
        self.comments: list[str] = []
        self.uploads: dict[str, bytes] = {}
        self.calls: Counter[str] = Counter()
        self.lose_reply = 0
        self.fail_before = 0
        self.hidden_reads = 0
        self.untold = False
        self.unreadable: list[Exception] = []
        self.refuse: list[Exception] = []
        self.readings: list[Processing] = []
        self.lose_comment = 0
        self.since: list[datetime | None] = []

    def validate(self, draft: PostDraft, video: VideoFacts, options: Mapping[str, str]) -> PostKind:
        self.calls["validate"] += 1
        return PostKind.VIDEO

    def extras(self, draft: PostDraft) -> tuple[Extra, ...]:
        text = draft.first_comment
        return (Extra(kind=ExtraKind.COMMENT, name="comment", text=text),) if text else ()

    async def begin(self, draft: PostDraft, video: VideoFacts) -> UploadSession:
        self.calls["begin"] += 1
        return UploadSession(
            platform=self.platform, account=draft.account, total=video.size, state={"marker": draft.marker}
        )

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        self.calls["upload"] += 1
        data = b"".join([piece async for piece in files.video(0)])
        self.uploads[session.state["marker"]] = data[:-1]
        await checkpoint(session, len(data) - 1)
        return UploadProgress(committed=len(data) - 1, total=len(data))

    async def ready(self, draft: PostDraft, session: UploadSession) -> Processing:
        return Processing(state=ProcessingState.LIVE)

    async def publish(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> PublishedPost:
        self.calls["publish"] += 1
        if self.refuse:
            raise self.refuse.pop(0)
        if self.fail_before:
            self.fail_before -= 1
            raise ConnectionError("refused")
        self.posts.append(b"".join([piece async for piece in files.video(0)]))
        if self.lose_reply:
            self.lose_reply -= 1
            raise ConnectionError("reset by peer")
        return self._post()

    async def reconcile(
        self, draft: PostDraft, session: UploadSession | None, armed_at: datetime | None
    ) -> Reconciliation:
        self.calls["reconcile"] += 1
        if self.unreadable:
            raise self.unreadable.pop(0)
        if self.untold:
            return Reconciliation(outcome="untold", reason="members cannot list their posts")
        if self.hidden_reads:
            self.hidden_reads -= 1
            return Reconciliation(outcome="unknown")
        if self.posts:
            return Reconciliation(outcome="posted", post=self._post())
        return Reconciliation(outcome="absent")

    async def processing(self, draft: PostDraft, post: PublishedPost) -> Processing:
        return self.readings.pop(0) if self.readings else Processing(state=ProcessingState.LIVE)

    async def attach(self, draft: PostDraft, post: PublishedPost, extra: Extra, files: PostFiles, before: str) -> str:
        self.calls["attach"] += 1
        self.comments.append(extra.text)
        if self.lose_comment:
            self.lose_comment -= 1
            raise ConnectionError("reset by peer")
        return f"c{len(self.comments)}"

    async def attached(
        self, draft: PostDraft, post: PublishedPost, extra: Extra, since: datetime | None = None
    ) -> str | None:
        self.since.append(since)
        return f"c{self.comments.index(extra.text) + 1}" if extra.text in self.comments else ""

    def _post(self) -> PublishedPost:
        return PublishedPost(post_id=f"v{len(self.posts)}", url=f"https://example.test/v{len(self.posts)}")
