"""The list of terms: read, checked and made searchable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

from reelwright.domain.errors import InvalidInput

from .normal import Views, fold, spread

Severity = Literal["review", "block"]

_GAP_WORDS = 3
_GAP = ".."
_BESIDE, _NEAR = 1, 6
"""Words on either side of a match in which `unless` and `softened_by` are looked for."""
_WORD_OR_CHOICE = re.compile(r"[^\W_]+\*?(?:\|[^\W_]+\*?)*")


class Rule(BaseModel):
    """Some terms with the same meaning; their notation is described in `lexicon.json`.

    `masked`: the match itself is not repeated in the reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: str
    label: str
    decision: Severity
    terms: tuple[str, ...]
    unless: tuple[str, ...] = ()
    softened_by: tuple[str, ...] = ()
    masked: bool = False


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Hit:
    """A term found: the words that matched, and what is to be done about it."""

    rule: Rule
    matched: str
    decision: Severity


@dataclass(frozen=True)
class _Term:
    """A rule's term beginning with one certain word. Its expression starts with that word, which makes searching
    fast, and is compiled when the word is first met."""

    rule: Rule
    expression: str
    unless: re.Pattern[str] | None
    softened_by: re.Pattern[str] | None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.expression)


class Lexicon:
    """Finds the rules' terms in views of a text.

    Terms are looked up by their first word, so that a text without any of those words costs one set intersection.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_first: dict[str, list[_Term]] = {}
        self._compact: list[tuple[str, bool, Rule]] = []
        for rule in rules:
            unless, softened_by = _phrases(rule.unless), _phrases(rule.softened_by)
            for text in rule.terms:
                parts = text.split()
                rest = _expression(parts)
                for first in parts[0].split("|"):
                    term = _Term(rule=rule, expression=f" {first}{rest}", unless=unless, softened_by=softened_by)
                    self._by_first.setdefault(first, []).append(term)
                self._compact += [(compact, len(parts) > 1, rule) for compact in _compacts(parts)]

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
        # Written letter by letter, the spaces between words are gone with the others.
        for run in views.runs:
            for compact, several_words, rule in self._compact:
                if compact == run or (several_words and compact in run):
                    yield Hit(rule=rule, matched=compact, decision=rule.decision)


def rule_of_blocked(terms: Iterable[str]) -> Rule | None:
    """The operator's own terms as a rule. Empty ones are passed over; `InvalidInput` for one without a word in it."""
    plain: list[str] = []
    for term in filter(str.strip, terms):
        words = " ".join(word for word in spread(fold(term)).split() if word != ".")
        if not words:
            raise InvalidInput(
                f"{term[:40]!r} has no letter or digit in it", field="blocked_terms", remedy="give words or phrases"
            )
        plain.append(words)
    return (
        Rule(category="blocked-term", label="a blocked term", decision="block", terms=tuple(plain)) if plain else None
    )


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """The rules of `lexicon.json`."""
    text = files(__package__).joinpath("lexicon.json").read_text(encoding="utf-8")
    return _File.model_validate_json(text).rules


def _hit(term: _Term, match: re.Match[str]) -> Hit | None:
    if term.unless is not None and term.unless.search(_around(match, _BESIDE)):
        return None
    softened = term.softened_by is not None and term.softened_by.search(_around(match, _NEAR))
    return Hit(rule=term.rule, matched=match.group().strip(), decision="review" if softened else term.rule.decision)


def _around(match: re.Match[str], count: int) -> str:
    """The match with `count` words on either side."""
    before = match.string[max(0, match.start() - 120) : match.start()].split()[-count:]
    after = match.string[match.end() : match.end() + 120].split()[:count]
    return " ".join([*before, match.group().strip(), *after])


def _expression(parts: list[str]) -> str:
    """All of a term after its first word, as an expression on a padded view.

    Raises `ValueError` when it does not follow the notation in the file's `about`."""
    term = " ".join(parts)
    if not parts or parts[0] == _GAP or "*" in parts[0] or parts[-1] == _GAP:
        raise ValueError(f"lexicon term {term!r} begins with * or .. or ends with ..")
    expression = ""
    for index, part in enumerate(parts):
        if part == _GAP:
            expression += rf"(?: \w+){{0,{_GAP_WORDS}}}?"
        elif not _WORD_OR_CHOICE.fullmatch(part):
            raise ValueError(f"lexicon term {term!r} has {part!r}, which is neither a word nor a choice")
        elif index:
            expression += f" (?:{part.replace('*', chr(92) + 'w*')})"
    return rf"{expression}(?= )"


def _phrases(phrases: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(re.escape(phrase) for phrase in phrases)
    return re.compile(rf"(?<!\S)(?:{joined})(?!\S)") if joined else None


def _compacts(parts: list[str]) -> list[str]:
    """All spellings of a term without spaces, gaps and endings."""
    spellings = [""]
    for part in parts:
        if part != _GAP:
            spellings = [spelling + word.rstrip("*") for spelling in spellings for word in part.split("|")]
    return spellings
