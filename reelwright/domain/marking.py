"""What a delivered file says of how it was made: its digital source type, and what it was made of.

The terms are IPTC's (https://cv.iptc.org/newscodes/digitalsourcetype/), which C2PA takes over. docs/marking.md has the
rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from .base import Model
from .content.story import OWN, Material, Picture
from .ids import sha256_of

TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MOST_OWN = 10
"""So many files of the user's own are ingredients by themselves; the manifest stays below 8 kB."""


class SourceType(StrEnum):
    """A term of IPTC's vocabulary."""

    TRAINED = TERMS + "trainedAlgorithmicMedia"
    """Made by a trained model."""
    COMPOSITE_TRAINED = TERMS + "compositeWithTrainedAlgorithmicMedia"
    """Of several parts, at least one of which was made by a trained model."""
    ALGORITHMIC = TERMS + "algorithmicMedia"
    """Made by an algorithm that was not trained."""
    COMPOSITE_SYNTHETIC = TERMS + "compositeSynthetic"
    """Of several parts, at least one of which was made by a machine."""
    COMPOSITE = TERMS + "composite"
    """Of several parts, of which it is not known how they were made."""

    @property
    def term(self) -> str:
        """The term without the vocabulary's address."""
        return self.value.removeprefix(TERMS)


class Ingredient(Model):
    """One part of a file. `source` is None where it is the user's own: how it was made is not known here. `sha256` is
    of a file of the user's own."""

    title: str
    format: str
    source: SourceType | None = None
    sha256: str = ""
    relationship: Literal["componentOf", "inputTo"] = "componentOf"


class Mark(Model):
    """What is signed. `material_sha256` is the digest of what was reviewed, where the file is made of a whole content.
    `edited`: the file is another one's successor, which the user declared as made with AI."""

    title: str
    source: SourceType
    ingredients: tuple[Ingredient, ...] = ()
    material_sha256: str = ""
    edited: bool = False


def made_by(provider: str) -> SourceType | None:
    """How the material of a provider comes about; None for the user's own. An unknown provider counts as a trained
    model, so that nothing made by one is passed off as something else."""
    if provider == OWN:
        return None
    names = provider.split(", ")  # several speakers of a dialogue
    return SourceType.ALGORITHMIC if all(map(_untrained, names)) else SourceType.TRAINED


def _untrained(name: str) -> bool:
    # The drawn pictures, the synthesiser's music, rule-based speech (`drawn`, `providers.music`, `.speech.espeak`).
    return name == "synth" or name.partition("-")[0] in ("drawn", "espeak")


def source_of(parts: Iterable[SourceType | None]) -> SourceType:
    """The type of what is put together from such parts."""
    kinds = set(parts)
    if kinds == {SourceType.TRAINED}:
        return SourceType.TRAINED
    if SourceType.TRAINED in kinds:
        return SourceType.COMPOSITE_TRAINED
    if kinds == {SourceType.ALGORITHMIC}:
        return SourceType.ALGORITHMIC
    return SourceType.COMPOSITE_SYNTHETIC if SourceType.ALGORITHMIC in kinds else SourceType.COMPOSITE


def video_mark(material: Material) -> Mark:
    """The mark of a content's videos."""
    music = material.music
    parts = [
        *_pictures(material.pictures),
        *_ends(material),
        *_own_or_made(
            "narration",
            "audio/wav",
            [(f"scene {n.scene + 1}", n.provider, n.audio.sha256) for n in material.narrations],
        ),
        *_own_or_made("music", "audio/wav", [("", music.provider, music.audio.sha256)]),
    ]
    return Mark(
        title=material.story.title,
        source=source_of(part.source for part in parts),
        ingredients=(*parts, *_words(material)),
        material_sha256=sha256_of(material),
    )


def thumbnail_mark(material: Material) -> Mark:
    """The mark of a content's thumbnails: of the pictures and the title alone, so that a change of what is said does
    not change them."""
    parts = _pictures(material.pictures)
    return Mark(title=material.story.title, source=source_of(part.source for part in parts), ingredients=tuple(parts))


def picture_mark(material: Material, scene: int) -> Mark | None:
    """The mark of one scene's picture in a picture post; None for one of the user's own, in which nothing was made by a
    machine."""
    shown = [picture for picture in material.pictures if picture.scene == scene and picture.provider != OWN]
    if not shown:
        return None
    [part] = _pictures(shown)
    return Mark(title=material.story.title, source=source_of([part.source]), ingredients=(part,))


def finished_mark(title: str) -> Mark:
    """The mark of a finished video that the user declared as made with AI. How much of it was is not known."""
    return Mark(title=title, source=SourceType.COMPOSITE_TRAINED, edited=True)


def _pictures(pictures: Iterable[Picture]) -> list[Ingredient]:
    told = []
    for picture in pictures:
        file, kind = (picture.clip.file, "clip") if picture.clip else (picture.image, "picture")
        told.append((f"{kind}, scene {picture.scene + 1}", picture.provider, file.sha256))
    return _own_or_made("picture", "image/*", told)


def _ends(material: Material) -> list[Ingredient]:
    clips = [("intro", material.intro), ("outro", material.outro)]
    return _own_or_made("clip", "video/*", [(name, OWN, clip.file.sha256) for name, clip in clips if clip])


def _own_or_made(what: str, format: str, parts: Iterable[tuple[str, str, str]]) -> list[Ingredient]:
    """Each file of the user's own once, with its sha256; what a provider made as one ingredient, whose number does not
    grow with the story."""
    own: dict[str, str] = {}
    made: dict[str, int] = {}
    for name, provider, sha256 in parts:
        if provider == OWN:
            own.setdefault(sha256, name)
        else:
            made[provider] = made.get(provider, 0) + 1
    told = [
        Ingredient(title=f"own {what} ({name})" if name else f"own {what}", format=format, sha256=sha256)
        for sha256, name in list(own.items())[:MOST_OWN]
    ]
    if len(own) > MOST_OWN:
        told.append(Ingredient(title=f"own {what}: {len(own) - MOST_OWN} more", format=format))
    for provider, count in made.items():
        title = f"{what}: {count} by {provider}" if count > 1 else f"{what} by {provider}"
        told.append(Ingredient(title=title, format=format, source=made_by(provider)))
    return told


def _words(material: Material) -> list[Ingredient]:
    """The words, where a language model wrote them. They do not decide the source type, which is about what is seen and
    heard."""
    writer = material.story.writer
    if ":" not in writer:  # the offline writers have names without a model
        return []
    title = f"words by {writer}"
    return [Ingredient(title=title, format="text/plain", source=SourceType.TRAINED, relationship="inputTo")]
