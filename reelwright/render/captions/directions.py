"""Names and numbers of the other direction in a caption: kept together, and in order where a line has to part them.

Each line is ordered by itself (UAX #9), so the word before no longer decides the direction of a number or a sign at a
line's beginning. A left-to-right mark (LRM) sets it; players of subtitle files follow it too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from .words import CueWord

_LRM = "\u200e"
_LEADING = frozenset("@#+-−~./\\_")
_TRAILING = frozenset("#+=/&_~*\\")
_RIGHT_TO_LEFT = frozenset({"R", "AL"})


def hold_directions(words: Sequence[CueWord]) -> list[CueWord]:
    """The words of a right-to-left paragraph with marks where a Latin name, a number or an address would be turned
    round: before a number that goes on a name ("iPhone 17"), around signs at its edges ("@name", "C++", "+1")."""
    held: list[CueWord] = []
    after_latin = False
    for word in words:
        classes = {unicodedata.bidirectional(c) for c in word.text}
        if classes & _RIGHT_TO_LEFT:
            after_latin = _last_strong(word.text) == "L"
            held.append(word)
        elif classes & {"L", "EN"}:
            latin = "L" in classes
            text, marked = _marked(word.text, after_latin=after_latin, latin=latin)
            shown, _ = _marked(word.shown, after_latin=after_latin, latin=latin)
            after_latin = latin or marked
            held.append(replace(word, text=text, shown=shown))
        else:
            held.append(word)
    return held


def foreign_runs(words: Sequence[CueWord], *, rtl: bool) -> list[bool]:
    """For each word whether it and the next are of one name or phrase in the direction that is not the paragraph's."""
    kinds = [_kind(word.text, rtl=rtl) for word in words]
    for at in range(1, len(kinds)):
        if rtl and kinds[at] == "number" and kinds[at - 1] == "foreign":
            kinds[at] = "foreign"
    return [kind == "foreign" and after == "foreign" for kind, after in zip(kinds, [*kinds[1:], ""], strict=True)]


def _kind(text: str, *, rtl: bool) -> str:
    classes = {unicodedata.bidirectional(c) for c in text.replace(_LRM, "")}
    if classes & _RIGHT_TO_LEFT:
        return "" if rtl else "foreign"
    if "L" in classes:
        return "foreign" if rtl else ""
    return "number" if "EN" in classes else ""


def _last_strong(text: str) -> str:
    return next((kind for c in reversed(text) if (kind := unicodedata.bidirectional(c)) in ("L", "R", "AL")), "")


def _marked(text: str, *, after_latin: bool, latin: bool) -> tuple[str, bool]:
    """The text with marks, and whether there are any. Quotation marks and brackets around it stay outside."""
    inner = [at for at, c in enumerate(text) if c.isalnum()]
    if not inner:
        return text, False
    begin, end = inner[0], inner[-1] + 1
    while begin and text[begin - 1] in _LEADING:
        begin -= 1
    while end < len(text) and text[end] in _TRAILING:
        end += 1
    signs_first, signs_last = begin < inner[0], end > inner[-1] + 1
    first = signs_first or (not latin and (after_latin or signs_last))
    text = text[:end] + (_LRM if signs_last else "") + text[end:]
    return text[:begin] + (_LRM if first else "") + text[begin:], first or signs_last
