"""LinkedIn's `little` text: how plain text is written so that it is read as plain text, and read back. No HTTP here.

`\\ | { } @ [ ] ( ) < > # * _ ~` are reserved. One of them unescaped, and LinkedIn answers 201 and silently drops the
text from there on (docs/platforms/linkedin.md#post), so every one gets a backslash. A hashtag is written as the
template `{hashtag|\\#|word}`: it shows as `#word` and stays a link, which the escaped `\\#word` is not sure to. Only
words of letters and digits with at least one letter become one ("#1" and "#a_b" stay plain text), and never inside an
address.
"""

from __future__ import annotations

import regex

from reelwright.domain.publishing.posting import PostDraft

RESERVED = r"\|{}@[]()<>#*_~"
_RESERVED = regex.compile(r"[\\|{}@\[\]()<>#*_~]")
_HASHTAG = regex.compile(
    r"(?<![\p{L}\p{N}\p{M}_&/=#])#(?=[\p{N}\p{M}]*\p{L})([\p{L}\p{N}\p{M}]++)(?![_#])", flags=regex.VERSION1
)
_ELEMENT = regex.compile(
    r"\\(?P<escaped>.)|\{hashtag\|\\?[#＃]\|(?P<tag>[^|{}]*)\}|@\[(?P<name>(?:\\.|[^\]\\])*)\]\([^)]*\)", regex.DOTALL
)
_NOT_WORD = regex.compile(r"[^\p{L}\p{N}\p{M}]+")
_LAST_WORD = regex.compile(r"\s+\S*$")
PAID = "Paid partnership"
_LONGEST_WORD = 60
"""A last word longer than this is no word: Chinese, Japanese and Thai are cut anywhere."""


def little(text: str) -> str:
    """Plain text as `commentary`: reserved characters escaped, hashtags as templates."""
    parts, at = [], 0
    for match in _HASHTAG.finditer(text):
        parts += [_escape(text[at : match.start()]), "{hashtag|\\#|", match[1], "}"]
        at = match.end()
    return "".join([*parts, _escape(text[at:])])


def _escape(text: str) -> str:
    return str(_RESERVED.sub(r"\\\g<0>", text))


def visible(commentary: str) -> str:
    """What people see of a `commentary`: escapes undone, hashtags and mentions as their text."""

    def plain(match: regex.Match[str]) -> str:
        if (tag := match["tag"]) is not None:
            return f"#{visible(tag)}"
        return visible(match["name"]) if match["name"] is not None else str(match["escaped"])

    return str(_ELEMENT.sub(plain, commentary))


def units(text: str) -> int:
    """UTF-16 code units, as Java counts (what LinkedIn counts is not documented; this is the stricter way)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def hashtag(tag: str) -> str:
    """`deep sea` is `#DeepSea`; "" when no letter is left."""
    words = [word for word in _NOT_WORD.split(tag) if word]
    joined = "".join(word[:1].upper() + word[1:] for word in words) if len(words) > 1 else "".join(words)
    return f"#{joined}" if _HASHTAG.fullmatch(f"#{joined}") else ""


def text_of(draft: PostDraft, limit: int) -> str:
    """The post's text: the draft's own caption, or title, description and hashtags, cut at a word to fit `limit` units
    with all escapes counted. Hashtags come last and take a quarter of the room at most. LinkedIn has no field for a
    paid partnership, so a text of ours begins with it."""
    if draft.caption:
        return draft.caption
    tags = ""
    for tag in dict.fromkeys(filter(None, map(hashtag, draft.tags))):
        longer = f"{tags} {tag}" if tags else tag
        if units(little(longer)) > limit // 4:
            break
        tags = longer
    tail = f"\n\n{tags}" if tags else ""
    parts = (PAID if draft.paid_partnership else "", draft.title.strip(), draft.description.strip())
    head = "\n\n".join(part for part in parts if part)
    return (_cut(head, limit - units(little(tail))) + tail).strip()


def _cut(text: str, room: int) -> str:
    if units(little(text)) <= room:
        return text
    text = text[:room]
    while text and units(little(text + "…")) > room:
        text = text.rstrip()
        shorter = _LAST_WORD.sub("", text)
        if len(text) - len(shorter) > _LONGEST_WORD or shorter == text:
            shorter = "".join(regex.findall(r"\X", text)[:-1])
        text = shorter
    return f"{text}…"
