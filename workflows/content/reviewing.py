"""A review: what is shown of the material, what is asked, what was decided and recorded."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.content.records import RecordDecision, Records
    from reelwright.domain.content.changes import TextChange
    from reelwright.domain.content.decision import ReviewDecision
    from reelwright.domain.content.finished import NOTE_EFFECT, FinishedMaterial, doubts_of
    from reelwright.domain.content.material_lines import pictures_told
    from reelwright.domain.content.remake import note_effect
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.review_rules import ReviewRules
    from reelwright.domain.content.seen import SeenFindings, joined
    from reelwright.domain.content.status import ReviewWanted, Stage
    from reelwright.domain.content.story import ModerationVerdict, Story
    from reelwright.domain.formats import Platform
    from reelwright.domain.publishing.texts import ComposedTexts

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..publishing.distribution import plan_of
    from ..rendering.preview import Preview, previewed
    from .board import Board
    from .open_question import OpenQuestion, Question
    from .production import Production
    from .review import ReviewInbox
    from .showing import AnyMaterial, Shown, composed, shown_of

FROM_TEMPLATE = "it was composed from templates and states nothing about its topic; auto-approval does not count for it"
TWO_PEOPLE = "the policy wants two people to approve it; auto-approval does not count for it"
AUTO_APPROVED = ReviewDecision(decision="approve", reviewer="auto-approve", note="asked for in the request")


class Reviewing:
    """The reviews of a content, one for each revision."""

    def __init__(self, content_id: str, board: Board, inbox: ReviewInbox, production: Production) -> None:
        self._id = content_id
        self._board = board
        self._inbox = inbox
        self._production = production
        self.rules = ReviewRules()
        self.question = OpenQuestion(content_id)
        self.preview: Preview | None = None
        """What was rendered of the newest material before its review."""
        self.texts: dict[Platform, TextChange] = {}
        """What reviewers have changed of the posts' texts."""

    async def decided(
        self,
        request: ContentRequest,
        material: AnyMaterial,
        verdict: ModerationVerdict,
        previous: Story | None,
        revision: int,
    ) -> tuple[ReviewDecision, Shown]:
        """What is decided about the material, and what was shown of it. `previous` is the story before a revision."""
        self.preview = await self._previewed(request, material, verdict)
        decided = await self._review(request, material, verdict, previous, revision)
        self.question.close()
        return decided

    def note_texts(self, decision: ReviewDecision) -> None:
        """Notes the texts of posts that a reviewer has written."""
        for platform, change in decision.texts.items():
            before = self.texts.get(platform, change)
            self.texts[platform] = TextChange(title=change.title or before.title, text=change.text or before.text)

    async def _previewed(
        self, request: ContentRequest, material: AnyMaterial, verdict: ModerationVerdict
    ) -> Preview | None:
        """What is shown besides the material; nothing where no person is asked, and where there is no video to make."""
        shows = self.rules.shows
        if shows == "material" or request.only_pictures or isinstance(material, FinishedMaterial):
            return None
        if self._approves_itself(request, material, verdict) or not workflow.patched("previews"):
            return None
        return await previewed(plan_of(self._id, request, material), shows, self._board)

    def _approves_itself(self, request: ContentRequest, material: AnyMaterial, verdict: ModerationVerdict) -> bool:
        """Whether nothing speaks against the auto-approval that the request wants."""
        objections = (*self._objections(request, material), *doubts_of(material))
        return request.auto_approve and verdict.decision == "allow" and not objections

    async def _review(
        self,
        request: ContentRequest,
        material: AnyMaterial,
        verdict: ModerationVerdict,
        previous: Story | None,
        revision: int,
    ) -> tuple[ReviewDecision, Shown]:
        """A person decides; auto-approval stands in for one only where nothing speaks for a look."""
        # Before the stage: where it is shown, the question is, too.
        texts, verdict = await self._composed(request, material, verdict)
        self._board.enter(Stage.REVIEW)
        reasons = (*verdict.reasons, *self._objections(request, material))
        doubts = doubts_of(material)
        if doubts and workflow.patched("doubted-narrations"):
            reasons = (*reasons, *doubts)
            shown = self._shown(material, texts, reasons)
            decisions = await self._asked(request, shown, verdict, previous, revision, reasons)
        else:
            shown = self._shown(material, texts, reasons)
            speaks = reasons != verdict.reasons
            if request.auto_approve and verdict.decision == "allow" and not speaks:
                decisions = (AUTO_APPROVED,)
            else:
                decisions = await self._asked(request, shown, verdict, previous, revision, reasons)
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
        previous: Story | None,
        revision: int,
        reasons: tuple[str, ...],
    ) -> tuple[ReviewDecision, ...]:
        """What people decide about it."""
        artifact, preview = shown.artifact_sha256, self.preview
        self.question.ask(
            Question(request, shown.material, artifact, revision, verdict, previous, preview, shown.texts.texts)
        )
        return await self._inbox.decide(self._wanted(shown, revision, reasons), self.rules)

    async def _record(self, shown: Shown, said: ReviewDecision) -> None:
        bound = said.artifact_sha256 is None and said != AUTO_APPROVED
        record = RecordDecision(content_id=self._id, artifact_sha256=shown.artifact_sha256, decision=said, bound=bound)
        await workflow.execute_activity_method(Records.record_decision, record, **policies.RECORD)

    def _objections(self, request: ContentRequest, material: AnyMaterial) -> tuple[str, ...]:
        """Why auto-approval does not count for it, beside moderation's reasons."""
        if not request.auto_approve:
            return ()
        template = material.story.template and not request.allow_template
        return (*((FROM_TEMPLATE,) if template else ()), *((TWO_PEOPLE,) if self.rules.second_person else ()))

    async def _composed(
        self, request: ContentRequest, material: AnyMaterial, verdict: ModerationVerdict
    ) -> tuple[ComposedTexts | None, ModerationVerdict]:
        """The posts' texts, and the verdict with what is found in them; None in contents of earlier releases."""
        if not workflow.patched("reviewed-as-shown"):
            return None, verdict
        texts = await composed(self._id, request, material, self.texts)
        words = {place: said for text in texts.texts for place, said in text.words.items()}
        if not words:
            return texts, verdict
        found = await self._production.judge_texts(request, material.story, words)
        # They are made of the story's words: what was found there is not told once more for each platform.
        known, written = {finding.rule for finding in verdict.findings}, {platform.value for platform in self.texts}
        new = SeenFindings(
            findings=tuple(
                finding
                for finding in found.findings
                if finding.decision == "block"
                or finding.rule not in known
                or finding.place.partition(" ")[0] in written
            )
        )
        return texts, joined(verdict, self._production.heeded(new, "moderation of texts"))

    def _shown(self, material: AnyMaterial, texts: ComposedTexts | None, reasons: tuple[str, ...]) -> Shown:
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
