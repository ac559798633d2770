"""What is posted where, and how far it has come."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from .assets import AssetRef
from .base import Model
from .formats import Platform
from .video import RenderedVideo


class PostDraft(Model):
    """One post, as it should appear. `marker` is a short private token by which the post is found again."""

    platform: Platform
    account: str
    title: str
    description: str
    tags: tuple[str, ...] = ()
    language: str = "en"
    privacy: str = "public"
    made_for_kids: bool = False
    synthetic_media: bool = True
    marker: str


class PublishTask(Model):
    """Input of a Publish workflow: `key` never changes when the post is retried."""

    content_id: str
    key: str
    draft: PostDraft
    video: RenderedVideo


class UploadSession(Model):
    """A platform's own upload session, enough of it to go on after a crash. `state` is the adapter's alone."""

    platform: Platform
    account: str
    total: int
    state: dict[str, Any] = Field(default_factory=dict)


class UploadProgress(Model):
    """How much the platform says it holds. `post_id` is set when the post already exists."""

    committed: int
    total: int
    post_id: str = ""


class PublishedPost(Model):
    """A post that exists."""

    post_id: str
    url: str


class Reconciliation(Model):
    """What the platform's own state says of an armed post.

    `posted` comes with the post. `absent` is said only when the platform makes it certain that nothing was
    posted and that posting again cannot double it. Everything else is `unknown`: ask again later.
    """

    outcome: Literal["posted", "absent", "unknown"]
    post: PublishedPost | None = None


class ProcessingState(StrEnum):
    """What the platform makes of an uploaded video."""

    PROCESSING = "processing"
    LIVE = "live"
    FAILED = "failed"


class Processing(Model):
    """A reading of the platform's processing, with its own reason when it failed."""

    state: ProcessingState
    reason: str = ""


class PostState(StrEnum):
    """The life of a row in `posts`. Only forward; `armed` without a result is never posted again blindly."""

    PREPARED = "prepared"
    UPLOADING = "uploading"
    ARMED = "armed"
    POSTED = "posted"
    FAILED = "failed"


class PostRow(Model):
    """What the database knows of one post."""

    key: str
    content_id: str
    platform: Platform
    account: str
    state: PostState
    session: UploadSession | None = None
    committed: int = 0
    post_id: str = ""
    url: str = ""
    error: str = ""


class PostResult(Model):
    """How a post ended, for the report. `status` is `posted` or `failed`."""

    platform: Platform
    account: str
    status: str
    post_id: str = ""
    url: str = ""
    error: str = ""
    video: AssetRef | None = None
