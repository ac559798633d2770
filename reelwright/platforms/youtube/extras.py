"""What is added to a video on YouTube: its thumbnail, caption tracks, the first comment
(docs/platforms/youtube.md#calls, #quota).

A thumbnail set twice is the same thumbnail, and a second track of one language is refused, so both may be retried.
A comment would appear twice, so after an open outcome it is looked for first.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, NoReturn

import httpx

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.video import CaptionFile
from reelwright.domain.errors import OutcomeUnknown, PlatformTransient, PostRejected
from reelwright.domain.ports.publishing import PostFiles
from reelwright.domain.publishing.posting import Extra, ExtraKind, PostDraft, Processing, ProcessingState

from ..common.http import body_kind, json_body, unreachable
from . import post as youtube_video
from .api import YouTubeApi
from .errors import Doing, read_envelope, video_unknown

SSL = "youtube.force-ssl"
NOT_YET_S = 20.0
"""A new video is not visible to every part of YouTube at once; the seconds until the next try."""
LOOKS = 3
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def extras_of(draft: PostDraft) -> tuple[Extra, ...]:
    """Thumbnail, caption tracks, comment."""
    extras: list[Extra] = []
    if draft.thumbnail:
        extras.append(Extra(kind=ExtraKind.THUMBNAIL, name="thumbnail", file=draft.thumbnail))
    for track in tracks(draft):
        name = f"captions-{track.language}"
        extras.append(Extra(kind=ExtraKind.CAPTIONS, name=name, language=track.language, file=track.file))
    if draft.first_comment:
        extras.append(Extra(kind=ExtraKind.COMMENT, name="first-comment", text=draft.first_comment))
    return tuple(extras)


def tracks(draft: PostDraft) -> list[CaptionFile]:
    """One caption file per language: YouTube makes of SRT what it makes of WebVTT, and takes a language once."""
    chosen: dict[str, CaptionFile] = {}
    for file in draft.captions:
        if file.language not in chosen or file.kind == "srt":
            chosen[file.language] = file
    return list(chosen.values())


class YouTubeExtras:
    """Adds extras and looks for them. A comment may be missing from the list for `comment_lag_s` after it was made
    (how long it really takes is not documented)."""

    def __init__(self, api: YouTubeApi, *, comment_lag_s: float) -> None:
        self._api = api
        self._comment_lag_s = comment_lag_s

    async def attach(self, draft: PostDraft, post_id: str, extra: Extra, files: PostFiles) -> str:
        """See `Publisher.attach`."""
        match extra.kind:
            case ExtraKind.THUMBNAIL:
                return await self._set_thumbnail(draft.account, post_id, extra, files)
            case ExtraKind.CAPTIONS:
                return await self._insert_captions(draft.account, post_id, extra, files)
            case ExtraKind.COMMENT:
                return await self._comment(draft.account, post_id, extra)
        _no_such(extra)

    async def attached(self, draft: PostDraft, post_id: str, extra: Extra) -> str | None:
        """See `Publisher.attached`."""
        match extra.kind:
            case ExtraKind.THUMBNAIL:
                return await self._find_thumbnail(draft.account, post_id)
            case ExtraKind.CAPTIONS:
                return await self._find_captions(draft.account, post_id, extra.language)
            case ExtraKind.COMMENT:
                return await self._find_comment(draft.account, post_id, extra.text)
        _no_such(extra)

    async def processing(self, account: str, post_id: str) -> Processing:
        """What YouTube makes of the video. One that is not listed counts as processing: reads lag behind uploads."""
        answer = await self._api.get(account, "videos", {"part": "status,processingDetails", "id": post_id})
        items = youtube_video.items_of(answer)
        if not items:
            return Processing(state=ProcessingState.PROCESSING, reason="not listed yet, or deleted")
        return youtube_video.processing_of(items[0])

    # --- thumbnail --------------------------------------------------------------------------------------------------

    async def _set_thumbnail(self, account: str, post_id: str, extra: Extra, files: PostFiles) -> str:
        """Waits for the processing: a Short takes a thumbnail only afterwards, and asking costs 1 unit, trying 50."""
        seen = await self.processing(account, post_id)
        if seen.state is ProcessingState.FAILED:
            raise PostRejected(f"the video has no use for a thumbnail ({seen.reason})", field="thumbnail")
        if seen.state is ProcessingState.PROCESSING:
            raise _not_yet("thumbnail", "YouTube is still processing the video")
        picture = await files.read(_file(extra))
        await self._send(
            account,
            "/upload/youtube/v3/thumbnails/set",
            Doing("setting the thumbnail", scope="youtube.upload", field="thumbnail"),
            params={"videoId": post_id, "uploadType": "media"},
            headers={"Content-Type": _file(extra).media_type},
            content=picture,
        )
        return post_id

    async def _find_thumbnail(self, account: str, post_id: str) -> str:
        """`contentDetails.hasCustomThumbnail`, which only the owner reads. Setting it anew does no harm, so a field
        that is not there is a no."""
        answer = await self._api.get(account, "videos", {"part": "contentDetails", "id": post_id}, field="thumbnail")
        return post_id if any(map(youtube_video.has_thumbnail, youtube_video.items_of(answer))) else ""

    # --- captions ---------------------------------------------------------------------------------------------------

    async def _insert_captions(self, account: str, post_id: str, extra: Extra, files: PostFiles) -> str:
        track = await files.read(_file(extra))
        language = youtube_video.bcp47(extra.language)
        told = {"snippet": {"videoId": post_id, "language": language, "name": "", "isDraft": False}}
        kind, body = youtube_video.multipart(told, track, "application/octet-stream", secrets.token_hex(16))
        try:
            made = await self._send(
                account,
                "/upload/youtube/v3/captions",
                Doing(f"adding captions ({language})", scope=SSL, field="captions"),
                params={"part": "snippet", "uploadType": "multipart"},
                headers={"Content-Type": kind},
                content=body,
            )
        except _Exists:
            return await self._find_captions(account, post_id, extra.language)
        return youtube_video.thing_id(made)

    async def _find_captions(self, account: str, post_id: str, language: str) -> str:
        """The track of the language that is not YouTube's own (ASR)."""
        params = {"part": "snippet", "videoId": post_id}
        answer = await self._api.get(account, "captions", params, scope=SSL, field="captions")
        return youtube_video.track_of(answer, youtube_video.bcp47(language))

    # --- comment ----------------------------------------------------------------------------------------------------

    async def _comment(self, account: str, post_id: str, extra: Extra) -> str:
        """Irreversible like a post: an answer that does not decide the outcome is `OutcomeUnknown`."""
        url = f"{self._api.url}/youtube/v3/commentThreads"
        top = {"snippet": {"textOriginal": extra.text}}
        told = {"snippet": {"videoId": post_id, "topLevelComment": top}}
        send, doing = self._api.sender(account), Doing("commenting", scope=SSL, field="first_comment")
        try:
            response = await send("POST", url, params={"part": "snippet"}, json=told)
        except _UNSENT as error:
            raise unreachable("YouTube", error) from None
        except httpx.HTTPError as error:
            raise _unknown(f"the connection broke ({type(error).__name__})") from None
        if response.status_code not in (200, 201):
            if video_unknown(response):
                raise _not_yet("first_comment", "YouTube does not know the video yet")
            refusal = self._api.refusal(response, doing)
            raise _unknown(str(refusal)) if isinstance(refusal, PlatformTransient) else refusal
        if (made := json_body(response)) is None:
            raise _unknown(f"the answer was {body_kind(response)}")
        return youtube_video.thing_id(made)

    async def _find_comment(self, account: str, post_id: str, text: str) -> str:
        """The comment that has our text, looked for until a new one would certainly be listed."""
        params = {
            "part": "snippet",
            "videoId": post_id,
            "order": "time",
            "textFormat": "plainText",
            "maxResults": "100",
        }
        for look in range(LOOKS):
            if look:
                await asyncio.sleep(self._comment_lag_s / (LOOKS - 1))
            answer = await self._api.get(account, "commentThreads", params, scope=SSL, field="first_comment")
            if found := youtube_video.comment_of(answer, text):
                return found
        return ""

    async def _send(self, account: str, path: str, doing: Doing, **rest: Any) -> dict[str, Any]:
        """A POST that may be repeated. For a video that is not visible yet it is retried later."""
        send = self._api.sender(account)
        try:
            response = await send("POST", self._api.url + path, **rest)
        except httpx.HTTPError as error:
            raise unreachable("YouTube", error) from None
        if response.status_code in (200, 201) and (body := json_body(response)) is not None:
            return body
        if video_unknown(response):
            raise _not_yet(doing.field, "YouTube does not know the video yet")
        if response.status_code in (200, 201):
            raise PlatformTransient(
                f"{doing.what} was answered with {body_kind(response)}", field=doing.field, remedy="it is tried again"
            )
        envelope = read_envelope(response)
        if envelope and envelope.reason == "captionExists":
            raise _Exists
        raise self._api.refusal(response, doing)


class _Exists(Exception):
    """There is a track of this language and name already."""


def _file(extra: Extra) -> AssetRef:
    if extra.file is None:
        raise PostRejected("it has no file", field=extra.name, remedy="render it again")
    return extra.file


def _not_yet(field: str, why: str) -> PlatformTransient:
    return PlatformTransient(why, field=field, remedy="it is tried again", retry_after_s=NOT_YET_S)


def _unknown(why: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"the comment was sent, and YouTube does not tell what came of it: {why}",
        field="first_comment",
        remedy="look for it before commenting again",
    )


def _no_such(extra: Extra) -> NoReturn:
    raise PostRejected(f"YouTube has no place for it ({extra.kind.value})", field=extra.name)
