"""The languages with rules, one module each."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module

from ..tongue import Tongue

RULED = ("de", "en", "es", "fr", "it", "nl", "pt")
"""ISO 639-1 codes; a regional code is read as its language, with its own order of dates where that differs."""


@lru_cache(maxsize=16)
def tongue_of(language: str) -> Tongue | None:
    """The rules of a language (BCP 47), or nothing where there are none."""
    base, _, region = language.lower().partition("-")
    if base not in RULED:
        return None
    module = import_module(f".{base}", __name__)
    tongue: Tongue = module.REGIONS.get(region, module.TONGUE) if hasattr(module, "REGIONS") else module.TONGUE
    return tongue
