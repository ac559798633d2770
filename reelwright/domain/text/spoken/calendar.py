"""Dates, times of day and decades."""

from __future__ import annotations

import re
from functools import lru_cache

from . import numerals
from .line import Line, Said
from .tongue import words_of

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})")
_DAY_MONTH = re.compile(r"(\d{1,2})\.(\d{1,2})")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?::(\d{2}))?")
_CLOCK_H = re.compile(r"(\d{1,2})[hH](\d{2})?")
_HALF_DAY = re.compile(r"(\d{1,2})(?::(\d{2}))?([ap])\.?m")
_DECADE = re.compile(r"['’]?(\d{2})?(\d0)(?:'|’)?s")
_GERMAN_DECADE = re.compile(r"(\d{2}|\d{4})er(n?)")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_MERIDIEM = {"am": "A M", "pm": "P M", "a.m": "A M", "p.m": "P M"}
_OCLOCK = {"de": "uhr", "nl": "uur"}
_TO_DATIVE = words_of("am vom zum beim dem den des im bis ab seit")
_ARTICLE = words_of("der die das dieser diese dieses jeder jede jedes")


def date(line: Line, at: int) -> list[Said] | None:
    """ "2024-03-14", "14.03.2024", "3/14/2024", "March 14", "14 March", "3. Mai", "1er mars"."""
    core = line.core(at)
    if found := _ISO.fullmatch(core):
        return _numeric(line, at, int(found[3]), int(found[2]), found[1])
    if found := _NUMERIC.fullmatch(core):
        first, second = int(found[1]), int(found[3])
        if line.tongue.date_order == "mdy" and found[2] == "/":
            first, second = second, first
        return _numeric(line, at, first, second, found[4])
    if line.tongue.code == "de" and line[at].stopped and (found := _DAY_MONTH.fullmatch(core)):
        said = _numeric(line, at, int(found[1]), int(found[2]), "")
        return [Said(said[0].text, eats_stop=True)] if said else None
    return _named(line, at)


def _numeric(line: Line, at: int, day: int, month: int, year: str) -> list[Said] | None:
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    name = _month_names(line.tongue.locale)[month - 1]
    said = _year(line, year) if year else ""
    code = line.tongue.code
    if code == "en":
        spoken = _english_day(line, at, day, name)
        return [Said(f"{spoken}, {said}" if said and line.tongue.date_order == "mdy" else f"{spoken} {said}".strip())]
    link = {"es": " de ", "pt": " de "}.get(code, " ")
    return [Said(link.join(filter(None, [_day(line, at, day), name, said])))]


def _year(line: Line, year: str) -> str:
    return numerals.year(int(year), line.language) if len(year) == 4 else numerals.counted(year, line.language)


def _english_day(line: Line, at: int, day: int, month: str) -> str:
    if line.tongue.date_order == "mdy":
        return f"{month} {numerals.ordinal(day, line.language)}"
    article = "" if line.before(at) == "the" else "the "
    return f"{article}{numerals.ordinal(day, line.language)} of {month}"


def _day(line: Line, at: int, day: int) -> str:
    code, language = line.tongue.code, line.language
    if code == "de":
        return numerals.ordinal(day, language, german_ending(line.before(at), masculine=True))
    if day == 1 and code in ("fr", "it", "pt"):
        return numerals.ordinal(1, language, "m")
    return numerals.cardinal(day, language)


def german_ending(before: str, *, masculine: bool) -> str:
    """The ending of an ordinal by the word before it: "der dritte", "am dritten", "dritter"."""
    if before in _TO_DATIVE or (before.endswith(("em", "en", "es")) and len(before) > 3):
        return "n"
    if before in _ARTICLE:
        return ""
    return "r" if masculine else ""


def _named(line: Line, at: int) -> list[Said] | None:
    """A day beside the name of its month."""
    core, tongue = line.core(at), line.tongue
    if tongue.code == "en" and (month := _month(line, at)):
        found = _DAY.fullmatch(line.core(at + 1))
        joined = line[at].after == "" or (line[at].stopped and month != core)
        if found and joined and 1 <= int(found[1]) <= 31 and line.after(at + 1)[:1] not in ("%", "°"):
            return [Said(month, eats_stop=month != core), Said(numerals.ordinal(int(found[1]), line.language))]
        return None
    found = _DAY.fullmatch(core)
    if not found or not 1 <= int(found[1]) <= 31 or (core != found[1] and tongue.code != "en"):
        return _french_first(line, at)
    month = _month(line, at + 1) if line[at].joins else ""
    if not month or (line[at].stopped and tongue.code != "de") or line.ends(at):
        return None
    shortened = Said(month, eats_stop=month.lower() != line.core(at + 1).lower())
    if tongue.code == "en":
        article = "" if line.before(at) == "the" else "the "
        return [Said(f"{article}{numerals.ordinal(int(found[1]), line.language)} of"), shortened]
    return [Said(_day(line, at, int(found[1])), eats_stop=line[at].stopped), shortened]


def _french_first(line: Line, at: int) -> list[Said] | None:
    if line.tongue.code == "fr" and line.core(at) == "1er" and _month(line, at + 1):
        return [Said("premier"), Said(line.core(at + 1))]
    return None


