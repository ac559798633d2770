"""A platform that takes no extras through its API: what was wanted is told to be missing."""

from __future__ import annotations

from typing import Any, cast

from temporalio.testing import ActivityEnvironment

from activities.publishing.extras import Extras
from activities.publishing.posting import extras_of
from reelwright.domain.assets import AssetRef
from reelwright.domain.content.video import RenderedVideo
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.ports.publishing import AddsExtras, Publisher
from reelwright.domain.publishing.posting import AttachTask, PostDraft, PublishedPost, PublishTask

NO_EXTRAS = cast(Publisher, object())
"""An adapter without the methods of `AddsExtras`."""


def draft(first_comment: str = "") -> PostDraft:
    return PostDraft(
        platform=Platform.TIKTOK, account="a", title="T", description="D", marker="m", first_comment=first_comment
    )


def test_only_a_first_comment_is_missed() -> None:
    assert not isinstance(NO_EXTRAS, AddsExtras)
    assert extras_of(NO_EXTRAS, draft()) == ()
    assert [extra.text for extra in extras_of(NO_EXTRAS, draft("First!"))] == ["First!"]


async def test_the_note_names_the_extra_and_the_platform() -> None:
    file = AssetRef(key="k", sha256="s", size=1, media_type="video/mp4")
    video = RenderedVideo(format=VideoFormat.TALL, file=file, width=2, height=4, fps=30, frames=30, duration_s=1.0)
    task = PublishTask(content_id="c", key="k", draft=draft("First!"), video=video)
    [extra] = extras_of(NO_EXTRAS, task.draft)
    nothing = cast(Any, None)  # no effect is noted, and no file is read
    activities = Extras(nothing, nothing, {Platform.TIKTOK: NO_EXTRAS})
    attach = AttachTask(task=task, post=PublishedPost(post_id="7"), extra=extra)
    told = await ActivityEnvironment().run(activities.attach_extra, attach)
    assert told.status == "failed" and told.note.startswith("first-comment: TikTok")
