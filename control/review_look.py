"""An open review for a page that links to its files: all that is shown, and when each scene begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.shown import ShownMaterial
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ids import preview_workflow_id, render_workflow_id
from reelwright.domain.people import Role

from . import operations
from .access import allowed
from .contents import result_filed
from .operations import Question
from .resolve import Content, resolve
from .review_posts import SeenPost, seen_posts
from .review_show import ReviewPage, assembled, shown_of
from .studio import Studio
from .temporal.port import CallFailed, RunStatus


@dataclass(frozen=True)
class Look:
    """What is shown. The page names its files by their sha256. `starts` says at which second of the videos each scene
    begins; empty where there is no video, or its plan is not known any more. `posts` are the texts as platforms show
    them."""

    id: str
    page: ReviewPage
    starts: Mapping[int, float]
    posts: tuple[SeenPost, ...]

    @property
    def artifact(self) -> str:
        """The digest that a decision is for."""
        return self.page.shown.artifact_sha256


@dataclass(frozen=True)
class ContentFiles:
    """The files of a content that may be seen, by sha256: of its open question, which `artifact` names, and of its
    result."""

    artifact: str
    files: Mapping[str, AssetRef]


class _Named:
    """Names files by their sha256, and keeps them."""

    def __init__(self) -> None:
        self.files: dict[str, AssetRef] = {}

    async def put(self, ref: AssetRef, name: str) -> str:
        """The file's sha256."""
        self.files[ref.sha256] = ref
        return ref.sha256

    async def data(self, ref: AssetRef, name: str) -> str:
        """The same."""
        return await self.put(ref, name)


@allowed(Role.VIEWER)
async def look(studio: Studio, id: str) -> Look:
    """The open review of a content. Raises `InvalidInput` where it does not wait for one."""
    asked = await operations.question(studio, id)
    shown = await shown_of(studio, asked)
    page = await assembled(asked, shown, _Named())
    return Look(id, page, await _starts(studio, asked.content, shown), seen_posts(page.texts))


@allowed(Role.VIEWER)
async def files_of(studio: Studio, id: str) -> ContentFiles:
    """The files of a content that its page and its review show."""
    content = await resolve(studio.client, studio.contents, id)
    named, artifact = _Named(), ""
    if content.run is not None and content.run.status is RunStatus.RUNNING:
        asked = Question(content, (await operations.status(studio, id)).view)
        if asked.view.review is not None:
            shown = await shown_of(studio, asked)
            await assembled(asked, shown, named)
            artifact = shown.artifact_sha256
    result = await result_filed(studio.contents, content.content_id) if studio.contents else None
    if result is not None:
        made = [*(video.file for video in result.videos), *(image.file for image in result.thumbnails)]
        made += [track.file for track in result.captions]
        named.files.update({file.sha256: file for file in made})
    return ContentFiles(artifact, named.files)


async def _starts(studio: Studio, content: Content, shown: ShownMaterial) -> dict[int, float]:
    """When the scenes begin, from the plan that the shown videos were rendered of. It is the input of the child that
    rendered them; one that Temporal has deleted, or that is of another timeline, is none."""
    if shown.rendered is None or not shown.timeline_sha256:
        return {}
    id_of = render_workflow_id if shown.shows == "final" else preview_workflow_id
    try:
        plan = await studio.client.handle(id_of(content.content_id), object).started_with(RenderPlan)
    except CallFailed:  # the buttons then lead to the scenes' texts alone
        return {}
    if plan is None or plan.timeline_sha256 != shown.timeline_sha256:
        return {}
    try:
        timeline = studio.layout(plan)
    except InvalidInput:
        return {}
    return {span.scene + 1: round(span.speech_first / timeline.fps, 3) for span in timeline.scenes}
