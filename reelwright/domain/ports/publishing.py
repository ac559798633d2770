"""What the publishing activities are handed to reach a platform: its adapter, and what the adapter is given.

All calls are coroutines. Errors are those of `domain.errors`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from ..assets import AssetRef
from ..errors import InvalidInput
from ..formats import Platform
from ..platforms.facts import PictureRules
from ..publishing.posting import (
    Extra,
    Notice,
    PostDraft,
    PostKind,
    Processing,
    PublishedPost,
    Reconciliation,
    UploadProgress,
    UploadSession,
)
from ..publishing.quota import QuotaReading

ByteSource = Callable[[int], AsyncIterator[bytes]]
"""Streams the video's bytes from an offset on."""


class PublicMedia(Protocol):
    """Where the internet can fetch a stored file from."""

    async def address(self, ref: AssetRef) -> str:
        """The file's public address, valid for some hours at least. Raises `InvalidInput` naming the setting where
        there is none."""
        ...


async def unaddressed(ref: AssetRef) -> str:
    """`PostFiles.address` where no file has a public address."""
    raise InvalidInput("no stored file has a public address", field="REELWRIGHT_PUBLIC_MEDIA_URL", remedy="set it")


@dataclass(frozen=True)
class PostFiles:
    """What an adapter reads of a post's files: the video as a stream from any offset, small ones (thumbnail, captions,
    pictures) whole. `read` raises `AssetCorrupt`. `address` makes an address from which the internet can fetch a file,
    and raises `InvalidInput` where there is none."""

    video: ByteSource
    read: Callable[[AssetRef], Awaitable[bytes]]
    address: Callable[[AssetRef], Awaitable[str]] = unaddressed


@dataclass(frozen=True)
class VideoFacts:
    """What is known of the video before it is sent: pixels, seconds, frames per second, bytes, media type."""

    width: int
    height: int
    duration_s: float
    fps: float
    size: int
    media_type: str = "video/mp4"


Checkpoint = Callable[[UploadSession, int], Awaitable[None]]
"""Called after each piece that the platform has acknowledged, with the present session and the bytes received. The
session is stored before the next piece is sent."""


class Publisher(Protocol):
    """One platform's adapter: what all of them can do. Nothing is visible on the platform until `publish`.

    The errors are `PlatformTransient`, `QuotaExhausted`, `PostRejected`, `NeedsAuthorization`, `NeedsBudget`,
    `SessionLost`, `OutcomeUnknown` and `AssetCorrupt`, chosen by the platform's own codes and never by HTTP status
    alone.
    """

    @property
    def platform(self) -> Platform: ...

    def validate(self, draft: PostDraft, video: VideoFacts, options: Mapping[str, str]) -> PostKind:
        """Checks a post against the platform's own limits before anything is sent; the kind it will be posted as.
        `options` are the account's (`AccountInfo.options`): on some platforms the limits depend on them.

        Raises `PostRejected` naming the field."""
        ...

    async def begin(self, draft: PostDraft, video: VideoFacts) -> UploadSession:
        """Opens an upload session; no byte is sent yet. Repeating it leaves nothing visible behind."""
        ...

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        """Sends everything that makes nothing visible yet, from the platform's true offset on: the video, and what
        must be there before the post (a cover, subtitles)."""
        ...

    async def ready(self, draft: PostDraft, session: UploadSession) -> Processing:
        """Whether the platform has processed what was uploaded, so that it can be posted. `LIVE` at once where the
        platform processes only afterwards."""
        ...

    async def publish(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> PublishedPost:
        """The one irreversible call. `OutcomeUnknown` when no answer shows the outcome; every other error means that
        certainly nothing was posted."""
        ...

    async def reconcile(
        self, draft: PostDraft, session: UploadSession | None, armed_at: datetime | None
    ) -> Reconciliation:
        """Looks for the post by the platform's own reading. Changes nothing."""
        ...

    async def processing(self, draft: PostDraft, post: PublishedPost) -> Processing:
        """The platform's processing state of the post, and its address where that is reported only later."""
        ...


# What only some platforms can do: an adapter that can has the methods, and callers ask with `isinstance`.


@runtime_checkable
class ComposesTexts(Protocol):
    """An adapter that composes the post's text where the draft has no caption. Where an adapter does not, a post has
    its caption or its description."""

    def compose(self, draft: PostDraft, options: Mapping[str, str]) -> str:
        """The text as it would be posted on an account with these options: the caption word for word, or one that is
        composed. Empty where the post has no text. Pure: nothing is read or sent."""
        ...


@runtime_checkable
class AddsExtras(Protocol):
    """An adapter that adds to a post what comes after it: a thumbnail, caption tracks, comments, a thread's replies."""

    def extras(self, draft: PostDraft) -> tuple[Extra, ...]:
        """What will be added once the post exists, in order."""
        ...

    async def attach(self, draft: PostDraft, post: PublishedPost, extra: Extra, files: PostFiles, before: str) -> str:
        """Adds an extra to the post; its id, or an empty string. `before` is the id of the extra it comes `after`."""
        ...

    async def attached(
        self, draft: PostDraft, post: PublishedPost, extra: Extra, since: datetime | None = None
    ) -> str | None:
        """The id of an extra that may have been added before, last at `since`: empty when it certainly was not, None
        when the platform does not report it. Where a platform lists late, "not" is certain only some time after
        `since`, and never while that is not known: until then it is `PlatformTransient`."""
        ...


@runtime_checkable
class PostsPictures(Protocol):
    """An adapter of a platform that has picture posts."""

    @property
    def pictures(self) -> PictureRules:
        """What a picture post may be, as the settings have it."""
        ...

    def check_address(self, address: str) -> None:
        """Raises `PostRejected` for a picture's address that the platform cannot fetch; only where it fetches."""
        ...


@runtime_checkable
class DeletesPosts(Protocol):
    """An adapter of a platform that lets its clients take a post away."""

    async def delete(self, account: str, post_id: str) -> None:
        """One that is gone already is success."""
        ...


@runtime_checkable
class ReportsQuota(Protocol):
    """An adapter of a platform that reports how much of a quota is used."""

    async def quota(self, account: str) -> Sequence[QuotaReading]:
        """What the platform itself reports of the account's quotas; empty when it reported nothing so far."""
        ...


class Announcer(Protocol):
    """Sends notices about posts to people."""

    async def announce(self, notice: Notice) -> None:
        """Raises `PlatformTransient` when a retry is useful, `OutcomeUnknown` when it may have been delivered."""
        ...
