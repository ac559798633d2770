"""The watcher of running contents. What their rows do not have yet (stage, review, cost so far) is read from Temporal's
Visibility, in one list a turn, and written to the boards where it has changed. So no page asks Temporal for a list."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from reelwright.domain.boards import WANTING_STAGES, WantingPost, percent_of
from reelwright.domain.content.stages import Stage
from reelwright.domain.errors import ReelwrightError
from reelwright.storage.board_watch import Begun, PostgresBoardWatch, Running, Seen

from .failures import explained
from .listing import newest_runs
from .resolve import MEMO_TITLE, PIPELINE, content_id_of, described
from .stages import CLOSED, LOST
from .temporal.port import Client, Run, RunStatus, TemporalError

log = logging.getLogger(__name__)
WATCHED, IDLE = timedelta(seconds=1), timedelta(seconds=5)
"""A turn's length while somebody listens, and while nobody does."""
BUSY = 4
"""A turn is followed by a pause of at least so many times its length: a slow server is not made slower."""
AT_MOST = 20_000
LOOKED_UP_AT_ONCE = 20
LAGS = timedelta(seconds=10)
"""A run that is not listed is looked for once its board has not changed for so long: Visibility lags behind."""
ANSWER_WITHIN_S = 30.0
ACTIVE = (Stage.WRITING, Stage.MODERATION, Stage.MATERIAL, Stage.RENDERING, Stage.PUBLISHING)
QUERY = (
    f"ExecutionStatus = 'Running' AND (WorkflowType = '{PIPELINE}' OR "
    f"(ReelPlatform IS NOT NULL AND ReelStage IN ({', '.join(repr(stage) for stage in WANTING_STAGES)})))"
)


class BoardWatcher:
    """`client` connects to Temporal, or raises what `failures.explained` explains. `listeners` is how many streams are
    open here. Every process that shows pages has one; they share the turns."""

    def __init__(self, pool: Any, client: Callable[[], Awaitable[Client]], listeners: Callable[[], int]) -> None:
        self._books = PostgresBoardWatch(pool)
        self._client = client
        self._listeners = listeners
        self._trouble = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Takes turns until `stop` is set. What fails is noted, and tried again at the next turn."""
        while not stop.is_set():
            began = time.monotonic()
            every = WATCHED if self._listeners() else IDLE
            try:
                await self.turn(every)
            except (ReelwrightError, TemporalError) as error:  # the database: nothing can be noted there
                self._tell(str(explained(error)))
            pause = max(every.total_seconds(), BUSY * (time.monotonic() - began))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def turn(self, every: timedelta = timedelta()) -> bool:
        """One look at everything, if it is this watcher's turn. Raises when the database is away."""
        if not await self._books.claim(every * 0.9):
            return False
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                client = await self._client()
                runs = await newest_runs(client, QUERY, AT_MOST)
                trouble = await self._write(client, runs)
        except (TemporalError, TimeoutError, OSError) as error:
            trouble = str(explained(error))
        self._tell(trouble)
        await self._books.looked(trouble)
        return True

    async def _write(self, client: Client, runs: Mapping[str, Run]) -> str:
        """Writes what has changed; what is not known for sure, in words."""
        contents = {run.id: run for run in runs.values() if run.workflow_type == PIPELINE}
        known = {one.workflow_id: one for one in await self._books.running(LAGS)}
        ids = {one.content_id for one in known.values()}
        if new := [_begun(run) for id, run in contents.items() if id not in known and content_id_of(run) not in ids]:
            await self._books.begin(new)
        seen = [_seen(run, known[id]) for id, run in contents.items() if id in known]
        if changed := [one for one in seen if _differs(one, known[one.workflow_id])]:
            await self._books.see(changed)
        if active := [one.content_id for one in seen if one.stage in ACTIVE]:
            await self._books.work_on(active)
        await self._books.wanting([_wanting(run) for id, run in runs.items() if id not in contents])
        if len(runs) >= AT_MOST:
            return f"only the newest {AT_MOST:,} running contents are looked at"
        await self._look_for(client, [one for id, one in known.items() if id not in contents and not one.dead])
        return ""

    async def _look_for(self, client: Client, missing: Sequence[Running]) -> None:
        """Those that are not listed, some in each turn: they have ended without closing their books, or are lost."""
        some = [one for one in missing if one.settled][:LOOKED_UP_AT_ONCE]
        runs = await asyncio.gather(*(described(client, one.workflow_id) for one in some))
        stages: dict[str, str] = {}
        for one, run in zip(some, runs, strict=True):
            if run is None:
                stages[one.content_id] = LOST
            elif run.status in CLOSED:
                stages[one.content_id] = CLOSED[run.status]
        await self._books.forget([id for id, stage in stages.items() if stage == LOST])
        await self._books.end(stages)

    def _tell(self, trouble: str) -> None:
        """In the log, once for each change."""
        if trouble and trouble != self._trouble:
            log.warning("the boards of running contents may be behind: %s", trouble)
        self._trouble = trouble


def _begun(run: Run) -> Begun:
    attributes = run.attributes
    return Begun(
        content_id=content_id_of(run),
        workflow_id=run.id,
        channel=str(attributes.get("ReelChannel", "default")),
        title=str(run.memo.get(MEMO_TITLE, ""))[:300],
        stage=str(attributes.get("ReelStage", Stage.ACCEPTED.value)),
        started=run.start_time,
    )


def _seen(run: Run, known: Running) -> Seen:
    stage = str(run.attributes.get("ReelStage", Stage.ACCEPTED.value))
    cost = run.attributes.get("ReelCostUsd")
    return Seen(
        content_id=known.content_id,
        workflow_id=run.id,
        stage=stage,
        percent=percent_of(stage),
        review=str(run.attributes.get("ReelReview", "")),
        cost=None if cost is None else float(cost),
    )


def _differs(seen: Seen, known: Running) -> bool:
    cost = known.cost if seen.cost is None else seen.cost
    same_cost = math.isclose(cost, known.cost, abs_tol=1e-6)
    return known.dead or (seen.stage, seen.review) != (known.stage, known.review) or not same_cost


def _wanting(run: Run) -> WantingPost:
    attributes = {name: str(value) for name, value in run.attributes.items()}
    content_id, platform = attributes.get("ReelContentId", ""), attributes.get("ReelPlatform", "")
    account = run.id.rpartition("/")[2] if "/publish/" in run.id else ""
    return WantingPost(
        key=f"{content_id}/{platform}/{account}",
        workflow_id=run.id,
        content_id=content_id,
        platform=platform,
        account=account,
        channel=attributes.get("ReelChannel", ""),
        stage=attributes.get("ReelStage", ""),
        since=run.start_time,
    )


assert RunStatus.RUNNING not in CLOSED
