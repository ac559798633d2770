"""X's limits, and what we write for it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.video import CaptionFile
from reelwright.domain.errors import PostRejected
from reelwright.domain.formats import Platform, PostKind
from reelwright.domain.ports.publishing import VideoFacts
from reelwright.domain.publishing.posting import PostDraft
from reelwright.platforms.x.post import (
    Limits,
    check_draft,
    check_video,
    extras_of,
    hashtag,
    made_at,
    post_body,
    premium,
    processing_of,
    shows,
    sound_subtitles,
    subtitle_files,
    text_of,
)
from reelwright.platforms.x.text import weight


def draft(**changes: Any) -> PostDraft:
    values: dict[str, Any] = {"platform": Platform.X, "account": "a", "title": "T", "description": "D", "marker": "rw1"}
    return PostDraft(**{**values, **changes})


def video(**changes: Any) -> VideoFacts:
    values: dict[str, Any] = {"width": 1080, "height": 1920, "duration_s": 30.0, "fps": 30.0, "size": 1_000}
    return VideoFacts(**{**values, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"width": 1920, "height": 1080},
        {"width": 1080, "height": 1080},
        {"duration_s": 140.0},
        {"duration_s": 0.5},
        {"fps": 60.0},
        {"size": 512 << 20},
        {"width": 400, "height": 1200},
        {"width": 32, "height": 32},
    ],
)
def test_what_x_takes(changes: dict[str, Any]) -> None:
    check_video(video(**changes), Limits(), is_premium=False)


@pytest.mark.parametrize(
    "changes",
    [
        {"duration_s": 140.1},
        {"duration_s": 0.49},
        {"fps": 60.1},
        {"size": (512 << 20) + 1},
        {"size": 0},
        {"width": 399, "height": 1200},
        {"width": 31, "height": 32},
        {"width": 2160, "height": 3840},
        {"width": 0, "height": 0},
        {"media_type": "video/x-matroska"},
    ],
)
def test_one_unit_beyond_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(PostRejected) as caught:
        check_video(video(**changes), Limits(), is_premium=False)
    assert caught.value.field == "video" and caught.value.remedy


def test_the_documented_size_is_a_setting_away() -> None:
    with pytest.raises(PostRejected, match="1280x1024"):
        check_video(video(), Limits(longest=1280, shortest=1024), is_premium=False)
    check_video(video(duration_s=600.0), Limits(premium_s=600.0), is_premium=True)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"caption": "a" * 281}, "caption"),
        ({"caption": " \n"}, "caption"),
        ({"caption": "a\ufeffb"}, "caption"),
        ({"thread": ("fine", "あ" * 141)}, "thread[1]"),
        ({"thread": ("the same", "the  same")}, "thread[1]"),
        ({"thread": ("",)}, "thread[0]"),
        ({"caption": "x", "first_comment": "x"}, "first_comment"),
        ({"first_comment": "🐙" * 141}, "first_comment"),
        ({"kind": PostKind.STORY}, "kind"),
        ({"privacy": "unlisted"}, "privacy"),
        ({"title": " "}, "title"),
    ],
)
def test_what_x_would_refuse_is_refused_before(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(PostRejected) as caught:
        check_draft(draft(**changes), 280)
    assert caught.value.field == field and caught.value.remedy


def test_what_just_fits() -> None:
    check_draft(draft(caption="a" * 280, thread=("あ" * 140,), first_comment="🐙" * 140), 280)
    check_draft(draft(caption="a" * 25_000), 25_000)


@given(
    st.text(min_size=1, max_size=300),
    st.text(max_size=600),
    st.lists(st.text(max_size=30), max_size=12),
)
def test_what_we_write_fits_by_construction(title: str, description: str, tags: list[str]) -> None:
    text = text_of(draft(title=title, description=description, tags=tuple(tags)))
    assert weight(text) <= 280


def test_what_we_write() -> None:
    text = text_of(
        draft(title="Three hearts", description="word " * 80, tags=("deep sea", "octopus", "2026", "deep sea"))
    )
    title, body, tags = text.split("\n\n")
    assert (title, tags) == ("Three hearts", "#DeepSea #octopus")
    assert body.endswith("word…") and 270 < weight(text) <= 280
    assert text_of(draft(caption="as it is")) == "as it is"
    assert [hashtag(tag) for tag in ("C++", "2026", "größe", "a-b")] == ["#C", "", "#größe", "#AB"]


def test_flags_are_told() -> None:
    assert post_body(draft(), "t", ["5"]) == {"text": "t", "media": {"media_ids": ["5"]}, "made_with_ai": True}
    told = post_body(draft(synthetic_media=False, paid_partnership=True), "t", ["5"])
    assert (told["made_with_ai"], told["paid_partnership"]) == (False, True)


def test_a_thread_hangs_together() -> None:
    extras = extras_of(draft(thread=("a", "b", "c"), first_comment="d"))
    assert [(extra.name, extra.after) for extra in extras] == [
        ("reply-2", ""),
        ("reply-3", "reply-2"),
        ("reply-4", "reply-3"),
        ("comment", ""),
    ]


def test_subtitles_that_x_can_take() -> None:
    ref = AssetRef(key="k", sha256="0" * 64, size=1, media_type="text/plain")
    files = [CaptionFile(language=code, kind="srt", file=ref) for code in ("en", "en-gb", "de")]
    files.append(CaptionFile(language="fr", kind="vtt", file=ref))
    assert {file.language for file in subtitle_files(draft(captions=tuple(files)))} == {"en", "de"}
    assert sound_subtitles(b"\xef\xbb\xbf1\r\n00:00:01,000 --> 00:00:02,000\r\nHi\r\n")
    for data in (b"", b"no timing", b"\xff\xfe\x00", b"1\n00:00:01,000 --> 00:00:02,000\nHi" + b"a" * (2 << 20)):
        assert not sound_subtitles(data)


def test_readers_take_any_json() -> None:
    for odd in (None, 1, "x", [], {"media_keys": "7_5"}, {"media_keys": [None, 7]}):
        assert not shows({"attachments": odd}, "5", "7_5")
    assert shows({"attachments": {"media_keys": ["13_5"]}}, "5", "")
    assert not shows({"attachments": {"media_keys": ["7_55"]}}, "5", "7_5")
    assert processing_of({"processing_info": {"state": "failed", "error": "x"}}).again
    assert not processing_of({"processing_info": {"state": "failed", "error": {"name": "UnsupportedMedia"}}}).again
    assert processing_of({"processing_info": {"state": 7}}).state.value == "processing"
    assert made_at("1900000000000000000").year == 2025
    assert [premium({"premium": word}) for word in ("true", "Yes", "no", "")] == [True, True, False, False]
