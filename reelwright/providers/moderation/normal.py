"""Undoes the ways in which words are disguised, so that a list of plain words is enough.

Every disguise is undone in a *view* of its own beside the plain one: `mp3` must stay `mp3` somewhere, and `h3ll0` must
become `hello` somewhere. Views are words with one space between them, and a full stop between sentences.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_LEET_L = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "l"})
# A token with a letter and, not at its end, something that can stand for one.
_LEET_TOKEN = re.compile(r"(?<![^\s\"'(])(?=\S*[^\W\d_])(?=\S*[0134578@$!]\S)[\w@$!]+|\b[^\W\d_]+[013457]+\b")
# Letters of other scripts that look like Latin ones (a few of Unicode's confusables.txt).
_LOOKALIKES = str.maketrans("аеорсухіјѕԁԛԝһкмтвнαορνικτυε", "aeopcyxijsdqwhkmtbhaopviktue")
_GREEK_OR_CYRILLIC = re.compile(r"[\u0370-\u052f]")
_MIXED = re.compile(r"\b(?=\w*[a-z])\w*[\u0370-\u052f]\w*\b")
_SPACED = re.compile(r"(?<!\w)(?:[\w@$][ .\-_*/|~]{1,2}){3,}[\w@$](?!\w)")
_WORDS = re.compile(r"[^\W_]+|[.!?…:;](?=\s|$)|\n\s*\n")
_LONG_RUN = re.compile(r"([^\W\d_])\1{2,}")
_APOSTROPHES = str.maketrans("", "", "'’`´")


@dataclass(frozen=True)
class Views:
    """`texts` are the views of a text; `runs` the words that were written letter by letter."""

    texts: tuple[str, ...]
    runs: tuple[str, ...]


def views(text: str) -> Views:
    """All views of `text`, the plain one first, without repetitions."""
    folded = fold(text)
    runs: list[str] = []

    def join(match: re.Match[str]) -> str:
        run = "".join(char for char in match.group() if char.isalnum() or char in "@$")
        if any(char.isalpha() for char in run):
            runs.append(run)
        return run

    def join_all_but_first(match: re.Match[str]) -> str:
        run = join(match)
        return f"{run[0]} {run[1:]}"

    joined = _SPACED.sub(join, folded)
    # In `a b o m b` the first letter is a word of its own.
    apart = _SPACED.sub(join_all_but_first, folded) if runs else joined
    found = [folded, joined, apart]
    for source, table in ((joined, _LEET), (joined, _LEET_L), (apart, _LEET)):
        if any(not token.isalpha() and _LEET_TOKEN.search(token) for token in set(source.split())):
            found.append(_LEET_TOKEN.sub(lambda match, table=table: match.group().translate(table), source))  # type: ignore[misc]
    found += [_LONG_RUN.sub(r"\1", each) for each in dict.fromkeys(found[1:]) if _LONG_RUN.search(each)]
    plain_runs = [run.translate(table) for run in runs for table in (_LEET, _LEET_L)]
    return Views(
        texts=tuple(dict.fromkeys(spread(each) for each in dict.fromkeys(found))),
        runs=tuple(dict.fromkeys(plain_runs)),
    )


def fold(text: str) -> str:
    """Lower case without accents, ligatures, full-width forms, invisible characters and look-alike letters."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        # Mn: accents and the like; Cf: zero-width and direction marks, soft hyphens, tags.
        unheard = [char for char in set(decomposed) if unicodedata.category(char) in ("Mn", "Cf")]
        text = decomposed.translate(dict.fromkeys(map(ord, unheard)))
    text = text.casefold().translate(_APOSTROPHES)
    return (
        text
        if not _GREEK_OR_CYRILLIC.search(text)
        else _MIXED.sub(lambda match: match.group().translate(_LOOKALIKES), text)
    )


def spread(folded: str) -> str:
    """Only words, one space apart, `.` between sentences."""
    return " ".join(word if word[0].isalnum() else "." for word in _WORDS.findall(folded))
