"""Today, Contents and Pipelines from the boards: filters in the address, pages by cursor, single rows as fragments."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from reelwright.domain.people import Role
from reelwright.storage.board_watch import PostgresBoardWatch, Seen
from tests.console_app import PERSONS, app_of, browsing
from tests.servers import Servers, emptied

from ..conftest import database_of_its_own

SEED = """insert into content (id, workflow_id, status, request, request_sha256, result, opened_at, closed_at)
    select 'c' || lpad(n::text, 3, '0'), 'content-c' || n, case when n <= 5 then 'running' else 'done' end,
        json_build_object('topic', 'Topic ' || n, 'channel', case when n % 2 = 0 then 'news' else 'kids' end),
        repeat('0', 64), case when n > 5 then json_build_object('title', 'Tides ' || n) end,
        timestamptz '2026-11-01 12:00+00' - n * interval '1 hour',
        case when n > 5 then timestamptz '2026-11-02 12:00+00' + n * interval '1 hour' end
    from generate_series(1, 120) n"""


@pytest.fixture(scope="module")
async def shared(servers: Servers) -> AsyncIterator[Any]:
    async with database_of_its_own(servers) as pool:
        await pool.execute(SEED)
        await PostgresBoardWatch(pool).see([Seen("c001", "content-c1", "review", 35, "wanted", 1.5)])
        yield pool


@pytest.fixture
async def client(shared: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(app_of(pool=shared, caller=PERSONS[Role.VIEWER])) as client:
        yield client


def keys(text: str) -> list[str]:
    return re.findall(r'<tr data-key="([^"]+)"', text)


async def shown(client: httpx.AsyncClient, path: str) -> list[str]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return keys(answer.text)


async def test_pages_follow_each_other_and_keep_their_filters(client: httpx.AsyncClient) -> None:
    first = await client.get("/contents?q=t&by=ended")
    [further] = re.findall(r'rel="next" href="([^"]+)"', first.text)
    assert "by=ended" in further and len(keys(first.text)) == 100
    second = await shown(client, further.replace("&amp;", "&"))
    assert keys(first.text)[0] == "c120", "the one that ended last"
    assert len(second) == 15 and not set(second) & set(keys(first.text))


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("/contents?stage=review", ["c001"]),
        ("/contents?q=tides+12", ["c012", "c120"]),
        ("/contents?since=2026-11-01&until=2026-11-01&channel=news", ["c002", "c004", "c006", "c008", "c010", "c012"]),
        ("/pipelines", ["c001", "c002", "c003", "c004", "c005"]),
        ("/pipelines?channel=kids", ["c001", "c003", "c005"]),
        ("/contents?q=nothing+of+the+kind", []),
    ],
)
async def test_filters_are_in_the_address(client: httpx.AsyncClient, path: str, rows: list[str]) -> None:
    assert await shown(client, path) == rows


async def test_single_rows_come_as_rows_alone_and_only_where_the_filters_hold(client: httpx.AsyncClient) -> None:
    answer = await client.get("/contents?stage=review&rows=c001&rows=c002&rows=unknown", headers={"X-Part": "1"})
    assert keys(answer.text) == ["c001"]
    assert "<html" not in answer.text and "review" in answer.text and "$1.50" in answer.text
    assert keys((await client.get("/pipelines?rows=c001&rows=c100")).text) == ["c001"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/contents?stage=lurking", "stage"),
        ("/contents?after=forged", "cursor"),
        ("/contents?since=yesterday", "since"),
        ("/contents?until=9999-12-31", "until"),
        ("/contents?by=luck", "by"),
        ("/contents?channel=a%20b", "channel"),
        ("/contents?q=%00", "q"),
        ("/contents?rows=%00", "rows"),
        ("/contents?" + "&".join(f"rows={n}" for n in range(501)), "limit"),
        ("/pipelines?stage=lurking", "stage"),
    ],
)
async def test_a_wrong_address_names_its_field(client: httpx.AsyncClient, path: str, field: str) -> None:
    answer = await client.get(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_page_says_what_it_does_not_know(client: httpx.AsyncClient, shared: Any) -> None:
    await shared.execute(
        "insert into board_watch (turn_at, seen_at, trouble) values (now(), '2026-11-01 10:00+00', 'Temporal: down')"
    )
    try:
        for path in ("/", "/contents", "/pipelines"):
            text = (await client.get(path)).text
            assert "Temporal: down" in text and 'datetime="2026-11-01T10:00:00Z"' in text
    finally:
        await shared.execute("delete from board_watch")
    assert "Temporal: down" not in (await client.get("/")).text


async def test_today_links_what_it_counts(client: httpx.AsyncClient) -> None:
    text = (await client.get("/")).text
    assert 'data-key="c001"' in text and 'data-key="c002"' in text
    assert text.count("data-live=") == 3


async def test_nothing_is_asked_of_temporal(client: httpx.AsyncClient) -> None:
    """The stand-in for it fails for whatever it is asked about a workflow, and here there are five that run."""
    for path in ("/", "/contents", "/pipelines"):
        assert (await client.get(path)).status_code == 200


async def test_an_empty_studio(servers: Servers) -> None:
    async with database_of_its_own(servers) as pool:
        await emptied(pool)
        async with browsing(app_of(pool=pool)) as client:
            assert "There are no contents." in (await client.get("/contents")).text
            assert "Nothing runs." in (await client.get("/pipelines")).text
            assert "Nothing waits for a person." in (await client.get("/")).text
