"""Money, percentages, measures, magnitudes, ranges, fractions and plain numbers."""

from __future__ import annotations

import re

from . import numerals
from .figures import Figure, grouped, parsed, with_suffix
from .line import Line, Said
from .tongue import Currency, Magnitude, Tongue, words_of
from .units import is_unit, unit_name

_RANGE = re.compile(r"(\d[\d.,]*)[-–—](\d[\d.,]*)(%|\D{1,4})?")
_RATIO = re.compile(r"(\d{1,3}):(\d{1,3})")
_TIMES = re.compile(r"(\d{1,4})[x×]")
_BY = re.compile(r"(\d{1,6})[x×](\d{1,6})(\D{0,5})")
_HASH = re.compile(r"(?:#|№|[Nn]°)(\d{1,9})")
_PHONE = re.compile(r"\+?[\d()/-]{7,30}")
_VULGAR = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅛": "1/8"}
_ABOUT = ("~", "≈", "ca.", "±")


def money(line: Line, at: int) -> list[Said] | None:
    """ "$5", "5 €", "5,99 €", "$5 million", "5 Mio. €", "€ 5"."""
    tongue, core = line.tongue, line.core(at)
    if core in tongue.currencies and line[at].after in ("", "."):
        figure = parsed(line.core(at + 1), tongue)  # the sign stands alone before its number
        if figure and not line.ends(at) and not core.isalpha():
            magnitude = tongue.magnitudes.get(line.after(at + 1))
            number, *rest = _amount(line, figure, magnitude, tongue.currencies[core])
            if magnitude:
                return [Said(number), Said(rest[0]), Said(rest[1], eats_stop=_is_short(line.after(at + 1), magnitude))]
            return [Said(number), Said(" ".join(rest))]
        return None
    sign, number = _sign_before(core, tongue)
    if sign:
        return _priced(line, at, tongue.currencies[sign], number)
    pair = with_suffix(core, tongue)
    if pair:
        magnitude, sign = _suffix(pair[1], tongue)
        if sign:
            return [Said(" ".join(_amount(line, pair[0], magnitude, tongue.currencies[sign])))]
    return _number_then_currency(line, at)


def _sign_before(core: str, tongue: Tongue) -> tuple[str, str]:
    negative = core[:1] in "-−" and core[1:2] != ""
    bare = core[1:] if negative else core
    for sign in sorted(tongue.currencies, key=len, reverse=True):
        if bare.startswith(sign) and bare[len(sign) : len(sign) + 1].isdigit():
            return sign, ("-" if negative else "") + bare[len(sign) :]
    return "", ""


def _priced(line: Line, at: int, currency: Currency, number: str) -> list[Said] | None:
    figure = parsed(number, line.tongue)
    if figure is None:
        pair = with_suffix(number, line.tongue)
        magnitude = line.tongue.magnitudes.get(pair[1]) if pair else None
        return [Said(" ".join(_amount(line, pair[0], magnitude, currency)))] if pair and magnitude else None
    magnitude = line.tongue.magnitudes.get(line.after(at)) if len(line.after(at)) > 1 else None
    if magnitude:
        said = _amount(line, figure, magnitude, currency)
        return [Said(said[0]), Said(" ".join(said[1:]), eats_stop=_is_short(line.after(at), magnitude))]
    return [Said(" ".join(_amount(line, figure, None, currency)))]


def _number_then_currency(line: Line, at: int) -> list[Said] | None:
    """ "5 €", "1 234,50 €", "5 Mio. €"."""
    split = grouped(line, at)
    figure = split[0] if split else parsed(line.core(at), line.tongue)
    if figure is None:
        return None
    last = at + (len(split[1]) if split else 1) - 1
    magnitude = line.tongue.magnitudes.get(line.after(last))
    end = last + (magnitude is not None)
    currency = line.tongue.currencies.get(line.after(end))
    if currency is None:
        return None
    number, *rest = _amount(line, figure, magnitude, currency)
    first = [Said(text) for text in split[1]] if split and not figure.fraction else [Said(number)]
    if split and figure.fraction:
        first = [Said(number), *(Said("") for _ in split[1][1:])]
    if magnitude:
        return [*first, Said(rest[0], eats_stop=True), Said(" ".join(rest[1:]))]
    if len(rest) > 1:  # cents are spoken after the unit
        first[-1] = Said(f"{first[-1].text} {rest[0]}".strip())
        rest = rest[1:]
    return [*first, Said(" ".join(rest))]


