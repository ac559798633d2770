"""From a request to material that a reviewer agrees with: write, moderate, make, show, and again after a revision."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.content.records import FindPlace, Place, Records
    from reelwright.domain.content.decision import ReviewDecision
    from reelwright.domain.content.media import MediaUse
    from reelwright.domain.content.remake import Takes, keeps_text
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.review_rules import ReviewRules
    from reelwright.domain.content.seen import joined
    from reelwright.domain.content.status import Stage
    from reelwright.domain.content.story import ModerationVerdict, Story, WriteTask

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import Ended
    from .board import Board
    from .budget import BudgetGate
    from .finished import FinishedVideos
    from .intake import Intake
    from .production import Production
    from .review import ReviewInbox
    from .reviewing import Reviewing
    from .showing import AnyMaterial, Shown


class Agreement:
    """Makes and shows until a reviewer agrees. A revision makes anew only what it changes."""

    def __init__(
        self, content_id: str, board: Board, inbox: ReviewInbox, budget: BudgetGate, origin: ContentRequest
    ) -> None:
        """`origin` is the request as it came, with which another run goes on: it opens the same content."""
        self._id = content_id
        self._board = board
        self._budget = budget
        self._origin = origin
        self._intake = Intake(content_id, board)
        self._production = Production(content_id, board, budget, self._intake)
        self._finished: FinishedVideos | None = None
        self.reviewing = Reviewing(content_id, board, inbox, self._production)

    @property
    def notes(self) -> tuple[str, ...]:
        """For the report: in which language a feed's entry is spoken, and why."""
        return self._intake.notes

    async def reached(self, request: ContentRequest, rules: ReviewRules) -> Shown:
        """What was approved. Raises `Ended` when it was rejected or blocked."""
        self.reviewing.rules = rules
        task, takes, revision = await self._begin(request)
        if request.video:
            self._finished = FinishedVideos(self._id, self._board)
        first = revision
        story: Story | None = None
        while True:
            if story is None:
                task = await self._intake.with_media(task)
                story = await self._written(task)
                verdict = await self._production.moderate(task.request, story)
                if revision == 0 and not request.video:  # a revision makes only what it changes
                    await self._budget.estimate_material(self._id, task.request, story, self._intake.taken)
            material = await self._made(request, story, takes)
            seen = await self._seen(request, material, verdict)
            decision, shown = await self.reviewing.decided(request, material, seen, task.previous, revision)
            if decision.decision == "approve":
                return shown
            if decision.decision == "reject":
                raise Ended(Stage.REJECTED, f"rejected by {decision.reviewer}: {decision.note or 'no reason given'}")
            revision += 1
            task = self._brought(task, decision)
            if decision.by_hand and workflow.patched("changed-by-hand"):
                task = await self._intake.with_media(task)
            else:
                takes = takes.after(decision, story)
                if not (keeps_text(decision, story) and workflow.patched("revisions-of-pictures")):
                    task, story = task.revised(decision, story), None
            if revision - first >= policies.REVISIONS_PER_RUN and workflow.patched(f"continue-as-new-{revision}"):
                await self._continue(task, takes, revision)

    def _brought(self, task: WriteTask, decision: ReviewDecision) -> WriteTask:
        """Notes what the reviewer brings: texts of posts, and own pictures in place of scenes'."""
        self.reviewing.note_texts(decision)
        if not decision.pictures:
            return task
        brought = {number: MediaUse(file=address) for number, address in decision.pictures.items()}
        request = task.request.model_copy(update={"media": {**task.request.media, **brought}})
        return task.model_copy(update={"request": request})

    async def _written(self, task: WriteTask) -> Story:
        """The words of the task; before them its finished videos are checked, if it has any."""
        if self._finished is not None and workflow.patched("finished-videos"):
            await self._finished.take(task.request, self._intake.taken)
            if task.request.script is None:
                return self._finished.story(task.request)
        return await self._production.write(task)

    async def _made(self, request: ContentRequest, story: Story, takes: Takes) -> AnyMaterial:
        if self._finished is not None and workflow.patched("finished-videos"):
            return await self._finished.material(request, story)
        return await self._production.make(request, story, takes)

    async def _seen(
        self, request: ContentRequest, material: AnyMaterial, verdict: ModerationVerdict
    ) -> ModerationVerdict:
        """The verdict with what is found on the pictures."""
        if not workflow.patched("moderated-material"):
            return verdict
        return joined(verdict, await self._production.look(request, material))

    async def _begin(self, request: ContentRequest) -> tuple[WriteTask, Takes, int]:
        """The task, the takes to make, and the number of revisions before; a run that continues another starts where
        that one stopped."""
        before = workflow.info().continued_run_id
        if before is None:
            await self._intake.check_style(request)
            request = await self._intake.with_item(request)
            await self._intake.check_voices(request)
            task = WriteTask(content_id=self._id, request=request)
            if not request.video:  # posted as it is: nothing is bought
                await self._budget.estimate(task)
            return task, Takes(), 0
        asked = FindPlace(content_id=self._id, run_id=before)
        place = await workflow.execute_activity_method(Records.find_place, asked, **policies.RECORD)
        self._board.resume(place.board)
        self.reviewing.texts = dict(place.texts)
        return place.task, place.takes, place.revision

    async def _continue(self, task: WriteTask, takes: Takes, revision: int) -> None:
        """Goes on in a new run: many revisions have made this one's history long."""
        run_id = workflow.info().run_id
        place = Place(
            content_id=self._id,
            run_id=run_id,
            task=task,
            takes=takes,
            revision=revision,
            board=self._board.state(),
            texts=self.reviewing.texts,
        )
        await workflow.execute_activity_method(Records.keep_place, place, **policies.RECORD)
        workflow.continue_as_new(self._origin)
