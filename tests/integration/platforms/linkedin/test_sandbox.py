"""The sandbox's LinkedIn by golden vectors, and LinkedIn's own Python client at work on it, unmodified."""

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import linkedin_api.common.constants as linkedin_constants
import pytest
import requests
from linkedin_api.clients.auth.client import AuthClient
from linkedin_api.clients.restli.client import RestliClient
from linkedin_api.common.errors import ResponseFormattingError

from sandbox.linkedin.accounts import account as sandbox_account
from sandbox.linkedin.accounts import organization, person
from sandbox.linkedin.text import length, read

from ...conftest import Sandbox
from .kit import fault, linkedin_posts, shape

PART = 1_000
DATA = hashlib.shake_256(b"linkedin sandbox").digest(2 * PART + 345)
VERSION = "202609"


class Client:
    """A bare LinkedIn client: httpx and the documented headers."""

    def __init__(self, sandbox: Sandbox, account: str = "org") -> None:
        self.url, self.http, self.account = sandbox.url, sandbox.client, account
        self.author = sandbox_account(account).external_id
        self.headers = {"LinkedIn-Version": VERSION, "X-Restli-Protocol-Version": "2.0.0"}

    async def sign_in(self) -> Client:
        answer = await self.token(grant_type="refresh_token", refresh_token=f"sandbox-{self.account}")
        self.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return self

    async def token(self, **form: str) -> httpx.Response:
        whole = {"client_id": "id", "client_secret": "secret", **form}
        return await self.http.post(f"{self.url}/oauth/v2/accessToken", data=whole)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        whole = {name: value for name, value in {**self.headers, **headers}.items() if value}
        content = None if body is None else json.dumps(body)
        return await self.http.request(method, f"{self.url}{path}", headers=whole, content=content)

    async def start(self, size: int = len(DATA), **changes: Any) -> httpx.Response:
        request = {"owner": self.author, "fileSizeBytes": size, "uploadCaptions": False, "uploadThumbnail": False}
        body = {"initializeUploadRequest": {**request, **changes}}
        return await self.call("POST", "/rest/videos?action=initializeUpload", body)

    async def send(self, value: dict[str, Any], data: bytes = DATA) -> list[str]:
        etags = []
        for part in value["uploadInstructions"]:
            answer = await self.http.put(part["uploadUrl"], content=data[part["firstByte"] : part["lastByte"] + 1])
            assert (answer.status_code, answer.content) == (200, b"")
            etags.append(answer.headers["etag"])
        return etags

    async def finish(self, value: dict[str, Any], etags: list[str], **changes: Any) -> httpx.Response:
        request = {"video": value["video"], "uploadToken": value["uploadToken"], "uploadedPartIds": etags}
        body = {"finalizeUploadRequest": {**request, **changes}}
        return await self.call("POST", "/rest/videos?action=finalizeUpload", body)

    async def status(self, video: str) -> str:
        answer = await self.call("GET", f"/rest/videos/{quote(video, safe='')}")
        return str(answer.json()["status"])

    async def video(self) -> str:
        value = (await self.start()).json()["value"]
        assert (await self.finish(value, await self.send(value))).status_code == 200
        while await self.status(value["video"]) != "AVAILABLE":
            pass
        return str(value["video"])

    def body(self, **changes: Any) -> dict[str, Any]:
        values = {
            "author": self.author,
            "commentary": "Hello",
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
        return {**values, **changes}

    async def post(self, **changes: Any) -> httpx.Response:
        return await self.call("POST", "/rest/posts", self.body(**changes))


@pytest.fixture
async def client(sandbox: Sandbox) -> Client:
    await shape(sandbox, part_size=PART)
    return await Client(sandbox).sign_in()


def problem(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert body["status"] == answer.status_code and body["message"]
    return answer.status_code, body.get("code") or body["errorDetails"]["inputErrors"][0]["code"]


# --- the protocol ---------------------------------------------------------------------------------------------------


async def test_the_protocol_from_start_to_end(client: Client, sandbox: Sandbox) -> None:
    value = (await client.start()).json()["value"]
    spans = [(part["firstByte"], part["lastByte"]) for part in value["uploadInstructions"]]
    assert spans == [(0, 999), (1_000, 1_999), (2_000, 2_999)], "the last reaches beyond the file"
    assert value["video"].startswith("urn:li:video:") and value["uploadUrlsExpireAt"] > 1_700_000_000_000
    assert "captionsUploadUrl" not in value and await client.status(value["video"]) == "WAITING_UPLOAD"
    etags = await client.send(value)
    assert len(set(etags)) == 3 and await client.send(value) == etags, "sending a part again changes nothing"
    finished = await client.finish(value, etags)
    assert (finished.status_code, finished.content) == (200, b"")
    assert (await client.finish(value, etags)).status_code == 200
    assert [await client.status(value["video"]) for _ in range(2)] == ["PROCESSING", "AVAILABLE"]
    made = await client.post(content={"media": {"id": value["video"], "title": "A title"}})
    assert (made.status_code, made.content) == (201, b"")
    post_id = made.headers["x-restli-id"]
    assert post_id.startswith("urn:li:ugcPost:7")
    [post] = await linkedin_posts(sandbox)
    assert (post["post_id"], post["title"], post["text"]) == (post_id, "A title", "Hello")
    assert (sandbox.folder / "posts" / post_id).read_bytes() == DATA
    entity = (await client.call("GET", f"/rest/posts/{quote(post_id, safe='')}")).json()
    assert (entity["id"], entity["author"], entity["lifecycleState"]) == (post_id, client.author, "PUBLISHED")


async def test_parts_in_another_order_make_a_scrambled_video(client: Client, sandbox: Sandbox) -> None:
    value = (await client.start()).json()["value"]
    etags = await client.send(value)
    assert (await client.finish(value, etags[::-1])).status_code == 200
    while await client.status(value["video"]) != "AVAILABLE":
        pass
    await client.post(content={"media": {"id": value["video"]}})
    [post] = await linkedin_posts(sandbox)
    scrambled = DATA[2 * PART :] + DATA[PART : 2 * PART] + DATA[:PART]
    assert post["sha256"] == hashlib.sha256(scrambled).hexdigest() != hashlib.sha256(DATA).hexdigest()


async def test_finalizing_is_checked(client: Client, sandbox: Sandbox) -> None:
    value = (await client.start()).json()["value"]
    etags = await client.send(value)
    for changes in ({"uploadToken": ""}, {"uploadedPartIds": etags[:2]}, {"uploadedPartIds": [*etags[:2], "x"]}):
        assert (await client.finish(value, etags, **changes)).status_code == 400
    assert problem(await client.finish(value, etags, video="urn:li:video:other")) == (404, "NOT_FOUND")
    other = await Client(sandbox, "second").sign_in()
    assert problem(await other.finish(value, etags)) == (404, "NOT_FOUND")
    half = (await client.start()).json()["value"]
    first = half["uploadInstructions"][0]["uploadUrl"]
    assert (await client.http.put(first, content=DATA[: PART - 1])).status_code == 400
    assert (await client.finish(half, [])).status_code == 400
    assert problem(await client.post(content={"media": {"id": half["video"]}})) == (400, "MEDIA_ASSET_WAITING_UPLOAD")
    assert (await client.http.put(first.replace("sau=", "sau=0"), content=DATA[:PART])).status_code == 404


async def test_a_broken_part_is_no_part_and_all_survives_kill_9(client: Client, sandbox: Sandbox) -> None:
    value = (await client.start()).json()["value"]
    await fault(sandbox, "reset_at_byte", at_byte=PART + 500)
    url = value["uploadInstructions"][1]["uploadUrl"]
    with pytest.raises(httpx.TransportError):
        await client.http.put(url, content=DATA[PART : 2 * PART])
    etags = await client.send(value)
    port = sandbox.port
    sandbox.stop(signal.SIGKILL)
    sandbox.start(port)
    assert (await client.finish(value, etags)).status_code == 200
    assert not list((sandbox.folder / "sessions").glob("*.part*"))


# --- who, how much, and no ------------------------------------------------------------------------------------------


async def test_versions_and_headers(client: Client, sandbox: Sandbox) -> None:
    path = "/rest/organizationAcls?q=roleAssignee"
    assert (await client.call("GET", path)).json()["elements"][0]["organization"] == client.author
    retired = await client.call("GET", path, **{"LinkedIn-Version": "202504"})
    assert retired.json() == {
        "status": 426,
        "code": "NONEXISTENT_VERSION",
        "message": "Requested version 20250401 is not active",
    }
    assert problem(await client.call("GET", path, **{"LinkedIn-Version": ""})) == (400, "VERSION_MISSING")
    assert (await client.call("GET", path, **{"X-Restli-Protocol-Version": ""})).status_code == 400
    await shape(sandbox, versions=["202612"])
    assert (await client.call("GET", path)).status_code == 426
    plain = await client.call("GET", "/rest/posts/urn:li:share:1")
    assert plain.status_code == 400 and "Syntax exception in path variables" in plain.text


async def test_tokens(client: Client, sandbox: Sandbox) -> None:
    answer = (await client.token(grant_type="refresh_token", refresh_token="sandbox-main")).json()
    assert (answer["refresh_token"], answer["expires_in"]) == ("sandbox-main", 60 * 86_400)
    assert (await client.token(grant_type="refresh_token", refresh_token="other")).json()["error"] == "invalid_request"
    await shape(sandbox, refreshable=False)
    assert (await client.token(grant_type="refresh_token", refresh_token="sandbox-main")).status_code == 403
    code = (await client.token(grant_type="authorization_code", code="sandbox-main")).json()
    assert "refresh_token" not in code and code["access_token"]
    path = "/rest/organizationAcls?q=roleAssignee"
    assert problem(await client.call("GET", path, Authorization=""))[1] == "EMPTY_ACCESS_TOKEN"
    assert problem(await client.call("GET", path, Authorization="Bearer x"))[1] == "INVALID_ACCESS_TOKEN"
    await sandbox.post("expire_tokens", {})
    expired = await client.call("GET", path)
    assert problem(expired) == (401, "EXPIRED_ACCESS_TOKEN") and expired.json()["serviceErrorCode"] == 65602
    await sandbox.settings(revoked=["org"])
    assert (await client.call("GET", path)).json()["serviceErrorCode"] == 65601


async def test_the_quota_is_of_the_utc_day_and_no_header_tells(client: Client, sandbox: Sandbox) -> None:
    await shape(sandbox, posts_per_day=2)
    answers = [await client.post(commentary=f"Number {number}") for number in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert "APPLICATION DAY limit" in answers[2].json()["message"]
    assert not [name for name in answers[2].headers if "retry" in name or "limit" in name]
    await sandbox.settings(clock_offset_s=86_400)
    assert (await client.post(commentary="Tomorrow")).status_code == 201


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"commentary": "x" * 3_001}, "FIELD_LENGTH_TOO_LONG"),
        ({"commentary": "\\(" * 1_501}, "FIELD_LENGTH_TOO_LONG"),
        ({"commentary": None}, "INVALID_VALUE_FOR_FIELD"),
        ({"madeWithAi": True}, "UNRECOGNIZED_FIELD"),
        ({"visibility": "PRIVATE"}, "INVALID_VALUE_FOR_FIELD"),
        ({"visibility": "CONNECTIONS"}, "INVALID_VALUE_FOR_FIELD"),
        ({"lifecycleState": "DRAFT"}, "INVALID_VALUE_FOR_FIELD"),
        ({"distribution": {}}, "INVALID_VALUE_FOR_FIELD"),
        ({"content": {"media": {"id": "urn:li:video:none"}}}, "INVALID_URN_ID"),
        ({"content": {"article": {"title": "no source"}}}, "INVALID_CONTENT"),
        ({"content": {"poll": {}}}, "INVALID_CONTENT"),
    ],
)
async def test_posts_are_checked(client: Client, sandbox: Sandbox, changes: dict[str, Any], code: str) -> None:
    assert problem(await client.post(**changes)) == (422, code)
    assert await linkedin_posts(sandbox) == []


