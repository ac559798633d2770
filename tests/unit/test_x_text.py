"""How X counts. The wanted numbers are those of twitter-text 3.1.0 (`parseTweet(text).weightedLength`)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.platforms.x.text import fit, same_text, weight
from sandbox.x.post import length, shown

COUNTED = [
    ("", 0),
    ("plain text", 10),
    ("Zürich café", 11),
    ("cafe\u0301", 4),
    ("三つの心臓", 10),
    ("한국어", 6),
    ("नमस्ते", 6),
    ("مرحبا שלום", 10),
    ("“quoted” – and — so…", 21),
    ("🐙", 2),
    ("👨‍👩‍👧‍👦", 2),
    ("🙋🏽‍♀️🇩🇪1️⃣❤️", 8),
    ("☺ ©", 4),
    ("https://example.com", 23),
    ("https://example.com/a/very/long/path?with=a&query=string#and-more", 23),
    ("see https://example.com/a_(b), or not", 35),
    ("example.com", 23),
    ("Read www.example.co.uk.", 29),
    ("node.js and e.g. this", 21),
    ("mail me@example.com", 19),
    ("@someone #tag.com", 17),
    ("http://localhost:3000/x", 23),
    ("日本語example.com語", 31),
    ("café.com is a site", 33),
    ("€5 ∞", 6),
    ("a\nb\n\nc", 6),
]


@pytest.mark.parametrize(("text", "wanted"), COUNTED)
def test_texts_weigh_what_x_says(text: str, wanted: int) -> None:
    assert weight(text) == wanted


@pytest.mark.parametrize("text", ["a" * 280, "あ" * 140, "🐙" * 140, "https://example.com " * 11 + "a" * 16])
def test_one_unit_over_is_over(text: str) -> None:
    assert weight(text) == 280
    assert weight(text + "a") == 281
    assert length(text) == 280, "the sandbox counts for itself, and comes to the same"


@given(st.text(alphabet=st.sampled_from("ab c\n.,-あ中한🐙é…https://example.com "), max_size=120), st.integers(1, 60))
def test_what_is_fitted_fits(text: str, limit: int) -> None:
    fitted = fit(text, limit)
    assert weight(fitted) <= limit
    assert fitted == text.strip() or fitted == "" or fitted.endswith("…")


def test_words_are_not_cut_where_there_are_any() -> None:
    assert fit("Two hearts for the gills, one for the rest", 27) == "Two hearts for the gills…"
    assert fit("心臓が三つある生き物", 11) == "心臓が三…"
    assert fit("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 4) == "👨‍👩‍👧…"


@pytest.mark.parametrize(
    ("ours", "listed", "same"),
    [
        ("A & B <3", "A &amp; B &lt;3", True),
        ("A & B", "A &amp; B https://t.co/abc123", True),
        ("see https://example.com/x now", "see https://t.co/a1 now https://t.co/b2", True),
        ("ends https://example.com", "ends https://t.co/a1", True),
        ("example.com is it", "https://t.co/a1 is it", True),
        ("one", "two", False),
        ("one https://example.com", "one", False),
    ],
)
def test_texts_are_recognised_as_x_gives_them_back(ours: str, listed: str, same: bool) -> None:
    assert same_text(ours, listed) is same


def test_the_sandbox_gives_texts_back_as_x_does() -> None:
    text = "A & B: https://example.com/x 🐙"
    assert same_text(text, shown(text, with_media=True)) and "example" not in shown(text, with_media=True)
