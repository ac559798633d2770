"""Where a text may be cut: between words, and in scripts that set no spaces, between phrases."""

from __future__ import annotations

import re

from reelwright.domain.text import phrases as unspaced
from reelwright.domain.text.addresses import addresses
from reelwright.domain.text.marks import CLAUSE_ENDS, CLOSERS, ENDS, UNSPACED

UNSPACED_SIGN = f"[{UNSPACED}]"
_SIGN = re.compile(UNSPACED_SIGN)
_PHRASE_CHARS = 2_000
"""Phrases are looked for in this many characters at a time."""
_CLAUSE = re.compile(f"[{re.escape(CLAUSE_ENDS + ENDS)}][{re.escape(CLOSERS)}]*$")


def is_unspaced(token: str) -> bool:
    """Whether a token holds signs of a script that sets no spaces between words."""
    return not token.isascii() and _SIGN.search(token) is not None


def phrases(token: str) -> list[str]:
    """A token in pieces that may be cut apart, never inside an address, a number or a word of another script."""
    pieces: list[str] = []
    at = 0
    for start, end in [*((a.start, a.end) for a in addresses(token)), (len(token), len(token))]:
        for begin in range(at, start, _PHRASE_CHARS):
            part = token[begin : min(start, begin + _PHRASE_CHARS)]
            pieces += unspaced.phrases(part, unspaced.language_of(part))
        if start < end:
            pieces.append(token[start:end])
        at = end
    return unspaced.kept_together(pieces)


def cut_point(text: str, limit: int, *, clause: bool = False) -> int:
    """Where to cut a text that may have `limit` characters at most: behind the last word or phrase that fits, never
    inside an address, or 0 when nothing fits. With `clause`, behind the last clause of a fair length, if there is one.
    """
    if len(text) <= limit:
        return len(text)
    room = text[: limit + 1]
    ends = [found.start() for found in re.finditer(r"\s", room)]
    for token in re.finditer(r"\S+", room):
        if is_unspaced(token.group()):
            at = token.start()
            for phrase in phrases(token.group())[:-1]:
                at += len(phrase)
                ends.append(at)
    spans = [(address.start, address.end) for address in addresses(text[: limit + 2_000])]
    fits = sorted(end for end in ends if end <= limit and not any(start < end < stop for start, stop in spans))
    if clause and (whole := [end for end in fits if end >= limit // 3 and _CLAUSE.search(text[:end])]):
        return whole[-1]
    return fits[-1] if fits else 0
