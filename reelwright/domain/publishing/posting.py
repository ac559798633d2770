"""What is posted where, and how far it has come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal

from pydantic import Field

from ..assets import AssetRef
from ..base import Grown, Model
from ..content.manifest import ReviewManifest
from ..content.rendered import CaptionFile, RenderedVideo
from ..formats import Platform
from ..formats import PostKind as PostKind
from ..ids import sha256_of
from .outcomes import Pause as Pause
from .outcomes import PostResult as PostResult
from .outcomes import PublicationStatus as PublicationStatus
from .outcomes import PublishedPost as PublishedPost
from .outcomes import by_place as by_place
from .outcomes import missing_from as missing_from
from .outcomes import place as place


class PostPicture(Model):
    """One picture of a picture post: its file, its size in pixels, and its alternative text for those who do not see
    it."""

    file: AssetRef
    width: int
    height: int
    alt: str = ""


class PostDraft(Grown, Model):
    """One post, as it should appear.

    `caption` is a text for exactly this platform: it is posted word for word or refused. Without it the adapter writes
    one from title, description and tags that fits the platform's limit. `thread` continues the post on X, a reply each.
    `link` is what an article (LinkedIn) points to. `marker` is a short private token by which the post is found again.
    `pictures` are posted in this order, in place of the video, and only with the kind `pictures`.
    """

    added: ClassVar[frozenset[str]] = frozenset({"pictures"})

    platform: Platform
    account: str
    title: str
    description: str
    tags: tuple[str, ...] = ()
    language: str = "en"
    privacy: str = "public"
    made_for_kids: bool = False
    synthetic_media: bool = True
    paid_partnership: bool = False
    kind: PostKind = PostKind.AUTO
    caption: str = ""
    first_comment: str = ""
    thread: tuple[str, ...] = ()
    link: str = ""
    thumbnail: AssetRef | None = None
    captions: tuple[CaptionFile, ...] = ()
    marker: str
    pictures: tuple[PostPicture, ...] = ()

    @property
    def picture_bytes(self) -> int:
        """The size of all its pictures together."""
        return sum(picture.file.size for picture in self.pictures)


class PublishTask(Grown, Model):
    """Input of a Publish workflow: `key` never changes when the post is retried.

    `publish_at` is an aware instant before which nothing is posted, or `best`: the account's best time, once known.
    `priority` is 1 (first) to 5; among equals the earlier one goes first. `again_by` names the requester of another
    post where the content has a live one on this account already; empty: not requested. `channel` is the content's.
    `video` is None only where pictures are posted and no video was rendered. `text_sha256` names the texts that were
    composed before the review; empty in posts of releases that composed them when they posted.
    """

    added: ClassVar[frozenset[str]] = frozenset({"channel", "text_sha256"})

    content_id: str
    key: str
    draft: PostDraft
    video: RenderedVideo | None
    publish_at: datetime | Literal["best"] | None = None
    priority: int = 3
    again_by: str = ""
    channel: str = ""
    text_sha256: str = ""

    @property
    def total(self) -> int:
        """The bytes that are posted: the pictures of a picture post, else the video."""
        return self.draft.picture_bytes or self.file.size

    @property
    def file(self) -> AssetRef:
        """The file that the post's row names: the video, or the first picture where there is none."""
        return self.video.file if self.video else self.draft.pictures[0].file

    @property
    def files(self) -> list[tuple[str, AssetRef]]:
        """All files that are shown to the public, named for people."""
        draft = self.draft
        pictures = [(f"picture {number}", each.file) for number, each in enumerate(draft.pictures, start=1)]
        captions = [(f"captions {each.language}", each.file) for each in draft.captions]
        thumbnail = [("thumbnail", draft.thumbnail)] if draft.thumbnail else []
        return [*(pictures or [("video", self.file)]), *thumbnail, *captions]

    @property
    def approval_digest(self) -> str:
        """The sha256 of what is shown to the public: the post's text, its files (its pictures too) and its video.

        `key` and `marker` are ours alone, and differ where the same material is posted once more. Fields that have
        their default are left out, so that the digest stays what it was when the draft gets new ones.
        """
        shown = self.draft.model_dump(mode="json", exclude={"marker"}, exclude_defaults=True)
        return sha256_of([self.content_id, shown, self.file.sha256])


class UploadSession(Model):
    """A platform's own upload session, enough of it to go on after a crash. `state` is the adapter's alone."""

    platform: Platform
    account: str
    total: int
    state: dict[str, Any] = Field(default_factory=dict)


