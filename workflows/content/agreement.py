"""From a request to material that a reviewer agrees with: write, moderate, make, show, and again after a revision."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.content.records import FindPlace, Place, RecordDecision, Records
    from reelwright.domain.content.finished import NOTE_EFFECT, FinishedMaterial, doubts_of
    from reelwright.domain.content.remake import Takes, keeps_text, note_effect
    from reelwright.domain.content.request import ContentRequest, ReviewDecision
    from reelwright.domain.content.status import ReviewWanted, Stage
    from reelwright.domain.content.story import Material, ModerationVerdict, Story, WriteTask, pictures_told
    from reelwright.domain.ids import sha256_of

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import Ended
    from .board import Board
    from .budget import BudgetDesk
    from .finished import FinishedVideos
    from .production import Production
    from .review import ReviewDesk

FROM_TEMPLATE = "it was composed from templates and states nothing about its topic; auto-approval does not count for it"


class Agreement:
    """Makes and shows until a reviewer agrees. A revision makes anew only what it changes."""

    def __init__(
        self, content_id: str, board: Board, desk: ReviewDesk, budget: BudgetDesk, origin: ContentRequest
    ) -> None:
        """`origin` is the request as it came, with which another run goes on: it opens the same content."""
        self._id = content_id
        self._board = board
        self._desk = desk
        self._budget = budget
        self._origin = origin
        self._production = Production(content_id, board, budget)
        self._finished: FinishedVideos | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """For the report: in which language a feed's entry is spoken, and why."""
        return self._production.notes

    async def reached(self, request: ContentRequest) -> Material | FinishedMaterial:
        """The approved material. Raises `Ended` when it was rejected or blocked."""
        task, takes, revision = await self._begin(request)
        if request.video:
            self._finished = FinishedVideos(self._id, self._board)
        first = revision
        story: Story | None = None
        while True:
            if story is None:
                task = await self._production.with_media(task)
                story = await self._written(task)
                verdict = await self._production.moderate(task.request, story)
            material = await self._made(request, story, takes)
            seen = await self._seen(request, material, verdict)
            decision = await self._review(request, material, seen, revision)
            if decision.decision == "approve":
                return material
            if decision.decision == "reject":
                raise Ended(Stage.REJECTED, f"rejected by {decision.reviewer}: {decision.note or 'no reason given'}")
            takes, revision = takes.after(decision, story), revision + 1
            if not (keeps_text(decision, story) and workflow.patched("revisions-of-pictures")):
                task, story = task.revised(decision, story), None
            if revision - first >= policies.REVISIONS_PER_RUN and workflow.patched(f"continue-as-new-{revision}"):
                await self._continue(task, takes, revision)

    async def _written(self, task: WriteTask) -> Story:
        """The words of the task; before them its finished videos are checked, if it has any."""
        if self._finished is not None and workflow.patched("finished-videos"):
            await self._finished.take(task.request, self._production.taken)
            if task.request.script is None:
                return self._finished.story(task.request)
        return await self._production.write(task)

    async def _made(self, request: ContentRequest, story: Story, takes: Takes) -> Material | FinishedMaterial:
        if self._finished is not None and workflow.patched("finished-videos"):
            return await self._finished.material(request, story)
        return await self._production.make(request, story, takes)

    async def _seen(
        self, request: ContentRequest, material: Material | FinishedMaterial, verdict: ModerationVerdict
    ) -> ModerationVerdict:
        """The verdict with what is found on the pictures."""
        if not workflow.patched("moderated-material"):
            return verdict
        reasons = await self._production.look(request, material)
        decision = "review" if reasons else verdict.decision
        return verdict.model_copy(update={"decision": decision, "reasons": (*verdict.reasons, *reasons)})

    async def _begin(self, request: ContentRequest) -> tuple[WriteTask, Takes, int]:
        """The task, the takes to make, and the number of revisions before; a run that continues another starts where
        that one stopped."""
        before = workflow.info().continued_run_id
        if before is None:
            await self._production.check_style(request)
            request = await self._production.with_item(request)
            await self._production.check_voices(request)
            task = WriteTask(content_id=self._id, request=request)
            if not request.video:  # posted as it is: nothing is bought
                await self._budget.estimate(task)
            return task, Takes(), 0
        asked = FindPlace(content_id=self._id, run_id=before)
        place = await workflow.execute_activity_method(Records.find_place, asked, **policies.RECORD)
        self._board.resume(place.board)
        return place.task, place.takes, place.revision

    async def _continue(self, task: WriteTask, takes: Takes, revision: int) -> None:
        """Goes on in a new run: many revisions have made this one's history long."""
        run_id = workflow.info().run_id
        place = Place(
            content_id=self._id, run_id=run_id, task=task, takes=takes, revision=revision, board=self._board.state()
        )
        await workflow.execute_activity_method(Records.keep_place, place, **policies.RECORD)
        workflow.continue_as_new(self._origin)

    async def _review(
        self,
        request: ContentRequest,
        material: Material | FinishedMaterial,
        verdict: ModerationVerdict,
        revision: int,
    ) -> ReviewDecision:
        """A person decides; auto-approval stands in for one only where nothing speaks for a look."""
        self._board.enter(Stage.REVIEW)
        artifact, story = sha256_of(material), material.story
        template = request.auto_approve and story.template and not request.allow_template
        reasons = (*verdict.reasons, FROM_TEMPLATE) if template else verdict.reasons
        doubts = doubts_of(material)
        if doubts and workflow.patched("doubted-narrations"):
            decision = await self._asked(artifact, material, revision, (*reasons, *doubts))
        elif request.auto_approve and verdict.decision == "allow" and not template:
            decision = ReviewDecision(decision="approve", reviewer="auto-approve", note="asked for in the request")
        else:
            decision = await self._asked(artifact, material, revision, reasons)
        self._board.step("review", f"{decision.decision} by {decision.reviewer}")
        record = RecordDecision(content_id=self._id, artifact_sha256=artifact, decision=decision)
        await workflow.execute_activity_method(Records.record_decision, record, **policies.RECORD)
        return decision

    async def _asked(
        self, artifact: str, material: Material | FinishedMaterial, revision: int, reasons: tuple[str, ...]
    ) -> ReviewDecision:
        """A person's decision on the material."""
        story, finished = material.story, isinstance(material, FinishedMaterial)
        wanted = ReviewWanted(
            artifact_sha256=artifact,
            revision=revision,
            reasons=reasons,
            title=story.title,
            text=story.text or story.description,
            note_effect=NOTE_EFFECT if finished else note_effect(story),
            scenes=len(story.scenes),
            pictures=material.shown if isinstance(material, FinishedMaterial) else pictures_told(material),
        )
        return await self._desk.decide(wanted)
