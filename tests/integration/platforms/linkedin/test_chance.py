"""Publications with faults at random points: never two posts, never none, and a person asked only for members."""

from __future__ import annotations

import random
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import OutcomeUnknown

from ...conftest import Sandbox
from .kit import VIDEO, draft, linkedin_posts, posted, publisher_for, shape

ROUNDS = 30
DAY = '{"status":429,"message":"Resource level throttle APPLICATION DAY limit for calls is reached."}'


def any_fault(chance: random.Random) -> dict[str, Any]:
    """One thing that goes wrong somewhere on the way."""
    op = chance.choice(["start", "put", "finish", "poll", "publish", "read", "token"])
    point = chance.choice(["status", "before_commit", "after_commit_before_reply", "error_though_done", "expire_token"])
    special = chance.random()
    if special < 0.15:
        return {"point": "reset_at_byte", "op": "put", "at_byte": chance.randrange(len(VIDEO))}
    if special < 0.25:
        return {"point": "expire_session", "op": "put", "skip": chance.randrange(5)}
    if special < 0.3:
        return {"point": "partial_commit", "op": "put", "keep": chance.randrange(60_000)}
    if op == "token":
        point = chance.choice(["status", "before_commit"])
    status, body = chance.choice([(500, ""), (502, "<html>"), (503, '{"message":"m","status":503}'), (429, DAY)])
    if status == 429 and (point, op) != ("error_though_done", "publish"):
        status, body = 504, ""  # a quota that is really spent is another test's
    skip = chance.randrange(5) if op == "put" else 0
    count = 1 if point == "expire_token" else chance.choice([1, 1, 2])
    return {"point": point, "op": op, "status": status, "body": body, "skip": skip, "count": count}


def some_faults(chance: random.Random) -> list[dict[str, Any]]:
    """One to three; a token that dies twice running is a revoked one, which is another test's."""
    faults = [{**any_fault(chance), "platform": "linkedin"} for _ in range(chance.choice([1, 2, 3]))]
    dying = [fault for fault in faults if fault["point"] == "expire_token"]
    return [fault for fault in faults if fault not in dying[1:]]


@pytest.mark.parametrize("account", ["org", "main"])
async def test_faults_at_random_points(sandbox: Sandbox, http: httpx.AsyncClient, account: str) -> None:
    await shape(sandbox)
    publisher, chance = publisher_for(sandbox, http), random.Random(f"linkedin {account}")
    parked = 0
    for number in range(ROUNDS):
        faults = some_faults(chance)
        await sandbox.client.delete(f"{sandbox.url}/_control/faults")
        await sandbox.post("faults", faults)
        title = f"Number {number}"
        try:
            post = await posted(publisher, draft(account, title=title))
        except OutcomeUnknown:
            parked += 1
            assert any(fault["op"] == "publish" for fault in faults), faults
            assert account == "main", (number, faults)
            continue
        mine = [made for made in await linkedin_posts(sandbox) if made["title"] == title]
        assert [made["post_id"] for made in mine] == [post.post_id], (number, faults)
    titles = [made["title"] for made in await linkedin_posts(sandbox)]
    assert len(set(titles)) == len(titles)
    assert parked == 0 if account == "org" else parked < ROUNDS / 2
