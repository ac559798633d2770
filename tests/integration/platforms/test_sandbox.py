"""The sandbox by golden vectors: what the real YouTube puts on the wire, byte for byte where it matters."""

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.wire import multipart_related

from ..conftest import ROOT, Sandbox

GRANULE = 262_144
DATA = hashlib.shake_256(b"sandbox").digest(2 * GRANULE + 1_000)
TOTAL = len(DATA)
SHA = hashlib.sha256(DATA).hexdigest()
SNIPPET = {"title": "A title", "description": "D", "categoryId": "27", "tags": ["a"]}
META: dict[str, Any] = {"snippet": SNIPPET, "status": {"privacyStatus": "public"}}


class Client:
    """A bare YouTube client: httpx and the documented headers."""

    def __init__(self, sandbox: Sandbox, account: str = "main") -> None:
        self.sandbox = sandbox
        self.http = sandbox.client
        self.account = account
        self.headers: dict[str, str] = {}

    async def sign_in(self) -> Client:
        answer = await self.token(refresh_token=f"1//sandbox-{self.account}")
        assert answer.status_code == 200
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return self

    async def token(self, **form: str) -> httpx.Response:
        whole = {"grant_type": "refresh_token", "client_id": "id", "client_secret": "secret", **form}
        return await self.http.post(f"{self.sandbox.url}/token", data=whole)

    async def start(self, meta: Any = META, total: int = TOTAL, root: str = "", **query: str) -> httpx.Response:
        headers = {
            **self.headers,
            "Content-Type": "application/json; charset=UTF-8",
            "X-Upload-Content-Type": "video/mp4",
            "X-Upload-Content-Length": str(total),
        }
        params = {"uploadType": "resumable", "part": "snippet,status", **query}
        url = f"{self.sandbox.url}{root}/upload/youtube/v3/videos"
        return await self.http.post(url, params=params, headers=headers, content=json.dumps(meta))

    async def put(self, uri: str, content_range: str | None, data: bytes = b"") -> httpx.Response:
        named = {"Content-Range": content_range} if content_range else {}
        return await self.http.put(uri, headers={**self.headers, **named}, content=data)

    async def upload(self, data: bytes = DATA, **changes: Any) -> str:
        meta = {**META, "snippet": {**META["snippet"], **changes}}
        started = await self.start(meta, len(data))
        answer = await self.put(started.headers["location"], None, data)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def get(self, what: str, **params: str) -> httpx.Response:
        return await self.http.get(f"{self.sandbox.url}/youtube/v3/{what}", params=params, headers=self.headers)


@pytest.fixture
async def client(sandbox: Sandbox) -> Client:
    return await Client(sandbox).sign_in()


