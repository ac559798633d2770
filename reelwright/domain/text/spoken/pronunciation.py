"""A list of words with their pronunciation, which takes precedence over every rule of a language.

A key in small letters is found in any case, any other only as it is written ("US" is not "us"). A spoken form may hold
other words of the list, which are looked up in turn. A word that stands for itself is said as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from ..incoming import one_line, words
from ..marks import UNSPACED
from .tokens import Said, Token

if TYPE_CHECKING:  # a list is checked without the rules of any language
    from .line import Line

ENTRIES = 200
KEY_CHARS, KEY_WORDS = 60, 4
SPOKEN_CHARS = 200
"""Upper limit of a spoken form, also with all words of the list put into it."""
_SIGN = re.compile(f"[{UNSPACED}]")
_POSSESSIVE = ("'s", "’s")


@dataclass(frozen=True)
class Pronunciations:
    """A checked list: the spoken form of each key, with other words of the list replaced."""

    spoken: Mapping[str, str]

    def at(self, line: Line, at: int) -> list[Said] | None:
        """The spoken form of the tokens from here on, if the list has them."""
        if not self.spoken:
            return None
        for length in self._lengths:
            tokens = [line[at + offset] for offset in range(length)]
            if all(token.after == "" for token in tokens[:-1]) and all(token.before == "" for token in tokens[1:]):
                found = self._of(" ".join(token.core for token in tokens))
                if found is not None:
                    return [Said(text) for text in spread(found.split(), length)]
        return self._inside(line.core(at))

    def _of(self, core: str) -> str | None:
        for ending in ("", *_POSSESSIVE):
            name = core.removesuffix(ending)
            if ending and name == core:
                continue
            for key in (name, name.lower()):
                if key in self.spoken:
                    return self.spoken[key] + ending
        return None

    def _inside(self, core: str) -> list[Said] | None:
        """Scripts without spaces: the key is a part of a token."""
        if self._parts is None or not _SIGN.search(core):
            return None
        said = self._parts.sub(lambda found: self.spoken[found[0]], core)
        return [Said(said)] if said != core else None

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(key.split()) for key in self.spoken}, reverse=True)

    @cached_property
    def _parts(self) -> re.Pattern[str] | None:
        keys = sorted((key for key in self.spoken if _SIGN.search(key)), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, keys))) if keys else None


def spread(said: Sequence[str], count: int) -> list[str]:
    """Spoken words dealt out to so many written ones, in order, as evenly as they go."""
    bounds = [round(index * len(said) / count) for index in range(count + 1)]
    return [" ".join(said[start:end]) for start, end in pairwise(bounds)]


def checked(given: Mapping[str, str]) -> dict[str, str]:
    """The list with keys and spoken forms on one line each. Raises `ValueError` for an entry that is empty or too long,
    and for words that lead back to themselves."""
    tidy: dict[str, str] = {}
    for written, said in given.items():
        key, value = one_line(written[: 4 * KEY_CHARS]), one_line(said[: 4 * SPOKEN_CHARS])
        shown = repr(key[:KEY_CHARS])
        if not words(key) or len(key) > KEY_CHARS or len(key.split()) > KEY_WORDS or len(written) > 4 * KEY_CHARS:
            raise ValueError(f"{shown} is not a word; give 1 to {KEY_WORDS} words of at most {KEY_CHARS} characters")
        if not words(value):
            raise ValueError(f"nothing is said for {shown}; write it as it sounds, or leave it out")
        if len(value) > SPOKEN_CHARS or len(said) > 4 * SPOKEN_CHARS:
            raise ValueError(f"{shown} is said in more than {SPOKEN_CHARS} characters; shorten it")
        tidy[key] = value
    resolved(tidy)
    return tidy


def resolved(given: Mapping[str, str]) -> Pronunciations:
    """The list ready for use. Raises `ValueError` where it has a cycle, or grows too long when words are put in."""
    done: dict[str, str] = {}
    for key in given:
        _resolve(key, Pronunciations(given), done, [])
    return Pronunciations(done)


def _resolve(key: str, given: Pronunciations, done: dict[str, str], path: list[str]) -> str:
    if key in done:
        return done[key]
    if key in path:
        cycle = [*path[path.index(key) :], key]
        shown = " → ".join(cycle[:6]) + (" → …" if len(cycle) > 6 else "")
        raise ValueError(f"{shown} leads back to itself; write one of them as it sounds")
    said = given.spoken[key]
    if said.lower() != key.lower():
        said = _put_in(said, key, given, done, path)
    if len(said) > SPOKEN_CHARS:
        raise ValueError(f"{key!r} is said in more than {SPOKEN_CHARS} characters with other words of the list put in")
    done[key] = said
    return said


def _put_in(said: str, key: str, given: Pronunciations, done: dict[str, str], path: list[str]) -> str:
    """A spoken form with those of the words in it that are on the list themselves."""
    tokens = [Token.of(text) for text in said.split()]
    pieces: list[str] = []
    at = 0
    while at < len(tokens):
        for length in given._lengths:
            part = tokens[at : at + length]
            core = " ".join(token.core for token in part)
            name = core if core in given.spoken else core.lower()
            if len(part) == length and name in given.spoken:
                inner = _resolve(name, given, done, [*path, key])
                pieces.append(f"{part[0].before}{inner}{part[-1].after}")
                at += length
                break
        else:
            token = tokens[at]
            pieces.append(f"{token.before}{token.core}{token.after}")
            at += 1
    return " ".join(pieces)
