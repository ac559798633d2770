"""Posting once. See "Exactly once, in effect" in docs/architecture.md for why it goes in these steps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from temporalio import activity

from reelwright.domain.errors import (
    InvalidInput,
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    SessionLost,
)
from reelwright.domain.formats import Platform
from reelwright.domain.ports import ByteSource, MediaStore, PostLedger, Publisher
from reelwright.domain.posting import (
    PostRow,
    PostState,
    Processing,
    PublishedPost,
    PublishTask,
    Reconciliation,
    UploadProgress,
    UploadSession,
)

from .heartbeat import beating


@dataclass
class Publishing:
    """Drives one platform's adapter and keeps its state in the `posts` table, always before it is needed."""

    posts: PostLedger
    media: MediaStore
    publishers: Mapping[Platform, Publisher]

    @activity.defn
    async def prepare_post(self, task: PublishTask) -> PostRow:
        """Checks the post against the platform's limits and makes its row; nothing is sent."""
        video = task.video
        self._publisher(task).validate(
            task.draft, width=video.width, height=video.height, duration_s=video.duration_s, size=video.file.size
        )
        row = await self.posts.prepare(task.key, content_id=task.content_id, draft=task.draft, video=task.video.file)
        # A session's address is as good as a password for its upload: it stays in the database.
        return row.model_copy(update={"session": None})

    @activity.defn
    async def upload_video(self, task: PublishTask) -> UploadProgress:
        """Sends what makes nothing visible yet, from the offset the platform itself names."""
        row = await self._row(task)
        total = task.video.file.size
        if row.state in (PostState.ARMED, PostState.POSTED):
            return UploadProgress(committed=row.committed, total=total, post_id=row.post_id)
        publisher = self._publisher(task)
        session = row.session or await self._begin(task, publisher)
        async with beating(f"uploading to {task.draft.platform.value}") as progress:
            try:
                sent = await publisher.upload(
                    session, self._source(task), lambda committed: progress(committed / max(1, total))
                )
            except SessionLost as lost:
                await self.posts.drop_session(task.key)
                raise PlatformTransient(
                    "the platform has dropped the upload session",
                    field=task.draft.platform.value,
                    remedy="a new one is begun",
                ) from lost
        await self.posts.save_committed(task.key, sent.committed)
        return sent

    @activity.defn
    async def publish_video(self, task: PublishTask) -> PublishedPost:
        """The irreversible call, made only by the one caller that armed the row.

        Raises `OutcomeUnknown` when the row is armed already: somebody may have posted, so reconcile.
        """
        if posted := _post_of(await self._row(task)):
            return posted
        row = await self._row(task)
        if await self.posts.arm(task.key) is not PostState.UPLOADING or row.session is None:
            raise OutcomeUnknown(
                "this post was armed before and its outcome is not on record",
                field=task.draft.platform.value,
                remedy="it is looked up on the platform before anything else happens",
            )
        try:
            async with beating(f"posting to {task.draft.platform.value}"):
                post = await self._publisher(task).publish(row.session, self._source(task))
        except (PostRejected, QuotaExhausted, NeedsAuthorization):
            await self.posts.disarm(task.key)  # a clear no: nothing was posted
            raise
        await self.posts.confirm(task.key, post)
        return post

    @activity.defn
    async def reconcile_post(self, task: PublishTask) -> Reconciliation:
        """Reads the platform's own state; settles the row if that is certain."""
        row = await self._row(task)
        if posted := _post_of(row):
            return Reconciliation(outcome="posted", post=posted)
        found = await self._publisher(task).reconcile(task.draft, row.session)
        if found.post is not None:
            await self.posts.confirm(task.key, found.post)
        elif found.outcome == "absent":
            await self.posts.disarm(task.key)
        return found

    @activity.defn
    async def read_processing(self, task: PublishTask) -> Processing:
        """What the platform makes of the uploaded video."""
        row = await self._row(task)
        return await self._publisher(task).processing(task.draft.account, row.post_id)

    async def _begin(self, task: PublishTask, publisher: Publisher) -> UploadSession:
        session = await publisher.begin(task.draft, size=task.video.file.size, media_type=task.video.file.media_type)
        await self.posts.save_session(task.key, session)
        return session

    async def _row(self, task: PublishTask) -> PostRow:
        row = await self.posts.get(task.key)
        if row is None:
            raise InvalidInput("this post was never prepared", field="key", remedy="start the publish workflow anew")
        return row

    def _publisher(self, task: PublishTask) -> Publisher:
        return self.publishers[task.draft.platform]

    def _source(self, task: PublishTask) -> ByteSource:
        def read(start: int) -> AsyncIterator[bytes]:
            return self.media.read(task.video.file, start=start)

        return read


def _post_of(row: PostRow) -> PublishedPost | None:
    return PublishedPost(post_id=row.post_id, url=row.url) if row.state is PostState.POSTED else None
