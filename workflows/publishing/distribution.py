"""From agreed material to posts: one render child, and one publish child per platform."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, WorkflowAlreadyStartedError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.content.records import Records
    from reelwright.domain.assets import AssetRef
    from reelwright.domain.content.finished import FinishedMaterial
    from reelwright.domain.content.material_lines import credits_of
    from reelwright.domain.content.request import ContentRequest, PostOptions
    from reelwright.domain.content.status import Stage
    from reelwright.domain.content.story import Material
    from reelwright.domain.content.video import RenderedContent, RenderedVideo, RenderPlan
    from reelwright.domain.formats import Platform
    from reelwright.domain.ids import (
        effect_key,
        post_marker,
        publish_workflow_id,
        render_workflow_id,
        seed_of,
    )
    from reelwright.domain.publishing.posting import (
        ApprovePosts,
        PostDraft,
        PostPicture,
        PostResult,
        PublishTask,
        place,
    )
    from reelwright.domain.publishing.texts import NO_TEXTS, ComposedTexts, PlatformText

    from .platforms import PUBLICATIONS

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies, search
    from ..children import when_free
    from ..content.board import Board
    from ..failures import reason_of
    from ..rendering.preview import Preview, rendered_by
    from .pictures import Orders, Shown, drawn

NO_VIDEOS = "no video was rendered: every post of this content is a picture post"

PUBLISHERS: dict[Platform, Callable[[Any, PublishTask], Awaitable[PostResult]]] = {
    platform: publication.run for platform, publication in PUBLICATIONS.items()
}


class Agreed(Protocol):
    """What was approved, as the review leaves it."""

    @property
    def material(self) -> Material | FinishedMaterial: ...

    @property
    def texts(self) -> ComposedTexts: ...

    @property
    def thumbnail(self) -> AssetRef | None: ...

    def approval_of(self, content_id: str, tasks: list[PublishTask]) -> ApprovePosts:
        """The record of the posts that are made of it."""
        ...


def plan_of(content_id: str, request: ContentRequest, material: Material) -> RenderPlan:
    """All that decides a content's pixels and sound."""
    return RenderPlan(
        content_id=content_id,
        material=material,
        formats=request.formats,
        seed=seed_of(content_id),
        style=request.style,
        translations=material.story.translations,
        pool=request.pool,
    )


async def render(
    content_id: str,
    request: ContentRequest,
    material: Material | FinishedMaterial,
    board: Board,
    approved: Preview | None = None,
) -> RenderedContent:
    """All formats, captions and thumbnails, by the RenderVideo child; those of finished videos are there already, and
    where pictures alone are posted there are none. `approved` is what was shown before: what is rendered is made of the
    same timeline, and where the files themselves were shown, they are these."""
    if isinstance(material, FinishedMaterial) and workflow.patched("finished-videos"):
        return material.rendered
    assert isinstance(material, Material)
    if request.only_pictures and workflow.patched("no-videos-for-pictures"):
        board.note(NO_VIDEOS)
        return RenderedContent(videos=(), captions=(), thumbnails=(), notes=(NO_VIDEOS,))
    board.enter(Stage.RENDERING)
    plan = plan_of(content_id, request, material)
    if approved is not None:
        plan = plan.model_copy(update={"approved_timeline": approved.timeline_sha256})
    rendered = await rendered_by(plan, render_workflow_id(content_id), "videos", board)
    if approved is not None:
        approved.require_same(rendered)
    for note in rendered.notes:
        board.note(note)
    board.step("videos", ", ".join(video.format.value for video in rendered.videos), share=1.0)
    return rendered


async def post_everywhere(
    content_id: str, request: ContentRequest, agreed: Agreed, rendered: RenderedContent, board: Board, orders: Orders
) -> list[PostResult]:
    """One child per platform and account, which outlives its parent; one post's failure does not affect another's. The
    posts made from what was approved are recorded first: nothing else is uploaded."""
    shown: Shown = {}
    material = agreed.material
    if isinstance(material, Material):
        shown = await drawn(orders, request, material, plan_of(content_id, request, material), board)
    board.enter(Stage.PUBLISHING)
    tasks = post_tasks(content_id, request, material, rendered, shown, texts=agreed.texts, thumbnail=agreed.thumbnail)
    if tasks and workflow.patched("approved-posts"):
        approval = agreed.approval_of(content_id, tasks)
        await workflow.execute_activity_method(Records.approve_posts, approval, **policies.RECORD)
    places = [place_in(request, task.draft.platform, task.draft.account) for task in tasks]
    return list(await asyncio.gather(*(_post(task, where, board) for task, where in zip(tasks, places, strict=True))))


def place_in(request: ContentRequest, platform: Platform, account: str) -> str:
    """The place of one of the request's posts, as its board shows it."""
    return place(platform, account, several=len(request.accounts_on(platform)) > 1)


