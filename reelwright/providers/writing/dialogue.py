"""The speakers in a script: lines that begin with the name of a speaker whose voice the request sets, and a colon.

Names are spoken and captioned nowhere. While the text is split into sentences and scenes, a mark replaces each name,
joined to the first word that the speaker says, so that it stays with that word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reelwright.domain.content.story import Scene
from reelwright.domain.content.voice import Turn

from .briefs import SIGNS
from .markdown import Section
from .sentences import Sentence

_BEGIN, _END = "\U000f5eed", "\U000f5eee"
"""Of a plane for private use, where no text has anything. What is between them is the number of a speaker."""
_NUMBERS = 0xF5F00
_MARK = re.compile(f"{_BEGIN}(.){_END}")
_NARRATOR = ""
_HELD = re.compile(f"^{SIGNS}")


class Dialogue:
    """The speakers of one script, by the names that the request gives voices to; capitals do not matter. Without names
    nothing is dialogue and nothing changes."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = [_NARRATOR, *names]
        self._seen: set[str] = set()
        known = "|".join(re.escape(name) for name in sorted(self._names[1:], key=len, reverse=True))
        self._line = re.compile(rf"^(?=[>\-*+ \t]*{SIGNS}[*_]*(?:{known})[*_]*[ \t]*:)", re.IGNORECASE | re.MULTILINE)
        self._name = re.compile(rf"^({known})\s*:\s*(?=\S)", re.IGNORECASE)

    @property
    def silent(self) -> list[str]:
        """Names that no line begins with."""
        return [name for name in self._names[1:] if name.casefold() not in self._seen]

    def lines(self, script: str) -> str:
        """The script with each speaker's line as a paragraph of its own."""
        if len(self._names) == 1:
            return script
        text = script.translate({ord(_BEGIN): None, ord(_END): None})
        return self._line.sub("\n", text)

    def marked(self, sections: Sequence[Section]) -> list[Section]:
        """The same sections with marks for names."""
        if len(self._names) == 1:
            return list(sections)
        return [
            Section(section.heading, section.level, [self._paragraph(part) for part in section.paragraphs])
            for section in sections
        ]

    def _paragraph(self, sentences: Sequence[str]) -> list[str]:
        marked: list[str] = []
        for index, sentence in enumerate(sentences):
            glued = getattr(sentence, "glued", False)
            said = _HELD.sub("", sentence)
            held, sentence = sentence[: len(sentence) - len(said)], said
            if found := self._name.match(sentence):
                spoken = next(
                    number for number, name in enumerate(self._names) if name.casefold() == found[1].casefold()
                )
                self._seen.add(found[1].casefold())
                sentence = _mark(spoken) + sentence[found.end() :]
            elif index == 0:
                sentence = _mark(0) + sentence
            marked.append(Sentence(held + sentence, glued))
        return marked

    def turns(self, scenes: Sequence[Scene]) -> tuple[Scene, ...]:
        """The scenes without marks and with their turns."""
        if len(self._names) == 1:
            return tuple(scenes)
        told, speaker = [], _NARRATOR
        for scene in scenes:
            turns = [Turn(first=0, speaker=speaker)]
            tokens = scene.text.split()
            for index, token in enumerate(tokens):
                for found in _MARK.finditer(token):
                    speaker = self._names[ord(found[1]) - _NUMBERS]
                    turns = [turn for turn in turns if turn.first < index] + [Turn(first=index, speaker=speaker)]
            turns = [turn for at, turn in enumerate(turns) if at == 0 or turn.speaker != turns[at - 1].speaker]
            spoken = tuple(turns) if any(turn.speaker for turn in turns) else ()
            told.append(scene.model_copy(update={"text": unmarked(scene.text), "turns": spoken}))
        return tuple(told)


def unmarked(text: str) -> str:
    """The text without marks."""
    return _MARK.sub("", text)


def _mark(number: int) -> str:
    return f"{_BEGIN}{chr(_NUMBERS + number)}{_END}"
