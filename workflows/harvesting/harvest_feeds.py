"""HarvestFeeds: reads the sources that are due, and starts a content for each new item, once."""

from __future__ import annotations

import asyncio

from temporalio import workflow
from temporalio.common import VersioningBehavior, WorkflowIDReusePolicy
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.harvesting.harvesting import Harvesting
    from reelwright.domain.feeds.harvest import (
        ClaimedItem,
        ClaimedRequest,
        ContentOfItem,
        DueSources,
        HarvestProgress,
        HarvestRequest,
        HarvestResult,
        MarkStarted,
        ReadSource,
        SourceHarvest,
    )
    from reelwright.domain.ids import content_workflow_id
    from reelwright.domain.text.incoming import cut

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import details, policies
    from ..failures import reason_of
    from ..messages import answered, started

WANTS = '{} for all sources that are due, or {"sources": ["name"]}'
PIPELINE = "ContentPipeline"
ERROR_CHARS = 300
SUMMARY_CHARS = 80


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class HarvestFeeds:
    """One harvest. A claimed item has the id of its content on record before the content is started: whoever comes to
    it again, this run after a crash or the next one, starts the same id, and Temporal refuses a second start."""

    @workflow.init
    @started(wants=WANTS)
    def __init__(self, request: HarvestRequest) -> None:
        self._names: tuple[str, ...] = ()
        self._read: dict[str, SourceHarvest] = {}
        self._started: list[str] = []
        self._found: list[str] = []
        self._not_started: dict[str, str] = {}

    @workflow.run
    @started(wants=WANTS)
    async def run(self, request: HarvestRequest) -> HarvestResult:
        due: DueSources = await workflow.execute_activity_method(Harvesting.due_sources, request, **policies.RECORD)
        self._names = due.names
        self._show()
        turns = asyncio.Semaphore(policies.HARVEST_AT_ONCE)
        await asyncio.gather(*(self._harvest(name, turns) for name in due.names))
        return HarvestResult(
            sources=tuple(self._read[name] for name in due.names),
            started=tuple(self._started),
            found_started=tuple(self._found),
            not_started=self._not_started,
        )

    @workflow.query
    @answered()
    def progress(self) -> HarvestProgress:
        """How far it is."""
        return HarvestProgress(
            sources=len(self._names),
            read=len(self._read),
            started=len(self._started),
            failed=tuple(name for name, one in self._read.items() if one.outcome == "failed"),
        )

    async def _harvest(self, name: str, turns: asyncio.Semaphore) -> None:
        """One source, from its feed to its contents. Its failure is its own: the others go on."""
        async with turns:
            try:
                found: SourceHarvest = await workflow.execute_activity_method(
                    Harvesting.read_source, ReadSource(name=name), summary=name, **policies.HARVEST
                )
            except FailureError as error:
                if is_cancelled_exception(error):
                    raise
                found = SourceHarvest(name=name, outcome="failed", error=cut(reason_of(error), ERROR_CHARS))
            self._read[name] = found
            self._show()
            for item in found.claimed:
                await self._start(item)
            self._show()

    async def _start(self, item: ClaimedItem) -> None:
        """Starts the item's content and notes it. A failure leaves the item claimed, for the next harvest."""
        try:
            claimed: ClaimedRequest = await workflow.execute_activity_method(
                Harvesting.claimed_request, ContentOfItem(content_id=item.content_id), **policies.RECORD
            )
            if claimed.request is None:  # paused or removed meanwhile, or started by another harvest
                return
            new = await self._begin(item.content_id, claimed)
            await workflow.execute_activity_method(
                Harvesting.mark_started, MarkStarted(content_id=item.content_id), **policies.RECORD
            )
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            self._not_started[item.content_id] = cut(reason_of(error), ERROR_CHARS)
            return
        (self._started if new else self._found).append(item.content_id)

    async def _begin(self, content_id: str, claimed: ClaimedRequest) -> bool:
        """Whether the content began now; False when it was started before, whatever has become of it since."""
        title = cut(claimed.title, SUMMARY_CHARS)
        try:
            await workflow.start_child_workflow(
                PIPELINE,
                claimed.request,
                id=content_workflow_id(content_id),
                task_queue=policies.MAIN_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=ParentClosePolicy.ABANDON,
                memo={"request_sha256": claimed.sha256, "title": title},
                static_summary=f"item: {title}",
            )
        except WorkflowAlreadyStartedError:
            return False
        return True

    def _show(self) -> None:
        """In the UI."""
        rows = [(name, _told(one)) for name, one in self._read.items()]
        heading = (
            f"**Harvest**: {len(self._read)} of {len(self._names)} sources read, {len(self._started)} contents started"
        )
        details.show(heading, ("source", "outcome"), rows, self._not_started.values())


def _told(one: SourceHarvest) -> str:
    """A source's harvest in one line."""
    if one.error:
        return f"{one.outcome}: {one.error}"
    counts = (("claimed", len(one.claimed)), ("duplicates", one.duplicates), ("filtered", one.filtered))
    more = (("failed", one.failed), ("left for later", one.left))
    return ", ".join([one.outcome, *(f"{number} {name}" for name, number in (*counts, *more) if number)])
