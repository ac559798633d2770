"""The sandbox's YouTube beyond the upload: comments, caption tracks, updates, counts and reports, quotas, consent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from ...conftest import Sandbox
from ..test_sandbox import DATA, META, SHA, SNIPPET, TOTAL, Client, reason

SRT = b"1\n00:00:00,000 --> 00:00:01,000\nHello\n"


class Caller(Client):
    """The bare client, with the calls that come after the upload."""

    async def call(self, method: str, what: str, body: Any = None, root: str = "", **params: str) -> httpx.Response:
        url = f"{self.sandbox.url}{root}/youtube/v3/{what}"
        return await self.http.request(method, url, params=params, headers=self.headers, json=body)

    async def comment(self, video_id: str, text: str) -> httpx.Response:
        told = {"videoId": video_id, "topLevelComment": {"snippet": {"textOriginal": text}}}
        return await self.call("POST", "commentThreads", {"snippet": told}, part="snippet")

    async def caption(self, video_id: str, language: str = "en", name: str = "") -> httpx.Response:
        head = json.dumps({"snippet": {"videoId": video_id, "language": language, "name": name}}).encode()
        parts = [b"--b", b"Content-Type: application/json", b"", head, b"--b", b"Content-Type: */*", b"", SRT, b"--b--"]
        headers = {**self.headers, "Content-Type": "multipart/related; boundary=b"}
        url = f"{self.sandbox.url}/upload/youtube/v3/captions?part=snippet&uploadType=multipart"
        return await self.http.post(url, headers=headers, content=b"\r\n".join(parts) + b"\r\n")


async def signed_in(sandbox: Sandbox, account: str = "main") -> Caller:
    caller = Caller(sandbox, account)
    await caller.sign_in()
    return caller


@pytest.fixture
async def client(sandbox: Sandbox) -> Caller:
    return await signed_in(sandbox)


# --- comments -------------------------------------------------------------------------------------------------------


async def test_comments_from_first_to_last(client: Caller, sandbox: Sandbox) -> None:
    video_id, fan = await client.upload(), await signed_in(sandbox, "fan")
    made = [(await fan.comment(video_id, f"Nr. {n} <b>\nbold")).json() for n in range(3)]
    top = made[0]["snippet"]["topLevelComment"]["snippet"]
    assert made[0]["kind"] == "youtube#commentThread" and top["textOriginal"] == "Nr. 0 <b>\nbold"
    reply = await client.call(
        "POST", "comments", {"snippet": {"parentId": made[0]["id"], "textOriginal": "Thanks"}}, part="snippet"
    )
    assert reply.json()["id"].startswith(made[0]["id"] + ".")
    page = (await client.get("commentThreads", part="snippet,replies", videoId=video_id, maxResults="2")).json()
    assert [item["id"] for item in page["items"]] == [made[2]["id"], made[1]["id"]], "newest first"
    rest = await client.get(
        "commentThreads", part="snippet,replies", videoId=video_id, maxResults="2", pageToken=page["nextPageToken"]
    )
    [first] = rest.json()["items"]
    shown = first["snippet"]["topLevelComment"]["snippet"]
    assert shown["textDisplay"] == "Nr. 0 &lt;b&gt;<br>bold" and "textOriginal" not in shown, "not its author"
    assert first["snippet"]["totalReplyCount"] == 1 and isinstance(shown["likeCount"], int)
    assert [one["snippet"]["parentId"] for one in first["replies"]["comments"]] == [made[0]["id"]]
    [item] = (await client.get("videos", part="statistics", id=video_id)).json()["items"]
    assert item["statistics"]["commentCount"] == "4"


async def test_comments_are_moderated_changed_and_deleted(client: Caller, sandbox: Sandbox) -> None:
    video_id, fan = await client.upload(), await signed_in(sandbox, "fan")
    thread = (await fan.comment(video_id, "first!")).json()["id"]
    for caller, status in ((fan, 403), (client, 204)):
        held = await caller.call("POST", "comments/setModerationStatus", id=thread, moderationStatus="heldForReview")
        assert held.status_code == status
    assert (await client.get("commentThreads", part="snippet", videoId=video_id)).json()["items"] == []
    waiting = await client.get("commentThreads", part="id", videoId=video_id, moderationStatus="heldForReview")
    assert [item["id"] for item in waiting.json()["items"]] == [thread]
    change = {"id": thread, "snippet": {"textOriginal": "second thoughts"}}
    assert reason(await client.call("PUT", "comments", change, part="snippet")) == (403, "forbidden")
    changed = (await fan.call("PUT", "comments", change, part="snippet")).json()
    assert changed["snippet"]["textOriginal"] == "second thoughts"
    for caller, status in ((client, 403), (fan, 204), (fan, 404)):
        assert (await caller.call("DELETE", "comments", id=thread)).status_code == status


async def test_comments_that_are_refused(client: Caller, sandbox: Sandbox) -> None:
    video_id = await client.upload()
    assert reason(await client.comment(video_id, " ")) == (400, "commentTextRequired")
    assert reason(await client.comment(video_id, "x" * 10_001)) == (400, "commentTextTooLong")
    assert reason(await client.comment("AAAAAAAAAAA", "x")) == (404, "videoNotFound")
    assert (await client.call("POST", "commentThreads", {"snippet": 7}, part="snippet")).status_code == 400
    odd = await client.get("comments", part="snippet", parentId="Ugsandbox999999999999999999AaABAg")
    assert reason(odd) == (404, "commentNotFound")
    await sandbox.post("settings/youtube", {"comments_disabled": True})
    off = await client.comment(video_id, "x")
    assert reason(off) == (403, "commentsDisabled")
    assert off.json()["error"]["errors"][0]["domain"] == "youtube.commentThread"


# --- caption tracks -------------------------------------------------------------------------------------------------


async def test_caption_tracks_from_first_to_last(client: Caller, sandbox: Sandbox) -> None:
    video_id = await client.upload()
    made = (await client.caption(video_id)).json()
    assert (made["kind"], made["snippet"]["status"], made["snippet"]["trackKind"]) == (
        "youtube#caption",
        "serving",
        "standard",
    )
    assert reason(await client.caption(video_id)) == (409, "captionExists")
    assert (await client.caption(video_id, name="large print")).status_code == 200
    tracks = (await client.get("captions", part="snippet", videoId=video_id)).json()["items"]
    assert [track["snippet"]["name"] for track in tracks] == ["", "large print"]
    update = {"id": made["id"], "snippet": {"isDraft": True}}
    assert (await client.call("PUT", "captions", update, part="snippet")).json()["snippet"]["isDraft"] is True
    assert (await client.get(f"captions/{made['id']}")).content == SRT
    other = await signed_in(sandbox, "second")
    assert reason(await other.get("captions", part="snippet", videoId=video_id)) == (403, "forbidden")
    for status in (204, 404):
        assert (await client.call("DELETE", "captions", id=made["id"])).status_code == status
    [item] = (await client.get("videos", part="contentDetails", id=video_id)).json()["items"]
    assert item["contentDetails"]["caption"] == "true" and item["contentDetails"]["hasCustomThumbnail"] is False


# --- changing a video -----------------------------------------------------------------------------------------------


async def test_an_update_replaces_whole_parts(client: Caller, sandbox: Sandbox) -> None:
    video_id = await client.upload()
    told = {"id": video_id, "snippet": {"title": "New", "categoryId": "27"}, "status": {"privacyStatus": "private"}}
    answer = (await client.call("PUT", "videos", told, part="snippet")).json()
    assert answer["snippet"]["title"] == "New" and "tags" not in answer["snippet"], "what is left out is gone"
    [post] = await sandbox.posts()
    assert (post["title"], post["text"]) == ("New", "")
    [item] = (await client.get("videos", part="status", id=video_id)).json()["items"]
    assert item["status"]["privacyStatus"] == "public", "a part that was not named stays"
    bad = {"id": video_id, "snippet": {"title": "<", "categoryId": "27"}}
    assert reason(await client.call("PUT", "videos", bad, part="snippet")) == (400, "invalidTitle")
    other = await signed_in(sandbox, "second")
    assert reason(await other.call("PUT", "videos", told, part="snippet")) == (403, "forbidden")


async def test_paid_placement_and_forced_privacy(client: Caller, sandbox: Sandbox) -> None:
    await sandbox.post("settings/youtube", {"forced_private": True})
    meta = {**META, "paidProductPlacementDetails": {"hasPaidProductPlacement": True}}
    started = await client.start(meta, part="snippet,status,paidProductPlacementDetails")
    video_id = (await client.put(started.headers["location"], None, DATA)).json()["id"]
    parts = "status,paidProductPlacementDetails"
    [item] = (await client.get("videos", part=parts, id=video_id)).json()["items"]
    assert item["paidProductPlacementDetails"] == {"hasPaidProductPlacement": True}
    assert item["status"]["privacyStatus"] == "private"


# --- bytes ----------------------------------------------------------------------------------------------------------


async def test_one_put_of_the_whole_without_range_or_length(client: Caller, sandbox: Sandbox) -> None:
    uri = (await client.start()).headers["location"]

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, TOTAL, 100_000):
            yield DATA[at : at + 100_000]

    answer = await client.http.put(uri, headers=client.headers, content=pieces())
    assert answer.status_code == 200 and "content-length" not in answer.request.headers
    assert [post["sha256"] for post in await sandbox.posts()] == [SHA]


async def test_processing_that_fails_late(client: Caller, sandbox: Sandbox) -> None:
    await sandbox.fault("fail_processing", reason="copyright", account="second")
    await sandbox.fault("fail_processing")
    first, second = await client.upload(), await client.upload(b"another")
    states = []
    for _ in range(2):
        answer = await client.get("videos", part="status,processingDetails", id=f"{first},{second}")
        states.append([item["status"] for item in answer.json()["items"]])
    assert [status["uploadStatus"] for status in states[0]] == ["uploaded", "uploaded"]
    assert [status["uploadStatus"] for status in states[1]] == ["failed", "processed"]
    assert states[1][0]["failureReason"] == "codec"
    theirs = await (await signed_in(sandbox, "second")).upload()
    for _ in range(2):
        [item] = (await client.get("videos", part="status", id=theirs)).json()["items"]
    assert (item["status"]["uploadStatus"], item["status"]["rejectionReason"]) == ("rejected", "copyright")


# --- counts and reports ---------------------------------------------------------------------------------------------


async def test_counts_grow_and_are_strings(client: Caller, sandbox: Sandbox) -> None:
    await sandbox.post("settings/youtube", {"views_per_hour": 100.0})
    video_id = await client.upload()
    await sandbox.settings(clock_offset_s=10 * 3600)
    await client.sign_in()
    [item] = (await client.get("videos", part="statistics", id=video_id)).json()["items"]
    assert 450 < int(item["statistics"]["viewCount"]) < 1_550
    wanted = {"part": "statistics,snippet", "id": f"{video_id},AAAAAAAAAAA"}
    batch = (await client.get("videos:batchGetStats", **wanted)).json()
    assert batch["kind"] == "youtube#batchGetStatsResponse" and len(batch["items"]) == 1
    assert batch["items"][0]["statistics"]["viewCount"] == item["statistics"]["viewCount"]
    await sandbox.post("settings/youtube", {"batch_stats_per_day": 1})
    assert reason(await client.get("videos:batchGetStats", **wanted)) == (429, "rateLimitExceeded")
    assert (await client.get("videos", part="id", id=video_id)).status_code == 200, "buckets are separate"


async def test_reports_have_columns_and_rows(client: Caller, sandbox: Sandbox) -> None:
    await sandbox.post("settings/youtube", {"views_per_hour": 100.0})
    video_id = await client.upload()
    await client.comment(video_id, "x")
    today = datetime.now(UTC)
    await sandbox.settings(clock_offset_s=3 * 86_400)
    await client.sign_in()

    async def report(**query: str) -> httpx.Response:
        dates = {
            "startDate": f"{today - timedelta(days=2):%Y-%m-%d}",
            "endDate": f"{today + timedelta(days=3):%Y-%m-%d}",
        }
        params = {"ids": "channel==MINE", **dates, "metrics": "views,comments,averageViewPercentage", **query}
        return await client.http.get(f"{sandbox.url}/v2/reports", params=params, headers=client.headers)

    table = (await report(dimensions="day", filters=f"video=={video_id}")).json()
    assert table["kind"] == "youtubeAnalytics#resultTable"
    assert [(column["name"], column["columnType"], column["dataType"]) for column in table["columnHeaders"]] == [
        ("day", "DIMENSION", "STRING"),
        ("views", "METRIC", "INTEGER"),
        ("comments", "METRIC", "INTEGER"),
        ("averageViewPercentage", "METRIC", "FLOAT"),
    ]
    assert len(table["rows"]) == 6 and table["rows"][0][1] == 0, "nothing before it was there"
    [total] = (await report()).json()["rows"]
    assert total[1] == 1 and abs(total[0] - sum(row[1] for row in table["rows"])) <= len(table["rows"])
    [[top, *_]] = (await report(dimensions="video", sort="-views", maxResults="1")).json()["rows"]
    assert top == video_id
    for query in (
        {"metrics": "colour"},
        {"dimensions": "moon"},
        {"startDate": "x"},
        {"filters": "a==b"},
        {"sort": "x"},
    ):
        assert reason(await report(**query)) == (400, "badRequest")
    assert (await report(ids="channel==UCother")).status_code == 403


# --- quotas and consent ---------------------------------------------------------------------------------------------


async def test_the_quota_fault_speaks_for_the_bucket_of_the_call(client: Caller, sandbox: Sandbox) -> None:
    await sandbox.fault("quota", op="start")
    await sandbox.fault("quota", op="read")
    assert reason(await client.start()) == (429, "rateLimitExceeded")
    assert reason(await client.get("videos", part="id", id="x")) == (403, "quotaExceeded")
    assert (await client.start()).status_code == 200


async def test_captions_cost_more_than_reads(client: Caller, sandbox: Sandbox) -> None:
    video_id = await client.upload()
    await sandbox.settings(units_per_day=899)
    assert (await client.caption(video_id)).status_code == 200
    assert (await client.get("captions", part="snippet", videoId=video_id)).status_code == 200
    assert (await client.caption(video_id, "de")).status_code == 200
    assert (await client.get("captions", part="snippet", videoId=video_id)).status_code == 403
    assert (await client.get("videos", part="id", id=video_id)).status_code == 200


async def test_an_insert_may_be_charged_at_its_end(client: Caller, sandbox: Sandbox) -> None:
    await sandbox.post("settings/youtube", {"insert_charged": "end"})
    await sandbox.settings(inserts_per_day=1)
    uris = [(await client.start()).headers["location"] for _ in range(2)]
    assert (await client.put(uris[0], None, DATA)).status_code == 200
    assert reason(await client.put(uris[1], None, DATA)) == (429, "rateLimitExceeded")
    assert (await client.put(uris[0], f"bytes */{TOTAL}")).status_code == 200
    assert len(await sandbox.posts()) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2027-11-07T07:30:00+00:00", "2027-11-08T08:00:00+00:00"),  # the day of 25 hours
        ("2027-03-14T08:30:00+00:00", "2027-03-15T07:00:00+00:00"),  # the day of 23 hours
    ],
)
async def test_buckets_begin_anew_at_midnight_in_california(sandbox: Sandbox, before: str, after: str) -> None:
    async def at(instant: str, seconds: float = 0) -> Caller:
        moment = datetime.fromisoformat(instant) + timedelta(seconds=seconds)
        await sandbox.settings(clock_offset_s=(moment - datetime.now(UTC)).total_seconds())
        return await signed_in(sandbox)

    await sandbox.settings(inserts_per_day=1, units_per_day=1)
    client = await at(before)
    assert (await client.start()).status_code == 200
    assert (await client.get("videos", part="id", id="x")).status_code == 200
    client = await at(after, -60)
    assert (await client.start()).status_code == 429
    assert (await client.get("videos", part="id", id="x")).status_code == 403
    client = await at(after, 1)
    assert (await client.start()).status_code == 200
    assert (await client.get("videos", part="id", id="x")).status_code == 200


async def test_consent_is_revoked_by_either_token(client: Caller, sandbox: Sandbox) -> None:
    other = await signed_in(sandbox, "second")
    url = f"{sandbox.url}/revoke"
    assert (await client.http.post(url, data={"token": "1//other"})).json()["error"] == "invalid_token"
    for caller, token in ((client, "1//sandbox-main"), (other, other.headers["Authorization"].split()[1])):
        assert (await client.http.post(url, data={"token": token})).status_code == 200
        assert reason(await caller.get("videos", part="id", id="x")) == (401, "authError")
        refresh = await caller.token(refresh_token=f"1//sandbox-{caller.account}")
        assert refresh.json()["error"] == "invalid_grant"


async def test_only_one_accounts_tokens_expire(client: Caller, sandbox: Sandbox) -> None:
    other = await signed_in(sandbox, "second")
    await sandbox.post("expire_tokens?account=second", {})
    assert (await other.get("videos", part="id", id="x")).status_code == 401
    assert (await client.get("videos", part="id", id="x")).status_code == 200


async def test_a_scope_that_is_missing_is_in_the_header(client: Caller, sandbox: Sandbox) -> None:
    await sandbox.post("settings/youtube", {"scopes": {"main": ["youtube.upload"]}})
    told = await client.token(refresh_token="1//sandbox-main")
    assert told.json()["scope"] == "https://www.googleapis.com/auth/youtube.upload"
    answer = await client.get("captions", part="snippet", videoId="x")
    error = answer.json()["error"]
    assert (answer.status_code, error["status"]) == (403, "PERMISSION_DENIED")
    assert error["errors"][0]["reason"] == "insufficientPermissions"
    assert 'scope="https://www.googleapis.com/auth/youtube.force-ssl"' in answer.headers["www-authenticate"]
    assert (await client.start({**META, "snippet": SNIPPET})).status_code == 200
