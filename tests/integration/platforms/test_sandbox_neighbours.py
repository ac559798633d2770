"""The sandbox answers programs on this machine and no page in a browser, and takes no JSON that breaks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.app import create_app
from sandbox.store import SandboxStore

from ..conftest import Sandbox

DEEP = b"[" * 100_000 + b"]" * 100_000
DEEP_OBJECT = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
PATHS = [
    ("GET", "/"), ("GET", "/watch?v=1"), ("GET", "/_control/posts"), ("POST", "/_control/reset"),
    ("POST", "/_control/faults"), ("DELETE", "/_control/faults"), ("POST", "/_control/settings"),
    ("POST", "/_control/expire_tokens"), ("PUT", "/_control/sink"), ("POST", "/token"),
    ("POST", "/upload/youtube/v3/videos"), ("POST", "/2/tweets"), ("GET", "/nothing/there"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:{port}", "127.0.0.1.attacker.example", "10.0.0.1:{port}", "sandbox",
             "127.0.0.1:{port}@attacker.example", "localhost.attacker.example", "", "a b", "[::1", "127.0.0.1:x"],
)  # fmt: skip
async def test_a_foreign_host_is_not_served(sandbox: Sandbox, method: str, path: str, host: str) -> None:
    headers = {"Host": host.format(port=sandbox.port)}
    answer = await sandbox.client.request(method, f"{sandbox.url}{path}", headers=headers, content=b"{}")
    assert answer.status_code in (400, 421), answer.text  # 400: the server itself does not take such a header


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://attacker.example"},
        {"Origin": "http://attacker.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://{own}"},
        {"Origin": "http://{own}.attacker.example"},
        {"Origin": "http://{own}", "Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_page_of_another_site_is_not_served(
    sandbox: Sandbox, method: str, path: str, headers: dict[str, str]
) -> None:
    own = f"127.0.0.1:{sandbox.port}"
    sent = {name: value.format(own=own) for name, value in headers.items()}
    answer = await sandbox.client.request(method, f"{sandbox.url}{path}", headers=sent, content=b"{}")
    if "Sec-Fetch-Site" in sent and method == "GET":  # a link to a page may be followed
        assert answer.status_code != 403
    else:
        assert answer.status_code == 403, answer.text


async def test_a_refused_request_changes_nothing(sandbox: Sandbox) -> None:
    await sandbox.fault("status", op="start", count=3)
    for headers in ({"Host": "attacker.example"}, {"Origin": "https://attacker.example"}):
        await sandbox.client.post(f"{sandbox.url}/_control/reset", headers=headers)
        await sandbox.client.delete(f"{sandbox.url}/_control/faults", headers=headers)
    assert len(await sandbox.faults_left()) == 1


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST", "[::1]:{port}", "127.0.0.2"])
async def test_programs_on_this_machine_are_served(sandbox: Sandbox, host: str) -> None:
    own = host.format(port=sandbox.port)
    for headers in ({"Host": own}, {"Host": own, "Origin": f"http://{own}", "Sec-Fetch-Site": "same-origin"}):
        answer = await sandbox.client.post(f"{sandbox.url}/_control/settings", headers=headers, content=b"{}")
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("host", "status"), [("sandbox:8090", 200), ("172.18.0.5:8090", 200), ("[fd00::5]:8090", 200),
                         ("localhost:8090", 200), ("attacker.example", 421), ("sandbox.attacker.example:8090", 421)],
)  # fmt: skip
async def test_in_a_containers_network_its_own_names_are_served(tmp_path: Path, host: str, status: int) -> None:
    store = SandboxStore(tmp_path)
    try:
        transport = httpx.ASGITransport(create_app(store, "0.0.0.0"))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            assert (await client.get("/_control/health")).status_code == status
    finally:
        store.close()


async def signed_in(sandbox: Sandbox) -> dict[str, str]:
    form = {"grant_type": "refresh_token", "client_id": "i", "client_secret": "s", "refresh_token": "1//sandbox-main"}
    answer = await sandbox.client.post(f"{sandbox.url}/token", data=form)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


JSON_DOORS: list[tuple[str, str, dict[str, str]]] = [
    ("POST", "/_control/faults", {}),
    ("POST", "/_control/settings", {}),
    ("POST", "/_control/settings/youtube", {}),
    ("POST", "/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status", {"X-Upload-Content-Length": "10"}),
    ("POST", "/youtube/v3/commentThreads?part=snippet", {}),
    ("POST", "/2/tweets", {}),
    ("POST", "/2/media/upload/initialize", {}),
    ("POST", "/v2/post/publish/video/init/", {}),
    ("POST", "/v2/post/publish/status/fetch/", {}),
    ("POST", "/rest/videos?action=initializeUpload", {"LinkedIn-Version": "202609"}),
    ("POST", "/rest/posts", {"LinkedIn-Version": "202609"}),
    ("POST", "/api/v10/webhooks/1000000000000000001/sandbox-main", {}),
    ("POST", "/v26.0/me/media", {}),
    ("POST", "/v26.0/me/video_reels", {}),
]


@pytest.mark.parametrize("body", [DEEP, DEEP_OBJECT, b'{"x": NaN}', b'{"x": 1e999999, "y": [' + b"9" * 10_000 + b"]}"])
@pytest.mark.parametrize(("method", "path", "more"), JSON_DOORS)
async def test_no_json_breaks_the_sandbox(
    sandbox: Sandbox, method: str, path: str, more: dict[str, str], body: bytes
) -> None:
    headers = {**await signed_in(sandbox), "Content-Type": "application/json", **more}
    answer: httpx.Response = await sandbox.client.request(method, f"{sandbox.url}{path}", headers=headers, content=body)
    assert 400 <= answer.status_code < 500, answer.text[:300]
    if path.startswith("/_control"):
        assert answer.status_code == 400
    after: Any = await sandbox.client.get(f"{sandbox.url}/_control/health")
    assert after.json()["ok"]
