"""YouTube says no: quotas, limits, accounts. And nothing secret is logged."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.video import CaptionFile
from reelwright.domain.errors import (
    NeedsAuthorization,
    PostRejected,
    QuotaExhausted,
)
from reelwright.domain.publishing.posting import PostDraft, PostKind, PublishedPost
from reelwright.platforms.youtube.errors import next_pacific_midnight
from reelwright.platforms.youtube.post import tags_length
from reelwright.platforms.youtube.publisher import YouTubePublisher

from ...conftest import Sandbox
from .kit import Source, begun, draft, facts, post_with_retries, publish, publisher_for, tokens_for, upload


@pytest.fixture
def publisher(sandbox: Sandbox, http: httpx.AsyncClient) -> YouTubePublisher:
    return publisher_for(sandbox, http)


# --- quotas, refusals, accounts -------------------------------------------------------------------------------------


async def test_the_days_inserts_run_out(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    now = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    publisher = publisher_for(sandbox, http, clock=lambda: now)
    await sandbox.settings(inserts_per_day=1)
    await begun(publisher)
    with pytest.raises(QuotaExhausted) as caught:
        await begun(publisher)
    assert caught.value.resets_at == datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    assert caught.value.bucket == "inserts"
    await sandbox.settings(clock_offset_s=86_400)
    await begun(publisher)


async def test_the_days_units_run_out_without_html(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    publisher = publisher_for(sandbox, http)
    await sandbox.settings(units_per_day=0)
    with pytest.raises(QuotaExhausted) as caught:
        await publisher.processing(draft(), PublishedPost(post_id="AAAAAAAAAAA"))
    assert "<" not in str(caught.value) and "exceeded your quota" in str(caught.value)
    assert caught.value.bucket == "units"


async def test_a_quota_that_is_gone_at_the_last_byte_posts_nothing(
    publisher: YouTubePublisher, sandbox: Sandbox
) -> None:
    await sandbox.post("settings/youtube", {"insert_charged": "end"})
    await sandbox.settings(inserts_per_day=0)
    session = await begun(publisher)
    await upload(publisher, session, Source())
    with pytest.raises(QuotaExhausted) as caught:
        await publish(publisher, session, Source())
    assert caught.value.bucket == "inserts" and await sandbox.posts() == []
    await sandbox.settings(inserts_per_day=1)
    await publish(publisher, session, Source())
    assert len(await sandbox.posts()) == 1


async def test_the_channels_upload_limit(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    now = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    publisher = publisher_for(sandbox, http, clock=lambda: now)
    await sandbox.settings(uploads_per_channel_day=1)
    await post_with_retries(publisher, await begun(publisher), Source())
    with pytest.raises(QuotaExhausted) as caught:
        await begun(publisher)
    assert caught.value.resets_at == now + timedelta(hours=24)
    assert caught.value.bucket == "", "the channel's own limit, not the project's"
    await begun(publisher, account="second")


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-11-21T20:00:00+00:00", "2026-11-22T08:00:00+00:00"),
        ("2026-11-22T07:59:59+00:00", "2026-11-22T08:00:00+00:00"),
        ("2026-11-22T08:00:00+00:00", "2026-11-23T08:00:00+00:00"),
        ("2026-07-01T12:00:00+00:00", "2026-07-02T07:00:00+00:00"),
        ("2026-10-31T20:00:00+00:00", "2026-11-01T07:00:00+00:00"),  # still summer time
        ("2026-11-01T07:30:00+00:00", "2026-11-02T08:00:00+00:00"),  # the day of 25 hours
        ("2026-03-08T08:30:00+00:00", "2026-03-09T07:00:00+00:00"),  # the day of 23 hours
        ("2026-03-07T23:00:00-08:00", "2026-03-08T08:00:00+00:00"),
        ("2026-12-31T23:59:59-08:00", "2027-01-01T08:00:00+00:00"),
    ],
)
def test_midnight_in_california(now: str, midnight: str) -> None:
    assert next_pacific_midnight(datetime.fromisoformat(now)) == datetime.fromisoformat(midnight)


def test_validation_names_the_field(publisher: YouTubePublisher) -> None:
    def check(**changes: Any) -> str:
        size = changes.pop("size", 1_000)
        try:
            publisher.validate(draft(**changes), facts(size))
        except PostRejected as error:
            assert error.remedy or error.field == "privacy"
            return error.field
        return ""

    assert check() == ""
    assert check(title="x" * 100) == "" and check(title="x" * 101) == "title"
    assert check(title="a < b") == "title" and check(title="  ") == "title"
    assert check(description="é" * 2_500) == "" and check(description="é" * 2_501) == "description"
    marker = len(draft().marker)
    assert check(tags=("x" * (499 - marker),)) == "" and check(tags=("x" * (500 - marker),)) == "tags"
    assert check(tags=("x " + "x" * (495 - marker),)) == "" and check(tags=("x " + "x" * (496 - marker),)) == "tags"
    assert check(size=0) == "video" and check(privacy="secret") == "privacy"
    assert tags_length(["ab", "c d", "e"]) == 2 + 5 + 1 + 2
    assert check(caption="é" * 2_501) == "caption" and check(caption="a > b") == "caption"
    assert check(caption="short", description="x" * 5_001) == "", "the caption stands in the description's place"
    assert check(first_comment="x" * 10_000) == "" and check(first_comment="x" * 10_001) == "first_comment"
    assert check(first_comment="x", made_for_kids=True) == "first_comment"


@pytest.mark.parametrize(
    ("size", "kind", "field"),
    [
        (52_428_800, "image/png", ""),
        (52_428_801, "image/png", "thumbnail"),
        (0, "image/jpeg", "thumbnail"),
        (100, "image/webp", "thumbnail"),
    ],
)
def test_thumbnails_are_checked_before_anything_is_sent(
    publisher: YouTubePublisher, size: int, kind: str, field: str
) -> None:
    picture = AssetRef(key="k", sha256="", size=size, media_type=kind)
    if not field:
        publisher.validate(draft(thumbnail=picture), facts())
        return
    with pytest.raises(PostRejected) as caught:
        publisher.validate(draft(thumbnail=picture), facts())
    assert caught.value.field == field and caught.value.remedy


def test_captions_are_checked_before_anything_is_sent(publisher: YouTubePublisher) -> None:
    def track(size: int) -> PostDraft:
        file = AssetRef(key="k", sha256="", size=size, media_type="text/plain")
        return draft(captions=(CaptionFile(language="en", kind="srt", file=file),))

    publisher.validate(track(104_857_600), facts())
    for size in (0, 104_857_601):
        with pytest.raises(PostRejected) as caught:
            publisher.validate(track(size), facts())
        assert caught.value.field == "captions"


@pytest.mark.parametrize(
    ("kind", "video", "becomes"),
    [
        (PostKind.AUTO, {}, PostKind.REEL),
        (PostKind.AUTO, {"duration_s": 180.0}, PostKind.REEL),
        (PostKind.AUTO, {"duration_s": 180.1}, PostKind.VIDEO),
        (PostKind.AUTO, {"width": 1920}, PostKind.REEL),
        (PostKind.AUTO, {"width": 1921}, PostKind.VIDEO),
        (PostKind.VIDEO, {}, PostKind.VIDEO),
        (PostKind.REEL, {}, PostKind.REEL),
        (PostKind.REEL, {"duration_s": 181.0}, None),
        (PostKind.STORY, {}, None),
        (PostKind.ARTICLE, {}, None),
    ],
)
def test_the_place_is_chosen_by_shape_and_length(
    publisher: YouTubePublisher, kind: PostKind, video: dict[str, Any], becomes: PostKind | None
) -> None:
    if becomes:
        assert publisher.validate(draft(kind=kind), facts(**video)) is becomes
        return
    with pytest.raises(PostRejected) as caught:
        publisher.validate(draft(kind=kind), facts(**video))
    assert caught.value.field == "kind" and caught.value.remedy


async def test_every_flag_arrives(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    told = {"made_for_kids": True, "synthetic_media": False, "paid_partnership": True, "caption": "Word for word\n#a"}
    post = await post_with_retries(publisher, await begun(publisher, **told), Source())
    [kept] = await sandbox.posts()
    assert kept["post_id"] == post.post_id and kept["text"] == "Word for word\n#a"
    assert kept["meta"]["paidProductPlacementDetails"] == {"hasPaidProductPlacement": True}
    assert kept["meta"]["status"]["selfDeclaredMadeForKids"] is True
    assert kept["meta"]["status"]["containsSyntheticMedia"] is False


async def test_refused_metadata_names_the_field(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    with pytest.raises(PostRejected) as caught:
        await begun(publisher, title="x" * 101)
    assert caught.value.field == "title"


async def test_accounts_that_need_a_person(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    tokens = tokens_for(sandbox, http)
    for account in ("unknown", "never heard of"):
        with pytest.raises(NeedsAuthorization) as caught:
            await tokens.access_token(account)
        assert caught.value.field == "account" and "not-one-of-ours" not in str(caught.value)
    publisher = publisher_for(sandbox, http)
    session = await begun(publisher)
    await sandbox.settings(revoked=["main"])
    await sandbox.post("expire_tokens", {})
    with pytest.raises(NeedsAuthorization, match="revoked"):
        await upload(publisher, session, Source())
    assert await sandbox.posts() == []


async def test_nothing_secret_is_logged(
    publisher: YouTubePublisher, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        session = await begun(publisher)
        await sandbox.fault("before_commit", op="put")
        await post_with_retries(publisher, session, Source())
    upload_id = session.state["uri"].split("upload_id=")[1]
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert "upload_id=…" in text and upload_id not in text
    assert "ya29." not in text and "hunter2secret" not in text and "1//sandbox" not in text
