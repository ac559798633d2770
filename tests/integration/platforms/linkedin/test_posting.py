"""The LinkedIn adapter against the sandbox over real HTTP: the straight way, and every break on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from reelwright.domain.content.video import CaptionFile
from reelwright.domain.errors import (
    AssetCorrupt,
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    SessionLost,
)
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.posting import Extra, ExtraKind, PostKind, ProcessingState, PublishedPost
from reelwright.platforms.linkedin.publisher import LinkedInPublisher
from sandbox.linkedin.accounts import organization, person
from workers.platform_settings import PlatformSettings
from workers.publishers import build_publishers
from workers.sandboxing import sites

from ...conftest import Sandbox
from .kit import (
    FACTS,
    PART,
    PICTURE,
    SUBTITLES,
    VIDEO,
    Files,
    Tokens,
    asset,
    begun,
    draft,
    fault,
    linkedin_posts,
    posted,
    publisher_for,
    shape,
    the_one_post,
    uploaded,
)


@pytest.fixture
async def publisher(sandbox: Sandbox, http: httpx.AsyncClient) -> LinkedInPublisher:
    await shape(sandbox)
    return publisher_for(sandbox, http)


# --- the straight way -----------------------------------------------------------------------------------------------


async def test_a_whole_upload_is_byte_equal(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    post, files = draft(), Files()
    row = await begun(publisher, post)
    assert (await publisher.progress(row.session)).committed == 0
    progress = await publisher.upload(post, row.session, files.files(), row.checkpoint)
    assert (progress.committed, progress.total) == (len(VIDEO), len(VIDEO))
    assert row.committed == [PART, 2 * PART, 3 * PART, 4 * PART, len(VIDEO), len(VIDEO)]
    assert files.opened == [0] and await linkedin_posts(sandbox) == []
    again = await publisher.upload(post, row.session, files.files(), row.checkpoint)
    assert again.committed == len(VIDEO) and files.opened == [0]
    states = [(await publisher.ready(post, row.session)).state for _ in range(3)]
    assert states == [ProcessingState.PROCESSING, ProcessingState.LIVE, ProcessingState.LIVE]
    assert await linkedin_posts(sandbox) == []
    made = await publisher.publish(post, row.session, files.files(), row.checkpoint)
    assert made.post_id.startswith("urn:li:ugcPost:")
    told = await the_one_post(sandbox, made)
    assert told["text"] == f"{post.title}\n\n{post.description}\n\n#octopus #DeepSea"
    assert told["meta"]["author"] == organization("org") and told["meta"]["visibility"] == "PUBLIC"
    assert told["meta"]["content"]["media"] == {"id": row.session.state["video"], "title": post.title}
    assert (await publisher.processing(post, made)).reason == ""
    page = await sandbox.client.get(made.url, follow_redirects=True)
    assert page.status_code == 200 and "three hearts" in page.text
    found = await publisher.reconcile(post, row.session, datetime.now(UTC))
    assert found.post == made


@pytest.mark.parametrize("size", [1, PART - 1, PART, PART + 1, 2 * PART])
async def test_small_and_even_sizes(publisher: LinkedInPublisher, sandbox: Sandbox, size: int) -> None:
    post, files = draft(), Files(VIDEO[:size])
    row = await begun(publisher, post, size)
    assert [part["size"] for part in row.session.state["parts"]][-1] == (size - 1) % PART + 1
    await publisher.upload(post, row.session, files.files(), row.checkpoint)
    while (await publisher.ready(post, row.session)).state is not ProcessingState.LIVE:
        pass
    await publisher.publish(post, row.session, files.files(), row.checkpoint)
    assert (sandbox.folder / "posts" / (await linkedin_posts(sandbox))[0]["post_id"]).read_bytes() == VIDEO[:size]


async def test_cover_captions_and_first_comment(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    srt = CaptionFile(language="en", kind="srt", file=asset(SUBTITLES, "application/x-subrip"))
    vtt = CaptionFile(language="en", kind="vtt", file=asset(b"WEBVTT", "text/vtt"))
    german = CaptionFile(language="de", kind="srt", file=asset(b"not to be read", "application/x-subrip"))
    post = draft(
        thumbnail=asset(PICTURE, "image/jpeg"), captions=(vtt, german, srt), first_comment="Sources (all): #none"
    )
    row = await uploaded(publisher, post)
    assert row.session.state["sent"] == ["thumbnail", "captions"] and row.session.state["notes"] == []
    made = await publisher.publish(post, row.session, Files().files(), row.checkpoint)
    [comment] = publisher.extras(post)
    assert await publisher.attached(post, made, comment) == ""
    number = await publisher.attach(post, made, comment, Files().files(), "")
    assert number.isdigit() and await publisher.attached(post, made, comment) == number
    other = comment.model_copy(update={"text": "another"})
    await fault(sandbox, "after_commit_before_reply", op="write")
    with pytest.raises(OutcomeUnknown):
        await publisher.attach(post, made, other, Files().files(), "")
    await shape(sandbox, listed_after_s=0.3)  # the second look finds what the first did not show yet
    assert await publisher.attached(post, made, other) not in ("", None, number)
    with pytest.raises(PostRejected, match="no place"):
        await publisher.attach(post, made, Extra(kind=ExtraKind.THUMBNAIL, name="t"), Files().files(), "")


@pytest.mark.parametrize("kept", ["captions", "thumbnail"])
async def test_what_a_setting_leaves_out_is_not_announced(sandbox: Sandbox, http: httpx.AsyncClient, kept: str) -> None:
    env: dict[str, Any] = {"REELWRIGHT_SANDBOX_URL": sandbox.url}
    env |= {f"REELWRIGHT_LINKEDIN_{name.upper()}": name == kept for name in ("captions", "thumbnail")}
    settings = PlatformSettings(**env, _env_file=None)
    tokens = dict.fromkeys(Platform, Tokens(sandbox, http))
    publisher = build_publishers(sites(settings), dict.fromkeys(Origin, http), tokens)[Platform.LINKEDIN]
    assert isinstance(publisher, LinkedInPublisher)
    srt = CaptionFile(language="en", kind="srt", file=asset(SUBTITLES, "application/x-subrip"))
    row = await uploaded(publisher, draft(thumbnail=asset(PICTURE, "image/jpeg"), captions=(srt,)))
    assert row.session.state["sent"] == [kept] and row.session.state["notes"] == []


@pytest.mark.parametrize(
    ("settings", "noted"),
    [
        ({"extra_urls": False}, ["no address for the thumbnail", "no address for the captions"]),
        ({"captions_status": 415}, ["refused the captions (HTTP 415)"]),
    ],
)
async def test_what_cannot_go_along_is_noted(
    publisher: LinkedInPublisher, sandbox: Sandbox, settings: dict[str, Any], noted: list[str]
) -> None:
    await shape(sandbox, **settings)
    srt = CaptionFile(language="en", kind="srt", file=asset(SUBTITLES, "application/x-subrip"))
    post = draft(thumbnail=asset(PICTURE, "image/jpeg"), captions=(srt,))
    row = await uploaded(publisher, post)
    reason = (await publisher.ready(post, row.session)).reason
    assert [note in reason for note in noted] == [True] * len(noted) == [True] * (reason.count(";") + 1)
    await the_one_post(sandbox, await publisher.publish(post, row.session, Files().files(), row.checkpoint))


@pytest.mark.parametrize("account", ["org", "main"])
@pytest.mark.parametrize("picture", [True, False])
async def test_an_article(publisher: LinkedInPublisher, sandbox: Sandbox, account: str, picture: bool) -> None:
    cover = asset(PICTURE, "image/jpeg") if picture else None
    post = draft(account, kind=PostKind.ARTICLE, link="https://example.org/octopus?a=b_c", thumbnail=cover)
    assert publisher.validate(post, FACTS) is PostKind.ARTICLE
    row, files = await begun(publisher, post), Files()
    assert row.session.total == 0
    await publisher.upload(post, row.session, files.files(), row.checkpoint)
    assert (await publisher.ready(post, row.session)).state is ProcessingState.LIVE
    made = await publisher.publish(post, row.session, files.files(), row.checkpoint)
    assert made.post_id.startswith("urn:li:share:") and files.opened == []
    [told] = await linkedin_posts(sandbox)
    article = told["meta"]["content"]["article"]
    assert (article["source"], article["title"], told["size"]) == (post.link, post.title, 0)
    assert article.get("thumbnail", "") == (row.session.state["image"] if picture else "")
    found = await publisher.reconcile(post, row.session, datetime.now(UTC))
    assert (found.outcome, found.post) == (("posted", made) if account == "org" else ("untold", None))


async def test_a_picture_that_has_not_arrived_posts_nothing(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    post = draft(kind=PostKind.ARTICLE, link="https://example.org/", thumbnail=asset(PICTURE, "image/jpeg"))
    row = await begun(publisher, post)
    with pytest.raises(PlatformTransient, match="MEDIA_ASSET_WAITING_UPLOAD"):
        await publisher.publish(post, row.session, Files().files(), row.checkpoint)
    assert await linkedin_posts(sandbox) == []


async def test_a_member(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    post = draft("main", privacy="connections", first_comment="First")
    row = await uploaded(publisher, post)
    made = await publisher.publish(post, row.session, Files().files(), row.checkpoint)
    told = await the_one_post(sandbox, made)
    assert (told["meta"]["author"], told["meta"]["visibility"]) == (person("main"), "CONNECTIONS")
    assert (await publisher.processing(post, made)).state is ProcessingState.LIVE
    assert (await publisher.reconcile(post, row.session, datetime.now(UTC))).outcome == "untold"
    [comment] = publisher.extras(post)
    assert await publisher.attach(post, made, comment, Files().files(), "")
    assert await publisher.attached(post, made, comment) is None
    await shape(sandbox, member_reads=True)  # an approved partner
    assert (await publisher.reconcile(post, row.session, datetime.now(UTC))).post == made


async def test_delete(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    made = await posted(publisher, draft())
    for _ in range(2):
        await publisher.delete("org", made.post_id)
    assert await linkedin_posts(sandbox) == []
    with pytest.raises(PostRejected, match="URN"):
        await publisher.delete("org", "urn:li:share:../../me")
    assert await publisher.quota("org") == ()


# --- breaks on the way ----------------------------------------------------------------------------------------------

FAULTS: dict[str, list[dict[str, Any]]] = {
    "reset in the first part": [{"point": "reset_at_byte", "at_byte": 1_000}],
    "reset in the middle": [{"point": "reset_at_byte", "at_byte": 2 * PART + 77, "count": 3}],
    "reset in the last part": [{"point": "reset_at_byte", "at_byte": len(VIDEO) - 1}],
    "part's answer lost": [{"point": "after_commit_before_reply", "op": "put", "skip": 1}],
    "part kept in part": [{"point": "partial_commit", "op": "put", "keep": 100, "count": 2}],
    "part refused in passing": [{"point": "status", "op": "put", "status": 503, "skip": 2, "count": 4}],
    "part answered as an error though kept": [{"point": "error_though_done", "op": "put", "status": 500}],
    "broken before anything": [{"point": "before_commit", "op": "start", "count": 2}],
    "start's answer lost": [{"point": "after_commit_before_reply", "op": "start"}],
    "addresses expired": [{"point": "expire_session", "op": "put", "skip": 2}],
    "token expired between parts": [{"point": "expire_token", "op": "put", "skip": 1}],
    "token expired at the end": [{"point": "expire_token", "op": "finish"}],
    "token expired at the post": [{"point": "expire_token", "op": "publish"}],
    "finalizing lost": [{"point": "after_commit_before_reply", "op": "finish", "count": 2}],
    "finalizing answered with a page": [{"point": "status", "op": "finish", "status": 502, "body": "<html>oops"}],
    "polls fail": [{"point": "status", "op": "poll", "status": 500, "count": 4}],
    "post broken before it arrived": [{"point": "before_commit", "op": "publish"}],
    "post's answer lost": [{"point": "after_commit_before_reply", "op": "publish"}],
    "500 though posted": [{"point": "error_though_done", "op": "publish", "status": 500}],
    "429 though posted": [
        {
            "point": "error_though_done",
            "op": "publish",
            "status": 429,
            "body": '{"status":429,"message":"Resource level throttle APPLICATION DAY limit for calls is reached."}',
        }
    ],
    "400 from a proxy though posted": [{"point": "error_though_done", "op": "publish", "status": 400, "body": "<p>"}],
    "503 and not posted": [{"point": "status", "op": "publish", "status": 503}],
    "answer lost, then reads fail": [
        {"point": "after_commit_before_reply", "op": "publish"},
        {"point": "status", "op": "read", "status": 503, "count": 3},
    ],
}


@pytest.mark.parametrize("name", FAULTS)
async def test_interruptions_end_in_exactly_one_post(publisher: LinkedInPublisher, sandbox: Sandbox, name: str) -> None:
    for spec in FAULTS[name]:
        await fault(sandbox, **spec)
    await the_one_post(sandbox, await posted(publisher, draft()))
    assert await sandbox.faults_left() == []


@pytest.mark.parametrize("name", [name for name in FAULTS if not name.startswith(("post", "answer", "4", "5"))])
async def test_a_members_upload_survives_the_same(publisher: LinkedInPublisher, sandbox: Sandbox, name: str) -> None:
    for spec in FAULTS[name]:
        await fault(sandbox, **spec)
    await the_one_post(sandbox, await posted(publisher, draft("main")))


@pytest.mark.parametrize("point", ["before_commit", "after_commit_before_reply", "error_though_done"])
async def test_a_members_unanswered_post_is_a_persons(
    publisher: LinkedInPublisher, sandbox: Sandbox, point: str
) -> None:
    post = draft("main")
    row = await uploaded(publisher, post)
    await fault(sandbox, point, op="publish")
    with pytest.raises(OutcomeUnknown):
        await publisher.publish(post, row.session, Files().files(), row.checkpoint)
    found = await publisher.reconcile(post, row.session, datetime.now(UTC) - timedelta(days=2))
    assert found.outcome == "untold" and "only a person" in found.reason
    assert len(await linkedin_posts(sandbox)) == (point != "before_commit")


async def test_resume_sends_only_what_is_missing(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    post, files = draft(), Files()
    row = await begun(publisher, post)
    await fault(sandbox, "status", op="put", status=503, skip=3, count=5)
    with pytest.raises(PlatformTransient):
        await publisher.upload(post, row.session, files.files(), row.checkpoint)
    assert (await publisher.progress(row.session)).committed == 3 * PART
    await publisher.upload(post, row.session, files.files(), row.checkpoint)
    assert files.opened == [0, 3 * PART]
    assert [part["etag"][-2:] for part in row.session.state["parts"]] == ["-0", "-1", "-2", "-3", "-4"]


async def test_finalizing_twice_is_refused_and_known(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    await shape(sandbox, finalize_again=False)
    await fault(sandbox, "after_commit_before_reply", op="finish")
    await the_one_post(sandbox, await posted(publisher, draft()))


async def test_a_new_token_echoed_and_parts_as_they_are(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    await shape(sandbox, upload_token=False, last_byte_beyond=False, lost_polls=2, processing_polls=3)
    await the_one_post(sandbox, await posted(publisher, draft()))


async def test_addresses_that_have_expired(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    post = draft()
    await shape(sandbox, upload_s=0.0)
    row = await begun(publisher, post)
    for call in (
        publisher.progress(row.session),
        publisher.upload(post, row.session, Files().files(), row.checkpoint),
    ):
        with pytest.raises(SessionLost):
            await call


async def test_processing_that_fails_late(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    post = draft()
    await fault(sandbox, "fail_processing", op="finish", reason="Unsupported codec")
    row = await begun(publisher, post)
    await publisher.upload(post, row.session, Files().files(), row.checkpoint)
    await publisher.ready(post, row.session)
    failed = await publisher.ready(post, row.session)
    assert (failed.state, failed.again) == (ProcessingState.FAILED, True) and "Unsupported codec" in failed.reason
    with pytest.raises(PostRejected, match="PROCESSING_FAILED"):
        await publisher.publish(post, row.session, Files().files(), row.checkpoint)
    assert await linkedin_posts(sandbox) == []


async def test_not_before_the_upload_is_complete(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    post = draft()
    row = await begun(publisher, post)
    with pytest.raises(PlatformTransient, match="not complete"):
        await publisher.publish(post, row.session, Files().files(), row.checkpoint)
    with pytest.raises(AssetCorrupt):
        await publisher.upload(post, row.session, Files(VIDEO[:-1]).files(), row.checkpoint)
    await publisher.upload(post, row.session, Files().files(), row.checkpoint)
    with pytest.raises(PlatformTransient, match="MEDIA_ASSET_PROCESSING"):
        await publisher.publish(post, row.session, Files().files(), row.checkpoint)
    assert await linkedin_posts(sandbox) == []


async def test_tokens_and_rights(publisher: LinkedInPublisher, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    tokens = Tokens(sandbox, http)
    publisher = publisher_for(sandbox, http, tokens=tokens)
    await shape(sandbox, organization_role="ANALYST")
    with pytest.raises(NeedsAuthorization, match="w_organization_social"):
        await begun(publisher, draft())
    await begun(publisher, draft("main"))
    await sandbox.settings(revoked=["main"])
    with pytest.raises(NeedsAuthorization):
        await begun(publisher, draft("main"))
    with pytest.raises(NeedsAuthorization):
        await begun(publisher, draft("other/unknown"))


async def test_quota_of_the_utc_day(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    await shape(sandbox, posts_per_day=1)
    await posted(publisher, draft())
    post = draft(title="Another")
    row = await uploaded(publisher, post)
    with pytest.raises(QuotaExhausted, match="DAY") as caught:
        await publisher.publish(post, row.session, Files().files(), row.checkpoint)
    resets = caught.value.resets_at
    assert timedelta(0) < resets - datetime.now(UTC) <= timedelta(days=1)
    assert (resets.hour, resets.minute, resets.second, resets.utcoffset()) == (0, 0, 0, timedelta(0))
    await sandbox.settings(clock_offset_s=86_400.0)
    made = await publisher.publish(post, row.session, Files().files(), row.checkpoint)
    assert isinstance(made, PublishedPost) and len(await linkedin_posts(sandbox)) == 2


async def test_an_old_version_names_the_setting(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await shape(sandbox)
    publisher = publisher_for(sandbox, http, version="202507")
    with pytest.raises(PostRejected, match=r"linkedin_version: .*20250701 is not active.*YYYYMM"):
        await begun(publisher, draft())
