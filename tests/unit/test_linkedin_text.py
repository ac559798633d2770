"""LinkedIn's `little` text: escaped, read back, and composed so that it fits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.domain.formats import Platform
from reelwright.domain.publishing.posting import PostDraft
from reelwright.platforms.linkedin.text import RESERVED, hashtag, little, text_of, units, visible
from sandbox.linkedin.text import read


def draft(**changes: Any) -> PostDraft:
    values: dict[str, Any] = {"account": "main", "title": "Title", "description": "Text", "marker": "rw"}
    return PostDraft(platform=Platform.LINKEDIN, **{**values, **changes})


# --- little text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain – “text” 🐙", "plain – “text” 🐙"),
        (RESERVED, "".join(f"\\{char}" for char in RESERVED)),
        ("a (b) [c] {d} <e> f_g *h* ~i~ @j k|l", r"a \(b\) \[c\] \{d\} \<e\> f\_g \*h\* \~i\~ \@j k\|l"),
        ("#tag and #Zwei2, #日本語.", r"{hashtag|\#|tag} and {hashtag|\#|Zwei2}, {hashtag|\#|日本語}."),
        ("We are #1, #snake_case, a#b, ##x", r"We are \#1, \#snake\_case, a\#b, \#\#x"),
        ("https://x.org/a_b#part https://x.org/#top", r"https://x.org/a\_b\#part https://x.org/\#top"),
        ("@[Acme](urn:li:organization:1)", r"\@\[Acme\]\(urn:li:organization:1\)"),
    ],
)
def test_little(text: str, written: str) -> None:
    assert little(text) == written
    assert visible(written) == text


@given(st.text(alphabet=st.sampled_from("ab1 \n#_\\|{}@[]()<>*~é日🐙")))
def test_nothing_is_cut_and_nothing_is_lost(text: str) -> None:
    """The sandbox reads the format by rules of its own: it must see exactly what was meant."""
    assert visible(little(text)) == text
    assert read(little(text), bare_hashtags=False, truncates=True) == (little(text), text)


def test_reading_back_what_linkedin_writes() -> None:
    assert visible(r"Hi @[Acme \(Inc\)](urn:li:organization:1): {hashtag|#|One} {hashtag|\#|Two\_}") == (
        "Hi Acme (Inc): #One #Two_"
    )


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("octopus", "#octopus"),
        ("deep sea", "#DeepSea"),
        ("C++", "#C"),
        ("#AI", "#AI"),
        ("24/7", ""),
        ("हिन्दी", "#हिन्दी"),
    ],
)
def test_hashtags(tag: str, written: str) -> None:
    assert hashtag(tag) == written


# --- texts that fit -------------------------------------------------------------------------------------------------


@given(
    st.text(min_size=1, max_size=200),
    st.text(alphabet=st.sampled_from("ab(c) #1_日🐙\n"), max_size=4_000),
    st.lists(st.text(alphabet="abc (", max_size=40), max_size=40),
)
def test_a_composed_text_fits_by_construction(title: str, description: str, tags: list[str]) -> None:
    text = text_of(draft(title=title, description=description, tags=tuple(tags)), 3_000)
    assert units(little(text)) <= 3_000


def test_a_long_text_is_cut_at_a_word_and_keeps_its_hashtags() -> None:
    text = text_of(draft(description="word " * 1_000, tags=("one", "two words")), 3_000)
    assert text.startswith("Title\n\nword word") and text.endswith("word…\n\n#one #TwoWords")
    paid = text_of(draft(paid_partnership=True), 3_000)
    assert paid == "Paid partnership\n\nTitle\n\nText" and text_of(draft(caption="x", paid_partnership=True), 9) == "x"
    assert 2_900 < units(little(text)) <= 3_000
    many = text_of(draft(tags=tuple(f"tag{number}" for number in range(1_000))), 3_000)
    assert many.startswith("Title\n\nText\n\n#tag0 #tag1 ") and len(many) < 1_000
    unspaced = text_of(draft(description="日" * 5_000), 3_000)
    assert units(little(unspaced)) == 3_000 and unspaced.endswith("日…")


def test_a_caption_is_word_for_word() -> None:
    assert text_of(draft(caption=" Just (this) #way  "), 3_000) == " Just (this) #way  "
