"""Sentences, and how they are gathered into scenes. No word is ever changed, added or dropped here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reelwright.domain.text.incoming import words
from reelwright.domain.text.marks import CLAUSE_ENDS, CLOSERS, ENDS, UNSPACED_ENDS
from reelwright.domain.text.sentence_ends import sentence_ends

from .phrases import UNSPACED_SIGN, is_unspaced, phrases

SCENE_MIN_WORDS = 12
"""A scene shorter than this (about 4 s of speech) is avoided where a neighbour can take it."""
SCENE_IDEAL_WORDS = 28
"""About 10 s of speech at 165 words a minute: long enough for a thought, short enough for one picture."""
SCENE_WORDS = 33
"""About 12 s of speech, after which the picture should change. Longer paragraphs are split between sentences."""
SCENE_MAX_WORDS = 45
"""About 16 s of speech. A single sentence is left whole up to here, since a cut inside it is audible."""
SIGN_PAIR = 1.5
"""Two signs of Chinese or Japanese writing take as long to speak as this many words: espeak-ng needs 0.53 s for two
signs of a Chinese script, a narrator 0.44 s, and 0.3 to 0.36 s for a word of an English one."""
TINY_WORDS = 6
"""A paragraph under this many words is joined to a neighbour."""
THAI_MIN_CHARS = 36
"""Thai ends a sentence with a space, and sets spaces within one too; a sentence has at least this many characters."""

_CLAUSE_MARKS = (*CLAUSE_ENDS, "…", *UNSPACED_ENDS)
# Inside a token these open what follows.
_INNER_CLOSERS = re.escape("".join(mark for mark in CLOSERS if mark not in "“‘«‹*_"))
# Where a sentence ends inside a token: behind marks that need no space, or behind `!` and `?` between signs of a script
# without spaces, and what closes behind either.
_INNER_END = re.compile(
    f"(?:[{UNSPACED_ENDS}][{re.escape(ENDS)}]*|(?<={UNSPACED_SIGN})[!?]+(?=[{_INNER_CLOSERS}]*{UNSPACED_SIGN}))"
    f"[{_INNER_CLOSERS}]*"
)
# 「行こう。」と言った: a particle behind a closing bracket goes on with the sentence that quotes.
_QUOTED = re.compile(r"[」』）][とっのはがもをにでや、，]")


class Sentence(str):
    """A sentence, or a part of one that a scene may end with: `glued` when no space stood before it."""

    glued: bool

    def __new__(cls, text: str, glued: bool = False) -> Sentence:
        sentence = super().__new__(cls, text)
        sentence.glued = glued
        return sentence


@dataclass(frozen=True)
class _Piece:
    """A token, or a part of one: `glued` when no space stands before it."""

    text: str
    glued: bool


_PAIR = re.compile(
    "[\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f]{2}"
)


def split_sentences(text: str, language: str = "en") -> list[str]:
    """The sentences of `text`, whitespace runs made one space; `joined` again they are the text.

    A full stop ends no sentence after an abbreviation, an initial, within a number, or before a lower-case word.
    A token without letters (an emoji) stays with the sentence before it, a dash or an opening mark with the one after.
    """
    # The Greek question mark looks like a semicolon, and Unicode makes both one sign.
    pieces = [piece for token in text.replace("\u037e", ";").split() for piece in _pieces(token)]
    ends = sentence_ends([piece.text for piece in pieces], language)
    sentences: list[str] = []
    current, glued = "", False
    for index, piece in enumerate(pieces):
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        glued = glued if current else piece.glued
        current += piece.text if piece.glued or not current else f" {piece.text}"
        divided = following is not None and following.glued
        if ends[index] or divided or _ends_in_thai(current, following):
            sentences.append(Sentence(current, glued))
            current = ""
    if current:
        sentences.append(Sentence(current, glued))
    return sentences


def joined(sentences: Iterable[str]) -> str:
    """Sentences side by side, with the space that stood between them, or none."""
    text = ""
    for sentence in sentences:
        text += sentence if not text or getattr(sentence, "glued", False) else f" {sentence}"
    return text


def _pieces(token: str) -> Iterable[_Piece]:
    at = 0
    if not token.isascii():
        # What follows the last letter or digit is no sentence.
        last = next((index for index in range(len(token) - 1, -1, -1) if token[index].isalnum()), -1)
        for end in _INNER_END.finditer(token):
            if end.end() > last or end.end() <= at or not _divides(token, end):
                continue
            yield _Piece(token[at : end.end()], glued=at > 0)
            at = end.end()
    yield _Piece(token[at:], glued=at > 0)


def _divides(token: str, end: re.Match[str]) -> bool:
    if token[end.start() : end.start() + 1] == "．" and token[end.end()].isdigit():
        return False  # ３．５
    return not _QUOTED.match(token, end.end() - 1)


def _ends_in_thai(current: str, following: _Piece | None) -> bool:
    if following is None or following.glued or len(current) < THAI_MIN_CHARS:
        return False
    return _is_thai(current[-1]) and _is_thai(following.text[0]) and following.text[0] not in "ๆฯ"


def _is_thai(char: str) -> bool:
    return "\u0e01" <= char <= "\u0e5b"


# --- scenes -----------------------------------------------------------------------------------------------------


def scene_texts(paragraphs: Iterable[Sequence[str]]) -> list[str]:
    """Paragraphs (each a list of sentences) to scene texts of about 12 to 33 words, some 4 to 12 s of speech.

    Paragraphs stay apart, but for tiny ones, which join a neighbour; long ones are split between sentences.
    """
    merged = _join_tiny([list(sentences) for sentences in paragraphs if sentences])
    return [text for sentences in merged for text in _split_long(sentences)]


def length_in_words(text: str) -> float:
    """The spoken length of a text, in words of an alphabetic script."""
    found = words(text)
    pairs = 0 if text.isascii() else sum(1 for word in found if _PAIR.fullmatch(word))
    return len(found) + (SIGN_PAIR - 1) * pairs


def _count(sentences: Sequence[str]) -> float:
    return sum(length_in_words(sentence) for sentence in sentences)


def _join_tiny(paragraphs: list[list[str]]) -> list[list[str]]:
    merged: list[list[str]] = []
    for paragraph in paragraphs:
        if merged and _count(merged[-1]) < TINY_WORDS:
            merged[-1].extend(paragraph)
        else:
            merged.append(paragraph)
    if len(merged) > 1 and _count(merged[-1]) < TINY_WORDS:
        tail = merged.pop()
        merged[-1].extend(tail)
    return merged


def _split_long(sentences: list[str]) -> list[str]:
    """One scene if it is short enough; otherwise the partition whose scenes lie nearest to the ideal length."""
    if _count(sentences) <= SCENE_WORDS:
        return [joined(sentences)]
    pieces = [piece for sentence in sentences for piece in breakable(sentence)]
    lengths = [length_in_words(piece) for piece in pieces]
    # best[i]: (cost, start of the last scene) of the cheapest partition of the first i pieces.
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(pieces) + 1):
        candidates = []
        for start in range(end - 1, -1, -1):
            length = sum(lengths[start:end])
            if length > SCENE_WORDS and start < end - 1:
                break
            candidates.append((best[start][0] + _cost(length), start))
        best.append(min(candidates))
    cuts = [len(pieces)]
    while cuts[-1] > 0:
        cuts.append(best[cuts[-1]][1])
    cuts.reverse()
    return [joined(pieces[start:end]) for start, end in pairwise(cuts)]


def _cost(length: float) -> float:
    """Squared distance from the ideal length in words; a scene below the least length costs far more."""
    shortfall = max(0, SCENE_MIN_WORDS - length)
    return (length - SCENE_IDEAL_WORDS) ** 2 + 50.0 * shortfall**2


def breakable(sentence: str) -> list[str]:
    """A sentence whole, or, when it alone is longer than a scene may be, cut after clauses, at worst between words."""
    if length_in_words(sentence) <= SCENE_MAX_WORDS:
        return [sentence]
    pieces: list[str] = []
    current, length, glued = "", 0.0, getattr(sentence, "glued", False)
    units = list(_units(sentence))
    for unit, following in zip(units, [*units[1:], None], strict=True):
        if not current:
            glued = unit.glued or (not pieces and glued)
        current += unit.text if unit.glued or not current else f" {unit.text}"
        length += length_in_words(unit.text)
        clause = unit.text.rstrip(CLOSERS).endswith(_CLAUSE_MARKS) or _parts_clauses(unit, following)
        if (length >= SCENE_MIN_WORDS and clause) or length >= SCENE_WORDS:
            pieces.append(Sentence(current, glued))
            current, length = "", 0.0
    if current and (length or not pieces):
        pieces.append(Sentence(current, glued))
    elif current:
        pieces[-1] = Sentence(joined([pieces[-1], Sentence(current, glued)]), getattr(pieces[-1], "glued", False))
    return pieces


def _parts_clauses(unit: _Piece, following: _Piece | None) -> bool:
    """Whether a space parts two clauses: scripts that set none between words set it there, often instead of a mark."""
    if following is None or following.glued:
        return False
    return is_unspaced(unit.text[-1]) and is_unspaced(following.text[0])


def _units(sentence: str) -> Iterable[_Piece]:
    """What a sentence may be cut between: tokens, and the phrases of a token in a script without spaces."""
    for token in sentence.split():
        found = phrases(token) if is_unspaced(token) else [token]
        for index, text in enumerate(found):
            yield _Piece(text, glued=index > 0)
