"""Models that their vendors shut down, and when (docs/providers.md). A model that is not here lives on, or is told by
the vendor's own answer."""

from __future__ import annotations

from datetime import UTC, date, datetime

from reelwright.domain.errors import ProviderRefused

_TTS = date(2027, 1, 6)
_IMAGE = date(2026, 12, 1)
_GEMINI_TTS = date(2026, 12, 18)

SUNSETS: dict[str, date] = {
    "tts-1": _TTS,
    "tts-1-hd": _TTS,
    "gpt-4o-mini-tts": _TTS,
    "gpt-4o-mini-tts-2025-12-15": _TTS,
    "gpt-image-1": date(2026, 10, 23),
    "gpt-image-1.5": _IMAGE,
    "gpt-image-1-mini": _IMAGE,
    "chatgpt-image-latest": _IMAGE,
    "dall-e-2": date(2026, 5, 12),
    "dall-e-3": date(2026, 5, 12),
    "gemini-2.5-flash-preview-tts": _GEMINI_TTS,
    "gemini-2.5-pro-preview-tts": _GEMINI_TTS,
    "gemini-3.1-flash-tts-preview": _GEMINI_TTS,
}
"""The first day on which a model may be gone."""


def sunset_of(model: str) -> date | None:
    """The day of a model's end, where one is announced."""
    return SUNSETS.get(model)


def need_alive(vendor: str, model: str, today: date | None = None) -> None:
    """Raises `ProviderRefused` (`model`) for a model whose day has come: nothing is asked for, nothing is spent."""
    end = sunset_of(model)
    if end is not None and end <= (today or datetime.now(UTC).date()):
        raise ProviderRefused(
            f"the model {model} was shut down on {end}", field=vendor, remedy="choose another model", why="model"
        )
