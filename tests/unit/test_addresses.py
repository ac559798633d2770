"""An address ends where a person sees it end, and what stands behind it is text."""

from __future__ import annotations

import time

import pytest

from reelwright.domain.text.addresses import addresses, without_addresses
from reelwright.domain.text.links import url_spans
from reelwright.domain.text.spoken.reading import read_aloud
from reelwright.providers.moderation.personal import personal_data
from reelwright.providers.speech.espeak import EspeakSpeaker

BEHIND = [
    ("请打开", "https://example.com/docs", "这个文档，里面写着海港的历史。"),
    ("看", "https://example.com", "这个网站"),
    ("", "https://example.com/", "を開いてください"),
    ("", "https://example.com", "です。"),
    ("", "https://example.com/docs", "에서 보기"),
    ("", "www.example.com", "는 좋다"),
    ("ดู", "https://example.com/docs", "เพื่อข้อมูล"),
    ("", "https://example.com/a", "。好"),
    ("", "https://example.com/a", "、b"),
    ("「", "https://example.com/a", "」と"),
    ("（", "https://example.com/a", "）"),
    ("《", "https://example.com/a", "》"),
    ("", "https://example.com/a", "？是"),
    ("", "https://例子.中国", "这个文档"),
    ("", "https://例子.中国/路".removesuffix("路"), "路径很长"),
    ("", "https://example.com/a%E4%B8%AD", "文档"),
    ("", "https://ja.wikipedia.org/wiki/東京/歴史?x=1", "です"),
    ("", "http://localhost:8080/x", "这里"),
    ("", "http://127.0.0.1:8080", "这里"),
    ("", "http://[::1]:80/x", "这里"),
    ("زر ", "https://example.com/ar", "، الآن"),
    ("", "https://example.com/hi", "। अब"),
    ("", "https://example.com/ur", "۔ اب"),
    ("", "https://example.com", "'da"),
    ("", "https://example.com", ":ssa"),
    ("", "https://example.com", "…und"),
    ("", "https://example.com", "—das"),
    ("<", "https://example.com/a", ">x"),
    ("(", "https://en.wikipedia.org/wiki/Mercury_(planet)", ")."),
    ("»", "https://example.com/a", "«"),
    ("„", "https://example.com/a", "“."),
    ("**", "https://example.com/a", "**"),
    ("", "https://ru.wikipedia.org/wiki/Москва", "."),
    ("", "https://köln.de/straße", ", und"),
    ("", "https://a.com", ",https:"),
    ("an ", "info@example.com", "写信"),
    ("", "info@example.com", "."),
]


@pytest.mark.parametrize(("before", "address", "after"), BEHIND)
def test_where_an_address_ends(before: str, address: str, after: str) -> None:
    text = before + address + after
    assert [text[found.start : found.end] for found in addresses(text)] == [address]


@pytest.mark.parametrize("text", ["https://", "www.", "https://这是", "a@b", "user@", "http:// x", "wwww.x", "@name"])
def test_what_is_no_address(text: str) -> None:
    assert list(addresses(text)) == []


@pytest.mark.parametrize(("before", "address", "after"), BEHIND)
def test_all_letters_around_an_address_are_spoken(before: str, address: str, after: str) -> None:
    said = read_aloud(before + address + after, "en").text
    for part in (before, after.removesuffix("https:")):
        letters = "".join(char for char in part if char.isalnum())
        assert letters in "".join(char for char in said if char.isalnum())


async def test_the_voice_is_as_long_as_the_text() -> None:
    """The case seen: 6.3 s of voice instead of 15.5."""
    script = "今天我们来介绍一个新网站。请打开https://example.com/docs这个文档，里面写着海港的历史和鱼市场的价格。看完以后请告诉朋友们。"
    speech = await EspeakSpeaker().speak(script, language="zh")
    without = await EspeakSpeaker().speak(script.replace("https://example.com/docs", ""), language="zh")
    assert speech.duration_s > without.duration_s > 10


def test_several_addresses_in_one_token_and_a_password() -> None:
    assert read_aloud("https://a.com,https://b.org/x", "en").text == "a dot com,b dot org"
    assert read_aloud("https://user:secret@example.com/x这里", "en").text == "example dot com 这里"
    assert without_addresses("see https://a.com/b这里 or a@b.com now") == "see  这里 or   now"


def test_x_sees_a_link_before_chinese_and_the_reviewer_a_number_behind_one() -> None:
    text = "看https://example.com这个文档"
    assert [text[start:end] for start, end in url_spans(text)] == ["https://example.com"], "twitter-text does"
    found = [personal.label for personal in personal_data("https://example.com/文档，+49 30 1234567890")]
    assert found == ["a phone number"], "nothing hides behind an address"


@pytest.mark.parametrize(
    "hostile",
    [
        "https://" * 20_000,
        "www." * 40_000,
        "https://a." + "a." * 50_000,
        "https://a.b/" + "东" * 100_000,
        "https://a.b/(" * 10_000,
        "https://a.com/" + ")" * 100_000,
        "a@" * 50_000,
        "a.b-" * 25_000 + "@x.com",
    ],
)
def test_hostile_texts_end_soon(hostile: str) -> None:
    begin = time.process_time()
    list(addresses(hostile))
    read_aloud(hostile, "en")
    assert time.process_time() - begin < 60
