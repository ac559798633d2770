"""The posts' ledger on a real PostgreSQL: who may post, and what is known afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from reelwright.domain.errors import InvalidInput
from reelwright.domain.posting import PostState, PublishedPost
from reelwright.storage.posts import PostgresPostLedger

from .filing import FILE, draft, ready, session


@pytest.fixture
def ledger(pool: Any) -> PostgresPostLedger:
    return PostgresPostLedger(pool)


async def test_a_post_from_row_to_result(ledger: PostgresPostLedger, content: str, pool: Any) -> None:
    key = "k/" + content
    row = await ledger.prepare(key, content_id=content, draft=draft(), video=FILE)
    assert (row.state, row.session, row.committed) == (PostState.PREPARED, None, 0)
    assert await ledger.prepare(key, content_id=content, draft=draft(), video=FILE) == row
    await ledger.save_session(key, session())
    later, older = session("https://example.org/?upload_id=later"), session("https://example.org/?upload_id=older")
    await ledger.checkpoint(key, later, 500)
    await ledger.checkpoint(key, older, 300)
    uploading = await ledger.get(key)
    assert uploading is not None
    assert (uploading.state, uploading.session, uploading.committed) == (PostState.UPLOADING, later, 500)
    assert await ledger.arm(key) is PostState.UPLOADING
    post = PublishedPost(post_id=f"v{content}", url="https://example.org/v")
    for _ in range(2):
        await ledger.confirm(key, post)
    posted = await ledger.get(key)
    assert posted is not None
    assert (posted.state, posted.post_id, posted.url) == (PostState.POSTED, post.post_id, post.url)
    assert posted.session is None
    await ledger.fail(key, "too late")
    assert (await ledger.get(key)) == posted
    with pytest.raises(InvalidInput, match="already posted") as caught:
        await ledger.confirm(key, PublishedPost(post_id="another", url=""))
    assert caught.value.field == "post_id"
    assert await ledger.arm(key) is PostState.POSTED


async def test_twenty_arm_at_once_and_one_may_post(ledger: PostgresPostLedger, content: str) -> None:
    key = await ready(ledger, content)
    states = await asyncio.gather(*(ledger.arm(key) for _ in range(20)))
    assert states.count(PostState.UPLOADING) == 1
    assert states.count(PostState.ARMED) == 19


async def test_disarming_lets_the_upload_go_on_and_touches_nothing_else(
    ledger: PostgresPostLedger, content: str
) -> None:
    key = await ready(ledger, content)
    await ledger.arm(key)
    await ledger.disarm(key)
    row = await ledger.get(key)
    assert row is not None
    assert (row.state, row.session is None) == (PostState.UPLOADING, False)
    await ledger.arm(key)
    await ledger.confirm(key, PublishedPost(post_id=f"d{content}", url="u"))
    await ledger.disarm(key)
    row = await ledger.get(key)
    assert row is not None
    assert row.state is PostState.POSTED


async def test_an_armed_row_takes_no_new_session(ledger: PostgresPostLedger, content: str) -> None:
    key = await ready(ledger, content)
    await ledger.arm(key)
    await ledger.drop_session(key)
    row = await ledger.get(key)
    assert row is not None and row.state is PostState.ARMED and row.session == session()
    with pytest.raises(InvalidInput, match="armed"):
        await ledger.save_session(key, session("https://example.org/?upload_id=2"))
    assert (await ledger.get(key)) == row


async def test_a_lost_session_goes_back_to_prepared(ledger: PostgresPostLedger, content: str) -> None:
    key = await ready(ledger, content)
    await ledger.checkpoint(key, session(), 400)
    for _ in range(2):
        await ledger.drop_session(key)
    row = await ledger.get(key)
    assert row is not None and (row.state, row.session, row.committed) == (PostState.PREPARED, None, 0)
    assert await ledger.arm(key) is PostState.PREPARED
    row = await ledger.get(key)
    assert row is not None and row.state is PostState.PREPARED


async def test_failing_keeps_the_first_reason_and_reopening_needs_it_unarmed(
    ledger: PostgresPostLedger, content: str
) -> None:
    key = await ready(ledger, content)
    await ledger.fail(key, "first\0 reason")
    await ledger.fail(key, "second reason")
    row = await ledger.get(key)
    assert row is not None and (row.state, row.error) == (PostState.FAILED, "first reason")
    assert (await ledger.reopen(key)).state is PostState.PREPARED
    await ledger.save_session(key, session())
    await ledger.arm(key)
    await ledger.fail(key, "after arming")
    with pytest.raises(InvalidInput):
        await ledger.save_session(key, session())
    armed = await ledger.reopen(key)
    assert (armed.state, armed.session, armed.armed_at is None) == (PostState.FAILED, session(), False)
    await ledger.disarm(key)  # a later look made it certain after all
    row = await ledger.get(key)
    assert row is not None and (row.state, row.session) == (PostState.FAILED, None)
    assert (await ledger.reopen(key)).state is PostState.PREPARED


async def test_keys_and_posts_belong_to_one_row(ledger: PostgresPostLedger, content: str) -> None:
    one = await ready(ledger, content)
    with pytest.raises(InvalidInput) as caught:
        await ledger.prepare(one, content_id=content, draft=draft("another"), video=FILE)
    assert caught.value.field == "key"
    two = one + "/two"
    await ledger.prepare(two, content_id=content, draft=draft(), video=FILE)
    await ledger.confirm(one, PublishedPost(post_id=f"w{content}", url=""))
    with pytest.raises(InvalidInput, match="another row"):
        await ledger.confirm(two, PublishedPost(post_id=f"w{content}", url=""))
    for call in (ledger.arm("none"), ledger.fail("none", "x"), ledger.save_session("none", session())):
        with pytest.raises(InvalidInput, match="no post"):
            await call
    assert await ledger.get("none") is None
    with pytest.raises(InvalidInput, match="no content"):
        await ledger.prepare("k", content_id="nobody", draft=draft(), video=FILE)


async def test_an_armed_row_keeps_its_checkpoints_and_a_prepared_one_takes_none(
    ledger: PostgresPostLedger, content: str
) -> None:
    key = await ready(ledger, content)
    await ledger.arm(key)
    container = session("https://example.org/?container=7")
    await ledger.checkpoint(key, container, 1234)
    row = await ledger.get(key)
    assert row is not None and (row.session, row.committed, row.armed_at is None) == (container, 1234, False)
    other = key + "/prepared"
    before = await ledger.prepare(other, content_id=content, draft=draft(), video=FILE)
    await ledger.checkpoint(other, container, 1234)
    assert await ledger.get(other) == before


async def test_a_post_learns_its_lasting_id_later(ledger: PostgresPostLedger, content: str) -> None:
    key = await ready(ledger, content)
    with pytest.raises(InvalidInput, match="not a row that is posted"):
        await ledger.refine(key, PublishedPost(post_id="early"))
    await ledger.confirm(key, PublishedPost(post_id=f"pub-{content}"))
    await ledger.refine(key, PublishedPost(post_id=f"v-{content}", url="https://example.org/v"))
    await ledger.refine(key, PublishedPost(post_id=f"v-{content}"))
    await ledger.confirm(key, PublishedPost(post_id=f"v-{content}"))
    row = await ledger.get(key)
    assert row is not None and (row.post_id, row.url) == (f"v-{content}", "https://example.org/v")
    two = key + "/two"
    await ledger.prepare(two, content_id=content, draft=draft(), video=FILE)
    await ledger.confirm(two, PublishedPost(post_id=f"pub2-{content}"))
    with pytest.raises(InvalidInput, match="another row"):
        await ledger.refine(two, PublishedPost(post_id=f"v-{content}"))
