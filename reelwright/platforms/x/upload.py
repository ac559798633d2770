"""X's chunked media upload (docs/platforms/x.md#upload): initialize, append, finalize, STATUS.

X reports no offset. Acknowledged segments are kept in the session, and after a missing answer the same segment is sent
again under the same index. Whether that replaces it is not documented; if it does not, finalize reports that the
segments do not add up, which is `SessionLost`, and a new upload is begun.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reelwright.domain.errors import PlatformTransient, PostRejected, SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import Checkpoint, PostFiles
from reelwright.domain.publishing.posting import PostDraft, Processing, UploadSession

from ..common.source import Feed, feed_of
from .api import Form, XApi
from .post import (
    ID,
    SEGMENTS,
    data_of,
    id_of,
    language_code,
    language_name,
    processing_of,
    sound_subtitles,
    subtitle_files,
)

_log = logging.getLogger(__name__)
LIFE_S = 86_400.0
"""How long an upload is valid when X does not report it, in seconds."""


@dataclass(frozen=True)
class Media:
    """An upload, read from its session's state. `segment` is the size of all its segments but the last, in bytes."""

    id: str
    key: str
    segment: int
    sent: int
    finalized: bool

    @classmethod
    def of(cls, session: UploadSession) -> Media:
        """Raises `SessionLost` when the state is not one of ours."""
        state = session.state
        media_id, key, segment, sent = (state.get(name) for name in ("media_id", "media_key", "segment", "sent"))
        sizes = isinstance(segment, int) and isinstance(sent, int) and segment > 0 and sent >= 0
        if not (isinstance(media_id, str) and re.fullmatch(ID, media_id) and isinstance(key, str) and sizes):
            raise SessionLost("the stored upload session is not one of X's", field="upload")
        return cls(media_id, key, int(segment or 0), int(sent or 0), bool(state.get("finalized")))

    def committed(self, total: int) -> int:
        """How many bytes X has acknowledged."""
        return min(total, self.sent * self.segment)


