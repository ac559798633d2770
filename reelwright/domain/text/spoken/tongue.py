"""The data of one language, with which the rules work. `tongues` has the languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Currency:
    """Its names for one and for several, their grammatical gender, and those of its hundredth part (may be empty)."""

    one: str
    many: str
    gender: str = ""
    cent: str = ""
    cents: str = ""


@dataclass(frozen=True)
class Magnitude:
    """A power of ten by name, for one and for several, and whether `of` stands before what is counted."""

    one: str
    many: str
    gender: str = ""
    of: bool = False


@dataclass(frozen=True)
class Tongue:
    """A language with rules.

    `gender_of` guesses the gender of a noun that a number stands before; empty where the number does not change.
    `joined`: abbreviations with a full stop, lower case, to their words. `titles` count only before a capital,
    `numbered` only before a number. Dates are read in the order `date_order` (`dmy` or `mdy`).
    """

    code: str
    locale: str
    comma: bool  # whether decimals are set off by a comma
    point: str
    minus: str
    plus: str
    equals: str
    to: str
    ratio: str
    percent: str
    per_mille: str
    and_: str
    number: str
    at: str
    dot: str
    hashtag: str
    about: str
    times: str
    by: str
    currencies: Mapping[str, Currency]
    magnitudes: Mapping[str, Magnitude]
    cents: Callable[[str, str, str], tuple[str, str]]  # amount with unit, cents, cents' unit: said before and after
    gender_of: Callable[[str], str]
    fractions: Mapping[str, str]
    and_half: str
    date_order: str
    joined: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)
    numbered: Mapping[str, str] = field(default_factory=dict)
    bare: Mapping[str, str] = field(default_factory=dict)  # without a full stop
    sections: frozenset[str] = frozenset()
    centuries: frozenset[str] = frozenset()
    short_words: frozenset[str] = frozenset()
    acronyms: frozenset[str] = frozenset()
    determiners: frozenset[str] = frozenset()
    emoji: bool = True
    of: str = ""  # between a magnitude and what it counts: "cinco millones de euros"


def words_of(text: str) -> frozenset[str]:
    """A set out of words in a string."""
    return frozenset(text.split())


def pairs_of(text: str) -> dict[str, str]:
    """A mapping out of lines or `;`-separated entries `written=spoken`."""
    entries = (entry.strip() for entry in text.replace("\n", ";").split(";"))
    return {key.strip(): value.strip() for key, value in (entry.split("=", 1) for entry in entries if entry)}
