"""The composed text under a video on Instagram and Facebook when the request has no caption for them."""

from __future__ import annotations

import re

from reelwright.domain.publishing.posting import PostDraft

HASHTAG = re.compile(r"#(?=\w)")
MENTION = re.compile(r"(?<!\w)@(?=\w)")


def compose(draft: PostDraft, *, title: bool, limit: int, hashtags: int, mentions: int) -> str:
    """Title (if requested), description and hashtags, at most `limit` characters with no more `#` and `@` than given.

    The text is cut at a word, and the hashtags that still fit come last. Surplus `#` and `@` in the text are
    neutralised; their words stay."""
    text = "\n\n".join(part.strip() for part in (draft.title if title else "", draft.description) if part.strip())
    text = cut(_sober(_sober(text, HASHTAG, hashtags), MENTION, mentions), limit)
    room = hashtags - len(HASHTAG.findall(text))
    line = ""
    for tag in dict.fromkeys(_hashtag(tag) for tag in draft.tags):
        longer = f"{line} {tag}".strip()
        if tag and room > 0 and len(text) + 2 + len(longer) <= limit:
            line, room = longer, room - 1
    return "\n\n".join(part for part in (text, line) if part)


def cut(text: str, limit: int) -> str:
    """The text, or as many of its words as fit, with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at_word = re.sub(r"\s+\S*$", "", head) if re.search(r"\s", head[limit // 2 :]) else head
    return at_word.rstrip() + "…"


def _sober(text: str, sign: re.Pattern[str], most: int) -> str:
    """The text without the signs that are too many."""
    seen = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        return match[0] if seen <= most else ""

    return sign.sub(keep, text)


def _hashtag(tag: str) -> str:
    """`deep sea` is `#deepsea`; nothing but letters, digits and underscores makes one."""
    word = re.sub(r"\W", "", tag)
    return f"#{word}" if word and not word.isdigit() else ""
