"""How a publication waits: for time, quota, a paused platform, a lapsed authorisation, an open outcome, a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.publishing.quota import QuotaBooking
    from reelwright.domain.errors import PlatformTransient
    from reelwright.domain.publishing.posting import PublicationStatus, PublishTask, SpentQuota
    from reelwright.domain.publishing.quota import Booking, Slot

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import Failure, read, translate
    from ..versions import changed_from_here
    from .board import PublicationBoard


class StepRunner:
    """Runs a publication's steps on its platform's queue, and waits out what stands in their way."""

    def __init__(self, task: PublishTask) -> None:
        self._task = task
        self._label = task.draft.platform.label
        self.board = PublicationBoard(task)
        self._woken = False
        self._waits = 0
        self._queue = policies.publish_queue(task.draft.platform.value)
        self._booking: Booking | None = None

    # --- messages from people ---------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Whatever is waited for may have changed."""
        self._woken = True

    def status(self) -> PublicationStatus:
        """For the query."""
        return self.board.status()

    @property
    def booked(self) -> str:
        """The key of the booking that stands, or ""."""
        return self._booking.key if self._booking else ""

    # --- steps and waits --------------------------------------------------------------------------------------------

    async def call(self, activity: Callable[..., Any], arg: Any, **options: Any) -> Any:
        """An activity's result, on the platform's own queue."""
        return await workflow.execute_activity_method(activity, arg, task_queue=self._queue, **options)

    async def step(self, activity: Callable[..., Any], arg: Any, *, stage: str = "", **options: Any) -> Any:
        """An activity's result. A pause, a spent quota and a lapsed authorisation are waited out, and it is made
        again; every other failure is the caller's."""
        for turn in range(policies.TURNS):
            if stage:
                self.board.enter(stage)
            try:
                return await self.call(activity, arg, **options)
            except ActivityError as error:
                if not await self._waited_out(read(error), turn):
                    raise
        raise translate(PlatformTransient(f"{self._label}: stopped {policies.TURNS} times"))

    async def cleared(self, booking: Booking) -> None:
        """Sleeps until the ledger has a place: one durable timer, however many others wait."""
        self._booking = booking
        while True:
            slot: Slot = await self.call(QuotaBooking.reserve_quota, booking, **policies.RECORD)
            if slot.granted:
                return
            # Never sooner than in a second: the ledger's clock may be behind ours.
            soonest = workflow.now() + timedelta(seconds=1)
            await self.wait("waiting", slot.why or "its time has not come", until=max(slot.at, soonest))

    async def _waited_out(self, failure: Failure, turn: int) -> bool:
        """Whether it was something to wait out. A booking is made sure of afterwards: one that was long held may have
        been given to others."""
        check = policies.pause_check(turn)
        if failure.waits_for == "quota":
            bucket, until = failure.details["bucket"], failure.details["until"]
            spent = SpentQuota(task=self._task, booking=self.booked, bucket=bucket, until=until)
            await self.call(QuotaBooking.note_spent, spent, **policies.RECORD)
            if self._booking is None:
                await self.wait("waiting", failure.message, until=spent.until)
        elif failure.waits_for == "resume":
            await self.wait("paused", failure.message, runner=check)
        elif failure.waits_for in policies.WANTS:
            stage, wants = policies.WANTS[failure.waits_for]
            wants = wants.format(platform=self._label, account=self._task.draft.account)
            await self.board.call(wants, failure.message)
            await self.wait(stage, failure.message, runner=check, wants=wants)
        else:
            return False
        if self._booking:
            await self.cleared(self._booking)
        return True

    async def until_woken(self, stage: str, why: str, *, wants: str, or_else: Callable[[], bool]) -> None:
        """Waits without a time limit until a message to check again, or until something else has come."""
        await self._show_wait(stage, why, wants=wants, long=True)
        await workflow.wait_condition(lambda: self._woken or or_else())

    async def wait(
        self, stage: str, why: str, *, until: datetime | None = None, runner: timedelta | None = None, wants: str = ""
    ) -> None:
        """Sleeps on one durable timer until then, or until a message to check again."""
        length = until - workflow.now() if until else runner
        if length is not None and length <= timedelta():
            return
        long = length is None or length > policies.LONG_WAIT
        await self._show_wait(stage, why, until=until, wants=wants, long=long)
        try:
            await workflow.wait_condition(
                lambda: self._woken, timeout=length, timeout_summary=self.board.summary(why, until)
            )
        except TimeoutError:
            return

    async def _show_wait(self, stage: str, why: str, *, long: bool, wants: str, until: datetime | None = None) -> None:
        """Reports that a wait begins. A message that arrives during the report ends the wait."""
        self._woken, self._waits = False, self._waits + 1
        await self.board.waits(stage, why, until=until, wants=wants, long=long)
        if self._woken and not changed_from_here("woken-while-told", self._waits):
            self._woken = False
