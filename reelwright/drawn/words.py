"""A scene's text as words: sentences, clauses, what is denied or only compared with. Pure text in, plain data out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex  # type: ignore[import-untyped, unused-ignore]

from reelwright.domain.text.incoming import one_line
from reelwright.domain.text.sentence_ends import sentence_ends

from .lexicon import Lexicon, Names

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’\-.,](?=[\p{L}\p{M}\p{N}])[\p{L}\p{M}\p{N}]+)*")
_BREAK = regex.compile(r"[,;:!?()\[\]«»„“”\"…—–。，、；：！？،؛؟।.]")
_ELIDED = regex.compile(r"^(?:l|d|j|n|s|c|m|t|qu|dell|all|un|nell|sull)['’](?=.)", regex.IGNORECASE)
_OWNER = regex.compile(r"['’]\s")
_INNER_STOP = regex.compile(r"(?<=[。！？।؟])\s*")
_DENIED_FAR = 5
"""A denial reaches so many words."""
_DENIED_ITEM = 3
"""And on through the items of a list of no more words each: "no ships, trains or planes"."""


@dataclass(frozen=True)
class Word:
    """A word in lower case, without what is joined to it by an apostrophe; its sentence and clause by number. `owner`:
    it is in the genitive with an apostrophe."""

    text: str
    sentence: int
    clause: int
    capital: bool = False
    owner: bool = False


def sentences_of(text: str, language: str) -> list[str]:
    """The sentences of a text."""
    found: list[str] = []
    for stretch in _INNER_STOP.split(one_line(text)):
        tokens = stretch.split()
        current: list[str] = []
        for token, ends in zip(tokens, sentence_ends(tokens, language), strict=True):
            current.append(token)
            if ends:
                found.append(" ".join(current))
                current = []
    return [sentence for sentence in found if any(c.isalnum() for c in sentence)]


def clauses_of(sentence: str) -> list[str]:
    """The parts of a sentence between its commas, colons and brackets; a comma within a number divides nothing."""
    parts = regex.split(r"(?<!\d)[,;:—–()،؛，；：、]|[,;:—–()،؛，；：、](?!\d)|\s-\s", sentence)
    return [part.strip() for part in parts if part.strip()]


def words_of(text: str, lexicon: Lexicon) -> list[Word]:
    """The words of a text. What is a saying is no word of it."""
    found: list[Word] = []
    clause = 0
    for number, sentence in enumerate(sentences_of(text, lexicon.language)):
        if lexicon.idioms:
            sentence = lexicon.idioms.sub(" § ", sentence)
        clause += 1
        at = 0
        for match in _WORD.finditer(sentence):
            clause += bool(_BREAK.search(sentence, at, match.start()))
            at = match.end()
            word = match.group().replace("’", "'")
            plain = _ELIDED.sub("", word)
            owner = plain.casefold().endswith("'s") or (plain.endswith("s") and bool(_OWNER.match(sentence, at)))
            plain = plain.removesuffix("'s").removesuffix("'S")
            # A compound with a hyphen is one word; where it is unknown, its parts are not looked for.
            found.append(Word(plain.casefold(), number, clause, word[:1].isupper() and match.start() > 0, owner))
    return found


@dataclass(frozen=True)
class Mention:
    """A name found in the words: whether the word decides by itself, at which word, how many words it has."""

    name: str
    sure: bool
    at: int
    length: int
    word: str


def mentions(words: Sequence[Word], names: Names, lexicon: Lexicon) -> Iterator[Mention]:
    """All names of `names` among the words, only the longest match at each position."""
    if lexicon.unspaced:
        yield from _inside(words, names)
        return
    skip = 0
    for at, word in enumerate(words):
        if at < skip:
            continue
        for length in (3, 2, 1):
            run = words[at : at + length]
            if len(run) < length or run[-1].clause != word.clause:
                continue
            found = names.of("_".join(w.text for w in run))
            if found:
                for name, sure in found.items():
                    yield Mention(name, sure, at, length, " ".join(w.text for w in run))
                skip = at + length
                break


def _inside(words: Sequence[Word], names: Names) -> Iterator[Mention]:
    """Without spaces: names anywhere in what stands between marks; a longer name hides a shorter one in it."""
    for at, word in enumerate(words):
        taken: set[int] = set()
        for known in sorted((k for k in names.whole if k in word.text), key=len, reverse=True):
            begin = word.text.find(known)
            if not taken & set(range(begin, begin + len(known))):
                taken |= set(range(begin, begin + len(known)))
                for name, sure in names.whole[known].items():
                    yield Mention(name, sure, at, 1, known)


def denied(words: Sequence[Word], mention: Mention, lexicon: Lexicon) -> bool:
    """Whether the text states that the thing is not there, or that something is only like it."""
    here = words[mention.at]
    if lexicon.unspaced:
        before = here.text.split(mention.word)[0]
        marks = (*lexicon.denials.whole, *lexicon.likenesses.whole)
        return any(mark in (here.text if lexicon.language == "ja" else before) for mark in marks)
    if lexicon.language == "hi":
        clause = [w.text for w in words if w.clause == here.clause]
        pairs = ["_".join(clause[at : at + 2]) for at in range(len(clause))]
        lists = lexicon.denials, lexicon.likenesses
        return any(words.of(text) for text in (*clause, *pairs) for words in lists)
    reach = [w for w in words[max(mention.at - 14, 0) : mention.at] if w.sentence == here.sentence]
    near = [w for w in reach if w.clause == here.clause]
    if any(lexicon.likenesses.of(w.text) for w in near[-3:]):
        return not (len(near) and near[-1].text == "as" and len(near) < 2)
    if any(lexicon.denials.of(w.text) for w in near[-_DENIED_FAR:]):
        return True
    # The items of a list share the denial before the first of them.
    clauses = sorted({w.clause for w in reach} - {here.clause}, reverse=True)
    for number in clauses:
        part = [w for w in reach if w.clause == number]
        if any(lexicon.denials.of(w.text) for w in part[-_DENIED_ITEM:]):
            return len(near) <= _DENIED_ITEM
        if len(part) > _DENIED_ITEM:
            return False
    return False


def has_any(words: Sequence[Word], wanted: frozenset[str], lexicon: Lexicon) -> str:
    """The first of the given words (`sail*`, `over_the_moon`) that is among the words; empty where none is."""
    if not wanted:
        return ""
    exact = {word for word in wanted if not word.endswith("*")}
    starts = tuple(word[:-1] for word in wanted if word.endswith("*"))
    texts = [word.text for word in words]
    for at, text in enumerate(texts):
        if text in exact or (starts and text.startswith(starts)):
            return text
        for length in (2, 3):
            run = "_".join(texts[at : at + length])
            if run in exact:
                return run
        if lexicon.unspaced and (inside := next((w for w in exact if not w.isascii() and w in text), "")):
            return inside
    return ""
