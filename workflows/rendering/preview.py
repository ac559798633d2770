"""What a reviewer sees of the videos before they approve: a fast draft, or the videos themselves."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from reelwright.domain.content.shown import Shows
    from reelwright.domain.content.video import RenderedContent, RenderPlan
    from reelwright.domain.errors import InvalidInput
    from reelwright.domain.ids import preview_workflow_id, render_workflow_id

    from .render_video import RenderVideo

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from ..children import when_free
    from ..content.board import Board
    from ..failures import translate


@dataclass(frozen=True)
class Preview:
    """What was rendered for a review, and the digest of the timeline that it was made of."""

    shows: Shows
    timeline_sha256: str
    rendered: RenderedContent

    @property
    def files(self) -> dict[str, str]:
        """The sha256 of each file that was shown, by its name."""
        return files_of(self.rendered)

    def require_same(self, rendered: RenderedContent) -> None:
        """Raises `InvalidInput` where the videos themselves were shown, and these are others."""
        if self.shows != "final":
            return
        shown, made = self.files, files_of(rendered)
        if other := sorted(name for name in shown | made if shown.get(name) != made.get(name)):
            raise translate(
                InvalidInput(
                    f"{', '.join(other)}: not the file that was approved",
                    field="videos",
                    remedy="start the content anew, so that what is rendered now is reviewed",
                )
            )


def files_of(rendered: RenderedContent) -> dict[str, str]:
    """The sha256 of each rendered file by its name: `video 9:16`, `thumbnail 9:16 text`, `captions en srt`."""
    return {
        **{f"video {video.format}": video.file.sha256 for video in rendered.videos},
        **{f"thumbnail {image.format} {image.variant}": image.file.sha256 for image in rendered.thumbnails},
        **{f"captions {track.language} {track.kind}": track.file.sha256 for track in rendered.captions},
    }


async def previewed(plan: RenderPlan, shows: Shows, board: Board) -> Preview:
    """What the reviewer is shown of the material whose final plan this is. `shows` is `preview` or `final`.

    A revision renders anew only the segments that changed: the others are on record by their digests.
    """
    step = "videos" if shows == "final" else "preview"
    board.step(step, "being rendered for the review")
    if shows == "final":
        # Under the id of the later render, which finds all that is made here.
        rendered = await rendered_by(plan, render_workflow_id(plan.content_id), step, board)
    else:
        rendered = await rendered_by(plan.draft(), preview_workflow_id(plan.content_id), step, board)
    board.step(step, ", ".join(video.format for video in rendered.videos))
    return Preview(shows, plan.timeline_sha256, rendered)


async def rendered_by(plan: RenderPlan, id: str, step: str, board: Board) -> RenderedContent:
    """The files of a plan, made by the child with this id."""
    rendered: RenderedContent = await when_free(
        lambda: workflow.execute_child_workflow(
            RenderVideo.run, plan, id=id, static_summary=plan.material.story.title[:100]
        ),
        step,
        board,
    )
    return rendered
