"""Contents: lists, starts, status, files."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from control.listing import Listed
from control.operations import Status
from control.view import ContentView
from control.watching import overall_percent
from reelwright.domain.boards import Board
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.ids import CONTENT_ID

from .common import Answer, Listing

ContentId = Annotated[str, StringConstraints(pattern=CONTENT_ID)]


class ContentRow(Answer):
    """One content in a list. `id` reaches it in every operation; `review` is `wanted` where a person is asked."""

    id: str
    content_id: str
    workflow_id: str
    stage: str
    title: str
    channel: str
    usd: float
    review: str
    started: datetime

    @classmethod
    def of(cls, row: Listed) -> ContentRow:
        """Of control's row."""
        return cls.model_validate(row)

    @classmethod
    def on_board(cls, row: Board) -> ContentRow:
        """Of a board."""
        return cls(
            id=row.content_id, content_id=row.content_id, workflow_id=row.workflow_id, stage=row.stage, title=row.title,
            channel=row.channel, usd=float(row.cost.amount), review=row.review, started=row.started,
        )  # fmt: skip

    @classmethod
    def listed(cls, row: Listed) -> ContentRow:
        """Of a row of Temporal's list."""
        return cls(**vars(row))


class ContentList(Listing):
    """Contents, newest first."""

    items: tuple[ContentRow, ...]


class NewContent(ContentRequest):
    """A request for one content, with the id that it is to have. Without `id` it has one made of `request_key`, or of
    the `Idempotency-Key`, so that the same request sent again leads to the same content."""

    model_config = ConfigDict(defer_build=False)  # FastAPI builds it, and says its own name for it

    id: ContentId | None = Field(default=None, description="the content's id; chosen for you if left out")

    def request(self) -> ContentRequest:
        """The request alone; what was not set stays unset, since a channel may set it."""
        return ContentRequest.model_construct(
            self.model_fields_set - {"id"},
            **{name: getattr(self, name) for name in ContentRequest.model_fields},
        )


class Started(Answer):
    """`started`: whether it was started now; false where the same request was known already."""

    content_id: str
    workflow_id: str
    started: bool
    status: Annotated[str, Field(description="the address of its status")]
    notes: tuple[str, ...] = ()


class ContentStatus(ContentView):
    """How a content stands. `progress` is its percent, advanced by its render's; `doing` is what the render does;
    `ended`: nothing more happens by itself."""

    progress: float = 0.0
    doing: str = ""
    ended: bool = False

    @classmethod
    def told(cls, status: Status) -> ContentStatus:
        """Of control's answer."""
        view, rendering = status.view, status.rendering
        progress = overall_percent(view, rendering) if rendering else float(view.percent)
        data = {name: getattr(view, name) for name in type(view).model_fields}
        return cls(**data, progress=round(progress, 1), doing=rendering.doing if rendering else "", ended=view.final)


class Stopping(Answer):
    """A content whose cancellation was requested. What it has made is kept."""

    content_id: str
    workflow_id: str


class ContentFile(Answer):
    """One file of a finished content. `url` is where its bytes are."""

    name: str
    media_type: str
    size: int
    sha256: str
    url: str


class ContentFiles(Answer):
    """All files of a finished content."""

    items: tuple[ContentFile, ...]
