"""What is added to a video: thumbnail, captions, comment; scopes; deleting. Against the sandbox, and odd answers."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from reelwright.domain.content.video import CaptionFile
from reelwright.domain.errors import (
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
)
from reelwright.domain.publishing.posting import Extra, ExtraKind, PostDraft, PublishedPost
from reelwright.domain.publishing.quota import cost_of
from reelwright.platforms.youtube.publisher import YouTubePublisher

from ...conftest import Sandbox
from .kit import Source, against, begun, draft, envelope, file_of, files, post_with_retries, publisher_for

PNG = b"\x89PNG\r\n\x1a\n" + bytes(500)
SRT = b"1\n00:00:00,000 --> 00:00:01,000\nTwo for the gills.\n"
VTT = b"WEBVTT\n\n00:00.000 --> 00:01.000\nZwei.\n"
WORDS = "Which one is your favourite? <3 & \U0001f419\nSecond line"


def rich(**changes: Any) -> PostDraft:
    captions = (
        CaptionFile(language="en", kind="vtt", file=file_of(VTT)),
        CaptionFile(language="en", kind="srt", file=file_of(SRT)),
        CaptionFile(language="pt-br", kind="vtt", file=file_of(VTT)),
    )
    given = {"thumbnail": file_of(PNG, "image/png"), "captions": captions, "first_comment": WORDS}
    return draft(**{**given, **changes})


SMALL = files(Source(), PNG, SRT, VTT)
POST = PublishedPost(post_id="AAAAAAAAAAA")


@pytest.fixture
def publisher(sandbox: Sandbox, http: httpx.AsyncClient) -> YouTubePublisher:
    return publisher_for(sandbox, http, comment_lag_s=0.02)


async def posted(publisher: YouTubePublisher) -> PublishedPost:
    return await post_with_retries(publisher, await begun(publisher), Source())


async def live(publisher: YouTubePublisher) -> PublishedPost:
    """A video whose processing is over: the sandbox is asked once before."""
    post = await posted(publisher)
    await publisher.processing(draft(), post)
    return post


def named(publisher: YouTubePublisher, name: str, **changes: Any) -> Extra:
    return next(extra for extra in publisher.extras(rich(**changes)) if extra.name == name)


async def kept(sandbox: Sandbox, kind: str) -> list[dict[str, Any]]:
    [post] = await sandbox.posts()
    return [extra for extra in post["extras"] if extra["kind"] == kind]


def test_extras_in_order_and_a_track_per_language(publisher: YouTubePublisher) -> None:
    extras = publisher.extras(rich())
    assert [extra.name for extra in extras] == ["thumbnail", "captions-en", "captions-pt-br", "first-comment"]
    assert [extra.file for extra in extras[1:3]] == [file_of(SRT), file_of(VTT)], "SRT where there are both"
    assert publisher.extras(draft()) == ()
    assert cost_of(rich(), "video")["units"] - cost_of(draft(), "video")["units"] == 50 + 2 * 400 + 50


async def test_every_extra_is_added_and_found(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    post = await live(publisher)
    for extra in publisher.extras(rich()):
        assert await publisher.attached(rich(), post, extra) == "", "not there yet"
        made = await publisher.attach(rich(), post, extra, SMALL, "")
        assert made and await publisher.attached(rich(), post, extra) == made
    [thumbnail] = await kept(sandbox, "thumbnail")
    assert (thumbnail["meta"]["media_type"], thumbnail["size"]) == ("image/png", len(PNG))
    tracks = [(track["meta"]["language"], track["size"]) for track in await kept(sandbox, "caption")]
    assert tracks == [("en", len(SRT)), ("pt-BR", len(VTT))]
    assert [comment["meta"]["text"] for comment in await kept(sandbox, "comment")] == [WORDS]


async def test_what_may_be_repeated_is_there_once(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    post = await live(publisher)
    for name in ("captions-en", "thumbnail"):
        first = await publisher.attach(rich(), post, named(publisher, name), SMALL, "")
        assert await publisher.attach(rich(), post, named(publisher, name), SMALL, "") == first
    assert len(await kept(sandbox, "caption")) == 1


async def test_too_new_a_video_is_transient(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    await sandbox.settings(listed_after_s=60, processing_polls=0)
    post = await posted(publisher)
    for extra in publisher.extras(rich()):
        with pytest.raises(PlatformTransient) as caught:
            await publisher.attach(rich(), post, extra, SMALL, "")
        assert caught.value.retry_after_s
    await sandbox.settings(listed_after_s=0)
    for extra in publisher.extras(rich()):
        assert await publisher.attach(rich(), post, extra, SMALL, "")


async def test_a_thumbnail_waits_for_the_processing(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    await sandbox.post("settings/youtube", {"thumbnails_after_processing": True})
    await sandbox.settings(processing_polls=2)
    post, extra = await posted(publisher), named(publisher, "thumbnail")
    for _ in range(2):
        with pytest.raises(PlatformTransient, match="still processing"):
            await publisher.attach(rich(), post, extra, SMALL, "")
    assert await publisher.attach(rich(), post, extra, SMALL, "")
    assert len(await kept(sandbox, "thumbnail")) == 1


async def test_no_thumbnail_for_a_failed_video(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    await sandbox.fault("fail_processing", reason="duplicate")
    post = await live(publisher)
    with pytest.raises(PostRejected, match="duplicate"):
        await publisher.attach(rich(), post, named(publisher, "thumbnail"), SMALL, "")


async def test_a_channel_that_may_not_set_thumbnails(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    await sandbox.post("settings/youtube", {"thumbnails_allowed": False})
    post = await live(publisher)
    with pytest.raises(PostRejected) as caught:
        await publisher.attach(rich(), post, named(publisher, "thumbnail"), SMALL, "")
    assert caught.value.field == "thumbnail" and "telephone" in caught.value.remedy


async def test_comments_that_are_off(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    await sandbox.post("settings/youtube", {"comments_disabled": True})
    post = await posted(publisher)
    with pytest.raises(PostRejected) as caught:
        await publisher.attach(rich(), post, named(publisher, "first-comment"), SMALL, "")
    assert caught.value.field == "first_comment" and "leave the comment out" in caught.value.remedy


# --- a comment is made once ------------------------------------------------------------------------------------------

LOST: dict[str, dict[str, Any]] = {
    "reply lost": {"point": "after_commit_before_reply"},
    "error though done": {"point": "error_though_done", "status": 503},
    "a web page though done": {
        "point": "error_though_done",
        "status": 200,
        "body": "<html>",
        "content_type": "text/html",
    },
}


@pytest.mark.parametrize("name", LOST)
async def test_a_comment_whose_answer_is_lost_is_found(
    publisher: YouTubePublisher, sandbox: Sandbox, name: str
) -> None:
    post, extra = await posted(publisher), named(publisher, "first-comment")
    await sandbox.fault(op="comment", **LOST[name])
    with pytest.raises(OutcomeUnknown):
        await publisher.attach(rich(), post, extra, SMALL, "")
    await sandbox.post("settings/youtube", {"comment_listed_after_s": 0.01})
    found = await publisher.attached(rich(), post, extra)
    assert found and found.startswith("Ug")
    assert len(await kept(sandbox, "comment")) == 1


async def test_a_comment_that_was_not_made_is_not_found(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    post, extra = await posted(publisher), named(publisher, "first-comment")
    await sandbox.fault("before_commit", op="comment")
    with pytest.raises(OutcomeUnknown):
        await publisher.attach(rich(), post, extra, SMALL, "")
    assert await publisher.attached(rich(), post, extra) == ""
    assert await publisher.attach(rich(), post, extra, SMALL, "")
    assert await publisher.attached(rich(), post, named(publisher, "first-comment", first_comment="other")) == ""


async def test_a_sandbox_that_is_down_has_no_comment(publisher: YouTubePublisher) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(PlatformTransient, match="could not be reached"):
        await against(answer).attach(rich(), POST, named(publisher, "first-comment"), SMALL, "")


async def test_somebody_elses_comment_is_not_ours(publisher: YouTubePublisher) -> None:
    """The raw text is told to the author alone; the same words of another come without."""
    shown = {"textDisplay": WORDS}
    theirs = {"items": [{"id": "Ug1", "snippet": {"topLevelComment": {"snippet": shown}}}, 7, {"snippet": []}]}
    adapter = against(lambda request: httpx.Response(200, json=theirs), comment_lag_s=0)
    assert await adapter.attached(rich(), POST, named(publisher, "first-comment")) == ""


async def test_youtubes_own_captions_are_not_ours(publisher: YouTubePublisher) -> None:
    listed = [
        {"id": "a", "snippet": {"language": "en", "name": "", "trackKind": "ASR"}},
        {"id": "b", "snippet": {"language": "en", "name": "directors", "trackKind": "standard"}},
        {"id": "c", "snippet": {"language": "EN", "name": "", "trackKind": "standard"}},
    ]
    extra = named(publisher, "captions-en")
    assert await against(lambda r: httpx.Response(200, json={"items": listed})).attached(rich(), POST, extra) == "c"
    assert await against(lambda r: httpx.Response(200, json={"items": listed[:2]})).attached(rich(), POST, extra) == ""


async def test_captions_that_hold_a_boundary_stay_whole(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    nasty = b"--b\r\nContent-Type: text/plain\r\n\r\n--\r\n" + SRT
    tracks = (CaptionFile(language="en", kind="srt", file=file_of(nasty)),)
    post, extra = await posted(publisher), named(publisher, "captions-en", captions=tracks)
    assert await publisher.attach(rich(), post, extra, files(Source(), nasty), "")
    assert [track["size"] for track in await kept(sandbox, "caption")] == [len(nasty)]


# --- scopes, quotas, tokens -----------------------------------------------------------------------------------------


async def test_a_missing_scope_is_named(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    post = await live(publisher)
    await sandbox.post("settings/youtube", {"scopes": {"main": ["youtube.upload", "youtube.readonly"]}})
    for name in ("captions-en", "first-comment"):
        for call in (
            publisher.attach(rich(), post, named(publisher, name), SMALL, ""),
            publisher.attached(rich(), post, named(publisher, name)),
        ):
            with pytest.raises(NeedsAuthorization, match=r"youtube\.force-ssl") as caught:
                await call
            assert caught.value.field == "scope" and "force-ssl" in caught.value.remedy
    with pytest.raises(NeedsAuthorization, match=r"youtube\.force-ssl"):
        await publisher.delete("main", post.post_id)
    assert await publisher.attach(rich(), post, named(publisher, "thumbnail"), SMALL, ""), "upload is enough for it"
    await sandbox.post("settings/youtube", {"scopes": {"main": ["youtube.force-ssl"], "second": ["youtube.readonly"]}})
    assert await publisher.attach(rich(), post, named(publisher, "captions-en"), SMALL, "")
    with pytest.raises(NeedsAuthorization, match=r"youtube\.upload"):
        await begun(publisher, account="second")


async def test_extras_go_on_with_a_new_token_and_name_their_bucket(
    publisher: YouTubePublisher, sandbox: Sandbox
) -> None:
    post = await live(publisher)
    await sandbox.fault("expire_token", op="caption")
    assert await publisher.attach(rich(), post, named(publisher, "captions-en"), SMALL, "")
    for name, op in (("thumbnail", "thumbnail"), ("captions-pt-br", "caption"), ("first-comment", "comment")):
        await sandbox.fault("quota", op=op)
        with pytest.raises(QuotaExhausted) as caught:
            await publisher.attach(rich(), post, named(publisher, name), SMALL, "")
        assert caught.value.bucket == "units"


@pytest.mark.parametrize(
    ("name", "response", "error"),
    [
        ("thumbnail", envelope(400, "invalidImage"), PostRejected),
        ("thumbnail", envelope(429, "uploadRateLimitExceeded"), PlatformTransient),
        ("thumbnail", httpx.Response(200, text="<html>"), PlatformTransient),
        ("captions-en", envelope(400, "invalidMetadata"), PostRejected),
        ("captions-en", envelope(403, "quotaExceeded"), QuotaExhausted),
        ("captions-en", envelope(500, "backendError"), PlatformTransient),
        ("captions-en", httpx.Response(404, text="<html>"), PlatformTransient),
        ("first-comment", envelope(400, "commentTextTooLong"), PostRejected),
        ("first-comment", envelope(403, "forbidden"), PostRejected),
        ("first-comment", envelope(500, "backendError"), OutcomeUnknown),
        ("first-comment", httpx.Response(200, text=""), OutcomeUnknown),
        ("first-comment", httpx.Response(302), OutcomeUnknown),
    ],
)
async def test_refused_extras(
    publisher: YouTubePublisher, name: str, response: httpx.Response, error: type[ReelwrightError]
) -> None:
    ready = {"items": [{"id": POST.post_id, "status": {"uploadStatus": "processed"}}]}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=ready) if request.method == "GET" else response

    with pytest.raises(error) as caught:
        await against(answer).attach(rich(), POST, named(publisher, name), SMALL, "")
    assert type(caught.value) is error and "<" not in str(caught.value)


async def test_a_reply_has_no_place_here(publisher: YouTubePublisher) -> None:
    reply = Extra(kind=ExtraKind.REPLY, name="reply-1", text="x")
    with pytest.raises(PostRejected) as caught:
        await publisher.attach(rich(), POST, reply, SMALL, "")
    assert caught.value.field == "reply-1"
    with pytest.raises(PostRejected):
        await publisher.attached(rich(), PublishedPost(post_id="../x"), reply)


# --- deleting -------------------------------------------------------------------------------------------------------


async def test_delete_and_again(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    post = await posted(publisher)
    await sandbox.fault("after_commit_before_reply", op="write")
    await publisher.delete("main", post.post_id)
    assert await sandbox.posts() == [] and await sandbox.faults_left() == []
    await publisher.delete("main", post.post_id)


async def test_delete_is_refused(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    post = await posted(publisher)
    with pytest.raises(PostRejected) as caught:
        await publisher.delete("second", post.post_id)
    assert caught.value.field == "post_id" and len(await sandbox.posts()) == 1
    with pytest.raises(PostRejected, match="not a video's id"):
        await publisher.delete("main", "AAAAAAAAAAA&id=x")
    with pytest.raises(PlatformTransient):
        await against(lambda request: httpx.Response(404, text="<html>")).delete("main", "AAAAAAAAAAA")


async def test_extras_send_what_they_should(publisher: YouTubePublisher) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "Ug1"})

    assert await against(answer).attach(rich(), POST, named(publisher, "first-comment"), SMALL, "") == "Ug1"
    told = json.loads(seen[0].content)["snippet"]
    assert told == {"videoId": POST.post_id, "topLevelComment": {"snippet": {"textOriginal": WORDS}}}
    assert seen[0].headers["authorization"] == "Bearer token"
