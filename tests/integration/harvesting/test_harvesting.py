"""A source's harvests: real HTTP on loopback, real PostgreSQL. What is new, what is a duplicate, what is left out."""

from __future__ import annotations

import asyncio
import gzip
import html
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.telling import Telling
from reelwright.domain.errors import InvalidInput
from reelwright.domain.feeds.harvest import ItemState, SourceHarvest
from reelwright.domain.feeds.source import SourceState
from reelwright.providers.feeds import pinned
from reelwright.providers.feeds.http import HttpFeedReader
from reelwright.storage.audit import PostgresAudit
from reelwright.storage.told import PostgresEntryMemory
from tests.integration.storage.filing import fresh
from tests.unit.test_feeds import Page, Site

from .kit import NOW, Harvester, entry, feed, story

MENU = "".join(f"<li><a href='/{n}'>Topic number {n}</a></li>" for n in range(60))
NAVIGATION = f"<html><body><nav><ul>{MENU}</ul></nav><div><ul>{MENU}</ul></div></body></html>"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.running() as site:
        yield site


@pytest.fixture
def harvester(pool: Any) -> Harvester:
    return Harvester(pool)


def article(n: int, *, head: str = "") -> bytes:
    body = "".join(f"<p>{part}.</p>" for part in story(n, 150).split(".")[:-1])
    return f"<html><head><title>T</title>{head}</head><body><article>{body}</article></body></html>".encode()


async def reasons(harvester: Harvester, source: SourceState) -> dict[str, tuple[str, str]]:
    return {item.title: (item.state.value, item.reason) for item in await harvester.items(source)}


# --- once ------------------------------------------------------------------------------------------------------------


async def test_a_second_harvest_claims_nothing_twice(site: Site, harvester: Harvester) -> None:
    site.pages["/feed"] = Page(feed(*(entry(n) for n in range(1, 6))))
    source = await harvester.add(f"{site.url}/feed", most_items=3)
    first = await harvester.read(source)
    assert (len(first.claimed), first.left) == (3, 2)
    # Nothing was started yet (a crash): the same three, and no others beside them.
    assert (await harvester.read(source)).claimed == first.claimed
    ids = await harvester.start(first)
    second = await harvester.read(source)
    assert (len(second.claimed), second.left, second.known) == (2, 0, 3)
    assert not {item.content_id for item in second.claimed} & set(ids)
    await harvester.start(second)
    assert (await harvester.read(source)).claimed == ()
    # Edited and moved to another host: the same entries.
    moved = [entry(n, text=story(n) + " Updated.", link=f"https://www.harbour.example.org/{n}/?utm_source=x#top")
             for n in range(1, 6)]  # fmt: skip
    site.pages["/feed"] = Page(feed(*moved))
    assert (await harvester.read(source)).known == 5
    assert (await harvester.book.find(source.name)).counts == {"started": 5}


async def test_an_unchanged_feed_is_not_sent_again_but_what_was_left_is(site: Site, harvester: Harvester) -> None:
    data = feed(entry(1), entry(2))
    headers = {"ETag": '"a1"', "Last-Modified": "Mon, 23 Nov 2026 08:00:00 GMT"}

    def page() -> Page:
        known = site.headers["/feed"].get("If-None-Match") == '"a1"'
        return Page(b"" if known else data, 304 if known else 200, headers)

    site.pages["/feed"] = page
    source = await harvester.add(f"{site.url}/feed", most_items=1)
    first = await harvester.read(source)
    assert (first.outcome, first.left) == ("ok", 1) and "If-None-Match" not in site.headers["/feed"]
    await harvester.start(first)
    second = await harvester.read(source)
    assert (second.outcome, len(second.claimed)) == ("ok", 1), "what was left comes without validators"
    third = await harvester.read(source)
    assert (third.outcome, third.claimed) == ("unchanged", second.claimed), "claimed and not started: told again"
    assert site.headers["/feed"]["If-Modified-Since"] == headers["Last-Modified"]
    state = await harvester.book.find(source.name)
    assert (state.outcome, state.harvested_at, state.due_at) == ("unchanged", NOW, NOW + timedelta(minutes=30))


