"""Harvesting's rules: sources, filters, ages, pauses after failures; pages that are no articles; other sites' rules."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from reelwright.domain.content.request import FeedItem
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.explain import explain
from reelwright.domain.feeds import rules
from reelwright.domain.feeds.entries import FeedEntry, Validators
from reelwright.domain.feeds.harvest import ItemState, Likeness, Verdict
from reelwright.domain.feeds.sifting import Sifting, repeats
from reelwright.domain.feeds.source import FeedSource, SourceState, check_name, name_of
from reelwright.domain.text.shared_runs import share_of
from reelwright.providers.feeds.articles import article_of, is_navigation
from reelwright.providers.feeds.fetch import Document, fetch
from reelwright.providers.feeds.harvester import HttpFeedHarvester
from reelwright.providers.feeds.polite import Manners
from reelwright.providers.moderation.likeness import runs_of
from tests.unit.test_feeds import ARTICLE, Page, Site

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
URL = "https://example.org/feed"
REPORT = """The city council voted on Monday evening to close the old bridge for eleven months while both of its piers
are rebuilt. Engineers had warned in spring that salt water was eating into the concrete, and that another hard winter
could make it unsafe for lorries. Residents on the eastern bank will have to take the ferry, which runs every twenty
minutes until ten at night. The work will cost fourteen million and is to be paid by the region and the state together.
Shop owners near the bridge asked for help with their rents, and the mayor promised an answer before Christmas."""
SYNDICATED = (
    REPORT.replace("on Monday evening", "late on Monday")
    .replace("hard winter", "cold winter")
    .replace("fourteen million", "14 million")
)
SAME_SUBJECT = """Eleven months without the old bridge: that is what people on the eastern bank of the river must
prepare for. The council decided so on Monday. Both piers have to be rebuilt since salt water has damaged their
concrete. A ferry will carry pedestrians and bicycles every twenty minutes, but lorries must drive round by the
motorway. Who pays the fourteen million is settled; how shops will live through the closure is not, and the mayor has
said that she will speak about it before Christmas."""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.running() as site:
        yield site


def source(**fields: Any) -> FeedSource:
    return FeedSource.model_validate({"url": URL, **fields})


def refusal(**fields: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        source(**fields)
    return str(explain(caught.value))


# --- sources ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"url": "ftp://example.org/feed"}, "url: this is not a web address; give the http or https URL"),
        ({"url": "https://"}, "url: this is not a web address"),
        ({"url": "http://[::1"}, "url: this is not a web address"),
        ({"url": "https://me:secret@example.org/feed"}, "url: an address with a user name or password"),
        ({"channel": "a b"}, "channel: "),
        ({"priority": 6}, "priority: "),
        ({"every_minutes": 1}, "every_minutes: "),
        ({"include": [""]}, "include: it is empty"),
        ({"include": ["x"] * 51}, "include: 51 words is more than 50"),
        ({"language": "xx"}, "language: unknown language"),
        ({"nonsense": 1}, "nonsense: "),
        ({"request": {"script": "x"}}, "request: script is set by the item or the source; leave it out"),
        ({"request": {"channel": "x"}}, "request: channel is set by"),
        ({"request": {"formats": ["7:3"]}}, "request: formats: "),
        ({"request": {"posts": {"x": {}}}}, "request: "),
    ],
)
def test_a_wrong_source_is_told_with_its_field(fields: dict[str, Any], message: str) -> None:
    told = refusal(**fields)
    assert message in told and "secret" not in told


def test_the_request_of_an_item_has_what_the_source_says_and_no_more() -> None:
    item = FeedItem(title="T", text="A text of some words.", url="https://example.org/1", language="de")
    plain = source().request_for(item).model_dump(exclude_unset=True)
    assert plain.keys() == {"item", "channel", "language_open"}
    told = source(channel="news", language="fr", priority=1, request={"platforms": []}).request_for(item)
    assert (told.channel, told.language, told.priority, told.platforms) == ("news", "fr", 1, ())


def test_names() -> None:
    assert name_of("https://www.Example.org:8080/feed", frozenset()) == "example-org"
    assert name_of(URL, frozenset({"example-org", "example-org-2"})) == "example-org-3"
    assert name_of("https://例え.jp/feed", frozenset()) == "jp"
    with pytest.raises(InvalidInput, match="name: 'a b' is not a source's name"):
        check_name("a b")


# --- filters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("About the Climate.", "climate", True),
        ("Acclimated", "climate", False),
        ("climatic", "climate", False),
        ("climatic", "climat*", True),
        ("anticlimatic", "climat*", False),
        ("a heat\n wave came", "heat wave", True),
        ("heatwave", "heat wave", False),
        ("Straße frei", "STRASSE", True),
        ("ＣＬＩＭＡＴＥ", "climate", True),
        ("東京都で大雪", "大雪", True),
        ("ฝนตกหนัก", "ตก", True),
        ("C++ is 40", "c++", True),
        ("(a.b)", "a.b", True),
        ("axb", "a.b", False),
        ("50% off", "50%", True),
    ],
)
def test_words_and_phrases(text: str, word: str, found: bool) -> None:
    assert rules.has_word(text, word) is found


def test_ages_and_the_next_turn() -> None:
    week = source(max_age_days=7)
    assert rules.too_old(week, FeedEntry("T", "x", published="2026-11-22T11:00:00+00:00"), NOW)
    assert not rules.too_old(week, FeedEntry("T", "x", published="2026-11-22T13:00:00+00:00"), NOW)
    assert not rules.too_old(week, FeedEntry("T", "x"), NOW), "without a date"
    often = source(every_minutes=30)
    assert rules.next_due(often, NOW) - NOW == timedelta(minutes=30)
    pauses = [rules.due_after_failure(often, NOW, failures) - NOW for failures in range(1, 40)]
    assert pauses[:3] == [timedelta(hours=hours) for hours in (1, 2, 4)]
    assert pauses == sorted(pauses) and pauses[-1] == timedelta(days=1)
    asked = rules.due_after_failure(often, NOW, 1, timedelta(hours=5))
    assert asked - NOW == timedelta(hours=5)
    assert rules.due_after_failure(often, NOW, 1, timedelta(days=900)) - NOW == timedelta(days=1)
    seldom = source(every_minutes=14 * 1_440)
    assert rules.due_after_failure(seldom, NOW, 9) - NOW == timedelta(days=14)


# --- duplicates ------------------------------------------------------------------------------------------------------


def verdict(text: str, *keys: str) -> Verdict:
    return Verdict(ItemState.NEW, "T", keys, text_sha256=rules.text_sha256(text), runs=runs_of(text))


def how(new: str, old: str) -> str:
    return repeats(verdict(new, "a"), ["b"], rules.text_sha256(old), runs_of(old), Likeness().share)


def test_near_duplicates_are_those_that_a_person_would_call_so() -> None:
    assert how(REPORT.upper(), REPORT.replace("\n", "  ")) == "the same text"
    assert how(SYNDICATED, REPORT).endswith("% of its text")
    assert how(REPORT + " More will follow tomorrow.", REPORT).endswith("% of its text")
    assert how(REPORT[: len(REPORT) * 2 // 3], REPORT).endswith("% of its text"), "a shortened copy"
    assert how(SAME_SUBJECT, REPORT) == "", "another report of the same event"
    assert share_of(runs_of(SAME_SUBJECT), runs_of(REPORT)) < 0.1
    assert how(REPORT[: len(REPORT) // 2] + SAME_SUBJECT, REPORT) == "", "half of it is new"
    assert how("Too short to tell.", "Too short to say.") == ""
    assert repeats(verdict("x", "a", "b"), ["b"], "", frozenset(), 0.5) == "the same entry"


# --- pages that are no articles --------------------------------------------------------------------------------------


def page(body: str) -> Document:
    return Document(f"<html><body>{body}</body></html>".encode(), "https://example.org/a?utm_source=x", "text/html")


def test_pages_that_are_all_navigation() -> None:
    menu = "".join(f"<li><a href='/{n}'>Topic {n} of the day</a></li>" for n in range(80))
    teasers = "".join(f"<div><h3><a href='/{n}'>Headline {n}</a></h3><p>Read it now</p></div>" for n in range(40))
    for body in (f"<nav>{menu}</nav>", f"<ul>{menu}</ul>", f"<main><ul>{menu}</ul></main>", teasers, "", "<p></p>"):
        found = article_of(page(body))
        assert not found.text and found.reason in ("its page has no article", "its page is all navigation"), body[:40]
    real = article_of(Document(ARTICLE.encode(), "https://example.org/a?utm_source=x", "text/html"))
    assert real.text.count("keeper") == 12 and not real.reason
    assert real.key == article_of(Document(ARTICLE.encode(), "http://www.example.org/a/", "text/html")).key
    assert article_of(page("<b>" * 70_000)).reason == "its page has more than 60,000 tags"
    named = ARTICLE.replace("<head>", "<head><link rel='canonical' href='/the-one'>")
    assert article_of(Document(named.encode(), "https://example.org/x?y=1", "")).key == article_of(
        Document(named.encode(), "https://example.org/z", "")).key  # fmt: skip


CHINESE = "昨日，古老的港口重新开放。人们来这里买鱼。渔船一直卖到清晨。"
ARABIC = "حضر الناس إلى الميناء القديم صباح اليوم. واشتروا السمك من القوارب مباشرة عند شروق الشمس."
MENUS = ("", "Home\nNews\nSport\nWeather", "Headline number 1\n" * 50, "Read more about this.\n" * 50)


@pytest.mark.parametrize("text", [REPORT, SAME_SUBJECT, CHINESE, ARABIC])
def test_prose_is_no_navigation(text: str) -> None:
    assert not is_navigation(text)


@pytest.mark.parametrize("text", MENUS)
def test_menus_are_navigation(text: str) -> None:
    assert is_navigation(text)


# --- other people's sites --------------------------------------------------------------------------------------------


def manners(site: Site, delay_s: float = 0.0) -> Manners:
    async def read(url: str, max_bytes: int) -> Document:
        return await fetch(url, allow_private=True, timeout_s=10, max_bytes=max_bytes)

    return Manners(read, delay_s)


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        (Page(b"User-agent: *\nDisallow: /private\n"), True),
        (Page(b"User-agent: *\nDisallow: /\n"), False),
        (Page(b"User-agent: Reelwright\nDisallow: /\n\nUser-agent: *\nAllow: /\n"), False),
        (Page(b"User-agent: reelwright\nAllow: /\n\nUser-agent: *\nDisallow: /\n"), True),
        (Page("\ufeffUser-agent: *\nDisallow: /\n".encode()), False),
        (Page(b"<html>not found</html>"), True),
        (Page(status=404), True),
        (Page(status=403), True),
        (Page(b"\x89PNG", headers={"Content-Type": "image/png"}), True),
    ],
)
async def test_robots_txt(robots: Page, allowed: bool, site: Site) -> None:
    site.pages["/robots.txt"] = robots
    rules = manners(site)
    for _ in range(2):
        if allowed:
            await rules.before(f"{site.url}/page")
        else:
            with pytest.raises(InvalidInput, match=r"the site's robots\.txt does not let it be read"):
                await rules.before(f"{site.url}/page")
    assert [path for path, _ in site.seen] == ["/robots.txt"], "read once"


async def test_a_site_whose_rules_cannot_be_read_is_left_alone(site: Site) -> None:
    site.pages["/robots.txt"] = Page(status=503)
    rules = manners(site)
    with pytest.raises(ProviderUnavailable, match=r"robots\.txt cannot be read now: 127\.0\.0\.1 answers 503"):
        await rules.before(f"{site.url}/page")
    site.pages["/robots.txt"] = Page(b"")
    await rules.before(f"{site.url}/page")


async def test_requests_to_one_host_take_turns(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    site.pages["/robots.txt"] = Page(b"User-agent: *\nCrawl-delay: 5\n")

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    rules = manners(site, delay_s=2)
    monkeypatch.setattr("reelwright.providers.feeds.polite.asyncio.sleep", sleep)
    await asyncio.gather(*(rules.before(f"{site.url}/{n}") for n in range(3)))
    assert len(waits) == 3 and waits[0] <= 2 < max(waits) <= 5, "after robots.txt two seconds, then what it asks for"


async def test_a_conditional_request_says_only_what_a_header_can_hold(site: Site) -> None:
    site.pages["/feed"] = Page(status=304)
    odd = Validators('"a\r\nX: y"', "Mon, 23 Nov 2026 08:00:00 GMT")
    answer = await HttpFeedHarvester(True).read(f"{site.url}/feed", odd, NOW)
    assert answer.unchanged and answer.validators == odd
    assert "If-None-Match" not in site.headers["/feed"] and "X" not in site.headers["/feed"]
    assert site.headers["/feed"]["If-Modified-Since"] == odd.last_modified


# --- sifting ---------------------------------------------------------------------------------------------------------


class Nothing:
    async def known(self, source: str, keys: Any) -> frozenset[str]:
        return frozenset()

    async def duplicate(self, *_: Any) -> None:
        return None


class Feeds:
    async def runs(self, text: str) -> frozenset[int]:
        return frozenset()

    async def item(self, entry: FeedEntry, text: str) -> FeedItem:
        return FeedItem(title=entry.title, text=text)


async def test_entries_without_keys_have_their_whole_as_identity() -> None:
    state = SourceState(name="s", source=source(least_words=1), added_at=NOW, due_at=NOW)
    entries = [
        FeedEntry("A", "Some words here."),
        FeedEntry("B", "Some words here."),
        FeedEntry("A", "Some words here."),
    ]
    sifting = Sifting(Feeds(), Nothing(), state, Likeness(), NOW, room=9)  # type: ignore[arg-type]
    found = [one async for one in sifting.verdicts(entries)]
    assert [one.state.value for one in found] == ["new", "duplicate", "duplicate"]
    assert found[0].content_id == rules.content_id_of("default", found[0].keys) and len(found[0].keys) == 1


async def test_text_that_came_garbled_is_told() -> None:
    state = SourceState(name="s", source=source(), added_at=NOW, due_at=NOW)
    sifting = Sifting(Feeds(), Nothing(), state, Likeness(), NOW, room=9)  # type: ignore[arg-type]
    [found] = [one async for one in sifting.verdicts([FeedEntry("A", "", keys=("k",), fault="decoded twice")])]
    assert (found.state.value, found.reason, found.retry) == ("failed", "decoded twice", False)
