"""Postal addresses: a street with a house number, and beside it a postal code, a flat, or a city with a number.

A street and a house number alone are no private address: novels and sights have them too (221B Baker Street).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CITY = r"[^\W\d_][^\W\d_.'-]+(?:[ -][^\W\d_][\w.'-]+){0,2}"
_ADDRESSES = [
    re.compile(pattern)
    for pattern in (
        # 12 Invented Street, Springfield, IL 62799; 48 Madeup Road, London N1 9ZZ
        r"\b\d{1,5}[A-Za-z]? (?:[A-Z][\w'.-]+ ){1,3}"
        r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Close|Terrace|Place)\b\.?"
        rf",? {_CITY}(?:,? [A-Z]{{2}} \d{{5}}(?:-\d{{4}})?|,? [A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}})\b",
        # Musterstraße 12, 12345 Musterstadt
        r"\b(?:[A-ZÄÖÜ][\wäöüß-]*(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee|ring|damm|ufer)"
        r"|[A-ZÄÖÜ][\wäöüß-]+ (?:Stra(?:ß|ss)e|Str\.|Weg|Platz|Gasse|Allee|Ring))"
        rf" \d{{1,4}} ?[a-z]?,? (?:[ADL]-|CH-)?\d{{4,5}} {_CITY}",
        # calle Inventada 12, 28999 Madrid
        r"(?i:\b(?:calle|c/|avenida|avda\.?|plaza|paseo|camino|carrera))"
        rf" (?:[\w'.-]+ ){{1,5}}?(?:n\.?º ?)?\d{{1,4}}[^.\n]{{0,20}}?,? \d{{5}} {_CITY}",
        # 12 rue Inventée, 75099 Paris
        r"\b\d{1,4}(?: ?bis| ?ter)?,? (?i:rue|avenue|boulevard|allée|impasse|place|chemin|quai)"
        rf" (?:[\w'’.-]+,? ){{1,5}}?\d{{5}} {_CITY}",
        # شارع الخيال 12، شقة 5
        r"شارع [^\d\n.]{2,40}?(?:رقم )?[\d٠-٩]{1,4}[^.\n]{0,30}?(?:شقة|عمارة|مبنى|بناية|[\d٠-٩]{5})",
        # मकान नंबर 12, काल्पनिक मार्ग, दिल्ली 110999
        r"(?:मकान|फ्लैट|फ़्लैट|प्लॉट)(?: नंबर| संख्या| नं\.?)? ?[\d०-९]{1,5}[^।\n]{2,60}?[\d०-९]{6}",
        # 想象路12号3单元501室
        r"[\u4e00-\u9fff]{2,12}(?:路|街|道|巷|弄|胡同)\s?\d{1,5}\s?(?:号|弄)[\u4e00-\u9fff\d\s-]{0,12}(?:室|单元|号楼|房)",
    )
]


def postal_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where they stand in a text, as `[start, end)`."""
    if not any(char.isdigit() for char in text):
        return
    for pattern in _ADDRESSES:
        for match in pattern.finditer(text):
            yield match.span()
