"""What X counts, charges and allows, and what is added to a post, against the sandbox over real HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import (
    NeedsAuthorization,
    NeedsBudget,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
)
from reelwright.domain.publishing.posting import PostKind
from reelwright.platforms.x.post import Limits
from reelwright.platforms.x.publisher import XPublisher

from ...conftest import Sandbox
from .kit import SHA, Desk, draft, facts


@pytest.fixture
def desk(sandbox: Sandbox, http: httpx.AsyncClient) -> Desk:
    return Desk(sandbox, http)


# --- limits, money, rights ------------------------------------------------------------------------------------------


async def test_a_spent_window_names_its_end_and_posts_nothing(desk: Desk) -> None:
    await desk.settings(posts_per_quarter=0)
    await desk.uploaded(draft())
    with pytest.raises((QuotaExhausted, PlatformTransient)) as caught:  # a window that is almost over is waited out
        await desk.publish(draft())
    if isinstance(caught.value, QuotaExhausted):
        assert caught.value.bucket == "posts"
        assert timedelta() < caught.value.resets_at - desk.clock() <= timedelta(minutes=15)
    await desk.settings(posts_per_quarter=100)
    await desk.one_post(await desk.posted(draft()))


async def test_the_day_of_the_app_is_another_bucket(desk: Desk) -> None:
    await desk.settings(app_posts_per_day=0)
    await desk.uploaded(draft())
    with pytest.raises((QuotaExhausted, PlatformTransient)) as caught:
        await desk.publish(draft())
    if isinstance(caught.value, QuotaExhausted):
        assert caught.value.bucket == "app_posts"


@pytest.mark.parametrize(
    "changes", [{"credits_mills": 10}, {"credits_mills": 10, "credits_shape": "credits"}, {"usage_capped": True}]
)
async def test_spent_money_is_a_persons_to_mend(desk: Desk, changes: dict[str, Any]) -> None:
    await desk.settings(**changes)
    await desk.uploaded(draft())
    with pytest.raises(NeedsBudget) as caught:
        await desk.publish(draft())
    assert caught.value.remedy and not caught.value.retryable
    await desk.settings(credits_mills=-1, usage_capped=False)
    await desk.one_post(await desk.posted(draft()))


async def test_what_x_reports_of_its_limits(desk: Desk) -> None:
    assert list(await desk.publisher.quota("main")) == []
    await desk.posted(draft())
    readings = {reading.bucket: reading for reading in await desk.publisher.quota("main")}
    assert (readings["posts"].used, readings["posts"].limit) == (1, 100)
    assert (readings["app_posts"].used, readings["app_posts"].limit) == (1, 10_000)
    desk.clock.ahead += timedelta(days=2)
    assert list(await desk.publisher.quota("main")) == []


async def test_a_revoked_account_needs_a_person(desk: Desk) -> None:
    await desk.uploaded(draft())
    await desk.sandbox.settings(revoked=["main"])
    await desk.sandbox.post("expire_tokens", {})
    with pytest.raises(NeedsAuthorization):
        await desk.publish(draft())
    assert await desk.posts() == []


async def test_an_account_without_an_id_is_asked_for(desk: Desk) -> None:
    await desk.fault("after_commit_before_reply", op="publish")
    await desk.one_post(await desk.posted(draft("unnamed")))
    assert (await desk.posts())[0]["sha256"] == SHA


async def test_only_premium_accounts_have_long_texts(desk: Desk, http: httpx.AsyncClient) -> None:
    long = draft(caption="word " * 100)
    with pytest.raises(PostRejected, match="280") as begun:
        await desk.publisher.begin(long, facts())
    with pytest.raises(PostRejected, match="280") as checked:
        desk.publisher.validate(long, facts(), {"best_time": "18:00 UTC"})
    assert {begun.value.field, checked.value.field} == {"caption"} and "shorten it" in checked.value.remedy
    assert desk.publisher.validate(long, facts(), {"premium": "yes"}) is PostKind.VIDEO
    premium = Desk(desk.sandbox, http, premium="true")
    await desk.settings(premium=["main"])
    told = await premium.one_post(await premium.posted(long))
    assert told["text"] == long.caption


def test_only_premium_accounts_have_long_videos(desk: Desk, http: httpx.AsyncClient) -> None:
    publisher = XPublisher(http, desk.tokens, limits=Limits(premium_s=600.0))
    long = facts(duration_s=300.0)
    with pytest.raises(PostRejected, match="140") as caught:
        publisher.validate(draft(), long, {})
    assert caught.value.field == "video" and caught.value.remedy
    assert publisher.validate(draft(), long, {"premium": "yes"}) is PostKind.VIDEO


# --- extras ---------------------------------------------------------------------------------------------------------

THREAD = draft(thread=("Part two: https://example.com/b", "Part three 🧵 <3"), first_comment="Questions?")


async def test_a_thread_and_a_first_comment(desk: Desk) -> None:
    post = await desk.posted(THREAD)
    ids: dict[str, str] = {}
    for extra in desk.publisher.extras(THREAD):
        ids[extra.name] = await desk.publisher.attach(THREAD, post, extra, desk.files.given(), ids.get(extra.after, ""))
        assert await desk.publisher.attached(THREAD, post, extra) == ids[extra.name]
    told = {found["post_id"]: found["meta"]["reply_to"] for found in await desk.posts()}
    assert list(ids) == ["reply-2", "reply-3", "comment"]
    assert told == {
        post.post_id: "",
        ids["reply-2"]: post.post_id,
        ids["reply-3"]: ids["reply-2"],
        ids["comment"]: post.post_id,
    }


async def test_a_reply_whose_answer_is_lost_is_found_and_not_made_again(desk: Desk) -> None:
    post, extra = await desk.posted(THREAD), desk.publisher.extras(THREAD)[0]
    await desk.fault("after_commit_before_reply", op="publish")
    with pytest.raises(PlatformTransient):
        await desk.publisher.attach(THREAD, post, extra, desk.files.given(), "")
    known = await desk.publisher.attached(THREAD, post, extra)
    assert known and known != post.post_id
    assert await desk.publisher.attach(THREAD, post, extra, desk.files.given(), "") == known
    assert len(await desk.posts()) == 2


async def test_a_reply_that_was_not_made_is_certain_only_later(desk: Desk) -> None:
    post, extra = await desk.posted(THREAD), desk.publisher.extras(THREAD)[0]
    with pytest.raises(PlatformTransient) as caught:
        await desk.publisher.attached(THREAD, post, extra)
    assert 0 < (caught.value.retry_after_s or 0) <= 600
    desk.clock.ahead += timedelta(minutes=11)
    assert await desk.publisher.attached(THREAD, post, extra) == ""


async def test_a_tier_that_may_not_reply_says_so(desk: Desk) -> None:
    post, extra = await desk.posted(THREAD), desk.publisher.extras(THREAD)[0]
    await desk.settings(self_replies=False)
    with pytest.raises(PostRejected) as caught:
        await desk.publisher.attach(THREAD, post, extra, desk.files.given(), "")
    assert caught.value.field == "thread"


async def test_delete(desk: Desk) -> None:
    post = await desk.posted(draft())
    await desk.publisher.delete("main", post.post_id)
    assert await desk.posts() == []
    await desk.publisher.delete("main", post.post_id)
    with pytest.raises(PostRejected, match="not a post's id"):
        await desk.publisher.delete("main", "../users/me")
