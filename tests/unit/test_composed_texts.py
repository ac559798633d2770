"""A text that an adapter composed before the review is what it posts, word for word, and passes its checks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reelwright.domain.formats import Platform
from reelwright.domain.publishing.posting import PostDraft, PostKind
from reelwright.domain.publishing.texts import PlatformText
from reelwright.platforms.bluesky import post as bluesky
from reelwright.platforms.facebook import post as facebook
from reelwright.platforms.instagram import post as instagram
from reelwright.platforms.linkedin import text as linkedin
from reelwright.platforms.linkedin.media import not_told
from reelwright.platforms.tiktok import post as tiktok
from reelwright.platforms.x import post as x
from reelwright.platforms.youtube import post as youtube

COMPOSE: dict[Platform, Callable[[PostDraft], str]] = {
    Platform.YOUTUBE: youtube.description,
    Platform.X: x.text_of,
    Platform.TIKTOK: tiktok.caption,
    Platform.BLUESKY: bluesky.text_of,
    Platform.LINKEDIN: lambda draft: linkedin.text_of(draft, 3_000),
    Platform.FACEBOOK: lambda draft: facebook.message_of(draft, facebook.LIMITS),
    Platform.INSTAGRAM: instagram.caption_of,
}


def draft(platform: Platform, **fields: object) -> PostDraft:
    words = {"title": "Tides", "description": "The sea *rises* & falls @noon <3 ✨ (twice a day). " * 90, "marker": "m"}
    return PostDraft.model_validate(
        {"platform": platform, "account": "a", "tags": ("deep sea", "tides"), "paid_partnership": True, **words}
        | fields
    )


def test_every_platform_is_here() -> None:
    assert set(COMPOSE) == set(Platform)


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("caption", ["", "My own words, for here."])
def test_what_was_composed_is_posted_word_for_word(platform: Platform, caption: str) -> None:
    before = draft(platform, caption=caption)
    composed = COMPOSE[platform](before)
    assert composed == caption or not caption
    text = PlatformText.of(before, composed, "a", "b")
    after = text.put_into(before)
    assert COMPOSE[platform](after) == composed and text.is_in(after)
    assert not text.is_in(after.model_copy(update={"title": "Buy now"}))
    assert text.sha256 == text.model_copy(update={"accounts": ("c",)}).sha256
    if platform is Platform.X:
        x.check_draft(after, x.TEXT_WEIGHT)
    if platform is Platform.BLUESKY:
        bluesky.check_draft(after)


def test_a_story_has_no_text_and_a_composed_one_names_the_partnership() -> None:
    assert instagram.caption_of(draft(Platform.INSTAGRAM, kind=PostKind.STORY)) == ""
    before = draft(Platform.LINKEDIN)
    composed = PlatformText.of(before, linkedin.text_of(before, 3_000), "a").put_into(before)
    assert not not_told(composed) and not_told(draft(Platform.LINKEDIN, caption="Mine."))
