"""The libraries, as providers of pictures and of clips.

Those without a key (Openverse, Wikimedia Commons) need a contact: nobody should send a stranger's machine to them
unasked, and Wikimedia refuses whoever does not say who is asking.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..common.spec import ProviderSpec, Tools
from .settings import OpenverseSettings, PexelsSettings, PixabaySettings, StockSettings, WikimediaSettings


def _needs_contact(settings: StockSettings) -> tuple[str, ...]:
    return () if settings.contact else ("REELWRIGHT_CONTACT",)


def _pexels_missing(settings: PexelsSettings) -> tuple[str, ...]:
    return () if settings.pexels_api_key.get_secret_value() else ("PEXELS_API_KEY",)


def _pixabay_missing(settings: PixabaySettings) -> tuple[str, ...]:
    return () if settings.pixabay_api_key.get_secret_value() else ("PIXABAY_API_KEY",)


def _pexels(settings: PexelsSettings) -> Any:
    from .pexels import Pexels

    return Pexels(settings.pexels_api_key, settings.stock_rules, settings.pexels_api_url)


def _pixabay(settings: PixabaySettings) -> Any:
    from .pixabay import Pixabay

    return Pixabay(settings.pixabay_api_key, settings.stock_rules, settings.pixabay_api_url)


def _openverse(settings: OpenverseSettings) -> Any:
    from .openverse import Openverse

    return Openverse(settings.stock_rules, settings.openverse_api_url, settings.openverse_client)


def _wikimedia(settings: WikimediaSettings) -> Any:
    from .wikimedia import Wikimedia

    return Wikimedia(settings.stock_rules, settings.wikimedia_api_url)


def _photos(library: Callable[[Any], Any]) -> Callable[[Any, Tools], Any]:
    """`tools.shared.stock` is both `StockMemory` and `SearchCache`."""

    def build(settings: Any, tools: Tools) -> Any:
        from .illustrator import StockIllustrator
        from .source import CachedLibrary

        books = tools.shared.stock
        return StockIllustrator(CachedLibrary(library(settings), books), books, settings.stock_rules)

    return build


def _clips(library: Callable[[Any], Any]) -> Callable[[Any, Tools], Any]:
    def build(settings: Any, tools: Tools) -> Any:
        from .clips import StockClips
        from .source import CachedLibrary

        books = tools.shared.stock
        return StockClips(CachedLibrary(library(settings), books), books, settings.stock_rules)

    return build


SPECS: tuple[ProviderSpec[Any], ...] = (
    ProviderSpec("pexels", "images", "Pexels", PexelsSettings, _pexels_missing, _photos(_pexels), concurrency=4),
    ProviderSpec("pixabay", "images", "Pixabay", PixabaySettings, _pixabay_missing, _photos(_pixabay), concurrency=2),
    ProviderSpec(
        "openverse", "images", "Openverse", OpenverseSettings, _needs_contact, _photos(_openverse), concurrency=2
    ),
    ProviderSpec(
        "wikimedia",
        "images",
        "Wikimedia Commons",
        WikimediaSettings,
        _needs_contact,
        _photos(_wikimedia),
        concurrency=2,
    ),
    ProviderSpec("pexels", "clips", "Pexels", PexelsSettings, _pexels_missing, _clips(_pexels), concurrency=4),
    ProviderSpec("pixabay", "clips", "Pixabay", PixabaySettings, _pixabay_missing, _clips(_pixabay), concurrency=2),
    ProviderSpec(
        "wikimedia", "clips", "Wikimedia Commons", WikimediaSettings, _needs_contact, _clips(_wikimedia), concurrency=2
    ),
)
