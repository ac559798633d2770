"""Feeds: over real HTTP on loopback, hostile documents included."""

import gzip
import html
import ipaddress
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.text.incoming import words
from reelwright.providers.feeds import parse_feed, pinned
from reelwright.providers.feeds.http import HttpFeedReader
from reelwright.providers.feeds.plain import plain_text, plain_title

LONG = " ".join(f"This is sentence number {number} of a long story about lighthouses." for number in range(10))
ARTICLE = (
    "<html><head><title>T</title></head><body><nav><a href='/'>Home</a></nav><article><h1>Keepers</h1>%s</article>"
)
ARTICLE %= "".join(
    f"<p>The keeper climbed the tower for the {number}th time that winter and lit the great lamp again, as ever.</p>"
    for number in range(12)
)


def rss(*items: str, doctype: str = "") -> bytes:
    body = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel><title>c</title>{body}</channel></rss>'.encode()


def item(text: str, *, title: str = "Hello", date: str = "", link: str = "https://example.com/a") -> str:
    day = f"<pubDate>{date}</pubDate>" if date else ""
    return f"<title>{title}</title><link>{html.escape(link)}</link><description>{html.escape(text)}</description>{day}"


@dataclass
class Page:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0.0


class Site:
    """A web server on loopback; `pages` by path, `seen` has (path, Host header) of every request, `headers` all of the
    last request for a path."""

    def __init__(self) -> None:
        self.pages: dict[str, Page | Callable[[], Page]] = {}
        self.seen: list[tuple[str, str]] = []
        self.headers: dict[str, dict[str, str]] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.seen.append((self.path, self.headers["Host"]))
                site.headers[self.path] = dict(self.headers.items())
                page = site.pages.get(self.path, Page(status=404))
                page = page() if callable(page) else page
                time.sleep(page.wait_s)
                self.send_response(page.status)
                for name, value in {"Content-Length": str(len(page.body)), **page.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(page.body)
                except ConnectionError:
                    self.close_connection = True

            def log_message(self, *args: object) -> None:
                return None

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["Site"]:
        """A site that answers, until the end of the block."""
        site = cls()
        thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield site
        finally:
            site.server.shutdown()
            site.server.server_close()
            thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.running() as site:
        yield site


def reader(**options: object) -> HttpFeedReader:
    return HttpFeedReader(allow_private=True, **options)  # type: ignore[arg-type]


# --- reading -----------------------------------------------------------------------------------------------------


async def test_the_newest_entry_with_text(site: Site) -> None:
    site.pages["/rss"] = Page(
        rss(
            item(f"<p>{LONG}</p>", title="Old", date="Mon, 02 Nov 2026 10:00:00 GMT"),
            item("", title="Newest without text", date="Fri, 20 Nov 2026 10:00:00 GMT", link="ftp://example.com/x"),
            item(
                f"<p>{LONG}</p><p>And &amp; more.</p>",
                title="Tom &amp;amp; Jerry",
                date="Tue, 10 Nov 2026 10:00:00 +0100",
                link="https://example.com/b?utm_source=rss&id=7#top",
            ),
        )
    )
    entry = await reader().newest(f"{site.url}/rss")
    assert entry.title == "Tom & Jerry"
    assert entry.text == f"{LONG}\n\nAnd & more."
    assert entry.url == "https://example.com/b?id=7"
    assert entry.published == "2026-11-10T09:00:00+00:00"
    assert site.seen == [("/rss", f"127.0.0.1:{site.port}")], "a full text needs no second request"


async def test_atom_and_odd_content_types(site: Site) -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>f</title>'
        '<entry><title type="html">&lt;b&gt;Grün&lt;/b&gt;</title><link href="/x"/>'
        "<updated>2026-11-01T00:00:00Z</updated>"
        f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{LONG}</p></div></content></entry></feed>'
    ).encode()
    for content_type in ("text/plain", "text/html; charset=utf-8", "application/octet-stream"):
        site.pages["/atom"] = Page(
            gzip.compress(atom), headers={"Content-Encoding": "gzip", "Content-Type": content_type}
        )
        entry = await reader().newest(f"{site.url}/atom")
        assert (entry.title, entry.text, entry.url) == ("Grün", LONG, f"{site.url}/x")


