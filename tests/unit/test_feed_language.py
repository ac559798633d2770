"""An entry is spoken in its own language, unless another was asked for."""

from __future__ import annotations

import json

import pytest

from reelwright.domain.content.request import ContentRequest, FeedItem
from reelwright.domain.text.languages import offered
from reelwright.domain.text.spoken_language import language_for
from reelwright.providers.feeds import parse_feed
from reelwright.providers.feeds.language import language_of

GERMAN = (
    "Der alte Hafen hat am Montag seinen neuen Fischmarkt eröffnet, und mehr als zweihundert Menschen kamen. Die Boote "
    "verkaufen jetzt jeden Morgen direkt vom Deck."
)
ENGLISH = (
    "The old harbour opened its new fish market on Monday, and more than two hundred people came to see it. Boats now "
    "sell straight from the deck every morning."
)
WELSH = "Agorodd yr hen harbwr ei farchnad bysgod newydd ddydd Llun, a daeth mwy na dau gant o bobl i'w gweld yno."


def rss(text: str, *, head: str = "", attributes: str = "", item: str = "") -> bytes:
    return (
        f'<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"{attributes}><channel><title>c</title>{head}'
        f"<item><title>t</title>{item}<description>{text}</description></item></channel></rss>"
    ).encode()


@pytest.mark.parametrize(
    ("document", "language"),
    [
        (rss(GERMAN, head="<language>de-DE</language>"), "de"),
        (rss(GERMAN, head="<dc:language>de</dc:language>"), "de"),
        (rss(GERMAN, head="<language><![CDATA[ de-at ]]></language>"), "de"),
        (rss(GERMAN, attributes=' xml:lang="de"'), "de"),
        (rss(GERMAN, head="<language>en</language>", item="<dc:language>de</dc:language>"), "de"),
        (rss(GERMAN), "de"),
        (rss(GERMAN, head="<language>en-us</language>"), "de"),
        (rss(ENGLISH, head="<language>en-us</language>"), "en"),
        (rss(ENGLISH, head="<language>en-gb</language>"), "en-gb"),
        (rss(ENGLISH, head="<language>not a language</language>"), "en"),
        (rss(WELSH, head="<language>cy</language>"), "cy"),
        (
            f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><entry><title>t</title><summary>{GERMAN}</summary></entry></feed>'.encode(),
            "de",
        ),
        (
            json.dumps(
                {"version": "https://jsonfeed.org/version/1.1", "language": "de", "items": [{"content_text": GERMAN}]}
            ).encode(),
            "de",
        ),
    ],
)
def test_the_language_of_a_feed(document: bytes, language: str) -> None:
    assert parse_feed(document).language == language


def test_short_texts_and_neighbours_are_what_they_say() -> None:
    assert language_of("Kort tekst her.", "nb") == "nb"
    assert (
        language_of("Den gamle havnen åpnet sitt nye fisketorg på mandag, og mer enn to hundre mennesker kom.", "no")
        == "nb"
    )
    assert language_of("Dies ist", "en") == "en"


@pytest.mark.parametrize(
    ("tag", "code"),
    [("de-AT", "de"), ("pt_BR", "pt-br"), ("EN-GB", "en-gb"), ("en-AU", "en-gb"), ("en-US", "en"), ("no", "nb"), ("iw", "he"),
     ("zh-Hant-TW", "zh"), ("cy", ""), ("", ""), ("<b>", ""), ("de; drop table", "")],
)  # fmt: skip
def test_language_tags(tag: str, code: str) -> None:
    assert offered(tag) == code


def test_who_decides() -> None:
    item = FeedItem(title="t", text=GERMAN, language="de")
    left_out = ContentRequest.model_validate_json(json.dumps({"feed": "https://example.org/f"}))
    assert language_for(left_out, item) == ("de", "the feed is in German; it is spoken in that language")
    named = ContentRequest.model_validate_json(json.dumps({"feed": "https://example.org/f", "language": "en"}))
    assert language_for(named, item)[0] == "en" and "the feed says de, spoken as en" in language_for(named, item)[1]
    for request in (left_out, named):
        travelled = ContentRequest.model_validate_json(request.model_dump_json())
        assert language_for(travelled, item) == language_for(request, item), "Temporal carries all fields"
    british = ContentRequest(feed="https://example.org/f", language="en-gb")
    assert language_for(british, FeedItem(title="t", text="x", language="en")) == ("en-gb", "")
    assert language_for(left_out, FeedItem(title="t", text="x")) == ("en", "")
    welsh = language_for(left_out, FeedItem(title="t", text="x", language="cy"))
    assert welsh[0] == "en" and "cy, for which there is no voice" in welsh[1]


# ruff: noqa: E501
