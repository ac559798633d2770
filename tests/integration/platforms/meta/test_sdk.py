"""Meta's own SDK (facebook-business) against the sandbox: unmodified but for its base address
(docs/platforms/README.md#clients)."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest
import requests
from facebook_business import video_uploader
from facebook_business.adobjects.advideo import AdVideo
from facebook_business.adobjects.igmedia import IGMedia
from facebook_business.adobjects.iguser import IGUser
from facebook_business.adobjects.page import Page
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from sandbox.meta.accounts import instagram_user, page_of

from ...conftest import Sandbox

DATA = hashlib.shake_256(b"sdk").digest(1_000_001)
SHA = hashlib.sha256(DATA).hexdigest()
TOKEN = "EAAsandbox-main"


@pytest.fixture
async def api(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> FacebookAdsApi:
    def send(request: Any, path: Any) -> Any:
        return request._api.call("POST", path, params=request._params, files=request._files, url_override=sandbox.url)

    monkeypatch.setattr(FacebookSession, "GRAPH", sandbox.url)
    monkeypatch.setattr(video_uploader.VideoUploadRequest, "send", send)
    for platform in ("instagram", "facebook"):
        changes = {"processing_polls": 0, "app_secret": "s3cret", "require_proof": True}
        await sandbox.post(f"settings/{platform}", changes)
    return FacebookAdsApi.init(app_id="1", app_secret="s3cret", access_token=TOKEN, crash_log=False)


def rupload(url: str) -> None:
    headers = {"Authorization": f"OAuth {TOKEN}", "offset": "0", "file_size": str(len(DATA))}
    answer = requests.post(url, data=DATA, headers=headers, timeout=60)
    assert answer.json()["success"] is True


async def test_an_instagram_reel(api: FacebookAdsApi, sandbox: Sandbox) -> None:
    def post() -> tuple[Any, Any, Any]:
        user = IGUser(instagram_user("main"), api=api)
        params = {"media_type": "REELS", "upload_type": "resumable", "caption": "Hi #a", "is_ai_generated": True}
        container = user.create_media(params=params)
        rupload(container["uri"])
        media = user.create_media_publish(params={"creation_id": container["id"]})
        told = IGMedia(media["id"], api=api).api_get(fields=["caption", "permalink", "is_ai_generated"])
        comment = IGMedia(media["id"], api=api).create_comment(params={"message": "First"})
        return media, told, comment

    media, told, comment = await asyncio.to_thread(post)
    [made] = await sandbox.posts()
    assert (made["post_id"], made["sha256"], made["text"]) == (media["id"], SHA, "Hi #a")
    assert told["caption"] == "Hi #a" and told["permalink"] == made["url"] and told["is_ai_generated"] is True
    assert comment["id"]
    await asyncio.to_thread(lambda: IGMedia(media["id"], api=api).api_delete())
    assert await sandbox.posts() == []


async def test_a_page_reel(api: FacebookAdsApi, sandbox: Sandbox) -> None:
    def post() -> str:
        page = Page(page_of("main"), api=api)
        begun = page.create_video_reel(params={"upload_phase": "start"})
        rupload(begun["upload_url"])
        page.create_video_reel(
            params={
                "upload_phase": "finish",
                "video_id": begun["video_id"],
                "video_state": "PUBLISHED",
                "description": "D",
                "is_ai_generated": True,
            }
        )
        status = AdVideo(begun["video_id"], api=api).api_get(fields=["status", "permalink_url"])
        assert status["status"]["video_status"] == "ready" and status["permalink_url"]
        return str(begun["video_id"])

    video = await asyncio.to_thread(post)
    [made] = await sandbox.posts()
    assert (made["post_id"], made["sha256"], made["text"]) == (video, SHA, "D")
    assert made["meta"]["is_ai_generated"] == "true"


async def test_the_video_uploader(api: FacebookAdsApi, sandbox: Sandbox, tmp_path: Path) -> None:
    """Its own start, transfer and finish, through server-made windows, a wrong offset and a passing error."""
    await sandbox.post("settings/facebook", {"window": 300_000})
    passing = '{"error": {"message": "later", "code": 2, "is_transient": true}}'
    await sandbox.fault("status", platform="facebook", op="put", status=500, body=passing, skip=1)
    await sandbox.fault("partial_commit", platform="facebook", op="put", keep=1_000, skip=2)
    (path := tmp_path / "video.mp4").write_bytes(DATA)

    def upload() -> Any:
        video = AdVideo(parent_id=page_of("main"), api=api)
        video[AdVideo.Field.filepath] = str(path)
        return video_uploader.VideoUploader().upload(video, wait_for_encoding=True)

    told = await asyncio.to_thread(upload)
    [made] = await sandbox.posts()
    assert (made["post_id"], made["sha256"], made["title"]) == (told["id"], SHA, "video.mp4")
    assert await sandbox.faults_left() == []


async def test_the_sdk_reads_errors_and_failures(api: FacebookAdsApi, sandbox: Sandbox) -> None:
    def fail() -> FacebookRequestError:
        with pytest.raises(FacebookRequestError) as caught:
            IGUser(instagram_user("main"), api=api).create_media_publish(params={"creation_id": "17900000000000000"})
        return caught.value

    error = await asyncio.to_thread(fail)
    assert (error.http_status(), error.api_error_code(), error.api_error_subcode()) == (400, 100, 33)
    assert error.api_error_type() == "GraphMethodException"