def post_tasks(
    content_id: str,
    request: ContentRequest,
    material: Material | FinishedMaterial,
    rendered: RenderedContent,
    shown: Shown | None = None,
    *,
    texts: ComposedTexts = NO_TEXTS,
    thumbnail: AssetRef | None = None,
) -> list[PublishTask]:
    """The posts that are made of a content, one for each platform and account; `shown` are those of pictures. `texts`
    are those that were composed before the review, `thumbnail` the one that a reviewer chose."""
    return [
        _task(
            content_id,
            draft_of(platform, account, request, material),
            request,
            rendered,
            (shown or {}).get(platform, ()),
            texts.of(platform, account),
            thumbnail,
        )
        for platform in request.platforms
        for account in request.accounts_on(platform)
    ]


def draft_of(
    platform: Platform, account: str, request: ContentRequest, material: Material | FinishedMaterial
) -> PostDraft:
    """A post as far as it is known before anything is rendered: without files and marker."""
    story, credits = material.story, credits_of(material) if isinstance(material, Material) else ()
    own, text = request.posts.get(platform, PostOptions()), story.posted_on(platform)
    return PostDraft(
        platform=platform,
        account=account,
        title=text.title,
        description="\n\n".join(filter(None, (text.description, *credits))),
        tags=text.tags,
        language=story.language,
        privacy=own.privacy or request.privacy,
        made_for_kids=request.made_for_kids,
        synthetic_media=request.made_with_ai if isinstance(material, FinishedMaterial) else True,
        paid_partnership=request.paid_partnership,
        kind=own.kind,
        caption=own.caption,
        first_comment=own.first_comment,
        thread=own.thread,
        link=own.link,
        marker="",
    )


def _task(
    content_id: str,
    draft: PostDraft,
    request: ContentRequest,
    rendered: RenderedContent,
    pictures: tuple[PostPicture, ...],
    text: PlatformText | None,
    thumbnail: AssetRef | None,
) -> PublishTask:
    own = request.posts.get(draft.platform, PostOptions())
    video = _best_video(draft.platform, rendered.videos)
    files = [picture.file.sha256 for picture in pictures] or ([video.file.sha256] if video else [])
    key = effect_key(content_id, f"post/{draft.platform.value}/{draft.account}", *files)
    if request.post_again:
        # A post of its own, and the same one in every attempt and after a reset.
        key = f"{key}/again-{workflow.info().first_execution_run_id[:8]}"
    still = None if pictures or video is None else _still(rendered, video, thumbnail)
    tracks = () if pictures else tuple(file for file in rendered.captions if file.kind == "srt")
    draft = (text.put_into(draft) if text else draft).model_copy(
        update={"thumbnail": still, "captions": tracks, "marker": post_marker(key), "pictures": pictures}
    )
    return PublishTask(
        content_id=content_id,
        key=key,
        draft=draft,
        video=video,
        publish_at=own.publish_at or request.publish_at,
        priority=request.priority,
        again_by="the request" if request.post_again else "",
        channel=request.channel,
        text_sha256=text.sha256 if text else "",
    )


def _best_video(platform: Platform, videos: tuple[RenderedVideo, ...]) -> RenderedVideo | None:
    """The video in the format that the platform prefers; None where none was rendered."""
    by_format = {video.format: video for video in videos}
    preferred = (by_format[wanted] for wanted in platform.facts.prefers if wanted in by_format)
    return next(preferred, videos[0] if videos else None)


def _still(rendered: RenderedContent, video: RenderedVideo, chosen: AssetRef | None) -> AssetRef | None:
    """The thumbnail in the video's format: the variant that a reviewer chose in one of the formats, else the first."""
    variants = [image.variant for image in rendered.thumbnails if chosen and image.file.sha256 == chosen.sha256]
    own = [image for image in rendered.thumbnails if image.format == video.format]
    wanted = (image.file for image in own if image.variant in variants)
    return next(wanted, own[0].file if own else None)


async def _post(task: PublishTask, where: str, board: Board) -> PostResult:
    platform, account = task.draft.platform, task.draft.account
    try:
        result: PostResult = await when_free(
            lambda: workflow.execute_child_workflow(
                PUBLISHERS[platform],
                task,
                id=publish_workflow_id(task.content_id, platform.value, account),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                static_summary=task.draft.title[:100],
                search_attributes=search.of_channel(task.channel),
            ),
            f"post to {where}",
            board,
        )
    except (ChildWorkflowError, WorkflowAlreadyStartedError) as error:
        if is_cancelled_exception(error):
            raise
        result = PostResult(platform=platform, account=account, status="failed", error=reason_of(error))
    board.posted(result, where)
    return result
