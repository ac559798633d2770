"""Sentences, and how they are gathered into scenes. No word is ever changed, added or dropped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from reelwright.domain.text import words

from .lexicon import ABBREVIATIONS

SCENE_MIN_WORDS = 12
"""A scene shorter than this (about 4 s of speech) is avoided where a neighbour can take it."""
SCENE_IDEAL_WORDS = 28
"""About 10 s of speech at 165 words a minute: long enough for a thought, short enough for one picture."""
SCENE_MAX_WORDS = 45
"""About 16 s of speech. Longer paragraphs are split."""
TINY_WORDS = 6
"""A paragraph under this many words is joined to a neighbour."""

_CLOSERS = "\"'”’»›)]}*_"
_OPENERS = "\"'“‘«‹„‚([{¿¡*_"
# Standing alone, these belong to what follows: a dialogue's dash, a quotation mark set off by a space as in French.
_FORWARD = frozenset("—–-«“„‚([{¿¡")
_ENDS = (".", "!", "?", "…", "؟", "。")
_CLAUSE_ENDS = (",", ";", ":", "—", "–", "،", "؛")
# "am 3. Mai", "3. maja", "3. bölüm": an ordinal is written with a full stop.
_ORDINAL_STOPS = frozenset({"de", "pl", "tr"})


def split_sentences(text: str, language: str = "en") -> list[str]:
    """The sentences of `text`, whitespace runs made one space; joined again by spaces they are the text.

    A full stop ends no sentence after an abbreviation, an initial, within a number, or before a lower-case word.
    A token without letters (an emoji) stays with the sentence before it, a dash or an opening mark with the one after.
    """
    tokens = text.split()
    sentences: list[str] = []
    current: list[str] = []
    closed = False
    for index, token in enumerate(tokens):
        spoken = any(c.isalnum() for c in token)
        if closed and current and (token in _FORWARD or (spoken and _may_begin(token))):
            sentences.append(" ".join(current))
            current, closed = [], False
        if spoken or token.rstrip(_CLOSERS).endswith(_ENDS):
            numbered = not current and token[:-1].isdigit()  # "3. Blood is blue." as in a numbered list
            closed = not numbered and _ends_sentence(token, language, last=index == len(tokens) - 1)
        current.append(token)
    if current:
        sentences.append(" ".join(current))
    return sentences


def _may_begin(token: str) -> bool:
    first = token.lstrip(_OPENERS)[:1]
    return not first.islower()


def _ends_sentence(token: str, language: str, *, last: bool) -> bool:
    core = token.rstrip(_CLOSERS)
    if not core.endswith(_ENDS):
        return False
    if last or not core.endswith(".") or core.endswith(".."):
        return True
    word = core[:-1].lstrip(_OPENERS)
    if word.isdigit():
        return not (len(word) <= 2 and language.split("-")[0] in _ORDINAL_STOPS)
    is_initial = len(word) == 1 and word.isupper() and word != "I"
    is_dotted = "." in word and all(len(part) <= 2 for part in word.split("."))  # e.g, U.S, z.B
    return not (is_initial or is_dotted or word.lower() in ABBREVIATIONS)


def scene_texts(paragraphs: Iterable[Sequence[str]]) -> list[str]:
    """Paragraphs (each a list of sentences) to scene texts of about 12 to 45 words.

    Paragraphs stay apart, but for tiny ones, which join a neighbour; long ones are split between sentences.
    """
    joined = _join_tiny([list(sentences) for sentences in paragraphs if sentences])
    return [text for sentences in joined for text in _split_long(sentences)]


def _count(sentences: Sequence[str]) -> int:
    return sum(len(words(sentence)) for sentence in sentences)


def _join_tiny(paragraphs: list[list[str]]) -> list[list[str]]:
    joined: list[list[str]] = []
    for paragraph in paragraphs:
        if joined and _count(joined[-1]) < TINY_WORDS:
            joined[-1].extend(paragraph)
        else:
            joined.append(paragraph)
    if len(joined) > 1 and _count(joined[-1]) < TINY_WORDS:
        tail = joined.pop()
        joined[-1].extend(tail)
    return joined


def _split_long(sentences: list[str]) -> list[str]:
    """One scene if it is short enough; otherwise the partition whose scenes lie nearest to the ideal length."""
    if _count(sentences) <= SCENE_MAX_WORDS:
        return [" ".join(sentences)]
    pieces = [piece for sentence in sentences for piece in _breakable(sentence)]
    lengths = [len(words(piece)) for piece in pieces]
    # best[i]: (cost, start of the last scene) of the cheapest partition of the first i pieces.
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(pieces) + 1):
        candidates = []
        for start in range(end - 1, -1, -1):
            length = sum(lengths[start:end])
            if length > SCENE_MAX_WORDS and start < end - 1:
                break
            candidates.append((best[start][0] + _cost(length), start))
        best.append(min(candidates))
    cuts = [len(pieces)]
    while cuts[-1] > 0:
        cuts.append(best[cuts[-1]][1])
    cuts.reverse()
    return [" ".join(pieces[start:end]) for start, end in pairwise(cuts)]


def _cost(length: int) -> float:
    """Squared distance from the ideal length in words; a scene below the least length costs far more."""
    shortfall = max(0, SCENE_MIN_WORDS - length)
    return (length - SCENE_IDEAL_WORDS) ** 2 + 50.0 * shortfall**2


def _breakable(sentence: str) -> list[str]:
    """A sentence whole, or, when it alone is longer than a scene may be, cut after clauses, at worst between words."""
    if len(words(sentence)) <= SCENE_MAX_WORDS:
        return [sentence]
    pieces: list[str] = []
    current: list[str] = []
    for token in sentence.split():
        current.append(token)
        length = len(words(" ".join(current)))
        if (length >= SCENE_MIN_WORDS and token.endswith(_CLAUSE_ENDS)) or length >= SCENE_IDEAL_WORDS + 7:
            pieces.append(" ".join(current))
            current = []
    if current and words(" ".join(current)):
        pieces.append(" ".join(current))
    elif current:
        pieces[-1] = " ".join([pieces[-1], *current])
    return pieces
