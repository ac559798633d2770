"""What a person sees of a publication: search attributes, the UI's details, the parent's board, the announcements."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.publishing.extras import Extras
    from reelwright.domain.ids import sha256_of
    from reelwright.domain.publishing.posting import (
        Notice,
        PublicationNews,
        PublicationStatus,
        PublishedPost,
        PublishTask,
    )

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import details, policies, search
    from ..notes import Notes

NOTES_KEPT = 20
IGNORED_KEPT = 10
"""Lines about ignored messages: kept apart, so that a flood of them drives no other note out."""


class PublicationBoard:
    """Only ever written from the workflow, so it replays exactly."""

    def __init__(self, task: PublishTask) -> None:
        self._task = task
        self._where = f"{task.draft.platform.label} ({task.draft.account})"
        self._stage = ""
        self._detail = ""
        self._until: datetime | None = None
        self._wants = ""
        self._notes = Notes(NOTES_KEPT)
        self._ignored = Notes(IGNORED_KEPT)
        self.post: PublishedPost | None = None
        workflow.upsert_search_attributes(
            [search.CONTENT_ID.value_set(task.content_id), search.PLATFORM.value_set(task.draft.platform.value)]
        )
        self.enter("validating")

    def enter(self, stage: str, detail: str = "", *, until: datetime | None = None, wants: str = "") -> None:
        """A new stage, or the same one with another detail."""
        if stage != self._stage:
            workflow.upsert_search_attributes([search.STAGE.value_set(stage)])
        self._stage, self._detail, self._until, self._wants = stage, detail, until, wants
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

    async def waits(
        self, stage: str, why: str, *, until: datetime | None = None, wants: str = "", long: bool = False
    ) -> None:
        """A wait begins. A long one is reported to the content that started the publication."""
        told_before = (self._stage, self._detail) == (stage, why)
        self.enter(stage, why, until=until, wants=wants)
        if long and not told_before:
            await self._tell_parent(self.summary(f"{stage.replace('_', ' ')}: {why}", until))

    async def call(self, wants: str, why: str) -> None:
        """A person is needed: reported once per reason."""
        await self._announce(f"{self._where}: please {wants}", why, "warning")

    async def end(self, stage: str, detail: str, *, level: Literal["good", "bad"]) -> None:
        """The publication has ended."""
        self.enter(stage, detail)
        url = self.post.url if self.post else ""
        await self._announce(f"{self._task.draft.title} is {stage} on {self._where}", detail, level, url)

    def summary(self, why: str, until: datetime | None) -> str:
        """For what, and until when: a timer's name in the UI, at most 400 bytes there."""
        text = f"{why}, until {until:%Y-%m-%d %H:%M:%S} UTC" if until else why
        return text.encode()[:380].decode(errors="ignore")

    def status(self) -> PublicationStatus:
        """For the query."""
        draft = self._task.draft
        return PublicationStatus(
            content_id=self._task.content_id, platform=draft.platform, account=draft.account, stage=self._stage,
            detail=self._detail, until=self._until, wants=self._wants, post=self.post, notes=self.notes,
            kind=draft.kind,
        )  # fmt: skip

    def _show(self) -> None:
        rows = [("stage", self._stage), ("detail", self._detail), ("you", self._wants), ("post", self._link())]
        if self._until:
            rows.append(("until", f"{self._until:%Y-%m-%d %H:%M:%S} UTC"))
        shown = [(name, value) for name, value in rows if value]
        details.show(f"**{details.plain(self._where)}**", ("", ""), shown, self.notes)

    def _link(self) -> str:
        return (self.post.url or self.post.post_id) if self.post else ""

    async def _announce(self, title: str, text: str, level: Literal["good", "warning", "bad"], url: str = "") -> None:
        """A failed notice is dropped; it does not stop the post."""
        key = f"{self._task.key}/notice/{sha256_of([workflow.info().run_id, title, text])[:16]}"
        notice = Notice(key=key, title=title, text=text, url=url, level=level)
        try:
            await workflow.execute_activity_method(Extras.announce, notice, **policies.ANNOUNCE)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            self.note(f"the notice could not be sent: {error.cause or error}")

    async def _tell_parent(self, text: str) -> None:
        parent = workflow.info().parent
        if parent is None:
            return
        news = PublicationNews(platform=self._task.draft.platform, account=self._task.draft.account, text=text)
        try:
            # By its id alone: after a reset another run of the content waits for this publication.
            await workflow.get_external_workflow_handle(parent.workflow_id).signal("publication_news", news)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.info("the content has ended and cannot be notified: %s", error)