def _amount(line: Line, figure: Figure, magnitude: Magnitude | None, currency: Currency) -> list[str]:
    """The number, the magnitude if there is one, the unit, and the cents if there are any, each in spoken form."""
    tongue, language = line.tongue, line.language
    if magnitude:
        number = figure.words(tongue, language, magnitude.gender)
        return [number, magnitude.one if figure.is_one else magnitude.many, _of(tongue, magnitude, currency.many)]
    if currency.cents and len(figure.fraction) == 2:
        whole = Figure(figure.whole, "", figure.negative)
        cents = int(figure.fraction)
        unit = currency.cent if cents == 1 else currency.cents
        if cents == 0:
            return _amount(line, whole, None, currency)
        small = numerals.cardinal(cents, language, "m" if tongue.of else "")
        if whole.value == 0:
            return [small, unit]
        name = currency.one if whole.is_one else currency.many
        number, rest = tongue.cents(whole.words(tongue, language, currency.gender), small, unit)
        return [number, name, rest]
    return [figure.words(tongue, language, currency.gender), currency.one if figure.is_one else currency.many]


def _of(tongue: Tongue, magnitude: Magnitude, noun: str) -> str:
    if not magnitude.of:
        return noun
    elides = tongue.code == "fr" and noun[0].lower() in "aeiouhé"
    return f"d'{noun}" if elides else f"{tongue.of} {noun}"


def _suffix(text: str, tongue: Tongue) -> tuple[Magnitude | None, str]:
    """The magnitude and the currency sign of what is written on to a number ("M€")."""
    for length in (len(text), 1, 2, 3):
        sign = text[len(text) - length :]
        before = text[: len(text) - length]
        if sign in tongue.currencies and (not before or before in tongue.magnitudes):
            return tongue.magnitudes.get(before), sign
    return None, ""


def _is_short(written: str, magnitude: Magnitude) -> bool:
    return written not in (magnitude.one, magnitude.many)


# --- measures -------------------------------------------------------------------------------------------------------


def measure(line: Line, at: int) -> list[Said] | None:
    """Percentages, units and magnitudes: "25 %", "5km", "20 °C", "3 Mio.", "10–15%"."""
    tongue, core = line.tongue, line.core(at)
    pair = with_suffix(core, tongue)
    if pair:
        figure, sign = pair
        name = _measured(line, figure, sign)
        if name:
            return [Said(f"{_number(line, figure, name)} {name}")]
        if sign in tongue.magnitudes and sign not in ("m", "k", "K", "T", "b", "B"):
            return _magnitude(line, figure, tongue.magnitudes[sign], at, attached=True)
        return None
    split = grouped(line, at)
    number = split[0] if split else parsed(core, tongue)
    if number is None:
        return None
    last = at + (len(split[1]) if split else 1) - 1
    sign = line.after(last)
    name = _measured(line, number, sign)
    if name:
        said = [Said(text) for text in split[1]] if split else [Said(_number(line, number, name))]
        return [*said, Said(name, eats_stop=line[last + 1].stopped and not line.ends(last + 1))]
    if sign in tongue.magnitudes and (len(sign) > 1 or sign == "M") and split is None:
        return _magnitude(line, number, tongue.magnitudes[sign], at, attached=False)
    return [Said(text) for text in split[1]] if split else None


def _measured(line: Line, figure: Figure, sign: str) -> str:
    if sign in ("%", "％"):
        return line.tongue.percent
    if sign == "‰":
        return line.tongue.per_mille
    return unit_name(sign, figure.value, line.tongue.locale) if is_unit(sign) else ""


def _magnitude(line: Line, figure: Figure, magnitude: Magnitude, at: int, *, attached: bool) -> list[Said]:
    number = figure.words(line.tongue, line.language, magnitude.gender)
    name = magnitude.one if figure.is_one else magnitude.many
    if attached:
        return [Said(f"{number} {name}")]
    return [Said(number), Said(name, eats_stop=_is_short(line.core(at + 1), magnitude))]


def _number(line: Line, figure: Figure, noun: str) -> str:
    """A number before a noun, which may decide its gender."""
    return figure.words(line.tongue, line.language, line.tongue.gender_of(noun.split()[0]))


# --- plain numbers --------------------------------------------------------------------------------------------------


def number(line: Line, at: int) -> list[Said] | None:
    """A number by itself, a range, a ratio, a fraction, "#5", "10x", a telephone number."""
    tongue, language, core = line.tongue, line.language, line.core(at)
    if core[:1] in _ABOUT and (figure := parsed(core[1:], tongue)):
        return [Said(f"{tongue.about} {figure.words(tongue, language)}")]
    if found := _HASH.fullmatch(core):
        return [Said(f"{tongue.number} {numerals.counted(found[1], language)}")]
    if found := _TIMES.fullmatch(core):
        return [Said(f"{numerals.cardinal(int(found[1]), language, tongue.gender_of(tongue.times))} {tongue.times}")]
    if found := _BY.fullmatch(core):
        sides = [numerals.counted(side, language) for side in (found[1], found[2])]
        name = _measured(line, Figure(found[2]), found[3]) if found[3] else ""
        return [Said(f" {tongue.by} ".join(sides) + f" {name or found[3]}")]
    if (fraction := _fraction(line, core, line.after(at))) is not None:
        return [Said(fraction)]
    if found := _RATIO.fullmatch(core):
        return [Said(f"{_small(found[1], line)} {tongue.ratio} {_small(found[2], line)}")]
    if figure := parsed(core, tongue):
        if figure.plain and line.after(at) in tongue.fractions and tongue.fractions[line.after(at)]:
            return _mixed(line, figure, at)
        return [Said(_plain(line, figure, at))]
    if (spanned := _span(line, core)) is not None:
        name = _measured(line, Figure("2"), line.after(at)) if line.after(at) else ""
        stop = line[at + 1].stopped
        return [Said(spanned), Said(name, eats_stop=stop)] if name else [Said(spanned)]
    return _phone(line, at)


