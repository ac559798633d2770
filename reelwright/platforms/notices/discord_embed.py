"""A notice as a Discord embed: within Discord's limits, and with nothing in it that Discord would act on. No HTTP here.

Source: docs/platforms/discord.md; the embed limits are Discord's (title 256, description 4096). Lengths are counted
in UTF-16 units, which are never fewer than whatever Discord counts.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from reelwright.domain.publishing.posting import Notice
from reelwright.domain.redaction import redact
from reelwright.domain.text.incoming import clean, one_line

TITLE_UNITS, TEXT_UNITS, URL_CHARS = 256, 4_096, 2_048
COLOURS = {"good": 0x2E9E5B, "info": 0x3B82C4, "warning": 0xD9A21B, "bad": 0xC8392F}
_MARKUP = re.compile(r"([\\*_~`|>#\[\]()<@:])|(?m:^)([-+])(?=\s)")
"""What Markdown, mentions (`<@1>`, `@everyone`), emoji (`:x:`), times (`<t:1>`) and bare links are made of. Discord
shows any such sign as itself after a backslash."""


def plain(text: str, limit: int) -> str:
    """Text that reads as it is written, cut to `limit` UTF-16 units with an ellipsis."""
    pieces = [_escaped(line) for line in re.split(r"(\n)", text)]
    whole = [piece for line in pieces for piece in line]
    if sum(map(_units, whole)) <= limit:
        return "".join(whole)
    kept, room = [], limit - 1
    for piece in whole:
        room -= _units(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + "…"


def _escaped(line: str) -> list[str]:
    """The line's characters, each with its backslash: a cut never comes between the two."""
    start = _MARKUP.match(line)
    listed = bool(start and start[2])
    return [
        f"\\{character}" if _MARKUP.match(character) or (listed and at == 0) else character
        for at, character in enumerate(line)
    ]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def message(notice: Notice, username: str) -> dict[str, Any]:
    """The body of Execute Webhook. `allowed_mentions` disables all mentions in the text."""
    embed: dict[str, Any] = {
        "title": plain(one_line(redact(notice.title)), TITLE_UNITS),
        "color": COLOURS[notice.level],
    }
    if text := plain(clean(redact(notice.text)), TEXT_UNITS):
        embed["description"] = text
    if _is_link(notice.url):
        embed["url"] = notice.url
    return {"username": username, "embeds": [embed], "allowed_mentions": {"parse": []}}


def _is_link(url: str) -> bool:
    """Whether Discord takes it as an embed's address; one that it does not would cost the whole message."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= URL_CHARS and url.isprintable()
