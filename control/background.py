"""The report's data besides a content's result: the request, the decisions, and the times of the scenes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.material_lines import own_told
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult
from reelwright.domain.content.story import Material, Music, Narration, Picture, Scene, Story
from reelwright.domain.content.taken import TakenMedia
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import InvalidInput
from reelwright.storage.channels import PostgresChannels
from reelwright.storage.contents import FiledResult, PostgresContents

from .report import Background, Review, SceneTime, Times
from .resolve import Content
from .temporal.port import Client

SAME_LENGTH_S = 0.2
STRUCK = "***"
_SECRET_NAME = re.compile(r"token|key|secret|password|passwd|auth|sig|session|credential", re.IGNORECASE)
_MEDIA = ("media", "narration", "music", "intro", "outro", "video")
_NOTHING = AssetRef(key="-", sha256="0" * 64, size=0, media_type="-")


class SceneSpan(Protocol):
    """The time of one scene's narration, in frames."""

    @property
    def scene(self) -> int:
        """Its index in the story."""

    @property
    def speech_first(self) -> int:
        """The first frame of its narration."""

    @property
    def speech_frames(self) -> int:
        """The narration's length."""


class Timeline(Protocol):
    """What is needed of a video's timeline."""

    @property
    def scenes(self) -> Sequence[SceneSpan]:
        """In the order in which they are narrated."""

    @property
    def fps(self) -> int:
        """Frames per second."""

    @property
    def seconds(self) -> float:
        """The length of the whole video."""


Layout: TypeAlias = Callable[[RenderPlan], Timeline]
"""Lays a plan out in time; raises `InvalidInput` where that is impossible. Injected, because the renderer does it."""


async def background_of(
    client: Client, filed: PostgresContents | None, content: Content, result: ContentResult | None, *, layout: Layout
) -> Background:
    """All that the database and Temporal still have."""
    request = await _request(client, filed, content)
    inherits = await PostgresChannels(filed.pool).kept(content.content_id) if filed else None
    whole = inherits.applied_to(request) if inherits and request else request
    known = Background(
        channel=request.channel if request else "",
        channel_version=inherits.version if inherits else 0,
        language=whole.language if whole else "",
        request=without_secrets(request) if request else None,
    )
    if filed is None:
        return known
    return known.model_copy(
        update={
            "times": await _times(filed, content),
            "reviews": await _reviews(filed, content.content_id),
            "scenes": await _scenes(filed, whole, result, layout) if whole and result else (),
        }
    )


def without_secrets(request: ContentRequest) -> dict[str, Any]:
    """The request as JSON; addresses lose their passwords and what looks like a key in their query."""
    data = request.model_dump(mode="json", exclude_none=True)
    if request.feed:
        data["feed"] = plain_address(request.feed)
    if request.item and request.item.url:
        data["item"]["url"] = plain_address(request.item.url)
    for name in _MEDIA:
        if name in data:
            data[name] = _plain_addresses(data[name])
    return data


def _plain_addresses(value: Any) -> Any:
    """A field of own media whose addresses have lost their secrets: a presigned one is as good as a password."""
    if isinstance(value, dict):
        return {name: _plain_addresses(inner) for name, inner in value.items()}
    return plain_address(value) if isinstance(value, str) and value.startswith("https://") else value


def plain_address(url: str) -> str:
    """The address without user, password, and the values of parameters that are named like secrets."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return STRUCK
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    query = [
        (name, STRUCK if _SECRET_NAME.search(name) else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    return urlunsplit((parts.scheme, host + port, parts.path, urlencode(query, safe=STRUCK), ""))


async def _request(client: Client, filed: PostgresContents | None, content: Content) -> ContentRequest | None:
    """From the database, else from the first event of the content's run."""
    documents = await filed.documents(content.content_id) if filed else None
    if documents is not None:
        return ContentRequest.model_validate_json(documents.request_json)
    if content.run is None:
        return None
    return await client.handle(content.workflow_id, object).started_with(ContentRequest)


async def _times(filed: PostgresContents, content: Content) -> Times:
    row = content.row or next(iter(await filed.find(content.content_id)), None)
    if row is None:
        return Times()
    steps = await filed.finished_steps(content.content_id)
    return Times(opened=row.opened_at, closed=row.closed_at, steps=steps)


