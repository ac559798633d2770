"""How X counts a text: the weights of twitter-text, configuration version 3 (docs/platforms/x.md#post).

NFC first. A URL weighs 23 whatever its length, an emoji of however many code points 2, the scripts up to U+10FF and
some punctuation 1, everything else (CJK above all) 2. The only port on the package index (twitter-text-parser) has had
no release since 2023 and does not import without `pkg_resources`; the emoji come from a library that is kept.
"""

from __future__ import annotations

import html
import re
import unicodedata

import emoji
import regex

from reelwright.domain.text.links import url_spans

from ..common.fitting import most

URL_WEIGHT, EMOJI_WEIGHT, HEAVY_WEIGHT = 23, 2, 2
INVALID = "\ufffe\ufeff\uffff"
"""Characters that no text may hold."""
_LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
"""Code points that weigh 1."""


def weight(text: str) -> int:
    """The length of a text as X counts it."""
    text = unicodedata.normalize("NFC", text)
    spans = {start: (end, URL_WEIGHT) for start, end in url_spans(text)}
    for found in () if text.isascii() else emoji.emoji_list(text):  # each character's look-up takes its time
        start, end = found["match_start"], found["match_end"]
        if end - start > 1:  # a single code point weighs the same by its range
            spans.setdefault(start, (end, EMOJI_WEIGHT))
    total = at = 0
    while at < len(text):
        end, added = spans.get(at) or (at + 1, _weight_of(text[at]))
        total, at = total + added, end
    return total


def _weight_of(char: str) -> int:
    return 1 if any(first <= ord(char) <= last for first, last in _LIGHT) else HEAVY_WEIGHT


def same_text(ours: str, listed: str) -> bool:
    """Whether a listed post has the text that was sent: X escapes `&<>`, wraps every link in t.co, and appends one for
    the video."""
    bare = re.sub(r"\s*https?://t\.co/\w+\s*$", "", listed)
    return _comparable(ours) in (_comparable(listed), _comparable(bare))


def _comparable(text: str) -> str:
    text = unicodedata.normalize("NFC", html.unescape(text))
    pieces, at = [], 0
    for start, end in url_spans(text):
        pieces.append(text[at:start])
        at = end
    return " ".join("\0".join([*pieces, text[at:]]).split())


def fit(text: str, limit: int) -> str:
    """The text, or as many of its words as weigh no more than `limit` together with the ellipsis that follows them."""
    text = text.strip()
    if weight(text) <= limit:
        return text
    ends = [found.start() for found in re.finditer(r"\s+", text)]

    def words(count: int) -> str:
        return text[: ends[count - 1]].rstrip(" ,;:-\n\t") + "…" if count else ""

    if len(cut := words(most(len(ends), lambda count: weight(words(count)) <= limit))) > 1:
        return cut
    clusters: list[str] = regex.findall(r"\X", text)  # one long word, or a script without spaces
    whole = most(len(clusters), lambda count: weight("".join(clusters[:count]) + "…") <= limit)
    return "".join(clusters[:whole]) + "…" if whole else ""