async def test_a_claim_keeps_its_request_and_its_id(site: Site, harvester: Harvester) -> None:
    site.pages["/feed"] = Page(
        feed(entry(1, title="&lt;b&gt;Bold&lt;/b&gt; &amp;amp; &lt;script&gt;x()&lt;/script&gt;new"))
    )
    source = await harvester.add(
        f"{site.url}/feed", language="de", priority=2, request={"platforms": ["tiktok"], "auto_approve": True}
    )
    [item] = (await harvester.read(source)).claimed
    kept = await harvester.book.request(item.content_id)
    request = ContentRequest.model_validate(kept.request)
    assert request.item is not None
    assert (request.item.title, request.language, request.priority) == ("Bold & new", "de", 2)
    assert (request.channel, request.platforms, request.auto_approve) == (source.source.channel, ("tiktok",), True)
    assert "privacy" not in (kept.request or {}), "what was not set is left to the channel"
    site.pages["/feed"] = Page(status=500)
    failed = await harvester.read(source)
    assert failed.outcome == "failed" and failed.claimed == (item,), "started all the same"
    assert await harvester.book.request(item.content_id) == kept
    await harvester.book.mark_started(item.content_id)
    await harvester.book.mark_started(item.content_id)
    assert (await harvester.book.request(item.content_id)).request is None


# --- duplicates ------------------------------------------------------------------------------------------------------


async def test_duplicates_across_the_sources_of_a_channel(site: Site, harvester: Harvester) -> None:
    channel = fresh()
    words = story(1, 120).split()
    slightly = " ".join("some" if n % 30 == 3 else word for n, word in enumerate(words))
    site.pages["/one"] = Page(feed(entry(1, text=story(1, 120)), entry(2)))
    site.pages["/two"] = Page(
        feed(
            entry(21, title="Entry 1", link="http://www.harbour.example.org/1/?utm_medium=rss&fbclid=7#comments"),
            entry(22, title="Same text", text=story(2).upper().replace(".", " !")),
            entry(23, title="Nearly the same", text=slightly),
            entry(24, title="Another"),
            entry(25, title="Another, twice in the feed", text=story(24), link="https://else.example.org/25"),
        )
    )
    one, two = [await harvester.add(f"{site.url}/{path}", channel=channel) for path in ("one", "two")]
    other = await harvester.add(f"{site.url}/two")
    first, second = await harvester.read(one), await harvester.read(two)
    assert (len(first.claimed), first.duplicates) == (2, 0)
    assert (len(second.claimed), second.duplicates, second.known) == (1, 4, 0)
    told = await reasons(harvester, two)
    ids = {item.title: item.content_id for item in first.claimed}
    assert told["Entry 1"] == ("duplicate", f"the same entry as in {ids['Entry 1']}")
    assert told["Same text"] == ("duplicate", f"the same text as in {ids['Entry 2']}")
    state, reason = told["Nearly the same"]
    assert state == "duplicate" and reason.endswith(f"% of its text as in {ids['Entry 1']}")
    assert told["Another, twice in the feed"][0] == "duplicate"
    assert len((await harvester.read(other)).claimed) == 3, "another channel, which has told none of it"
    # After the days of the setting a text may come again; an entry never does.
    late = Harvester(harvester.pool, NOW + timedelta(days=31))
    late.activities.likeness = type(late.activities.likeness)(days=30)
    site.pages["/three"] = Page(
        feed(entry(31, text=story(2)), entry(32, title="Entry 1", link="https://harbour.example.org/1"))
    )
    three = await late.add(f"{site.url}/three", channel=channel, max_age_days=365)
    await harvester.pool.execute("update feed_items set seen_at = $1 where channel = $2", NOW, channel)
    found = await late.read(three)
    assert (len(found.claimed), found.duplicates) == (1, 1)


async def test_sources_that_are_read_at_the_same_time_claim_a_story_once(site: Site, harvester: Harvester) -> None:
    channel = fresh()
    for n in range(6):
        site.pages[f"/{n}"] = Page(feed(entry(n, title=f"From {n}", text=story(7), link=f"https://e{n}.example.org/x")))
    sources = [await harvester.add(f"{site.url}/{n}", channel=channel) for n in range(6)]
    found = await asyncio.gather(*(harvester.read(source) for source in sources))
    assert sum(len(one.claimed) for one in found) == 1 and sum(one.duplicates for one in found) == 5


