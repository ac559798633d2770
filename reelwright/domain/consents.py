"""Consents of people whose voice was cloned, or who are seen in pictures and clips."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from .base import Model
from .errors import InvalidInput

Covers = Literal["voice", "picture"]


class Consent(Model):
    """Whose voice or picture may be used for what. `voice` is the name of the voice that was made of it, here or at a
    provider; pictures and clips name the consent instead. `document_sha256` is of the signed document, which stays with
    the user. After `expires_at`, or once it is revoked, it allows nothing more."""

    id: int
    person: str
    covers: Covers
    voice: str = ""
    use: str
    given_at: datetime
    expires_at: datetime | None = None
    document_sha256: str
    added_by: str
    added_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str = ""
    note: str = ""

    def ended(self, now: datetime) -> str:
        """Why it allows nothing (any more); empty where it does."""
        if self.revoked_at is not None:
            return f"was revoked at {_utc(self.revoked_at)}"
        if self.expires_at is not None and self.expires_at <= now:
            return f"expired at {_utc(self.expires_at)}"
        if self.given_at > now:
            return f"holds only from {_utc(self.given_at)} on"
        return ""


def need_voice(consent: Consent, now: datetime) -> str:
    """The name of the voice that may be made of the person's. Raises `InvalidInput` (field `consent`) for a consent
    that covers no voice, or that does not hold."""
    remedy = "record one with `reelwright consent add --voice NAME`"
    if consent.covers != "voice" or not consent.voice:
        raise InvalidInput(f"consent {consent.id} covers pictures, not a voice", field="consent", remedy=remedy)
    if why := consent.ended(now):
        raise InvalidInput(f"consent {consent.id} {why}", field="consent", remedy=remedy)
    return consent.voice


def voices_of(provider: str) -> list[str]:
    """The names of the voices in the provider of a narration: `piper anna, espeak-ng`, or
    `elevenlabs:eleven_v4 Anna Berg`. What has no name after its first space is nobody's voice."""
    return [voice for name in provider.split(", ") if (voice := name.partition(" ")[2])]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
