"""What a reviewer looks at, gathered into a folder: the open question with its files, and the differences to the
revision before."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.moderated import ModerationFinding
from reelwright.domain.content.rendered import CaptionFile
from reelwright.domain.content.shown_answer import ShownMaterial, ShownScene, ShownText
from reelwright.domain.content.status import ReviewWanted
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role

from .access import allowed
from .contents import SOON, handle_of, unknown_is_told
from .differences import Part, scenes_paired, words_changed
from .operations import Question
from .reviewing import open_question, quoted
from .studio import Studio
from .temporal.port import QueryFailed
from .view import ContentView

if TYPE_CHECKING:  # loads all that is made of a content
    from reelwright.domain.ports.making import MediaStore

SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "audio/wav": ".wav",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "text/vtt": ".vtt",
}
HASH_DIGITS = 16
"""Of the artifact's hash in the commands: enough to tell it from any other."""
_SCENE = re.compile(r"scene (\d+)\b")


@dataclass(frozen=True)
class PageScene:
    """A scene of the page. File names are relative to the folder. `parts` is its text with the differences; `state`
    says what it is compared with the revision before: nothing where there is none. `picture_before` is set where the
    same scene had another picture."""

    number: int | None
    state: str
    heading: str = ""
    parts: tuple[Part, ...] = ()
    picture: str = ""
    picture_before: str = ""
    clip: str = ""
    narration: str = ""
    told: str = ""
    findings: tuple[ModerationFinding, ...] = ()


@dataclass(frozen=True)
class PageTrack:
    """A caption track, in the page itself: a page that is opened as a file may not load one from beside it."""

    language: str
    data: str


@dataclass(frozen=True)
class PageVideo:
    """A video of one format, with its still and captions."""

    format: str
    file: str
    width: int
    height: int
    seconds: float
    sha256: str
    poster: str = ""
    tracks: tuple[PageTrack, ...] = ()


@dataclass(frozen=True)
class PageStill:
    """A thumbnail to choose from; `number` counts all of them from 1. The variant `text` goes with posts unless another
    is chosen."""

    format: str
    number: int
    variant: str
    file: str
    sha256: str


@dataclass(frozen=True)
class PageText:
    """A platform's texts with what moderation found in them."""

    text: ShownText
    findings: tuple[ModerationFinding, ...] = ()


AnyShown: Any = ShownMaterial | None  # the SDK's annotation takes classes only, its converter takes any type


@dataclass(frozen=True)
class ReviewPage:
    """All that the page shows."""

    view: ContentView
    review: ReviewWanted
    shown: ShownMaterial
    title: tuple[Part, ...]
    videos: tuple[PageVideo, ...]
    scenes: tuple[PageScene, ...]
    texts: tuple[PageText, ...]
    stills: tuple[PageStill, ...]
    findings: tuple[ModerationFinding, ...]
    commands: dict[str, str] = field(default_factory=dict)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why a person must look, but for what the findings say already."""
        found = tuple(finding.reason for finding in self.shown.findings)
        return tuple(reason for reason in self.review.reasons if not reason.startswith(found))


@allowed(Role.VIEWER)
async def shown_of(studio: Studio, asked: Question) -> ShownMaterial:
    """What the open question is about, as the content itself answers. Raises `InvalidInput` where it does not: its
    workers are of a release that cannot, or the question was answered meanwhile."""
    handle = handle_of(studio.client, asked.content)
    try:
        with unknown_is_told(handle):
            shown: ShownMaterial | None = await handle.query("shown", result_type=AnyShown, timeout=SOON)
    except QueryFailed as error:
        raise InvalidInput(
            f"{asked.view.content_id} does not say what it shows ({error.message})",
            field="id",
            remedy="see `reelwright status`, and start the studio anew where it is older than this command",
        ) from error
    if shown is None or shown.artifact_sha256 != open_question(asked.view).artifact_sha256:
        raise InvalidInput(f"{asked.view.content_id} has changed meanwhile", field="id", remedy="show it again")
    return shown


@allowed(Role.VIEWER)
async def gathered(studio: Studio, asked: Question, folder: Path) -> ReviewPage:
    """The page's data; all files that it names are in `folder` then."""
    shown = await shown_of(studio, asked)
    folder.mkdir(parents=True, exist_ok=True)
    return await assembled(asked, shown, _Files(studio.media(), folder))


class Files(Protocol):
    """Where the files of a page go: what comes back is what the page names them by."""

    async def put(self, ref: AssetRef, name: str) -> str:
        """A file that the page links to."""
        ...

    async def data(self, ref: AssetRef, name: str) -> str:
        """A file that is a part of the page, where it can be."""
        ...


