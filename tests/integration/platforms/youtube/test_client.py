"""Google's own client against the sandbox, unmodified but for the root of its discovery documents."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import googleapiclient.discovery_cache
import pytest
from google.auth.exceptions import RefreshError
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload

from ...conftest import Sandbox

GRANULE = 262_144
DATA = hashlib.shake_256(b"google").digest(3 * GRANULE + 777)
SHA = hashlib.sha256(DATA).hexdigest()
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
SRT = b"1\n00:00:00,000 --> 00:00:01,000\nHello\n"
BODY = {
    "snippet": {"title": "By Google's client", "description": "D", "categoryId": "27", "tags": ["rw1"]},
    "status": {"privacyStatus": "unlisted", "containsSyntheticMedia": True, "selfDeclaredMadeForKids": False},
}
_DOCUMENTS = Path(googleapiclient.discovery_cache.__file__).parent / "documents"


def credentials(sandbox: Sandbox, refresh: str = "1//sandbox-main") -> Credentials:
    return Credentials(  # type: ignore[no-untyped-call]
        None, refresh_token=refresh, token_uri=f"{sandbox.url}/token", client_id="id", client_secret="secret"
    )


def service(sandbox: Sandbox, name: str = "youtube.v3", refresh: str = "1//sandbox-main") -> Any:
    """The client, told to look here instead of at Google."""
    document = json.loads((_DOCUMENTS / f"{name}.json").read_text())
    document["rootUrl"] = document["baseUrl"] = f"{sandbox.url}/"
    document.pop("mtlsRootUrl", None)
    return build_from_document(document, credentials=credentials(sandbox, refresh))


@pytest.fixture
def youtube(sandbox: Sandbox) -> Any:
    return service(sandbox)


class Rereadable(MediaIoBaseUpload):
    """Handed over as bytes: of a stream the client sends nothing but the length when it sends a chunk once more."""

    def has_stream(self) -> bool:
        return False


def media(data: bytes = DATA, kind: str = "video/mp4", chunk: int = GRANULE, resumable: bool = True) -> Any:
    return MediaIoBaseUpload(BytesIO(data), kind, chunksize=chunk, resumable=resumable)


def insert(youtube: Any, body: Any = None, **how: Any) -> Any:
    return youtube.videos().insert(part="snippet,status", body=BODY, media_body=body or media(**how))


def rereadable() -> Any:
    return Rereadable(BytesIO(DATA), "video/mp4", chunksize=GRANULE, resumable=True)


async def off_the_loop(call: Callable[[], Any]) -> Any:
    """The client blocks."""
    return await asyncio.to_thread(call)


async def uploaded(youtube: Any) -> str:
    return str((await off_the_loop(insert(youtube).execute))["id"])


async def test_a_resumable_upload_in_chunks(youtube: Any, sandbox: Sandbox) -> None:
    def upload() -> tuple[list[int], Any]:
        request, answer, seen = insert(youtube), None, []
        while answer is None:
            progress, answer = request.next_chunk()
            if progress:
                seen.append(progress.resumable_progress)
        return seen, answer

    seen, video = await off_the_loop(upload)
    assert seen == [GRANULE, 2 * GRANULE, 3 * GRANULE]
    assert video["status"]["uploadStatus"] == "uploaded" and video["status"]["containsSyntheticMedia"] is True
    [post] = await sandbox.posts()
    assert (post["post_id"], post["sha256"], post["title"]) == (video["id"], SHA, "By Google's client")


async def test_the_whole_in_one_request(youtube: Any, sandbox: Sandbox) -> None:
    await off_the_loop(insert(youtube, chunk=-1).execute)
    assert [post["sha256"] for post in await sandbox.posts()] == [SHA]


@pytest.mark.parametrize(
    "fault",
    [
        {"point": "status", "op": "put", "status": 503, "skip": 1},
        {"point": "error_though_done", "op": "put", "status": 503, "skip": 1},
        {"point": "error_though_done", "op": "final", "status": 500},
        {"point": "partial_commit", "op": "put", "keep": 0, "skip": 1},
    ],
    ids=["not kept", "kept all the same", "the last one kept", "kept in part"],
)
async def test_a_503_and_then_on(youtube: Any, sandbox: Sandbox, fault: dict[str, Any]) -> None:
    """`next_chunk(num_retries)` sends the same range again without asking what was kept."""
    await sandbox.fault(**fault)

    def upload() -> Any:
        request, answer = insert(youtube, rereadable()), None
        request._sleep = lambda _: None
        while answer is None:
            _, answer = request.next_chunk(num_retries=3)
        return answer

    video = await off_the_loop(upload)
    assert [(post["post_id"], post["sha256"]) for post in await sandbox.posts()] == [(video["id"], SHA)]
    assert await sandbox.faults_left() == []


async def test_a_503_is_asked_about_on_the_next_call(youtube: Any, sandbox: Sandbox) -> None:
    """Without retries the client raises, and its next call probes the session first."""
    await sandbox.fault("error_though_done", op="put", status=503, skip=1)

    def upload() -> tuple[int, Any]:
        request, answer, refused = insert(youtube), None, 0
        while answer is None:
            try:
                _, answer = request.next_chunk()
            except HttpError as error:
                assert error.resp.status == 503
                refused += 1
        return refused, answer

    refused, _ = await off_the_loop(upload)
    assert refused == 1 and [post["sha256"] for post in await sandbox.posts()] == [SHA]


async def test_a_thumbnail(youtube: Any, sandbox: Sandbox) -> None:
    video_id = await uploaded(youtube)
    picture = media(PNG, "image/png", resumable=False)
    answer = await off_the_loop(youtube.thumbnails().set(videoId=video_id, media_body=picture).execute)
    shown = await sandbox.client.get(answer["items"][0]["default"]["url"])
    assert shown.content == PNG
    [item] = (await off_the_loop(youtube.videos().list(part="contentDetails", id=video_id).execute))["items"]
    assert item["contentDetails"]["hasCustomThumbnail"] is True


async def test_caption_tracks(youtube: Any, sandbox: Sandbox) -> None:
    video_id, captions = await uploaded(youtube), youtube.captions()
    body = {"snippet": {"videoId": video_id, "language": "en", "name": ""}}

    def track(data: bytes = SRT) -> Any:
        return media(data, "application/octet-stream", resumable=False)

    made = await off_the_loop(captions.insert(part="snippet", body=body, media_body=track()).execute)
    listed = await off_the_loop(captions.list(part="snippet", videoId=video_id).execute)
    assert [item["id"] for item in listed["items"]] == [made["id"]]
    assert await off_the_loop(captions.download(id=made["id"]).execute) == SRT
    change = {"id": made["id"], "snippet": {"isDraft": True}}
    changed = await off_the_loop(captions.update(part="snippet", body=change, media_body=track(SRT * 2)).execute)
    assert changed["snippet"]["isDraft"] is True
    assert await off_the_loop(captions.download(id=made["id"]).execute) == SRT * 2
    with pytest.raises(HttpError) as caught:
        await off_the_loop(captions.insert(part="snippet", body=body, media_body=track()).execute)
    assert (caught.value.resp.status, caught.value.error_details[0]["reason"]) == (409, "captionExists")
    assert await off_the_loop(captions.delete(id=made["id"]).execute) in (b"", "")


async def test_comments(youtube: Any, sandbox: Sandbox) -> None:
    video_id = await uploaded(youtube)
    told = {"snippet": {"videoId": video_id, "topLevelComment": {"snippet": {"textOriginal": "first"}}}}
    thread = await off_the_loop(youtube.commentThreads().insert(part="snippet", body=told).execute)
    reply = {"snippet": {"parentId": thread["id"], "textOriginal": "second"}}
    await off_the_loop(youtube.comments().insert(part="snippet", body=reply).execute)
    request = youtube.commentThreads().list(part="snippet,replies", videoId=video_id, textFormat="plainText")
    [item] = (await off_the_loop(request.execute))["items"]
    assert item["snippet"]["topLevelComment"]["snippet"]["textOriginal"] == "first"
    assert [one["snippet"]["textDisplay"] for one in item["replies"]["comments"]] == ["second"]
    assert youtube.commentThreads().list_next(request, {"items": []}) is None
    moderated = youtube.comments().setModerationStatus(id=thread["id"], moderationStatus="rejected")
    await off_the_loop(moderated.execute)
    assert (await off_the_loop(request.execute))["items"] == []


async def test_videos_are_read_changed_and_deleted(youtube: Any, sandbox: Sandbox) -> None:
    video_id, videos = await uploaded(youtube), youtube.videos()
    change = {"id": video_id, "snippet": {"title": "Changed", "categoryId": "27"}}
    await off_the_loop(videos.update(part="snippet", body=change).execute)
    assert [post["title"] for post in await sandbox.posts()] == ["Changed"]
    [channel] = (await off_the_loop(youtube.channels().list(part="contentDetails", mine=True).execute))["items"]
    uploads = channel["contentDetails"]["relatedPlaylists"]["uploads"]
    listed = await off_the_loop(youtube.playlistItems().list(part="contentDetails", playlistId=uploads).execute)
    assert [item["contentDetails"]["videoId"] for item in listed["items"]] == [video_id]
    stats = await off_the_loop(videos.batchGetStats(part=["statistics"], id=[video_id, "AAAAAAAAAAA"]).execute)
    assert [item["statistics"]["viewCount"] for item in stats["items"]] == ["0"]
    await off_the_loop(videos.delete(id=video_id).execute)
    assert await sandbox.posts() == []


async def test_analytics(sandbox: Sandbox) -> None:
    await uploaded(service(sandbox))
    reports = service(sandbox, "youtubeAnalytics.v2").reports()
    dates = {"startDate": "2026-11-01", "endDate": "2026-11-03"}
    table = await off_the_loop(
        reports.query(ids="channel==MINE", metrics="views,likes", dimensions="day", sort="-day", **dates).execute
    )
    assert [column["name"] for column in table["columnHeaders"]] == ["day", "views", "likes"]
    assert table["rows"] == [[f"2026-11-0{day}", 0, 0] for day in (3, 2, 1)]


async def test_refusals_arrive_as_the_clients_own_errors(youtube: Any, sandbox: Sandbox) -> None:
    await sandbox.fault("quota", op="read")
    with pytest.raises(HttpError) as caught:
        await off_the_loop(youtube.videos().list(part="id", id="x").execute)
    assert (caught.value.resp.status, caught.value.error_details[0]["reason"]) == (403, "quotaExceeded")
    await sandbox.settings(revoked=["gone"])
    with pytest.raises(RefreshError, match="invalid_grant") as refused:
        await off_the_loop(service(sandbox, refresh="1//sandbox-gone").videos().list(part="id", id="x").execute)
    assert refused.value.retryable is False


async def test_a_token_that_expires_in_mid_upload(youtube: Any, sandbox: Sandbox) -> None:
    await sandbox.fault("expire_token", op="put", skip=1)
    await off_the_loop(insert(youtube, rereadable()).execute)
    assert [post["sha256"] for post in await sandbox.posts()] == [SHA]
