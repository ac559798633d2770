"""What a request brings, taken in before anything is spent: a feed's entry, own media, a style's files, voices."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.content.editorial import Editorial, ReadFeed
    from activities.content.material import CheckVoices, Voices
    from activities.content.own_media import OwnMedia, TakeMedia
    from activities.rendering.rendering import CheckStyle, Rendering
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.status import Stage
    from reelwright.domain.content.story import WriteTask
    from reelwright.domain.content.taken import NamedMedia, TakenMedia
    from reelwright.domain.text.spoken_language import language_for

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import read
    from .board import Board


class Intake:
    """Reads and checks what the request names."""

    def __init__(self, content_id: str, board: Board) -> None:
        self._id = content_id
        self._board = board
        self.taken = TakenMedia()
        """The user's own media that the request names."""
        self.notes: tuple[str, ...] = ()
        """Notes for readers of the report."""

    async def check_style(self, request: ContentRequest) -> None:
        """Opens the files of the request's style, and looks for its fonts, before anything is spent: a reviewer's hours
        included."""
        style = request.style
        # Two branches: the outline of the first is compared with that of earlier releases.
        if (style.lut or style.brand.logo) and workflow.patched("style-files-first"):  # noqa: SIM114
            await self._look_at(request)
        elif style.fonts and workflow.patched("style-fonts-first"):
            await self._look_at(request)

    async def _look_at(self, request: ContentRequest) -> None:
        check, queue = CheckStyle(style=request.style), policies.media_queue(request.pool)
        await workflow.execute_activity_method(Rendering.check_style, check, task_queue=queue, **policies.MAKE)

    async def check_voices(self, request: ContentRequest) -> None:
        """Loads the voices that the request names, before anything is spent."""
        if request.named_voices and workflow.patched("voices-first"):
            check = CheckVoices(language=request.language, choices=request.named_voices, content_id=self._id)
            await workflow.execute_activity_method(Voices.check_voices, check, **policies.MAKE)

    async def with_item(self, request: ContentRequest) -> ContentRequest:
        """A feed's URL becomes the entry it has now; from here on the feed may change as it likes.

        An entry is spoken in its own language where the request names none.
        """
        item = request.item
        if request.feed is not None:
            self._board.enter(Stage.WRITING)
            feed = ReadFeed(content_id=self._id, url=request.feed, channel=request.channel)
            item = await workflow.execute_activity_method(Editorial.read_feed, feed, **policies.WRITE)
        if item is None:
            return request
        language, note = language_for(request, item)
        if note:
            self.notes += (note,)
            self._board.note(note)
        return request.model_copy(update={"feed": None, "item": item, "language": language})

    async def with_media(self, task: WriteTask) -> WriteTask:
        """Takes in the media that the task's request names, before anything is spent. A script's media lines then
        count."""
        named = NamedMedia.of(task.request)
        if not (named and workflow.patched("own-media")):
            self.taken = TakenMedia()
            return task
        count = len({address for _, address in named.addresses()})
        files = f"{count} file{'s' * (count != 1)}"
        self.taken = await self._taken(TakeMedia(content_id=self._id, named=named), task.request, f"take in {files}")
        self._board.step("own media", f"{files} checked")
        self.tell(self.taken.notes)
        return task.model_copy(update={"media_lines": True})

    async def _taken(self, job: TakeMedia, request: ContentRequest, summary: str) -> TakenMedia:
        """What is named, checked and stored. A host that is away is shown on the board and waited for, about a day."""
        options = policies.TAKE_ROUND if workflow.patched("own-media-waits") else policies.TAKE
        fields, waits = {field for field, _ in job.named.addresses()}, [*policies.TAKE_WAITS]
        while True:
            try:
                return await workflow.execute_activity_method(
                    OwnMedia.take_media,
                    job,
                    task_queue=policies.media_queue(request.pool),
                    summary=summary,
                    **options,
                )
            except FailureError as error:
                failure = read(error)
                if is_cancelled_exception(error) or not (failure.waits_for == "time" or failure.kind == "TimeoutError"):
                    raise
                # What is ours (the database, the media store, a worker) is waited for without an end.
                if not waits and failure.details.get("field") in fields:
                    raise
                wait = waits.pop(0) if waits else policies.TAKE_WAITS[-1]
                self._board.step("own media", f"waits for {failure.message} (tried again in {wait.seconds // 60} min)")
                await workflow.sleep(wait)

    def tell(self, notes: tuple[str, ...]) -> None:
        """On the board, and once in the report."""
        for note in notes:
            self._board.note(note)
        self.notes = (*self.notes, *(note for note in dict.fromkeys(notes) if note not in self.notes))
