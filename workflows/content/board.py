"""The board on the wall: what a person sees of a running content, in `status`, the UI and the search attributes."""

from __future__ import annotations

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from reelwright.domain.content.status import BoardState, PipelineStatus, ReviewWanted, Stage
    from reelwright.domain.formats import Platform
    from reelwright.domain.publishing.posting import PostResult

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import details, search
    from ..notes import Notes

# Where the percent bar stands when a stage begins; rendering is most of the work.
PERCENT = {
    Stage.ACCEPTED: 0,
    Stage.WRITING: 2,
    Stage.MODERATION: 8,
    Stage.MATERIAL: 10,
    Stage.REVIEW: 35,
    Stage.PARKED: 35,
    Stage.RENDERING: 38,
    Stage.PUBLISHING: 90,
}
NOTES_KEPT = 20
IGNORED_KEPT = 10
"""Lines about ignored messages: kept apart, so that a flood of them drives no other note out."""


class Board:
    """Collects what happened. Only ever written from the workflow, so it replays exactly."""

    def __init__(self, content_id: str, channel: str) -> None:
        self.content_id = content_id
        self.stage = Stage.ACCEPTED
        self.title = ""
        self.error = ""
        self._share = 0.0
        self._review: ReviewWanted | None = None
        self._steps: dict[str, str] = {}
        self._made: dict[str, int] = {}
        self._posts: tuple[PostResult, ...] = ()
        self._notes = Notes(NOTES_KEPT)
        self._ignored = Notes(IGNORED_KEPT)
        self._usd = 0.0
        self.changes = 0
        self._drawing = False
        workflow.upsert_search_attributes(
            [
                search.CONTENT_ID.value_set(content_id),
                search.CHANNEL.value_set(channel),
                search.STAGE.value_set(self.stage.value),
            ]
        )

    def enter(self, stage: Stage) -> None:
        """A new stage begins."""
        self.stage, self._share = stage, 0.0
        workflow.upsert_search_attributes([search.STAGE.value_set(stage.value)])
        self._show()

    def step(self, name: str, state: str, *, share: float | None = None, usd: float = 0.0) -> None:
        """One row of the table; `share` is how much of the stage is behind us, `usd` what the step cost."""
        self._steps[name] = state
        self.changes += 1
        self._share = self._share if share is None else share
        if usd:
            self._usd += usd
            workflow.upsert_search_attributes([search.COST_USD.value_set(round(self._usd, 6))])
        self._show()

    def count(self, name: str, made: int, *, share: float, usd: float) -> None:
        """One more piece of a step that is made of many."""
        self._made[name] = made
        self.step(name, f"{made} made", share=share, usd=usd)

    def want_review(self, review: ReviewWanted | None) -> None:
        """A review was requested, or answered."""
        self._review = review
        workflow.upsert_search_attributes([search.REVIEW.value_set("wanted" if review else "decided")])
        self._show()

    def show_review(self, review: ReviewWanted) -> None:
        """The open question is the same one; what is said about it has changed."""
        self._review = review
        self._show()

    def note(self, text: str) -> None:
        """A line a person should see; the last few are kept."""
        self._notes.add(text)
        self._show()

    def ignored(self, text: str) -> None:
        """A message was ignored, and why."""
        self._ignored.add(text)
        self._show()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noted, then what was ignored."""
        return (*self._notes.lines(), *self._ignored.lines())

    def is_posted(self, platform: Platform, account: str) -> bool:
        """Whether this publication has ended."""
        return any((post.platform, post.account) == (platform, account) for post in self._posts)

    def posted(self, post: PostResult, where: str) -> None:
        """The publication to a place has ended."""
        self._posts = (*self._posts, post)
        self.step(f"post to {where}", post.url or post.error or post.status)

    def state(self) -> BoardState:
        """What the next run of this content goes on with."""
        return BoardState(
            title=self.title, steps=self._steps, notes=self._notes.lines(), usd=self._usd, made=self._made
        )

    def resume(self, before: BoardState) -> None:
        """Takes over what an earlier run of this content has shown; notes of this run come after its."""
        self.title, self._steps, self._usd = before.title, dict(before.steps), before.usd
        self._made = dict(before.made)
        self._notes = Notes(NOTES_KEPT, (*before.notes, *self._notes.lines()))
        self._show()

    def status(self) -> PipelineStatus:
        """The answer to the `status` query."""
        return PipelineStatus(
            content_id=self.content_id,
            stage=self.stage,
            percent=self._percent(),
            detail=next(reversed(self._steps.items()), ("", ""))[1],
            title=self.title,
            cost_usd=round(self._usd, 6),
            review=self._review,
            steps=self._steps,
            made=self._made,
            posts=self._posts,
            notes=self.notes,
            error=self.error,
        )

    def _percent(self) -> int:
        if self.stage.final:
            return 100
        stages = list(PERCENT)
        after = stages.index(self.stage) + 1
        begin, end = PERCENT[self.stage], PERCENT[stages[after]] if after < len(stages) else 100
        return round(begin + (end - begin) * min(1.0, self._share))

    def _show(self) -> None:
        """In the UI, once for all that happens in one turn: thousands of messages may arrive in one, and each is a line
        that drives another out."""
        if not self._drawing:
            self._drawing = True
            asyncio.get_running_loop().call_soon(self._draw)

    def _draw(self) -> None:
        self._drawing = False
        last = [f"Cost so far: ${self._usd:.4f}"]
        if self._review:
            reasons = f" ({details.plain('; '.join(self._review.reasons))})" if self._review.reasons else ""
            last = [f"**Review wanted**{reasons}: send the signal `review`.", "", *last]
        heading = f"**{details.plain(self.title) or self.content_id}**: {self.stage.value}, {self._percent()} %"
        details.show(heading, ("step", "state"), self._steps.items(), self.notes, *last)
