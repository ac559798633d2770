"""Told once: feeds over real HTTP, claims in a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from activities.content.editorial import Editorial, ReadFeed
from reelwright.domain.errors import InvalidInput
from reelwright.providers.feeds.http import HttpFeedReader
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.told import PostgresEntryMemory
from tests.unit.test_feeds import Page, Site, rss
from tests.workflow.fakes import Makers

from .filing import fresh, open_content

TEXT = "The old harbour opened its new fish market, and people of number {n} came from all around to see the boats."


def entry(n: int, *, guid: str = "", link: str = "", date: str = "") -> str:
    day = f"<pubDate>{date or f'Mon, {n:02d} Nov 2026 08:00:00 GMT'}</pubDate>"
    named = f"<guid>{guid}</guid>" if guid else ""
    return f"<title>Entry {n}</title>{named}<link>{link or f'https://harbour.example.org/{n}'}</link>{day}<description>{TEXT.format(n=n)}</description>"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.running() as site:
        yield site


@pytest.fixture
def editorial(catalog: PostgresCatalog, pool: Any) -> Editorial:
    makers = Makers()
    return Editorial(catalog, HttpFeedReader(allow_private=True), makers, makers, PostgresEntryMemory(pool))


async def read(editorial: Editorial, site: Site, *, channel: str, content_id: str = "", path: str = "/feed") -> str:
    content_id = content_id or fresh()
    await open_content(editorial.catalog, content_id)  # type: ignore[arg-type]
    item = await editorial.read_feed(ReadFeed(content_id=content_id, url=site.url + path, channel=channel))
    return item.title


async def test_each_content_of_a_channel_tells_another_entry_until_there_is_nothing_new(
    editorial: Editorial, site: Site
) -> None:
    site.pages["/feed"] = Page(rss(entry(1), entry(3), entry(2)))
    channel = fresh()
    assert [await read(editorial, site, channel=channel) for _ in range(3)] == ["Entry 3", "Entry 2", "Entry 1"]
    with pytest.raises(
        InvalidInput, match=r"^feed: nothing new since “Entry 3” of 2026-11-03: .*channel " + channel
    ) as caught:
        await read(editorial, site, channel=channel)
    assert caught.value.remedy
    assert await read(editorial, site, channel=fresh()) == "Entry 3", "another channel has its own memory"
    site.pages["/feed"] = Page(rss(entry(1), entry(3), entry(2), entry(4)))
    assert await read(editorial, site, channel=channel) == "Entry 4"


async def test_the_same_content_asks_again_and_keeps_its_entry(editorial: Editorial, site: Site, pool: Any) -> None:
    site.pages["/feed"] = Page(rss(entry(1), entry(2)))
    channel, content_id = fresh(), fresh()
    assert await read(editorial, site, channel=channel, content_id=content_id) == "Entry 2"
    # As after a crash between the claim and the record of it, with a newer entry meanwhile.
    for table in ("costs", "results"):
        await pool.execute(f"delete from {table} where key like $1", f"{content_id}/feed/%")
    site.pages["/feed"] = Page(rss(entry(1), entry(2), entry(3)))
    assert await read(editorial, site, channel=channel, content_id=content_id) == "Entry 2"
    assert await read(editorial, site, channel=channel) == "Entry 3"
    assert await pool.fetchval("select count(distinct content_id) from told_entries where channel = $1", channel) == 2


async def test_many_at_once_take_different_entries(editorial: Editorial, site: Site) -> None:
    site.pages["/feed"] = Page(rss(*(entry(n) for n in range(1, 9))))
    channel = fresh()
    titles = await asyncio.gather(*(read(editorial, site, channel=channel) for _ in range(8)))
    assert sorted(titles) == [f"Entry {n}" for n in range(1, 9)]


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ({"guid": "https://harbour.example.org/?p=1"}, {"guid": "http://www.harbour.example.org/?p=1"}),
        (
            {"guid": "https://old.example.org/?p=1"},
            {"guid": "https://new.example.com/?p=1", "link": "https://new.example.com/1"},
        ),
        (
            {"link": "https://harbour.example.org/1?utm_source=rss"},
            {"link": "http://harbour.example.org/1/?utm_source=x&fbclid=2#utm_x"},
        ),
        (
            {"guid": "tag:harbour.example.org,2026:1"},
            {"guid": "tag:harbour.example.org,2026:1", "date": "Mon, 09 Nov 2026 08:00:00 GMT"},
        ),
        ({}, {"link": "https://mirror.example.com/else"}),
    ],
)
async def test_an_entry_is_known_again(
    editorial: Editorial, site: Site, first: dict[str, str], later: dict[str, str]
) -> None:
    channel = fresh()
    site.pages["/feed"] = Page(rss(entry(1, **first)))
    assert await read(editorial, site, channel=channel) == "Entry 1"
    site.pages["/feed"] = Page(rss(entry(1, **later)))
    with pytest.raises(InvalidInput, match="nothing new"):
        await read(editorial, site, channel=channel)


async def test_entries_that_share_a_link_are_different(editorial: Editorial, site: Site) -> None:
    front = "https://harbour.example.org/news"
    site.pages["/feed"] = Page(rss(entry(1, link=front), entry(2, link=front)))
    channel = fresh()
    assert [await read(editorial, site, channel=channel) for _ in range(2)] == ["Entry 2", "Entry 1"]


async def test_small_guids_are_only_known_within_their_site(editorial: Editorial, site: Site) -> None:
    site.pages["/feed"] = Page(rss(entry(1, guid="17")))
    site.pages["/other"] = Page(rss(entry(2, guid="18")))
    channel = fresh()
    assert await read(editorial, site, channel=channel) == "Entry 1"
    assert await read(editorial, site, channel=channel, path="/other") == "Entry 2"
