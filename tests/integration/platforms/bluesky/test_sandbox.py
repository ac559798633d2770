"""The sandbox's Bluesky at wire level: the odd answers that the adapter has to read (docs/platforms/bluesky.md)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.bluesky.nouns import PDS_DID, VIDEO_DID, did_of, handle_of

from ...conftest import Sandbox

POST = "app.bsky.feed.post"
RKEY = "3n3jon5bo2222"


class Wire:
    """Calls as an account, without the adapter."""

    def __init__(self, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
        self.url, self.http, self.sandbox = f"{sandbox.url}/xrpc", http, sandbox
        self.session: dict[str, Any] = {}

    async def login(self, password: str = "sandbox-main") -> httpx.Response:
        body = {"identifier": handle_of("main"), "password": password}
        answer = await self.http.post(f"{self.url}/com.atproto.server.createSession", json=body)
        self.session = answer.json()
        return answer

    async def get(self, nsid: str, token: str = "", **params: str) -> httpx.Response:
        return await self.http.get(f"{self.url}/{nsid}", params=params, headers=self._head(token))

    async def post(self, nsid: str, body: Any = None, token: str = "") -> httpx.Response:
        return await self.http.post(f"{self.url}/{nsid}", json=body, headers=self._head(token))

    def _head(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token or self.session['accessJwt']}"}

    async def put(self, text: str = "one", **more: Any) -> httpx.Response:
        record = {"$type": POST, "text": text, "createdAt": "2026-01-01T00:00:00Z", **more.pop("record", {})}
        body = {"repo": did_of("main"), "collection": POST, "rkey": RKEY, "record": record, **more}
        return await self.post("com.atproto.repo.putRecord", body)

    async def service(self, audience: str, method: str) -> str:
        answer = await self.get("com.atproto.server.getServiceAuth", aud=audience, lxm=method)
        return str(answer.json()["token"])


@pytest.fixture
async def wire(sandbox: Sandbox, http: httpx.AsyncClient) -> Wire:
    made = Wire(sandbox, http)
    assert (await made.login()).status_code == 200
    return made


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def test_sessions(wire: Wire) -> None:
    assert wire.session["did"] == did_of("main") and wire.session["handle"] == handle_of("main")
    service = wire.session["didDoc"]["service"][0]
    assert service["id"] == "#atproto_pds" and f"{service['serviceEndpoint']}/xrpc" == wire.url
    refresh = wire.session["refreshJwt"]
    renewed = await wire.post("com.atproto.server.refreshSession", token=refresh)
    assert renewed.status_code == 200 and renewed.json()["refreshJwt"] != refresh
    assert error(await wire.post("com.atproto.server.refreshSession", token=refresh)) == (400, "ExpiredToken")
    await wire.sandbox.post("expire_tokens", {})
    assert error(await wire.get("com.atproto.server.getSession")) == (400, "ExpiredToken")
    assert error(await wire.get("com.atproto.server.getSession", token="nonsense")) == (400, "InvalidToken")
    assert error(await wire.login("sandbox-other")) == (401, "AuthenticationRequired")


async def test_a_used_refresh_token_may_serve_a_little_longer(wire: Wire) -> None:
    await wire.sandbox.post("settings/bluesky", {"grace_s": 60.0})
    for _ in range(2):
        answer = await wire.post("com.atproto.server.refreshSession", token=wire.session["refreshJwt"])
        assert answer.status_code == 200


async def test_logins_are_few(wire: Wire) -> None:
    await wire.sandbox.post("settings/bluesky", {"logins_per_5_min": 2})
    assert (await wire.login()).status_code == 200
    answer = await wire.login()
    assert error(answer) == (429, "RateLimitExceeded") and answer.headers["retry-after"]


async def test_a_record_is_put_once(wire: Wire) -> None:
    first, again = await wire.put(swapRecord=None), await wire.put(swapRecord=None)
    assert first.json()["cid"] == again.json()["cid"] and "commit" in first.json() and "commit" not in again.json()
    assert error(await wire.put("two", swapRecord=None)) == (400, "InvalidSwap")
    assert (await wire.put("two")).json()["cid"] != first.json()["cid"]  # without it, an update
    body = {"repo": did_of("main"), "collection": POST, "rkey": RKEY, "record": {"$type": POST, "text": "x",
            "createdAt": "2026-01-01T00:00:00Z"}}  # fmt: skip
    assert error(await wire.post("com.atproto.repo.createRecord", body)) == (500, "InternalServerError")
    where = {"repo": did_of("main"), "collection": POST, "rkey": RKEY}
    found = await wire.http.get(f"{wire.url}/com.atproto.repo.getRecord", params=where)  # nobody is signed in
    assert found.json()["value"]["text"] == "two"
    for _ in range(2):
        assert (await wire.post("com.atproto.repo.deleteRecord", where)).status_code == 200
    assert error(await wire.get("com.atproto.repo.getRecord", **where)) == (400, "RecordNotFound")
    assert (await wire.put(swapRecord=None)).status_code == 200  # and the key is free again


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"rkey": "self"}, "record key"),
        ({"text": "x" * 301}, "300 graphemes"),
        ({"record": {"createdAt": "yesterday"}}, "createdAt"),
        ({"record": {"langs": ["a", "de", "en", "fr"]}}, "langs"),
        ({"record": {"facets": [{"index": {"byteStart": 0, "byteEnd": 4}, "features": []}]}}, "facets"),
        ({"record": {"embed": {"$type": "app.bsky.embed.video", "video": {}}}}, "embed/video"),
        ({"record": {"reply": {"root": {"uri": "at://x"}}}}, "reply/root"),
    ],
)
async def test_records_that_are_refused(wire: Wire, more: dict[str, Any], told: str) -> None:
    answer = await wire.put(**more)
    assert error(answer) == (400, "InvalidRequest") and told in answer.json()["message"]


async def test_limits_on_writing(wire: Wire) -> None:
    answer = await wire.put()
    assert answer.headers["ratelimit-remaining"] == "4998" and answer.headers["ratelimit-policy"] == "5000;w=3600"
    await wire.sandbox.post("settings/bluesky", {"points_per_hour": 3})
    answer = await wire.put("two")
    assert error(answer) == (429, "RateLimitExceeded") and int(answer.headers["ratelimit-reset"])


async def test_tokens_for_videos_name_whom_they_are_for(wire: Wire) -> None:
    limits, start = "app.bsky.video.getUploadLimits", "app.bsky.video.startUpload"
    upload = "com.atproto.repo.uploadBlob"
    body = {"sizeBytes": 10, "mimeType": "video/mp4"}
    told = (await wire.get(limits, await wire.service(VIDEO_DID, limits))).json()
    assert told["canUpload"] and told["remainingDailyVideos"] == 25
    assert error(await wire.get(limits, await wire.service(PDS_DID, limits)))[0] == 401
    refused = await wire.post(start, body, await wire.service(VIDEO_DID, upload))
    assert refused.status_code == 401 and "the user's PDS DID" in refused.json()["message"]
    assert error(await wire.post(start, body, wire.session["accessJwt"]))[0] == 401
    opened = await wire.post(start, body, await wire.service(PDS_DID, upload))
    assert opened.json()["partCount"] == 1


async def test_parts(wire: Wire) -> None:
    await wire.sandbox.post("settings/bluesky", {"part_size": 4})
    token = await wire.service(PDS_DID, "com.atproto.repo.uploadBlob")
    job = (await wire.post("app.bsky.video.startUpload", {"sizeBytes": 10, "mimeType": "video/mp4"}, token)).json()[
        "jobId"
    ]

    async def part(number: int, data: bytes) -> httpx.Response:
        where = {"jobId": job, "partNumber": str(number)}
        head = {"Authorization": f"Bearer {token}"}
        return await wire.http.post(f"{wire.url}/app.bsky.video.uploadPart", params=where, content=data, headers=head)

    assert (await part(3, b"ij")).status_code == (await part(1, b"abcd")).status_code == 200
    assert error(await part(2, b"ef")) == (400, "PartSizeMismatch")
    assert error(await part(4, b"ef")) == (400, "InvalidPartNumber")
    assert (await wire.get("app.bsky.video.getUploadStatus", token, jobId=job)).json()["receivedParts"] == [1, 3]
    finish = "app.bsky.video.finishUpload"
    assert error(await wire.post(finish, {"jobId": job}, token)) == (400, "MissingParts")
    assert (await part(2, b"efgh")).status_code == (await part(2, b"efgh")).status_code == 200
    for _ in range(2):
        assert (await wire.post(finish, {"jobId": job}, token)).json()["completedJobId"] == job
    assert error(await part(2, b"efgh")) == (400, "UploadAlreadyCompleted")
    states = [
        (await wire.http.get(f"{wire.url}/app.bsky.video.getJobStatus", params={"jobId": job})).json() for _ in "12"
    ]
    assert [state["state"] for state in states] == ["JOB_STATE_ENCODING", "JOB_STATE_COMPLETED"]
    assert states[1]["blob"]["size"] == 10


async def test_a_video_sent_whole_and_sent_again(wire: Wire) -> None:
    await wire.sandbox.post("settings/bluesky", {"processing_polls": 0})
    token = await wire.service(PDS_DID, "com.atproto.repo.uploadBlob")
    head = {"Authorization": f"Bearer {token}", "Content-Type": "video/mp4"}
    address, where = f"{wire.url}/app.bsky.video.uploadVideo", {"did": did_of("main"), "name": "a.mp4"}
    first = (await wire.http.post(address, params=where, content=b"video", headers=head)).json()
    await wire.http.get(f"{wire.url}/app.bsky.video.getJobStatus", params={"jobId": first["jobId"]})
    again = await wire.http.post(address, params=where, content=b"video", headers=head)
    assert error(again) == (409, "already_exists")
    assert again.json()["jobId"] == first["jobId"] and again.json()["blob"]["size"] == 5


async def test_what_there_is_not(wire: Wire) -> None:
    assert error(await wire.get("com.atproto.sync.getRepo")) == (501, "MethodNotImplemented")
