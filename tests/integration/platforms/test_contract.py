"""What every adapter keeps, whatever the platform's protocol is: exactly one post, or a person is told.

A platform of the registry without a kit fails here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import (
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
    SessionLost,
)
from reelwright.domain.platforms import Platform
from reelwright.domain.ports.publishing import DeletesPosts
from reelwright.domain.publishing.quota import buckets_of
from reelwright.platforms.common.http import guarded_client
from reelwright.platforms.registry import SPECS

from ..conftest import Sandbox
from .bluesky.kit import CONTRACT as BLUESKY
from .contract import FACTS, SHOWN, Desk, Kit
from .linkedin.kit import CONTRACT as LINKEDIN
from .meta.kit import FACEBOOK, INSTAGRAM
from .tiktok.kit import CONTRACT as TIKTOK
from .x.kit import CONTRACT as X
from .youtube.kit import CONTRACT as YOUTUBE

pytestmark = pytest.mark.usefixtures("no_pauses")
KITS: dict[Platform, Kit] = {kit.platform: kit for kit in (YOUTUBE, INSTAGRAM, TIKTOK, FACEBOOK, X, LINKEDIN, BLUESKY)}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with guarded_client(timeout=60.0, trust_env=False, verify=False) as client:
        yield client


CASES = [
    *(KITS[platform] for platform in Platform),
    *(KITS[platform].of_pictures for platform in Platform if platform.facts.pictures),
]


@pytest.fixture(params=CASES, ids=str)
async def desk(request: pytest.FixtureRequest, sandbox: Sandbox, client: httpx.AsyncClient) -> Desk:
    desk = Desk(request.param, sandbox, client)
    await desk.open_account()
    return desk


async def test_the_steps_of_the_workflow_make_one_post_with_these_bytes(desk: Desk) -> None:
    session = await desk.upload()
    assert await desk.posts() == [], "nothing is to be seen before `publish`"
    assert session.platform is desk.kit.platform
    post = await desk.publish()
    await desk.needs_the_one_post()
    found = await desk.reconciled()
    assert found.outcome == "posted" and found.post is not None and found.post.post_id
    assert post.post_id


async def test_the_bytes_survive_a_broken_connection(desk: Desk) -> None:
    await desk.fault("reset_at_byte", at_byte=desk.within)
    await desk.post()
    await desk.needs_the_one_post()


async def test_a_post_whose_answer_was_lost_is_found(desk: Desk) -> None:
    """`publish` may look for it itself; what it must not do is to call it certain that nothing was posted."""
    await desk.upload()
    await desk.fault("after_commit_before_reply", op=desk.kit.calls.post)
    with suppress(OutcomeUnknown):
        await desk.publish()
    found = await desk.reconciled()
    assert found.outcome == "posted" and found.post is not None
    await desk.needs_the_one_post()


async def test_what_never_arrived_is_absent_and_posted_then(desk: Desk) -> None:
    await desk.upload()
    await desk.fault("before_commit", op=desk.kit.calls.post)
    try:
        await desk.publish()
    except ReelwrightError as error:
        assert isinstance(error, OutcomeUnknown) or error.retryable
        assert (await desk.reconciled()).outcome == "absent"
        assert await desk.posts() == []
        await desk.post()
    await desk.needs_the_one_post()


async def test_publishing_again_doubles_nothing(desk: Desk) -> None:
    """The ledger lets nobody come here; the adapter and the platform are the second line."""
    await desk.upload()
    await desk.publish()
    try:
        await desk.publish()
    except ReelwrightError as error:
        assert not isinstance(error, SessionLost) or (await desk.reconciled()).outcome == "posted"
    await desk.needs_the_one_post()


async def test_a_lost_session_is_begun_anew(desk: Desk) -> None:
    await desk.fault("expire_session", op=desk.kit.calls.session)
    await desk.post()
    await desk.needs_the_one_post()


@pytest.mark.parametrize("at", ["data", "post"])
async def test_an_expired_token_is_renewed_on_the_way(desk: Desk, at: str) -> None:
    """Where a token that has expired cannot be renewed, a person is asked, and nothing is posted."""
    await desk.fault("expire_token", op=getattr(desk.kit.calls, at))
    if SPECS[desk.kit.platform].flow in desk.kit.platform.facts.traded:
        with pytest.raises(NeedsAuthorization):
            await desk.post()
        assert await desk.posts() == []
    else:
        await desk.post()
        await desk.needs_the_one_post()


async def test_a_spent_quota_names_its_bucket_and_its_end(desk: Desk) -> None:
    await desk.fault("quota", op=desk.kit.counted)
    with pytest.raises((QuotaExhausted, PlatformTransient)) as caught:
        await desk.straight()
    error = caught.value
    if isinstance(error, QuotaExhausted):
        assert error.bucket in {"", *buckets_of(desk.kit.platform)}
        assert error.resets_at.tzinfo is not None
    else:
        assert error.retry_after_s, "only a window that is almost over is waited out"
    assert await desk.posts() == []


def test_a_draft_beyond_the_limits_is_refused_by_its_field(desk: Desk) -> None:
    with pytest.raises(PostRejected) as caught:
        desk.publisher.validate(desk.draft(**desk.kit.refused), FACTS, {})
    assert caught.value.field in desk.kit.refused


@pytest.mark.parametrize("status", [400, 401, 403, 500])
@pytest.mark.sample(7)
async def test_an_error_that_quotes_the_token_does_not_show_it(desk: Desk, status: int) -> None:
    await desk.upload()
    token = await desk.tokens.access_token(desk.kit.account)
    body = f'{{"error": {{"message": "bad {token}", "code": "x"}}, "message": "bad {token}", "detail": "{token}"}}'
    await desk.fault("status", op=desk.kit.calls.post, status=status, body=body, count=20)
    with pytest.raises(ReelwrightError) as caught:
        await desk.publish()
    assert token not in f"{caught.value!r} {caught.value}"
    assert await desk.posts() == []


async def test_a_post_is_taken_away_where_the_platform_lets_us(desk: Desk) -> None:
    post = await desk.post()
    if not isinstance(desk.publisher, DeletesPosts):
        pytest.skip(f"{desk.kit.platform.label} has no call for it")
    await desk.publisher.delete(desk.kit.account, post.post_id)
    await desk.publisher.delete(desk.kit.account, post.post_id)
    assert await desk.posts() == []


# --- picture posts only ----------------------------------------------------------------------------------------------


@pytest.fixture(params=[case for case in CASES if case.pictures], ids=str)
async def carousel(request: pytest.FixtureRequest, sandbox: Sandbox, client: httpx.AsyncClient) -> Desk:
    desk = Desk(request.param, sandbox, client)
    await desk.open_account()
    return desk


@pytest.mark.parametrize("count", [1, 3])
async def test_pictures_keep_their_order_and_their_texts(carousel: Desk, count: int) -> None:
    carousel.shown = SHOWN[:count]
    await carousel.post()
    await carousel.needs_the_one_post()
    [post] = await carousel.sandbox.posts()
    assert texts_of(post["meta"]) == [picture.alt for picture in carousel.shown]


async def test_a_post_beyond_the_number_or_the_bytes_is_refused(carousel: Desk) -> None:
    rules = carousel.kit.platform.facts.pictures
    assert rules is not None
    heavy = SHOWN[0].file.model_copy(update={"size": rules.most_bytes + 1})
    for pictures in (SHOWN[:1] * (rules.most + 1), (SHOWN[0].model_copy(update={"file": heavy}),), ()):
        with pytest.raises(PostRejected, match=r"picture|bytes"):
            carousel.publisher.validate(carousel.draft(pictures=pictures), FACTS, {})


async def test_a_kill_after_any_step_of_the_upload_leaves_one_post(carousel: Desk) -> None:
    """The session of each checkpoint in turn is all that is left of the attempt."""
    await carousel.upload()
    sessions = list(carousel.history)
    assert len(sessions) > len(SHOWN)
    for session in sessions:
        carousel.session = session
        await carousel.upload()
    assert await carousel.posts() == []
    await carousel.publish()
    await carousel.needs_the_one_post()


async def test_a_picture_that_the_platform_cannot_use_is_uploaded_again(carousel: Desk) -> None:
    """The session stays on record, as the ledger keeps it: the next upload begins a new one by itself."""
    if carousel.kit.platform is Platform.FACEBOOK:
        pytest.skip("photos are not processed there")
    await carousel.fault("fail_processing", op=carousel.kit.calls.process)
    for _ in range(3):
        await carousel.upload()
        try:
            await carousel.publish()
            break
        except SessionLost:
            continue
    await carousel.needs_the_one_post()


def texts_of(meta: dict[str, Any]) -> list[str]:
    """The alternative texts that the sandbox was told, in the words of each platform."""
    if "content" in meta:
        content = meta["content"]
        images = content["multiImage"]["images"] if "multiImage" in content else [content["media"]]
        return [image["altText"] for image in images]
    return list(meta["alt_texts"]) or [meta["alt_text"]]