async def _reviews(filed: PostgresContents, content_id: str) -> tuple[Review, ...]:
    return tuple(
        Review(
            decision=one.decision,
            reviewer=one.by,
            note=one.note,
            artifact_sha256=one.artifact_sha256,
            decided_at=one.decided_at,
        )
        for one in await filed.decisions(content_id)
        if one.kind == "review"
    )


async def _scenes(
    filed: PostgresContents, request: ContentRequest, result: ContentResult, layout: Layout
) -> tuple[SceneTime, ...]:
    """The times of the scenes. The database has every revision's story and speech; a revision is used only if it makes
    a video of exactly the delivered length."""
    if not result.videos:
        return ()
    stories = [Story.model_validate_json(one.result_json) for one in await filed.results(result.content_id, "writing")]
    speech = [
        *await filed.results(result.content_id, "speech"),
        *await filed.results(result.content_id, "own-narration"),
    ]
    taken = await filed.results(result.content_id, "own-media")
    own = TakenMedia.model_validate_json(taken[-1].result_json) if taken else TakenMedia()
    drawn = [Picture.model_validate_json(one.result_json) for one in await filed.results(result.content_id, "images")]
    # The newest picture of a scene is the one that was approved.
    shows = {picture.scene: str(picture.reading) for picture in drawn if picture.reading is not None}
    for story in reversed(stories):
        if story.title == result.title and (scenes := _laid_out(story, speech, request, result, layout, own)):
            shows |= {scene.index: _own(scene, own) for scene in story.scenes if own.of(scene)}
            return tuple(scene.model_copy(update={"picture": shows.get(scene.index, "")}) for scene in scenes)
    return ()


def _own(scene: Scene, taken: TakenMedia) -> str:
    """What the report says of a scene with a picture or a clip of the user's own."""
    media = taken.of(scene)
    return own_told(clip=media.clip is not None, shows=media.shows or scene.shows) if media else ""


def _laid_out(
    story: Story,
    speech: Sequence[FiledResult],
    request: ContentRequest,
    result: ContentResult,
    layout: Layout,
    own: TakenMedia,
) -> tuple[SceneTime, ...]:
    newest = sorted(speech, key=lambda one: one.recorded_at, reverse=True)
    spoken = [narration for one in newest for narration in _narrations(one)]
    narrations = [_spoken_of(scene, spoken) for scene in story.scenes]
    if None in narrations:
        return ()
    try:
        timeline = layout(_plan(story, [one for one in narrations if one], request, own))
    except InvalidInput:
        return ()
    if abs(timeline.seconds - result.videos[0].duration_s) > SAME_LENGTH_S:
        return ()
    texts = {scene.index: scene.text for scene in story.scenes}
    return tuple(
        SceneTime(
            index=span.scene,
            text=texts[span.scene],
            start_s=round(span.speech_first / timeline.fps, 3),
            duration_s=round(span.speech_frames / timeline.fps, 3),
        )
        for span in timeline.scenes
    )


def _narrations(filed: FiledResult) -> Sequence[Narration]:
    """Of a voice's record the one scene, of a recording's all that were cut from it."""
    if filed.step == "speech":
        return [Narration.model_validate_json(filed.result_json)]
    return [Narration.model_validate(one) for one in json.loads(filed.result_json)["narrations"]]


def _spoken_of(scene: Scene, spoken: Sequence[Narration]) -> Narration | None:
    """The newest narration of exactly this scene's words."""
    return next(
        (one for one in spoken if one.scene == scene.index and _letters(_said(one)) == _letters(scene.text)), None
    )


def _said(narration: Narration) -> str:
    return "".join(word.text for word in narration.words)


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum()).casefold()


def _plan(story: Story, narrations: Sequence[Narration], request: ContentRequest, own: TakenMedia) -> RenderPlan:
    """Enough of a plan for its timeline: no picture and no music is looked at."""
    pictures = tuple(Picture(scene=scene.index, image=_NOTHING, provider="") for scene in story.scenes)
    music = Music(audio=_NOTHING, duration_s=0.0, mood=story.mood, provider="")
    material = Material(
        story=story, narrations=tuple(narrations), pictures=pictures, music=music, intro=own.intro, outro=own.outro
    )
    return RenderPlan(content_id="-", material=material, formats=request.formats, style=request.style)