class XUploads:
    """The uploads of all accounts. `segment_size` in bytes is what one upload holds in memory."""

    def __init__(self, api: XApi, *, segment_size: int, category: str) -> None:
        self._api = api
        self._category = category
        self._segment = segment_size

    async def begin(
        self, account: str, *, size: int, media_type: str, extra: dict[str, Any], category: str = ""
    ) -> UploadSession:
        """Opens an upload. Repeating it is harmless: X deletes it after a day."""
        body = {"media_type": media_type, "total_bytes": size, "media_category": category or self._category}
        asked = self._api.clock()
        answer = await self._api.call(account, "POST", "/2/media/upload/initialize", "opening the upload", json=body)
        data = data_of(answer)
        media_id, key = id_of(data), data.get("media_key")
        if not media_id:
            raise PlatformTransient(
                "X opened an upload without an id for it", field="upload", remedy="it is tried again"
            )
        state = {
            "media_id": media_id,
            "media_key": key if isinstance(key, str) else "",
            "segment": max(self._segment, -(-size // SEGMENTS)),
            "sent": 0,
            "expires": (asked + timedelta(seconds=seconds_of(data.get("expires_after_secs"), LIFE_S))).isoformat(),
            **extra,
        }
        return UploadSession(platform=Platform.X, account=account, total=size, state=state)

    def check(self, session: UploadSession) -> Media:
        """The upload; raises `SessionLost` when its time is over."""
        media, expires = Media.of(session), session.state.get("expires")
        try:
            over = isinstance(expires, str) and datetime.fromisoformat(expires) <= self._api.clock()
        except (ValueError, TypeError):
            over = True
        if over:
            raise SessionLost("the upload has expired on X", field="upload", remedy="a new upload is begun")
        return media

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadSession:
        """Sends the segments that are missing, finalizes, and adds the subtitles; the session as it then stands."""
        media = self.check(session)
        if not media.finalized:
            async with feed_of(files.video) as feed:
                session = await self._segments(session, media, feed, checkpoint)
            session = await self._finalize(session, checkpoint)
        return await self._subtitles(draft, session, files, checkpoint)

    async def _segments(
        self, session: UploadSession, media: Media, feed: Feed, checkpoint: Checkpoint
    ) -> UploadSession:
        index, total = media.sent, session.total
        while (start := index * media.segment) < total:
            data = await feed.take(start, min(media.segment, total - start))
            await self._append(session.account, media.id, index, data)
            index += 1
            session = _with(session, sent=index)
            await checkpoint(session, min(total, index * media.segment))
        return session

    async def _append(self, account: str, media_id: str, index: int, data: bytes) -> None:
        form = Form({"segment_index": str(index)}, data)
        try:
            await self._api.call(
                account,
                "POST",
                f"/2/media/upload/{media_id}/append",
                "uploading",
                attempts=4,
                upload=True,
                headers=form.headers,
                content=form,
            )
        finally:
            form.let_go()

    async def _finalize(self, session: UploadSession, checkpoint: Checkpoint) -> UploadSession:
        """Repeatable: STATUS shows what an earlier call has done."""
        media = Media.of(session)
        path = f"/2/media/upload/{media.id}/finalize"
        try:
            answer = await self._api.call(session.account, "POST", path, "finishing the upload", upload=True)
        except PostRejected:
            answer = await self._status(session.account, media.id)
            if "processing_info" not in data_of(answer):
                raise
        data = data_of(answer)
        size, key = data.get("size"), data.get("media_key")
        if isinstance(size, int) and size != session.total:
            raise SessionLost(
                f"X holds {size:,} bytes of {session.total:,}", field="upload", remedy="a new upload is begun"
            )
        session = _with(
            session,
            finalized=True,
            media_key=key if isinstance(key, str) and key else media.key,
            processed=bool(data) and "processing_info" not in data,
        )
        await checkpoint(session, session.total)
        return session

    async def _subtitles(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadSession:
        """One track per language. A track that X will not have is left out: the post is worth more without it."""
        known = session.state.get("subtitles")
        done: dict[str, str] = dict(known) if isinstance(known, dict) else {}
        for file in subtitle_files(draft):
            code = language_code(file.language)
            if code in done:
                continue
            data = await files.read(file.file)
            if not sound_subtitles(data):
                _log.warning("the %s subtitles are no readable SRT and are left out", code)
                continue
            try:
                done[code] = await self._subtitle(session, code, language_name(file.language), data)
            except (PostRejected, SessionLost) as error:  # the track's; a lost video shows in `ready`
                _log.warning("X takes no %s subtitles: %s", code, error)
                done[code] = ""
            session = _with(session, subtitles=dict(done))
            await checkpoint(session, session.total)
        return session

    async def _subtitle(self, session: UploadSession, code: str, name: str, data: bytes) -> str:
        account = session.account
        opened = await self.begin(account, size=len(data), media_type="text/srt", category="subtitles", extra={})
        track = Media.of(opened)
        await self._append(account, track.id, 0, data)
        await self._api.call(
            account, "POST", f"/2/media/upload/{track.id}/finalize", "finishing the subtitles", upload=True
        )
        body = {
            "id": Media.of(session).id,
            "media_category": {"amplify_video": "AmplifyVideo"}.get(self._category, "TweetVideo"),
            "subtitles": {"id": track.id, "language_code": code, "display_name": name},
        }
        await self._api.call(account, "POST", "/2/media/subtitles", "adding the subtitles", json=body)
        return track.id

    async def ready(self, session: UploadSession) -> Processing:
        """One reading of X's processing."""
        media = self.check(session)
        if not media.finalized:
            raise SessionLost("the upload was not finished", field="upload", remedy="it is uploaded again")
        if session.state.get("processed"):
            return processing_of({})
        return await self.look(session)

    async def look(self, session: UploadSession) -> Processing:
        """The answer of STATUS, which is always requested."""
        return processing_of(data_of(await self._status(session.account, Media.of(session).id)))

    async def _status(self, account: str, media_id: str) -> dict[str, Any]:
        params = {"command": "STATUS", "media_id": media_id}
        return await self._api.call(
            account, "GET", "/2/media/upload", "asking about the upload", upload=True, params=params
        )


def _with(session: UploadSession, **changes: Any) -> UploadSession:
    return session.model_copy(update={"state": {**session.state, **changes}})


def seconds_of(value: Any, default: float) -> float:
    """A positive number out of an answer, else the default."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return float(value) if known else default
