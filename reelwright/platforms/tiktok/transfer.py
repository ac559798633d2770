"""The bytes of a TikTok upload: sequential chunks to the upload's own address (docs/platforms/tiktok.md#upload).

The address holds its own token and is treated like a credential; no bearer token goes there. 206 means that a chunk is
stored, 201 that the last one is, and both report the bytes received; so does 416, the answer to a chunk that does not
begin at TikTok's offset. There is no other way to read the offset from the upload server.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from reelwright.domain.errors import PlatformTransient, PostRejected, SessionLost
from reelwright.domain.publishing.posting import UploadSession

from ..common.caller import TIMEOUT
from ..common.http import readable, retry_after
from ..common.source import WIRE_PIECE, Feed
from .post import PUBLISH_ID, Chunks, acknowledged

HOSTS = (".tiktokapis.com",)
"""Where upload addresses may lead: TikTok's regional hosts (docs/platforms/tiktok.md#calls)."""

FRESH = timedelta(minutes=1)
"""Reads may lag behind an init by this much (not documented either way)."""


def trusted(address: str, api_url: str, hosts: tuple[str, ...]) -> bool:
    """Whether the video may be sent there: the API's own host, or one of TikTok's over HTTPS."""
    try:
        there, home = urlsplit(address), urlsplit(api_url)
        there_port, home_port = there.port, home.port
    except ValueError:
        return False
    if (there.scheme, there.hostname, there_port) == (home.scheme, home.hostname, home_port):
        return True
    return there.scheme == "https" and (there.hostname or "").endswith(hosts) and there_port in (None, 443)


@dataclass(frozen=True)
class Upload:
    """The content of a session's `state`. Times are aware; `sent_at` is when the last chunk was last sent."""

    publish_id: str
    url: str
    cut: Chunks
    media_type: str
    opened_at: datetime
    inbox: bool
    public: bool
    duration_s: float
    committed: int = 0
    sent_at: datetime | None = None
    dead: bool = False

    def state(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "publish_id": self.publish_id,
            "upload_url": self.url,
            "chunk_size": self.cut.size,
            "chunk_count": self.cut.count,
            "media_type": self.media_type,
            "opened_at": self.opened_at.isoformat(),
            "inbox": self.inbox,
            "public": self.public,
            "duration_s": self.duration_s,
            "committed": self.committed,
            "sent_at": self.sent_at.isoformat() if self.sent_at else "",
            "dead": self.dead,
        }


def upload_of(session: UploadSession, api_url: str, hosts: tuple[str, ...]) -> Upload:
    """The stored state. Raises `SessionLost` when it is not one this adapter has written."""
    state = session.state
    try:
        found = Upload(
            publish_id=str(state["publish_id"]),
            url=str(state["upload_url"]),
            cut=Chunks(session.total, int(state["chunk_size"]), int(state["chunk_count"])),
            media_type=str(state["media_type"]),
            opened_at=datetime.fromisoformat(state["opened_at"]),
            inbox=bool(state["inbox"]),
            public=bool(state["public"]),
            duration_s=float(state["duration_s"]),
            committed=int(state["committed"]),
            sent_at=datetime.fromisoformat(state["sent_at"]) if state["sent_at"] else None,
            dead=bool(state["dead"]),
        )
    except (KeyError, TypeError, ValueError):
        raise SessionLost("the stored upload session is not one of TikTok's", field="upload") from None
    if not PUBLISH_ID.fullmatch(found.publish_id) or not trusted(found.url, api_url, hosts) or found.cut.size < 1:
        raise SessionLost("the stored upload session is not one of TikTok's", field="upload")
    return found


@dataclass(frozen=True)
class Acknowledged:
    """A reply of the upload server: how many bytes it holds (None: not reported), and whether that is all."""

    committed: int | None
    done: bool = False


async def put(
    client: httpx.AsyncClient, upload: Upload, start: int, end: int, feed: Feed, now: datetime
) -> Acknowledged:
    """Sends bytes [start, end), read as they go out, so that memory does not grow with the chunk.

    Raises `httpx.HTTPError` when no answer came, `SessionLost` (403, 404, 410: no such upload any more),
    `PlatformTransient` (busy) and `PostRejected` (malformed); `AssetCorrupt` when the video ends too early."""

    async def body() -> AsyncIterator[bytes]:
        for at in range(start, end, WIRE_PIECE):
            yield await feed.take(at, min(WIRE_PIECE, end - at))

    headers = {
        "Content-Type": upload.media_type,
        "Content-Length": str(end - start),
        "Content-Range": f"bytes {start}-{end - 1}/{upload.cut.total}",
    }
    response = await client.put(upload.url, headers=headers, content=body(), timeout=TIMEOUT, follow_redirects=False)
    return _reply(response, upload.cut, end, now)


def _reply(response: httpx.Response, cut: Chunks, end: int, now: datetime) -> Acknowledged:
    status = response.status_code
    told = acknowledged(response.headers.get("content-range", ""), cut, end)
    if status == 201:
        return Acknowledged(cut.total, done=True)
    if status in (206, 416):
        return Acknowledged(told)
    if status in (403, 404, 410):
        raise SessionLost(
            f"TikTok no longer takes bytes for this upload (HTTP {status})",
            field="upload",
            remedy="a new upload is begun",
        )
    if status in (400, 411, 413, 415):
        why = readable(response.text) or "no reason given"
        raise PostRejected(f"TikTok refused the bytes (HTTP {status}): {why}", field="video", remedy="render it again")
    raise PlatformTransient(
        f"TikTok's upload server answered HTTP {status}",
        field="upload",
        remedy="it is tried again",
        retry_after_s=retry_after(response, now),
    )


def fresh(upload: Upload, now: datetime) -> bool:
    """Whether the upload was opened so recently that TikTok's own reads may not return it yet."""
    return now.astimezone(UTC) - upload.opened_at < FRESH


def expired(upload: Upload, now: datetime, url_life_s: float) -> bool:
    """Whether the upload's address is known, or certain, to be invalid."""
    return upload.dead or now.astimezone(UTC) - upload.opened_at >= timedelta(seconds=url_life_s)
