"""The identity of an entry, independent of the feed's address and of parameters appended to links."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

TRACKING = (
    "utm_", "fbclid", "gclid", "dclid", "msclkid", "twclid", "igshid", "mc_cid", "mc_eid", "yclid", "_ga", "at_medium",
    "at_campaign", "wt_mc", "xtor", "cmpid", "ref_src", "ncid", "spm", "pk_", "mtm_", "piwik_",
)  # fmt: skip
_SESSION = re.compile(r"(?:phpsessid|jsessionid|sid|session_?id)", re.IGNORECASE)
_TEXT_CHARS = 2_000
_LONG = 16
"""A guid of fewer characters (`17`, `post-5`) is only one within its own feed."""


@dataclass(frozen=True)
class Named:
    """An entry's own fields: its guid, link, title, text and date, unchanged from the feed."""

    guid: str
    link: str
    title: str
    text: str
    published: str


def keys_of(entries: Sequence[Named], feed_url: str) -> list[tuple[str, ...]]:
    """For each entry the keys that identify it. An entry that has one key in common with another is the same.

    Guids and links change their host, scheme and tracking parameters, are edited, or are the same for all entries; so
    each entry has several keys, and one that entries with different titles share is none.
    """
    found = [list(_keys(entry, feed_url)) for entry in entries]
    titles: defaultdict[str, set[str]] = defaultdict(set)
    for entry, keys in zip(entries, found, strict=True):
        for key in keys:
            titles[key].add(_letters(entry.title) or _letters(entry.text)[:80])
    return [tuple(key for key in keys if len(titles[key]) == 1) for keys in found]


def _keys(entry: Named, feed_url: str) -> Iterable[str]:
    host = (urlsplit(feed_url).hostname or "").removeprefix("www.") if feed_url else ""
    guid = entry.guid.strip()
    if guid:
        plain = _plain_address(guid)
        yield _digest("guid", plain or guid, "" if plain or len(guid) >= _LONG else host)
    if link := _plain_address(entry.link):
        yield _digest("link", link)
    title, text = _letters(entry.title), _letters(entry.text)[:_TEXT_CHARS]
    if len(text) >= 20:
        yield _digest("text", title, text)
    if title and entry.published:
        yield _digest("dated", title, entry.published)
    if not (guid or link or text) or not (len(text) >= 20 or guid or link):
        yield _digest("title", title, host)


def link_key(address: str) -> str:
    """The key of an entry that links to this address; empty where it identifies none."""
    plain = _plain_address(address)
    return _digest("link", plain) if plain else ""


def _plain_address(address: str) -> str:
    """A web address without scheme, `www.`, tracking and session parameters; empty for a front page, which is the
    address of no entry."""
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ""
    pairs = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not key.lower().startswith(TRACKING) and not _SESSION.fullmatch(key)
    ]
    query = urlencode(sorted(pairs))
    fragment = "" if parts.fragment.lower().startswith(("utm_", "xtor", "ref", "comment")) else parts.fragment
    path = re.sub(r"/+", "/", parts.path).rstrip("/")
    if not (path or query or fragment):
        return ""
    return "".join([host, path, f"?{query}" if query else "", f"#{fragment}" if fragment else ""])


def _letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def _digest(kind: str, *parts: str) -> str:
    return f"{kind}:{hashlib.sha256(chr(0).join(parts).encode('utf-8', 'replace')).hexdigest()[:32]}"
