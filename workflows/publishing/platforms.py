"""One workflow type per platform. The process is the same everywhere (`publication.py`): what differs stands in the
platforms' adapters. The type names are what people type; they stay. A publication may wait for months, so none is
pinned to a version of the workers: docs/adr/0010-running-work.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from reelwright.domain.platforms import Platform
    from reelwright.domain.publishing.posting import PostResult, PublishTask

# Reloaded inside the sandbox on purpose: it runs as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from ..messages import started
    from .inbox import TASK
    from .publication import Publication


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class PublishYouTube(Publication):
    """One video on one channel, once.

    The post exists from the last byte on, so posting is sending it; processing, thumbnail and captions follow.
    """

    @workflow.run
    @started(wants=TASK)
    async def run(self, task: PublishTask) -> PostResult:
        return await self.publish()


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class PublishInstagram(Publication):
    """One reel or story on one account, once.

    The container is filled and processed first; `media_publish` is the one irreversible call.
    """

    @workflow.run
    @started(wants=TASK)
    async def run(self, task: PublishTask) -> PostResult:
        return await self.publish()


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class PublishTikTok(Publication):
    """One video on one account, once.

    The post comes of the last chunk, after processing; there is no call to take it back.
    """

    @workflow.run
    @started(wants=TASK)
    async def run(self, task: PublishTask) -> PostResult:
        return await self.publish()


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class PublishFacebook(Publication):
    """One reel, video or story on one page, once.

    The upload stays a draft until its finish call.
    """

    @workflow.run
    @started(wants=TASK)
    async def run(self, task: PublishTask) -> PostResult:
        return await self.publish()


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class PublishX(Publication):
    """One post on one account, once, and its thread.

    Media is uploaded and processed first; the post is one call, the thread a reply at a time after it.
    """

    @workflow.run
    @started(wants=TASK)
    async def run(self, task: PublishTask) -> PostResult:
        return await self.publish()


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class PublishLinkedIn(Publication):
    """One post of a person or an organisation, once.

    The video is uploaded in parts and processed first; the post is one call.
    """

    @workflow.run
    @started(wants=TASK)
    async def run(self, task: PublishTask) -> PostResult:
        return await self.publish()


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class PublishBluesky(Publication):
    """One post of one account, once, and its thread.

    The video is uploaded and processed first; the post is one call under a key of our own, which can be repeated.
    """

    @workflow.run
    @started(wants=TASK)
    async def run(self, task: PublishTask) -> PostResult:
        return await self.publish()


class PublishWorkflow(Protocol):
    """What all of them are called with."""

    async def run(self, task: PublishTask) -> PostResult: ...


PUBLICATIONS: Mapping[Platform, type[PublishWorkflow]] = {
    Platform.YOUTUBE: PublishYouTube,
    Platform.INSTAGRAM: PublishInstagram,
    Platform.TIKTOK: PublishTikTok,
    Platform.FACEBOOK: PublishFacebook,
    Platform.X: PublishX,
    Platform.LINKEDIN: PublishLinkedIn,
    Platform.BLUESKY: PublishBluesky,
}
"""Which of them posts to which platform."""
