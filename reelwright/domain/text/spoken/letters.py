"""Abbreviations and initialisms: "z. B.", "Dr. Lind", "FBI", "U.S.", "NASA"."""

from __future__ import annotations

import re

from .line import Line, Said
from .ranks import roman_value
from .tongue import Tongue, words_of

_DOTTED = re.compile(r"(?:[^\W\d_]\.){1,5}[^\W\d_]")
_INITIALS = re.compile(r"([^\W\d_a-zß-öø-ÿ]{2,6})(s'?|s’|'s|’s)?")
_ELIDED = re.compile(r"(?:[lLdDjJnNsScCmMtT]|[Qq]u|[Dd]ell|[Aa]ll|[Nn]ell|[Dd]all|[Ss]ull)['’](?=[A-Z]{2})")
_VOWELS = frozenset("AEIOUYÄÖÜÀÁÂÈÉÊÌÍÓÒÔÚ")
_LETTERS_AT_MOST = 5
"""Longer capitals are emphasis, or a name that is said as a word."""
_SPELLED_THOUGH = words_of("OECD IAEA IEEE ICAO NAACP IUCN ADAC OSZE OCDE")
_AFTER_IT = frozenset({"", "is", "was", "has", "had", "will", "does", "did", "can", "would", "should", "must", "to"})
_SAID = {"en": {"OK": "okay"}, "de": {"OK": "okay"}, "nl": {"OK": "oké"}, "fr": {"OK": "okay"}}
_ONSETS = words_of(
    """BL BR CH CL CR DR FL FR GL GN GR KL KN KR PF PH PL PR PS QU RH SC SH SK SL SM SN SP SQ ST SV SW TH TR TS TW VR WH
    WR"""
)


def abbreviation(line: Line, at: int) -> list[Said] | None:
    """An abbreviation in full. One that ends a sentence leaves it its full stop."""
    token, tongue = line[at], line.tongue
    key = token.core.lower()
    if token.core in tongue.bare and (not token.stopped or line.tongue.code == "en"):
        return [Said(tongue.bare[token.core], eats_stop=_eats(line, at))]
    if key == "st" and tongue.code == "en":
        return _saint_or_street(line, at)
    following = line[at + 1]
    marked = token.stopped or key.endswith("°") or key.endswith("º")
    if key in tongue.numbered and marked and _counts(following.core):
        return [Said(tongue.numbered[key], eats_stop=True)]
    if not token.stopped or (token.core.isupper() and len(token.core) > 2 and "." not in key):
        return None  # "EST." is a time zone
    if (pair := _pair(line, at)) is not None:
        return pair
    if key in tongue.titles and following.core[:1].isupper():
        return [Said(tongue.titles[key], eats_stop=True)]
    if key in tongue.joined and not (key in ("min", "al", "co", "es", "art", "c") and not _fits(line, at, key)):
        return [Said(tongue.joined[key], eats_stop=_eats(line, at))]
    return None


def _fits(line: Line, at: int, key: str) -> bool:
    """Whether what could be a word at the end of a sentence is an abbreviation after all."""
    if key == "min":
        return line.core(at - 1)[-1:].isdigit()
    if key == "al":
        return line.before(at) == "et"
    return not line.ends(at)


def _pair(line: Line, at: int) -> list[Said] | None:
    """Two halves written apart: "z. B."."""
    other = line[at + 1]
    if not other.stopped or other.before or len(line.core(at)) > 3 or len(other.core) > 4:
        return None
    full = line.tongue.joined.get(f"{line.core(at)}.{other.core}".lower())
    if full is None:
        return None
    first, _, rest = full.partition(" ")
    return [Said(first, eats_stop=True), Said(rest, eats_stop=_eats(line, at + 1))]


def _counts(text: str) -> bool:
    return text[:1].isdigit() or bool(roman_value(text))


def _eats(line: Line, at: int) -> bool:
    return line[at].stopped and not line.ends(at)


def _saint_or_street(line: Line, at: int) -> list[Said] | None:
    """ "St. Anne", but "Main St." behind a name."""
    before = line[at - 1]
    street = before.core[:1].isupper() and not before.after and at > 0 and before.core.lower() not in _NOT_STREETS
    follows = line[at + 1].core[:1].isupper() and not line.ends(at)
    if street and (not follows or line.ends(at)):
        return [Said("Street", eats_stop=_eats(line, at))]
    return [Said("Saint", eats_stop=True)] if line[at + 1].core[:1].isupper() and line[at].stopped else None


_NOT_STREETS = words_of("the in at of to from for by near and mr mrs dr")


# --- initialisms ----------------------------------------------------------------------------------------------------


def initialism(line: Line, at: int) -> list[Said] | None:
    """Letters that are said one by one. What can be said as a word is left to the voice."""
    token, tongue = line[at], line.tongue
    if _DOTTED.fullmatch(token.core) and token.core[:1].isupper():
        return [Said(" ".join(token.core.replace(".", "").upper()), eats_stop=_eats(line, at))]
    elided = _ELIDED.match(token.core)
    found = _INITIALS.fullmatch(token.core, elided.end() if elided else 0)
    if not found or line.shouts:
        return None
    letters, ending = found[1], found[2] or ""
    said = _SAID.get(tongue.code, {}).get(letters)
    if said:
        return [Said(said + ending)]
    names = letters == "WHO" and line.before(at) == "the"
    if not names and not is_spelled(letters, tongue, line.after(at)):
        return None
    return [Said((elided[0] if elided else "") + " ".join(letters) + ("'s" if ending else ""))]


def is_spelled(letters: str, tongue: Tongue, after: str = "") -> bool:
    """Whether capitals are an initialism: too short for a word, or not to be pronounced. `after` is the next word."""
    if letters in tongue.acronyms or letters.lower() in tongue.short_words:
        # Two are pronouns as well: "the US", "IT workers", but "IT is".
        return tongue.code == "en" and (letters == "US" or (letters == "IT" and after.lower() not in _AFTER_IT))
    if letters in _SPELLED_THOUGH:
        return True
    if len(letters) > _LETTERS_AT_MOST or not letters.isascii():
        return False
    if len(letters) <= 3:
        return True
    return not _is_pronounceable(letters)


def _is_pronounceable(letters: str) -> bool:
    vowels = [index for index, char in enumerate(letters) if char in _VOWELS]
    if not vowels:
        return False
    first = vowels[0]
    if first > 2 or (first == 2 and letters[:2] not in _ONSETS):
        return False
    gaps = [after - before - 1 for before, after in zip([-1, *vowels], [*vowels, len(letters)], strict=True)]
    return max(gaps) <= 2
