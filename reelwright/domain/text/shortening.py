"""Long addresses and strings of signs, shortened for display. Readers need only the beginning, and the voice speaks an
address's host only."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import regex

from .links import url_spans

_MOST = 4_000
"""A word is looked at up to here; an address that goes on is taken to go on to the word's end."""
_LOOKS_LIKE_ONE = re.compile(r"https?://|www\.|[^\W_]\.[^\W\d_]{2,}(?::\d+)?/", re.IGNORECASE)
_PLAIN = re.compile(r"(?:https?://|www\.)[^\s/?#]+(?:[/?#][!-~]*)?", re.IGNORECASE)
"""Where X would see no link: an IP address, `localhost`, a reserved domain. Non-ASCII letters end the path."""
_TAIL = ".,;:!?)]}'\"*"
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_SIGNS = re.compile(r"[A-Za-z0-9+/=_-]{20,}")


def short_address(text: str, fits: Callable[[str], bool]) -> str:
    """A word with its web address as much shorter as it takes to fit: without `https://`, as `example.org/…`, at worst
    with an ellipsis in the host. The same word where there is no address in it."""
    begin, end = _address(text)
    if begin == end:
        return text
    before, address, after = text[:begin], text[begin:end], text[end:].lstrip("…")
    host = host_of(address)
    bare = re.sub(r"^https?://(?:www\.)?", "", address, flags=re.IGNORECASE).rstrip("/")
    forms = [address, bare, host if bare == host else f"{host}/…"]
    for form in forms:
        if fits(before + form + after):
            return before + form + after
    return before + elided(host, lambda part: fits(f"{before}{part}/…{after}")) + "/…" + after


def spoken_length(text: str) -> int:
    """About how many signs of a word are spoken: of a web address only the host."""
    begin, end = _address(text)
    return len(text) - (end - begin) + len(host_of(text[begin:end])) if begin < end else len(text)


def _address(text: str) -> tuple[int, int]:
    """Where the longest web address of a word is, as [begin, end); (0, 0) where there is none."""
    head = text[:_MOST]
    if not _LOOKS_LIKE_ONE.search(head):
        return 0, 0
    spans = [span for span in url_spans(head) if _LOOKS_LIKE_ONE.search(head[span[0] : span[1]])]
    spans = spans or [(m.start(), m.start() + len(m.group().rstrip(_TAIL))) for m in _PLAIN.finditer(head)]
    begin, end = max(spans, key=lambda span: span[1] - span[0], default=(0, 0))
    return begin, len(text) if end == _MOST else end


def host_of(address: str) -> str:
    """The host of a web address, without `www.`; the address itself where it has none."""
    try:
        # Not `hostname`: that one is lower case.
        place = urlsplit(address if "://" in address else f"//{address}").netloc
    except ValueError:
        return address
    place = place.rsplit("@", 1)[-1]
    return re.sub(r"^www\.|:\d+$", "", place, flags=re.IGNORECASE) or address


def is_string_of_signs(text: str) -> bool:
    """Whether it is a hash, a key, a mail address or the like, whose middle need not be shown."""
    runs = _SIGNS.findall(text)
    return bool(_MAIL.fullmatch(text)) or any(
        any(c.isdigit() for c in run) and any(c.isalpha() for c in run) for run in runs
    )


def elided(text: str, fits: Callable[[str], bool]) -> str:
    """The beginning and the end of a word with an ellipsis between, as much as fits; at least its first sign."""
    parts: list[str] = regex.findall(r"\X", text)
    low, high = 1, len(parts) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(_with_gap(parts, middle)) else (low, middle - 1)
    return _with_gap(parts, low) if len(parts) > 1 else text


def _with_gap(parts: list[str], kept: int) -> str:
    tail = kept // 3
    return "".join([*parts[: kept - tail], "…", *(parts[-tail:] if tail else [])])
