"""The books of approved posts, and one live post per content and account, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from control.links import made, opened
from reelwright.domain.errors import InvalidInput, PostRejected
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.posting import PostState, PublishedPost
from reelwright.domain.publishing.texts import PlatformText
from reelwright.storage.approvals import PostgresApprovals
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.database import connect
from reelwright.storage.links import PostgresLinks
from reelwright.storage.migrate import migrate
from reelwright.storage.posts import PostgresPostLedger
from reelwright.storage.texts import PostgresTexts
from tests.servers import Servers, blank

from ..storage.filing import FILE, OTHER_SHA, SHA, draft, session

DIGEST = "e" * 64


@pytest.fixture
def approvals(pool: Any) -> PostgresApprovals:
    return PostgresApprovals(pool)


async def decide(pool: Any, content: str, decision: str, number: int, artifact: str = SHA) -> None:
    await PostgresCatalog(pool).record_decision(
        f"{content}/decision/{number}", content_id=content, kind="review", decision=decision, by="ana", note="",
        artifact_sha256=artifact,
    )  # fmt: skip


async def test_only_posts_of_approved_material_are_recorded(
    approvals: PostgresApprovals, content: str, pool: Any
) -> None:
    with pytest.raises(InvalidInput, match="is not approved"):
        await approvals.record(content, SHA, [DIGEST])
    await decide(pool, content, "revise", 1)
    with pytest.raises(InvalidInput, match="the last decision is revise"):
        await approvals.record(content, SHA, [DIGEST])
    await decide(pool, content, "approve", 2, OTHER_SHA)
    with pytest.raises(InvalidInput, match="not approved"):
        await approvals.record(content, SHA, [DIGEST])
    with pytest.raises(PostRejected, match="no approval is on record for exactly this text and video"):
        await approvals.need(content, DIGEST)
    await decide(pool, content, "approve", 3)
    for _ in range(2):
        await approvals.record(content, SHA, [DIGEST])
    await approvals.need(content, DIGEST)
    for other in ("f" * 64, "*"):
        with pytest.raises(PostRejected) as refused:
            await approvals.need(content, other)
        assert refused.value.field == "approval"
    with pytest.raises(PostRejected):
        await approvals.need("another", DIGEST)
    with pytest.raises(InvalidInput):
        await approvals.record(content, SHA, ["no digest"])


async def test_two_people_are_two_names(approvals: PostgresApprovals, content: str, pool: Any) -> None:
    catalog = PostgresCatalog(pool)
    for number, by in enumerate(("ana", " Ana", "bob")):
        await catalog.record_decision(
            f"{content}/decision/{number}", content_id=content, kind="review", decision="approve", by=by, note="",
            artifact_sha256=SHA,
        )  # fmt: skip
        if by != "bob":
            with pytest.raises(InvalidInput, match="1 of 2 people have approved"):
                await approvals.record(content, SHA, [DIGEST], approvers=2)
    await approvals.record(content, SHA, [DIGEST], approvers=2)
    await approvals.need(content, DIGEST)


async def test_texts_and_links_are_kept(content: str, pool: Any) -> None:
    text = PlatformText(platform=Platform.X, accounts=("a",), title="Tides", text="The sea rises.")
    texts = PostgresTexts(pool)
    for _ in range(2):
        await texts.keep(content, [text])
    assert await texts.find(content, text.sha256) == text
    assert await texts.find(content, SHA) is None and await texts.find("another", text.sha256) is None
    links, key = PostgresLinks(pool), SecretStr("k" * 32)
    with pytest.raises(InvalidInput, match="there is no content"):
        await made(key, links, content_id="nobody", artifact_sha256=SHA, scope="view", life=timedelta(days=1), by="ana")
    first, second = [
        await made(key, links, content_id=content, artifact_sha256=SHA, scope="view", life=timedelta(days=1), by="ana")
        for _ in range(2)
    ]
    assert await opened(first[0], key, links, content_id=content, wants="view") == first[1]
    assert await links.revoke(content, first[1].id, by="ana") == 1
    with pytest.raises(InvalidInput, match="revoked"):
        await opened(first[0], key, links, content_id=content, wants="view")
    await opened(second[0], key, links, content_id=content, wants="view")
    assert [link.revoked_at is None for link in await links.of(content)] == [False, True]
    assert (await links.revoke(content, None, by="ana"), await links.revoke(content, None, by="ana")) == (1, 0)


async def test_the_last_decision_about_the_material_counts(
    approvals: PostgresApprovals, content: str, pool: Any
) -> None:
    await decide(pool, content, "approve", 1)
    await approvals.record(content, SHA, [DIGEST])
    await decide(pool, content, "reject", 2)
    with pytest.raises(PostRejected, match=r"the last decision about its material .* is reject"):
        await approvals.need(content, DIGEST)
    await decide(pool, content, "approve", 3)
    await approvals.need(content, DIGEST)


async def prepared(ledger: PostgresPostLedger, content: str, key: str, again_by: str = "") -> None:
    await ledger.prepare(key, content_id=content, draft=draft(), video=FILE, again_by=again_by)
    await ledger.save_session(key, session())


@pytest.mark.parametrize("end", ["posted", "armed", "failed armed"])
async def test_a_second_post_of_a_content_needs_a_word(pool: Any, content: str, end: str) -> None:
    ledger = PostgresPostLedger(pool)
    one, two, three = (f"{content}/{n}" for n in "123")
    await prepared(ledger, content, one)
    await ledger.arm(one)
    if end == "posted":
        await ledger.confirm(one, PublishedPost(post_id=f"v{content}", url="https://example.org/v"))
    if end == "failed armed":
        await ledger.fail(one, "nobody knows")
    with pytest.raises(PostRejected) as refused:
        await prepared(ledger, content, two)
    assert refused.value.field == "post" and "--post-again" in refused.value.remedy
    assert ("https://example.org/v" in str(refused.value)) == (end == "posted")
    await prepared(ledger, content, two, again_by="ana")
    assert await ledger.arm(two) is not None
    await ledger.confirm(two, PublishedPost(post_id=f"w{content}"))
    await ledger.prepare(two, content_id=content, draft=draft(), video=FILE)
    with pytest.raises(PostRejected):
        await prepared(ledger, content, three)
    await prepared(ledger, content, three, again_by="bob")
    rows = await pool.fetch("select again, again_by from posts where content_id = $1 order by again", content)
    assert [tuple(row) for row in rows] == [(0, ""), (1, "ana"), (2, "bob")]


async def test_what_certainly_was_not_posted_stands_in_nobodys_way(pool: Any, content: str) -> None:
    ledger = PostgresPostLedger(pool)
    for number in range(3):
        key = f"{content}/{number}"
        await prepared(ledger, content, key)
        armed = await ledger.arm(key)
        assert armed is not None
        await ledger.disarm(key, armed.armed_at)
        await ledger.fail(key, "refused")
    key = f"{content}/void"
    await prepared(ledger, content, key)
    await ledger.arm(key)
    await ledger.confirm(key, PublishedPost(post_id=f"v{content}"))
    await ledger.void(key, "the platform threw it away")
    await prepared(ledger, content, f"{content}/last")
    assert await ledger.arm(f"{content}/last") is not None


async def test_of_many_versions_prepared_at_once_one_is_armed(pool: Any, content: str) -> None:
    ledger = PostgresPostLedger(pool)
    keys = [f"{content}/{number}" for number in range(12)]
    await asyncio.gather(*(prepared(ledger, content, key) for key in keys))
    armed = await asyncio.gather(*(ledger.arm(key) for key in keys), return_exceptions=True)
    assert len([row for row in armed if not isinstance(row, BaseException)]) == 1
    assert all(isinstance(row, PostRejected) for row in armed if isinstance(row, BaseException))
    live = await pool.fetchval("select count(*) from posts where content_id = $1 and state = 'armed'", content)
    assert live == 1
    states = {(await ledger.get(key)).state for key in keys}  # type: ignore[union-attr]
    assert states == {PostState.ARMED, PostState.UPLOADING}


async def test_what_an_older_release_has_approved_is_still_posted(servers: Servers) -> None:
    dsn = await blank(servers.need("postgres"))
    await migrate(dsn, to="0003")
    pool = await connect(dsn, max_size=2)
    try:
        for content in ("old", "unseen"):
            await pool.execute(
                "insert into content (id, workflow_id, request, request_sha256) values ($1, $1, '{}', $2)", content, SHA
            )
        await pool.execute(
            """insert into decisions (key, content_id, kind, decision, decided_by, artifact_sha256)
               values ('one', 'old', 'review', 'approve', 'ana', $1)""",
            SHA,
        )
        insert = """insert into posts (key, content_id, platform, account, draft, video, state, post_id, session)
                    values ($1, 'old', 'youtube', 'default', '{}', '{}', 'posted', $1, '{}')"""
        for key in ("first", "second"):  # the fault that this release ends
            await pool.execute(insert, key)
        await migrate(dsn)
        approvals = PostgresApprovals(pool)
        await approvals.need("old", DIGEST)
        with pytest.raises(PostRejected):
            await approvals.need("unseen", DIGEST)
        assert sorted(await pool.fetch("select again from posts")) == [(0,), (1,)]
        await approvals.record("old", SHA, [DIGEST])
        with pytest.raises(PostRejected):
            await approvals.need("old", "f" * 64)
    finally:
        await pool.close()
