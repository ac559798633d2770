"""Publications with faults at random points: one video each, with one comment and one caption track."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from reelwright.domain.content.video import CaptionFile
from reelwright.domain.errors import OutcomeUnknown, PlatformTransient, SessionLost
from reelwright.domain.ids import post_marker
from reelwright.domain.publishing.posting import Extra, PostDraft, PublishedPost, UploadSession
from reelwright.platforms.youtube.publisher import YouTubePublisher
from reelwright.platforms.youtube.upload import GRANULE

from ...conftest import Sandbox
from .kit import VIDEO, Source, draft, facts, file_of, files, publish, publisher_for, upload

ROUNDS = 25
PATIENCE = 12
SRT = b"1\n00:00:00,000 --> 00:00:01,000\nHello\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)
SMALL = files(Source(), SRT, PNG)


def any_fault(chance: random.Random) -> dict[str, Any]:
    """One thing that goes wrong somewhere on the way."""
    special = chance.random()
    if special < 0.2:
        return {"point": "reset_at_byte", "at_byte": chance.randrange(len(VIDEO))}
    if special < 0.3:
        return {"point": "partial_commit", "op": "put", "keep": chance.randrange(2 * GRANULE), "count": 2}
    if special < 0.4:
        return {"point": "expire_session", "op": chance.choice(["put", "final", "probe"]), "skip": chance.randrange(2)}
    op = chance.choice(["token", "start", "put", "final", "probe", "read", "thumbnail", "caption", "comment"])
    points = ["status", "before_commit", "after_commit_before_reply", "error_though_done", "expire_token"]
    status, body = chance.choice([(500, ""), (502, "<html>"), (503, "{}"), (504, "[]")])
    point = chance.choice(points[:2] if op == "token" else points)
    count = 1 if point == "expire_token" else chance.choice([1, 1, 2])
    return {"point": point, "op": op, "status": status, "body": body, "skip": chance.randrange(3), "count": count}


async def posted(publisher: YouTubePublisher, wanted: PostDraft) -> PublishedPost:
    """What the workflow does: upload, arm, post; armed, it is never posted again before YouTube has told."""
    session: UploadSession | None = None
    armed = False
    for _ in range(PATIENCE):
        try:
            if armed:
                found = await publisher.reconcile(wanted, session, datetime.now(UTC) - timedelta(minutes=1))
                if found.post:
                    return found.post
                armed = found.outcome != "absent"
                continue
            session = session or await publisher.begin(wanted, facts())
            await upload(publisher, session, Source())
            armed = True
            return await publish(publisher, session, Source())
        except SessionLost:
            session = session if armed else None
        except (PlatformTransient, OutcomeUnknown):
            continue
    raise AssertionError("it never came through")


async def attached(publisher: YouTubePublisher, wanted: PostDraft, post: PublishedPost, extra: Extra) -> str:
    """Begun once, looked for before it is begun again."""
    begun = False
    for _ in range(PATIENCE):
        try:
            if begun and (found := await publisher.attached(wanted, post, extra)):
                return found
            begun = True
            return await publisher.attach(wanted, post, extra, SMALL, "")
        except (PlatformTransient, OutcomeUnknown):
            continue
    raise AssertionError(f"{extra.name} never came through")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.sample(1)
async def test_faults_at_random_points(sandbox: Sandbox, http: httpx.AsyncClient, seed: int) -> None:
    # An armed post is asked about a minute later here, and listed by then.
    publisher = publisher_for(sandbox, http, listed_within_s=30.0, comment_lag_s=0.0)
    chance = random.Random(f"youtube {seed}")
    await sandbox.settings(units_per_day=10**9)  # a day's units are 22 caption tracks
    for number in range(ROUNDS):
        wanted = draft(
            title=f"Number {number}",
            marker=post_marker(f"{seed} {number}"),
            thumbnail=file_of(PNG, "image/png"),
            captions=(CaptionFile(language="en", kind="srt", file=file_of(SRT)),),
            first_comment="Which heart do you like best?",
        )
        faults = [any_fault(chance) for _ in range(chance.choice([1, 2, 3]))]
        await sandbox.client.delete(f"{sandbox.url}/_control/faults")
        await sandbox.post("faults", faults)
        post = await posted(publisher, wanted)
        for extra in publisher.extras(wanted):
            assert await attached(publisher, wanted, post, extra), faults
        known = [one for one in await sandbox.posts() if one["title"] == wanted.title]
        assert [one["post_id"] for one in known] == [post.post_id], faults
        kinds = sorted(extra["kind"] for extra in known[0]["extras"] if extra["kind"] != "thumbnail")
        assert kinds == ["caption", "comment"], faults
    assert len(await sandbox.posts()) == ROUNDS
