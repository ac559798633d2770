"""What is said for each written token. Captions show the token; the voice gets the saying.

A token is a run without white space, as in `domain.ports.Speech.words`. Its saying may be empty (an emoji, a bare
asterisk) or several words (a web address). Numbers, money, years and abbreviations of a narration are in words already
(`domain.text.spoken`); in languages without such rules they are left to espeak-ng, which knows its languages.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from reelwright.domain.text.addresses import addresses
from reelwright.domain.text.marks import CLOSERS, ENDS
from reelwright.domain.text.spoken.signs import SIGNS, Signs

from .kana import kana

CHUNK_CHARS = 350
"""Sentences are spoken together up to this many characters: long enough to keep the melody, short enough that the
library's clause buffer (about 800 characters) never cuts a clause and positions cannot drift far."""


# A broken address is passed over, as far as its signs go; letters of other scripts behind it are text.
_NO_HOST = re.compile(r"https?://[!-~]*", re.IGNORECASE)
_HASHTAG = re.compile(r"#([^\W\d_]\w*)")
_NUMBER_SIGN = re.compile(r"#(\d)")
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)")
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
"""A tag of a subtitle format, a backslash and a command in braces; captions leave it out too."""
_MARKUP = re.compile(r"[*`~^|\\_<>{}\[\]]+")
_SPOKEN_SYMBOLS = frozenset("°№")


def sayings(tokens: list[str], language: str) -> list[str]:
    """One saying per token of a text in a language of `domain.formats.LANGUAGES`."""
    base = language.split("-")[0]
    names = SIGNS[base]
    said = [_saying(token, names) for token in tokens]
    if base == "ja":
        return [kana(saying) for saying in said]
    return said


def _saying(written: str, names: Signs) -> str:
    """Addresses by their hosts, and all that stands before, between and behind them in the token."""
    written = _OVERRIDE.sub("", written)
    if written == "&":
        return names.conjunction
    said, at = "", 0
    for address in addresses(written):
        if not address.mail:
            said = _beside(said + _plain(written[at : address.start], names), _host(address.host, names))
            at = address.end
    rest = _plain(written[at:], names)
    return _beside(said, rest) if at else rest


def _beside(left: str, right: str) -> str:
    """Both, with a space between words that would run together; punctuation stays where it is."""
    return f"{left} {right}" if left[-1:].isalnum() and right[:1].isalnum() else left + right


def _plain(written: str, names: Signs) -> str:
    said = _HASHTAG.sub(lambda found: _CAMEL.sub(" ", found[1]).replace("_", " "), _NO_HOST.sub("", written))
    said = _NUMBER_SIGN.sub(lambda found: f"{names.number} {found[1]}", said)
    said = _MARKUP.sub(" ", said)
    return " ".join("".join(_heard(char) for char in said).split())


def _host(host: str, names: Signs) -> str:
    """`https://www.example.org/a?b=c` is said `example dot org`: nobody wants to hear the rest."""
    return f" {names.dot} ".join(part for part in host.lower().removeprefix("www.").split(".") if part)


def _heard(char: str) -> str:
    """The character, unless it would be read out by its name: emoji and other pictures, or is not to be heard."""
    category = unicodedata.category(char)
    if (category == "So" and char not in _SPOKEN_SYMBOLS) or category in ("Cc", "Cf", "Co", "Cs", "Cn", "Sk"):
        return ""
    # Variation selectors and the enclosing keycap belong to emoji.
    return "" if "\ufe00" <= char <= "\ufe0f" or char == "\u20e3" else char


# --- chunks -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chunk:
    """Some tokens' sayings as one text. `spans` has each token's `(start, end)` in characters of `text`."""

    text: str
    spans: tuple[tuple[int, int], ...]


_SENTENCE_END = re.compile(f"[{re.escape(ENDS)}]+[{re.escape(CLOSERS)}]*$")
_INITIAL = re.compile(r"^\W*\w\.$")


def chunked(said: list[str]) -> list[Chunk]:
    """All sayings in order, broken only after a sentence, into chunks of about `CHUNK_CHARS` characters.

    A wrongly found sentence end (after `Dr.`) does no harm: chunks are long, and an initial never ends one.
    """
    chunks: list[Chunk] = []
    pending: list[str] = []
    length = 0
    for saying in said:
        pending.append(saying)
        length += len(saying) + 1
        ends = bool(_SENTENCE_END.search(saying)) and not _INITIAL.match(saying)
        if length >= CHUNK_CHARS and (ends or length >= 2 * CHUNK_CHARS):
            chunks.append(_chunk(pending))
            pending, length = [], 0
    if pending:
        chunks.append(_chunk(pending))
    return chunks


def _chunk(said: list[str]) -> Chunk:
    spans, at = [], 0
    for saying in said:
        spans.append((at, at + len(saying)))
        at += len(saying) + 1 if saying else 0
    return Chunk(text=" ".join(saying for saying in said if saying), spans=tuple(spans))
