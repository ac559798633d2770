"""The answer of the content's query `shown`: what an open question is about."""

from __future__ import annotations

from typing import Literal

from ..assets import AssetRef
from ..base import Model
from ..formats import Platform
from .moderated import ModerationFinding
from .rendered import RenderedContent

Shows = Literal["material", "preview", "final"]
"""What a reviewer judges besides the texts: pictures and narrations, a fast draft of the videos, or the videos."""


class ShownScene(Model):
    """One scene. `told` says what its picture shows and how certain that is; `clip` is seen in place of the picture."""

    number: int
    text: str
    heading: str = ""
    picture: AssetRef | None = None
    clip: AssetRef | None = None
    narration: AssetRef | None = None
    told: str = ""


class ShownText(Model):
    """The texts of one post. `composed`: they are what is posted, word for word; otherwise the platform's own text is
    made of them."""

    platform: Platform
    account: str
    title: str = ""
    text: str = ""
    tags: tuple[str, ...] = ()
    first_comment: str = ""
    thread: tuple[str, ...] = ()
    link: str = ""
    composed: bool = False


class ShownBefore(Model):
    """The revision before: its words, and its pictures by the text of their scenes."""

    title: str
    scenes: tuple[str, ...]
    pictures: dict[str, AssetRef]


class ShownMaterial(Model):
    """All that an open question is about. `artifact_sha256` is the hash that a decision names. `before` is None for
    the first revision, and after a content was continued in a new run with the same words. `hooks` are a language
    model's opening lines, of which the first is the one that is spoken."""

    artifact_sha256: str
    revision: int
    shows: Shows = "material"
    title: str
    description: str
    language: str
    scenes: tuple[ShownScene, ...] = ()
    texts: tuple[ShownText, ...] = ()
    findings: tuple[ModerationFinding, ...] = ()
    before: ShownBefore | None = None
    rendered: RenderedContent | None = None
    timeline_sha256: str = ""
    hooks: tuple[str, ...] = ()
