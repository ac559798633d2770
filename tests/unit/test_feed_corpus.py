"""Every shape of feed: the right entry, its title, text and date, or a line that says what is wrong."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.providers.feeds import dates, parse_feed
from reelwright.providers.feeds.entries import read_entries
from reelwright.providers.feeds.http import HttpFeedReader
from tests.unit.feed_shapes import OTHER, SHAPES, TEXT, Shape, feed_json, item, rss
from tests.unit.test_feeds import Page, Site

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.running() as site:
        yield site


@pytest.mark.parametrize("shape", SHAPES, ids=[shape.name for shape in SHAPES])
def test_what_comes_out_of_a_feed(shape: Shape, monkeypatch: pytest.MonkeyPatch) -> None:
    # The dates of the shapes are those of one day; the clock of whoever runs this does not matter.
    monkeypatch.setattr(dates.Dates, "is_future", lambda self, when: when > NOW + dates.CLOCK_ERROR)
    if shape.refused:
        with pytest.raises(InvalidInput, match=r"^feed: ") as caught:
            parse_feed(shape.data, shape.content_type)
        assert shape.refused in str(caught.value)
        return
    found = parse_feed(shape.data, shape.content_type)
    assert (found.title, found.text[: len(shape.begins)], found.published) == (
        shape.title,
        shape.begins,
        shape.published,
    )
    for unheard in ("<p>", "<div", "alert(", "x = 1", "00:00", "Support us", "\ufffd", "Ã", "Preview"):
        assert unheard not in found.text


def test_there_are_more_than_sixty_shapes() -> None:
    assert len(SHAPES) > 60 and len({shape.name for shape in SHAPES}) == len(SHAPES)


async def test_charset_and_language_of_the_headers_and_an_article_in_another_encoding(site: Site) -> None:
    russian = "Старый порт снова открылся в понедельник, и лодки теперь продают рыбу прямо с палубы каждое утро."
    site.pages["/feed"] = Page(
        rss(item("Тизер из пяти слов здесь.", "Порт", f"<link>{site.url}/article</link>")).decode().encode("cp1251"),
        headers={"Content-Type": "text/xml; charset=windows-1251", "Content-Language": "ru"},
    )
    page = "<html><head><meta charset='windows-1251'><title>t</title></head><body><article>{}</article></body></html>"
    body = "".join(f"<p>{russian} Это было {n} раз.</p>" for n in range(8))
    site.pages["/article"] = Page(page.format(body).encode("cp1251"), headers={"Content-Type": "text/html"})
    found = await HttpFeedReader(allow_private=True).newest(f"{site.url}/feed")
    assert found.title == "Порт" and found.text.startswith(russian) and found.language == "ru"


def many(count: int, date: str = "<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate>") -> bytes:
    return rss(
        *(
            f"<title>T{n}</title><link>https://e.org/{n}</link>{date}<description>{TEXT[:60]}</description>"
            for n in range(count)
        )
    )


@pytest.mark.parametrize(
    "data",
    [
        many(20_000),
        many(20_000, "<pubDate>23. Grimmelmonat 2026</pubDate>"),
        feed_json(*({"id": n, "title": "T", "content_text": TEXT[:60]} for n in range(30_000))),
        rss(*(item("<p>A sentence stands here.</p>" * 1_500) for _ in range(100)))[:5_000_000],
        b"<rss><channel>" + b"<item>" * 700_000,
        b"<rss><channel><item><description>" + b"&lt;b&gt;" * 500_000,
        b"<rss><item a='" + b"x" * 4_900_000,
        b"<rss " + b"a='1' " * 800_000 + b"><item>",
        b"<rss><![CDATA[" * 300_000,
        b"<rss><!--" * 500_000,
        b"<rss><channel>" + b"<a>" * 1_600_000 + b"<item>",
    ],
    ids=[
        "many",
        "odd dates",
        "json",
        "long",
        "items",
        "escaped",
        "attribute",
        "attributes",
        "cdata",
        "comments",
        "deep",
    ],
)
@pytest.mark.lengthy
@pytest.mark.sample(1)
def test_a_large_feed_costs_little(data: bytes) -> None:
    """Seen: 9.9 CPU-seconds for 40,000 entries. The bound is CPU time with much room, not the clock."""
    begin = time.process_time()
    try:
        parse_feed(data)
    except InvalidInput as error:
        assert error.field == "feed"
    assert time.process_time() - begin < 60


async def test_the_loop_lives_while_a_feed_is_read(site: Site) -> None:
    site.pages["/feed"] = Page(many(20_000))
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    heart = asyncio.create_task(beat())
    await HttpFeedReader(allow_private=True, timeout_s=60).newest(f"{site.url}/feed")
    heart.cancel()
    assert beats > 3


async def test_a_document_that_takes_too_long_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(*args: object, **more: object) -> list[object]:
        begun.set()
        go_on.wait(600)
        return []

    monkeypatch.setattr("reelwright.providers.feeds.http.PARSE_S", 0.2)
    monkeypatch.setattr("reelwright.providers.feeds.http.read_entries", slow)
    site.pages["/feed"] = Page(rss(item()))
    with pytest.raises(InvalidInput, match=r"could not be read within 0\.2 s"):
        await HttpFeedReader(allow_private=True).newest(f"{site.url}/feed")
    assert begun.is_set()
    go_on.set()


async def test_a_server_that_drips_is_given_up() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<rss>")
        try:
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(ProviderUnavailable, match=r"did not answer within 0\.5 s"):
        await HttpFeedReader(allow_private=True, timeout_s=0.5).newest(f"http://127.0.0.1:{port}/")
    server.close()


def test_the_newest_of_very_many_is_found_wherever_it_stands() -> None:
    old = [item(OTHER, f"Old {n}", f"<pubDate>{1 + n % 28:02d} Jan 2020 08:00:00 GMT</pubDate>") for n in range(3_000)]
    for place in (0, 1_500, 3_000):
        entries = [*old[:place], item(TEXT, "Newest", "<pubDate>23 Nov 2025 08:00:00 GMT</pubDate>"), *old[place:]]
        assert parse_feed(rss(*entries)).title == "Newest"


def test_only_a_hundred_entries_are_read() -> None:
    found = list(read_entries(many(500), base="https://e.org/feed"))
    assert [entry.title for entry in found[:2]] == ["T0", "T1"] and len(found) == 100
    assert all(entry.keys for entry in found)
