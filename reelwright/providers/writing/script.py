"""A person's own script, kept word for word."""

from __future__ import annotations

import asyncio
from itertools import chain

from reelwright.domain.content.story import Scene, Story, Translation, WriteTask
from reelwright.domain.errors import InvalidInput
from reelwright.domain.text.incoming import words

from .briefs import Briefs, set_aside
from .dialogue import Dialogue, unmarked
from .finish import fit_description, fit_title, mood_of, tags_of, title_from
from .markdown import Section, read_script, sections_of
from .sentences import SCENE_MIN_WORDS, TINY_WORDS, joined, scene_texts


class ScriptWriter:
    """Turns a script (plain text or Markdown) into scenes without changing a word of it.

    The title is the request's, else the front matter's, the first `# heading`, or made from the first sentence.
    A picture brief (`![a harbour at dawn]`) is neither spoken nor shown: see `briefs`. Headings are shown, not spoken;
    a heading with nothing under it is spoken after all, so that no word is lost.
    """

    name = "script"

    async def write(self, task: WriteTask) -> Story:
        """The story. Raises `InvalidInput` (field `script`) when there is nothing to speak."""
        request = task.request
        if request.script is None:
            raise InvalidInput("there is no script", field="script", remedy="give plain text or Markdown")
        # In a thread: a hostile script of the greatest length takes the parser two seconds.
        script, briefs = set_aside(request.script, media=task.media_lines)
        dialogue = Dialogue(request.voices)
        found = await asyncio.to_thread(read_script, dialogue.lines(script), request.language)
        sections = _with_bodies(dialogue.marked(found.sections), titled=not request.title)
        heading = next((section.heading for section in sections if section.level == 1 and section.heading), "")
        scenes = dialogue.turns([briefs.given(scene) for scene in _scenes(sections, briefs)])
        if not scenes or not any(words(scene.text) for scene in scenes):
            raise InvalidInput(
                "there is nothing to say in it but markup", field="script", remedy="write at least one sentence"
            )
        translations = [
            await asyncio.to_thread(
                _translated, language, text, len(scenes), Dialogue(request.voices), media=task.media_lines
            )
            for language, text in request.translations.items()
        ]
        text = " ".join(scene.text for scene in scenes)
        title = fit_title(request.title or found.title or briefs.without(heading)) or title_from(text, request.language)
        return Story(
            title=title,
            description=fit_description(request.description or _lead(scenes)),
            tags=tags_of(title, text, request.language),
            language=request.language,
            mood=mood_of(f"{title}\n{text}"),
            scenes=scenes,
            writer=self.name,
            notice=" ".join(filter(None, [_not_spoken(found.left_out), _wordless(sections), _silent(dialogue)])),
            translations=tuple(translations),
        )


_PLURALS = {"picture without a word": "pictures without a word"}


def _not_spoken(left_out: dict[str, int]) -> str:
    counted = [f"{count} {_PLURALS.get(kind, kind + 's') if count > 1 else kind}" for kind, count in left_out.items()]
    return f"Not spoken: {', '.join(counted)}." if counted else ""


def _wordless(sections: list[Section]) -> str:
    """What became of scenes that hold signs but no words, such as emoji."""
    count = sum(1 for section in sections if section.paragraphs and not any(map(words, chain(*section.paragraphs))))
    if not count:
        return ""
    if count == 1:
        return "A scene without words goes with the one before it."
    return f"{count} scenes without words go with the ones before them."


def _silent(dialogue: Dialogue) -> str:
    names = ", ".join(f"{name}:" for name in dialogue.silent)
    return f"No line of the script begins with {names}" if names else ""


def _with_bodies(sections: list[Section], *, titled: bool) -> list[Section]:
    """Gives every section a body: a bare heading goes before the next one's, at the very end it is spoken.

    A bare first `# heading` that serves as the title (`titled`) stands above the story and is not repeated in it.
    """
    kept: list[Section] = []
    waiting: list[str] = []
    title = next((section for section in sections if section.level == 1), None) if titled else None
    for section in sections:
        if section.paragraphs or section is title:
            if section.paragraphs and waiting:
                section.heading = ": ".join([*waiting, section.heading] if section.heading else waiting)
                waiting.clear()
            kept.append(section)
        else:
            waiting.append(section.heading)
    if not any(section.paragraphs for section in kept):
        return [Section("", s.level, [[s.heading]]) for s in sections if words(s.heading)]
    if waiting:
        kept.append(Section(paragraphs=[[heading] for heading in waiting]))
    return kept


def _scenes(sections: list[Section], briefs: Briefs) -> tuple[Scene, ...]:
    """Scenes in order. What cannot stand alone goes with the scene before it: a few words without a heading or a
    picture of the user's own."""
    scenes: list[Scene] = []
    pending: list[list[str]] = []  # paragraphs without a letter or digit ("🎉"), before there is any scene
    for section in sections:
        texts = scene_texts(pending + section.paragraphs)
        count = sum(len(words(text)) for text in texts)
        alone = section.heading or any(map(briefs.with_media, texts))
        if scenes and count < TINY_WORDS and not (alone and count):
            text = " ".join([scenes[-1].text, *texts])
            scenes[-1] = scenes[-1].model_copy(update={"text": text})
        elif count == 0:
            pending = pending + section.paragraphs
        else:
            pending = []
            for position, text in enumerate(texts):
                heading = section.heading if position == 0 else ""
                scenes.append(Scene(index=len(scenes), text=text, heading=heading))
    return tuple(scenes)


def _translated(language: str, text: str, wanted: int, dialogue: Dialogue, *, media: bool) -> Translation:
    """A translated script, scene by scene. It is cut as the script is; where that gives another number of scenes,
    since languages differ in length, each of its paragraphs is one. Raises `InvalidInput` when neither fits."""
    # A translation's pictures are those of the script.
    script, briefs = set_aside(text, media=media)
    sections = _with_bodies(dialogue.marked(sections_of(dialogue.lines(script), language)), titled=True)
    cut = [unmarked(briefs.without(scene.text)) for scene in _scenes(sections, briefs)]
    paragraphs = [unmarked(briefs.without(joined(part))) for section in sections for part in section.paragraphs]
    if wanted not in (len(cut), len(paragraphs)):
        raise InvalidInput(
            f"it has {len(paragraphs)} paragraphs, the script {wanted} scenes",
            field=f"translations.{language}",
            remedy="give one paragraph for each scene, in the same order, with empty lines between them",
        )
    return Translation(language=language, scenes=tuple(cut if len(cut) == wanted else paragraphs))


def _lead(scenes: tuple[Scene, ...]) -> str:
    """The beginning, for the description: the first scene, and the second where the first is short."""
    if len(words(scenes[0].text)) < SCENE_MIN_WORDS and len(scenes) > 1:
        return f"{scenes[0].text} {scenes[1].text}"
    return scenes[0].text
