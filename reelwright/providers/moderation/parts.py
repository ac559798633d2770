"""The texts of a content, each with a name for its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reelwright.domain.content.judging import ModerationContext
from reelwright.domain.content.story import Story


@dataclass(frozen=True)
class Part:
    """A text that the public will hear or read, with a name for it."""

    place: str
    text: str
    language: str


def parts_of(story: Story, context: ModerationContext) -> list[Part]:
    """Everything that the public will hear or read."""
    return [*_of_story(story), *parts_of_texts(context.texts, story.language)]


def parts_of_texts(texts: Mapping[str, str], language: str) -> list[Part]:
    """Texts by the names of their places."""
    return [Part(place, text, language) for place, text in texts.items()]


def sources_of(context: ModerationContext, language: str) -> list[Part]:
    """What the writer is given: the topic, or the article. The public does not see it."""
    item = context.item
    article = {"article title": item.title, "article": item.text} if item else {}
    return parts_of_texts({"topic": context.topic, **article}, language)


def spoken(story: Story) -> Iterator[Part]:
    """What states something: the scenes."""
    for scene in story.scenes:
        yield Part(f"scene {scene.index + 1}", scene.text, story.language)


def _of_story(story: Story) -> Iterator[Part]:
    """Scenes count from 1, as people do."""
    yield Part("title", story.title, story.language)
    if story.look:
        yield Part("the look of all pictures", story.look, "en")
    for number, one in enumerate(story.characters, 1):
        yield Part(f"the look of character {number}", f"{one.name}: {one.look}", "en")
    for scene in story.scenes:
        if scene.heading:
            yield Part(f"scene {scene.index + 1} heading", scene.heading, story.language)
        yield Part(f"scene {scene.index + 1}", scene.text, story.language)
        if scene.brief:
            yield Part(f"the picture brief of scene {scene.index + 1}", scene.brief, story.language)
        if scene.image_prompt:
            yield Part(f"the image prompt of scene {scene.index + 1}", scene.image_prompt, "en")
        if scene.shows:
            yield Part(f"what the own picture of scene {scene.index + 1} shows", scene.shows, story.language)
    for translation in story.translations:
        for index, text in enumerate(translation.scenes):
            yield Part(f"scene {index + 1} in {translation.language}", text, translation.language)
        posted = {"title": translation.title, "description": translation.description, "tags": translation.tags}
        yield from _texts(posted, f"in {translation.language}", translation.language)
    for platform, own in story.post_texts.items():
        posted = {"title": own.title, "description": own.description, "tags": own.tags}
        yield from _texts(posted, f"for {platform.value}", story.language)
    yield Part("description", story.description, story.language)
    for tag in story.tags:
        yield Part("tags", tag, story.language)


def _texts(texts: Mapping[str, Sequence[str]], whose: str, language: str) -> Iterator[Part]:
    """The texts of a post, of one platform or in another language."""
    for name, text in texts.items():
        for one in (text,) if isinstance(text, str) else text:
            if one:
                yield Part(f"{name} {whose}", one, language)