async def test_who_may_post_and_read(client: Client, sandbox: Sandbox) -> None:
    assert problem(await client.post(author="urn:li:person:other")) == (403, "ACCESS_DENIED")
    member = (await client.post(author=person("org"))).headers["x-restli-id"]
    assert (await client.call("GET", f"/rest/posts/{quote(member, safe='')}")).status_code == 403
    finder = "/rest/posts?q=author&count=1&author="
    assert (await client.call("GET", finder + quote(person("org"), safe=""))).status_code == 403
    ids = [(await client.post(commentary=f"Number {number}")).headers["x-restli-id"] for number in range(2)]
    page = (await client.call("GET", finder + quote(organization("org"), safe=""))).json()
    assert [post["id"] for post in page["elements"]] == ids[:0:-1] and page["paging"]["total"] == 2
    assert (await client.call("GET", finder + organization("org"))).status_code == 400, "not percent-encoded"
    await shape(sandbox, organization_role="ANALYST")
    assert (await client.post(commentary="Not any more")).status_code == 403


async def test_duplicates_name_the_first(client: Client, sandbox: Sandbox) -> None:
    first = (await client.post()).headers["x-restli-id"]
    again = await client.post()
    assert again.status_code == 422 and "code" not in again.json()
    assert again.json()["message"].endswith(f"Content is a duplicate of {first}")
    assert again.json()["errorDetails"]["inputErrors"][0]["code"] == "DUPLICATE_POST"
    assert (await client.post(author=person("org"))).status_code == 201, "another author"
    video = await client.video()
    assert (await client.post(content={"media": {"id": video}})).status_code == 201, "another content"
    assert (await client.post(content={"media": {"id": await client.video()}})).status_code == 422, "the same bytes"
    await sandbox.settings(clock_offset_s=2 * 86_400.0)
    assert (await client.post()).status_code == 201, "forgotten"