def reason(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["code"] == answer.status_code and error["message"] == error["errors"][0]["message"]
    return answer.status_code, error["errors"][0]["reason"]


# --- the resumable protocol ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["", "/resumable"])
async def test_the_protocol_from_start_to_end(client: Client, sandbox: Sandbox, root: str) -> None:
    started = await client.start(root=root)
    assert (started.status_code, started.content) == (200, b"")
    uri = started.headers["location"]
    assert uri.startswith(sandbox.url) and "upload_id=ADPyc" in uri and "uploadType=resumable" in uri
    nothing = await client.put(uri, f"bytes */{TOTAL}")
    assert nothing.status_code == 308 and "range" not in nothing.headers
    first = await client.put(uri, f"bytes 0-{GRANULE - 1}/{TOTAL}", DATA[:GRANULE])
    assert (first.status_code, first.headers["range"]) == (308, f"bytes=0-{GRANULE - 1}")
    assert await sandbox.posts() == []
    last = await client.put(uri, f"bytes {GRANULE}-{TOTAL - 1}/{TOTAL}", DATA[GRANULE:])
    assert last.status_code == 200
    video = last.json()
    assert video["kind"] == "youtube#video" and video["status"]["uploadStatus"] == "uploaded"
    probed = await client.put(uri, f"bytes */{TOTAL}")
    assert (probed.status_code, probed.json()["id"]) == (200, video["id"])
    [post] = await sandbox.posts()
    wanted = {"platform": "youtube", "account": "main", "post_id": video["id"], "title": "A title"}
    assert {name: post[name] for name in wanted} == wanted
    assert (post["sha256"], post["size"]) == (SHA, TOTAL)
    assert (sandbox.folder / "posts" / video["id"]).read_bytes() == DATA


async def test_overlaps_are_passed_over_and_gaps_keep_nothing(client: Client, sandbox: Sandbox) -> None:
    uri = (await client.start()).headers["location"]
    gap = await client.put(uri, f"bytes {GRANULE}-{2 * GRANULE - 1}/{TOTAL}", DATA[GRANULE : 2 * GRANULE])
    assert gap.status_code == 308 and "range" not in gap.headers
    for _ in range(2):  # google-api-python-client sends the same range again without asking
        again = await client.put(uri, f"bytes 0-{GRANULE - 1}/{TOTAL}", DATA[:GRANULE])
        assert (again.status_code, again.headers["range"]) == (308, f"bytes=0-{GRANULE - 1}")
    spoiled = b"x" * GRANULE + DATA[GRANULE:]  # what is kept is kept: overlapping bytes are not looked at
    last = await client.put(uri, f"bytes 0-{TOTAL - 1}/{TOTAL}", spoiled)
    assert last.status_code == 200
    assert [post["sha256"] for post in await sandbox.posts()] == [SHA]


@pytest.mark.parametrize(
    ("content_range", "size"),
    [
        (f"bytes 0-99/{TOTAL}", 100),  # no multiple of 256 KiB
        (f"bytes 0-{GRANULE - 1}/{TOTAL + 1}", GRANULE),  # another total
        (f"bytes 0-{GRANULE - 1}/{TOTAL}", GRANULE - 1),  # another length
        (f"bytes 5-4/{TOTAL}", 10),
        ("nonsense", 10),
    ],
)
async def test_bad_ranges_are_refused(client: Client, content_range: str, size: int) -> None:
    uri = (await client.start()).headers["location"]
    assert (await client.put(uri, content_range, DATA[:size])).status_code == 400
    probe = await client.put(uri, f"bytes */{TOTAL}")
    assert probe.status_code == 308 and "range" not in probe.headers


async def test_a_body_longer_than_announced_is_refused(client: Client, sandbox: Sandbox) -> None:
    uri = (await client.start()).headers["location"]
    assert (await client.put(uri, None, DATA + b"more")).status_code == 400
    assert await sandbox.posts() == []


async def test_a_late_sender_never_changes_a_finished_video(client: Client, sandbox: Sandbox) -> None:
    uri = (await client.start()).headers["location"]
    go_on = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x" * 1_000
        await go_on.wait()
        yield b"x" * (TOTAL - 1_000)

    headers = {**client.headers, "Content-Range": f"bytes 0-{TOTAL - 1}/{TOTAL}", "Content-Length": str(TOTAL)}
    late = asyncio.create_task(client.http.put(uri, headers=headers, content=slow()))
    await asyncio.sleep(0.2)
    done = await client.put(uri, f"bytes 0-{TOTAL - 1}/{TOTAL}", DATA)
    go_on.set()
    assert (await late).json()["id"] == done.json()["id"]
    assert (sandbox.folder / "posts" / done.json()["id"]).read_bytes() == DATA


async def test_a_broken_upload_keeps_whole_blocks(client: Client, sandbox: Sandbox) -> None:
    uri = (await client.start()).headers["location"]
    await sandbox.fault("reset_at_byte", at_byte=GRANULE + 500)
    with pytest.raises(httpx.TransportError):
        await client.put(uri, f"bytes 0-{TOTAL - 1}/{TOTAL}", DATA)
    assert (await client.put(uri, f"bytes */{TOTAL}")).headers["range"] == f"bytes=0-{GRANULE - 1}"


async def test_sessions_end(client: Client, sandbox: Sandbox) -> None:
    uri = (await client.start()).headers["location"]
    other = await Client(sandbox, "second").sign_in()
    assert (await other.put(uri, f"bytes */{TOTAL}")).status_code == 404
    await sandbox.settings(session_s=0)
    assert reason(await client.put(uri, f"bytes */{TOTAL}")) == (404, "notFound")
    assert (await client.put(uri.replace("ADPyc", "ADPyd"), f"bytes */{TOTAL}")).status_code == 404


async def test_everything_survives_kill_9(client: Client, sandbox: Sandbox) -> None:
    done = await client.upload()
    uri = (await client.start()).headers["location"]
    await client.put(uri, f"bytes 0-{GRANULE - 1}/{TOTAL}", DATA[:GRANULE])
    port = sandbox.port
    sandbox.stop(signal.SIGKILL)
    sandbox.start(port)
    assert (await client.put(uri, f"bytes */{TOTAL}")).headers["range"] == f"bytes=0-{GRANULE - 1}"
    last = await client.put(uri, f"bytes {GRANULE}-{TOTAL - 1}/{TOTAL}", DATA[GRANULE:])
    assert [p["post_id"] for p in await sandbox.posts()] == [last.json()["id"], done]


# --- who, how much, and no -------------------------------------------------------------------------------------------


async def test_tokens(sandbox: Sandbox) -> None:
    client = Client(sandbox)
    good = await client.token(refresh_token="1//sandbox-main")
    assert good.json()["expires_in"] == 3599 and good.json()["token_type"] == "Bearer"
    assert "refresh_token" not in good.json()
    bad = await client.token(refresh_token="1//other")
    wanted = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
    assert (bad.status_code, bad.json()) == (400, wanted)
    assert (await client.token(grant_type="password")).json()["error"] == "unsupported_grant_type"
    assert (await client.token(client_secret="", refresh_token="1//sandbox-main")).status_code == 401


async def test_unauthorised_envelope(client: Client, sandbox: Sandbox) -> None:
    await sandbox.post("expire_tokens", {})
    for answer in (await client.start(), await client.get("videos", part="id", id="x")):
        assert reason(answer) == (401, "authError")
        assert "Bearer" in answer.headers["www-authenticate"]


async def test_quota_envelopes(client: Client, sandbox: Sandbox) -> None:
    await sandbox.settings(inserts_per_day=1, units_per_day=1)
    assert (await client.start(meta={})).status_code == 400, "refused metadata is charged for all the same"
    spent = await client.start()
    assert reason(spent) == (429, "rateLimitExceeded")
    assert "'Video Uploads per day' of service 'youtube.googleapis.com'" in spent.json()["error"]["message"]
    assert "retry-after" not in spent.headers
    assert (await client.get("channels", part="id", mine="true")).status_code == 200
    pool = await client.get("channels", part="id", mine="true")
    assert reason(pool) == (403, "quotaExceeded")
    assert pool.json()["error"]["errors"][0]["domain"] == "youtube.quota"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"title": ""}, "invalidTitle"),
        ({"title": "x" * 101}, "invalidTitle"),
        ({"title": "a<b"}, "invalidTitle"),
        ({"description": "é" * 2_501}, "invalidDescription"),
        ({"tags": ["x" * 501]}, "invalidTags"),
        ({"tags": "abc"}, "invalidTags"),
        ({"categoryId": ""}, "invalidCategoryId"),
    ],
)
async def test_metadata_is_checked(client: Client, changes: dict[str, Any], why: str) -> None:
    answer = await client.start({**META, "snippet": {**META["snippet"], **changes}})
    assert reason(answer) == (400, why)


