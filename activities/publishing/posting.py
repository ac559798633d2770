"""Posting once. See docs/adr/0001-exactly-once.md for why it goes in these steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import (
    InvalidInput,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    ReelwrightError,
    SessionLost,
)
from reelwright.domain.formats import Platform
from reelwright.domain.ports.channels import SlotBook
from reelwright.domain.ports.ledgers import AccountStore, Approvals, Evidence, Gate, PostLedger, TextBook
from reelwright.domain.ports.making import MediaStore
from reelwright.domain.ports.publishing import (
    AddsExtras,
    Checkpoint,
    PostFiles,
    PostsPictures,
    PublicMedia,
    Publisher,
    unaddressed,
)
from reelwright.domain.publishing.accounts import AccountInfo, unknown_account
from reelwright.domain.publishing.pictures import CheckPictures, PictureOrder
from reelwright.domain.publishing.posting import (
    Extra,
    ExtraKind,
    FailedPost,
    PostDraft,
    PostRow,
    PostState,
    PreparedPost,
    Processing,
    ProcessingState,
    PublishedPost,
    PublishTask,
    Reconciliation,
    SettleTask,
    UploadProgress,
    UploadSession,
)
from reelwright.domain.publishing.quota import cost_of
from reelwright.domain.publishing.schedule import best_instant

from ..heartbeat import beating, in_time
from .files import facts_of, files_of
from .preconditions import Preconditions

SAMPLE = AssetRef(key=f"00/{'0' * 64}.jpg", sha256="0" * 64, size=1, media_type="image/jpeg")
"""Stands for a picture that is not made yet."""


@dataclass
class Publishing:
    """Drives one platform's adapter and keeps its state in the `posts` table, always before it is needed."""

    posts: PostLedger
    media: MediaStore
    gate: Gate
    accounts: AccountStore
    publishers: Mapping[Platform, Publisher]
    approvals: Approvals
    slots: SlotBook
    public: PublicMedia | None = None
    """Where the internet can fetch stored files from; None: nowhere."""
    evidence: Evidence | None = None
    """What must hold for a post besides its approval; None only where nothing but the posting itself is tried."""
    texts: TextBook | None = None
    """The texts that were reviewed; None where no post names any."""

    @activity.defn
    async def check_pictures(self, check: CheckPictures) -> PictureOrder:
        """What the pictures of a post may be. Nothing is made yet, and nothing is sent. Raises `PostRejected` where
        the platform has no picture posts, takes fewer pictures, or cannot fetch any from here."""
        publisher, label = adapter_of(self.publishers, check.platform), check.platform.label
        field = f"posts.{check.platform.value}"
        if not isinstance(publisher, PostsPictures):
            raise PostRejected(f"{label} has no picture posts", field=f"{field}.kind", remedy="post it as a video")
        rules = publisher.pictures
        if check.pictures > rules.most:
            raise PostRejected(
                f"{check.pictures} pictures is more than {label}'s {rules.most}", field=field, remedy="name fewer"
            )
        if rules.by_address:
            publisher.check_address(await (self.public.address if self.public else unaddressed)(SAMPLE))
        return PictureOrder(
            format=rules.format, most=rules.most, most_bytes=rules.most_bytes, alt_chars=rules.alt_chars
        )

    @activity.defn
    async def prepare_post(self, task: PublishTask) -> PreparedPost:
        """Checks that the post was approved and keeps the platform's limits, and makes its row, or opens a failed one
        again; nothing is sent. Raises `NeedsAuthorization` when there is no such account, `PostRejected` when it was
        not approved, breaks a limit, or the content has a live post there already."""
        publisher, draft = self._publisher(task), task.draft
        account = await self.accounts.find(draft.platform, draft.account)
        if account is None:
            raise unknown_account(draft.platform, draft.account)
        await self._preconditions.need_allowed(task)
        kind = publisher.validate(draft, facts_of(task), account.options)
        row = await self.posts.prepare(
            task.key, content_id=task.content_id, draft=draft, video=task.file, again_by=task.again_by
        )
        if row.state is PostState.FAILED:
            row = await self.posts.reopen(task.key)
        # A session's address is as good as a password for its upload: the row itself stays here.
        return PreparedPost(
            state=row.state,
            kind=kind,
            extras=extras_of(publisher, draft),
            costs=cost_of(draft, kind.value),
            not_before=await self._not_before(task, account),
        )

    @activity.defn
    async def check_post(self, task: PublishTask) -> None:
        """Checks that a post keeps the platform's limits, before it is reviewed; no row is made, nothing is sent.
        Raises `PostRejected` naming the field. An account that is not there yet is no reason: it may be added."""
        publisher = self._publisher(task)
        account = await self.accounts.find(task.draft.platform, task.draft.account)
        publisher.validate(task.draft, facts_of(task), account.options if account else {})

    @activity.defn
    async def upload_video(self, task: PublishTask) -> UploadProgress:
        """Sends what makes nothing visible yet, from the offset the platform itself names."""
        row = await self._row(task)
        total = task.total
        if row.state in (PostState.ARMED, PostState.POSTED):
            return UploadProgress(committed=row.committed, total=total, post_id=row.post_id)
        await self._preconditions.need_open(task)
        await self._preconditions.need_allowed(task)
        publisher = self._publisher(task)
        async with beating(f"uploading to {task.draft.platform.label}") as progress:
            await self._preconditions.need_unchanged(task)
            session = row.session or await self._begin(task, publisher)
            try:
                return await publisher.upload(
                    task.draft,
                    session,
                    self._files(task),
                    self._checkpoint(task, lambda n: progress(n / max(1, total))),
                )
            except SessionLost as lost:
                await self.posts.drop_session(task.key)
                raise PlatformTransient(
                    f"{task.draft.platform.label} has dropped the upload session ({lost.message})",
                    field=task.draft.platform.value,
                    remedy="a new one is begun",
                ) from lost

    @activity.defn
    async def read_ready(self, task: PublishTask) -> Processing:
        """Whether what was uploaded can be posted now. A lost session, or an upload that failed in a way that a fresh
        one may mend, is dropped: `FAILED` with `again` sends the workflow back to the upload."""
        row = await self._row(task)
        if row.state is not PostState.UPLOADING or row.session is None:
            # Armed or posted: past the upload. Prepared: the session is gone, and the upload begins anew.
            gone = row.state is PostState.PREPARED
            return Processing(state=ProcessingState.FAILED if gone else ProcessingState.LIVE, again=gone)
        try:
            reading = await self._publisher(task).ready(task.draft, row.session)
        except SessionLost as lost:
            reading = Processing(state=ProcessingState.FAILED, reason=lost.message, again=True)
        if reading.state is ProcessingState.FAILED and reading.again:
            await self.posts.drop_session(task.key)
        return reading

    @activity.defn
    async def publish_video(self, task: PublishTask) -> PublishedPost:
        """The irreversible call, made only by the one caller that armed the row, and never late: an attempt that
        Temporal may have given up sends nothing more, since the next one may have posted by then.

        Raises `OutcomeUnknown` when the row is armed already: another attempt may have posted, so reconcile.
        """
        async with in_time(f"posting to {task.draft.platform.label}"):
            row = await self._row(task)
            if posted := post_of(row):
                return posted
            await self._preconditions.need_open(task)
            # A row that is armed is looked up, whatever is decided since: its post may exist.
            if row.state is not PostState.ARMED:
                await self._preconditions.need_allowed(task)
            if row.state is PostState.PREPARED:
                raise PlatformTransient("the upload session is gone", field=task.draft.platform.value)
            armed = await self.posts.arm(task.key)
            if armed is None or armed.session is None or armed.armed_at is None:
                raise OutcomeUnknown(
                    "this post was armed before and its outcome is not on record",
                    field=task.draft.platform.value,
                    remedy="it is looked up on the platform before anything else happens",
                )
            return await self._publish(task, armed.session, armed.armed_at)

    async def _publish(self, task: PublishTask, session: UploadSession, arming: datetime) -> PublishedPost:
        try:
            post = await self._publisher(task).publish(
                task.draft, session, self._files(task), self._checkpoint(task, arming=arming)
            )
        except ReelwrightError as error:
            if error.certain:
                # Nothing came of this arming; the row may have been armed anew since.
                await self.posts.disarm(task.key, arming)
            raise
        await self.posts.confirm(task.key, post)  # true, however late it is known
        return post

    @activity.defn
    async def reconcile_post(self, task: PublishTask) -> Reconciliation:
        """Reads the platform's own state; settles the row if that is certain."""
        row = await self._row(task)
        if posted := post_of(row):
            return Reconciliation(outcome="posted", post=posted)
        if row.state is not PostState.ARMED:
            return Reconciliation(outcome="absent", reason="the post was never armed")
        found = await self._publisher(task).reconcile(task.draft, row.session, row.armed_at)
        if found.post is not None:
            await self.posts.confirm(task.key, found.post)
        elif found.outcome == "absent":
            await self.posts.disarm(task.key, row.armed_at)
        return found

    @activity.defn
    async def settle_post(self, settle: SettleTask) -> PublishedPost | None:
        """Takes a person's word for it: the post, or None when there is none and it may be made."""
        task, settlement = settle.task, settle.settlement
        if not settlement.posted:
            await self.posts.disarm(task.key, None, settled_by=settlement.by)
            return None
        post = PublishedPost(post_id=settlement.post_id, url=settlement.url)
        await self.posts.confirm(task.key, post, settled_by=settlement.by)
        return post

    @activity.defn
    async def read_processing(self, task: PublishTask) -> Processing:
        """What the platform makes of the post; its better id or address is kept."""
        row = await self._row(task)
        post = PublishedPost(post_id=row.post_id, url=row.url)
        reading = await self._publisher(task).processing(task.draft, post)
        if reading.state is ProcessingState.FAILED:
            why = reading.reason or "no reason given"
            await self.posts.void(task.key, f"{task.draft.platform.label} did not keep the video: {why}")
        elif reading.post and reading.post != post:
            await self.posts.refine(task.key, reading.post)
        return reading

    @activity.defn
    async def fail_post(self, failed: FailedPost) -> None:
        """Ends the row of a post that was not made; what was refused before it had a row has none to end."""
        if await self.posts.get(failed.task.key) is not None:
            await self.posts.fail(failed.task.key, failed.reason)

    async def _begin(self, task: PublishTask, publisher: Publisher) -> UploadSession:
        session = await publisher.begin(task.draft, facts_of(task))
        await self.posts.save_session(task.key, session)
        return session

    def _checkpoint(
        self, task: PublishTask, tell: Callable[[int], None] = lambda _: None, *, arming: datetime | None = None
    ) -> Checkpoint:
        async def store(session: UploadSession, committed: int) -> None:
            tell(committed)
            if not await self.posts.checkpoint(task.key, session, committed, arming=arming) and arming:
                raise OutcomeUnknown(
                    "another attempt has taken this post over",
                    field=task.draft.platform.value,
                    remedy="it is looked up on the platform before anything else happens",
                )

        return store

    async def _row(self, task: PublishTask) -> PostRow:
        row = await self.posts.get(task.key)
        if row is None:
            raise InvalidInput("this post was never prepared", field="key", remedy="start the publish workflow anew")
        return row

    async def _not_before(self, task: PublishTask, account: AccountInfo) -> datetime | None:
        """The requested instant; for `best` the account's next best time. Where neither is known, the post's slot in
        its channel, or none."""
        now, draft = datetime.now(UTC), task.draft
        if isinstance(task.publish_at, datetime):
            return task.publish_at
        best = account.options.get("best_time", "") if task.publish_at == "best" else ""
        if best:
            return best_instant(best, now)
        return await self.slots.claim(
            task.key, content_id=task.content_id, platform=draft.platform, account=draft.account, now=now
        )

    @property
    def _preconditions(self) -> Preconditions:
        return Preconditions(self.gate, self.approvals, self.media, self.evidence, self.texts)

    def _publisher(self, task: PublishTask) -> Publisher:
        return adapter_of(self.publishers, task.draft.platform)

    def _files(self, task: PublishTask) -> PostFiles:
        return files_of(self.media, task, self.public)


def adapter_of(publishers: Mapping[Platform, Publisher], platform: Platform) -> Publisher:
    """The platform's adapter, or `InvalidInput` where this worker has none."""
    publisher = publishers.get(platform)
    if publisher is None:
        raise InvalidInput(f"this worker does not post to {platform.label}", field="platform", remedy="configure it")
    return publisher


def extras_of(publisher: Publisher, draft: PostDraft) -> tuple[Extra, ...]:
    """What is added to the post. A first comment is included even where the platform accepts none, so that its absence
    is reported (`Extras.attach_extra`)."""
    if isinstance(publisher, AddsExtras):
        return publisher.extras(draft)
    comment = Extra(kind=ExtraKind.COMMENT, name="first-comment", text=draft.first_comment)
    return (comment,) if draft.first_comment else ()


def post_of(row: PostRow) -> PublishedPost | None:
    """The post of a row that has one."""
    return PublishedPost(post_id=row.post_id, url=row.url) if row.state is PostState.POSTED else None