@pytest.mark.parametrize(
    ("written", "kept", "shown"),
    [
        (r"Hi \(there\) {hashtag|\#|Tag} {hashtag|#|Tag}", None, "Hi (there) #Tag #Tag"),
        ("Hi (there)", "Hi ", "Hi "),
        ("Hi #tag", "Hi ", "Hi "),
        ("Hi @[Acme](urn:li:organization:1), hello", None, "Hi Acme, hello"),
        ("Hi @you", "Hi ", "Hi "),
        ("{hashtag|x|Tag}", "", ""),
        ("ends with \\", "ends with ", "ends with "),
    ],
)
async def test_texts_are_cut_in_silence(client: Client, sandbox: Sandbox, written: str, kept: str, shown: str) -> None:
    made = await client.post(commentary=written)
    assert made.status_code == 201
    entity = (await client.call("GET", f"/rest/posts/{quote(made.headers['x-restli-id'], safe='')}")).json()
    assert entity["commentary"] == (written if kept is None else kept)
    assert (await linkedin_posts(sandbox))[0]["text"] == shown


def test_reading_texts_in_other_ways() -> None:
    assert read("a #tag (b)", bare_hashtags=True, truncates=False) == ("a #tag (b)",) * 2
    assert (length(r"\(🐙", count_escapes=True), length(r"\(🐙", count_escapes=False)) == (4, 3)