async def test_other_refusals_at_the_start(client: Client) -> None:
    assert reason(await client.start(total=0)) == (400, "mediaBodyRequired")
    assert reason(await client.start(part="")) == (400, "missingRequiredParameter")
    assert reason(await client.start(part="snippet,nonsense")) == (400, "unknownPart")
    publish_at = {**META, "status": {"privacyStatus": "public", "publishAt": "2026-12-01T00:00:00Z"}}
    assert reason(await client.start(publish_at)) == (400, "invalidPublishAt")
    assert (await client.start([])).status_code == 400


# --- reads, thumbnails, captions -------------------------------------------------------------------------------------


async def test_videos_list(client: Client, sandbox: Sandbox) -> None:
    video_id = await client.upload()
    parts = "snippet,status,statistics,processingDetails"
    [item] = (await client.get("videos", part=parts, id=f"{video_id},AAAAAAAAAAA")).json()["items"]
    assert item["statistics"]["viewCount"] == "0", "counts are strings"
    assert item["status"]["uploadStatus"] == "uploaded"
    assert item["processingDetails"]["processingStatus"] == "processing"
    [item] = (await client.get("videos", part=parts, id=video_id)).json()["items"]
    assert (item["status"]["uploadStatus"], item["status"]["madeForKids"]) == ("processed", False)
    other = await Client(sandbox, "second").sign_in()
    [theirs] = (await other.get("videos", part=parts, id=video_id)).json()["items"]
    assert "processingDetails" not in theirs
    too_many = await client.get("videos", part="id", id=",".join(["x"] * 51))
    assert reason(too_many) == (400, "invalidFilters")


