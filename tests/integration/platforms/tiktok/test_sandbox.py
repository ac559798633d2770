"""The TikTok sandbox by golden vectors: what the real service puts on the wire, from docs/platforms/tiktok.md.

TikTok has no official client for Content Posting, so a bare one with the documented headers stands in."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from sandbox.store import SandboxStore
from sandbox.tiktok.post import open_id

from ...conftest import Sandbox
from .kit import CHUNK, LAST, SHA, VIDEO, tune

TOTAL = len(VIDEO)


class Client:
    """httpx and the documented calls."""

    def __init__(self, sandbox: Sandbox, account: str = "main") -> None:
        self.url = sandbox.url
        self.http = sandbox.client
        self.account = account
        self.headers: dict[str, str] = {}

    async def token(self, **changes: str) -> httpx.Response:
        form = {
            "client_key": "key",
            "client_secret": "secret",
            "grant_type": "refresh_token",
            "refresh_token": f"rft.sandbox-{self.account}",
        }
        return await self.http.post(f"{self.url}/v2/oauth/token/", data={**form, **changes})

    async def sign_in(self) -> Client:
        answer = await self.token()
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return self

    async def post(self, path: str, body: Any, **params: str) -> httpx.Response:
        return await self.http.post(f"{self.url}/v2/{path}", json=body, params=params, headers=self.headers)

    async def start(self, info: dict[str, Any] | None = None, **source: Any) -> httpx.Response:
        body: dict[str, Any] = {
            "post_info": {"privacy_level": "PUBLIC_TO_EVERYONE", "title": "A title", **(info or {})},
            "source_info": {
                **{"source": "FILE_UPLOAD", "video_size": TOTAL, "chunk_size": CHUNK, "total_chunk_count": 5},
                **source,
            },
        }
        return await self.post("post/publish/video/init/", body)

    async def put(self, url: str, start: int, end: int, **changes: str) -> httpx.Response:
        headers = {"Content-Type": "video/mp4", "Content-Range": f"bytes {start}-{end - 1}/{TOTAL}", **changes}
        return await self.http.put(url, content=VIDEO[start:end], headers=headers)

    async def upload(self, **info: Any) -> str:
        data = (await self.start(info)).json()["data"]
        for start in range(0, LAST + 1, CHUNK):
            answer = await self.put(data["upload_url"], start, TOTAL if start == LAST else start + CHUNK)
        assert answer.status_code == 201, answer.text
        return str(data["publish_id"])

    async def status(self, publish_id: str) -> dict[str, Any]:
        return (await self.post("post/publish/status/fetch/", {"publish_id": publish_id})).json()


@pytest.fixture
async def client(sandbox: Sandbox) -> Client:
    await tune(sandbox, min_chunk=CHUNK)
    return await Client(sandbox).sign_in()


def code(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert body["data"] == {} and set(body["error"]) == {"code", "message", "log_id"}
    return answer.status_code, body["error"]["code"]


# --- upload -----------------------------------------------------------------------------------------------------------


async def test_the_protocol_from_start_to_end(client: Client, sandbox: Sandbox) -> None:
    await tune(sandbox, relapse=True)
    started = await client.start()
    assert started.headers["content-type"] == "application/json; charset=utf-8"
    body = started.json()
    assert body["error"]["code"] == "ok" and body["error"]["message"] == ""
    publish_id, url = body["data"]["publish_id"], body["data"]["upload_url"]
    assert publish_id.startswith("v_pub_file~v2-1.") and len(publish_id) <= 64 and len(url) <= 256
    assert "upload_id=" in url and "upload_token=" in url
    for start in range(0, LAST, CHUNK):
        answer = await client.put(url, start, start + CHUNK)
        assert (answer.status_code, answer.content) == (206, b"")
        assert answer.headers["content-range"] == f"bytes 0-{start + CHUNK - 1}/{TOTAL}"
    told = (await client.status(publish_id))["data"]
    assert (told["status"], told["uploaded_bytes"]) == ("PROCESSING_UPLOAD", LAST)
    assert await sandbox.posts() == []
    answer = await client.put(url, LAST, TOTAL)
    assert (answer.status_code, answer.headers["content-range"]) == (201, f"bytes 0-{TOTAL - 1}/{TOTAL}")
    seen = [(await client.status(publish_id))["data"] for _ in range(4)]
    wanted = ["PROCESSING_UPLOAD", "PUBLISH_COMPLETE", "PROCESSING_UPLOAD", "PUBLISH_COMPLETE"]
    assert [data["status"] for data in seen] == wanted
    [post] = await sandbox.posts()
    assert [data["publicaly_available_post_id"] for data in seen] == [[], [], [], [int(post["post_id"])]]
    assert (post["sha256"], post["text"], post["account"]) == (SHA, "A title", "main")


async def test_positions_that_do_not_fit(client: Client, sandbox: Sandbox) -> None:
    url = (await client.start()).json()["data"]["upload_url"]
    ahead = await client.put(url, CHUNK, 2 * CHUNK)
    assert (ahead.status_code, ahead.headers["content-range"]) == (416, f"bytes 0-0/{TOTAL}")
    await client.put(url, 0, CHUNK)
    again = await client.put(url, 0, CHUNK)
    assert (again.status_code, again.headers["content-range"]) == (416, f"bytes 0-{CHUNK - 1}/{TOTAL}")
    await tune(sandbox, reput_status=206, count_in_range=True)
    again = await client.put(url, 0, CHUNK)
    assert (again.status_code, again.headers["content-range"]) == (206, f"bytes 0-{CHUNK}/{TOTAL}")
    assert (await client.put(url, CHUNK, 2 * CHUNK - 1)).status_code == 400
    assert (await client.put(url, CHUNK, 2 * CHUNK, **{"Content-Type": "text/plain"})).status_code == 400
    assert (await client.put(url, CHUNK, 2 * CHUNK, **{"Content-Range": "bytes 0-5/9"})).status_code == 400
    assert (await client.put(url + "x", CHUNK, 2 * CHUNK)).status_code == 404
    await sandbox.settings(clock_offset_s=3_601)
    assert (await client.put(url, CHUNK, 2 * CHUNK)).status_code == 403


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ({"video_size": 50_000_123, "chunk_size": 10_000_000, "total_chunk_count": 5}, (200, "ok")),
        ({"video_size": 64_000_001, "chunk_size": 64_000_000, "total_chunk_count": 1}, (200, "ok")),
        ({"video_size": 150_000_000, "chunk_size": 64_000_000, "total_chunk_count": 2}, (200, "ok")),
        ({"video_size": 4_999_999, "chunk_size": 4_999_999, "total_chunk_count": 1}, (200, "ok")),
        ({"video_size": 4_999_999, "chunk_size": 10_000_000, "total_chunk_count": 1}, (400, "invalid_params")),
        ({"video_size": 50_000_123, "chunk_size": 10_000_000, "total_chunk_count": 6}, (400, "invalid_params")),
        ({"video_size": 50_000_123, "chunk_size": 4_999_999, "total_chunk_count": 10}, (400, "invalid_params")),
        ({"video_size": 150_000_000, "chunk_size": 64_000_001, "total_chunk_count": 2}, (400, "invalid_params")),
        ({"video_size": 0, "chunk_size": 0, "total_chunk_count": 0}, (400, "invalid_params")),
        ({"source": "PULL_FROM_URL", "video_url": "https://example.org/v"}, (403, "url_ownership_unverified")),
        ({"source": "OTHER"}, (400, "invalid_params")),
    ],
)
async def test_the_chunk_rule(
    client: Client, sandbox: Sandbox, source: dict[str, Any], wanted: tuple[int, str]
) -> None:
    await tune(sandbox, min_chunk=5_000_000)
    answer = await client.start(**source)
    assert (answer.status_code, answer.json()["error"]["code"]) == wanted


@pytest.mark.parametrize(
    ("info", "wanted"),
    [
        ({"title": "\U0001f419" * 1_100}, (200, "ok")),
        ({"title": "\U0001f419" * 1_100 + "x"}, (400, "invalid_params")),
        ({"privacy_level": "EVERYONE"}, (400, "invalid_params")),
        ({"privacy_level": None}, (400, "invalid_params")),
        ({"privacy_level": "FOLLOWER_OF_CREATOR"}, (403, "privacy_level_option_mismatch")),
        ({"is_aigc": "yes"}, (400, "invalid_params")),
        ({"brand_content_toggle": True, "privacy_level": "SELF_ONLY"}, (400, "invalid_params")),
    ],
)
async def test_what_an_init_may_say(client: Client, info: dict[str, Any], wanted: tuple[int, str]) -> None:
    answer = await client.start(info)
    assert (answer.status_code, answer.json()["error"]["code"]) == wanted


async def test_two_inits_are_two_posts(client: Client, sandbox: Sandbox) -> None:
    assert await client.upload() != await client.upload()
    assert [post["sha256"] for post in await sandbox.posts()] == [SHA, SHA]


async def test_a_cancelled_upload(client: Client) -> None:
    data = (await client.start()).json()["data"]
    cancelled = await client.post("post/publish/cancel/", {"publish_id": data["publish_id"]})
    assert cancelled.json()["error"]["code"] == "ok"
    told = (await client.status(data["publish_id"]))["data"]
    assert (told["status"], told["fail_reason"]) == ("FAILED", "publish_cancelled")
    assert (await client.put(data["upload_url"], 0, CHUNK)).status_code == 403
    whole = await client.upload()
    assert code(await client.post("post/publish/cancel/", {"publish_id": whole})) == (400, "publish_not_cancellable")
    assert code(await client.post("post/publish/cancel/", {"publish_id": "x"})) == (400, "invalid_publish_id")


async def test_another_users_upload(client: Client, sandbox: Sandbox) -> None:
    publish_id = (await client.start()).json()["data"]["publish_id"]
    other = await Client(sandbox, "other").sign_in()
    told = await other.status(publish_id)
    assert told["error"]["code"] == "token_not_authorized_for_specified_publish_id"


# --- limits -----------------------------------------------------------------------------------------------------------


async def test_limits_slide_over_a_minute(client: Client, sandbox: Sandbox) -> None:
    publish_id = (await client.start()).json()["data"]["publish_id"]
    for _ in range(5):
        assert (await client.start()).status_code == 200
    assert code(await client.start()) == (429, "rate_limit_exceeded")
    assert "retry-after" not in (await client.start()).headers
    for _ in range(20):
        assert (await client.post("post/publish/creator_info/query/", {})).status_code == 200
    assert code(await client.post("post/publish/creator_info/query/", {})) == (429, "rate_limit_exceeded")
    codes = [(await client.status(publish_id))["error"]["code"] for _ in range(31)]
    assert codes == ["ok"] * 30 + ["rate_limit_exceeded"]
    other = await Client(sandbox, "other").sign_in()
    assert (await other.start()).status_code == 200
    await sandbox.settings(clock_offset_s=61)
    assert (await client.start()).status_code == 200


async def test_posts_of_24_hours(client: Client, sandbox: Sandbox) -> None:
    await tune(sandbox, posts_per_day=2, inits_per_minute=20)
    waiting = (await client.start()).json()["data"]
    for _ in range(2):
        await client.upload()
    assert code(await client.start()) == (403, "spam_risk_too_many_posts")
    assert code(await client.post("post/publish/creator_info/query/", {})) == (403, "spam_risk_too_many_posts")
    for start in range(0, LAST + 1, CHUNK):
        await client.put(waiting["upload_url"], start, TOTAL if start == LAST else start + CHUNK)
    seen = [(await client.status(waiting["publish_id"]))["data"] for _ in range(2)]
    assert (seen[1]["status"], seen[1]["fail_reason"]) == ("FAILED", "spam_risk_too_many_posts")
    assert len(await sandbox.posts()) == 2
    await sandbox.settings(clock_offset_s=86_401)
    await client.sign_in()
    assert (await client.start()).status_code == 200


async def test_drafts_in_the_inbox(client: Client, sandbox: Sandbox) -> None:
    await tune(sandbox, pending_per_day=1, processing_polls=0)
    source = {"source": "FILE_UPLOAD", "video_size": 7, "chunk_size": 7, "total_chunk_count": 1}
    data = (await client.post("post/publish/inbox/video/init/", {"source_info": source})).json()["data"]
    assert data["publish_id"].startswith("v_inbox_file~v2-1.")
    headers = {"Content-Type": "video/mp4", "Content-Range": "bytes 0-6/7"}
    assert (await client.http.put(data["upload_url"], content=b"0123456", headers=headers)).status_code == 201
    assert (await client.status(data["publish_id"]))["data"]["status"] == "SEND_TO_USER_INBOX"
    refused = await client.post("post/publish/inbox/video/init/", {"source_info": source})
    assert code(refused) == (403, "spam_risk_too_many_pending_share")
    assert [post["sha256"] for post in await sandbox.posts()] == [hashlib.sha256(b"0123456").hexdigest()]


async def test_an_unaudited_application(client: Client, sandbox: Sandbox) -> None:
    await tune(sandbox, unaudited=True)
    only_me = {"privacy_level": "SELF_ONLY"}
    assert code(await client.start(only_me)) == (403, "unaudited_client_can_only_post_to_private_accounts")
    await tune(sandbox, private_accounts=["main"])
    info = (await client.post("post/publish/creator_info/query/", {})).json()["data"]
    assert info["privacy_level_options"] == ["SELF_ONLY"]
    assert (await client.start(only_me)).status_code == 200
    assert code(await client.start()) == (403, "privacy_level_option_mismatch")


# --- OAuth ------------------------------------------------------------------------------------------------------------


async def test_refresh_tokens_rotate(client: Client, sandbox: Sandbox) -> None:
    first = (await client.token()).json()
    assert first["token_type"] == "Bearer" and first["expires_in"] == 86_400
    assert first["refresh_expires_in"] == 31_536_000 and first["open_id"] == open_id("main")
    assert first["scope"] == "user.info.basic,video.upload,video.publish,video.list"
    second = (await client.token(refresh_token=first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    spent = await client.token(refresh_token=first["refresh_token"])
    assert spent.status_code == 400 and set(spent.json()) == {"error", "error_description", "log_id"}
    assert spent.json()["error"] == "invalid_grant"
    as_access = await Client(sandbox).post("post/publish/creator_info/query/", {})
    assert code(as_access) == (401, "access_token_invalid")
    await tune(sandbox, seed_once=True)
    seen = [(await client.token()).status_code for _ in range(2)]
    assert seen == [200, 400]


async def test_what_oauth_refuses(client: Client, sandbox: Sandbox) -> None:
    wrong = await client.http.post(
        f"{client.url}/v2/oauth/token/",
        data={"client_id": "key", "client_secret": "s", "grant_type": "refresh_token", "refresh_token": "rft.x"},
    )
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert (await client.token(grant_type="password")).json()["error"] == "unsupported_grant_type"
    assert (await client.token(grant_type="authorization_code", code="code.sandbox-new")).status_code == 200
    await sandbox.settings(revoked=["main"])
    assert (await client.token()).json()["error"] == "invalid_grant"
    await tune(sandbox, oauth_error_status=200)
    revoked = await client.token()
    assert (revoked.status_code, revoked.json()["error"]) == (200, "invalid_grant")
    token = client.headers["Authorization"].split()[1]
    revoked = await client.http.post(f"{client.url}/v2/oauth/revoke/", data={"token": token})
    assert (revoked.status_code, revoked.json()) == (200, {})
    assert code(await client.start()) == (401, "access_token_invalid")


async def test_tokens_end_by_themselves(client: Client, sandbox: Sandbox) -> None:
    await sandbox.settings(clock_offset_s=86_401)
    assert code(await client.start()) == (401, "access_token_invalid")


# --- reads ------------------------------------------------------------------------------------------------------------


async def test_videos_are_listed_when_public(client: Client, sandbox: Sandbox) -> None:
    title = "word " * 40
    for info in ({"title": title}, {"privacy_level": "SELF_ONLY"}, {"title": "two"}):
        await client.upload(**info)
    newest, _, oldest = await sandbox.posts()
    fields = "id,create_time,video_description,share_url"
    first = (await client.post("video/list/", {"max_count": 1}, fields=fields)).json()["data"]
    assert [video["id"] for video in first["videos"]] == [newest["post_id"]] and first["has_more"] is True
    second = (await client.post("video/list/", {"cursor": first["cursor"]}, fields=fields)).json()["data"]
    [video] = second["videos"]
    assert (video["id"], video["video_description"]) == (oldest["post_id"], title[:150])
    assert second["has_more"] is False and set(video) == set(fields.split(","))
    wanted = {"filters": {"video_ids": [oldest["post_id"], "1"]}}
    found = (await client.post("video/query/", wanted, fields="id")).json()["data"]["videos"]
    assert found == [{"id": oldest["post_id"]}]
    assert code(await client.post("video/list/", {"max_count": 21}, fields="id")) == (400, "invalid_params")
    assert code(await client.post("video/list/", {}, fields="password")) == (400, "invalid_params")
    await tune(sandbox, moderation_s=60.0)
    assert (await client.post("video/list/", {}, fields="id")).json()["data"]["videos"] == []


async def test_user_info_and_the_page(client: Client, sandbox: Sandbox) -> None:
    fields = {"fields": "open_id,username"}
    answer = await client.http.get(f"{client.url}/v2/user/info/", params=fields, headers=client.headers)
    assert answer.json()["data"]["user"] == {"open_id": open_id("main"), "username": "main"}
    await client.upload()
    [post] = await sandbox.posts()
    page = await client.http.get(f"{client.url}/@main/video/{post['post_id']}", follow_redirects=True)
    assert page.status_code == 200 and SHA in page.text


def test_a_window_that_slides(tmp_path: Any) -> None:
    store = SandboxStore(tmp_path)
    seen = []
    for offset in (0, 10, 20, 59, 61, 71, 72):
        store.change_settings({"clock_offset_s": offset})
        seen.append(store.charge_sliding("a", "b", 60, 2))
    assert seen == [1, 0, -1, -1, 0, 0, -1]
    assert store.charge_sliding("other", "b", 60, 2) == 1
    store.close()