async def test_an_entry_of_run_with_feed_is_not_harvested_and_the_reverse(site: Site, harvester: Harvester) -> None:
    site.pages["/feed"] = Page(feed(entry(1), entry(2)))
    source = await harvester.add(f"{site.url}/feed", most_items=1)
    memory, channel, content_id = PostgresEntryMemory(harvester.pool), source.source.channel, fresh()
    reader = HttpFeedReader(allow_private=True)
    assert (await reader.newest(f"{site.url}/feed", Telling(memory, channel, content_id))).title == "Entry 1"
    found = await harvester.read(source)
    assert [item.title for item in found.claimed] == ["Entry 2"]
    assert (await reasons(harvester, source))["Entry 1"] == ("duplicate", f"the same entry as in {content_id}")
    with pytest.raises(InvalidInput, match="nothing new since"):
        await reader.newest(f"{site.url}/feed", Telling(memory, channel, fresh()))


# --- what is left out ------------------------------------------------------------------------------------------------


async def test_filters_and_their_reasons_are_on_record(site: Site, harvester: Harvester) -> None:
    site.pages["/feed"] = Page(
        feed(
            entry(1, title="About climate"),
            entry(2, title="About the weather"),
            entry(3, title="An advertisement: climate"),
            entry(4, title="Old climate", day="Mon, 02 Nov 2026 08:00:00 GMT"),
            entry(5, title="Short climate", text="Ten words are here, and no page that has more."),
            entry(6, title="Climate of the future", day="Mon, 02 Nov 2037 08:00:00 GMT"),
        )
    )  # fmt: skip
    source = await harvester.add(
        f"{site.url}/feed", include=["climat*"], exclude=["advertisement"], max_age_days=7, least_words=40
    )
    found = await harvester.read(source)
    assert {item.title for item in found.claimed} == {"About climate", "Climate of the future"}
    assert (found.filtered, found.failed) == (4, 0)
    told = await reasons(harvester, source)
    assert told["About the weather"][1] == "it has none of the words that the source includes"
    assert told["An advertisement: climate"][1] == "it has 'advertisement', which the source excludes"
    assert told["Old climate"][1] == "published 2026-11-02, more than 7 days ago"
    assert told["Short climate"][1].startswith("10 words, fewer than 40; its article: ")
    assert told["Climate of the future"] == ("new", "its date is in the future (2037-11-02), and does not count")


async def test_only_what_comes_after_the_source_was_added(site: Site, harvester: Harvester) -> None:
    site.pages["/feed"] = Page(status=503)
    source = await harvester.add(f"{site.url}/feed", only_new=True)
    assert (await harvester.read(source)).outcome == "failed"
    site.pages["/feed"] = Page(feed(entry(1), entry(2)))
    first = await harvester.read(source)
    assert (first.claimed, first.filtered, first.left) == ((), 2, 0)
    site.pages["/feed"] = Page(feed(entry(3), entry(1), entry(2)))
    assert [item.title for item in (await harvester.read(source)).claimed] == ["Entry 3"]


# --- articles --------------------------------------------------------------------------------------------------------


async def test_teasers_are_completed_and_pages_that_cannot_be_read_are_told(site: Site, harvester: Harvester) -> None:
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /closed\n")
    site.pages["/article"] = Page(article(1), headers={"Content-Type": "text/html"})
    site.pages["/menu"] = Page(NAVIGATION.encode(), headers={"Content-Type": "text/html"})
    site.pages["/closed"] = Page(article(2), headers={"Content-Type": "text/html"})
    site.pages["/busy"] = Page(status=503)
    site.pages["/bomb"] = Page(gzip.compress(b"<p>" * 5_000_000), headers={"Content-Encoding": "gzip"})
    names = ("article", "menu", "closed", "busy", "bomb", "gone")
    # Different words, so that they are no duplicates of each other.
    teasers = [entry(n, title=name, text=story(90 + n, 45), link=f"{site.url}/{name}") for n, name in enumerate(names)]
    short = [entry(50 + n, title=f"short {name}", text=f"A teaser number {n}.", link=f"{site.url}/{name}?n={n}")
             for n, name in enumerate(("menu", "busy"))]  # fmt: skip
    site.pages["/menu?n=0"], site.pages["/busy?n=1"] = site.pages["/menu"], site.pages["/busy"]
    site.pages["/feed"] = Page(feed(*teasers, *short))
    source = await harvester.add(f"{site.url}/feed", most_items=20)
    found = await harvester.read(source)
    told = await reasons(harvester, source)
    assert told["article"] == ("new", "read from its article")
    assert told["menu"][1].endswith("; its own text is used") and "page" in told["menu"][1]
    assert "robots.txt does not let it be read" in told["closed"][1]
    assert "/closed" not in [path for path, _ in site.seen]
    assert "answers 503; its own text is used" in told["busy"][1]
    assert "more than 5,000,000 bytes" in told["bomb"][1]
    assert "answers 404" in told["gone"][1]
    assert len(found.claimed) == 6 and (found.filtered, found.failed) == (1, 1)
    state, reason = told["short menu"]
    assert state == "filtered" and reason.startswith("4 words, fewer than 40; its page")
    assert told["short busy"][0] == "failed", "it may succeed later"
    await harvester.start(found)
    # Twice more, then it is given up.
    assert [(await harvester.read(source)).failed for _ in range(3)] == [1, 1, 0]
    site.pages["/busy?n=1"] = Page(article(3), headers={"Content-Type": "text/html"})
    assert (await harvester.read(source)).claimed == ()