async def test_uploads_playlist_and_its_pages(client: Client, sandbox: Sandbox) -> None:
    ids = [await client.upload(b"small") for _ in range(3)]
    [channel] = (await client.get("channels", part="contentDetails", mine="true")).json()["items"]
    uploads = channel["contentDetails"]["relatedPlaylists"]["uploads"]
    assert uploads == "UU" + channel["id"][2:]
    first = (await client.get("playlistItems", part="contentDetails", playlistId=uploads, maxResults="2")).json()
    token = first["nextPageToken"]
    second = (
        await client.get("playlistItems", part="contentDetails", playlistId=uploads, maxResults="2", pageToken=token)
    ).json()
    listed = [item["contentDetails"]["videoId"] for item in first["items"] + second["items"]]
    assert listed == ids[::-1] and "nextPageToken" not in second
    assert (await client.get("playlistItems", part="id", playlistId="UUother")).status_code == 404


async def test_duplicates_are_rejected_if_so_set(client: Client, sandbox: Sandbox) -> None:
    await sandbox.settings(reject_duplicates=True, processing_polls=0)
    ids = [await client.upload(b"the same"), await client.upload(b"the same")]
    items = (await client.get("videos", part="status", id=",".join(ids))).json()["items"]
    assert [item["status"]["uploadStatus"] for item in items] == ["processed", "rejected"]
    assert items[1]["status"]["rejectionReason"] == "duplicate"


@pytest.mark.parametrize("line", [b"\n", b"\r\n"])
async def test_captions_with_either_line_end(client: Client, sandbox: Sandbox, line: bytes) -> None:
    """google-api-python-client writes multipart bodies with LF alone."""
    video_id = await client.upload()
    track = b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"
    snippet = json.dumps({"snippet": {"videoId": video_id, "language": "en", "name": "English"}}).encode()
    parts = [b"--b b", b"Content-Type: application/json", b"MIME-Version: 1.0", b"", snippet]
    parts += [b"--b b", b"Content-Type: text/vtt", b"Content-Transfer-Encoding: binary", b"", track, b"--b b--"]
    url = f"{sandbox.url}/upload/youtube/v3/captions?part=snippet&uploadType=multipart"
    headers = {**client.headers, "Content-Type": 'multipart/related; boundary="b b"'}
    body = line.join(parts) + line
    assert multipart_related(body, headers["Content-Type"]) == [("application/json", snippet), ("text/vtt", track)]
    answer = await client.http.post(url, content=body, headers=headers)
    assert (answer.status_code, answer.json()["snippet"]["status"]) == (200, "serving")
    again = await client.http.post(url, content=body, headers=headers)
    assert reason(again) == (409, "captionExists")


