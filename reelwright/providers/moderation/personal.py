"""Personal data in a text, found by shape and, where there is one, by checksum."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from reelwright.domain.text.addresses import without_web_addresses

_EMAIL = re.compile(r"(?<![\w.+-])([\w.+-]{1,64})@([\w-]{1,63}(?:\.[\w-]{1,63}){1,4})")
_RESERVED_DOMAIN = re.compile(r"(?:^|\.)(?:example(?:\.(?:com|org|net))?|test|invalid|localhost)$", re.IGNORECASE)
"""Domains reserved for examples (RFC 2606)."""
_CARD = re.compile(r"(?<![\w.,-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\w,]|\.\d|-\d)")
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:"
    r"(?:\+|00)[1-9]\d{0,2}[ ./-]?(?:\(0?\d{1,4}\)[ ./-]?)?(?:\d[ ./-]?){5,12}\d"  # international (E.164)
    r"|(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[ .-]\d{4}"  # North America
    r"|0\d{2,4}[ /-]{1,3}\d{3,4}(?:[ -]?\d{2,4}){1,2}"  # national, with an area code
    r")(?![\w]|[.,]\d)"
)
_SEVEN_DIGITS = re.compile(r"\d(?:[ ()./-]{0,3}\d){6}")
_IBAN = re.compile(r"(?<!\w)([A-Z]{2})(\d{2})((?: ?[A-Z0-9]){11,30})")
# ISO 13616: the length of an IBAN by country.
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26,
    "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25,
    "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TR": 26, "UA": 29,
}  # fmt: skip


@dataclass(frozen=True)
class Personal:
    """What was found; `shown` is a shortened form that gives nothing away."""

    label: str
    shown: str
    decision: Literal["review", "block"]


def personal_data(text: str) -> Iterator[Personal]:
    """Email addresses, phone numbers, payment cards (Luhn, ISO/IEC 7812) and bank accounts (IBAN, ISO 13616)."""
    text = without_web_addresses(text)
    for match in _EMAIL.finditer(text) if "@" in text else ():
        if not _RESERVED_DOMAIN.search(match[2].rstrip(".")):
            yield Personal("an email address", f"{match[1][0]}…@{match[2]}", "review")
    if _SEVEN_DIGITS.search(text):
        yield from _numbers(text)


def _numbers(text: str) -> Iterator[Personal]:
    taken: list[tuple[int, int]] = []
    for match in _IBAN.finditer(text):
        iban = f"{match[1]}{match[2]}{match[3].replace(' ', '')}"[: _IBAN_LENGTHS.get(match[1], 0)]
        if len(iban) != _IBAN_LENGTHS.get(match[1]):
            continue
        taken.append(match.span())  # even with a typing error it is no card
        if _iban_is_valid(iban):
            yield Personal("a bank account (IBAN)", f"{iban[:4]}…{iban[-2:]}", "review")
    for match in _CARD.finditer(text):
        digits = _digits(match.group())
        if len(set(digits)) > 1 and _luhn(digits) and not _overlaps(match, taken):
            taken.append(match.span())
            yield Personal("a payment card number", f"…{digits[-4:]}", "block")
    for match in _PHONE.finditer(text):
        digits = _digits(match.group())
        if 7 <= len(digits) <= 15 and not _overlaps(match, taken):
            yield Personal("a phone number", f"…{digits[-2:]}", "review")


def _overlaps(match: re.Match[str], taken: list[tuple[int, int]]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in taken)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _iban_is_valid(iban: str) -> bool:
    """Modulo 97 over the rearranged number, letters as 10 to 35 (ISO 7064)."""
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1
