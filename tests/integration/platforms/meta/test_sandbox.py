"""The sandbox's Graph API by golden vectors: what the real one puts on the wire (docs/platforms/instagram.md,
docs/platforms/facebook.md, docs/platforms/README.md#sandbox)."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from sandbox.meta.accounts import instagram_user, page_of, sandbox_account

from ...conftest import Sandbox

DATA = hashlib.shake_256(b"graph").digest(500_000)
SHA = hashlib.sha256(DATA).hexdigest()
USER, PAGE = instagram_user("main"), page_of("main")
ROOT = "EAAsandbox-main"


class Graph:
    """A bare client; the token goes into the query, as the SDK sends it."""

    def __init__(self, sandbox: Sandbox, token: str = ROOT, version: str = "/v26.0") -> None:
        self.sandbox = sandbox
        self.token = token
        self.version = version

    async def call(self, method: str, path: str, **rest: Any) -> httpx.Response:
        params = {"access_token": self.token, **rest.pop("params", {})}
        return await self.sandbox.client.request(
            method, f"{self.sandbox.url}{self.version}/{path}", params=params, **rest
        )

    async def get(self, path: str, **params: str) -> Any:
        return (await self.call("GET", path, params=params)).json()

    async def post(self, path: str, **form: str) -> Any:
        return (await self.call("POST", path, data=form)).json()

    async def rupload(self, url: str, data: bytes = DATA, offset: int = 0, size: int = 0, scheme: str = "OAuth") -> Any:
        headers = {
            "Authorization": f"{scheme} {self.token}",
            "offset": str(offset),
            "file_size": str(size or len(DATA)),
        }
        return (await self.sandbox.client.post(url, content=data, headers=headers)).json()

    async def container(self, **form: str) -> tuple[str, str]:
        made = await self.post(f"{USER}/media", upload_type="resumable", **{"media_type": "REELS", **form})
        return made["id"], made["uri"]


@pytest.fixture
def graph(sandbox: Sandbox) -> Graph:
    return Graph(sandbox)


def code_of(body: Any) -> tuple[int, int]:
    return body["error"]["code"], body["error"].get("error_subcode", 0)


async def set_to(sandbox: Sandbox, platform: str, **changes: Any) -> None:
    await sandbox.post(f"settings/{platform}", changes)


# --- the envelope, the doors ----------------------------------------------------------------------------------------


async def test_parameters_come_any_way_and_versions_are_optional(sandbox: Sandbox) -> None:
    form = {"upload_type": "resumable", "media_type": "REELS", "caption": "a b"}
    for version in ("/v26.0", "/v21.0", ""):
        graph = Graph(sandbox, version=version)
        for ways in ({"data": form}, {"params": form}, {"json": form}):
            answer = await graph.call("POST", f"{USER}/media", **ways)
            assert answer.status_code == 200, answer.text
            assert answer.json()["uri"].endswith(f"/ig-api-upload/v26.0/{answer.json()['id']}")
    for header in ("Bearer", "OAuth"):
        plain = await sandbox.client.get(
            f"{sandbox.url}/v26.0/{USER}?fields=username", headers={"Authorization": f"{header} {ROOT}"}
        )
        assert plain.json() == {"id": USER, "username": "main"}


async def test_it_answers_no_other_platforms_paths(sandbox: Sandbox) -> None:
    numbers = ["/2/tweets/1234567890123456789", "/2/users/12345/tweets", "/api/v10/webhooks/123456789012345678/x"]
    words = ["/v2/post/publish/status/fetch/", "/rest/posts", "/1.1/media/upload.json", "/youtube/v3/videos"]
    for path in (*numbers, *words, "/12345/media"):
        answer = await sandbox.client.get(f"{sandbox.url}{path}", params={"access_token": ROOT})
        assert "fbtrace_id" not in answer.text and "x-app-usage" not in answer.headers, path


async def test_errors_come_in_graphs_envelope(graph: Graph, sandbox: Sandbox) -> None:
    answer = await graph.call("GET", f"{instagram_user('other')}/media")
    error = answer.json()["error"]
    assert answer.status_code == 400 and (error["code"], error["error_subcode"]) == (100, 33)
    assert error["type"] == "GraphMethodException" and error["fbtrace_id"] and error["is_transient"] is False
    dead = await Graph(sandbox, "EAAnothing").call("GET", "me")
    assert dead.status_code == 401 and code_of(dead.json()) == (190, 467)
    await sandbox.post("expire_tokens?account=main", {})
    assert code_of(await graph.get("me")) == (190, 463)
    await sandbox.settings(revoked=["main"])
    assert code_of(await graph.get("me")) == (190, 458)


async def test_a_proof_must_be_right(graph: Graph, sandbox: Sandbox) -> None:
    await set_to(sandbox, "facebook", app_secret="s", require_proof=True)
    assert "appsecret_proof" in (await graph.get("me"))["error"]["message"]
    assert "Invalid" in (await graph.get("me", appsecret_proof="0"))["error"]["message"]
    proof = hmac.new(b"s", ROOT.encode(), hashlib.sha256).hexdigest()
    assert (await graph.get("me", appsecret_proof=proof))["id"] == PAGE


async def test_throttling_is_a_400_with_minutes_in_a_header(graph: Graph, sandbox: Sandbox) -> None:
    await set_to(sandbox, "instagram", throttle_minutes=7)
    answer = await graph.call("GET", f"{USER}/media")
    assert answer.status_code == 400 and answer.json()["error"]["code"] == 80_002
    [entry] = json.loads(answer.headers["x-business-use-case-usage"])[USER]
    assert (entry["type"], entry["estimated_time_to_regain_access"]) == ("instagram", 7)
    assert "retry-after" not in answer.headers and json.loads(answer.headers["x-app-usage"])["call_count"] == 100
    page = await graph.call("GET", f"{PAGE}/videos")
    assert page.status_code == 200 and json.loads(page.headers["x-app-usage"])["call_count"] < 100


async def test_tokens_are_exchanged_while_they_live(graph: Graph, sandbox: Sandbox) -> None:
    exchange = {"grant_type": "fb_exchange_token", "client_id": "1", "client_secret": "s", "fb_exchange_token": ROOT}
    longer = await graph.get("oauth/access_token", **exchange)
    assert (longer["token_type"], longer["expires_in"]) == ("bearer", 60 * 86_400)
    assert (await Graph(sandbox, longer["access_token"]).get("me"))["id"] == PAGE
    code = (await sandbox.client.post(f"{sandbox.url}/oauth/access_token", data={"code": "sandbox-main"})).json()
    [short] = code["data"]
    assert short["user_id"] == USER
    doors = Graph(sandbox, short["access_token"], version="")
    longer = await doors.get("access_token", grant_type="ig_exchange_token", client_secret="s")
    young = Graph(sandbox, longer["access_token"], version="")
    refresh = {"grant_type": "ig_refresh_token"}
    assert "not old enough" in (await young.get("refresh_access_token", **refresh))["error"]["message"]
    await sandbox.settings(clock_offset_s=86_401.0)
    fresh = await young.get("refresh_access_token", **refresh)
    assert fresh["access_token"] not in (longer["access_token"], ROOT)
    await sandbox.settings(clock_offset_s=61 * 86_400.0)
    assert code_of(await young.get("refresh_access_token", **refresh)) == (190, 463)
    assert code_of(await graph.get("oauth/access_token", **exchange)) == (190, 463)
    await set_to(sandbox, "facebook", exchange_expired=True)
    assert (await graph.get("oauth/access_token", **exchange))["access_token"]
    assert "required" in (await graph.get("oauth/access_token"))["error"]["message"]


async def test_an_account_is_seeded_by_name(sandbox: Sandbox) -> None:
    for name in ("main", "a.b-c"):
        for platform, path in (("instagram", "{}"), ("facebook", "{}")):
            seeded = sandbox_account(name, platform)
            graph = Graph(sandbox, seeded["access_token"])
            assert (await graph.get(path.format(seeded["external_id"])))["id"] == seeded["external_id"]
    [page] = (await Graph(sandbox).get("me/accounts"))["data"]
    found = await Graph(sandbox, page["access_token"]).get("me", fields="instagram_business_account")
    assert found == {"id": PAGE, "instagram_business_account": {"id": USER}}


# --- Instagram ------------------------------------------------------------------------------------------------------


async def test_a_containers_life(graph: Graph, sandbox: Sandbox) -> None:
    await set_to(sandbox, "instagram", processing_polls=2, empty_status_polls=1, missing_polls=1)
    container, uri = await graph.container(caption="c")
    assert code_of(await graph.get(container, fields="status_code")) == (100, 33)
    assert (await graph.get(container, fields="status_code")) == {"id": container, "status_code": "IN_PROGRESS"}
    assert (await graph.rupload(uri))["success"] is True
    assert code_of(await graph.post(f"{USER}/media_publish", creation_id=container)) == (9007, 2207027)
    states = [(await graph.get(container, fields="status_code,status")) for _ in range(3)]
    assert [state["status_code"] for state in states] == ["", "IN_PROGRESS", "FINISHED"]
    assert states[0]["status"].startswith("In progress")
    media = (await graph.post(f"{USER}/media_publish", creation_id=container))["id"]
    assert media != container
    assert (await graph.get(container, fields="status_code"))["status_code"] == "PUBLISHED"
    told = await graph.get(media, fields="permalink,timestamp,caption,media_product_type")
    assert told["caption"] == "c" and told["timestamp"].endswith("+0000") and told["media_product_type"] == "REELS"
    assert (await sandbox.posts())[0]["sha256"] == SHA


async def test_containers_expire_and_count(graph: Graph, sandbox: Sandbox) -> None:
    await set_to(sandbox, "instagram", processing_polls=0, containers_per_day=2)
    container, uri = await graph.container()
    await graph.rupload(uri)
    await graph.container()
    assert code_of(await graph.post(f"{USER}/media", media_type="REELS", upload_type="resumable")) == (9, 2207042)
    await sandbox.settings(clock_offset_s=86_401.0)
    assert (await graph.get(container, fields="status_code"))["status_code"] == "EXPIRED"
    assert code_of(await graph.post(f"{USER}/media_publish", creation_id=container)) == (24, 2207008)
    await graph.container()


@pytest.mark.parametrize(("second", "posts"), [("post", 2), ("error", 1)])
async def test_a_second_publish_is_what_it_is_set_to(graph: Graph, sandbox: Sandbox, second: str, posts: int) -> None:
    await set_to(sandbox, "instagram", processing_polls=0, second_publish=second)
    container, uri = await graph.container(caption="twice")
    await graph.rupload(uri)
    await asyncio.gather(*(graph.post(f"{USER}/media_publish", creation_id=container) for _ in range(2)))
    assert [post["sha256"] for post in await sandbox.posts()] == [SHA] * posts
    limit = (await graph.get(f"{USER}/content_publishing_limit", fields="quota_usage,config"))["data"][0]
    assert limit == {"quota_usage": posts, "config": {"quota_total": 50, "quota_duration": 86_400}}


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"media_type": "VIDEO"}, (100, 2207023)),
        ({"caption": "x" * 2_201}, (36004, 2207010)),
        ({"caption": "#a " * 31}, (36004, 2207010)),
        ({"caption": "@a " * 21}, (36004, 2207010)),
        ({"is_ai_generated": "perhaps"}, (100, 0)),
        ({"thumb_offset": "-1"}, (1, 2207057)),
        ({"upload_type": ""}, (100, 0)),
    ],
)
async def test_containers_are_checked(graph: Graph, form: dict[str, str], code: tuple[int, int]) -> None:
    body = await graph.post(f"{USER}/media", **{"upload_type": "resumable", "media_type": "REELS", **form})
    assert code_of(body) == code


async def test_rupload_has_an_envelope_of_its_own(graph: Graph, sandbox: Sandbox) -> None:
    _, uri = await graph.container()
    assert (await graph.rupload(uri, scheme="Bearer"))["debug_info"]["type"] == "NotAuthorizedError"
    assert (await graph.rupload(uri, offset=5))["debug_info"]["type"] == "OffsetInvalidError"
    short = (await graph.rupload(uri, DATA[:1_000]))["debug_info"]
    assert short == {
        "retriable": True, "type": "PartialRequestError", "message": "The request is shorter than the file it announces"
    }  # fmt: skip
    assert (await graph.rupload(uri, DATA))["debug_info"]["type"] == "OffsetInvalidError"
    assert (await graph.rupload(uri, DATA[1_000:], 1_000, size=7))["debug_info"]["type"] == "ParameterError"
    assert (await graph.rupload(uri, DATA[1_000:], 1_000))["success"] is True


async def test_lists_have_pages_and_stories_an_edge_of_their_own(graph: Graph, sandbox: Sandbox) -> None:
    await set_to(sandbox, "instagram", processing_polls=0)
    media = []
    for number, kind in enumerate(("REELS", "STORIES", "REELS", "REELS")):
        container, uri = await graph.container(media_type=kind, caption=str(number))
        await graph.rupload(uri)
        media.append((await graph.post(f"{USER}/media_publish", creation_id=container))["id"])
    first = await graph.get(f"{USER}/media", fields="caption", limit="2")
    assert [item["caption"] for item in first["data"]] == ["3", "2"] and "next" in first["paging"]
    second = await graph.get(f"{USER}/media", limit="2", after=first["paging"]["cursors"]["after"])
    assert [item["id"] for item in second["data"]] == [media[0]] and "next" not in second["paging"]
    stories = (await graph.get(f"{USER}/stories", fields="caption,media_product_type"))["data"]
    assert stories == [{"id": media[1], "media_product_type": "STORY"}]
    await sandbox.settings(clock_offset_s=86_401.0)
    assert (await graph.get(f"{USER}/stories"))["data"] == []


# --- Facebook -------------------------------------------------------------------------------------------------------


async def test_a_reels_phases_are_misspelt(graph: Graph, sandbox: Sandbox) -> None:
    made = await graph.post(f"{PAGE}/video_reels", upload_phase="start")
    video, url = made["video_id"], made["upload_url"]
    await graph.rupload(url, DATA[:100])
    status = (await graph.get(video, fields="status"))["status"]
    assert status["uploading_phase"] == {"status": "in_progress", "bytes_transfered": 100}
    assert status["publishing_phase"] == {"status": "not_started", "publish_status": "draft"}
    early = await graph.post(f"{PAGE}/video_reels", upload_phase="finish", video_id=video, video_state="PUBLISHED")
    assert code_of(early) == (6000, 1363019)
    await graph.rupload(url, DATA[100:], 100)
    for _ in range(2):  # finished twice, it is one post
        done = await graph.post(f"{PAGE}/video_reels", upload_phase="FINISH", video_id=video, video_state="PUBLISHED")
        assert done == {"success": True, "post_id": video}
    states = [(await graph.get(video, fields="status"))["status"]["video_status"] for _ in range(2)]
    assert states == ["processing", "ready"]
    assert (await graph.get(video, fields="permalink_url"))["permalink_url"] == f"/watch?v={video}"
    assert len(await sandbox.posts()) == 1
    assert (await graph.call("DELETE", f"{video}/")).json() == {"success": True}
    assert code_of(await graph.get(video)) == (100, 33)


async def test_a_draft_is_no_post(graph: Graph, sandbox: Sandbox) -> None:
    made = await graph.post(f"{PAGE}/video_reels", upload_phase="start")
    await graph.rupload(made["upload_url"])
    await graph.post(f"{PAGE}/video_reels", upload_phase="finish", video_id=made["video_id"], video_state="DRAFT")
    assert await sandbox.posts() == []


async def test_classic_offsets_are_text_and_windows_the_servers(graph: Graph, sandbox: Sandbox) -> None:
    await set_to(sandbox, "facebook", window=300_000)
    made = await graph.post(f"{PAGE}/videos", upload_phase="start", file_size=str(len(DATA)))
    assert (made["start_offset"], made["end_offset"]) == ("0", "300000")
    upload = {"upload_phase": "transfer", "upload_session_id": made["upload_session_id"]}

    async def transfer(start: int, data: bytes) -> Any:
        form = {**upload, "start_offset": str(start)}
        answer = await graph.call("POST", f"{PAGE}/videos", data=form, files={"video_file_chunk": ("x", data)})
        return answer.json()

    wrong = (await transfer(7, DATA[:10]))["error"]
    assert wrong["error_subcode"] == 1363037 and wrong["error_data"] == {"start_offset": "0", "end_offset": "300000"}
    assert await transfer(0, DATA) == {"start_offset": "300000", "end_offset": "500000"}, "no more than its window"
    assert await transfer(300_000, DATA[300_000:]) == {"start_offset": "500000", "end_offset": "500000"}
    form = {**upload, "upload_phase": "finish", "title": "T"}
    assert (await graph.post(f"{PAGE}/videos", **form))["success"] is True
    [post] = await sandbox.posts()
    assert (post["post_id"], post["sha256"], post["title"]) == (made["video_id"], SHA, "T")


async def test_captions_are_named_after_their_locale(graph: Graph) -> None:
    made = await graph.post(f"{PAGE}/video_reels", upload_phase="start")
    await graph.rupload(made["upload_url"])
    video = made["video_id"]
    await graph.post(f"{PAGE}/video_reels", upload_phase="finish", video_id=video, video_state="PUBLISHED")
    track = b"1\n00:00:00,000 --> 00:00:01,000\nHi\n"
    for name, body, good in (("x.srt", track, False), ("x.en_US.srt", b"no", False), ("x.en_US.srt", track, True)):
        answer = await graph.call("POST", f"{video}/captions", files={"captions_file": (name, body)})
        assert ("success" in answer.json()) is good
    assert (await graph.get(f"{video}/captions"))["data"] == [{"locale": "en_US", "locale_name": "en_US"}]