async def test_thumbnail_and_delete(client: Client, sandbox: Sandbox) -> None:
    video_id = await client.upload()
    url = f"{sandbox.url}/upload/youtube/v3/thumbnails/set?videoId={video_id}&uploadType=media"
    png = b"\x89PNG\r\n\x1a\n" + bytes(100)
    answer = await client.http.post(url, content=png, headers={**client.headers, "Content-Type": "image/png"})
    shown = await client.http.get(answer.json()["items"][0]["default"]["url"])
    assert (shown.content, shown.headers["content-type"]) == (png, "image/png")
    assert reason(await client.http.post(url, content=b"GIF", headers=client.headers)) == (400, "invalidImage")
    other = await Client(sandbox, "second").sign_in()
    for caller, status in ((other, 403), (client, 204), (client, 404)):
        gone = await client.http.delete(f"{sandbox.url}/youtube/v3/videos?id={video_id}", headers=caller.headers)
        assert gone.status_code == status
    assert await sandbox.posts() == []


async def test_reads_lag_behind_if_so_set(client: Client, sandbox: Sandbox) -> None:
    await sandbox.settings(listed_after_s=60)
    video_id = await client.upload()
    assert (await client.get("videos", part="id", id=video_id)).json()["items"] == []
    await sandbox.settings(clock_offset_s=61)
    assert len((await client.get("videos", part="id", id=video_id)).json()["items"]) == 1


# --- its own doors ---------------------------------------------------------------------------------------------------


async def test_pages_show_the_post_and_escape_it(client: Client, sandbox: Sandbox) -> None:
    nasty = "\"'&amp;"  # YouTube itself refuses < and >
    video_id = await client.upload(title=nasty, description="x")
    home = await client.http.get(sandbox.url + "/")
    watch = await client.http.get(f"{sandbox.url}/watch?v={video_id}")
    for page in (home, watch):
        assert page.status_code == 200 and "&quot;&#x27;&amp;amp;" in page.text and nasty not in page.text
        assert f'<video controls preload="metadata" src="/_media/{video_id}#t=2">' in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert SHA in page.text
    missing = await client.http.get(sandbox.url + "/watch?v=<script>")
    assert missing.status_code == 404 and "<script" not in missing.text
    part = await client.http.get(f"{sandbox.url}/_media/{video_id}", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, DATA[100:200])
    assert part.headers["content-type"] == "video/mp4"


async def test_control_refuses_what_it_does_not_know(sandbox: Sandbox) -> None:
    for body in ({"point": "nonsense"}, {"point": "status", "colour": 1}, {"point": "status", "count": 0}, "x"):
        assert (await sandbox.client.post(f"{sandbox.url}/_control/faults", json=body)).status_code == 400
    for changes in ({"colour": 1}, {"inserts_per_day": "many"}, {"outcome": 3}, []):
        assert (await sandbox.client.post(f"{sandbox.url}/_control/settings", json=changes)).status_code == 400
    assert await sandbox.faults_left() == []


async def test_faults_count_down_and_skip(client: Client, sandbox: Sandbox) -> None:
    await sandbox.fault("status", op="read", status=503, body="<html>", content_type="text/html", skip=1, count=2)
    codes = [(await client.get("videos", part="id", id="x")).status_code for _ in range(4)]
    assert codes == [200, 503, 503, 200]


def test_ends_on_sigterm_and_says_why_it_cannot_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "--dir", str(tmp_path), "--port"]
    process = subprocess.Popen([*command, "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    port = int(line.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)):
        second = subprocess.run([*command, str(port)], cwd=ROOT, capture_output=True, text=True, timeout=600)
        assert second.returncode == 2 and str(port) in second.stderr and "Traceback" not in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(600) == 0
    assert process.stdout.read() == "", "one ready line and nothing else"
    process.stdout.close()