async def test_a_teaser_is_filled_up_from_its_article(site: Site) -> None:
    site.pages["/rss"] = Page(rss(item("Just a teaser of six words. [&#8230;]", link=f"{site.url}/article")))
    site.pages["/article"] = Page(ARTICLE.encode(), headers={"Content-Type": "text/html"})
    entry = await reader().newest(f"{site.url}/rss")
    assert "for the 11th time" in entry.text and "Home" not in entry.text and "<" not in entry.text
    assert entry.text.count("\n\n") >= 10, "paragraphs are kept"

    site.pages["/article"] = Page(status=500)
    entry = await reader().newest(f"{site.url}/rss")
    assert entry.text == "Just a teaser of six words.", "without the article the teaser has to do"


async def test_no_text_but_an_article_that_may_come_later(site: Site) -> None:
    site.pages["/rss"] = Page(rss(item("Comments", link=f"{site.url}/article")))
    site.pages["/article"] = Page(status=503, headers={"Retry-After": "30"})
    with pytest.raises(ProviderUnavailable) as caught:
        await reader().newest(f"{site.url}/rss")
    assert caught.value.retry_after_s == 30
    site.pages["/article"] = Page(status=410)
    with pytest.raises(InvalidInput, match="no entry of this feed has text"):
        await reader().newest(f"{site.url}/rss")


# --- what can be wrong ---------------------------------------------------------------------------------------------


async def test_statuses_say_whether_to_try_again(site: Site) -> None:
    with pytest.raises(InvalidInput, match=r"^feed: 127\.0\.0\.1 answers 404") as caught:
        await reader().newest(f"{site.url}/none?token=secret")
    assert "secret" not in str(caught.value)
    for status in (429, 500, 502, 503):
        site.pages["/x"] = Page(status=status, headers={"Retry-After": "Wed, 21 Oct 2020 07:28:00 GMT"})
        with pytest.raises(ProviderUnavailable) as unavailable:
            await reader().newest(f"{site.url}/x")
        assert unavailable.value.retry_after_s == 0 and unavailable.value.retryable
    site.pages["/slow"] = Page(rss(item(LONG)), wait_s=0.5)
    with pytest.raises(ProviderUnavailable, match=r"did not answer within 0\.2 s"):
        await reader(timeout_s=0.2).newest(f"{site.url}/slow")
    with pytest.raises(ProviderUnavailable, match="cannot be reached"):
        await reader().newest("http://127.0.0.1:1/feed")


async def test_redirects_are_few(site: Site) -> None:
    for number in range(6):
        site.pages[f"/{number}"] = Page(status=302, headers={"Location": f"/{number + 1}"})
    site.pages["/6"] = Page(rss(item(LONG)))
    assert (await reader().newest(f"{site.url}/2")).text == LONG
    with pytest.raises(InvalidInput, match="more than 4 times"):
        await reader().newest(f"{site.url}/0")


