"""Numbers in words, by the Unicode CLDR's rules (RBNF, https://unicode.org/reports/tr35/tr35-numbers.html)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unicode_rbnf import RbnfEngine

MAX_DIGITS = 15
"""A number with more digits is read digit by digit: quadrillions are not understood, and the rules end soon after."""

_CARDINALS = {
    "": ("spellout-numbering", "spellout-cardinal"),
    "m": ("spellout-cardinal-masculine", "spellout-numbering", "spellout-cardinal"),
    "n": ("spellout-cardinal-neuter", "spellout-cardinal-masculine", "spellout-numbering", "spellout-cardinal"),
    "f": ("spellout-cardinal-feminine", "spellout-numbering", "spellout-cardinal"),
}
_ORDINALS = {
    "": ("spellout-ordinal", "spellout-ordinal-masculine"),
    "m": ("spellout-ordinal-masculine", "spellout-ordinal"),
    "adjective": ("spellout-ordinal-masculine-adjective", "spellout-ordinal-masculine", "spellout-ordinal"),
    "f": ("spellout-ordinal-feminine", "spellout-ordinal"),
    # The endings of German adjectives.
    "n": ("spellout-ordinal-n", "spellout-ordinal"),
    "r": ("spellout-ordinal-r", "spellout-ordinal"),
    "s": ("spellout-ordinal-s", "spellout-ordinal"),
}


def cardinal(number: int, language: str, gender: str = "") -> str:
    """A count of at most `MAX_DIGITS` digits. With a gender (`m`, `f`, `n`) it stands before a noun ("un libro"),
    without it stands alone ("uno")."""
    base, region = _parts(language)
    if base == "en":
        # "one hundred and one" is British; the plural rules of the engine have no regions.
        return _formatted("en", number, ("spellout-cardinal-verbose" if region == "gb" else "spellout-cardinal",))
    if base == "nl" and number == 1 and not gender:
        return "één"
    return _formatted(base, number, _CARDINALS[gender])


def ordinal(number: int, language: str, form: str = "") -> str:
    """A position: "third". `form` is a gender, `adjective` (Spanish "tercer"), or a German ending (`n`, `r`, `s`)."""
    base, region = _parts(language)
    if base == "en":
        return _formatted("en", number, ("spellout-ordinal-verbose" if region == "gb" else "spellout-ordinal",))
    return _formatted(base, number, _ORDINALS[form])


def year(number: int, language: str) -> str:
    """A year of the common era in spoken form: "nineteen sixty-nine"."""
    base, region = _parts(language)
    if base == "en" and region == "gb" and 2000 <= number < 2010:
        return cardinal(number, language)
    if base in ("en", "de", "nl"):
        return _formatted(base, number, ("spellout-numbering-year",)).replace("oh-", "oh ")
    return cardinal(number, language)


def digits(text: str, language: str) -> str:
    """Digits one by one; other characters are left out."""
    return " ".join(cardinal(int(char), language) for char in text if char.isdecimal())


def counted(text: str, language: str, gender: str = "") -> str:
    """A run of digits as a number, or digit by digit where it is too long or begins with a zero ("007")."""
    if len(text) > MAX_DIGITS or (len(text) > 1 and text[0] == "0"):
        return digits(text, language)
    return cardinal(int(text), language, gender)


@lru_cache(maxsize=4_000)
def _formatted(base: str, number: int, rulesets: tuple[str, ...]) -> str:
    engine = _engine(base)
    ruleset = next(name for name in rulesets if name in engine.rulesets)
    return engine.format_number(number, ruleset_names=[ruleset]).text


@lru_cache(maxsize=8)
def _engine(base: str) -> RbnfEngine:
    from unicode_rbnf import RbnfEngine

    return RbnfEngine.for_language(base)


def _parts(language: str) -> tuple[str, str]:
    base, _, region = language.lower().partition("-")
    return base, region
