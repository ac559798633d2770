"""Feeds of all the shapes that are about: each with what must come out of it, or the words of its refusal."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass

from tests.unit.encoded import TEXTS

TEXT = "The old harbour opened its new fish market on Monday, and more than two hundred people came to see it."
OTHER = "A second ferry will cross the bay from June and runs on batteries that are charged on the quay at night."
MONDAY, SUNDAY = "Mon, 23 Nov 2026 08:00:00 GMT", "Sun, 22 Nov 2026 08:00:00 GMT"
ISO = "2026-11-23T08:00:00+00:00"


@dataclass(frozen=True)
class Shape:
    """`data` as served with `content_type`; then `title`, the beginning of the text and the date, or `refused`."""

    name: str
    data: bytes
    title: str = "Market"
    begins: str = TEXT
    published: str = ""
    refused: str = ""
    content_type: str = ""
    language: str = ""


def rss(*items: str, version: str = "2.0", head: str = "", spaces: str = "", before: str = "") -> bytes:
    body = "".join(f"<item>{item}</item>" for item in items)
    return f'{before}<rss version="{version}"{spaces}><channel><title>c</title>{head}{body}</channel></rss>'.encode()


def item(text: str = TEXT, title: str = "Market", more: str = "") -> str:
    return f"<title>{title}</title><description>{html.escape(text)}</description>{more}"


def atom(*entries: str, namespace: str = "http://www.w3.org/2005/Atom", more: str = "") -> bytes:
    body = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<?xml version="1.0"?><feed xmlns="{namespace}"{more}><title>f</title>{body}</feed>'.encode()


def feed_json(*items: object, **more: object) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "f", "items": items, **more}).encode()


def dated(date: str, tag: str = "pubDate") -> str:
    return f"<{tag}>{date}</{tag}>"


CONTENT = ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
DC = ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
ITUNES = ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
MEDIA = ' xmlns:media="http://search.yahoo.com/mrss/"'
RUSSIAN, JAPANESE = TEXTS["ru"][0], TEXTS["ja"][0]

KINDS = [
    Shape(
        "rss 0.91 with a document type",
        rss(
            item(),
            version="0.91",
            before='<?xml version="1.0"?>\n<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">\n',
        ),
    ),
    Shape("rss 0.92", rss(item(), version="0.92")),
    Shape("rss 2.0", rss(item(more=dated(MONDAY))), published=ISO),
    Shape("rss without a version", rss(item()).replace(b' version="2.0"', b"")),
    Shape("rss with a namespace of its own", rss(item(), spaces=' xmlns="http://backend.userland.com/rss2"')),
    Shape(
        "rdf, items beside the channel",
        f'<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"{DC}><channel><title>c</title><items><rdf:Seq><rdf:li resource="x"/></rdf:Seq></items></channel><item rdf:about="x">{item()}<dc:date>2026-11-23T08:00:00Z</dc:date></item></rdf:RDF>'.encode(),
        published=ISO,
    ),
    Shape(
        "rss 0.90",
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>c</title></channel><item>{item()}</item></rdf:RDF>'.encode(),
    ),
    Shape(
        "atom 1.0",
        atom(
            f"<title>Market</title><summary>{TEXT}</summary><published>2026-11-23T08:00:00Z</published><updated>2026-11-24T08:00:00Z</updated>"
        ),
        published=ISO,
    ),
    Shape(
        "atom 0.3",
        atom(
            f"<title>Market</title><content type='text/html' mode='escaped'>&lt;p&gt;{TEXT}&lt;/p&gt;</content><issued>2026-11-23T08:00:00Z</issued>",
            namespace="http://purl.org/atom/ns#",
        ),
        published=ISO,
    ),
    Shape(
        "atom with only an update",
        atom(f"<title>Market</title><summary>{TEXT}</summary><updated>2026-11-23T08:00:00Z</updated>"),
        published=ISO,
    ),
    Shape(
        "atom with xhtml",
        atom(
            f'<title>Market</title><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{TEXT}</p></div></content>'
        ),
    ),
    Shape(
        "atom with a prefix",
        f'<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>Market</a:title><a:summary>{TEXT}</a:summary></a:entry></a:feed>'.encode(),
    ),
    Shape(
        "json feed 1.1",
        feed_json({"id": "1", "title": "Market", "content_text": TEXT, "date_published": "2026-11-23T08:00:00Z"}),
        published=ISO,
    ),
    Shape(
        "json feed 1.0 with html",
        feed_json(
            {"id": 1, "title": "Market", "content_html": f"<p>{TEXT}</p>"}, version="https://jsonfeed.org/version/1"
        ),
    ),
    Shape("json feed with a mark", b"\xef\xbb\xbf\n" + feed_json({"id": 1, "title": "Market", "content_text": TEXT})),
    Shape(
        "json feed whose title has a tag",
        feed_json({"title": "Why <canvas> & <b>", "content_text": TEXT}),
        title="Why <canvas> & <b>",
    ),
    Shape(
        "json feed with wrong kinds",
        feed_json(
            "x", None, [], {"title": 7, "content_text": {"a": 1}}, {"title": "Market", "content_text": TEXT, "id": None}
        ),
    ),
    Shape("json feed with a summary only", feed_json({"title": "Market", "summary": TEXT})),
    Shape(
        "json feed, newest by date",
        feed_json(
            {"title": "Old", "content_text": OTHER, "date_published": "2020-01-01T00:00:00Z"},
            {"title": "Market", "content_text": TEXT, "date_published": "2026-11-23T08:00:00Z"},
        ),
        published=ISO,
    ),
]

TEXTS_IN_FEEDS = [
    Shape("cdata", rss(f"<title><![CDATA[Market]]></title><description><![CDATA[<p>{TEXT}</p>]]></description>")),
    Shape("an entry's tag inside cdata", rss(f"<title>Market</title><description><![CDATA[{TEXT} </item><item>]]></description>")),
    Shape("content beside a description", rss(f"<title>Market</title><description>Short.</description><content:encoded><![CDATA[<p>{TEXT}</p>]]></content:encoded>", spaces=CONTENT)),
    Shape("media description", rss(item(more='<media:content url="https://e.org/x.mp4"><media:title>No</media:title></media:content>'), spaces=MEDIA)),
    Shape("podcast with chapters", rss(item(f"<p>{TEXT}</p><p>00:00 Intro<br>01:30 The market<br>12:05 Ferries</p><p>Support us: https://pay.example.org</p>", more='<enclosure url="https://e.org/1.mp3" length="1" type="audio/mpeg"/>'), spaces=ITUNES)),
    Shape("podcast with chapters in a list", rss(item(f"<p>{TEXT}</p><ul><li>(0:00) Intro</li><li>(1:02:03) - The end</li></ul>"))),
    Shape("a time in a sentence stays", rss(item("12:05, the ferry left the old harbour for the island.")), begins="12:05, the ferry"),
    Shape("escaped twice", rss(item(html.escape(f"<p>{TEXT}</p>")))),
    Shape("less-than signs", rss(item("If the wind is <5 knots and x<y, or a <b and c> d, boats stay in the harbour.")), begins="If the wind is <5 knots and x<y, or a <b and c> d, boats stay"),
    Shape("a title about tags, escaped twice", rss(item(title="Why &amp;lt;canvas&amp;gt; beats &amp;lt;svg&amp;gt;")), title="Why <canvas> beats <svg>"),
    Shape("a title about tags, escaped once", rss(item(title="Why &lt;canvas&gt; beats &lt;svg&gt;")), title="Why <canvas> beats <svg>"),
    Shape("a title about tags in cdata", rss(item(title="<![CDATA[Why <canvas> beats List<T>]]>")), title="Why <canvas> beats List<T>"),
    Shape("a title with markup", rss(item(title="&lt;i&gt;Nature&lt;/i&gt; opens &amp;amp; closes")), title="Nature opens & closes"),
    Shape("a title in atom html", atom(f'<title type="html">&lt;b&gt;Grün&lt;/b&gt; &amp;amp; blau</title><summary>{TEXT}</summary>'), title="Grün & blau"),
    Shape("no title", rss(f"<description>{TEXT}</description>"), title=TEXT),
    Shape("html entities in xml", rss(f"<title>Caf&eacute;</title><description>Caf&eacute;&nbsp;life. {TEXT}</description>"), title="Café", begins="Café life."),
    Shape("entities of its own", rss(f"<title>&town; market</title><description>&town; &gone; wakes. {TEXT}</description>", before='<?xml version="1.0"?>\n<!DOCTYPE rss [<!ENTITY town "Old Port"> <!ENTITY gone SYSTEM "file:///etc/passwd">]>\n'), title="Old Port market", begins="Old Port wakes."),
    Shape("a bare ampersand", rss(f"<title>Fish & chips</title><description>Fish & chips. {TEXT}</description>"), title="Fish & chips", begins="Fish & chips."),
    Shape("code and footnotes", rss(item(f"<p>{TEXT}<sup><a href='#fn1'>1</a></sup></p><pre><code>x = 1</code></pre>"))),
    Shape("hidden and tracking", rss(item(f"<div style='display: none'>Preview text</div><p>{TEXT}</p><img src='https://t.example/p.gif'/>"))),
    Shape("a script", rss(item(f"<script>alert('x')</script><p>{TEXT}</p>"))),
    Shape("cut off in a tag", rss(item(f'{TEXT} <a href="https://example.org/a'))),
    Shape("a control character", rss(item()).replace(b"Monday", b"Mon\x08day")),
    Shape("not closed", rss(item(), item(OTHER, "Second"))[:-60]),
    Shape("an entry not closed", rss(item(), item(OTHER, "Second")).replace(b"</item>", b"", 1)),
    Shape("the same entry twice", rss(item(more="<guid>1</guid>"), item(more="<guid>1</guid>"))),
    Shape("first entries without text", rss(item(""), item("Comments"), item())),
]  # fmt: skip

DATES = [
    Shape("newest first", rss(item(more=dated(MONDAY)), item(OTHER, "Old", dated(SUNDAY))), published=ISO),
    Shape("newest last", rss(item(OTHER, "Old", dated(SUNDAY)), item(more=dated(MONDAY))), published=ISO),
    Shape("undated before an old one", rss(item(), item(OTHER, "Old", dated("Mon, 05 Jan 2015 08:00:00 GMT")))),
    Shape("undated behind a new one", rss(item(more=dated(MONDAY)), item(OTHER, "Undated")), published=ISO),
    Shape("undated behind rising ones", rss(item(OTHER, "a", dated(SUNDAY)), item(OTHER, "b", dated(MONDAY)), item())),
    Shape("none dated", rss(item(), item(OTHER, "Second"))),
    Shape("all the same date", rss(item(more=dated(MONDAY)), item(OTHER, "Second", dated(MONDAY))), published=ISO),
    Shape("dated 2099", rss(item(OTHER, "Sticky", dated("Thu, 01 Jan 2099 00:00:00 GMT")), item(more=dated(MONDAY))), published=ISO),
    Shape("two dates ahead", rss(item(OTHER, "Later", dated("Thu, 01 Jan 2099 00:00:00 GMT")), item(more=dated("Wed, 01 Jan 2098 00:00:00 GMT")))),
    Shape("only 2099", rss(item(more=dated("Thu, 01 Jan 2099 00:00:00 GMT")))),
    Shape("year 9999", rss(item(OTHER, "Sticky", dated("9999-12-31T23:59:59Z")), item(more=dated(MONDAY))), published=ISO),
    Shape("1970 is no date", rss(item(more=dated("Thu, 01 Jan 1970 00:00:00 GMT")), item(OTHER, "Old", dated("Mon, 05 Jan 2015 08:00:00 GMT")))),
    Shape("year 1 is no date", rss(item(more=dated("Mon, 01 Jan 0001 00:00:00 GMT")))),
    Shape("German", rss(item(OTHER, "Old", dated("5. Januar 2015")), item(more=dated("Mo, 23 Nov 2026 09:00:00 +0100"))), published=ISO),
    Shape("German words", rss(item(OTHER, "Old", dated(SUNDAY)), item(more=dated("23. November 2026 08:00 Uhr"))), published=ISO),
    Shape("French", rss(item(OTHER, "Old", dated(SUNDAY)), item(more=dated("lun., 23 novembre 2026 08:00:00 +0000"))), published=ISO),
    Shape("Russian", rss(item(OTHER, "Old", dated(SUNDAY)), item(more=dated("23 ноября 2026, 08:00"))), published=ISO),
    Shape("Spanish", rss(item(OTHER, "Old", dated(SUNDAY)), item(more=dated("23 de noviembre de 2026 08:00"))), published=ISO),
    Shape("Japanese", rss(item(OTHER, "Old", dated(SUNDAY)), item(more=dated("2026年11月23日 08:00"))), published=ISO),
    Shape("a date without a time", rss(item(more=dated("2026-11-23"))), published="2026-11-23T00:00:00+00:00"),
    Shape("a space for the T", rss(item(more=dated("2026-11-23 09:00:00 +0100"))), published=ISO),
    Shape("seconds since 1970", rss(item(more=dated("1795420800"))), published=ISO),
    Shape("a zone by name", rss(item(more=dated("Mon, 23 Nov 2026 09:00:00 CET"))), published=ISO),
    Shape("no date at all", rss(item(more=dated("yesterday at noon")))),
    Shape("Dublin Core", rss(item(more=dated("2026-11-23T08:00:00Z", "dc:date")), spaces=DC), published=ISO),
]  # fmt: skip


def encoded(text: str, encoding: str, declared: str, *, title: str = "Market", before: str = "") -> bytes:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return (
        before
        + declaration
        + f"<rss><channel><item><title>{title}</title><description>{text}</description></item></channel></rss>"
    ).encode(encoding)


ENCODINGS = [
    Shape("windows-1251, declared utf-8", encoded(RUSSIAN, "cp1251", "utf-8"), begins=RUSSIAN),
    Shape("windows-1251 behind a blank line", encoded(RUSSIAN, "cp1251", "windows-1251", before="\n\n  "), begins=RUSSIAN),
    Shape("windows-1251 by header only", encoded(RUSSIAN, "cp1251", ""), begins=RUSSIAN, content_type="text/xml; charset=windows-1251"),
    Shape("koi8-r, nothing declared", encoded(RUSSIAN, "koi8-r", ""), begins=RUSSIAN),
    Shape("utf-8, declared iso-8859-1", encoded(RUSSIAN, "utf-8", "iso-8859-1"), begins=RUSSIAN),
    Shape("utf-8, header says latin-1", encoded(RUSSIAN, "utf-8", ""), begins=RUSSIAN, content_type="text/xml; charset=ISO-8859-1"),
    Shape("one bad byte", encoded(TEXTS["fr"][0], "utf-8", "utf-8").replace("forêt".encode(), b"for\xeat"), begins=TEXTS["fr"][0]),
    Shape("utf-16 with a mark", encoded(JAPANESE, "utf-16", "utf-16"), begins=JAPANESE),
    Shape("utf-16 without a mark", encoded(JAPANESE, "utf-16-be", "utf-16"), begins=JAPANESE),
    Shape("utf-32", encoded(JAPANESE, "utf-32", ""), begins=JAPANESE),
    Shape("shift_jis", encoded(JAPANESE, "shift_jis", "shift_jis"), begins=JAPANESE),
    Shape("iso-2022-jp, declared utf-8", encoded(JAPANESE, "iso2022_jp", "utf-8"), begins=JAPANESE),
    Shape("gb18030 by header", encoded(TEXTS["zh"][0], "gb18030", ""), begins=TEXTS["zh"][0], content_type="application/rss+xml;charset=gbk"),
    Shape("big5, declared gb2312", encoded(TEXTS["zh-tw"][0], "big5", "gb2312"), begins=TEXTS["zh-tw"][0]),
    Shape("encoded twice", encoded(TEXTS["fr"][0].encode().decode("cp1252"), "utf-8", "utf-8"), begins=TEXTS["fr"][0]),
    Shape("misread before", encoded(RUSSIAN.encode("cp1251").decode("cp1252"), "utf-8", "utf-8"), begins=RUSSIAN),
    Shape("lost before", encoded("Ста\ufffd\ufffd\ufffdй \ufffd\ufffd\ufffdок \ufffd\ufffd\ufffdл и ещё слова", "utf-8", "utf-8"), refused="letters of it were lost"),
    Shape("noise", b"<rss><channel><item><title>x</title><description>" + bytes(range(128, 256)) * 20 + b"</description></item></channel></rss>", refused="cannot be read as text"),
]  # fmt: skip

REFUSED = [
    Shape("empty", b" \n ", refused="the document is empty"),
    Shape("plain text", b"Just some words.", refused="not an RSS or Atom feed, nor a JSON Feed"),
    Shape("a web page", b'<html><head><link rel="alternate" type="application/feed+json" href="https://e.example/f.json"></head></html>', refused="this page's feed is at https://e.example/f.json"),
    Shape("other json", b'{"a": [1]}', refused="nor a JSON Feed"),
    Shape("broken json", b'{"version": "https://jsonfeed.org/version/1", "items": [', refused="nor a JSON Feed"),
    Shape("deep json", b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 100_000, refused="nor a JSON Feed"),
    Shape("no entries", rss(), refused="has no entries"),
    Shape("json without items", feed_json(), refused="has no entries"),
    Shape("enclosures only", rss('<title>Episode</title><enclosure url="https://e.org/1.mp3" length="1" type="audio/mpeg"/>'), refused="no entry of this feed has text"),
    Shape("pictures only", rss(item("<img src='https://e.org/x.png' alt='a boat'/>")), refused="no entry of this feed has text"),
    Shape("chapters only", rss(item("00:00 Intro<br>01:00 Talk<br>02:00 End")), refused="no entry of this feed has text"),
    Shape("opml", b'<opml version="2.0"><body><outline xmlUrl="https://e.org/f"/></body></opml>', refused="not an RSS or Atom feed"),
]  # fmt: skip

SHAPES = [*KINDS, *TEXTS_IN_FEEDS, *DATES, *ENCODINGS, *REFUSED]
# ruff: noqa: E501  (a feed stands on one line)
