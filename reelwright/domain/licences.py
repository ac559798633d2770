"""Licences: what each allows of what a publication needs, where its terms stand, and when they were read.

A publication counts as commercial use: a channel is monetised sooner or later, and a platform shows advertisements
beside it. A part of a video is adapted (cropped, mixed, shown with other parts); a file that is posted as it came is
not.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from .base import Model
from .content.picturing import OWN

if TYPE_CHECKING:
    from .content.story import Picture


class Licence(Model):
    """One licence. `read` is the day on which its terms were read for this program (THIRD_PARTY.md); None where there
    are none, and where the user declares it: then the day of the declaration counts."""

    id: str
    terms: str = ""
    read: date | None = None
    commercial: bool = True
    derivatives: bool = True


_CC = "https://creativecommons.org/licenses/"
CC_VERSIONS = ("1.0", "2.0", "2.5", "3.0")
"""Those before 4.0; what they ask of a publication is the same."""

OPENMOJI = "CC-BY-SA-4.0"
NONE_OWED = "none-owed"
"""Drawn, composed or spoken by this program: nobody else has a right in it."""
DECLARED = "own"
"""The user's own, who has the rights as far as nothing else was declared."""
PROVIDER = "provider-terms"
"""Made by a provider's model: its terms hold for what it makes."""
VOICE = "voice-model"
"""Spoken by an installed voice model, which has a licence of its own."""
_OURS = {"drawn", "espeak", "synth", "local", "script", "extract", "composer", "feed"}

LICENCES: dict[str, Licence] = {
    licence.id: licence
    for licence in (
        Licence(id=NONE_OWED),
        Licence(id=DECLARED),
        Licence(id=PROVIDER),
        Licence(id=VOICE, terms="docs/voices.md"),
        Licence(id="licensed"),
        Licence(id="public-domain"),
        Licence(id="PDM-1.0", terms="https://creativecommons.org/publicdomain/mark/1.0/"),
        Licence(id="CC0-1.0", terms="https://creativecommons.org/publicdomain/zero/1.0/"),
        Licence(id="CC-BY-4.0", terms=f"{_CC}by/4.0/"),
        Licence(id="CC-BY-SA-4.0", terms=f"{_CC}by-sa/4.0/", read=date(2026, 11, 29)),
        *(
            Licence(id=f"CC-{kind.upper()}-{version}", terms=f"{_CC}{kind}/{version}/")
            for kind in ("by", "by-sa")
            for version in CC_VERSIONS
        ),
        Licence(id="CC-BY-ND-4.0", terms=f"{_CC}by-nd/4.0/", derivatives=False),
        Licence(id="CC-BY-NC-4.0", terms=f"{_CC}by-nc/4.0/", commercial=False),
        Licence(id="CC-BY-NC-SA-4.0", terms=f"{_CC}by-nc-sa/4.0/", commercial=False),
        Licence(id="CC-BY-NC-ND-4.0", terms=f"{_CC}by-nc-nd/4.0/", commercial=False, derivatives=False),
        Licence(id="Pexels", terms="https://www.pexels.com/license/"),
        Licence(id="Pixabay", terms="https://pixabay.com/service/license-summary/"),
        Licence(id="editorial-only", commercial=False),
        Licence(id="all-rights-reserved", commercial=False, derivatives=False),
    )
}


def licence_of(provider: str) -> str:
    """The licence of what a provider has made."""
    if provider == OWN:
        return DECLARED
    first = {re.split("[ -]", name)[0] for name in provider.split(", ")}  # several speakers of a dialogue
    if first <= _OURS:
        return NONE_OWED
    return VOICE if first <= {*_OURS, "piper"} else PROVIDER


def picture_licence(picture: Picture) -> str:
    """That of a scene's picture: OpenMoji's where one of its drawings is shown."""
    credited = picture.reading is not None and bool(picture.reading.credit)
    return OPENMOJI if credited else licence_of(picture.provider)