class UploadProgress(Model):
    """How much the platform reports as received. `post_id` is set when the post already exists."""

    committed: int
    total: int
    post_id: str = ""


class Reconciliation(Model):
    """An armed post's outcome, read from the platform's own state.

    `posted` comes with the post. `absent` is returned only when the platform makes it certain that nothing was
    posted and that posting again cannot double it. `unknown` means read again later, `untold` that this platform has no
    read that could ever decide: a person must. `reason` is the explanation for that person.
    """

    outcome: Literal["posted", "absent", "unknown", "untold"]
    post: PublishedPost | None = None
    reason: str = ""


class ProcessingState(StrEnum):
    """The platform's state of an uploaded video. `LIVE`: ready to be posted, or posted and visible."""

    PROCESSING = "processing"
    LIVE = "live"
    FAILED = "failed"


class Processing(Model):
    """A read of the platform's processing, with its own reason when it failed.

    `again`: a new upload of the same file may succeed (a failure of the platform itself, an expired container).
    `post` has what a read after the post may add to the posting call's answer: its id or its address.
    """

    state: ProcessingState
    reason: str = ""
    again: bool = False
    post: PublishedPost | None = None


class ExtraKind(StrEnum):
    """What can be added to a post that exists."""

    THUMBNAIL = "thumbnail"
    CAPTIONS = "captions"
    COMMENT = "comment"
    REPLY = "reply"


class Extra(Model):
    """One addition to a post that exists: a thumbnail, a caption track, the first comment, a reply of a thread.

    `name` is unique within the post (`captions-en`, `reply-2`) and part of its effect's key. `after` names the extra
    that must exist before (a thread's replies hang on each other).
    """

    kind: ExtraKind
    name: str
    text: str = ""
    language: str = ""
    file: AssetRef | None = None
    after: str = ""


class ExtraResult(Model):
    """How an extra ended; `note` explains for people why one is missing."""

    name: str
    status: Literal["done", "skipped", "failed"]
    id: str = ""
    note: str = ""


class PostState(StrEnum):
    """The life of a row in `posts`. Only forward; `armed` without a result is never posted again blindly."""

    PREPARED = "prepared"
    UPLOADING = "uploading"
    ARMED = "armed"
    POSTED = "posted"
    FAILED = "failed"


class PostRow(Model):
    """The database's row of one post."""

    key: str
    content_id: str
    platform: Platform
    account: str
    state: PostState
    session: UploadSession | None = None
    committed: int = 0
    armed_at: datetime | None = None
    post_id: str = ""
    url: str = ""
    error: str = ""


class PreparedPost(Model):
    """A post whose row stands: what has become of it, the place it will have on the platform, what will be added to it,
    what it takes from which quota bucket, and the instant before which it is not to appear."""

    state: PostState
    kind: PostKind
    extras: tuple[Extra, ...] = ()
    costs: dict[str, int] = Field(default_factory=dict)
    not_before: datetime | None = None


class SpentQuota(Model):
    """The platform refused a publication for lack of quota. `booking` is the key of what it had booked; `bucket` may be
    empty where the platform did not name it."""

    task: PublishTask
    booking: str
    bucket: str = ""
    until: datetime


class AttachTask(Model):
    """An extra to be added to a post that exists."""

    task: PublishTask
    post: PublishedPost
    extra: Extra


class SettleTask(Model):
    """A person's word on a parked post."""

    task: PublishTask
    settlement: Settlement


class FailedPost(Model):
    """A publication that ends without a post, and why."""

    task: PublishTask
    reason: str


class ApprovePosts(Model):
    """The posts that are made from what was approved as `artifact_sha256`, by their `PublishTask.approval_digest`.

    `shown` is the manifest of what is posted now; None where the artifact is the material alone. `texts` are the
    digests of the posts' texts. `approvers` is how many people must have approved it.
    """

    content_id: str
    artifact_sha256: str
    digests: tuple[str, ...]
    shown: ReviewManifest | None = None
    texts: tuple[str, ...] = ()
    approvers: int = 1


class PublicationNews(Model):
    """A publication's message to the content that started it: why it waits."""

    platform: Platform
    account: str
    text: str


class Settlement(Model):
    """A person's word on a post that no read of the platform could settle."""

    posted: bool
    post_id: str = ""
    url: str = ""
    by: str = ""


class Notice(Model):
    """A line for the channel's people: what happened to which post, and what they are to do. No secrets, no markup."""

    key: str
    title: str
    text: str
    url: str = ""
    level: Literal["good", "info", "warning", "bad"] = "info"
