"""The sandbox's X on the wire, and X's own client and tweepy against it, unmodified but for the address."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter

from sandbox.x.accounts import user_id
from tests.lazily import Lazily

from ...conftest import Sandbox
from .kit import SHA, VIDEO, Tokens

tweepy, xdk = Lazily("tweepy"), Lazily("xdk")
media_models, post_models = Lazily("xdk.media.models"), Lazily("xdk.posts.models")


class Wire:
    """Requests with a token, and what X answered."""

    def __init__(self, sandbox: Sandbox, client: httpx.AsyncClient) -> None:
        self.sandbox = sandbox
        self.tokens = Tokens(sandbox, client)
        self._client = client

    async def __call__(self, method: str, path: str, account: str = "main", **rest: Any) -> httpx.Response:
        token = await self.tokens.access_token(account)
        headers = {"Authorization": f"Bearer {token}", **rest.pop("headers", {})}
        return await self._client.request(method, self.sandbox.url + path, headers=headers, **rest)

    async def token(self, **rest: Any) -> httpx.Response:
        return await self._client.post(f"{self.sandbox.url}/2/oauth2/token", **rest)

    async def settings(self, **changes: Any) -> None:
        await self.sandbox.post("settings/x", changes)

    async def uploaded(self, data: bytes = VIDEO, account: str = "main") -> str:
        body = {"media_type": "video/mp4", "total_bytes": len(data), "media_category": "tweet_video"}
        opened = await self("POST", "/2/media/upload/initialize", account, json=body)
        path = f"/2/media/upload/{opened.json()['data']['id']}"
        form: dict[str, Any] = {"data": {"segment_index": "0"}, "files": {"media": ("blob", data)}}
        assert (await self("POST", f"{path}/append", account, **form)).status_code == 200
        done = await self("POST", f"{path}/finalize", account)
        assert done.json()["data"]["processing_info"]["state"] == "pending"
        media_id = str(done.json()["data"]["id"])
        while (await self.status(media_id, account))["state"] not in ("succeeded", "failed"):
            await asyncio.sleep(0)
        return media_id

    async def status(self, media_id: str, account: str = "main") -> dict[str, Any]:
        answer = await self("GET", "/2/media/upload", account, params={"media_id": media_id})
        info: dict[str, Any] = answer.json()["data"]["processing_info"]
        return info


@pytest.fixture
async def wire(sandbox: Sandbox) -> AsyncIterator[Wire]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield Wire(sandbox, client)


# --- tokens ---------------------------------------------------------------------------------------------------------


async def test_refresh_tokens_are_good_once(wire: Wire) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x-sandbox-main"}
    first = await wire.token(data=form, auth=("id", "secret"))
    assert first.status_code == 200 and first.json()["token_type"] == "bearer" and first.json()["expires_in"] == 7_200
    again = await wire.token(data=form, auth=("id", "secret"))
    assert (again.status_code, again.json()) == (
        400,
        {"error": "invalid_request", "error_description": "Value passed for the token was invalid."},
    )
    form["refresh_token"] = first.json()["refresh_token"]
    await wire.sandbox.post("expire_tokens", {})  # access tokens only
    second = await wire.token(data={**form, "client_id": "public"})
    assert second.status_code == 200 and second.json()["refresh_token"] != form["refresh_token"]
    assert (await wire.token(data=form, auth=("id", "secret"))).status_code == 400
    assert (await wire.token(data={**form, "refresh_token": second.json()["refresh_token"]})).status_code == 401


async def test_a_token_of_another_platform_is_none(wire: Wire, http: httpx.AsyncClient) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "1//sandbox-main", "client_id": "i", "client_secret": "s"}
    other = (await http.post(f"{wire.sandbox.url}/token", data=form)).json()["access_token"]
    answer = await http.get(f"{wire.sandbox.url}/2/users/me", headers={"Authorization": f"Bearer {other}"})
    assert answer.status_code == 401 and answer.json()["title"] == "Unauthorized"


async def test_who_one_is(wire: Wire) -> None:
    me = (await wire("GET", "/2/users/me")).json()["data"]
    assert me["id"] == user_id("main") and me["id"].isdigit()
    assert user_id("second") != me["id"]


# --- bodies ---------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[str, dict[str, Any], int]] = {
    "unknown field of a post": ("/2/tweets", {"text": "x", "status": "y"}, 400),
    "unknown field of its media": ("/2/tweets", {"text": "x", "media": {"media_ids": ["1"], "alt": 1}}, 400),
    "nothing to post": ("/2/tweets", {"text": " "}, 400),
    "one sign too many": ("/2/tweets", {"text": "あ" * 140 + "a"}, 403),
    "an upload that is none": ("/2/tweets", {"text": "x", "media": {"media_ids": ["123"]}}, 400),
    "an id as a number": ("/2/tweets", {"text": "x", "media": {"media_ids": [123]}}, 400),
    "a reply to nothing": ("/2/tweets", {"text": "x", "reply": {"in_reply_to_tweet_id": "1"}}, 403),
    "unknown field of an upload": ("/2/media/upload/initialize", {"total_bytes": 5, "command": "INIT"}, 400),
    "a video of another type": (
        "/2/media/upload/initialize",
        {"total_bytes": 5, "media_type": "video/avi", "media_category": "tweet_video"},
        400,
    ),
    "an upload nobody knows": ("/2/media/upload/77/finalize", {}, 400),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused_is_refused_in_x_words(wire: Wire, name: str) -> None:
    path, body, status = REFUSED[name]
    answer = await wire("POST", path, json=body)
    assert answer.status_code == status and answer.json()["status"] == status
    assert {"title", "detail", "type"} <= answer.json().keys()
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert "x-rate-limit-remaining" in answer.headers
    assert await wire.sandbox.posts() == []


async def test_the_longest_text_is_taken(wire: Wire) -> None:
    assert (await wire("POST", "/2/tweets", json={"text": "あ" * 140})).status_code == 201


async def test_segments_in_any_order_and_again(wire: Wire) -> None:
    body = {"media_type": "video/mp4", "total_bytes": 9, "media_category": "tweet_video"}
    opened = await wire("POST", "/2/media/upload/initialize", json=body)
    media_id = opened.json()["data"]["id"]
    path = f"/2/media/upload/{media_id}"
    too_early = await wire("POST", f"{path}/finalize")
    assert "do not add up" in too_early.text
    for index, data in ((2, b"ghi"), (0, b"xxx"), (1, b"def"), (0, b"abc")):
        segment = {"media": base64.b64encode(data).decode(), "segment_index": index}
        assert (await wire("POST", f"{path}/append", json=segment)).status_code == 200
    assert (await wire("POST", f"{path}/finalize")).json()["data"]["size"] == 9
    assert (await wire("POST", f"{path}/finalize")).status_code == 200
    assert (await wire("POST", "/2/tweets", json={"media": {"media_ids": [media_id]}})).status_code == 400
    while (await wire.status(media_id))["state"] != "succeeded":
        continue
    assert (await wire("POST", "/2/tweets", json={"media": {"media_ids": [media_id]}})).status_code == 201
    assert (await wire.sandbox.posts())[0]["sha256"] == hashlib.sha256(b"abcdefghi").hexdigest()


async def test_an_upload_is_its_owners_alone(wire: Wire) -> None:
    media_id = await wire.uploaded()
    body = {"text": "mine?", "media": {"media_ids": [media_id]}}
    assert (await wire("POST", "/2/tweets", "second", json=body)).status_code == 400
    assert (await wire("GET", "/2/media/upload", "second", params={"media_id": media_id})).status_code == 400


# --- posts ----------------------------------------------------------------------------------------------------------


async def test_the_same_upload_twice_makes_two_posts(wire: Wire) -> None:
    media_id = await wire.uploaded()
    for text in ("once", "twice"):
        body = {"text": text, "media": {"media_ids": [media_id]}}
        assert (await wire("POST", "/2/tweets", json=body)).status_code == 201
    assert [post["sha256"] for post in await wire.sandbox.posts()] == [SHA, SHA]
    same = await wire("POST", "/2/tweets", json={"text": "once", "media": {"media_ids": [media_id]}})
    assert (same.status_code, "duplicate content" in same.json()["detail"]) == (403, True)
    await wire.settings(refuse_duplicates=False)
    assert (await wire("POST", "/2/tweets", json={"text": "once"})).status_code == 201


async def test_the_timeline_and_what_it_shows(wire: Wire) -> None:
    media_id = await wire.uploaded()
    body = {"text": "a & b https://example.com/long", "media": {"media_ids": [media_id]}, "made_with_ai": True}
    post_id = (await wire("POST", "/2/tweets", json=body)).json()["data"]["id"]
    reply = {"text": "and c", "reply": {"in_reply_to_tweet_id": post_id}}
    reply_id = (await wire("POST", "/2/tweets", json=reply)).json()["data"]["id"]
    path = f"/2/users/{user_id('main')}/tweets"
    plain = (await wire("GET", path)).json()
    assert [sorted(item) for item in plain["data"]] == [["edit_history_tweet_ids", "id", "text"]] * 2
    params = {
        "expansions": "attachments.media_keys",
        "tweet.fields": "conversation_id,referenced_tweets,public_metrics",
    }
    listed = (await wire("GET", path, params=params)).json()
    first, second = listed["data"]
    assert (first["id"], second["id"], listed["meta"]["result_count"]) == (reply_id, post_id, 2)
    assert first["conversation_id"] == post_id and first["referenced_tweets"][0]["type"] == "replied_to"
    assert second["attachments"]["media_keys"] == [f"7_{media_id}"] and second["public_metrics"]["like_count"] == 0
    assert "a &amp; b https://t.co/" in second["text"] and "example.com" not in second["text"]
    renamed = (await wire("GET", path, params={"post.fields": "referenced_posts", "exclude": "replies"})).json()
    assert [item["id"] for item in renamed["data"]] == [post_id]
    assert (await wire("GET", path, params={"max_results": "4"})).status_code == 400
    assert (await wire("GET", path, params={"tweet.fields": "likes"})).status_code == 400


async def test_a_look_up_of_what_is_not_there_is_200(wire: Wire) -> None:
    post_id = (await wire("POST", "/2/tweets", json={"text": "here"})).json()["data"]["id"]
    both = await wire("GET", "/2/tweets", params={"ids": f"{post_id},99", "tweet.fields": "public_metrics"})
    assert both.status_code == 200 and [item["id"] for item in both.json()["data"]] == [post_id]
    assert [error["resource_id"] for error in both.json()["errors"]] == ["99"]
    await wire.settings(listed_after_s=3_600.0)
    late = await wire("GET", f"/2/tweets/{post_id}")
    assert late.status_code == 200 and "data" not in late.json()


async def test_only_ones_own_posts_are_deleted_and_answered(wire: Wire) -> None:
    post_id = (await wire("POST", "/2/tweets", json={"text": "mine"})).json()["data"]["id"]
    reply = {"text": "hello", "reply": {"in_reply_to_tweet_id": post_id}}
    stranger = await wire("POST", "/2/tweets", "second", json=reply)
    assert stranger.status_code == 403 and "Reply to this conversation is not allowed" in stranger.json()["detail"]
    assert (await wire("DELETE", f"/2/tweets/{post_id}", "second")).status_code == 403
    for _ in range(2):
        assert (await wire("DELETE", f"/2/tweets/{post_id}")).json() == {"data": {"deleted": True}}
    assert await wire.sandbox.posts() == []


async def test_windows_headers_and_money(wire: Wire) -> None:
    await wire.settings(posts_per_quarter=2, credits_mills=220)
    first = await wire("POST", "/2/tweets", json={"text": "one"})
    assert first.headers["x-rate-limit-limit"] == "2" and first.headers["x-rate-limit-remaining"] == "1"
    assert int(first.headers["x-rate-limit-reset"]) % 900 == 0
    assert first.headers["x-app-limit-24hour-remaining"] == "9999"
    assert (await wire("POST", "/2/tweets", json={"text": "two https://example.com"})).status_code == 201
    over = await wire("POST", "/2/tweets", json={"text": "three"})
    assert over.status_code == 429 and over.headers["x-rate-limit-remaining"] == "0"
    assert over.json()["type"] == "about:blank"
    await wire.sandbox.settings(clock_offset_s=900.0)
    broke = await wire("POST", "/2/tweets", json={"text": "four"})
    assert (broke.status_code, broke.json()["title"]) == (402, "Payment Required")
    await wire.settings(credits_shape="credits")
    assert (await wire("POST", "/2/tweets", json={"text": "four"})).json()["title"] == "CreditsDepleted"
    await wire.settings(usage_capped=True, posts_per_quarter=9)
    capped = await wire("POST", "/2/tweets", json={"text": "five"})
    assert (capped.status_code, capped.json()["title"]) == (429, "UsageCapExceeded")
    assert int(capped.headers["x-rate-limit-remaining"]) > 0
    assert len(await wire.sandbox.posts()) == 2


# --- real clients ---------------------------------------------------------------------------------------------------


def _with_xdk(url: str, token: str) -> dict[str, Any]:
    client = xdk.Client(base_url=url, access_token=token)
    client.session.trust_env = False
    asked = media_models.InitializeUploadRequest(
        media_type="video/mp4", total_bytes=len(VIDEO), media_category="tweet_video"
    )
    media_id = client.media.initialize_upload(body=asked).data.id
    for index, start in enumerate(range(0, len(VIDEO), 200_000)):
        piece = base64.b64encode(VIDEO[start : start + 200_000]).decode()
        client.media.append_upload(media_id, body=media_models.AppendUploadRequest(media=piece, segment_index=index))
    assert client.media.finalize_upload(media_id).data.size == len(VIDEO)
    for _ in range(5):
        status = client.media.get_upload_status(media_id=media_id).data
    assert status.processing_info.state == "succeeded"
    body = post_models.CreateRequest(text="by X's own client", media={"media_ids": [media_id]}, made_with_ai=True)
    post_id = client.posts.create(body=body).data.id
    me = client.users.get_me().data
    page = next(client.users.get_posts(me.id, max_results=5, post_fields=["attachments", "public_metrics"]))
    found = client.posts.get_by_id(post_id, post_fields=["public_metrics"]).data
    assert found.public_metrics is not None
    listed = page.data[0]
    reply = client.posts.create(
        body=post_models.CreateRequest(text="and on", reply={"in_reply_to_tweet_id": post_id})
    ).data.id
    assert client.posts.delete(reply).data.deleted is True
    return {"post_id": post_id, "listed": listed.id, "key": listed.attachments, "media_id": media_id}


async def test_xs_own_client(wire: Wire) -> None:
    token = await wire.tokens.access_token("main")
    told = await asyncio.to_thread(_with_xdk, wire.sandbox.url, token)
    posts = await wire.sandbox.posts()
    assert [(post["post_id"], post["sha256"]) for post in posts] == [(told["post_id"], SHA)]
    assert told["listed"] == told["post_id"] and posts[0]["meta"]["made_with_ai"] is True
    assert f"7_{told['media_id']}" in str(told["key"])


class _Rewriting(HTTPAdapter):
    """tweepy's addresses are fixed; this takes them to the sandbox after they were signed."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._base = urlsplit(url)

    def send(self, request: requests.PreparedRequest, *args: Any, **rest: Any) -> requests.Response:
        there = urlsplit(str(request.url))
        request.url = urlunsplit((self._base.scheme, self._base.netloc, there.path, there.query, ""))
        return super().send(request, *args, **rest)


