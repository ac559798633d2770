"""All providers of all capabilities, from the `specs.py` of each folder, and the order in which they are tried where
nobody names one. Cheap to import: an adapter is loaded when its provider is used."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from reelwright.domain.channels.config import Capability

from .common.spec import ProviderSpec

FOLDERS = ("writing", "speech", "images", "stock", "clips", "music")

ORDER: Mapping[Capability, tuple[str, ...]] = {
    "writing": ("anthropic", "openai", "mistral", "gemini", "azure", "compatible"),
    "speech": ("elevenlabs", "azure", "gemini", "openai"),
    "images": ("diffusers", "openai", "stability", "gemini", "pexels", "pixabay"),
    "clips": ("runway", "luma", "pexels", "pixabay"),
    "music": ("elevenlabs", "mubert"),
}
"""Those that a key (or the address of one's own server) switches on, in the order they are tried. All others, which
need no key, are used where a setting or a channel names them. OpenAI's voices end on 2027-01-06, so they are last."""

OFFLINE: Mapping[Capability, str] = {"writing": "template", "speech": "local", "images": "drawn", "music": "synth"}
"""What ends a chain: part of this program, free, and always there. Moving pictures have none: a still stands in."""

MODERATION = ("openai", "azure", "mistral")
"""Classifiers, which REELWRIGHT_MODERATION_CHAIN names (docs/moderation.md)."""


@lru_cache(maxsize=1)
def specs() -> Mapping[tuple[Capability, str], ProviderSpec[Any]]:
    """All of them, by capability and name. The offline ones that the workers build themselves have none."""
    found: dict[tuple[Capability, str], ProviderSpec[Any]] = {}
    for folder in FOLDERS:
        name = f"{__package__}.{folder}"
        if find_spec(name) is None or find_spec(f"{name}.specs") is None:
            continue
        for spec in import_module(f"{name}.specs").SPECS:
            found[spec.capability, spec.name] = spec
    return found


def names_of(capability: Capability) -> tuple[str, ...]:
    """The names that a channel's `providers` may give for a capability, in the order of `ORDER`, the offline one
    last."""
    if capability == "moderation":
        return MODERATION
    known = [name for kind, name in specs() if kind == capability]
    ordered = [name for name in ORDER[capability] if name in known]
    offline = OFFLINE.get(capability)
    others = [name for name in known if name not in ordered and name != offline]
    return (*ordered, *others, *([offline] if offline else []))