async def test_an_article_that_comes_back_is_taken(site: Site, harvester: Harvester) -> None:
    site.pages["/a"] = Page(status=503)
    site.pages["/feed"] = Page(feed(entry(1, text="A teaser.", link=f"{site.url}/a")), headers={"ETag": '"1"'})
    source = await harvester.add(f"{site.url}/feed")
    assert (await harvester.read(source)).failed == 1
    site.pages["/a"] = Page(article(1), headers={"Content-Type": "text/html"})
    [item] = (await harvester.read(source)).claimed
    assert len(str((await harvester.book.request(item.content_id)).request)) > 600
    assert await reasons(harvester, source) == {"Entry 1": ("new", "read from its article")}


async def test_an_article_is_known_by_its_own_address(site: Site, harvester: Harvester) -> None:
    """Two counters of clicks that lead to one page, and a page that names itself."""
    names = f"<link rel='canonical' href='{site.url}/page'>"
    for n in (1, 2):
        site.pages[f"/click/{n}"] = Page(status=302, headers={"Location": f"{site.url}/page?from={n}"})
        site.pages[f"/page?from={n}"] = Page(article(n, head=names), headers={"Content-Type": "text/html"})
        site.pages[f"/{n}"] = Page(feed(entry(n, text="A teaser.", link=f"{site.url}/click/{n}")))
    channel = fresh()
    one, two = [await harvester.add(f"{site.url}/{n}", channel=channel) for n in (1, 2)]
    assert len((await harvester.read(one)).claimed) == 1
    found = await harvester.read(two)
    assert (found.claimed, found.duplicates) == ((), 1)


# --- bad feeds -------------------------------------------------------------------------------------------------------


def _entities() -> bytes:
    bomb = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    outside = '<!ENTITY file SYSTEM "file:///etc/passwd">'
    text = html.escape(story(1))
    return (
        f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol">{bomb}{outside}]><rss version="2.0"><channel>'
        f"<item><title>T</title><description>&j; &file; {text}</description></item></channel></rss>"
    ).encode()


