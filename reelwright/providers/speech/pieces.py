"""A text in its spoken form (`domain.text.spoken`) as input of a voice: in pieces with a time each, and in chunks of
about the length that a voice speaks at once.

A piece is a token, a run without white space. In scripts that set no spaces (Chinese, Japanese, Thai) a token is a
whole clause or more; there it is a phrase. The spoken form of a piece may be empty (an emoji, a bare asterisk) or
several words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reelwright.domain.content.story import PartTiming, WordTiming
from reelwright.domain.text.marks import CLOSERS, ENDS
from reelwright.domain.text.phrases import language_of, phrases

from .kana import Reading, readings

CHUNK_CHARS = 350
"""Sentences are spoken together up to this many characters: long enough to keep the melody, short enough that the
library's clause buffer (about 800 characters) never cuts a clause and positions cannot drift far."""
_MARKUP = re.compile(r"[*`~^|\\_<>{}\[\]]+")
_AGAIN = "ๆ"
_SPOKEN_SYMBOLS = frozenset("°№")
_SENTENCE_END = re.compile(f"[{re.escape(ENDS)}]+[{re.escape(CLOSERS)}]*$")
_INITIAL = re.compile(r"^\W*\w\.$")


@dataclass(frozen=True)
class Piece:
    """The spoken form from character `at` of token number `token` on. Between two pieces of a token is no space."""

    token: int
    at: int
    said: str

    @property
    def is_heard(self) -> bool:
        """Whether anything but marks is spoken."""
        return any(map(str.isalnum, self.said))

    @property
    def ends_sentence(self) -> bool:
        """Whether a sentence ends with it; an initial never ends one."""
        return bool(_SENTENCE_END.search(self.said)) and not _INITIAL.match(self.said)


def pieces_of(tokens: Sequence[str], language: str) -> list[Piece]:
    """The pieces of a text in a language of `domain.formats.LANGUAGES`, at least one for each token."""
    base = language.split("-")[0]
    forms = language_of(" ".join(tokens), language)
    pieces: list[Piece] = []
    for number, token in enumerate(tokens):
        found = phrases(token, forms)
        said = _japanese(token, found) if base == "ja" else _in_order(found)
        parts = [Piece(number, at, heard(text)) for at, text in said]
        if base == "th":
            parts = _repeated(parts, pieces)
        # Pictures and marks between two phrases are silent, and have no time of their own.
        sounding = [part for part in parts if part.is_heard] or parts[:1] or [Piece(number, 0, "")]
        pieces += [replace(sounding[0], at=0), *sounding[1:]]
    return pieces


def _in_order(found: Sequence[str]) -> Iterator[Reading]:
    at = 0
    for text in found:
        yield Reading(at, text)
        at += len(text)


def _japanese(token: str, found: Sequence[str]) -> list[Reading]:
    """The phrases as they sound. A word is read as a whole: where a phrase ends inside one, two phrases are one."""
    starts = {at for at, _ in _in_order(found)}
    joined: list[Reading] = []
    for at, said in readings(token):
        if joined and at not in starts:
            joined[-1] = Reading(joined[-1].at, joined[-1].said + said)
        else:
            joined.append(Reading(at, said))
    return joined


def _repeated(parts: Sequence[Piece], before: Sequence[Piece]) -> list[Piece]:
    """Thai with ๆ in its spoken form: the word before it is repeated."""
    said: list[Piece] = []
    for part in parts:
        word = part.said.rstrip(_AGAIN)
        if word == part.said:
            said.append(part)
            continue
        last = (*before, *said)[-1:]
        said.append(replace(part, said=word * 2 or (last[0].said if last else "")))
    return said


def heard(text: str) -> str:
    """A text without what a voice would read out by its name, or stumble over."""
    return " ".join("".join(map(_heard, _MARKUP.sub(" ", text))).split())


def _heard(char: str) -> str:
    """The character, unless it would be read by its name (emoji and other pictures) or has to be silent."""
    category = unicodedata.category(char)
    if (category == "So" and char not in _SPOKEN_SYMBOLS) or category in ("Cc", "Cf", "Co", "Cs", "Cn", "Sk"):
        return ""
    # Variation selectors and the enclosing keycap belong to emoji.
    return "" if "\ufe00" <= char <= "\ufe0f" or char == "\u20e3" else char


def joined(pieces: Sequence[Piece]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The pieces as one text, and where in it each one stands."""
    text, spans, before = "", [], None
    for piece in pieces:
        if text and piece.said and (before is None or piece.token != before):
            text += " "
        spans.append((len(text), len(text) + len(piece.said)))
        text += piece.said
        before = piece.token
    return text, tuple(spans)


def word_timings(
    tokens: Sequence[str], pieces: Sequence[Piece], times: Sequence[tuple[float, float]]
) -> tuple[WordTiming, ...]:
    """One timing for each token out of those of all pieces."""
    parts: list[list[PartTiming]] = [[] for _ in tokens]
    for piece, (start, end) in zip(pieces, times, strict=True):
        parts[piece.token].append(PartTiming(piece.at, start, end))
    return tuple(
        WordTiming(text=text, start=own[0].start, end=own[-1].end, parts=tuple(own) if len(own) > 1 else ())
        for text, own in zip(tokens, parts, strict=True)
    )


# --- chunks -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chunk:
    """Some pieces as one text. `spans` has each piece's `(start, end)` in characters of `text`."""

    text: str
    spans: tuple[tuple[int, int], ...]

    @property
    def said(self) -> list[str]:
        """The spoken form of each piece."""
        return [self.text[start:end] for start, end in self.spans]


def chunked(pieces: Sequence[Piece]) -> list[Chunk]:
    """All pieces in order, broken only after a sentence, into chunks of about `CHUNK_CHARS` characters. A longer one is
    broken between two tokens at twice that, and inside of one at three times that: Thai ends no sentence by a mark.

    A wrongly found sentence end (after `Dr.`) does no harm: chunks are long, and an initial never ends one.
    """
    chunks: list[Chunk] = []
    pending: list[Piece] = []
    length = 0
    for piece, after in zip(pieces, [*pieces[1:], None], strict=True):
        pending.append(piece)
        length += len(piece.said) + 1
        inside = after is not None and after.token == piece.token
        most = 3 * CHUNK_CHARS if inside else 2 * CHUNK_CHARS
        if length >= CHUNK_CHARS and (piece.ends_sentence or length >= most):
            chunks.append(Chunk(*joined(pending)))
            pending, length = [], 0
    if pending:
        chunks.append(Chunk(*joined(pending)))
    return chunks
