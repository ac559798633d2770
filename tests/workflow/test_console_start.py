"""The start page on a real Temporal server: what is wrong stands at its field; a form sent twice is one content."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from reelwright.storage.database import connect
from tests.console_app import app_of, browsing
from tests.servers import Servers, copied
from tests.workflow.conftest import FakeStudio

SCRIPT = "# Tides\n\nThe moon pulls at the sea.\n\nIt comes and goes."


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[Any]:
    pool = await connect(await copied(servers.need("postgres")), max_size=4)
    yield pool
    await pool.close()


@pytest.fixture
async def client(studio: FakeStudio, pool: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(app_of(pool=pool, temporal=studio.temporal)) as client:
        yield client


def form(**given: Any) -> dict[str, Any]:
    return {"source": "script", "script": SCRIPT, "key": "k1", "start": "1", **given}


async def test_a_form_sent_twice_is_one_content(client: httpx.AsyncClient) -> None:
    page = await client.get("/start")
    [key] = re.findall(r'name="key" value="(\w+)"', page.text)
    first = await client.post("/start", data=form(key=key, where="none"))
    again = await client.post("/start", data=form(key=key, where="none"))
    assert first.status_code == again.status_code == 303, first.text
    assert first.headers["location"] == again.headers["location"]
    shown = await client.get(first.headers["location"])
    assert shown.status_code == 200 and "Steps" in shown.text


async def test_checking_starts_nothing(client: httpx.AsyncClient) -> None:
    given = form(platforms=["youtube"], privacy="private", check="1")
    del given["start"]
    answer = await client.post("/start", data=given)
    assert answer.status_code == 200
    assert "Everything is in order: it will be posted to YouTube (account default, private)" in answer.text
    assert 'value="youtube" checked' in answer.text and "The moon pulls" in answer.text
    assert "k1" in answer.text, "the key stays, so that the next press starts it once"


WRONG: dict[str, dict[str, Any]] = {
    "script": {"script": ""},
    "source": {"source": "dream"},
    "channel": {"channel": "no such name"},
    "language": {"language": "tlh"},
    "platforms": {"platforms": ["myspace"]},
    "max_usd": {"max_usd": "a lot"},
    "publish_at": {"publish_at": "yesterday"},
    "formats": {"formats": ["7:7:7"]},
    "media": {"own": ["a" * 64 + " scene x"]},
    "own": {"own": ["../../etc/passwd scene 1"]},
    "media.1.file": {"own": ["a" * 64 + " scene 1"]},
}


@pytest.mark.parametrize(("field", "given"), WRONG.items())
async def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    client: httpx.AsyncClient, field: str, given: dict[str, Any]
) -> None:
    answer = await client.post("/start", data=form(title="Kept <b>title</b>", **given))
    assert answer.status_code in (404, 422), answer.text
    assert f"<strong>{field}" in answer.text, re.findall(r"<strong>.*?</strong>", answer.text)
    assert "Kept &lt;b&gt;title&lt;/b&gt;" in answer.text


async def test_a_content_that_has_ended_shows_its_files(client: httpx.AsyncClient, studio: FakeStudio) -> None:
    handle = await studio.start({"script": SCRIPT, "platforms": [], "auto_approve": True})
    result = await handle.result()
    page = (await client.get(f"/contents/{result.content_id}")).text
    assert "Files" in page and all(video.file.sha256 in page for video in result.videos)
    assert "100 %" not in page and "Evidence of its assets" in page
