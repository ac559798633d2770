"""What a TikTok post may say, how a file is cut into chunks, and how captions are compared: no server is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import PostRejected
from reelwright.platforms.tiktok.post import Listed, acknowledged, caption, chunks, same_post, units
from reelwright.platforms.tiktok.publisher import TikTokPublisher
from reelwright.platforms.tiktok.transfer import trusted

from ...conftest import Sandbox
from .kit import draft, facts, publisher_for

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
async def publisher(sandbox: Sandbox, http: httpx.AsyncClient) -> TikTokPublisher:
    return publisher_for(sandbox, http)


# --- chunks: the vectors of docs/platforms/tiktok.md#upload ----------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "size", "count", "last"),
    [
        (50_000_123, 10_000_000, 5, (40_000_000, 50_000_123)),
        (64_000_001, 64_000_000, 1, (0, 64_000_001)),
        (150_000_000, 64_000_000, 2, (64_000_000, 150_000_000)),
        (4_999_999, 10_000_000, 1, (0, 4_999_999)),
        (20_000_000, 10_000_000, 2, (10_000_000, 20_000_000)),
        (19_999_999, 10_000_000, 1, (0, 19_999_999)),
        (1, 10_000_000, 1, (0, 1)),
    ],
)
def test_chunks_are_cut_as_tiktok_wants(total: int, size: int, count: int, last: tuple[int, int]) -> None:
    cut = chunks(total, size)
    assert cut.count == count == max(1, total // size)
    assert (cut.last_start, cut.end_of(cut.last_start)) == last
    told = cut.source_info()
    assert told["total_chunk_count"] == max(1, told["video_size"] // told["chunk_size"])
    assert told["chunk_size"] <= 64_000_000
    at, seen = 0, 0
    while at < total:
        at, seen = cut.end_of(at), seen + 1
    assert (at, seen) == (total, count)


@pytest.mark.parametrize(
    ("header", "expected", "held"),
    [
        ("bytes 0-9999999/50000123", 10_000_000, 10_000_000),
        ("bytes 0-10000000/50000123", 10_000_000, 10_000_000),
        ("bytes 0-50000122/50000123", 50_000_123, 50_000_123),
        ("bytes 0-50000123/50000123", 50_000_123, 50_000_123),
        ("bytes 0-19999999/50000123", 10_000_000, 20_000_000),
        ("bytes 0-20000000/50000123", 10_000_000, 20_000_000),
        ("bytes 0-12344/50000123", 10_000_000, 12_345),
        ("bytes 0-0/50000123", 10_000_000, 0),
        ("bytes 5-10/50000123", 10_000_000, None),
        ("", 10_000_000, None),
        ("bytes */50000123", 10_000_000, None),
    ],
)
def test_either_reading_of_the_content_range(header: str, expected: int, held: int | None) -> None:
    assert acknowledged(header, chunks(50_000_123, 10_000_000), expected) == held


def test_where_the_video_may_be_sent() -> None:
    hosts = (".tiktokapis.com",)
    for address in ("https://open-upload.tiktokapis.com/video/?upload_id=1", "https://upload.us.tiktokapis.com/v"):
        assert trusted(address, "https://open.tiktokapis.com", hosts)
    for address in (
        "http://upload.us.tiktokapis.com/video/",
        "https://tiktokapis.com.example.org/",
        "https://eviltiktokapis.com/",
        "https://upload.us.tiktokapis.com:8443/",
        "https://[bad",
        "",
    ):
        assert not trusted(address, "https://open.tiktokapis.com", hosts)


# --- what a post may say ----------------------------------------------------------------------------------------------


def test_a_caption_is_posted_word_for_word_or_refused(publisher: TikTokPublisher) -> None:
    full = "\U0001f419" * 1_100
    assert units(full) == 2_200 and caption(draft(caption=full)) == full
    publisher.validate(draft(caption=full), facts())
    with pytest.raises(PostRejected, match="caption: 2,201"):
        publisher.validate(draft(caption=full + "x"), facts())


def test_a_composed_caption_fits(publisher: TikTokPublisher) -> None:
    wanted = draft(title="T" * 90, description="\U0001f419 ocean " * 500, tags=("a b", "ünï-cödé", "हिन्दी", "a b", "!"))
    text = caption(wanted)
    assert 2_150 < units(text) <= 2_200
    assert text.endswith("…\n\n#ab #ünïcödé #हिन्दी")
    publisher.validate(wanted, facts())
    many = caption(draft(description="", tags=tuple(f"tag{number}" for number in range(2_000))))
    assert units(many) <= 2_200 and many.startswith("Why octopuses")
    assert caption(draft(title="", description="", tags=())) == ""
    assert units(caption(draft(title="漢" * 3_000, description="", tags=()))) <= 2_200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"size": 0}, "video"),
        ({"size": 4_000_000_001}, "video"),
        ({"duration_s": 0.0}, "video"),
        ({"duration_s": 600.1}, "video"),
        ({"width": 359}, "video"),
        ({"height": 4_097}, "video"),
        ({"fps": 22.9}, "video"),
        ({"fps": 60.1}, "video"),
        ({"media_type": "video/x-matroska"}, "video"),
    ],
)
def test_limits_of_the_video(publisher: TikTokPublisher, change: dict[str, Any], field: str) -> None:
    publisher.validate(draft(), facts(size=4_000_000_000, duration_s=600.0, width=360, height=4_096, fps=23.976))
    with pytest.raises(PostRejected) as refused:
        publisher.validate(draft(), facts(**{"size": 1, **change}))
    assert refused.value.field == field and refused.value.remedy


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"privacy": "friends"}, "privacy"),
        ({"kind": "story"}, "kind"),
        ({"kind": "article"}, "kind"),
        ({"privacy": "private", "paid_partnership": True}, "paid_partnership"),
    ],
)
def test_limits_of_the_draft(publisher: TikTokPublisher, change: dict[str, Any], field: str) -> None:
    with pytest.raises(PostRejected) as refused:
        publisher.validate(draft(**change), facts())
    assert refused.value.field == field


def test_captions_are_compared_as_the_list_cuts_them() -> None:
    long = "word " * 60
    listed = Listed("1", NOW, long[:150], 30.0)
    assert same_post(listed, long, 30.4) and not same_post(listed, long, 45.0)
    assert not same_post(listed, "other " + long, 30.0)
    assert not same_post(Listed("1", NOW, "word", None), long, None)
    assert same_post(Listed("1", NOW, "a  b", None), "a b", 30.0)
