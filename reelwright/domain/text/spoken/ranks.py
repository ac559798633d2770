"""Ordinals in digits and Roman numerals: "21st", "3. Platz", "XXe siècle", "Louis XIV", "World War II"."""

from __future__ import annotations

import re

from . import numerals
from .calendar import german_ending
from .line import Line, Said
from .tongue import words_of

_ENGLISH = re.compile(r"(\d{1,6}|\d{1,3},\d{3})(?:st|nd|rd|th)", re.IGNORECASE)
_FRENCH = re.compile(r"(\d{1,4})(er|re|ère|e|ème|è|nd|nde)(s?)|(I)(er|re|ère)|([IVX]|[IVXLC]{2,8})(e|ème)")
_MARKED = re.compile(r"(\d{1,4})\.?(er|[ºª])")
_DUTCH = re.compile(r"(\d{1,4})(?:e|ste|de)")
_ROMAN = re.compile(r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_WORDS = frozenset({"XL", "XXL", "LIV", "MIX", "CD", "DC", "MC", "CC", "DM", "MD", "MM", "CV", "DI", "MI", "CI"})
"""Numerals by their letters, but sizes, names and words by their use, unless a king's name stands before them."""
_LARGEST_UNKNOWN = 49

_KINGS = words_of(
    """henry louis george charles edward elizabeth william james richard john paul pius benedict francis philip peter
    catherine nicholas alexander frederick leo gregory innocent clement napoleon ramses ramesses otto mary ptolemy
    cleopatra xerxes darius murad mehmed selim suleiman ivan victoria alfonso urban julius sixtus martin
    heinrich ludwig georg karl eduard elisabeth wilhelm jakob johann johannes franz philipp katharina nikolaus friedrich
    maria albrecht leopold ferdinand maximilian rudolf konrad siegfried ulrich benedikt papst margarethe
    henri guillaume jacques jean françois philippe pierre catherine nicolas frédéric napoléon ferdinand benoît pie
    enrique luis carlos felipe fernando isabel juan alfonso jorge guillermo pedro pablo francisco catalina benedicto pío
    enrico luigi carlo filippo ferdinando elisabetta giovanni alfonso giorgio guglielmo pietro paolo francesco caterina
    vittorio emanuele umberto benedetto pio leone
    henrique luís joão afonso manuel sebastião guilherme paulo catarina bento leão dinis sancho
    hendrik lodewijk karel willem filips johan frederik benedictus beatrix juliana"""
)
_QUEENS = words_of(
    """elizabeth catherine mary victoria cleopatra elisabeth katharina maria margarethe isabel catalina elisabetta
    caterina catarina beatrix juliana"""
)
_SPANISH_ORDINALS = 10
"""Spanish and Portuguese rulers are counted by ordinals up to here, by cardinals from here on."""


def ordinal(line: Line, at: int) -> list[Said] | None:
    """An ordinal in digits by the language's way of writing it."""
    core, code, language = line.core(at), line.tongue.code, line.language
    if code == "en" and (found := _ENGLISH.fullmatch(core)):
        return [Said(numerals.ordinal(int(found[1].replace(",", "")), language))]
    if code == "fr" and (found := _FRENCH.fullmatch(core)):
        written, ending = found[1] or found[4] or found[6], found[2] or found[5] or found[7]
        number = int(written) if written.isdigit() else roman_value(written)
        gender = "f" if ending in ("re", "ère", "nde") else "m"
        return [Said(numerals.ordinal(number, language, gender) + (found[3] or ""))] if number else None
    if code in ("es", "it", "pt") and (found := _MARKED.fullmatch(core)):
        form = "f" if found[2] == "ª" else "adjective" if found[2] == "er" else "m"
        return [Said(numerals.ordinal(int(found[1]), language, form))]
    if code == "nl" and (found := _DUTCH.fullmatch(core)):
        return [Said(numerals.ordinal(int(found[1]), language))]
    if code == "de" and core.isdigit() and len(core) <= 3 and line[at].after == "." and not line.ends(at):
        if not int(core) or not line.core(at + 1)[:1].isalpha():
            return None
        return [Said(numerals.ordinal(int(core), language, _ending(line, at)), eats_stop=True)]
    return None


def _ending(line: Line, at: int) -> str:
    noun = line.core(at + 1)
    return german_ending(line.before(at), masculine=line.tongue.gender_of(noun) != "f")


# --- Roman numerals -------------------------------------------------------------------------------------------------


def roman_value(text: str) -> int:
    """The number a Roman numeral stands for; 0 where the text is none."""
    if not text or len(text) > 15 or not _ROMAN.fullmatch(text):
        return 0
    values = [_VALUES[char] for char in text]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))


def roman(line: Line, at: int) -> list[Said] | None:
    """A Roman numeral behind a ruler's name, a word for a part or a century, or another name."""
    core = line.core(at)
    value = roman_value(core)
    before = line.before(at)
    if not value or line[at].before:
        return None
    tongue, language = line.tongue, line.language
    if tongue.code == "it" and line.after(at).lower() in tongue.centuries:
        return [Said(numerals.ordinal(value, language, "m"))]
    if not before:
        return None
    if before in tongue.centuries:
        return [Said(_century(line, value))]
    if before in tongue.sections:
        return [Said(numerals.cardinal(value, language), eats_stop=_eats(line, at))]
    name = line.core(at - 1)
    if before in _KINGS or (before.endswith("s") and before[:-1] in _KINGS):
        if core == "I" and tongue.code == "en" and line.after(at).islower() and line.after(at) in _AFTER_I:
            return None
        return [Said(_ruler(line, value, before), eats_stop=_eats(line, at))]
    if name[:1].isupper() and len(core) > 1 and core not in _WORDS and value <= _LARGEST_UNKNOWN and name != core:
        return [Said(numerals.cardinal(value, language), eats_stop=_eats(line, at))]
    return None


_AFTER_I = words_of("am was have had will would can could do did think know said say saw love like want need believe")


def _eats(line: Line, at: int) -> bool:
    return line[at].stopped and not line.ends(at)


def _century(line: Line, value: int) -> str:
    code, language = line.tongue.code, line.language
    if code == "it" or (code == "pt" and value <= _SPANISH_ORDINALS):
        return numerals.ordinal(value, language, "m")
    return numerals.cardinal(value, language)


def _ruler(line: Line, value: int, name: str) -> str:
    """How a ruler of this name is counted: "the Eighth", "der Vierzehnte", "quatorze", "segunda"."""
    code, language = line.tongue.code, line.language
    queen = name in _QUEENS
    gender = "f" if queen else "m"
    if code == "en":
        return f"the {numerals.ordinal(value, language)}"
    if code == "de":
        genitive = name not in _KINGS
        article = ("der" if queen else "des") if genitive else ("die" if queen else "der")
        said = numerals.ordinal(value, language, "n" if genitive else "")
        return f"{article} {said.capitalize()}"
    if code == "nl":
        return f"de {numerals.ordinal(value, language)}"
    if code == "fr":
        return numerals.ordinal(1, language, gender) if value == 1 else numerals.cardinal(value, language)
    if code == "it" or value <= _SPANISH_ORDINALS:
        return numerals.ordinal(value, language, gender)
    return numerals.cardinal(value, language)
