"""Where a text may be cut: between words, and in scripts that set no spaces, between phrases found by `budoux`."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from reelwright.domain.text.addresses import addresses
from reelwright.domain.text.marks import CLAUSE_ENDS, CLOSERS, ENDS, OPENERS, UNSPACED

if TYPE_CHECKING:
    import budoux

UNSPACED_SIGN = f"[{UNSPACED}]"
_SIGN = re.compile(UNSPACED_SIGN)
_THAI = re.compile("[\u0e01-\u0e5b]")
_KANA = re.compile("[\u3041-\u30ff]")
# Behind a sign of such a script, or a mark of its own punctuation, a cut is possible at all.
_PHRASE_CHARS = 2_000
"""`budoux` is asked about this many characters at a time."""
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
            pieces += _parser(token).parse(token[begin : min(start, begin + _PHRASE_CHARS)])
        if start < end:
            pieces.append(token[start:end])
        at = end
    return _kept_together(pieces)


def _kept_together(pieces: list[str]) -> list[str]:
    """The pieces, joined again where a cut would part marks from their words or split other writing."""
    kept = pieces[:1]
    for left, right in pairwise(pieces):
        first, last = right[:1], left[-1:]
        parts_mark = not first.isalnum() and first not in OPENERS
        parts_word = not _SIGN.match(first) and not _SIGN.match(last) and first.isalnum() and last.isalnum()
        if parts_mark or parts_word or last in "「『（【〈《〖〝｢（(":
            kept[-1] += right
        else:
            kept.append(right)
    return kept


@lru_cache(maxsize=4)
def _model(name: str) -> budoux.Parser:
    import budoux

    load = {
        "th": budoux.load_default_thai_parser,
        "ja": budoux.load_default_japanese_parser,
        "zh": budoux.load_default_simplified_chinese_parser,
    }
    return load[name]()


def _parser(text: str) -> budoux.Parser:
    return _model("th" if _THAI.search(text) else "ja" if _KANA.search(text) else "zh")


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