async def test_faults_by_account(client: Client, sandbox: Sandbox) -> None:
    await fault(sandbox, "quota", op="publish", account="second")
    assert (await client.post()).status_code == 201
    second = await Client(sandbox, "second").sign_in()
    assert "DAY" in (await second.post()).text


# --- LinkedIn's own client ------------------------------------------------------------------------------------------


@pytest.fixture
def official(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[RestliClient]:
    monkeypatch.setattr(linkedin_constants, "VERSIONED_BASE_URL", f"{sandbox.url}/rest")
    monkeypatch.setattr(linkedin_constants, "NON_VERSIONED_BASE_URL", f"{sandbox.url}/v2")
    monkeypatch.setattr(linkedin_constants, "OAUTH_BASE_URL", f"{sandbox.url}/oauth/v2")
    client = RestliClient()
    client.session.trust_env = False
    yield client


def _official_flow(official: RestliClient, account: str) -> None:
    auth = AuthClient(client_id="id", client_secret="secret")
    auth.session.trust_env = False
    token = auth.exchange_refresh_token_for_access_token(f"sandbox-{account}").access_token
    assert auth.introspect_access_token(token).active is True
    assert auth.introspect_access_token("nobody's").active is False
    common = {"access_token": token, "version_string": VERSION}
    me = official.get(resource_path="/userinfo", access_token=token).entity["sub"]
    assert f"urn:li:person:{me}" == person(account)
    role = official.finder(resource_path="/organizationAcls", finder_name="roleAssignee", **common).elements[0]
    owner = role["organization"]
    request = {"owner": owner, "fileSizeBytes": len(DATA), "uploadCaptions": False, "uploadThumbnail": False}
    params = {"initializeUploadRequest": request}
    value = official.action(
        resource_path="/videos", action_name="initializeUpload", action_params=params, **common
    ).value
    etags = []
    for part in value["uploadInstructions"]:
        chunk = DATA[part["firstByte"] : part["lastByte"] + 1]
        etags.append(requests.put(part["uploadUrl"], data=chunk, timeout=300).headers["ETag"])
    named = {"video": value["video"], "uploadToken": value["uploadToken"], "uploadedPartIds": etags}
    # LinkedIn answers 200 with an empty body, which its own client cannot read; the upload is finalized all the same.
    with pytest.raises(ResponseFormattingError):
        official.action(
            resource_path="/videos",
            action_name="finalizeUpload",
            action_params={"finalizeUploadRequest": named},
            **common,
        )
    key = {"id": value["video"]}
    states = [official.get(resource_path="/videos/{id}", path_keys=key, **common).entity["status"] for _ in range(2)]
    assert states == ["PROCESSING", "AVAILABLE"]
    content = {"media": {"id": value["video"], "title": "By the official client"}}
    entity = {
        "author": owner,
        "commentary": "Hello",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "content": content,
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    made = official.create(resource_path="/posts", entity=entity, **common)
    assert made.status_code == 201 and made.entity_id.startswith("urn:li:ugcPost:")
    post = {"id": made.entity_id}
    assert official.get(resource_path="/posts/{id}", path_keys=post, **common).entity["content"] == content
    listed = official.finder(resource_path="/posts", finder_name="author", query_params={"author": owner}, **common)
    assert [element["id"] for element in listed.elements] == [made.entity_id] and listed.paging.total == 1
    comment = {"actor": owner, "object": made.entity_id, "message": {"text": "First"}}
    path = "/socialActions/{id}/comments"
    commented = official.create(resource_path=path, path_keys=post, entity=comment, **common)
    comments = official.get_all(resource_path=path, path_keys=post, **common).elements
    assert [element["id"] for element in comments] == [commented.entity_id]
    again = official.create(resource_path="/posts", entity=entity, **common)
    assert again.status_code == 422 and made.entity_id in again.entity["message"]


async def test_the_official_client(client: Client, sandbox: Sandbox, official: RestliClient) -> None:
    await asyncio.to_thread(_official_flow, official, "org")
    [post] = await linkedin_posts(sandbox)
    assert (post["sha256"], post["title"]) == (hashlib.sha256(DATA).hexdigest(), "By the official client")
    token = client.headers["Authorization"].removeprefix("Bearer ")
    gone = {"resource_path": "/posts/{id}", "path_keys": {"id": post["post_id"]}, "version_string": VERSION}
    for _ in range(2):
        deleted = await asyncio.to_thread(lambda: official.delete(access_token=token, **gone))
        assert deleted.status_code == 204
    assert await linkedin_posts(sandbox) == []