@pytest.mark.lengthy
async def test_size_counts_after_decompression(site: Site) -> None:
    bomb = gzip.compress(b" " * 200_000_000, compresslevel=1)
    site.pages["/bomb"] = Page(bomb, headers={"Content-Encoding": "gzip"})
    site.pages["/large"] = Page(b"x" * 2_000)
    site.pages["/br"] = Page(b"x", headers={"Content-Encoding": "br"})
    site.pages["/png"] = Page(b"x", headers={"Content-Type": "image/png"})
    site.pages["/bad"] = Page(b"not gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(InvalidInput, match="more than 5,000,000 bytes"):
        await reader().newest(f"{site.url}/bomb")
    with pytest.raises(InvalidInput, match="more than 1,000 bytes"):
        await reader(max_bytes=1_000).newest(f"{site.url}/large")
    for path, message in (("br", "not asked for"), ("png", "image/png"), ("bad", "damaged")):
        with pytest.raises(InvalidInput, match=message):
            await reader().newest(f"{site.url}/{path}")


# --- where it may not go -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/feed",
        "http://2130706433/feed",
        "http://0x7f000001/feed",
        "http://[::1]/feed",
        "http://[::ffff:10.0.0.1]/feed",
        "http://[64:ff9b::a00:1]/feed",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://localhost/feed",
        "http://8.8.8.8:22/",
        "http://user:secret@8.8.8.8/feed",
        "file:///etc/passwd",
        "ftp://8.8.8.8/",
        "gopher://8.8.8.8/",
        "http://",
        "not an address",
        "/etc/passwd",
        "http://[::1",
    ],
)
async def test_private_and_odd_addresses_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"^feed: ") as caught:
        await HttpFeedReader().newest(url)
    assert "secret" not in str(caught.value)


async def test_each_redirect_is_checked_and_the_checked_address_is_used(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The site plays a public one: its loopback address counts as public, as does its port."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[pinned.Address]:
        asked.append(host)
        if asked.count(host) > 1:
            return [ipaddress.ip_address("10.0.0.1")]  # a name that changes its mind
        return [ipaddress.ip_address("127.0.0.1" if host.endswith(".example") else host)]

    monkeypatch.setattr(pinned, "resolve", resolve)
    monkeypatch.setattr(pinned, "is_public", lambda address: str(address) == "127.0.0.1")
    monkeypatch.setattr(pinned, "PUBLIC_PORTS", {site.port})
    site.pages["/feed"] = Page(rss(item(LONG)))
    site.pages["/inside"] = Page(status=301, headers={"Location": f"http://10.0.0.1:{site.port}/feed"})
    site.pages["/file"] = Page(status=301, headers={"Location": "file:///etc/passwd"})
    site.pages["/teaser"] = Page(rss(item("A teaser with a few words.", link=f"http://10.0.0.1:{site.port}/feed")))

    assert (await HttpFeedReader().newest(f"http://one.example:{site.port}/feed")).text == LONG
    assert asked == ["one.example"], "looked up once, and that address was used"
    assert site.seen[-1] == ("/feed", f"one.example:{site.port}"), "the server still hears the name"
    with pytest.raises(InvalidInput, match=r"10\.0\.0\.1 is a private"):
        await HttpFeedReader().newest(f"http://two.example:{site.port}/inside")
    with pytest.raises(InvalidInput, match="only http and https"):
        await HttpFeedReader().newest(f"http://three.example:{site.port}/file")
    with pytest.raises(InvalidInput, match=r"one\.example is a private"):
        await HttpFeedReader().newest(f"http://one.example:{site.port}/feed")
    entry = await HttpFeedReader().newest(f"http://four.example:{site.port}/teaser")
    assert (await HttpFeedReader().newest(f"http://bücher.example:{site.port}/feed")).text == LONG
    assert asked[-1] == "xn--bcher-kva.example"
    assert entry.text == "A teaser with a few words.", "the private article is left alone, its teaser is used"


@pytest.mark.parametrize(
    "url", ["http://xn--/", "http://xn--a-ecp.ru/feed", "https://[::1/", "http://\u200b/", "http://h:x/"]
)
async def test_a_name_that_is_none_is_told_in_our_words(url: str, site: Site) -> None:
    with pytest.raises(InvalidInput, match="this is not a web address; give an http or https URL"):
        await HttpFeedReader().newest(url)
    site.pages["/moved"] = Page(status=301, headers={"Location": "http://xn--/"})
    with pytest.raises(InvalidInput, match=r"this is not a web address|redirects to nowhere"):
        await HttpFeedReader(allow_private=True).newest(f"http://127.0.0.1:{site.port}/moved")


# --- documents -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"/etc/passwd", "not an RSS or Atom feed"),
        (b"https://example.com/feed", "not an RSS or Atom feed"),
        (bytes(range(256)) * 50, "not an RSS or Atom feed"),
        (b"{}", "not an RSS or Atom feed"),
        (rss(), "no entries"),
        (rss(item("")), "no entry of this feed has text"),
        (rss(item("<img src='x.png'/>")), "no entry of this feed has text"),
        (b"x" * 5_000_001, "more than 5,000,000 bytes"),
    ],
)
def test_what_is_no_feed_is_said(data: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=f"^feed: .*{message}"):
        parse_feed(data)


