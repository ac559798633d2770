"""From a request to material that a reviewer agrees with: write, moderate, make, show, and again after a revision."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.content.records import FindPlace, Place, RecordDecision, Records
    from reelwright.domain.content.changes import TextChange
    from reelwright.domain.content.finished import NOTE_EFFECT, FinishedMaterial, doubts_of
    from reelwright.domain.content.media import MediaUse
    from reelwright.domain.content.remake import Takes, keeps_text, note_effect
    from reelwright.domain.content.request import ContentRequest, ReviewDecision
    from reelwright.domain.content.review_rules import ReviewRules
    from reelwright.domain.content.status import ReviewWanted, Stage
    from reelwright.domain.content.story import Material, ModerationVerdict, Story, WriteTask, pictures_told
    from reelwright.domain.formats import Platform
    from reelwright.domain.publishing.texts import ComposedTexts

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import Ended
    from ..publishing.distribution import plan_of
    from ..rendering.preview import Preview, previewed, shows_of
    from .board import Board
    from .budget import BudgetDesk
    from .finished import FinishedVideos
    from .open_question import OpenQuestion, Question
    from .production import Production
    from .review import ReviewDesk
    from .showing import Shown, composed, shown_of

FROM_TEMPLATE = "it was composed from templates and states nothing about its topic; auto-approval does not count for it"


TWO_PEOPLE = "the policy wants two people to approve it; auto-approval does not count for it"
AUTO_APPROVED = ReviewDecision(decision="approve", reviewer="auto-approve", note="asked for in the request")


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
        self.question = OpenQuestion(content_id)
        self.preview: Preview | None = None
        """What was rendered of the newest material before its review."""
        self._previous: Story | None = None
        self._rules = ReviewRules()
        self._texts: dict[Platform, TextChange] = {}
        """What reviewers have changed of the posts' texts."""

    @property
    def notes(self) -> tuple[str, ...]:
        """For the report: in which language a feed's entry is spoken, and why."""
        return self._production.notes

    async def reached(self, request: ContentRequest, rules: ReviewRules) -> Shown:
        """What was approved. Raises `Ended` when it was rejected or blocked."""
        self._rules = rules
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
            self.preview, self._previous = await self._previewed(request, material, seen), task.previous
            decision, shown = await self._review(request, material, seen, revision)
            self.question.close()
            if decision.decision == "approve":
                return shown
            if decision.decision == "reject":
                raise Ended(Stage.REJECTED, f"rejected by {decision.reviewer}: {decision.note or 'no reason given'}")
            revision += 1
            task = self._brought(task, decision)
            if decision.by_hand and workflow.patched("changed-by-hand"):
                task = await self._production.with_media(task)
            else:
                takes = takes.after(decision, story)
                if not (keeps_text(decision, story) and workflow.patched("revisions-of-pictures")):
                    task, story = task.revised(decision, story), None
            if revision - first >= policies.REVISIONS_PER_RUN and workflow.patched(f"continue-as-new-{revision}"):
                await self._continue(task, takes, revision)

    def _brought(self, task: WriteTask, decision: ReviewDecision) -> WriteTask:
        """Notes what the reviewer brings: texts of posts, and own pictures in place of scenes'."""
        for platform, change in decision.texts.items():
            before = self._texts.get(platform, change)
            self._texts[platform] = TextChange(title=change.title or before.title, text=change.text or before.text)
        if not decision.pictures:
            return task
        brought = {number: MediaUse(file=address) for number, address in decision.pictures.items()}
        request = task.request.model_copy(update={"media": {**task.request.media, **brought}})
        return task.model_copy(update={"request": request})

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
        found = await self._production.look(request, material)
        if not found.findings:
            return verdict
        reasons, findings = (*verdict.reasons, *found.reasons), (*verdict.findings, *found.findings)
        return verdict.model_copy(update={"decision": "review", "reasons": reasons, "findings": findings})

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
        self._texts = dict(place.texts)
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
            texts=self._texts,
        )
        await workflow.execute_activity_method(Records.keep_place, place, **policies.RECORD)
        workflow.continue_as_new(self._origin)

    async def _previewed(
        self, request: ContentRequest, material: Material | FinishedMaterial, verdict: ModerationVerdict
    ) -> Preview | None:
        """What is shown besides the material; nothing where no person is asked, and where there is no video to make."""
        shows = shows_of(self._rules)
        if shows == "material" or request.only_pictures or isinstance(material, FinishedMaterial):
            return None
        if self._approves_itself(request, material, verdict) or not workflow.patched("previews"):
            return None
        return await previewed(plan_of(self._id, request, material), shows, self._board)

    def _approves_itself(
        self, request: ContentRequest, material: Material | FinishedMaterial, verdict: ModerationVerdict
    ) -> bool:
        """Whether nothing speaks against the auto-approval that the request wants."""
        objections = (*self._objections(request, material), *doubts_of(material))
        return request.auto_approve and verdict.decision == "allow" and not objections

    async def _review(
        self,
        request: ContentRequest,
        material: Material | FinishedMaterial,
        verdict: ModerationVerdict,
        revision: int,
    ) -> tuple[ReviewDecision, Shown]:
        """A person decides; auto-approval stands in for one only where nothing speaks for a look."""
        # Before the stage: where it is shown, the question is, too.
        texts, found = await self._composed(request, material)
        self._board.enter(Stage.REVIEW)
        reasons = (*verdict.reasons, *self._objections(request, material))
        reasons += tuple(reason for reason in found if reason not in reasons)
        doubts = doubts_of(material)
        if doubts and workflow.patched("doubted-narrations"):
            reasons = (*reasons, *doubts)
            shown = self._shown(material, texts, reasons)
            decisions = await self._asked(request, shown, verdict, revision, reasons)
        else:
            shown = self._shown(material, texts, reasons)
            speaks = reasons != verdict.reasons
            if request.auto_approve and verdict.decision == "allow" and not speaks:
                decisions = (AUTO_APPROVED,)
            else:
                decisions = await self._asked(request, shown, verdict, revision, reasons)
        last = decisions[-1]
        self._board.step("review", f"{last.decision} by {' and '.join(said.reviewer for said in decisions)}")
        if len(decisions) > 1 and workflow.patched("two-people"):
            await self._record(shown, decisions[0])
        await self._record(shown, last)
        return last, shown.approved(decisions)

    async def _asked(
        self,
        request: ContentRequest,
        shown: Shown,
        verdict: ModerationVerdict,
        revision: int,
        reasons: tuple[str, ...],
    ) -> tuple[ReviewDecision, ...]:
        """What people decide about it."""
        artifact, preview = shown.artifact_sha256, self.preview
        self.question.ask(
            Question(request, shown.material, artifact, revision, verdict, self._previous, preview, shown.texts.texts)
        )
        return await self._desk.decide(self._wanted(shown, revision, reasons), self._rules)

    async def _record(self, shown: Shown, said: ReviewDecision) -> None:
        bound = said.artifact_sha256 is None and said != AUTO_APPROVED
        record = RecordDecision(content_id=self._id, artifact_sha256=shown.artifact_sha256, decision=said, bound=bound)
        await workflow.execute_activity_method(Records.record_decision, record, **policies.RECORD)

    def _objections(self, request: ContentRequest, material: Material | FinishedMaterial) -> tuple[str, ...]:
        """Why auto-approval does not count for it, beside moderation's reasons."""
        if not request.auto_approve:
            return ()
        template = material.story.template and not request.allow_template
        return (*((FROM_TEMPLATE,) if template else ()), *((TWO_PEOPLE,) if self._rules.second_person else ()))

    async def _composed(
        self, request: ContentRequest, material: Material | FinishedMaterial
    ) -> tuple[ComposedTexts | None, tuple[str, ...]]:
        """The posts' texts, and what moderation finds in those that reviewers have written; None in contents of
        earlier releases."""
        if not workflow.patched("reviewed-as-shown"):
            return None, ()
        texts = await composed(self._id, request, material, self._texts)
        written = [text for text in texts.texts if text.platform in self._texts]
        if not written:
            return texts, ()
        words = {place: said for text in written for place, said in text.words.items()}
        verdict = await self._production.moderate(request, material.story, words)
        return texts, verdict.reasons

    def _shown(
        self, material: Material | FinishedMaterial, texts: ComposedTexts | None, reasons: tuple[str, ...]
    ) -> Shown:
        """What is shown, with why a person has to look at it."""
        return Shown(material) if texts is None else shown_of(material, texts, reasons, self.preview)

    def _wanted(self, shown: Shown, revision: int, reasons: tuple[str, ...]) -> ReviewWanted:
        """The question to a person."""
        material, story = shown.material, shown.material.story
        finished = isinstance(material, FinishedMaterial)
        return ReviewWanted(
            artifact_sha256=shown.artifact_sha256,
            revision=revision,
            reasons=reasons,
            title=story.title,
            text=story.text or story.description,
            note_effect=NOTE_EFFECT if finished else note_effect(story),
            scenes=len(story.scenes),
            pictures=material.shown if isinstance(material, FinishedMaterial) else pictures_told(material),
            manifest=shown.manifest,
            texts=shown.texts.texts,
            thumbnails=tuple(file.sha256 for file in shown.thumbnails),
            own_pictures=shown.manifest is not None and not finished,
        )
