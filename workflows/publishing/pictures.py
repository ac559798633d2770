"""Picture posts: what the platforms take is known before anything is made; the pictures come of the agreed material."""

from __future__ import annotations

from collections.abc import Mapping

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.publishing.posting import Publishing
    from activities.rendering.rendering import Rendering
    from reelwright.domain.content.request import ContentRequest, PostOptions
    from reelwright.domain.content.story import Material
    from reelwright.domain.content.video import KeptPlan, RenderPlan
    from reelwright.domain.errors import InvalidInput
    from reelwright.domain.formats import Platform
    from reelwright.domain.publishing.pictures import (
        CheckPictures,
        DrawPictures,
        PictureOrder,
        PostPictures,
        scenes_for,
    )
    from reelwright.domain.publishing.posting import PostPicture

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..content.board import Board
    from ..failures import translate

Orders = Mapping[Platform, PictureOrder]
Shown = Mapping[Platform, tuple[PostPicture, ...]]


async def picture_orders(request: ContentRequest) -> Orders:
    """What each platform with a picture post takes. Fails where a platform cannot make the post, or a picture cannot
    be fetched from here, before anything is made."""
    if not request.picture_posts or not workflow.patched("picture-posts"):
        return {}
    orders: dict[Platform, PictureOrder] = {}
    for platform in request.picture_posts:
        own = request.posts.get(platform, PostOptions())
        check = CheckPictures(platform=platform, pictures=len(own.scenes) or len(own.pictures))
        orders[platform] = await workflow.execute_activity_method(
            Publishing.check_pictures, check, task_queue=policies.publish_queue(platform.value), **policies.RECORD
        )
    return orders


async def drawn(orders: Orders, request: ContentRequest, material: Material, plan: RenderPlan, board: Board) -> Shown:
    """The pictures of each picture post."""
    if not orders or not workflow.patched("pictures-drawn"):
        return {}
    queue = policies.media_queue(request.pool)
    kept: KeptPlan = await workflow.execute_activity_method(
        Rendering.keep_plan, plan, task_queue=queue, **policies.RECORD
    )
    shown: dict[Platform, tuple[PostPicture, ...]] = {}
    # One after the other: platforms with the same shape share the pictures.
    for platform, order in orders.items():
        own = material.post_pictures.get(platform, ())
        try:
            scenes = () if own else scenes_for(request, platform, material, order.most)
        except InvalidInput as error:
            raise translate(error) from error
        if not own and len(scenes) < len(material.story.scenes) and not request.posts[platform].scenes:
            board.note(
                f"{platform.label} takes {order.most} pictures: those of the first {len(scenes)} scenes are posted"
            )
        job = DrawPictures(plan=kept, order=order, scenes=scenes, own=own)
        made: PostPictures = await workflow.execute_activity_method(
            Rendering.draw_pictures, job, task_queue=queue, summary=f"pictures for {platform.value}", **policies.MAKE
        )
        shown[platform] = made.pictures
    return shown
