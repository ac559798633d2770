"""What follows a post: thumbnails, captions, comments, and a word to the people. None of it can undo the post."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.publishing.extras import Extras
    from reelwright.domain.publishing.posting import AttachTask, PreparedPost, PublishedPost, PublishTask

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import reason_of
    from .runner import StepRunner


async def finish(
    runner: StepRunner, task: PublishTask, prepared: PreparedPost, post: PublishedPost, remarks: tuple[str, ...]
) -> tuple[str, ...]:
    """Adds the extras, each for itself, and announces; notes of what is missing, after the platform's own `remarks`."""
    runner.board.enter("finishing", "thumbnails, captions, comments")
    notes = list(remarks)
    for extra in prepared.extras:
        try:
            attach = AttachTask(task=task, post=post, extra=extra)
            result = await runner.step(Extras.attach_extra, attach, **policies.ATTACH)
            notes += [result.note] if result.note else []
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            notes.append(f"{extra.name}: {reason_of(error)}")
    for note in notes:
        runner.board.note(note)
    await runner.board.end("posted", post.url or post.post_id, level="good")
    return tuple(notes)
