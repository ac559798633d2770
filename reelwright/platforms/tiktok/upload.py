"""One TikTok upload under way: from TikTok's true offset to the last chunk, never past it but by `finish`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx

from reelwright.domain.errors import (
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    ReelwrightError,
    SessionLost,
)
from reelwright.domain.ports.publishing import Checkpoint
from reelwright.domain.publishing.posting import UploadSession

from ..common.http import SOON_S, UNSENT, unreachable
from ..common.source import Feed
from .api import TikTokApi
from .errors import failure
from .transfer import Acknowledged, Upload, expired, fresh, put

_log = logging.getLogger(__name__)

STALLS = 6
"""So many tries in a row that add nothing, and the attempt ends; the next one goes on where this one stopped."""
LAST_TRIES = 5


class Sending:
    """An offset equal to the total means: TikTok has every byte, and posts it (or has posted it)."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        api: TikTokApi,
        session: UploadSession,
        upload: Upload,
        checkpoint: Checkpoint | None,
        *,
        settle_s: float,
        retry_wait_s: float,
        clock: Callable[[], datetime],
    ) -> None:
        self.upload = upload
        self._client = client
        self._api = api
        self._session = session
        self._checkpoint = checkpoint
        self._settle = timedelta(seconds=settle_s)
        self._retry_wait_s = retry_wait_s
        self._clock = clock

    @property
    def _total(self) -> int:
        return self.upload.cut.total

    # --- where it stands --------------------------------------------------------------------------------------------

    async def offset(self) -> int:
        """The bytes TikTok holds. Raises the error of a FAILED upload, and `SessionLost` when TikTok has no such
        upload."""
        try:
            standing = await self._api.standing(self._session.account, self.upload.publish_id)
        except SessionLost:
            if self.upload.sent_at is None and fresh(self.upload, self._now()):
                return self.upload.committed
            if self.upload.sent_at is None:
                raise
            raise _unknown("the last chunk was sent, and TikTok does not know the upload any more") from None
        if standing.failed:
            raise failure(standing.fail_reason, self._now())
        if standing.taken(self._total):
            return self._total
        return min(self.upload.committed if standing.uploaded is None else standing.uploaded, self._total - 1)

    async def resume(self, url_life_s: float) -> int:
        """The offset to continue from. Raises `SessionLost` for an invalid address, when it is certain that the upload
        will never be a post."""
        offset = await self.offset()
        if offset < self._total and expired(self.upload, self._now(), url_life_s):
            self._give_up("its address is dead")
        return offset

    def _give_up(self, why: str) -> None:
        """Raises `SessionLost`, unless the last chunk went out so lately that it may yet be counted."""
        sent_at = self.upload.sent_at
        if sent_at and (left := sent_at + self._settle - self._now()) > timedelta(0):
            raise PlatformTransient(
                f"the TikTok upload is over ({why}), and its last chunk may yet be counted",
                field="upload",
                remedy="it is asked again",
                retry_after_s=max(1.0, left.total_seconds()),
            )
        raise SessionLost(f"the TikTok upload is over ({why})", field="upload", remedy="a new upload is begun")

    # --- sending ----------------------------------------------------------------------------------------------------

    async def advance(self, offset: int, feed: Feed) -> int:
        """Sends chunks until only the last one is missing, always from the offset that TikTok reports."""
        stalled, target = 0, self.upload.cut.last_start
        while offset < target:
            before = offset
            offset = await self._chunk(before, self.upload.cut.end_of(before), feed)
            if offset > before:
                stalled = 0
                await self._note(committed=offset)
                continue
            stalled += 1
            if stalled >= STALLS:
                raise PlatformTransient(
                    f"the upload stands still at byte {offset:,}", field="upload", remedy="it is tried again"
                )
            await asyncio.sleep(self._pause(stalled))
        return offset

    async def _chunk(self, start: int, end: int, feed: Feed) -> int:
        """One chunk that is not the last. After a transient failure, TikTok's reported offset counts."""
        try:
            reply = await put(self._client, self.upload, start, end, feed, self._now())
        except httpx.HTTPError as error:
            _log.info("a chunk of the upload was interrupted (%s); asking how far it came", type(error).__name__)
            return await self.offset()
        except PlatformTransient as error:
            if (error.retry_after_s or 0) > SOON_S:
                raise
            await asyncio.sleep(error.retry_after_s or 0)
            return await self.offset()
        except SessionLost as lost:
            if (offset := await self.offset()) < self._total:
                await self._note(dead=True)
                self._give_up(lost.message)
            return offset
        return self._total if reply.done else await self._received(reply)

    async def _received(self, reply: Acknowledged) -> int:
        return await self.offset() if reply.committed is None else reply.committed

    async def finish(self, offset: int, feed: Feed) -> None:
        """The irreversible request; returns when TikTok has received every byte. After anything but a plain answer, the
        outcome is read from TikTok once."""
        for turn in range(LAST_TRIES):
            await asyncio.sleep(self._pause(turn))
            earlier = self.upload.sent_at
            await self._note(sent_at=self._now())
            try:
                reply = await put(self._client, self.upload, offset, self._total, feed, self._now())
            except UNSENT as error:
                await self._note(sent_at=earlier)
                raise unreachable("TikTok", error) from None
            except (httpx.HTTPError, PlatformTransient) as error:
                return await self._settled(error)
            except SessionLost as lost:
                return await self._refused(lost, earlier)
            except PostRejected as refusal:
                return await self._refused(refusal, earlier)
            if reply.done or reply.committed == self._total:
                return
            offset = await self._received(reply)  # a plain answer: not complete
            if offset >= self._total:
                return
            await self._note(committed=offset)
        raise PlatformTransient("TikTok did not take the last chunk", field="upload", remedy="it is tried again")

    async def _settled(self, error: Exception) -> None:
        """After no answer, or one that decides nothing: returns if TikTok has every byte."""
        if not await self._taken(error):
            raise _unknown(f"the last chunk was sent without a clear answer ({type(error).__name__})") from error

    async def _refused(self, refusal: SessionLost | PostRejected, earlier: datetime | None) -> None:
        """After a plain refusal of these bytes: an earlier try may have been accepted, so TikTok's status is read."""
        if await self._taken(refusal):
            return
        await self._note(sent_at=earlier, dead=isinstance(refusal, SessionLost))
        if earlier and self._now() - earlier < self._settle:
            raise _unknown(f"an earlier try of the last chunk may yet be counted ({refusal.message})") from refusal
        raise refusal

    async def _taken(self, error: Exception) -> bool:
        """Whether TikTok has every byte, after the last chunk went out. Raises the error of FAILED, since then nothing
        was posted, and `OutcomeUnknown` when TikTok does not report it."""
        try:
            standing = await self._api.standing(self._session.account, self.upload.publish_id)
        except ReelwrightError as second:
            raise _unknown(
                f"the last chunk was sent, and TikTok does not tell what came of it ({second.message})"
            ) from error
        if standing.failed:
            raise failure(standing.fail_reason, self._now()) from error
        return standing.taken(self._total)

    # --- small things -----------------------------------------------------------------------------------------------

    async def _note(self, **changes: object) -> None:
        """Changes the stored state, before anything else is sent."""
        self.upload = replace(self.upload, **changes)  # type: ignore[arg-type]
        self._session = self._session.model_copy(update={"state": self.upload.state()})
        if self._checkpoint:
            await self._checkpoint(self._session, self.upload.committed)

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)

    def _pause(self, turn: int) -> float:
        """Seconds before try number `turn`; none before the first."""
        return float(min(20.0, self._retry_wait_s * 2 ** (turn - 1))) if turn else 0.0


def _unknown(message: str) -> OutcomeUnknown:
    return OutcomeUnknown(message, field="post", remedy="look for it before posting it again")