async def assembled(asked: Question, shown: ShownMaterial, files: Files) -> ReviewPage:
    """The page's data, of what is shown of an open question."""
    review = open_question(asked.view)
    scenes = await _scenes(shown, files)
    rendered = shown.rendered
    tracks = [await _track(files, track) for track in rendered.captions if track.kind == "vtt"] if rendered else []
    stills = [
        PageStill(
            image.format.value,
            number,
            image.variant,
            await files.put(image.file, f"thumbnail-{number}-{image.format.slug}"),
            image.file.sha256,
        )
        for number, image in enumerate(rendered.thumbnails if rendered else (), 1)
    ]
    posters = {still.format: still.file for still in reversed(stills)}
    videos = [
        PageVideo(
            video.format.value,
            await files.put(video.file, f"{shown.shows}-{video.format.slug}"),
            video.width,
            video.height,
            video.duration_s,
            video.file.sha256,
            posters.get(video.format.value, ""),
            tuple(tracks),
        )
        for video in (rendered.videos if rendered else ())
    ]
    numbers = {scene.number for scene in scenes if scene.number is not None}
    texts = tuple(PageText(text, _of_platform(shown.findings, text)) for text in shown.texts)
    placed = {id(finding) for text in texts for finding in text.findings}
    return ReviewPage(
        view=asked.view,
        review=review,
        shown=shown,
        title=words_changed(shown.before.title, shown.title) if shown.before else (Part("same", shown.title),),
        videos=tuple(videos),
        scenes=tuple(scenes),
        texts=texts,
        stills=tuple(stills),
        findings=tuple(
            finding
            for finding in shown.findings
            if _scene_of(finding) not in numbers and id(finding) not in placed  # shown where they were found
        ),
        commands=_commands(asked.view.content_id, review),
    )


class _Files:
    """Puts files of the media store into the folder, each once. The name carries the hash: a file that is there under
    it is that file."""

    def __init__(self, media: MediaStore, folder: Path) -> None:
        self._media = media
        self._folder = folder

    async def put(self, ref: AssetRef, name: str) -> str:
        """The file's name in the folder."""
        full = f"{name}-{ref.sha256[:12]}{SUFFIXES.get(ref.media_type, '.bin')}"
        target = self._folder / full
        if not (target.exists() and target.stat().st_size == ref.size):
            await self._media.fetch(ref, target)
        return full

    async def data(self, ref: AssetRef, name: str) -> str:
        """The file as a `data:` address. It is put into the folder too."""
        full = await self.put(ref, name)
        coded = base64.b64encode((self._folder / full).read_bytes()).decode()
        return f"data:{ref.media_type};base64,{coded}"


async def _track(files: Files, track: CaptionFile) -> PageTrack:
    return PageTrack(track.language, await files.data(track.file, f"captions.{track.language}"))


async def _scenes(shown: ShownMaterial, files: Files) -> list[PageScene]:
    before = shown.before
    if before is None:
        return [await _scene(shown, scene, files, "", None) for scene in shown.scenes]
    made = []
    for pair in scenes_paired(before.scenes, [scene.text for scene in shown.scenes]):
        text = before.scenes[pair.before] if pair.before is not None else None
        if pair.after is None:
            made.append(PageScene(None, "removed", parts=(Part("removed", text or ""),)))
            continue
        scene = shown.scenes[pair.after]
        state = "new" if text is None else "same" if text == scene.text else "changed"
        made.append(await _scene(shown, scene, files, state, text))
    return made


async def _scene(shown: ShownMaterial, scene: ShownScene, files: Files, state: str, before: str | None) -> PageScene:
    old = shown.before.pictures.get(before) if shown.before and before is not None else None
    replaced = old if old and scene.picture and old.sha256 != scene.picture.sha256 else None
    if replaced and state == "same":
        state = "another picture"
    return PageScene(
        number=scene.number,
        state=state,
        heading=scene.heading,
        parts=words_changed(before, scene.text) if before is not None else (Part("same", scene.text),),
        picture=await files.put(scene.picture, f"scene-{scene.number}") if scene.picture else "",
        picture_before=await files.put(replaced, f"scene-{scene.number}-before") if replaced else "",
        clip=await files.put(scene.clip, f"clip-{scene.number}") if scene.clip else "",
        # With a video it is heard there.
        narration=await files.put(scene.narration, f"voice-{scene.number}")
        if scene.narration and not shown.rendered
        else "",
        told=scene.told,
        findings=tuple(finding for finding in shown.findings if _scene_of(finding) == scene.number),
    )


def _scene_of(finding: ModerationFinding) -> int | None:
    match = _SCENE.search(finding.place)
    return int(match[1]) if match else None


def _of_platform(findings: Sequence[ModerationFinding], text: ShownText) -> tuple[ModerationFinding, ...]:
    return tuple(finding for finding in findings if finding.place.startswith(f"{text.platform.value} "))


def _commands(content_id: str, review: ReviewWanted) -> dict[str, str]:
    """What to type for each decision, on exactly this artifact."""
    named = f"{quoted(content_id)} --artifact {review.artifact_sha256[:HASH_DIGITS]}"
    revise = f"reelwright review revise {named}"
    commands = {
        "approve": f"reelwright review approve {named}" + (" [--thumbnail 2]" if review.thumbnails else ""),
        "reject": f'reelwright review reject {named} --note "why"',
        "another picture": f'{revise} --note "scene 1: what it should show"',
        "another text": f"{revise} --script new.md",
    }
    if review.own_pictures:
        commands["your own picture"] = f"{revise} --picture 1=media:SHA256"
    if review.texts:
        commands["another text of a post"] = f'{revise} --text "{review.texts[0].platform.value}=..."'
    return commands
