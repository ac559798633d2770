"""One platform under fire: publications with faults, kills, and the people who are called meanwhile."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from control import publications
from control.temporal.sdk import SdkClient, SdkHandle
from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.ids import publish_workflow_id
from reelwright.domain.publishing.posting import PostPicture, PostResult, PublicationStatus, PublishTask
from workflows import policies
from workflows.publishing.platforms import PUBLICATIONS

from .world import World, outlasting

AT_ONCE = 25
"""Publications of a platform under way at the same time."""
SOON = timedelta(seconds=3)
"""A server that was just killed is asked again later."""
WORKFLOWS = {platform: publication.__name__ for platform, publication in PUBLICATIONS.items()}


@dataclass
class Case:
    """One publication and what was done to it."""

    task: PublishTask
    fault: dict[str, Any]
    handle: WorkflowHandle[Any, PostResult] | None = None
    result: PostResult | None = None
    retries: int = 0
    parked: str = ""
    stage: str = ""
    detail: str = ""

    @property
    def account(self) -> str:
        return self.task.draft.account


@dataclass
class Run:
    """Starts the cases, a handful at a time, and plays the people: who settles, who authorises, who tries again."""

    world: World
    platform: Platform
    resumed: bool = False
    cases: list[Case] = field(default_factory=list)
    pictures: bool = False

    async def add(
        self, account: str, video: AssetRef, fault: dict[str, Any], pictures: tuple[PostPicture, ...] = ()
    ) -> None:
        """One more case, its fault lying in wait."""
        if not self.resumed:
            await self.world.add_account(self.platform, account)
            await self.world.fault(fault)
        self.cases.append(Case(await self.world.task(self.platform, account, video, pictures), fault))

    async def to_the_end(self, patience_s: float) -> None:
        """Until every case has ended; what has not by then counts as lost."""
        deadline = time.monotonic() + patience_s
        waiting = list(self.cases)
        under_way: list[Case] = []
        while (waiting or under_way) and time.monotonic() < deadline:
            while waiting and len(under_way) < AT_ONCE:
                case = waiting.pop(0)
                await self._start(case)
                under_way.append(case)
            await asyncio.sleep(2)
            ended = await asyncio.gather(*(self._look(case) for case in under_way))
            under_way = [case for case, over in zip(under_way, ended, strict=True) if not over]
            self._tell(len(waiting), under_way)

    async def _start(self, case: Case) -> None:
        id = publish_workflow_id(case.task.content_id, self.platform.value, case.account)
        try:
            case.handle = await outlasting(
                lambda: self.world.client.start_workflow(
                    WORKFLOWS[self.platform],
                    case.task,
                    id=id,
                    task_queue=policies.MAIN_QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    result_type=PostResult,
                )
            )
        except WorkflowAlreadyStartedError:  # its answer was lost, or this is a run taken up again
            case.handle = self.world.client.get_workflow_handle(id, result_type=PostResult)

    async def _look(self, case: Case) -> bool:
        """Whether it has ended. A person is played where one is wanted."""
        assert case.handle is not None
        handle = case.handle
        described = await outlasting(lambda: handle.describe(rpc_timeout=SOON))
        if described.status is WorkflowExecutionStatus.COMPLETED:
            case.result = await outlasting(handle.result)
            return True
        if described.status is not WorkflowExecutionStatus.RUNNING:
            case.result = await publications.outcome(SdkHandle(self.world.client, handle), self.platform, case.account)
            if case.retries >= 3:
                return True
            case.retries += 1
            control = SdkClient(self.world.client)
            again = await outlasting(lambda: publications.retry(control, control.handle(handle.id, PostResult)))
            case.handle = self.world.client.get_workflow_handle(again.id, result_type=PostResult)
            return False
        try:
            status = await handle.query("status", result_type=PublicationStatus, rpc_timeout=SOON)
        except RPCError as error:  # the worker or the server is down for the moment
            if error.status == RPCStatusCode.NOT_FOUND:
                raise
            return False
        case.stage, case.detail = status.stage, status.detail
        await self._help(case, status)
        return False

    async def _help(self, case: Case, status: PublicationStatus) -> None:
        """What people do: look at the account and settle, authorise again, buy quota."""
        assert case.handle is not None
        handle = case.handle
        if status.stage == "parked":
            case.parked = status.detail
            there = [post for post in await self.world.posts(self.platform) if post["account"] == case.account]
            found = there[0]["post_id"] if there else None
            known = SdkHandle(self.world.client, handle)
            with suppress(InvalidInput):  # it has just been settled: the first word is on its way
                await outlasting(lambda: publications.settle(known, post_id=found, url="", by="the test"))
        elif status.stage == "needs_authorization":
            await self.world.add_account(self.platform, case.account)
            await outlasting(lambda: handle.signal("resume"))
        elif status.stage == "waiting":
            await self.world.new_day(self.platform, case.account)
            await outlasting(lambda: handle.signal("resume"))

    def _tell(self, waiting: int, under_way: list[Case]) -> None:
        stages = dict(Counter(case.stage or "new" for case in under_way))
        print(f"{time.strftime('%X')} {self.platform.value}: {waiting} to start, {stages}", file=sys.stderr)

    async def summary(self) -> dict[str, object]:
        """Counted by what the platform really has, not by what we believe."""
        posts = defaultdict(list)
        for post in await self.world.posts(self.platform):
            if not post.get("failed"):
                posts[post["account"]].append(post)
        once = doubled = lost = 0
        for case in self.cases:
            there = posts[case.account]
            whole = [post for post in there if post["sha256"] == self.world.shown_sha256(case.task)]
            believed = case.result is not None and case.result.status == "posted"
            doubled += len(there) > 1
            once += believed and len(there) == len(whole) == 1
            if len(there) != 1 or len(whole) != 1 or not believed:
                lost += len(there) <= 1
                print(f"\n{case.account}: {len(there)} there, {len(whole)} whole, {case.result}, {case.fault}, "
                      f"{case.stage}: {case.detail}", file=sys.stderr)  # fmt: skip
        reasons = Counter(case.parked for case in self.cases if case.parked)
        return {
            "platform": self.platform.value,
            "kind": "pictures" if self.pictures else "video",
            "publications": len(self.cases),
            "faults": len(self.cases) - await self._unspent(),
            "exactly_once": once,
            "doubled": doubled,
            "lost": lost,
            "parked": sum(reasons.values()),
            "parked_because": list(reasons),
            "retried": sum(case.retries for case in self.cases),
        }

    async def _unspent(self) -> int:
        """Faults that met no request of their kind."""
        answer = await self.world.http.get(f"{self.world.sandbox}/_control/faults")
        return sum(fault["platform"] == self.platform.value for fault in answer.json()["faults"])
