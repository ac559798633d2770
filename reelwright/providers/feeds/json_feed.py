"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from typing import Any

from .raw import Raw, RawFeed

MAX_ITEMS = 50_000


def json_feed(text: str) -> RawFeed | None:
    """The feed, or None when the text is no JSON Feed. Values of the wrong kind count as missing."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not _is_feed(document):
        return None
    items = document.get("items")
    found = [item for item in items[:MAX_ITEMS] if isinstance(item, dict)] if isinstance(items, list) else []
    return RawFeed(entries=[_raw(item) for item in found], language=_text(document.get("language")))


def _is_feed(document: dict[str, Any]) -> bool:
    version = document.get("version")
    named = isinstance(version, str) and "jsonfeed.org/version" in version
    return named or (isinstance(document.get("items"), list) and isinstance(document.get("title"), str))


def _raw(item: dict[str, Any]) -> Raw:
    plain, markup = _text(item.get("content_text")), _text(item.get("content_html"))
    return Raw(
        guid=_text(item.get("id")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        title=_text(item.get("title")),
        plain_title=True,
        texts=(plain, _text(item.get("summary"))) if plain else (_text(item.get("summary")),),
        markups=(markup,) if markup else (),
        date=_text(item.get("date_published")) or _text(item.get("date_modified")),
        language=_text(item.get("language")),
    )


def _text(value: object) -> str:
    """A string; numbers, which some feeds give as ids, as strings too."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)
