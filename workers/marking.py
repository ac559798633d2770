"""What signs delivered files, from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .settings import Settings

if TYPE_CHECKING:
    from reelwright.marking.identity import Identity
    from reelwright.marking.marker import C2paMarker


def build_marker(settings: Settings) -> C2paMarker:
    """Signs with the operator's certificate, or with the studio's own, which is made on first use."""
    from reelwright.marking.identity import signing
    from reelwright.marking.marker import C2paMarker

    certificate, key, folder = settings.c2pa_certificate, settings.c2pa_key, settings.marking_folder
    return C2paMarker(lambda: signing(certificate, key, folder))


def known_identity(settings: Settings) -> Identity | None:
    """What signs, if it is there; nothing is made."""
    from reelwright.marking.identity import configured, own

    return configured(settings.c2pa_certificate, settings.c2pa_key) or own(settings.marking_folder)
