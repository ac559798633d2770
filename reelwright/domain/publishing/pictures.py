"""From a content's scenes to the pictures of a picture post."""

from __future__ import annotations

from typing import ClassVar

from ..base import Grown, Model
from ..content.media import TakenPicture
from ..content.request import ContentRequest, PostOptions
from ..content.story import Material
from ..content.video import GivenPlan
from ..errors import InvalidInput
from ..formats import Platform, VideoFormat
from ..text.incoming import cut, one_line
from .posting import PostPicture


class CheckPictures(Model):
    """A picture post that is wanted, before anything is made for it. `pictures`: how many the request names."""

    platform: Platform
    pictures: int = 0


class PictureOrder(Model):
    """What the pictures of a post may be, as the platform's adapter has it."""

    format: VideoFormat
    most: int
    most_bytes: int
    alt_chars: int


class DrawPictures(Grown, Model):
    """The pictures of one post: scenes by index, or the user's own."""

    added: ClassVar[frozenset[str]] = frozenset({"own"})

    plan: GivenPlan
    order: PictureOrder
    scenes: tuple[int, ...] = ()
    own: tuple[TakenPicture, ...] = ()


class PostPictures(Model):
    """The pictures in the order of the post."""

    pictures: tuple[PostPicture, ...]


def scenes_for(request: ContentRequest, platform: Platform, material: Material, most: int) -> tuple[int, ...]:
    """The scenes (by index) whose pictures are posted: those that the request names, else the first ones, as many as
    the platform takes. Raises `InvalidInput` naming a scene that does not exist."""
    known = [scene.index for scene in material.story.scenes]
    named = request.posts.get(platform, PostOptions()).scenes
    for number in named:
        if number - 1 not in known:
            raise InvalidInput(
                f"there is no scene {number}",
                field=f"posts.{platform.value}.scenes",
                remedy=f"the story has {len(known)}; count from 1",
            )
    return tuple(number - 1 for number in named) or tuple(known[:most])


def alt_of(material: Material, scene: int, most: int) -> str:
    """A picture's alternative text: what is drawn, or the words of its card, and the scene's text."""
    picture = next((one for one in material.pictures if one.scene == scene), None)
    text = next((one.text for one in material.story.scenes if one.index == scene), "")
    shown = ""
    if picture and picture.card:
        card = picture.card
        parts = (card.text, card.detail, *card.items, *(f"{bar.label} {bar.shown}".strip() for bar in card.bars))
        shown = "; ".join(filter(None, parts))
    elif picture and picture.reading:
        shown = ", ".join(filter(None, (" and ".join(picture.reading.shows), picture.reading.place)))
    return cut(one_line(". ".join(filter(None, (shown, text)))), most)
