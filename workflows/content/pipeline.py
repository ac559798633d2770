"""ContentPipeline: from a request to posted videos."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.content.channels import Channels
    from activities.content.records import OpenContent, Records
    from reelwright.domain.channels.in_force import InForce, Inheriting
    from reelwright.domain.content.decision import ReviewDecision
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.review_rules import ReviewRules
    from reelwright.domain.content.shown import ShownMaterial
    from reelwright.domain.content.status import ContentResult, PipelineStatus, Stage
    from reelwright.domain.errors import InvalidInput
    from reelwright.domain.ids import check_content_workflow_id, content_id_of_workflow
    from reelwright.domain.publishing.posting import PublicationNews, missing_from
    from reelwright.domain.text.incoming import cut

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import Ended, as_failure, reason_of, translate
    from ..messages import REVIEW_BYTES, TakesMessages, answered, noted, started
    from ..publishing.distribution import place_in, post_everywhere, render
    from ..publishing.pictures import picture_orders
    from .agreement import Agreement
    from .board import Board
    from .budget import BudgetGate
    from .review import ReviewInbox

REQUEST = 'at least {"topic": "..."}'
DECISION = '{"decision": "approve", "reviewer": "..."} (or "reject", or "revise")'
NEWS_CHARS = 300


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class ContentPipeline(TakesMessages):
    """One content, from request to posts. docs/architecture.md has the picture of it."""

    @workflow.init
    @started(wants=REQUEST)
    def __init__(self, request: ContentRequest | None = None) -> None:
        self._request = request
        self._id = content_id_of_workflow(workflow.info().workflow_id)
        self._board = Board(self._id, request.channel if request else "default")
        self._inbox = ReviewInbox(self._board)
        self._budget = BudgetGate(self._board)
        self._agreement: Agreement | None = None
        self._rules = ReviewRules()

    @workflow.run
    @started(wants=REQUEST)
    async def run(self, request: ContentRequest) -> ContentResult:
        check_content_workflow_id(workflow.info().workflow_id)
        await self._open(request)
        try:
            agreement = self._agreement = Agreement(self._id, self._board, self._inbox, self._budget, request)
            request = self._request = await self._inherited(request)
            orders = await picture_orders(request)
            agreed = await agreement.reached(request, self._rules)
            material = agreed.material
            rendered = await render(self._id, request, material, self._board, agreement.reviewing.preview)
            posts = await post_everywhere(self._id, request, agreed, rendered, self._board, orders)
            missing = missing_from(posts)
            return await self._close(
                Stage.INCOMPLETE if missing else Stage.DONE,
                reason=missing,
                title=material.story.title,
                notice=material.story.notice,
                videos=rendered.videos,
                captions=rendered.captions,
                thumbnails=rendered.thumbnails,
                hls=rendered.hls,
                notes=(*agreement.notes, *rendered.notes),
                posts=tuple(posts),
            )
        except Ended as ended:
            return await self._close(Stage(ended.stage), reason=ended.reason)
        except (FailureError, asyncio.CancelledError) as error:
            if is_cancelled_exception(error):
                await self._close(Stage.CANCELLED, reason="cancelled by request")
                raise
            await self._close(Stage.FAILED, reason=reason_of(error))
            raise as_failure(error) from error

    # --- messages ---------------------------------------------------------------------------------------------------

    def ignored(self, text: str) -> None:
        """A message that was ignored shows on the board."""
        self._board.ignored(text)

    def refused(self, reason: str) -> None:
        """So does why the start was refused."""
        self._board.error = reason
        self._board.enter(Stage.FAILED)

    @workflow.signal
    @noted(wants=DECISION, limit=REVIEW_BYTES)
    async def review(self, decision: Any) -> None:
        """A reviewer's decision; what is wrong with it is noted on the board, since a signal cannot be refused."""
        self._inbox.take_signal(decision)

    @workflow.update
    @answered(wants=DECISION, limit=REVIEW_BYTES)
    async def submit_review(self, decision: ReviewDecision) -> PipelineStatus:
        """The same decision, answered: refused with the reason, or taken."""
        self._inbox.take(decision)
        return self._board.status()

    @submit_review.validator
    @answered(wants=DECISION, limit=REVIEW_BYTES)
    def _check_review(self, decision: ReviewDecision) -> None:
        self._inbox.refuse(decision)

    @workflow.signal
    @noted(wants="nothing")
    def budget_changed(self) -> None:
        """A budget was changed: purchases that wait for one look again."""
        self._budget.changed()

    @workflow.signal
    @noted(wants="what a publication of this content tells")
    def publication_news(self, news: PublicationNews) -> None:
        """A publication reports why it waits. Temporal does not name a signal's sender: it is accepted only for a
        publication that this content waits for."""
        if not self._is_publishing(news):
            raise InvalidInput(
                f"this content waits for no post to {news.platform.value} ({cut(news.account, 64)})", field="platform"
            )
        assert self._request is not None  # `_is_publishing` has looked
        where = place_in(self._request, news.platform, news.account)
        self._board.step(f"post to {where}", cut(news.text, NEWS_CHARS))

    def _is_publishing(self, news: PublicationNews) -> bool:
        if self._request is None or self._board.stage is not Stage.PUBLISHING:
            return False
        return (
            news.platform in self._request.platforms
            and news.account in self._request.accounts_on(news.platform)
            and not self._board.is_posted(news.platform, news.account)
        )

    @workflow.query
    @answered()
    def status(self) -> PipelineStatus:
        """Where this content is, for a person."""
        return self._board.status()

    @workflow.query
    @answered()
    def shown(self) -> ShownMaterial | None:
        """All that the open question to a reviewer is about: texts, files, findings, and the revision before. Null
        while nothing is up for review."""
        return self._agreement.reviewing.question.shown() if self._agreement else None

    # --- the process ------------------------------------------------------------------------------------------------

    async def _open(self, request: ContentRequest) -> None:
        opening = OpenContent(content_id=self._id, workflow_id=workflow.info().workflow_id, request=request)
        try:
            await workflow.execute_activity_method(Records.open_content, opening, **policies.RECORD)
        except FailureError as error:
            raise as_failure(error) from error

    async def _inherited(self, request: ContentRequest) -> ContentRequest:
        """The request with what it has from its channel: the same in every run of this content, as it is on record."""
        if not workflow.patched("channels"):
            return request
        asked = Inheriting.of(self._id, request)
        found: InForce = await workflow.execute_activity_method(Channels.resolve_channel, asked, **policies.RECORD)
        if found.version:
            self._board.step("channel", found.label)
        if found.policy is not None:
            self._rules = found.policy.review
        try:
            return found.applied_to(request)
        except InvalidInput as error:
            raise translate(error) from error

    async def _close(self, stage: Stage, *, reason: str = "", **made: Any) -> ContentResult:
        """Files the result; the board shows the final stage only when the books do."""
        result = ContentResult(
            content_id=self._id, workflow_id=workflow.info().workflow_id, status=stage, reason=reason, **made
        )
        filed = await workflow.execute_activity_method(Records.close_content, result, **policies.RECORD)
        self._board.error = reason
        self._board.enter(stage)
        return filed
