"""From agreed material to posts: one render child, and one publish child per platform."""

from __future__ import annotations

import asyncio

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, WorkflowAlreadyStartedError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from reelwright.domain.formats import Platform, VideoFormat
    from reelwright.domain.ids import effect_key, post_marker, publish_workflow_id, render_workflow_id, seed_of
    from reelwright.domain.posting import PostDraft, PostResult, PublishTask
    from reelwright.domain.request import ContentRequest
    from reelwright.domain.status import Stage
    from reelwright.domain.story import Material, Story
    from reelwright.domain.video import RenderedContent, RenderedVideo, RenderPlan

    from .publish_youtube import PublishYouTube
    from .render_video import RenderVideo

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .board import Board
    from .failures import reason_of

PUBLISHERS = {Platform.YOUTUBE: PublishYouTube.run}
PREFERRED = {Platform.YOUTUBE: (VideoFormat.WIDE, VideoFormat.TALL, VideoFormat.SQUARE)}
"""Which of the rendered formats a platform is given, best first."""


async def render(content_id: str, request: ContentRequest, material: Material, board: Board) -> RenderedContent:
    """All formats, captions and thumbnails, by the RenderVideo child."""
    board.enter(Stage.RENDERING)
    plan = RenderPlan(
        content_id=content_id,
        material=material,
        formats=request.formats,
        seed=seed_of(content_id),
        style=request.style,
        pool=request.pool,
    )
    rendered = await workflow.execute_child_workflow(
        RenderVideo.run, plan, id=render_workflow_id(content_id), static_summary=material.story.title[:100]
    )
    for note in rendered.notes:
        board.note(note)
    board.step("videos", ", ".join(video.format.value for video in rendered.videos), share=1.0)
    return rendered


async def post_everywhere(
    content_id: str, request: ContentRequest, story: Story, rendered: RenderedContent, board: Board
) -> list[PostResult]:
    """One child per platform, abandoned to live on its own; one platform's trouble never touches another's."""
    board.enter(Stage.PUBLISHING)
    tasks = [_task(content_id, platform, request, story, rendered) for platform in request.platforms]
    return list(await asyncio.gather(*(_post(task, board) for task in tasks)))


def _task(
    content_id: str, platform: Platform, request: ContentRequest, story: Story, rendered: RenderedContent
) -> PublishTask:
    video = _best_video(platform, rendered.videos)
    key = effect_key(content_id, f"post/{platform.value}/{request.account}", video.file.sha256)
    draft = PostDraft(
        platform=platform,
        account=request.account,
        title=story.title,
        description=story.description,
        tags=story.tags,
        language=story.language,
        privacy=request.privacy,
        made_for_kids=request.made_for_kids,
        marker=post_marker(key),
    )
    return PublishTask(content_id=content_id, key=key, draft=draft, video=video)


def _best_video(platform: Platform, videos: tuple[RenderedVideo, ...]) -> RenderedVideo:
    by_format = {video.format: video for video in videos}
    return next((by_format[wanted] for wanted in PREFERRED[platform] if wanted in by_format), videos[0])


async def _post(task: PublishTask, board: Board) -> PostResult:
    platform, account = task.draft.platform, task.draft.account
    try:
        result = await workflow.execute_child_workflow(
            PUBLISHERS[platform],
            task,
            id=publish_workflow_id(task.content_id, platform.value, account),
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            static_summary=task.draft.title[:100],
        )
    except (ChildWorkflowError, WorkflowAlreadyStartedError) as error:
        if is_cancelled_exception(error):
            raise
        result = PostResult(platform=platform, account=account, status="failed", error=reason_of(error))
    board.posted(result)
    return result
