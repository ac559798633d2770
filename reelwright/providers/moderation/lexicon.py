"""The list of terms: read, checked and made searchable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from itertools import product
from math import prod
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from reelwright.domain.content.policy import Category
from reelwright.domain.errors import InvalidInput

from .normal import Views, fold, spread

Severity = Literal["review", "block"]

LANGUAGES = ("en", "de", "es", "fr", "ar", "hi", "zh")
SCORES: dict[Severity, float] = {"review": 0.6, "block": 0.95}
_GAP_WORDS = 3
_GAP = ".."
_BESIDE, _NEAR, _BEFORE = 2, 6, 3
"""Words on either side of a match in which `unless` and `softened_by` are looked for; before it, `negated_by`."""
_WORD = r"(?:[^\W_]|[\u0900-\u097f])+\*?"
_WORD_OR_CHOICE = re.compile(rf"{_WORD}(?:\|{_WORD})*")
_CLASS = re.compile(r"\$(\w+)")
_HEAD = 4
"""Terms are looked up by so many letters among words that are written letter by letter."""
_COMPACTS = 2_000
"""A term with more spellings than this is not looked for among words that are written letter by letter."""


class Rule(BaseModel):
    """Some terms with the same meaning; their notation is described in `terms/en.yaml`.

    `masked`: the match itself is not repeated in the reason. `cure` says what to do about a finding."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    category: Category
    label: str
    score: float
    terms: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    softened_by: tuple[str, ...] = ()
    negated_by: tuple[str, ...] = ()
    masked: bool = False
    cure: str = ""


