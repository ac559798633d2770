"""The pages on a real database: each answers, shows what is there, and shows text as text."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from reelwright.domain.people import Role
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.posts import PostgresPostLedger
from tests.console_app import PERSONS, app_of, browsing
from tests.integration.storage.filing import SHA, fresh, open_content, ready

MARKUP = "<script>alert('x')</script>‮evil"


@pytest.fixture
async def client(pool: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(app_of(pool=pool)) as client:
        yield client


async def titled(pool: Any, title: str) -> str:
    """A closed content of this title."""
    content = fresh()
    await PostgresCatalog(pool).open_content(
        content,
        workflow_id=f"content-{content}",
        request_json=httpx.Response(200, json={"topic": title}).text,
        request_sha256=SHA,
        request_key=None,
    )
    await pool.execute("update content set status = 'done', closed_at = now() where id = $1", content)
    return content


PAGES = (
    "/", "/contents", "/contents?stage=done", "/posts", "/posts?view=list", "/posts?view=parked",
    "/posts?view=calendar",
    "/posts?view=calendar&span=week&zone=Europe/Berlin&day=2026-10-25", "/quota", "/quota?platform=youtube",
    "/accounts", "/channels", "/channels/new", "/costs", "/costs?by=provider", "/costs?by=content&since=2026-01-01",
    "/feeds", "/policies", "/policies/kids", "/analytics", "/experiments", "/audit", "/audit?verify=1",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_answers(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text[-2000:]
    assert "</html>" in answer.text and answer.headers["cache-control"] == "no-store"


WRONG = {
    "/contents?stage=nonsense": "stage",
    "/contents?after=forged": "cursor",
    "/contents?channel=a%20b": "channel",
    "/posts?platform=myspace": "platform",
    "/posts?view=calendar&zone=Mars/Olympus": "zone",
    "/posts?view=calendar&day=tomorrow": "day",
    "/posts?view=calendar&span=year": "span",
    "/costs?by=mood": "by",
    "/costs?since=yesterday": "since",
    "/audit?after=-1": "cursor",
    "/channels/no%20name": "name",
    "/policies/unheard-of": "moderation",
}


@pytest.mark.parametrize(("path", "field"), WRONG.items())
async def test_what_is_wrong_in_an_address_is_named(client: httpx.AsyncClient, path: str, field: str) -> None:
    answer = await client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field
    assert answer.json()["remedy"]


async def test_an_unknown_content_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.get("/contents/content-that-never-was/evidence")
    assert answer.status_code == 404


async def test_titles_are_text(pool: Any, client: httpx.AsyncClient) -> None:
    content = await titled(pool, MARKUP)
    page = (await client.get("/contents")).text
    assert content in page
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


async def test_lists_go_on_where_the_page_ended(pool: Any) -> None:
    channel = f"ch{uuid.uuid4().hex[:8]}"
    made = []
    for _ in range(103):
        content = fresh()
        made.append(content)
        await pool.execute(
            """insert into content (id, workflow_id, request, request_sha256, status, closed_at)
               values ($1, $2, $3, $4, 'done', now())""",
            content, f"content-{content}", httpx.Response(200, json={"topic": "x", "channel": channel}).text, SHA,
        )  # fmt: skip
    async with browsing(app_of(pool=pool)) as client:
        first = await client.get("/contents", params={"channel": channel})
        [following] = [
            line.split('href="')[1].split('"')[0] for line in first.text.splitlines() if 'rel="next"' in line
        ]
        second = await client.get(following.replace("&amp;", "&"))
    seen = (
        [one for one in made if f'data-key="{one}"' in first.text],
        [one for one in made if f'data-key="{one}"' in second.text],
    )
    assert (len(seen[0]), len(seen[1])) == (100, 3)
    assert set(seen[0]).isdisjoint(seen[1])


async def test_a_post_stands_in_the_calendar_on_the_day_of_the_zone(pool: Any, client: httpx.AsyncClient) -> None:
    content = fresh()
    await open_content(PostgresCatalog(pool), content)
    key = await ready(PostgresPostLedger(pool), content)
    await pool.execute(
        """update posts set state = 'posted', post_id = $2, session = null, armed_at = now(),
           ended_at = '2024-03-30T23:30:00Z' where key = $1""",
        key,
        f"p-{content}",
    )
    for zone, day in (("UTC", "30"), ("Europe/Berlin", "31")):
        page = (await client.get(f"/posts?view=calendar&day=2024-03-15&zone={zone}")).text
        before = page.split(content)[0]
        assert before.rstrip().rpartition("<h3>")[2].split("</h3>")[0].split() == [{"30": "Sat", "31": "Sun"}[day], day]


async def test_a_channel_is_applied_changed_and_brought_back(pool: Any, client: httpx.AsyncClient) -> None:
    name = f"ch{uuid.uuid4().hex[:8]}"
    answer = await client.post(
        "/channels", data={"toml": f'name = "{name}"\nlanguages = ["en"]\n', "name": "", "seen": ""}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/channels/{name}")
    changed = {"toml": f'name = "{name}"\nlanguages = ["de"]\n', "name": name, "seen": "1"}
    assert (await client.post("/channels", data=changed)).status_code == 303
    late = await client.post("/channels", data=changed)
    assert late.status_code == 422 and "is at version 2" in late.text
    page = (await client.get(f"/channels/{name}")).text
    assert "version 2, in force" in page and "languages" in page
    assert (await client.post(f"/channels/{name}/rollback", data={"version": "1"})).status_code == 303
    assert "version 3, in force" in (await client.get(f"/channels/{name}")).text
    rows = await pool.fetch("select who, action from audit where subject = $1", name)
    assert len(rows) == 3 and {row["who"] for row in rows} == {PERSONS[Role.ADMIN].name}


async def test_a_channel_that_is_wrong_keeps_what_was_typed(client: httpx.AsyncClient) -> None:
    typed = 'name = "odd"\nlanguagez = ["en"]\n'
    answer = await client.post("/channels", data={"toml": typed, "name": "", "seen": ""})
    assert answer.status_code == 422
    assert "languagez" in answer.text and "line 2" in answer.text and "languages" in answer.text


async def test_a_feed_is_added_held_and_removed(pool: Any, client: httpx.AsyncClient) -> None:
    name = f"f{uuid.uuid4().hex[:8]}"
    wrong = await client.post("/feeds", data={"url": "ftp://example.org/x", "name": name})
    assert wrong.status_code == 422 and 'id="wrong-url"' in wrong.text and "ftp://example.org/x" in wrong.text
    answer = await client.post("/feeds", data={"url": "https://example.org/feed.xml", "name": name, "priority": "1"})
    assert answer.headers["location"] == f"/feeds/{name}"
    assert (await client.post(f"/feeds/{name}/pause", data={"note": "too loud"})).status_code == 303
    assert ">paused<" in (await client.get(f"/feeds/{name}")).text
    assert (await client.post(f"/feeds/{name}/resume")).status_code == 303
    assert (await client.post(f"/feeds/{name}/explode")).status_code == 422
    assert (await client.post(f"/feeds/{name}/remove")).status_code == 303
    assert (await client.get(f"/feeds/{name}")).status_code in (404, 422)


async def test_a_platform_is_paused_by_name_and_goes_on(pool: Any, client: httpx.AsyncClient) -> None:
    assert (await client.post("/platforms/pause", data={"platform": "x", "note": MARKUP})).status_code == 303
    page = (await client.get("/posts")).text
    assert "is paused" in page and PERSONS[Role.ADMIN].name in page and "<script>alert" not in page
    assert (await client.post("/platforms/resume", data={"platform": "x"})).status_code == 303
    assert "is paused" not in (await client.get("/posts")).text


@pytest.mark.parametrize(
    ("path", "least"),
    [
        ("/channels", Role.ADMIN),
        ("/feeds", Role.OPERATOR),
        ("/platforms/pause", Role.OPERATOR),
        ("/posts/settle", Role.OPERATOR),
    ],
)
async def test_who_may_not_is_refused(pool: Any, path: str, least: Role) -> None:
    below = [role for role in Role if not role.includes(least)]
    assert below
    for role in below:
        async with browsing(app_of(pool=pool, caller=PERSONS[role])) as client:
            assert (await client.post(path, data={"platform": "x"})).status_code == 403
