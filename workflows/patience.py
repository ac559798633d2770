"""How a publication waits: for time, quota, a paused platform, a lapsed authorisation, an open outcome, a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.clearance import Clearance
    from activities.publishing import Publishing
    from reelwright.domain.posting import (
        Processing,
        ProcessingState,
        PublicationStatus,
        PublishedPost,
        PublishTask,
        Settlement,
        SettleTask,
        SpentQuota,
    )

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from . import policies
    from .bulletin import Bulletin


class Patience:
    """Runs a publication's steps on its platform's queue, and waits out what stands in their way."""

    def __init__(self, task: PublishTask) -> None:
        self._task = task
        self._label = task.draft.platform.label
        self._board = Bulletin(task)
        self._woken = False
        self._settlement: Settlement | None = None
        self._queue = policies.publish_queue(task.draft.platform.value)
        self.post = PublishedPost(post_id="")

    # --- what people say --------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Whatever is waited for may have changed."""
        self._woken = True

    def settle(self, settlement: Settlement) -> None:
        """A person's word on an open outcome; one without an id is noted and not taken."""
        if settlement.posted and not settlement.post_id:
            self._board.note("`posted` came without the post's id and was not taken")
            return
        self._settlement = settlement

    def status(self) -> PublicationStatus:
        """For the query."""
        return self._board.status()

    # --- steps and waits --------------------------------------------------------------------------------------------

    async def call(self, activity: Callable[..., Any], arg: Any, **options: Any) -> Any:
        """An activity's result, on the platform's own queue."""
        return await workflow.execute_activity_method(activity, arg, task_queue=self._queue, **options)

    async def step(self, activity: Callable[..., Any], arg: Any, *, stage: str = "", **options: Any) -> Any:
        """An activity's result. A pause, a spent quota and a lapsed authorisation are waited out, and it is made
        again; every other failure is the caller's."""
        for turn in range(policies.TURNS):
            if stage:
                self._board.enter(stage)
            try:
                return await self.call(activity, arg, **options)
            except ActivityError as error:
                cause = error.cause
                if not isinstance(cause, ApplicationError) or not await self._waited_out(cause, turn):
                    raise
        raise ApplicationError(f"{self._label}: stopped {policies.TURNS} times", type="PlatformTransient")

    async def _waited_out(self, cause: ApplicationError, turn: int) -> bool:
        if cause.type == "QuotaExhausted":
            details = cause.details[0]
            spent = SpentQuota(task=self._task, bucket=details["bucket"], until=details["until"])
            await self.call(Clearance.note_spent, spent, **policies.RECORD)
            await self.wait("waiting", cause.message, until=spent.until)
        elif cause.type == "PlatformPaused":
            await self.wait("paused", cause.message, patience=policies.pause_check(turn))
        elif cause.type == "NeedsAuthorization":
            wants = f"authorise {self._label} account {self._task.draft.account!r} again"
            await self._board.call(wants, cause.message)
            await self.wait("needs_authorization", cause.message, patience=policies.pause_check(turn), wants=wants)
        else:
            return False
        return True

    async def wait(
        self, stage: str, why: str, *, until: datetime | None = None, patience: timedelta | None = None, wants: str = ""
    ) -> None:
        """Sleeps on one durable timer until then, or until somebody says to look again."""
        length = until - workflow.now() if until else patience
        if length is not None and length <= timedelta():
            return
        await self._board.waits(
            stage, why, until=until, wants=wants, long=length is None or length > policies.LONG_WAIT
        )
        self._woken = False
        try:
            await workflow.wait_condition(
                lambda: self._woken, timeout=length, timeout_summary=self._board.summary(why, until)
            )
        except TimeoutError:
            return

    # --- the longer roads -------------------------------------------------------------------------------------------

    async def uploaded(self) -> None:
        """Uploads, and waits until the platform has processed what it was sent; a fresh upload where that may help."""
        for _ in range(policies.TAKES):
            await self.step(Publishing.upload_video, self._task, stage="uploading", **policies.UPLOAD)
            reading = await self._read(
                Publishing.read_ready, self._task, stage="processing", waits=policies.READY_WAITS
            )
            if reading.state is ProcessingState.LIVE:
                return
            if reading.state is ProcessingState.PROCESSING:
                raise ApplicationError(
                    f"{self._label} has not processed the video in a day", type="PlatformTransient", non_retryable=True
                )
            if not reading.again:
                break
        raise ApplicationError(
            f"{self._label} cannot use the video: {reading.reason}", type="PostRejected", non_retryable=True
        )

    async def processed(self, post: PublishedPost) -> Processing:
        """What the platform makes of the post; one that is still processing after hours is left as posted."""
        return await self._read(
            Publishing.read_processing, self._task, stage="processing", waits=policies.PROCESSING_WAITS
        )

    async def _read(
        self, activity: Callable[..., Any], arg: Any, *, stage: str, waits: tuple[timedelta, ...]
    ) -> Processing:
        for wait in waits:
            reading: Processing = await self.step(activity, arg, stage=stage, **policies.ASK_PLATFORM)
            if reading.state is not ProcessingState.PROCESSING:
                return reading
            await workflow.sleep(wait, summary=f"{self._label} is processing the video")
        return reading

    async def settled(self) -> PublishedPost | None:
        """The post, or None when it is certain that there is none. Asks the platform for about a day; then, or where no
        read can tell, it is a person's to say, and nothing is posted meanwhile."""
        self._settlement = None
        for wait in policies.RECONCILE_WAITS:
            if wait:
                await self.wait("reconciling", "looking for the post on the platform", patience=wait)
            found = await self.step(Publishing.reconcile_post, self._task, stage="reconciling", **policies.ASK_PLATFORM)
            if found.outcome in ("posted", "absent"):
                return found.post  # type: ignore[no-any-return]
            if found.outcome == "untold":
                break
        return await self._parked(found.reason or "it does not list the post, and does not say that there is none")

    async def _parked(self, reason: str) -> PublishedPost | None:
        wants = "look at the account, then `reelwright settle`"
        why = f"{self._label} does not tell whether the post was made: {reason}"
        await self._board.call(wants, why)
        await self._board.waits("parked", why, wants=wants, long=True)
        while self._settlement is None:
            self._woken = False
            await workflow.wait_condition(lambda: self._woken or self._settlement is not None)
            if self._settlement is None:
                looked = await self.call(Publishing.reconcile_post, self._task, **policies.ASK_PLATFORM)
                if looked.outcome in ("posted", "absent"):
                    return looked.post  # type: ignore[no-any-return]
        settle = SettleTask(task=self._task, settlement=self._settlement)
        post: PublishedPost | None = await self.call(Publishing.settle_post, settle, **policies.RECORD)
        self._board.note(f"settled by {self._settlement.by or 'a person'}: {'posted' if post else 'not posted'}")
        return post

    # --- the end ----------------------------------------------------------------------------------------------------

    def enter(self, stage: str, detail: str = "") -> None:
        """A new stage, for the people who watch."""
        self._board.enter(stage, detail)

    def found(self, post: PublishedPost) -> PublishedPost:
        """The post as it is known now."""
        self.post = post
        self._board.post = post
        return post

    async def done(self, post: PublishedPost, notes: tuple[str, ...]) -> None:
        """Posted, and told."""
        for note in notes:
            self._board.note(note)
        await self._board.end("posted", post.url or post.post_id, level="good")

    async def failed(self, reason: str) -> None:
        """Not posted, and told why."""
        await self._board.end("failed", reason, level="bad")
