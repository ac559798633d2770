"""The languages on offer as vendors name them, with a country (BCP 47)."""

from __future__ import annotations

_COUNTRIES = (
    *("en-US", "en-GB", "ar-EG", "bg-BG", "ca-ES", "cs-CZ", "da-DK", "de-DE", "el-GR", "es-ES"),
    *("et-EE", "fa-IR", "fi-FI", "fr-FR", "he-IL", "hi-IN", "hr-HR", "hu-HU", "id-ID", "it-IT"),
    *("ja-JP", "ko-KR", "lt-LT", "lv-LV", "mr-IN", "ms-MY", "nb-NO", "ne-NP", "nl-NL", "pl-PL"),
    *("pt-PT", "pt-BR", "ro-RO", "ru-RU", "sk-SK", "sl-SI", "sr-RS", "sv-SE", "sw-KE", "th-TH"),
    *("tr-TR", "uk-UA", "ur-PK", "vi-VN", "zh-CN"),
)
_BY_TAG = {tag.lower(): tag for tag in _COUNTRIES} | {tag.partition("-")[0]: tag for tag in reversed(_COUNTRIES)}


def locale_of(language: str) -> str:
    """`de` as `de-DE`, `en-gb` as `en-GB`."""
    return _BY_TAG[language.lower()]
