"""Picture briefs in a script: `![a harbour at dawn]` defines what the picture of its scene shows, and is not spoken.

A brief belongs to the paragraph it stands in; alone in a paragraph to the one after it, or at the end of a section
before a scene break to the one before. `![alternative text](picture.png)` in running text is an image of Markdown, as
it always was. Alone in a line it is a media line, the scene's own picture or clip, and begins a scene.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from reelwright.domain.content.media import SHOWS_CHARS
from reelwright.domain.content.media_lines import media_lines
from reelwright.domain.content.remake import MAX_BRIEF_CHARS
from reelwright.domain.content.story import Scene
from reelwright.domain.errors import InvalidInput
from reelwright.domain.text.incoming import one_line

_BRIEF = re.compile(r"(?<!\\)!\[([^\[\]\n]{1,2000})\](?![(\[:])")
_MARKUP = re.compile(r"\s*(?:#{1,6}[ \t]+|[-*+][ \t]+(?![-*+])|>[ \t]*|\d{1,3}[.)][ \t]+)?")
_BREAK = re.compile(r"\s*(?:(?:[-*_][ \t]*){3,}(?:\n|$)|$)")
_RULE = re.compile(r"\s*(?:[-*_][ \t]*){3,}$")
_HEAD = re.compile(r"\s*(?:#{1,6}(?:[ \t]|$)|(?:[-*_=][ \t]*){2,}$)")
_SCENE_BREAK = "\n\n---\n\n"
_FIRST, _MOST = 0xE100, 0x1700
"""Briefs are held by signs of Unicode's private use area, which are no words and stay with the word beside them."""
SIGNS = f"[{chr(_FIRST)}-{chr(_FIRST + _MOST)}]*"
"""A regular expression for the signs that may stand before a line's first word."""


@dataclass(frozen=True)
class Briefs:
    """The briefs and the media of a script, whose places in its text are held by signs. `media` are the addresses of
    those texts that say what is seen on media of the user's own."""

    texts: tuple[str, ...] = ()
    media: Mapping[int, str] = field(default_factory=dict)

    def without(self, text: str) -> str:
        """A text without the signs."""
        return " ".join("".join(" " if self._number(c) >= 0 else c for c in text).split()) if self.texts else text

    def given(self, scene: Scene) -> Scene:
        """A scene with the briefs that stand in it, and without their signs."""
        held = [n for c in scene.heading + scene.text if (n := self._number(c)) >= 0]
        if not held:
            return scene
        own = [n for n in held if n in self.media]
        if len(own) > 1:
            raise InvalidInput(
                f"scene {scene.index + 1} has {len(own)} pictures or clips, the second is {self.media[own[1]][:60]}",
                field="script",
                remedy="write text between them: each begins a scene",
            )
        brief = ", ".join(self.texts[n] for n in held if n not in self.media)[:MAX_BRIEF_CHARS]
        made: dict[str, object] = {"text": self.without(scene.text), "heading": self.without(scene.heading)}
        if brief:
            made["brief"] = brief
        if own:
            made |= {"media": self.media[own[0]], "shows": self.texts[own[0]]}
        return scene.model_copy(update=made)

    def with_media(self, text: str) -> bool:
        """Whether a picture or clip of the user's own stands in the text."""
        return any(self._number(c) in self.media for c in text)

    def _number(self, sign: str) -> int:
        number = ord(sign) - _FIRST
        return number if 0 <= number < len(self.texts) else -1


def set_aside(script: str, *, media: bool = False) -> tuple[str, Briefs]:
    """The script with a sign in place of each brief, joined to the word after it, and the briefs. With `media` its
    media lines too, each of which begins a scene."""
    if "![" not in script:
        return script, Briefs()
    # What stands for nothing of ours must not be taken for a brief.
    script = re.sub(f"[{chr(_FIRST)}-{chr(_FIRST + _MOST)}]", "", script)
    texts: list[str] = []
    own: dict[int, str] = {}
    kept: list[str] = []
    at = 0
    for place in _places(script, media):
        brief = one_line(place.text)
        if place.start < at or not (brief or place.target) or len(texts) >= _MOST:
            continue
        sign = chr(_FIRST + len(texts))
        if place.target:
            own[len(texts)] = place.target
        texts.append(brief)
        before = script[at : place.start]
        if _BREAK.match(script, place.end):
            # Nothing comes after it in its section: it goes with the last word before.
            body = before.rstrip()
            if not body or _RULE.match(body.rsplit("\n", 1)[-1]):
                body = before  # a section of nothing else: the sign stands alone, as an emoji would
            kept += [body, sign, before[len(body) :]]
            at = place.end
            continue
        if place.target and _has_body(script[: place.start]):
            before += _SCENE_BREAK
        following = _MARKUP.match(script, place.end)
        markup = following.group() if following else ""
        kept += [before, markup.lstrip() if not before.strip(" \t") or before.endswith("\n") else markup, sign]
        at = place.end + len(markup)
    return "".join([*kept, script[at:]]), Briefs(tuple(texts), own)


@dataclass(frozen=True)
class _Place:
    """A brief or a media line in a script."""

    start: int
    end: int
    text: str
    target: str = ""


def _places(script: str, media: bool) -> list[_Place]:
    """All of them in order."""
    briefs = [_Place(match.start(), match.end(), match[1]) for match in _BRIEF.finditer(script)]
    lines = [_Place(line.start, line.end, line.shows[:SHOWS_CHARS], line.target) for line in media_lines(script)]
    return sorted(briefs + (lines if media else []), key=lambda place: place.start)


def _has_body(before: str) -> bool:
    """Whether something is spoken between the last heading or scene break and the end of a text."""
    last = before.rstrip().rsplit("\n", 1)[-1]
    return bool(last) and not _HEAD.match(last)
