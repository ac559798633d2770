"""The user's own media once it is checked and stored, and what a request names of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from ..assets import AssetRef
from ..base import Grown, Model
from ..formats import Platform, VideoFormat
from .media import MediaUse, OwnMusic, OwnNarration, OwnPicture, SceneClip, TakenPicture
from .media_lines import media_lines
from .request import ContentRequest
from .stored import MediaKind as MediaKind
from .stored import PictureFacts as PictureFacts
from .stored import SoundFacts as SoundFacts
from .stored import StoredMedia as StoredMedia
from .story import Scene


class NamedMedia(Grown, Model):
    """All the media that a request names. `lines` are the addresses of the script's media lines, each once."""

    added: ClassVar[frozenset[str]] = frozenset({"pictures"})

    scenes: dict[int, MediaUse] = Field(default={})
    lines: tuple[str, ...] = ()
    narration: OwnNarration | None = None
    music: OwnMusic | None = None
    intro: MediaUse | None = None
    outro: MediaUse | None = None
    video: dict[VideoFormat, str] = Field(default={})
    pictures: dict[Platform, tuple[OwnPicture, ...]] = Field(default={})

    @classmethod
    def of(cls, request: ContentRequest) -> NamedMedia:
        """What a request names."""
        return cls(
            scenes=request.media,
            lines=cls.of_script(request.script or "").lines,
            narration=request.narration,
            music=request.music,
            intro=request.intro,
            outro=request.outro,
            video=request.video,
            pictures={platform: own.pictures for platform, own in request.posts.items() if own.pictures},
        )

    @classmethod
    def of_script(cls, script: str) -> NamedMedia:
        """What the media lines of a script name."""
        return cls(lines=tuple(dict.fromkeys(line.target for line in media_lines(script))))

    def __bool__(self) -> bool:
        return self != NamedMedia()

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Every address with the field that names it, in the order of a request's fields."""
        for number, use in sorted(self.scenes.items()):
            yield f"media.{number}.file", use.file
        for line in self.lines:
            yield "script", line
        if self.narration and self.narration.file:
            yield "narration.file", self.narration.file
        for number, address in sorted((self.narration.scenes if self.narration else {}).items()):
            yield f"narration.scenes.{number}", address
        for field, one in (("music", self.music), ("intro", self.intro), ("outro", self.outro)):
            if one is not None:
                yield f"{field}.file", one.file
        for format, address in self.video.items():
            yield f"video.{format}", address
        for platform, pictures in self.pictures.items():
            for number, picture in enumerate(pictures, start=1):
                yield f"posts.{platform.value}.pictures.{number}.file", picture.file

    def starts(self) -> set[tuple[str, float]]:
        """The clips of scenes that do not begin at their beginning: address and start, in seconds."""
        return {(use.file, use.start_s) for use in self.scenes.values() if use.start_s}


class TakenScene(Model):
    """A scene's own picture, or its clip with a still of it as the `image`."""

    image: AssetRef
    clip: SceneClip | None = None
    shows: str = ""


class TakenMedia(Grown, Model):
    """What a request names, checked and stored. `scenes` by the scene's number from 1, `lines` by the address as it is
    written in the script. `narration` is one recording for the whole script, `narrations` one for each scene.
    `pictures` are those of picture posts."""

    added: ClassVar[frozenset[str]] = frozenset({"pictures"})

    scenes: dict[int, TakenScene] = Field(default={})
    lines: dict[str, TakenScene] = Field(default={})
    narration: StoredMedia | None = None
    narrations: dict[int, StoredMedia] = Field(default={})
    music: StoredMedia | None = None
    music_start_s: float = 0.0
    intro: SceneClip | None = None
    outro: SceneClip | None = None
    video: dict[VideoFormat, StoredMedia] = Field(default={})
    pictures: dict[Platform, tuple[TakenPicture, ...]] = Field(default={})
    notes: tuple[str, ...] = ()

    def of(self, scene: Scene) -> TakenScene | None:
        """The user's own picture or clip for a scene. What names the scene's number goes before a line of the
        script."""
        return self.scenes.get(scene.index + 1) or self.lines.get(scene.media)
