"""The posts' ledger on a real PostgreSQL: who may post, and what is known afterwards."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from reelwright.domain.errors import InvalidInput
from reelwright.domain.publishing.posting import PostState, PublishedPost
from reelwright.storage.posts import PostgresPostLedger

from .filing import FILE, draft, ready, session


@pytest.fixture
def ledger(pool: Any) -> PostgresPostLedger:
    return PostgresPostLedger(pool)


async def arming(ledger: PostgresPostLedger, key: str) -> datetime:
    """Arms the row; when that was."""
    row = await ledger.arm(key)
    assert row is not None and row.armed_at is not None
    return row.armed_at


async def test_a_post_from_row_to_result(ledger: PostgresPostLedger, content: str, pool: Any) -> None:
    key = "k/" + content
    row = await ledger.prepare(key, content_id=content, draft=draft(), video=FILE)
    assert (row.state, row.session, row.committed) == (PostState.PREPARED, None, 0)
    assert await ledger.prepare(key, content_id=content, draft=draft(), video=FILE) == row
    await ledger.save_session(key, session())
    later, older = session("https://example.org/?upload_id=later"), session("https://example.org/?upload_id=older")
    await ledger.checkpoint(key, later, 500)
    assert await ledger.checkpoint(key, older, 300)
    uploading = await ledger.get(key)
    assert uploading is not None
    assert (uploading.state, uploading.session, uploading.committed) == (PostState.UPLOADING, later, 500)
    armed = await ledger.arm(key)
    assert armed is not None and armed.armed_at is not None
    assert (armed.state, armed.session, armed.committed) == (PostState.ARMED, later, 500)
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
    assert await ledger.arm(key) is None


async def test_twenty_arm_at_once_and_one_may_post(ledger: PostgresPostLedger, content: str) -> None:
    key = await ready(ledger, content)
    rows = await asyncio.gather(*(ledger.arm(key) for _ in range(20)))
    assert rows.count(None) == 19
    [armed] = filter(None, rows)
    assert armed.state is PostState.ARMED
    assert armed == await ledger.get(key)


async def test_disarming_lets_the_upload_go_on_and_touches_nothing_else(
    ledger: PostgresPostLedger, content: str
) -> None:
    key = await ready(ledger, content)
    await ledger.disarm(key, await arming(ledger, key))
    row = await ledger.get(key)
    assert row is not None
    assert (row.state, row.session is None) == (PostState.UPLOADING, False)
    again = await arming(ledger, key)
    await ledger.confirm(key, PublishedPost(post_id=f"d{content}", url="u"))
    await ledger.disarm(key, again)
    await ledger.disarm(key, None)
    row = await ledger.get(key)
    assert row is not None
    assert row.state is PostState.POSTED


async def test_only_its_own_arming_is_undone(ledger: PostgresPostLedger, content: str) -> None:
    key = await ready(ledger, content)
    first = await arming(ledger, key)
    await ledger.disarm(key, first)  # looked for on the platform, and not there
    second = await arming(ledger, key)
    assert second > first
    await ledger.disarm(key, first)  # the first attempt, late
    await ledger.disarm(key, first - timedelta(microseconds=1))
    row = await ledger.get(key)
    assert row is not None and (row.state, row.armed_at) == (PostState.ARMED, second)
    assert await ledger.arm(key) is None
    await ledger.disarm(key, None)  # a person's word
    row = await ledger.get(key)
    assert row is not None and (row.state, row.armed_at) == (PostState.UPLOADING, None)


async def test_only_its_own_arming_is_noted_upon(ledger: PostgresPostLedger, content: str) -> None:
    key = await ready(ledger, content)
    first, tried = await arming(ledger, key), session("https://example.org/?tried=1")
    assert await ledger.checkpoint(key, tried, 1234, arming=first)
    await ledger.disarm(key, first)
    assert not await ledger.checkpoint(key, session("https://example.org/?late=1"), 1234, arming=first)
    second = await arming(ledger, key)
    for late in (None, first):
        assert not await ledger.checkpoint(key, session("https://example.org/?late=2"), 1234, arming=late)
    row = await ledger.get(key)
    assert row is not None and (row.session, row.armed_at) == (tried, second)


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
    assert await ledger.arm(key) is None
    row = await ledger.get(key)
    assert row is not None and row.state is PostState.PREPARED


async def test_failing_keeps_the_first_reason_and_reopening_forgets_no_arming(
    ledger: PostgresPostLedger, content: str
) -> None:
    key = await ready(ledger, content)
    await ledger.fail(key, "first\0 reason")
    await ledger.fail(key, "second reason")
    row = await ledger.get(key)
    assert row is not None and (row.state, row.error) == (PostState.FAILED, "first reason")
    assert (await ledger.reopen(key)).state is PostState.PREPARED
    await ledger.save_session(key, session())
    when = await arming(ledger, key)
    await ledger.fail(key, "after arming")
    with pytest.raises(InvalidInput):
        await ledger.save_session(key, session())
    armed = await ledger.reopen(key)
    assert (armed.state, armed.session, armed.armed_at, armed.error) == (PostState.ARMED, session(), when, "")
    assert await ledger.arm(key) is None, "an open outcome is looked up first"
    await ledger.fail(key, "again")
    await ledger.disarm(key, when)  # a later look made it certain after all
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
    when = await arming(ledger, key)
    container = session("https://example.org/?container=7")
    assert await ledger.checkpoint(key, container, 1234, arming=when)
    row = await ledger.get(key)
    assert row is not None and (row.session, row.committed, row.armed_at is None) == (container, 1234, False)
    other = key + "/prepared"
    before = await ledger.prepare(other, content_id=content, draft=draft("another"), video=FILE)
    assert not await ledger.checkpoint(other, container, 1234)
    assert await ledger.get(other) == before
    with pytest.raises(InvalidInput, match="no post"):
        await ledger.checkpoint("none", container, 1234)


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
    await ledger.prepare(two, content_id=content, draft=draft(), video=FILE, again_by="ana")
    await ledger.confirm(two, PublishedPost(post_id=f"pub2-{content}"))
    with pytest.raises(InvalidInput, match="another row"):
        await ledger.refine(two, PublishedPost(post_id=f"v-{content}"))
