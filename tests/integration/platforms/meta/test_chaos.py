"""Several faults at random points of one publication: whatever happens, there is exactly one post with its bytes."""

from __future__ import annotations

import json
import random
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import NeedsAuthorization, PlatformTransient
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import Publisher, VideoFacts
from reelwright.domain.publishing.posting import PostKind

from ...conftest import Sandbox
from .kit import REEL, VIDEO, WIDE, Row, Source, Tokens, draft, files, post_it, settings, the_one_post, uploaded
from .test_facebook import publisher_for as facebook
from .test_instagram import publisher_for as instagram

HTML = "<html><body>502 Bad Gateway</body></html>"
LIES = [
    json.dumps({"error": {"message": "Application request limit reached", "code": 4, "error_subcode": 2207051}}),
    json.dumps({"error": {"message": "An unknown error occurred", "code": 1}}),
    json.dumps({"error": {"message": "Too many calls", "code": 80002, "is_transient": True}}),
    "",
    "[]",
    HTML,
]
KINDS: dict[str, tuple[Platform, PostKind, VideoFacts]] = {
    "instagram reel": (Platform.INSTAGRAM, PostKind.REEL, REEL),
    "instagram story": (Platform.INSTAGRAM, PostKind.STORY, REEL),
    "facebook reel": (Platform.FACEBOOK, PostKind.REEL, REEL),
    "facebook video": (Platform.FACEBOOK, PostKind.VIDEO, WIDE),
}


def made_for(platform: Platform, sandbox: Sandbox, http: httpx.AsyncClient, **changes: Any) -> Publisher:
    if platform is Platform.INSTAGRAM:
        return instagram(sandbox, http, Tokens(sandbox, platform, renewals=20), **changes)
    return facebook(sandbox, http, Tokens(sandbox, platform, renewals=20), **changes)


def fault_of(chance: random.Random, platform: Platform) -> dict[str, Any]:
    op = chance.choice(["start", "put", "put", "poll", "publish", "publish", "publish", "read"])
    points = ["status", "before_commit", "after_commit_before_reply", "error_though_done", "expire_token"]
    points += {"put": ["reset_at_byte", "partial_commit", "expire_session"], "poll": []}.get(op, [])
    return {
        "point": chance.choice(points),
        "platform": platform.value,
        "op": op,
        "status": chance.choice([400, 429, 500, 503, 200]),
        "body": chance.choice(LIES),
        "at_byte": chance.randrange(len(VIDEO)),
        "keep": chance.randrange(len(VIDEO)),
        "skip": chance.choice([0, 0, 0, 1]),
        "count": chance.choice([1, 1, 2]),
    }


@pytest.mark.sample(40)
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", KINDS)
async def test_exactly_one_post(sandbox: Sandbox, http: httpx.AsyncClient, kind: str, seed: int) -> None:
    platform, place, facts = KINDS[kind]
    chance = random.Random(f"{kind} {seed}")
    await settings(sandbox, platform, processing_polls=chance.randrange(3), missing_polls=chance.randrange(2))
    if platform is Platform.FACEBOOK:
        await settings(sandbox, platform, window=chance.choice([200_000, 1 << 20]))
    for fault in [fault_of(chance, platform) for _ in range(chance.randint(1, 4))]:
        await sandbox.fault(**fault)
    publisher, post, source, row = made_for(platform, sandbox, http), draft(platform, kind=place), Source(), Row()
    for _ in range(20):
        try:
            done = await post_it(publisher, post, facts, source, row)
            break
        except (PlatformTransient, NeedsAuthorization):  # tried again, or authorised anew by a person
            continue
    else:
        raise AssertionError("it never came through")
    await sandbox.client.delete(f"{sandbox.url}/_control/faults")  # chance may lay one for a call that is not made
    await the_one_post(sandbox, done, platform)
    assert source.open_now == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_never_sent_is_no_open_question(sandbox: Sandbox, http: httpx.AsyncClient, kind: str) -> None:
    """No connection, no request: it may simply be made again."""
    platform, place, facts = KINDS[kind]
    post = draft(platform, kind=place)
    row = await uploaded(made_for(platform, sandbox, http), post, facts)
    assert row.session is not None

    class Unplugged(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "POST":
                raise httpx.ConnectError("no route to host")
            return await super().handle_async_request(request)

    async with httpx.AsyncClient(transport=Unplugged()) as client:
        with pytest.raises(PlatformTransient, match="could not be reached"):
            await made_for(platform, sandbox, client).publish(post, row.session, files(), row.checkpoint)
    assert await sandbox.posts() == []
