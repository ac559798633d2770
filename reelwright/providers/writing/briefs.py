"""Picture briefs in a script: `![a harbour at dawn]` defines what the picture of its scene shows, and is not spoken.

A brief belongs to the paragraph it stands in; alone in a paragraph to the one after it, or at the end of a section
before a scene break to the one before. `![alternative text](picture.png)` is an image of Markdown, as it always was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reelwright.domain.content.remake import MAX_BRIEF_CHARS
from reelwright.domain.content.story import Scene
from reelwright.domain.text.incoming import one_line

_BRIEF = re.compile(r"(?<!\\)!\[([^\[\]\n]{1,2000})\](?![(\[:])")
_MARKUP = re.compile(r"\s*(?:#{1,6}[ \t]+|[-*+][ \t]+(?![-*+])|>[ \t]*|\d{1,3}[.)][ \t]+)?")
_BREAK = re.compile(r"\s*(?:(?:[-*_][ \t]*){3,}(?:\n|$)|$)")
_RULE = re.compile(r"\s*(?:[-*_][ \t]*){3,}$")
_FIRST, _MOST = 0xE100, 0x1700
"""Briefs are held by signs of Unicode's private use area, which are no words and stay with the word beside them."""
SIGNS = f"[{chr(_FIRST)}-{chr(_FIRST + _MOST)}]*"
"""A regular expression for the signs that may stand before a line's first word."""


@dataclass(frozen=True)
class Briefs:
    """The briefs of a script, whose places in its text are held by signs."""

    texts: tuple[str, ...] = ()

    def without(self, text: str) -> str:
        """A text without the signs."""
        return " ".join("".join(" " if self._number(c) >= 0 else c for c in text).split()) if self.texts else text

    def given(self, scene: Scene) -> Scene:
        """A scene with the briefs that stand in it, and without their signs."""
        held = [self.texts[n] for c in scene.heading + scene.text if (n := self._number(c)) >= 0]
        if not held:
            return scene
        brief = ", ".join(held)[:MAX_BRIEF_CHARS]
        text, heading = self.without(scene.text), self.without(scene.heading)
        return scene.model_copy(update={"text": text, "heading": heading, "brief": brief})

    def _number(self, sign: str) -> int:
        number = ord(sign) - _FIRST
        return number if 0 <= number < len(self.texts) else -1


def set_aside(script: str) -> tuple[str, Briefs]:
    """The script with a sign in place of each brief, joined to the word after it, and the briefs."""
    if "![" not in script:
        return script, Briefs()
    # What stands for nothing of ours must not be taken for a brief.
    script = re.sub(f"[{chr(_FIRST)}-{chr(_FIRST + _MOST)}]", "", script)
    texts: list[str] = []
    kept: list[str] = []
    at = 0
    for match in _BRIEF.finditer(script):
        brief = one_line(match[1])
        if match.start() < at or not brief or len(texts) >= _MOST:
            continue
        sign = chr(_FIRST + len(texts))
        texts.append(brief)
        before = script[at : match.start()]
        if _BREAK.match(script, match.end()):
            # Nothing comes after it in its section: it goes with the last word before.
            body = before.rstrip()
            if not body or _RULE.match(body.rsplit("\n", 1)[-1]):
                body = before  # a section of nothing else: the sign stands alone, as an emoji would
            kept += [body, sign, before[len(body) :]]
            at = match.end()
            continue
        following = _MARKUP.match(script, match.end())
        markup = following.group() if following else ""
        kept += [before, markup.lstrip() if not before.strip(" \t") or before.endswith("\n") else markup, sign]
        at = match.end() + len(markup)
    return "".join([*kept, script[at:]]), Briefs(tuple(texts))
