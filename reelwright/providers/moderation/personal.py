"""Personal data in a text, found by shape and, where there is one, by checksum."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from reelwright.domain.text.addresses import addresses

from .postal import postal_addresses

_EMAIL = re.compile(r"(?<![\w.+-])([\w.+-]{1,64})@([\w-]{1,63}(?:\.[\w-]{1,63}){1,4})")
_RESERVED_DOMAIN = re.compile(r"(?:^|\.)(?:example(?:\.(?:com|org|net))?|test|invalid|localhost)$", re.IGNORECASE)
"""Domains reserved for examples (RFC 2606)."""
_CARD = re.compile(r"(?<![A-Za-z0-9_.,-])[2-6]\d{3}(?:[ -]?\d){9,15}(?!\w|[.,-]\d)", re.ASCII)
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:"
    r"(?:\+|00)[1-9]\d{0,2}[ ./-]?(?:\(0?\d{1,4}\)[ ./-]?)?(?:\d[ ./-]?){5,12}\d"  # international (E.164)
    r"|(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[ .-]\d{4}"  # North America
    r"|0\d{2,4}[ /-]{1,3}\d{3,4}(?:[ -]?\d{2,4}){1,2}"  # national, with an area code
    r"|0[1-9](?:[ .]\d{2}){4}"  # France
    r")(?![\w]|[.,]\d)"
)
_SEVEN_DIGITS = re.compile(r"\d(?:[ ()./-]{0,3}\d){6}")
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30})")
# ISO 13616: the length of an IBAN by country.
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26,
    "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25,
    "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TR": 26, "UA": 29,
}  # fmt: skip
_PHONE_TRIES = 200
_REGIONS = {
    "ar": ("SA", "AE", "EG"), "de": ("DE", "AT", "CH"), "en": ("US", "GB"), "en-gb": ("GB",), "es": ("ES", "MX"),
    "fr": ("FR", "BE", "CA"), "hi": ("IN",), "it": ("IT",), "ja": ("JP",), "nl": ("NL", "BE"), "pt": ("PT", "BR"),
    "pt-br": ("BR",), "tr": ("TR",), "zh": ("CN", "TW"),
}  # fmt: skip
"""Where a language's readers are: their national phone numbers are found."""
_COUNTED = re.compile(r"(?:\b\d\b\D+){3}|^[1-9]\d?(?:[ .]\d{3}){3,}$")
"""No number that somebody would call: single digits one by one, and thousands."""
_DIGIT_BEFORE = re.compile(r"\d[ .,]$")
_NEAR = 40
"""Characters before a number in which its name is looked for."""

SURE, LIKELY = 0.95, 0.6


@dataclass(frozen=True)
class Personal:
    """What was found, where, and how bad that is; `shown` is a shortened form that gives nothing away."""

    rule: str
    label: str
    shown: str
    score: float
    start: int
    end: int


@dataclass(frozen=True)
class _NationalId:
    """A number that a state gives to a person. `check` is the module of python-stdnum that checks it; with a `name` one
    without a checksum, or with a weak one, counts only behind that word."""

    label: str
    shape: re.Pattern[str]
    check: str = ""
    name: re.Pattern[str] | None = None


def _number(label: str, shape: str, check: str = "", name: str = "") -> _NationalId:
    return _NationalId(
        label,
        re.compile(rf"(?<![A-Za-z0-9.,-])(?:{shape})(?![A-Za-z0-9]|[.,-]\d)", re.ASCII),
        check,
        re.compile(name, re.IGNORECASE) if name else None,
    )


