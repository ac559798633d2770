"""Whether a sentence is about a noun: where the noun stands in its clause, and what stands beside it. The closed
classes of words that decide are in `grammar.toml`, by language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from .lexicon import Lexicon, forms_of
from .words import Mention, Word

_NEAR = 4
"""A denial of the verb stands no more words behind the noun."""
_LEAD_CHARS = frozenset("一二两三四五六七八九十只个頭头条匹棵颗座这那些每小大老")
"""What may stand before a noun that begins a sentence without spaces: "这些", "三只"."""
_PLANETS = "space"
"""Subjects of this kind are written with a capital in English."""
_UNCOUNTED = frozenset({"food", "space"})
_ARTICLES = frozenset({"un", "une", "una", "uno", "um", "uma", "ein", "eine", "both", "several", "many"})
"""Numbers by the lexicon that are articles or do not count exactly."""


@dataclass(frozen=True)
class Grammar:
    """The closed classes of one language. What begins with one of `attributes` behind the noun makes it a special one;
    `apart` may not follow it at all, and `looks` (colours, states) say that it may not be as it is drawn. In English,
    where any noun may follow another, only `verbs` and `follow` do."""

    leads: frozenset[str]
    joins: frozenset[str]
    adjuncts: frozenset[str]
    determiners: frozenset[str]
    partitives: frozenset[str]
    modifiers: frozenset[str]
    apart: frozenset[str]
    attributes: frozenset[str]
    denied: frozenset[str]
    looks: frozenset[str]
    where: frozenset[str]
    verbs: frozenset[str] = frozenset()
    follow: frozenset[str] = frozenset()


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("grammar.toml").read_text("utf-8"))


@lru_cache(maxsize=16)
def grammar_of(language: str) -> Grammar | None:
    """The grammar of a language by its base tag; none where it cannot be read by rule."""
    classes: Mapping[str, str] | None = _table().get(language) if language != "others" else None
    return Grammar(**{name: frozenset(words.split()) for name, words in classes.items()}) if classes else None


def leads(words: Sequence[Word], mention: Mention, lexicon: Lexicon, *, titled: bool, first: int) -> bool:
    """Whether the noun begins the first main clause of sentence `first`, as its subject. What the title names
    (`titled`) may begin any clause, and its verb may be denied. Languages without a grammar need the title, too."""
    grammar = grammar_of(lexicon.language)
    if grammar is None:
        return titled and words[mention.at].sentence == first and _begins(words, mention, lexicon)
    if words[mention.at].sentence != first and not titled:
        return False
    if not _introduced(words, mention, lexicon, grammar, titled):
        return False
    clause = _behind(words, mention)
    if not titled and clause and clause[0].text in grammar.attributes:
        return False
    if any(word.text in grammar.looks for word in clause):
        return False
    if not titled and any(_is(clause, at, grammar.denied) for at in range(min(_NEAR, len(clause)))):
        return False
    return stands_alone(words, mention, lexicon) and _goes_on(words, mention)


def _introduced(words: Sequence[Word], mention: Mention, lexicon: Lexicon, grammar: Grammar, titled: bool) -> bool:
    """Whether only an article, a number and an adjective stand between the beginning of the clause and the noun, and
    only adverbials before the clause."""
    here = words[mention.at]
    clause = [w for w in words[: mention.at] if w.clause == here.clause]
    earlier = [w for w in words[: mention.at] if w.sentence == here.sentence and w.clause < here.clause]
    begins = [w.text for at, w in enumerate(earlier) if not at or earlier[at - 1].clause != w.clause]
    if not titled and any(text not in grammar.adjuncts for text in begins):
        return False
    skipped = grammar.leads | (grammar.joins if titled else frozenset())
    rest = list(clause)
    while rest and rest[0].text in skipped and rest[0].text not in grammar.determiners:
        rest.pop(0)
    fixed = numbers = 0
    for at, word in enumerate(rest):
        number = (word.text in lexicon.counts or word.text.isdecimal()) and word.text not in _ARTICLES
        numbers += number
        if number or word.text in grammar.determiners or (at and word.text in grammar.partitives):
            fixed += 1
        else:
            break
    left = rest[fixed:]
    if numbers > 1 or (not rest and _bare(words, mention, lexicon)):
        return False
    return not left or (len(left) == 1 and fixed > 0 and _adjective(left[0], lexicon, grammar))


def _adjective(word: Word, lexicon: Lexicon, grammar: Grammar) -> bool:
    """Whether a word before the noun only describes it, and the drawing cannot be otherwise: no colour, no material, no
    noun."""
    if word.capital or word.owner:
        return False
    if lexicon.language == "de":
        return any(word.text == stem + ending for stem in grammar.modifiers for ending in ("e", "er", "es", "en"))
    return word.text in grammar.modifiers


def _bare(words: Sequence[Word], mention: Mention, lexicon: Lexicon) -> bool:
    """Whether an English singular stands without an article, as verbs do ("book early", "train hard")."""
    mass = lexicon.entries[mention.name].kind in _UNCOUNTED or mention.length > 1
    return lexicon.language == "en" and not mass and not _plural(words[mention.at].text, lexicon)


def _plural(noun: str, lexicon: Lexicon) -> bool:
    known = lexicon.subjects.whole
    return noun.endswith("s") and any(form in known for form in forms_of(noun, lexicon.language) if form != noun)


def stands_alone(words: Sequence[Word], mention: Mention, lexicon: Lexicon, *, loosely: bool = False) -> bool:
    """Whether the noun is no part of another: a compound ("carrot cake"), an owner ("the fox's den"), a name ("Tiger
    Woods"), a genitive ("the heart of the city"). `loosely`: in a phrase that has no verb."""
    grammar = grammar_of(lexicon.language)
    noun = words[mention.at + mention.length - 1]
    if noun.owner:
        return False
    german = lexicon.language == "de"
    of_a_world = lexicon.entries[mention.name].kind == _PLANETS
    if words[mention.at].capital and not german and not of_a_world:
        return False
    behind = _behind(words, mention)
    if not behind or grammar is None:
        return True
    after = behind[0]
    if after.capital or (_is(behind, 0, grammar.apart) and not loosely):
        return False
    if not grammar.follow:
        return True
    return _may_follow(after.text, mention.word.replace(" ", "_"), lexicon, grammar, loosely)


def _may_follow(after: str, noun: str, lexicon: Lexicon, grammar: Grammar, loosely: bool) -> bool:
    """In English any noun may follow another: after a singular only what is no noun counts."""
    if _plural(noun, lexicon):
        return True
    if loosely and (after in grammar.apart or after.endswith("ing") or after in grammar.determiners):
        return True
    return after in grammar.verbs | grammar.follow or (len(after) > 4 and after.endswith(("ly", "ed")))


def _goes_on(words: Sequence[Word], mention: Mention) -> bool:
    """Whether the clause goes on behind the noun, or the sentence is the noun alone. A comma there begins a list."""
    end = mention.at + mention.length
    if end >= len(words) or words[end].sentence != words[mention.at].sentence:
        return True
    return words[end].clause == words[mention.at].clause


def _begins(words: Sequence[Word], mention: Mention, lexicon: Lexicon) -> bool:
    """In a language without a grammar here: whether the noun is the first word, or the second, of its sentence."""
    here = words[mention.at]
    apart = frozenset(_table()["others"].get(lexicon.language, {}).get("apart", "").split())
    if lexicon.unspaced:
        if mention.at and words[mention.at - 1].sentence == here.sentence:
            return False
        before, _, behind = here.text.partition(mention.word)
        return set(before) <= _LEAD_CHARS and not behind.startswith(tuple(apart)) and bool(behind)
    if mention.at > 1 and words[mention.at - 2].sentence == here.sentence:
        return False
    if mention.at and words[mention.at - 1].sentence == here.sentence and words[mention.at - 1].clause != here.clause:
        return False
    behind_words = _behind(words, mention)
    return bool(behind_words) and behind_words[0].text not in apart


def located(words: Sequence[Word], mention: Mention, lexicon: Lexicon) -> bool:
    """Whether a place is said to be where something is: a preposition of place, an article, at most a word between."""
    grammar = grammar_of(lexicon.language)
    if grammar is None or (words[mention.at].capital and lexicon.language != "de"):
        return False
    before = [w for w in words[max(mention.at - 3, 0) : mention.at] if w.clause == words[mention.at].clause]
    behind = _behind(words, mention)
    if lexicon.language != "de" and behind and behind[0].capital:
        return False
    if behind and behind[0].text in {"of", "de", "du", "del", "von", "di", "do", "da"}:
        return False
    if grammar.follow and behind and not _may_follow(behind[0].text, "", lexicon, grammar, True):
        return False
    return any(w.text in grammar.where for w in before) and not any(w.text in grammar.denied for w in before)


def _behind(words: Sequence[Word], mention: Mention) -> list[Word]:
    """The words behind a noun in its clause."""
    end = mention.at + mention.length
    clause = words[mention.at].clause
    found = []
    for word in words[end:]:
        if word.clause != clause:
            break
        found.append(word)
    return found


def _is(words: Sequence[Word], at: int, wanted: frozenset[str]) -> bool:
    return words[at].text in wanted or "_".join(w.text for w in words[at : at + 2]) in wanted