def _with_tweepy(url: str, secret: str) -> str:
    keys = ("sandbox-key", "sandbox-secret", "sandbox-main", secret)
    api = tweepy.API(tweepy.OAuth1UserHandler(*keys))
    client = tweepy.Client(
        consumer_key=keys[0], consumer_secret=keys[1], access_token=keys[2], access_token_secret=keys[3]
    )
    for session in (api.session, client.session):
        session.trust_env = False
        session.mount("https://", _Rewriting(url))
    media = api.chunked_upload(
        "video.mp4", file=io.BytesIO(VIDEO), file_type="video/mp4", media_category="tweet_video", chunk_size=150_000
    )
    assert media.processing_info["state"] == "succeeded"
    answer = client.create_tweet(text="by tweepy & signed: ü", media_ids=[media.media_id])
    reply = client.create_tweet(text="the thread", in_reply_to_tweet_id=answer.data["id"])
    listed = client.get_users_tweets(user_id("main"), user_auth=True, tweet_fields=["conversation_id"])
    assert [str(tweet.id) for tweet in listed.data] == [reply.data["id"], answer.data["id"]]
    client.delete_tweet(reply.data["id"])
    return str(answer.data["id"])


async def test_tweepy_with_its_older_upload_and_oauth1(wire: Wire) -> None:
    post_id = await asyncio.to_thread(_with_tweepy, wire.sandbox.url, "sandbox-secret")
    posts = await wire.sandbox.posts()
    assert [(post["post_id"], post["sha256"], post["text"]) for post in posts] == [
        (post_id, SHA, "by tweepy & signed: ü")
    ]


async def test_a_wrong_signature_is_refused(wire: Wire) -> None:
    with pytest.raises(tweepy.Unauthorized):
        await asyncio.to_thread(_with_tweepy, wire.sandbox.url, "guessed")
    assert await wire.sandbox.posts() == []
