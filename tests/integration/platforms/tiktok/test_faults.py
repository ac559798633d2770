"""TikTok under faults at random: whatever breaks wherever, and whenever the worker dies, there is exactly one post."""

from __future__ import annotations

import asyncio
import os
import random
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import (
    AssetCorrupt,
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    SessionLost,
)
from reelwright.domain.publishing.posting import ProcessingState, PublishedPost
from reelwright.platforms.tiktok.publisher import TikTokPublisher

from ...conftest import Sandbox
from .kit import CHUNK, VIDEO, Source, Stored, draft, facts, files, publisher_for, the_one_post, tune

STEPS = 60
CERTAIN = (PostRejected, QuotaExhausted, NeedsAuthorization, AssetCorrupt, PlatformTransient, SessionLost)
"""After these from `publish` the activity disarms: the adapter says that nothing was posted."""


class Workflow:
    """One publication as activities and workflow drive it; `dies` are the seconds after which a step is killed."""

    def __init__(self, publisher: TikTokPublisher, dies: list[float]) -> None:
        self.publisher = publisher
        self.dies = dies
        self.stored: Stored | None = None
        self.takes = 0

    async def run(self) -> PublishedPost:
        for _ in range(STEPS):
            if not await self._uploaded():
                continue
            post = await self._published()
            if post and await self._kept(post):
                return post
        raise AssertionError("it never came through")

    async def _step(self, call: Any) -> Any:
        """Runs a call, or kills it on the way, as kill -9 of the worker would."""
        patience = self.dies.pop(0) if self.dies else 60.0
        try:
            return await asyncio.wait_for(call, patience)
        except TimeoutError:
            raise OutcomeUnknown("killed") from None

    async def _uploaded(self) -> bool:
        try:
            if self.stored is None:
                self.stored = Stored(await self._step(self.publisher.begin(draft(), facts())))
            await self._step(self.publisher.upload(draft(), self.stored.session, files(), self.stored))
        except SessionLost:
            self.stored = None
            return False
        except (PlatformTransient, OutcomeUnknown):
            return False
        return True

    async def _published(self) -> PublishedPost | None:
        assert self.stored is not None
        try:
            publishing = self.publisher.publish(draft(), self.stored.session, files(Source()), self.stored)
            return await self._step(publishing)  # type: ignore[no-any-return]
        except CERTAIN:
            return None
        except OutcomeUnknown:
            return await self._settled()

    async def _settled(self) -> PublishedPost | None:
        assert self.stored is not None
        for _ in range(STEPS):
            try:
                found = await self.publisher.reconcile(draft(), self.stored.session, None)
            except PlatformTransient:
                continue
            if found.outcome in ("posted", "absent"):
                return found.post
            assert found.outcome == "unknown", found
            await asyncio.sleep(0.05)
        raise AssertionError("never settled")

    async def _kept(self, post: PublishedPost) -> bool:
        for _ in range(STEPS):
            try:
                reading = await self.publisher.processing(draft(), post)
            except PlatformTransient:
                continue
            if reading.state is ProcessingState.LIVE:
                return True
            if reading.state is ProcessingState.FAILED:
                assert reading.again, reading
                self.stored = None
                return False
        raise AssertionError("never processed")


def faults_of(chance: random.Random) -> list[dict[str, Any]]:
    """One to four faults, each anywhere. At most one dead token: two in a row are a person's case, rightly."""
    if chance.random() < 0.4:  # the last chunk's answer is lost, and then TikTok does not say what came of it
        lost = chance.choice(["after_commit_before_reply", "error_though_done"])
        blind = {"platform": "tiktok", "op": "poll", "point": "status", "skip": 2, "count": 3}
        return [{"platform": "tiktok", "op": "final", "point": lost}, blind]
    found: list[dict[str, Any]] = []
    for turn in range(chance.randint(1, 4)):
        op = chance.choice(["creator", "start", "put", "put", "final", "final", "final", "poll"])
        points = ["status", "before_commit", "after_commit_before_reply", "error_though_done"]
        points += ["reset_at_byte", "partial_commit", "expire_session"] if op in ("put", "final") else []
        points += ["expire_token"] if turn == 0 and op in ("creator", "start", "poll") else []
        points += ["fail_processing"] if op == "final" else []
        found.append(
            {
                "platform": "tiktok",
                "op": op,
                "point": (point := chance.choice(points)),
                "count": 1 if point == "expire_token" else chance.choice([1, 1, 2]),
                "skip": chance.choice([0, 0, 1, 2]) if op == "put" else chance.choice([0, 0, 1]),
                "status": chance.choice([500, 502, 503]),
                "body": chance.choice(["", "{}", "<html>busy</html>"]),
                "at_byte": chance.randrange(len(VIDEO)),
                "keep": chance.choice([0, 1, 40_000]),
            }
        )
    return found


@pytest.mark.parametrize("seed", range(int(os.environ.get("REELWRIGHT_TEST_SEEDS", "25"))))
@pytest.mark.sample(6)
async def test_exactly_one_post(sandbox: Sandbox, http: httpx.AsyncClient, seed: int) -> None:
    chance = random.Random(seed)
    settings: dict[str, Any] = {
        "uploaded_lag_polls": chance.choice([0, 0, 1]),
        "count_in_range": chance.choice([False, True]),
        "reput_status": chance.choice([416, 206]),
        "relapse": chance.choice([False, True]),
        "max_commit": chance.choice([0, 0, 70_000]),
        "processing_polls": chance.choice([0, 1, 3]),
    }
    await tune(sandbox, min_chunk=CHUNK, inits_per_minute=999, statuses_per_minute=9_999, **settings)
    faults = faults_of(chance)
    await sandbox.post("faults", faults)
    dies = [60.0, 60.0, chance.uniform(0.0, 0.06)] if chance.random() < 0.5 else []
    dies += [chance.uniform(0.001, 0.15) for _ in range(chance.choice([0, 0, 3]))]
    publisher = publisher_for(sandbox, http, settle_s=0.2)
    post = await Workflow(publisher, dies).run()
    assert post.post_id, (settings, faults)
    await sandbox.client.delete(f"{sandbox.url}/_control/faults")  # chance may lay one for a call that is not made
    await the_one_post(sandbox)
