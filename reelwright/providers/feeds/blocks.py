"""The entries of an XML feed as pieces of its text, found in one pass, so that only a few of them are parsed.

A parser builds every element of a feed of 40,000 entries before the first can be read; this finds where entries begin
and end, and their dates, and skips the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_HEAD_CHARS = 30_000
MAX_BLOCK_CHARS = 1_000_000
MAX_BLOCKS = 50_000
_TOKEN = re.compile(
    r"<!\[CDATA\[|<!--|<(?P<close>/?)(?P<name>(?:[\w.-]{1,20}:)?(?:item|entry))(?=[\s/>])", re.IGNORECASE
)
_DATE = re.compile(
    r"<(?:[\w.-]{1,20}:)?(?P<name>pubDate|published|issued|created|date|updated|modified)(?:\s[^<>]{0,200})?>"
    r"\s*(?:<!\[CDATA\[)?(?P<date>[^<>]{1,100})",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"</[\w.:-]{1,60}\s*>")


@dataclass(frozen=True)
class Blocks:
    """What stands before the first entry, each entry's text in order, and the closing tags at the end."""

    head: str
    entries: tuple[str, ...]
    tail: str

    def document(self, chosen: list[int]) -> str:
        """The feed with only the chosen entries, in the feed's order."""
        return self.head + "".join(self.entries[index] for index in sorted(chosen)) + self.tail


def blocks_of(text: str) -> Blocks:
    """The entries of RSS, RDF or Atom. What stands in comments and CDATA is no tag."""
    spans: list[tuple[int, int]] = []
    start: int | None = None
    at = 0
    while (token := _TOKEN.search(text, at)) and len(spans) < MAX_BLOCKS:
        at = token.end()
        if token["name"] is None:
            closing = "]]>" if token.group() == "<![CDATA[" else "-->"
            end = text.find(closing, at)
            if end < 0:  # never closed: nothing behind it can be trusted to be a tag
                break
            at = end + 3
        elif token["close"]:
            if start is not None:
                end = text.find(">", at)
                spans.append((start, end + 1 if end >= 0 else at))
                start = None
        else:
            if start is not None:  # an entry that was not closed ends where the next one begins
                spans.append((start, token.start()))
            start = token.start()
    if start is not None and len(spans) < MAX_BLOCKS:
        spans.append((start, len(text)))
    head = text[: spans[0][0]] if spans else text
    tail = "".join(_CLOSING.findall(text[spans[-1][1] :][-2_000:])) if spans else ""
    kept = tuple(text[start:end] for start, end in spans if end - start <= MAX_BLOCK_CHARS)
    return Blocks(head[:MAX_HEAD_CHARS], kept, tail)


def date_in(block: str) -> str:
    """The date of an entry's publication as written, else of its last change, else nothing."""
    later = ""
    for found in _DATE.finditer(block[:20_000]):
        if found["name"].lower() not in ("updated", "modified"):
            return found["date"].strip()
        later = later or found["date"].strip()
    return later
