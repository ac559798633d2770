"""What is done to one content: start it, look at it, deliver it, stop it, judge it, try its posts again.

Each takes the `Studio` and an id as a person gives it. Lists are in `listing` and `posts_listing`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reelwright.domain.content.status import ContentResult, Stage
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.people import Role
from reelwright.domain.publishing.outcomes import PostResult

from . import contents, publications
from .access import allowed, who
from .resolve import Content, described, resolve
from .reviewing import open_question, what_is_judged
from .studio import Studio
from .view import ContentView, view_of
from .watching import Rendering, rendering_of

if TYPE_CHECKING:  # loaded by what makes them: a status needs neither requests, reports nor retries
    from reelwright.domain.content.decision import ReviewDecision
    from reelwright.domain.content.request import ContentRequest

    from .report import Report
    from .retrying import Started, Wanted


@dataclass(frozen=True)
class Status:
    """A content's status, and its render's progress while there is one."""

    view: ContentView
    rendering: Rendering | None = None


@dataclass(frozen=True)
class Delivery:
    """A content that has ended, and the report of what was put into a folder."""

    result: ContentResult
    report: Report


@allowed(Role.OPERATOR)
async def start(studio: Studio, content_id: str, request: ContentRequest) -> tuple[Content, bool]:
    """(content, whether it was started now), as `contents.start`."""
    return await contents.start(studio.client, studio.contents, content_id, request)


@allowed(Role.VIEWER)
async def status(studio: Studio, id: str) -> Status:
    """The content's own answer; while it renders, with the render's progress."""
    view = await view_of(studio.client, studio.contents, await resolve(studio.client, studio.contents, id))
    if view.stage != Stage.RENDERING:
        return Status(view)
    return Status(view, await rendering_of(studio.client, view.content_id))


@allowed(Role.VIEWER)
async def again(studio: Studio, content: Content) -> Content:
    """The same content with its newest run."""
    run = await described(studio.client, content.workflow_id)
    return Content(content.content_id, content.workflow_id, run, content.row)


@allowed(Role.VIEWER)
async def finished(studio: Studio, id: str) -> Content:
    """The content, or `InvalidInput` when it has not ended yet."""
    content = await resolve(studio.client, studio.contents, id)
    view = await view_of(studio.client, studio.contents, content)
    if not view.final:
        raise InvalidInput(
            f"{view.content_id} is not finished ({view.stage})",
            field="id",
            remedy=f"see `reelwright status {view.content_id}`",
        )
    return content


@allowed(Role.VIEWER)
async def end_of(studio: Studio, content: Content) -> ContentResult:
    """How a content ended, with what has become of its posts since. Raises what made it fail."""
    result = await contents.ended(studio.client, studio.contents, content)
    return await publications.up_to_date(studio.client, result, studio.contents)


@allowed(Role.VIEWER)
async def fetch(studio: Studio, content: Content, result: ContentResult, folder: Path) -> Delivery:
    """Puts the files and the report of a content that has ended into a folder."""
    from .background import background_of
    from .deliver import deliver

    known = await background_of(studio.client, studio.contents, content, result, layout=studio.layout)
    return Delivery(result, await deliver(result, studio.media(), folder, known))


@allowed(Role.VIEWER)
async def failed(studio: Studio, content: Content, reason: str) -> Report:
    """The report of a content that ended without a result."""
    from .background import background_of
    from .report import failure_report

    known = await background_of(studio.client, studio.contents, content, None, layout=studio.layout)
    return failure_report(content.content_id, content.workflow_id, reason, background=known)


@allowed(Role.OPERATOR)
async def cancel(studio: Studio, id: str) -> Content:
    """Requests a content's cancellation; it updates its row by itself. Raises `InvalidInput` when it has ended
    already."""
    content = await resolve(studio.client, studio.contents, id)
    if not contents.is_running(content):
        stage = (await view_of(studio.client, studio.contents, content)).stage
        raise InvalidInput(f"{content.content_id} has ended already ({stage})", field="id")
    await contents.cancel(contents.handle_of(studio.client, content))
    return content


@dataclass(frozen=True)
class Question:
    """What a content waits for a reviewer with."""

    content: Content
    view: ContentView


@allowed(Role.VIEWER)
async def question(studio: Studio, id: str) -> Question:
    """The open question of a content, or `InvalidInput` when there is none."""
    content = await resolve(studio.client, studio.contents, id)
    asked = Question(content, await view_of(studio.client, studio.contents, content))
    open_question(asked.view)
    return asked


@allowed(Role.REVIEWER)
async def decide(
    studio: Studio, asked: Question, decision: ReviewDecision, *, artifact: str | None, shown: str | None
) -> ReviewDecision:
    """Hands a decision in, on the artifact that was named or shown; what was handed in. Raises `InvalidInput` when that
    is not the open question, or the content refuses it."""
    chosen = what_is_judged(asked.view, open_question(asked.view), artifact=artifact, shown=shown)
    judged = decision.model_copy(update={"artifact_sha256": chosen, "reviewer": who(studio, decision.reviewer)})
    await contents.submit_review(contents.handle_of(studio.client, asked.content), judged)
    return judged


@allowed(Role.OPERATOR)
async def settle(
    studio: Studio, id: str, platform: Platform, account: str, *, post_id: str | None, url: str, by: str
) -> Content:
    """A person has looked at the account: the parked post is there under this id, or (None) is not there."""
    content = await resolve(studio.client, studio.contents, id)
    handle = await publications.find(studio.client, content.content_id, platform, account)
    await publications.settle(handle, post_id=post_id, url=url, by=by)
    return content


@allowed(Role.OPERATOR)
async def retry(studio: Studio, id: str, wanted: Wanted) -> tuple[Content, tuple[Started, ...]]:
    """Tries posts of a content again, all at the same time."""
    from .retrying import retry_all

    if wanted.again_by:
        wanted = replace(wanted, again_by=who(studio, wanted.again_by))
    content = await resolve(studio.client, studio.contents, id)
    return content, await retry_all(studio.client, studio.contents, content, wanted)


@allowed(Role.VIEWER)
async def retried(studio: Studio, id: str, started: Sequence[Started]) -> tuple[Content, tuple[PostResult, ...]]:
    """Waits for the posts that were tried again: (the content as it is then, how they ended)."""
    from .retrying import outcomes

    posts = await outcomes(started)
    return await resolve(studio.client, studio.contents, id), posts
