"""How Bluesky counts a text, and the facets that make links, hashtags and mentions of parts of it
(docs/platforms/bluesky.md#post).

A text is counted in graphemes (UAX #29) and in bytes of UTF-8. Links are not detected by Bluesky: a facet marks each,
by half-open offsets into the bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import regex

from reelwright.domain.text.links import url_spans

from ..common.fitting import most

GRAPHEMES, BYTES = 300, 3_000
"""The most that a text may have of each."""
TAG_GRAPHEMES = 64
_INVISIBLE = r"\u00ad\u2060\u200a\u200b\u200c\u200d\u20e2"
_TAG = regex.compile(rf"(?<!\S)[#＃](?!\ufe0f)([^\s{_INVISIBLE}]*[^\d\s\p{{P}}{_INVISIBLE}][^\s{_INVISIBLE}]*)")
"""As the official client finds hashtags: after a space, with something that is neither digit nor punctuation."""
_MENTION = re.compile(r"(?<![^\s(])@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*)")
"""A handle is a domain name."""


def clean(text: str) -> str:
    """The text as it is posted: NFC, without spaces around it."""
    return unicodedata.normalize("NFC", text).strip()


def graphemes(text: str) -> int:
    """How many characters a reader sees."""
    return len(regex.findall(r"\X", text))


def fits(text: str, limit: int = GRAPHEMES) -> bool:
    """Whether Bluesky takes a text of this length."""
    return graphemes(text) <= limit and len(text.encode()) <= BYTES


def fit(text: str, limit: int = GRAPHEMES) -> str:
    """The text, or as many of its words as fit together with the ellipsis that follows them."""
    text = text.strip()
    if limit < 1 or fits(text, limit):
        return text if limit >= 1 else ""
    ends = [found.start() for found in re.finditer(r"\s+", text)]

    def words(count: int) -> str:
        return text[: ends[count - 1]].rstrip(" ,;:-\n\t") + "…" if count else ""

    if len(cut := words(most(len(ends), lambda count: fits(words(count), limit)))) > 1:
        return cut
    clusters: list[str] = regex.findall(r"\X", text)[: limit - 1]  # one long word, or a script without spaces
    whole = most(len(clusters), lambda count: fits("".join(clusters[:count]) + "…", limit))
    return "".join(clusters[:whole]) + "…" if whole else ""


def mentioned(text: str) -> list[str]:
    """The handles that a text mentions, in order."""
    return list(dict.fromkeys(found[1].lower() for found in _MENTION.finditer(text)))


def facets_of(text: str, dids: Mapping[str, str]) -> list[dict[str, Any]]:
    """The facets of a text (`clean`), in order and without overlaps. `dids` are those of the handles it mentions; a
    handle without one stays plain text."""
    taken = 0
    facets = []
    for start, end, feature in sorted(_features(text, dids), key=lambda item: item[0]):
        if start < taken:
            continue
        index = {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())}
        facets.append({"index": index, "features": [feature]})
        taken = end
    return facets


def _features(text: str, dids: Mapping[str, str]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """(start, end, feature), offsets in code points."""
    for found in _MENTION.finditer(text):
        if did := dids.get(found[1].lower()):
            yield found.start(), found.end(), {"$type": "app.bsky.richtext.facet#mention", "did": did}
    for start, end in url_spans(text):
        uri = text[start:end] if "://" in text[start:end] else f"https://{text[start:end]}"
        yield start, end, {"$type": "app.bsky.richtext.facet#link", "uri": uri}
    for found in _TAG.finditer(text):
        tag = regex.sub(r"\p{P}+$", "", found[1])
        if tag and graphemes(tag) <= TAG_GRAPHEMES:
            end = found.start(1) + len(tag)
            yield found.start(), end, {"$type": "app.bsky.richtext.facet#tag", "tag": tag}
