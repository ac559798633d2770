"""Names of places that a card can carry: countries by the CLDR names of their flags, and well-known cities."""

from __future__ import annotations

from functools import lru_cache

import emoji
import regex  # type: ignore[import-untyped, unused-ignore]

from .figures import TABLE

_UNSPACED = frozenset({"zh", "ja", "th", "ko"})
_AMBIGUOUS = frozenset(
    {"turkey", "georgia", "chad", "jordan", "guinea", "mali", "niger", "man", "oman", "china", "perú"}
)
"""Names that are words, persons or states, too."""


# A name without an article is another word behind one: "zu den Polen" are the poles.
_ARTICLES = {"de": regex.compile(r"(?<!\p{L})(?:de[nmrs]|die|das|beiden?|eine[nmrs]?)\s+$", regex.IGNORECASE)}
_WITH_ARTICLE = frozenset(
    {"Schweiz", "Türkei", "Niederlande", "Niederlanden", "Ukraine", "Slowakei", "Mongolei", "Philippinen", "Malediven"}
    | {"Seychellen", "Bahamas", "Komoren", "Iran", "Irak", "Jemen", "Libanon", "Sudan", "Tschad", "Niger", "Kongo"}
    | {"Vatikan", "USA"}
)


@lru_cache(maxsize=8)
def _pattern(language: str) -> regex.Pattern[str]:
    names = [city.replace("_", " ") for city in TABLE["cities"].get(language, "").split()]
    if language in emoji.LANGUAGES:
        if language != "en":
            emoji.config.load_language(language)
        for sign, entry in emoji.EMOJI_DATA.items():
            name = entry.get(language, "")
            if len(sign) == 2 and all("\U0001f1e6" <= c <= "\U0001f1ff" for c in sign) and isinstance(name, str):
                plain = name.strip(":").replace("_", " ")
                plain = regex.sub(r"^(?:flagge|drapeau|bandera|bandiera|bandeira|علم|旗)[:\s]*", "", plain)
                plain = regex.sub(r"^(?:[:：]\s*)", "", plain)
                if len(plain) > 3 or (language in _UNSPACED and len(plain) > 1):
                    names.append(plain)
    kept = sorted({n for n in names if n.casefold() not in _AMBIGUOUS}, key=len, reverse=True)
    if not kept:
        return regex.compile(r"(?!)")
    choice = "|".join(regex.escape(name) for name in kept)
    if language in _UNSPACED:
        return regex.compile(f"(?:{choice})")
    joined = "[وبلف]?" if language == "ar" else ""
    return regex.compile(rf"(?<![\p{{L}}\p{{M}}]){joined}({choice})(?![\p{{L}}\p{{M}}-])", regex.IGNORECASE)


def place_in(sentence: str, language: str) -> str:
    """The one place a sentence names, as written there; empty where it names none or several."""
    apart = _ARTICLES.get(language)
    found = {
        (match[1] if language not in _UNSPACED else match.group()): match
        for match in _pattern(language).finditer(sentence)
        if not (apart and apart.search(sentence[: match.start()]) and match[1] not in _WITH_ARTICLE)
    }
    names = [name for name in found if not name.isascii() or name[:1].isupper()]
    return names[0] if len(names) == 1 else ""
