"""How Bluesky counts texts, and the facets of links, hashtags and mentions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.platforms.bluesky.text import BYTES, GRAPHEMES, clean, facets_of, fit, fits, graphemes, mentioned

GOLDEN = "Grüße 👋🏽 an https://example.com/ä #Töpfern"


def spans(text: str, dids: dict[str, str] | None = None) -> list[tuple[int, int, str]]:
    """(byteStart, byteEnd, what) of a text's facets."""
    told = []
    for facet in facets_of(text, dids or {}):
        (feature,) = facet["features"]
        what = feature.get("uri") or feature.get("tag") or feature.get("did")
        told.append((facet["index"]["byteStart"], facet["index"]["byteEnd"], what))
    return told


def test_the_golden_vector() -> None:
    assert (graphemes(GOLDEN), len(GOLDEN), len(GOLDEN.encode())) == (41, 42, 52)
    assert spans(GOLDEN) == [(20, 42, "https://example.com/ä"), (43, 52, "Töpfern")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see example.com.", [(4, 15, "https://example.com")]),
        ("#one,#two #3 #4th!", [(0, 9, "one,#two"), (13, 17, "4th")]),
        ("mail a@example.com", []),
        ("(@ana.bsky.social) hi", [(1, 17, "did:plc:ana")]),
        ("@unknown.bsky.social", []),
        ("https://example.com/#part", [(0, 25, "https://example.com/#part")]),
        ("nothing here", []),
    ],
)
def test_facets(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert spans(text, {"ana.bsky.social": "did:plc:ana"}) == expected


def test_mentions_are_handles_in_lower_case() -> None:
    assert mentioned("@Ana.Bsky.social and @ana.bsky.social, not @ana or a@b.de") == ["ana.bsky.social"]


def test_a_text_is_composed() -> None:
    assert clean(" u\u0308 ") == "ü"


@given(st.text(max_size=700), st.integers(0, GRAPHEMES))
def test_what_fits_fits_and_is_a_beginning(text: str, limit: int) -> None:
    cut = fit(text, limit)
    assert fits(cut, limit) and len(cut.encode()) <= BYTES
    assert text.strip().startswith(cut.removesuffix("…").rstrip()) or cut == text.strip()


@given(st.text(max_size=300))
def test_facets_lie_in_order_and_on_whole_characters(text: str) -> None:
    text, end = clean(text + " #tag https://example.com/x @a.example"), 0
    for facet in facets_of(text, {"a.example": "did:plc:a"}):
        start, stop = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert end <= start < stop <= len(text.encode())
        text.encode()[start:stop].decode()
        end = stop