def _plain(line: Line, figure: Figure, at: int) -> str:
    if figure.is_year and _reads_as_year(line, at):
        return numerals.year(int(figure.whole), line.language)
    noun = line.after(at)
    gender = line.tongue.gender_of(noun) if noun and noun[0].isalpha() else ""
    return figure.words(line.tongue, line.language, gender)


def _reads_as_year(line: Line, at: int) -> bool:
    """German counts what a capitalised noun follows; the other languages speak hundreds the same way."""
    if line.tongue.code != "de":
        return True
    if line.before(at) in _GERMAN_YEARS:
        return True
    return not line.after(at)[:1].isupper()


_GERMAN_YEARS = words_of(
    """im in seit ab bis von vor nach um jahr jahre jahren anno sommer winter herbst frühjahr januar februar märz april
    mai juni juli august september oktober november dezember"""
)


_HALVES = {"es": {"m": "medio", "f": "media"}, "it": {"m": "mezzo", "f": "mezza"}, "pt": {"m": "meio", "f": "meia"}}


def _fraction(line: Line, core: str, noun: str) -> str | None:
    tongue = line.tongue
    half = _HALVES.get(tongue.code, {}).get(tongue.gender_of(noun)) if noun else None
    if half and core in ("1/2", "½"):
        return half
    if core in tongue.fractions:
        return tongue.fractions[core]
    sign = _VULGAR.get(core[-1:])
    if sign is None:
        return None
    if len(core) == 1:
        return tongue.fractions[sign]
    figure = parsed(core[:-1], tongue)
    return _with_fraction(line, figure, sign) if figure else None


def _with_fraction(line: Line, figure: Figure, fraction: str) -> str:
    tongue = line.tongue
    whole = figure.words(tongue, line.language, "n" if tongue.code == "de" else "")
    if fraction == "1/2":
        return whole + tongue.and_half if tongue.code == "de" else f"{whole} {tongue.and_half}"
    return f"{whole} {tongue.and_} {tongue.fractions[fraction]}"


def _mixed(line: Line, figure: Figure, at: int) -> list[Said]:
    said = _with_fraction(line, figure, line.after(at))
    head, _, rest = said.partition(" ")
    return [Said(head), Said(rest)]


def _span(line: Line, core: str) -> str | None:
    """ "10–15", "1914-1918", "10-15%"."""
    tongue, language = line.tongue, line.language
    found = _RANGE.fullmatch(core)
    if not found:
        return None
    low, high = parsed(found[1], tongue), parsed(found[2], tongue)
    if low is None or high is None or low.whole.startswith("0") or high.whole.startswith("0"):
        return None
    sign = found[3] or ""
    name = _measured(line, high, sign) if sign else ""
    if sign and not name:
        return None
    if low.is_year and not sign:
        ends = numerals.year(int(high.whole), language) if high.is_year else high.words(tongue, language)
        return f"{numerals.year(int(low.whole), language)} {tongue.to} {ends}"
    if len(high.whole) > 3 and high.plain and not sign:
        return None  # a telephone number
    return " ".join(filter(None, [low.words(tongue, language), tongue.to, high.words(tongue, language), name]))


def _phone(line: Line, at: int) -> list[Said] | None:
    core = line.core(at)
    international = core[:1] == "+" and core[1:].isdigit() and len(core) <= 16
    if not international and not (_PHONE.fullmatch(core) and sum(map(str.isdigit, core)) >= 7):
        return None
    plus = f"{line.tongue.plus} " if core[0] == "+" else ""
    said = [Said(plus + numerals.digits(core, line.language))]
    if international and len(core) <= 5:
        for ahead in range(at + 1, at + 6):
            part = line.core(ahead)
            if line.ends(ahead - 1) or not (part.strip("()-/").replace("-", "").isdigit() and len(part) <= 10):
                break
            said.append(Said(numerals.digits(part, line.language)))
    return said if len(said) > 1 or len(core) > 4 else None


def _small(text: str, line: Line) -> str:
    return numerals.counted(text, line.language)