BAD: dict[str, tuple[Callable[[], Page], str]] = {
    "50 MB": (lambda: Page(b"<rss>" + b" " * 50_000_000), "more than 5,000,000 bytes"),
    "a gzip bomb": (
        lambda: Page(gzip.compress(b"<rss>" + b" " * 50_000_000), headers={"Content-Encoding": "gzip"}),
        "more than 5,000,000 bytes",
    ),
    "a page": (lambda: Page(b"<html><body>Hello</body></html>"), "this is not an RSS or Atom feed"),
    "nothing": (lambda: Page(b""), "the document is empty"),
    "gone": (lambda: Page(status=410), "answers 410"),
    "busy": (lambda: Page(status=429, headers={"Retry-After": "7200"}), "answers 429"),
    "not modified, unasked": (lambda: Page(status=304), "answers 304"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_feed_is_told_with_its_source_and_tried_less_and_less_often(
    name: str, site: Site, harvester: Harvester
) -> None:
    make, message = BAD[name]
    site.pages["/feed"] = make()
    source = await harvester.add(f"{site.url}/feed", every_minutes=60)
    found: SourceHarvest = await harvester.read(source)
    assert found.outcome == "failed" and message in found.error
    once = await harvester.book.find(source.name)
    assert (once.error, once.failures, once.harvested_at) == (found.error, 1, None)
    assert once.due_at == NOW + timedelta(hours=2)
    for _ in range(8):
        await harvester.read(source)
    assert (await harvester.book.find(source.name)).due_at == NOW + timedelta(days=1)
    site.pages["/feed"] = Page(feed(entry(1)))
    assert len((await harvester.read(source)).claimed) == 1
    assert ((mended := await harvester.book.find(source.name)).failures, mended.error) == (0, "")


async def test_entities_are_not_expanded_and_files_not_read(site: Site, harvester: Harvester) -> None:
    site.pages["/feed"] = Page(_entities())
    source = await harvester.add(f"{site.url}/feed")
    [item] = (await harvester.read(source)).claimed
    told = str((await harvester.book.request(item.content_id)).request)
    assert "lollol" not in told and "root:" not in told and "harbour" in told


async def test_a_feed_that_redirects_to_a_private_address(
    site: Site, harvester: Harvester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinned, "is_public", lambda address: str(address) == "127.0.0.1")
    monkeypatch.setattr(pinned, "PUBLIC_PORTS", {site.port})
    harvester.activities.feeds._allow_private = False  # type: ignore[attr-defined]
    site.pages["/feed"] = Page(status=302, headers={"Location": f"http://10.0.0.1:{site.port}/feed"})
    source = await harvester.add(f"{site.url}/feed")
    found = await harvester.read(source)
    assert found.outcome == "failed" and "10.0.0.1 is a private or local address" in found.error


# --- sources ---------------------------------------------------------------------------------------------------------


async def test_pausing_removing_and_the_audit(site: Site, harvester: Harvester) -> None:
    book, audit = harvester.book, PostgresAudit(harvester.pool)
    site.pages["/feed"] = Page(feed(entry(1)))
    source = await harvester.add(f"{site.url}/feed", priority=1)
    assert source.name in await book.due(source.due_at, 1_000)
    [item] = (await harvester.read(source)).claimed
    await book.pause(source.name, by="ben", note="too many")
    assert source.name not in await book.due(NOW + timedelta(days=365), 1_000)
    assert (await harvester.read(source)).error == "it is paused by ben"
    assert (await book.request(item.content_id)).request is None, "what was claimed is held, too"
    resumed = await book.resume(source.name, by="ana")
    assert not resumed.paused and (await book.request(item.content_id)).request is not None
    with pytest.raises(InvalidInput, match="has this feed already"):
        await book.add(source.source, by="ana")
    await book.remove(source.name, by="ana")
    assert (await book.request(item.content_id)).request is None
    assert (await harvester.read(source)).outcome == "gone"
    assert [one.state for one in await book.items(source.name, state=None, limit=9)] == [ItemState.FILTERED]
    again = await harvester.add(f"{site.url}/feed", channel=source.source.channel)
    assert len((await harvester.read(again)).claimed) == 1, "what was never started may be brought by another source"
    rows = await audit.page(50, about=source.name)
    assert {(row.action, row.who) for row in rows} == {
        ("feed.add", "ana"), ("feed.pause", "ben"), ("feed.resume", "ana"), ("feed.remove", "ana"),
    }  # fmt: skip


async def test_names_and_order(harvester: Harvester) -> None:
    book = harvester.book
    host = f"{fresh()}.example.org"
    base = host.replace(".", "-")
    added = []
    for n, priority in enumerate((4, 2, 5)):
        source = (await harvester.add(f"https://{host}/{n}x", priority=priority)).source
        added.append(await book.add(source.model_copy(update={"channel": fresh()}), by="ana"))
    assert [one.name for one in added] == [base, f"{base}-2", f"{base}-3"]
    due = [name for name in await book.due(added[-1].due_at, 10_000) if name.startswith(base)]
    assert due == [f"{base}-2", base, f"{base}-3"]
    with pytest.raises(InvalidInput, match="there is a source"):
        await book.add(added[0].source.model_copy(update={"channel": fresh()}), by="ana", name=base)
    with pytest.raises(InvalidInput, match="there is no source 'no-such'"):
        await book.items("no-such", state=None, limit=5)