def test_a_web_page_names_its_feed() -> None:
    page = b'<html><head><link rel="alternate" type="application/rss+xml" href="https://e.example/f"></head></html>'
    with pytest.raises(InvalidInput, match=r"this page's feed is at https://e\.example/f"):
        parse_feed(page)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2")
    xxe = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    entry = parse_feed(
        rss("<title>&x;Title</title><description>&x; Five words are left here.</description>", doctype=xxe)
    )
    assert "hunter2" not in entry.text + entry.title
    assert entry.text == "Five words are left here."
    bomb = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    started = time.process_time()
    laughs = rss(f"<description>&j; {LONG}</description>", doctype=f'<!DOCTYPE l [<!ENTITY a "lol">{bomb}]>')
    assert "lollol" not in parse_feed(laughs).text
    assert time.process_time() - started < 60


@pytest.mark.lengthy
@pytest.mark.parametrize("piece", ["<div>", "<a ", "<!--", "<", "&a", "<p>", "<![CDATA["])
@pytest.mark.sample(1)
def test_html_bombs_end_soon(piece: str) -> None:
    started = time.process_time()
    plain_text(piece * (1_000_000 // len(piece)))
    try:
        parse_feed(rss(item(piece * 50_000)))
        parse_feed(b"<rss><channel><item><title>" + piece.encode() * 50_000)
    except InvalidInput as error:
        assert error.field == "feed"
    assert time.process_time() - started < 60


def test_scripts_do_not_come_through() -> None:
    entry = parse_feed(
        rss(
            item(
                f"<p onclick='x()'>{LONG}</p><script>alert(1)</script><style>p{{}}</style><iframe src='x'>in</iframe>",
                title=html.escape("<script>alert('t')</script>Real <b>title</b>"),
                link="javascript:alert(1)",
            )
        )
    )
    assert entry.text == LONG and entry.title == "Real title" and entry.url == ""


def test_text_out_of_html() -> None:
    assert (
        plain_text("<h2>A</h2><p>b<br>c&nbsp;d</p><ul><li>e</li><li>f</li></ul>tail") == "A\n\nb\nc d\n\ne\n\nf\n\ntail"
    )
    assert plain_text("no markup &amp; 1 &lt; 2") == "no markup & 1 < 2"
    assert plain_text("<p>Text [&#8230;]</p><p>The post <a>X</a> appeared first on <a>Y</a>.</p>") == "Text…"
    assert plain_text("a\0b <p>\u202ec</p>") == "ab\n\nc"
    assert plain_title("a &lt; b\n &quot;c&quot;") == 'a < b "c"'
    entry = parse_feed(rss(item("word " * 30_000, title="")))
    assert len(entry.text) <= 20_000 and entry.text.endswith("word…") and len(entry.title) <= 200
    assert len(words(parse_feed(rss(item(LONG))).text)) == 110


@pytest.mark.parametrize(
    "tag", ["<a " + "x=a/" * 50_000, "<a" + " x" * 100_000, "<p>" + "<a x=" * 60_000, "<" + "a-" * 100_000]
)
@pytest.mark.lengthy
def test_hostile_tags_end_soon(tag: str) -> None:
    started = time.process_time()
    plain_text(tag)
    plain_title(tag)
    assert time.process_time() - started < 60