_NATIONAL_IDS = (
    _number("a Chinese identity number", r"\d{17}[\dXx]", "cn.ric"),
    _number("a French social security number", r"[12] ?\d\d ?\d\d ?[\dAB]{2} ?\d{3} ?\d{3} ?\d\d", "fr.nir"),
    _number("an Indian identity number", r"\d{4} \d{4} \d{4}", "in_.aadhaar"),
    _number("an Indian identity number", r"\d{12}", "in_.aadhaar", r"aadhaar|aadhar|आधार"),
    _number("a Spanish identity number", r"\d{8}[ -]?[A-HJ-NP-TV-Z]", "es.dni"),
    _number("an identity number of the Emirates", r"784-(?:19|20)\d\d-\d{7}-\d"),
    _number("a US social security number", r"\d{3}-\d{2}-\d{4}", "us.ssn"),
    _number("a US social security number", r"\d{3}-?\d{2}-?\d{4}", name=r"social security|\bssn\b"),
    _number("a German tax number", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", "de.idnr", r"steuer-?(?:id|ident)|\bidnr"),
    _number(
        "a British insurance number", r"[A-CEGHJ-PR-TW-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]", name=r"insurance|\bnino?\b"
    ),
)


def personal_data(text: str, language: str = "") -> Iterator[Personal]:
    """Email and postal addresses, phone numbers, payment cards (Luhn, ISO/IEC 7812), bank accounts (IBAN, ISO 13616)
    and identity numbers. `language` is that of the text; it says in which countries' ways numbers are written."""
    text = _without_web_addresses(text)
    for match in _EMAIL.finditer(text) if "@" in text else ():
        if not _RESERVED_DOMAIN.search(match[2].rstrip(".")):
            shown = f"{match[1][0]}…@{match[2]}"
            yield Personal("personal/email", "an email address", shown, LIKELY, *match.span())
    for start, end in postal_addresses(text):
        yield Personal("personal/address", "a postal address", f"{text[start:end][:6]}…", LIKELY, start, end)
    if not text.isascii():
        text = "".join(_ascii_digit(char) for char in text)
    if _SEVEN_DIGITS.search(text):
        yield from _numbers(text, language)


def _numbers(text: str, language: str) -> Iterator[Personal]:
    taken: list[tuple[int, int]] = []
    for match in _IBAN.finditer(text):
        iban = match[1].replace(" ", "")[: _IBAN_LENGTHS.get(match[1][:2], 0)]
        if len(iban) != _IBAN_LENGTHS.get(match[1][:2]):
            continue
        taken.append(match.span())  # even with a typing error it is no card
        if _valid("iban", iban):
            shown = f"{iban[:4]}…{iban[-2:]}"
            yield Personal("personal/iban", "a bank account (IBAN)", shown, LIKELY, *match.span())
    for kind in _NATIONAL_IDS:
        for match in kind.shape.finditer(text):
            named = kind.name is None or kind.name.search(text, max(0, match.start() - _NEAR), match.start())
            valid = not kind.check or _valid(kind.check, match.group())
            if named and valid and not _overlaps(match.span(), taken):
                taken.append(match.span())
                shown = f"…{match.group()[-2:]}"
                yield Personal("personal/national-id", kind.label, shown, SURE, *match.span())
    for match in _CARD.finditer(text):
        digits = _digits(match.group())
        if len(set(digits)) > 1 and _valid("luhn", digits) and not _overlaps(match.span(), taken):
            taken.append(match.span())
            yield Personal("personal/card", "a payment card number", f"…{digits[-4:]}", SURE, *match.span())
    for start, end in _phones(text, language):
        if not _overlaps((start, end), taken):
            taken.append((start, end))
            shown = f"…{_digits(text[start:end])[-2:]}"
            yield Personal("personal/phone", "a phone number", shown, LIKELY, start, end)


def _phones(text: str, language: str) -> Iterator[tuple[int, int]]:
    """By shape, and by the numbering plans of the language's countries."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    for match in _PHONE.finditer(text):
        if 7 <= len(_digits(match.group())) <= 15 and not _in_number(text, match.start()):
            yield match.span()
    for region in _REGIONS.get(language, ("ZZ",)):
        for found in PhoneNumberMatcher(text, region, leniency=Leniency.VALID, max_tries=_PHONE_TRIES):
            if not _in_number(text, found.start) and not _COUNTED.search(found.raw_string):
                yield found.start, found.end


def _without_web_addresses(text: str) -> str:
    """The text with spaces in the place of each web address, so that places stay; mail addresses stay too."""
    for address in addresses(text):
        if not address.mail:
            text = f"{text[: address.start]}{' ' * (address.end - address.start)}{text[address.end :]}"
    return text


def _in_number(text: str, start: int) -> bool:
    """Whether what begins there goes on with a longer number, as `10 000 000 000`."""
    return _DIGIT_BEFORE.search(text[max(0, start - 2) : start]) is not None


def _overlaps(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in taken)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _ascii_digit(char: str) -> str:
    """A decimal digit of any script as an ASCII one; the length stays."""
    return str(unicodedata.decimal(char)) if not char.isascii() and unicodedata.category(char) == "Nd" else char


@cache
def _checks() -> dict[str, Callable[[str], bool]]:
    """By name, as `_NATIONAL_IDS` gives it; loaded with the first number that is long enough."""
    from stdnum import iban, luhn
    from stdnum.cn import ric
    from stdnum.de import idnr
    from stdnum.es import dni
    from stdnum.fr import nir
    from stdnum.in_ import aadhaar
    from stdnum.us import ssn

    return {
        "iban": iban.is_valid,
        "luhn": luhn.is_valid,
        "cn.ric": ric.is_valid,
        "de.idnr": idnr.is_valid,
        "es.dni": dni.is_valid,
        "fr.nir": nir.is_valid,
        "in_.aadhaar": aadhaar.is_valid,
        "us.ssn": ssn.is_valid,
    }


def _valid(check: str, number: str) -> bool:
    return _checks()[check](number)
