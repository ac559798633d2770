"""A text in parts that a vendor takes at once, broken at sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reelwright.domain.text.marks import CLAUSE_ENDS, CLOSERS, UNSPACED_ENDS
from reelwright.domain.text.sentence_ends import sentence_ends

_INSIDE = re.compile(f"(?<=[{re.escape(UNSPACED_ENDS)}])(?![{re.escape(UNSPACED_ENDS + CLOSERS)}])")
"""Where a sentence ends inside a token, in scripts without spaces."""
_CLAUSE = re.compile(f"(?<=[{re.escape(CLAUSE_ENDS)}])")


@dataclass(frozen=True)
class Fragment:
    """A token's text from its character `at` on: as a rule all of it."""

    token: int
    at: int
    text: str


@dataclass(frozen=True)
class Part:
    """What is spoken by one call: fragments with a space between them. Between two parts a sentence ends (`sentence`),
    or what is longer than a call takes was cut."""

    fragments: tuple[Fragment, ...]
    sentence: bool = True

    @property
    def text(self) -> str:
        """As it is sent."""
        return " ".join(fragment.text for fragment in self.fragments)


def parts_of(tokens: Sequence[str], language: str, most: int) -> list[Part]:
    """The tokens in parts of at most `most` characters, in order, nothing left out."""
    parts: list[Part] = []
    for sentence in _sentences(tokens, language, most):
        for number, piece in enumerate(_fitting(sentence, most)):
            last = parts[-1] if parts else None
            if number == 0 and last is not None and last.sentence and _size(last.fragments, piece) <= most:
                parts[-1] = replace(last, fragments=_joined(last.fragments, piece))
            else:
                parts.append(Part(piece))
            whole = piece[-1] == sentence[-1]
            parts[-1] = replace(parts[-1], sentence=whole)
    return parts


def _sentences(tokens: Sequence[str], language: str, most: int) -> Iterator[tuple[Fragment, ...]]:
    begun: list[Fragment] = []
    for number, (token, end) in enumerate(zip(tokens, sentence_ends(tokens, language), strict=True)):
        pieces = list(_cut(token, most))
        at = 0
        for place, text in enumerate(pieces):
            begun.append(Fragment(number, at, text))
            at += len(text)
            if end or place < len(pieces) - 1:
                yield tuple(begun)
                begun = []
    if begun:
        yield tuple(begun)


def _cut(token: str, most: int) -> Iterator[str]:
    """A token that is longer than a part in pieces that are not; any other as it is."""
    if len(token) <= most:
        yield token
        return
    for sentence in _INSIDE.split(token):
        for clause in [sentence] if len(sentence) <= most else _CLAUSE.split(sentence):
            for at in range(0, len(clause), most):
                yield clause[at : at + most]


def _fitting(sentence: tuple[Fragment, ...], most: int) -> Iterator[tuple[Fragment, ...]]:
    """A sentence as it is, or cut after the last clause that fits, else after the last word."""
    rest = sentence
    while _size((), rest) > most:
        fits = next(count for count in range(len(rest), 0, -1) if _size((), rest[:count]) <= most)
        clause = next((n for n in range(fits, fits // 2, -1) if rest[n - 1].text[-1:] in CLAUSE_ENDS), fits)
        yield rest[:clause]
        rest = rest[clause:]
    if rest:
        yield rest


def _joined(one: tuple[Fragment, ...], other: tuple[Fragment, ...]) -> tuple[Fragment, ...]:
    """Both in a row; two fragments of one token become one again."""
    if one and one[-1].token == other[0].token:
        return (*one[:-1], replace(one[-1], text=one[-1].text + other[0].text), *other[1:])
    return (*one, *other)


def _size(one: tuple[Fragment, ...], other: tuple[Fragment, ...]) -> int:
    return sum(len(fragment.text) + 1 for fragment in (*one, *other)) - 1