def _month(line: Line, at: int) -> str:
    """The full name of the month at a place, or nothing. English and German write it with a capital."""
    core = line.core(at)
    if line[at].before or not core.isalpha() or (line.tongue.code in ("en", "de") and not core[0].isupper()):
        return ""
    names = _month_names(line.tongue.locale)
    lower = core.lower()
    for name in names:
        if lower == name.lower():
            return core
    if len(lower) < 3 or not (line[at].stopped or line.tongue.code == "en"):
        return ""
    return next((name for name in names if name.lower().startswith(lower) and len(lower) <= 4), "")


@lru_cache(maxsize=16)
def _month_names(locale: str) -> tuple[str, ...]:
    from babel.dates import get_month_names

    names = get_month_names("wide", locale=locale)
    return tuple(names[month] for month in range(1, 13))


# --- times of day ---------------------------------------------------------------------------------------------------


def time(line: Line, at: int) -> list[Said] | None:
    """ "10:30", "5pm", "10:30 a.m.", "10.30 Uhr", "10h30", "10 Uhr"."""
    core, code = line.core(at), line.tongue.code
    if code == "en" and (found := _HALF_DAY.fullmatch(core)):
        hour, minute = int(found[1]), int(found[2] or 0)
        return [Said(f"{_english(line, hour, minute, True)} {found[3].upper()} M")] if _valid(hour, minute) else None
    if code in ("fr", "pt") and (found := _CLOCK_H.fullmatch(core)):
        hour, minute = int(found[1]), int(found[2] or 0)
        return [Said(" ".join(_hours(line, hour, minute)))] if _valid(hour, minute) else None
    word = line.after(at)
    oclock = _OCLOCK.get(code)
    if oclock and word.lower() == oclock and core.isdigit() and int(core) <= 24 and len(core) <= 2:
        return [Said(numerals.cardinal(int(core), line.language, "n" if code == "de" else "")), Said(word)]
    if code == "en" and core.isdigit() and len(core) <= 2 and _meridiem(word):
        return [Said(numerals.cardinal(int(core), line.language)), Said(_meridiem(word), _eats(line, at + 1))]
    found = _CLOCK.fullmatch(core)
    if not found or not _valid(int(found[1]), int(found[2])):
        return None
    hour, minute = int(found[1]), int(found[2])
    if oclock and word.lower() == oclock:
        first, *rest = _hours(line, hour, minute)
        return [Said(first), Said(" ".join([word, *rest[1:]]))]
    if "." in core or found[3]:
        return None
    if code == "en":
        said = _english(line, hour, minute, bool(_meridiem(word)))
        return [Said(said), Said(_meridiem(word), _eats(line, at + 1))] if _meridiem(word) else [Said(said)]
    return [Said(" ".join(_hours(line, hour, minute)))]


def _valid(hour: int, minute: int) -> bool:
    return hour <= 24 and minute <= 59


def _meridiem(word: str) -> str:
    return _MERIDIEM.get(word.lower(), "")


def _eats(line: Line, at: int) -> bool:
    return line[at].stopped and not line.ends(at)


def _english(line: Line, hour: int, minute: int, half: bool) -> str:
    said = numerals.cardinal(hour, line.language)
    if minute == 0:
        return said if half else (f"{said} o'clock" if 1 <= hour <= 12 else f"{said} hundred")
    if minute < 10:
        return f"{said} oh {numerals.cardinal(minute, line.language)}"
    return f"{said} {numerals.cardinal(minute, line.language)}"


def _hours(line: Line, hour: int, minute: int) -> list[str]:
    """The hour, its word, and the minutes if there are any."""
    code, language = line.tongue.code, line.language
    gender = {"de": "n", "fr": "f", "es": "f", "it": "f", "pt": "f"}.get(code, "")
    said = numerals.cardinal(hour, language, gender)
    minutes = numerals.cardinal(minute, language) if minute else ""
    if code == "fr":
        return list(filter(None, [said, "heure" if hour <= 1 else "heures", minutes]))
    if code == "es":
        quarter = {0: "en punto", 15: "y cuarto", 30: "y media"}.get(minute, f"y {minutes}")
        return [said, quarter if hour <= 12 else (minutes or "en punto")]
    if code in ("it", "pt"):
        whole = {"it": "in punto", "pt": "em ponto"}[code]
        return [said, f"e {minutes}" if minutes else whole]
    return list(filter(None, [said, {"de": "Uhr", "nl": "uur"}[code], minutes]))


# --- decades --------------------------------------------------------------------------------------------------------


def decade(line: Line, at: int) -> list[Said] | None:
    """ "1990s", "the '90s", "90er", "1990er", "anni '90"."""
    core, code, language = line.core(at), line.tongue.code, line.language
    if code == "en" and (found := _DECADE.fullmatch(core)):
        return [Said(_english_decade(found[1] or "", int(found[2]), language))]
    if code == "de" and (found := _GERMAN_DECADE.fullmatch(core)):
        number = int(found[1])
        return [
            Said(
                (numerals.year(number, language) if number > 99 else numerals.cardinal(number, language))
                + "er"
                + found[2]
            )
        ]
    if core[:1] in "'’" and core[1:].isdigit() and len(core) == 3:
        return [Said(numerals.cardinal(int(core[1:]), language))]
    return None


def _english_decade(century: str, tens: int, language: str) -> str:
    if tens == 0:
        whole = numerals.cardinal(int(century or 0), language)
        return (
            f"{whole} hundreds"
            if century not in ("20", "10")
            else f"{numerals.cardinal(int(century) // 10, language)} thousands"
        )
    name = numerals.cardinal(tens, language)
    plural = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
    return f"{numerals.cardinal(int(century), language)} {plural}" if century else plural
