"""The words of a text as tags and summaries count them: whole, with their combining signs, without addresses."""

from __future__ import annotations

import regex  # type: ignore[import-untyped, unused-ignore]

from reelwright.domain.text.addresses import without_addresses
from reelwright.domain.text.links import url_spans
from reelwright.domain.text.marks import UNSPACED

# Signs of Indic scripts, Arabic vowels and joiners belong to the letter before them.
_LETTER = r"[\p{L}\p{M}\p{N}]"
WORD = regex.compile(rf"[\p{{L}}\p{{N}}](?:{_LETTER}|[\u200c\u200d](?={_LETTER}))*(?:['’-]{_LETTER}+)*")
_UNSPACED_RUN = regex.compile(f"[{UNSPACED}]+")
# Where Japanese is cut by its kinds of signs, kanji and katakana in a row are a word.
_JAPANESE = regex.compile(r"[\p{sc=Han}々]{2,6}|[\p{sc=Kana}ー]{3,}")
_MENTION = regex.compile(r"(?<![\p{L}\p{N}])[@＠][\p{L}\p{N}_.]+")


def without_links(text: str) -> str:
    """The text without addresses, bare domains (`example.com`) and names with an `@`."""
    text = without_addresses(text) if "://" in text or "www." in text.lower() or "@" in text else text
    pieces, at = [], 0
    for start, end in url_spans(text) if "." in text else ():
        pieces += [text[at:start], " "]
        at = end
    return str(_MENTION.sub(" ", "".join([*pieces, text[at:]])))


def words_of(text: str, language: str) -> list[str]:
    """The words of a text in lower case, in order; an empty string where a neighbour is no neighbour: in scripts that
    set no spaces only Japanese has words that can be separated by their signs."""
    found: list[str] = []
    for match in WORD.finditer(text):
        word = match.group()
        if not _UNSPACED_RUN.search(word):
            found.append(word.lower())
            continue
        found.append("")
        if language.split("-")[0] == "ja":
            found += [piece for name in _JAPANESE.findall(word) for piece in (name, "")]
        found += [piece for rest in _UNSPACED_RUN.split(word) if len(rest) > 1 for piece in (rest.lower(), "")]
    return found


def pairs_of(run: str) -> list[str]:
    """Each two neighbouring signs of a text in a script without spaces: what stands for words in comparisons."""
    return [run[at : at + 2] for at in range(len(run) - 1)]


def compared_terms(text: str) -> list[str]:
    """What two sentences are compared by: words, and pairs of signs where a script sets no spaces. Numbers do not
    count: sentences that differ in nothing else count as repetitions."""
    terms: list[str] = []
    for match in WORD.finditer(text.lower()):
        word = match.group()
        runs = _UNSPACED_RUN.findall(word)
        terms += [pair for run in runs for pair in pairs_of(run)]
        terms += [
            rest for rest in (_UNSPACED_RUN.split(word) if runs else [word]) if len(rest) > 1 and not rest.isdigit()
        ]
    return terms
