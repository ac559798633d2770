"""A post's files: what is known of them, and how an adapter reads them out of the media store."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import AssetCorrupt
from reelwright.domain.ports.making import MediaStore
from reelwright.domain.ports.publishing import PostFiles, PublicMedia, VideoFacts, unaddressed
from reelwright.domain.publishing.posting import PublishTask

SMALL_FILE = 8 << 20
"""Bytes. Thumbnails, pictures and caption tracks are read whole; more than this is none of them."""


def facts_of(task: PublishTask) -> VideoFacts:
    """What the adapters' limits are checked against."""
    video = task.video
    if video is None:
        first = task.draft.pictures[0]
        return VideoFacts(first.width, first.height, 0.0, 0.0, first.file.size, first.file.media_type)
    return VideoFacts(
        width=video.width,
        height=video.height,
        duration_s=video.duration_s,
        fps=video.fps,
        size=video.file.size,
        media_type=video.file.media_type,
    )


def files_of(media: MediaStore, task: PublishTask, public: PublicMedia | None = None) -> PostFiles:
    """The post's files, out of the media store."""

    def video(start: int) -> AsyncIterator[bytes]:
        return media.read(task.file, start=start)

    async def read(ref: AssetRef) -> bytes:
        if ref.size > SMALL_FILE:
            raise AssetCorrupt(f"{ref.size:,} bytes is too much for a picture or captions", field=ref.key)
        data = b"".join([piece async for piece in media.read(ref)])
        if hashlib.sha256(data).hexdigest() != ref.sha256:
            raise AssetCorrupt(f"{ref.key} is not what was stored", field="asset", remedy="make it again")
        return data

    return PostFiles(video=video, read=read, address=public.address if public else unaddressed)