class _About(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Category
    label: str
    score: float
    masked: bool = False
    cure: str


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    rules: dict[str, _About]


class _Terms(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    terms: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    softened_by: tuple[str, ...] = ()
    negated_by: tuple[str, ...] = ()


class _Language(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    classes: dict[str, tuple[str, ...]]
    rules: dict[str, _Terms]


@dataclass(frozen=True)
class Hit:
    """A term found: the words that matched, and how bad that is."""

    rule: Rule
    matched: str
    score: float


@dataclass(frozen=True)
class _Term:
    """A rule's term beginning with one certain word. Its expression starts with that word, which makes searching
    fast, and is compiled when the word is first met."""

    rule: Rule
    expression: str
    unless: re.Pattern[str] | None
    softened_by: re.Pattern[str] | None
    negated_by: re.Pattern[str] | None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.expression)


@dataclass(frozen=True)
class _Together:
    """Choices of words, of each of which one stands in a sentence, in whatever order."""

    rule: Rule
    choices: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None
    softened_by: re.Pattern[str] | None

    def hit(self, sentence: str, whole: str) -> Hit | None:
        """What softens it may stand anywhere in the whole text. Both are padded with spaces."""
        spans: list[tuple[int, int]] = []
        for choice in self.choices:
            found = choice.search(sentence)
            if found is None:
                return None
            spans.append(found.span())
        if len(set(spans)) < len(spans) or (self.unless is not None and self.unless.search(sentence)):
            return None
        matched = sentence[min(start for start, _ in spans) : max(end for _, end in spans)].strip()
        softened = self.softened_by is not None and self.softened_by.search(whole)
        return Hit(self.rule, matched, min(self.rule.score, SCORES["review"]) if softened else self.rule.score)


class Lexicon:
    """Finds the rules' terms in views of a text.

    Terms are looked up by their first word, so that a text without any of those words costs one set intersection.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_first: dict[str, list[_Term]] = {}
        self._together: list[_Together] = []
        self._whole: dict[str, Rule] = {}
        self._within: dict[str, dict[str, Rule]] = {}
        for rule in rules:
            phrases = _phrases(rule.unless), _phrases(rule.softened_by), _phrases(rule.negated_by)
            for text in rule.together:
                choices = tuple(re.compile(f" (?:{_choices(choice)})(?= )") for choice in text.split(" & "))
                self._together.append(
                    _Together(rule, choices, phrases[0], _phrases(rule.softened_by + rule.negated_by))
                )
            for text in rule.terms:
                parts = text.split()
                rest = _expression(parts)
                for first in parts[0].split("|"):
                    words = spread(first)
                    self._by_first.setdefault(words.split()[0], []).append(_Term(rule, f" {words}{rest}", *phrases))
                for compact in _compacts(parts):
                    self._whole.setdefault(compact, rule)
                    if len(parts) > 1 and len(compact) >= _HEAD:
                        self._within.setdefault(compact[:_HEAD], {}).setdefault(compact, rule)

    def search(self, views: Views) -> Iterator[Hit]:
        """Every hit in every view; the same term may be found in more than one."""
        for view in views.texts:
            padded = f" {view} "
            for first in self._by_first.keys() & set(view.split()):
                for term in self._by_first[first]:
                    for match in term.pattern.finditer(padded):
                        hit = _hit(term, match)
                        if hit is not None:
                            yield hit
            for sentence in padded.split(" . "):
                for together in self._together:
                    hit = together.hit(f" {sentence.strip()} ", padded)
                    if hit is not None:
                        yield hit
        # Written letter by letter, the spaces between words are gone with the others.
        for run in views.runs:
            if run in self._whole:
                yield Hit(self._whole[run], run, self._whole[run].score)
            for start in range(len(run) - _HEAD + 1):
                for compact, rule in self._within.get(run[start : start + _HEAD], {}).items():
                    if run.startswith(compact, start):
                        yield Hit(rule, compact, rule.score)


def rule_of_terms(
    terms: Iterable[str], *, category: Category, label: str, score: float, field: str, cure: str
) -> Rule | None:
    """The operator's own terms as a rule. Empty ones are passed over; `InvalidInput` for one without a word in it."""
    plain: list[str] = []
    for term in filter(str.strip, terms):
        words = " ".join(word for word in spread(fold(term)).split() if word != ".")
        if not words:
            raise InvalidInput(
                f"{term[:40]!r} has no letter or digit in it", field=field, remedy="give words or phrases"
            )
        plain.append(words)
    if not plain:
        return None
    return Rule(id=category, category=category, label=label, score=score, terms=tuple(plain), cure=cure)


def rule_of_blocked(terms: Iterable[str]) -> Rule | None:
    """The terms that the operator blocks in every policy."""
    return rule_of_terms(
        terms,
        category="blocked-term",
        label="a blocked term",
        score=SCORES["block"],
        field="blocked_terms",
        cure="use another word",
    )


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """The rules in `terms/`, one for each language that has terms for it."""
    about = _Rules.model_validate(_read("rules")).rules
    found: list[Rule] = []
    languages = [_Language.model_validate(_read(language)) for language in LANGUAGES]
    # Languages share words (`suicide`), so that what makes one harmless counts for all of them.
    unless: dict[str, list[str]] = {}
    for file in languages:
        for id, own in file.rules.items():
            unless.setdefault(id, []).extend(spread(fold(phrase)) for phrase in own.unless)
    for file in languages:
        classes = {name: "|".join(words) for name, words in file.classes.items()}
        for id, own in file.rules.items():
            terms, together = (_filled(written, classes) for written in (own.terms, own.together))
            found.append(
                Rule(
                    id=id,
                    **about[id].model_dump(),
                    terms=terms,
                    together=together,
                    unless=tuple(unless[id]),
                    softened_by=tuple(spread(fold(phrase)) for phrase in own.softened_by),
                    negated_by=tuple(spread(fold(phrase)) for phrase in own.negated_by),
                )
            )
    return tuple(found)


def _filled(written: tuple[str, ...], classes: dict[str, str]) -> tuple[str, ...]:
    """Terms with the words of their classes, normalised."""
    return tuple(fold(_CLASS.sub(lambda match: classes[match[1]], term)) for term in written)


@cache
def shipped() -> Lexicon:
    """The lexicon of these rules, which takes a tenth of a second to build."""
    return Lexicon(shipped_rules())


def _read(name: str) -> object:
    text = files(__package__).joinpath("terms", f"{name}.yaml").read_text(encoding="utf-8")
    # Words alone: `no` and `on` are words here. Numbers are turned back by the models.
    return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - builds text, lists and tables only


def _hit(term: _Term, match: re.Match[str]) -> Hit | None:
    if term.unless is not None and term.unless.search(_around(match, _BESIDE)):
        return None
    softened = (term.softened_by is not None and term.softened_by.search(_around(match, _NEAR))) or (
        term.negated_by is not None and term.negated_by.search(_around(match, _BEFORE, after=0))
    )
    score = min(term.rule.score, SCORES["review"]) if softened else term.rule.score
    return Hit(rule=term.rule, matched=match.group().strip(), score=score)


def _around(match: re.Match[str], count: int, after: int | None = None) -> str:
    """The match with `count` words on either side, or with `after` behind it."""
    before = match.string[max(0, match.start() - 120) : match.start()].split()[-count:]
    behind = match.string[match.end() : match.end() + 120].split()[: count if after is None else after]
    return " ".join([*before, match.group().strip(), *behind])


def _expression(parts: list[str]) -> str:
    """All of a term after its first word, as an expression on a padded view.

    Raises `ValueError` when it does not follow the notation in `terms/en.yaml`."""
    term = " ".join(parts)
    if not parts or parts[0] == _GAP or "*" in parts[0] or parts[-1] == _GAP:
        raise ValueError(f"lexicon term {term!r} begins with * or .. or ends with ..")
    expression = ""
    for index, part in enumerate(parts):
        if part == _GAP:
            expression += rf"(?: [^ .]+){{0,{_GAP_WORDS}}}?"
        elif not _WORD_OR_CHOICE.fullmatch(part):
            raise ValueError(f"lexicon term {term!r} has {part!r}, which is neither a word nor a choice")
        elif index:
            expression += f" (?:{_choices(part)})"
    return rf"{expression}(?= )"


def _choices(part: str) -> str:
    """A choice as an expression on a padded view. Phrases of several words are choices too, where no term is around."""
    return "|".join(spread(word) + ("[^ .]*" if word.endswith("*") else "") for word in part.split("|"))


def _phrases(phrases: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(re.escape(phrase) for phrase in phrases)
    return re.compile(rf"(?<!\S)(?:{joined})(?!\S)") if joined else None


def _compacts(parts: list[str]) -> list[str]:
    """All spellings of a term without spaces, gaps and endings."""
    words = [[word.rstrip("*") for word in part.split("|")] for part in parts if part != _GAP]
    # Han signs are words of their own anyway, and apart or together the same.
    if prod(map(len, words)) > _COMPACTS or any(word[:1] > "\u2e80" for word in words[0]):
        return []
    return ["".join(spelling) for spelling in product(*words)]
