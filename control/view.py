"""A content as `reelwright status` shows it: its own answer while it runs, the database's when it has ended."""

from __future__ import annotations

from datetime import timedelta

from reelwright.domain.content.status import ContentResult, PipelineStatus
from reelwright.domain.publishing.outcomes import PostResult, by_place
from reelwright.storage.contents import FiledContent, PostgresContents

from .contents import START_AGAIN, failure_of, handle_of, result_filed, status_of
from .resolve import Content
from .stages import CLOSED, DEAD, FINAL, LOST
from .temporal.port import CallFailed, Client, QueryFailed, RunFailed, RunStatus

BRIEFLY = timedelta(seconds=4)


class ContentView(PipelineStatus):
    """What `status` prints: the content's own answer, under its ids. `stage` may also be `terminated`, `timed_out` or
    `lost`, which the content itself cannot report; `remedy` is what to do about that."""

    stage: str  # type: ignore[assignment]
    workflow_id: str
    channel: str = ""
    remedy: str = ""

    @property
    def final(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.stage in FINAL or self.dead

    @property
    def dead(self) -> bool:
        """Whether it ended without having closed its books."""
        return self.stage in DEAD.values() or self.stage == LOST


async def view_of(client: Client, filed: PostgresContents | None, content: Content) -> ContentView:
    """How the content stands. Raises `CallFailed` when it is running and does not answer."""
    run = content.run
    if run is None:
        return await _from_the_books(filed, content)
    if run.status is RunStatus.RUNNING:
        return _shown(content, await status_of(handle_of(client, content)))
    view = await _last_word(client, filed, content)
    if run.status in CLOSED and view.stage not in FINAL:
        view = view.model_copy(update={"stage": CLOSED[run.status]})
    if run.status in DEAD:
        view = view.model_copy(update={"stage": DEAD[run.status], "review": None, "remedy": START_AGAIN})
    if run.status in CLOSED and (reason := await _reason(client, content)):
        view = view.model_copy(update={"error": reason})
    return view


async def _last_word(client: Client, filed: PostgresContents | None, content: Content) -> ContentView:
    """Of a closed run: its own last answer if a worker gives it soon, else what the database has."""
    try:
        return _shown(content, await status_of(handle_of(client, content), BRIEFLY))
    except (CallFailed, QueryFailed):
        return await _from_the_books(filed, content)


async def _reason(client: Client, content: Content) -> str:
    try:
        await handle_of(client, content).result()
    except RunFailed as error:
        return failure_of(error, content.workflow_id).message
    return ""


async def _from_the_books(filed: PostgresContents | None, content: Content) -> ContentView:
    row = content.row
    if row is None or filed is None:
        return ContentView(
            content_id=content.content_id, workflow_id=content.workflow_id, stage=LOST, percent=0,
            remedy="its database does not know it",
        )  # fmt: skip
    result = await result_filed(filed, content.content_id)
    if row.status == "running":
        return _of_row(row).model_copy(
            update={"stage": LOST, "error": "Temporal knows no run of it", "remedy": START_AGAIN}
        )
    return _of_result(row, result) if result else _of_row(row)


def _shown(content: Content, answer: PipelineStatus) -> ContentView:
    fields = answer.model_dump() | {"stage": answer.stage.value}
    channel = content.row.channel if content.row else ""
    return ContentView.model_validate({**fields, "workflow_id": content.workflow_id, "channel": channel})


def _of_row(row: FiledContent) -> ContentView:
    return ContentView(
        content_id=row.content_id, workflow_id=row.workflow_id, stage=row.status, title=row.title,
        percent=100 if row.status in FINAL else 0, cost_usd=row.usd, channel=row.channel,
    )  # fmt: skip


def _of_result(row: FiledContent, result: ContentResult) -> ContentView:
    steps = {"videos": ", ".join(video.format.value for video in result.videos)} if result.videos else {}
    steps |= {f"post to {where}": _told(post) for where, post in by_place(result.posts).items()}
    return _of_row(row).model_copy(
        update={
            "title": result.title or row.title,
            "error": result.reason,
            "posts": result.posts,
            "notes": tuple(filter(None, (result.notice, *result.notes))),
            "steps": steps,
        }
    )


def _told(post: PostResult) -> str:
    return post.url or post.error or post.status
