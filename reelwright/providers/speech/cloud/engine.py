"""What a vendor's file implements: one call for one part of a text, and what may be asked of it before."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from reelwright.domain.content.voice import ESPEAK, VoiceChoice
from reelwright.domain.errors import InvalidInput, ProviderRefused
from reelwright.domain.formats import LANGUAGES

from ...common.lifecycles import need_alive
from ...common.tariff import Speaking
from ..sound import Samples
from .marks import Mark


@dataclass(frozen=True)
class Asked:
    """One part of a text, and what stands around it: vendors that take it keep the melody over a join. `earlier` are
    the vendor's ids of the calls for the parts before."""

    text: str
    language: str
    voice: str
    choice: VoiceChoice
    before: str = ""
    after: str = ""
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True)
class Heard:
    """A vendor's answer: 48 kHz samples, the times it told (none where it tells none), its id and what it cost."""

    samples: Samples
    marks: tuple[Mark, ...] = ()
    request_id: str = ""
    usd: float = 0.0


@dataclass(frozen=True)
class ListedVoice:
    """A voice that the account has. `languages` are BCP 47 tags, none where the vendor does not say; `cloned`: made of
    a person's."""

    id: str
    name: str
    languages: tuple[str, ...] = ()
    cloned: bool = False


class Engine(ABC):
    """One vendor and one model of it. `settings` is all else that decides how it sounds: part of the key of what is
    spoken."""

    vendor: ClassVar[str]
    most_chars: int
    model: str
    default: str
    tariff: Speaking
    settings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Vendor and model, as the price table has them."""
        return f"{self.vendor}:{self.model}"

    def voice_of(self, choice: VoiceChoice, language: str) -> str:
        """The voice of a choice, as this vendor knows it. Raises `InvalidInput` for a language that is not offered, and
        for a voice that cannot be this vendor's."""
        if language not in LANGUAGES:
            raise InvalidInput(
                f"no voice for {language[:20]!r}", field="language", remedy=f"choose from {', '.join(LANGUAGES)}"
            )
        named = choice.voice.strip()
        prefix, _, rest = named.partition(":")
        mine = bool(rest) and prefix.lower() == self.vendor
        voice = rest.strip() if mine else named
        if not voice:
            return self.default
        if voice.lower() in (ESPEAK, "espeak") or not self.fits(voice, mine=mine):
            raise self.no_voice(voice)
        return voice

    def no_voice(self, voice: str) -> InvalidInput:
        """The error for a voice that a request names."""
        return InvalidInput(
            f"{self.vendor} has no voice {voice[:60]!r}",
            field="voice",
            remedy=f"see `reelwright voices list --provider {self.vendor}`",
        )

    def missing(self, voice: str, what: str = "") -> InvalidInput | ProviderRefused:
        """The error for a voice that the account does not have: of the request's, or of the settings'."""
        if voice != self.default:
            return self.no_voice(voice)
        return ProviderRefused(
            what or f"there is no voice {voice[:60]!r}",
            field=self.vendor,
            remedy=f"set REELWRIGHT_{self.vendor.upper()}_VOICE to one of its voices",
            why="model",
        )

    def own(self, choice: VoiceChoice) -> tuple[float, float]:
        """The part of a choice's speed and pitch that the vendor does; the rest is done to the sound."""
        return 1.0, 0.0

    def tariff_of(self, voice: str) -> Speaking:
        """The price of a voice, for vendors of which some cost more than others."""
        return self.tariff

    def chars(self, text: str) -> int:
        """As the vendor counts them."""
        return len(text)

    async def ready(self, voice: str, language: str) -> None:
        """Returns when model and voice are there, by calls that cost nothing. Raises `InvalidInput`,
        `ProviderRefused`, `ProviderUnavailable`."""
        need_alive(self.vendor, self.model)
        await self.look(voice, language)

    @abstractmethod
    def fits(self, voice: str, *, mine: bool) -> bool:
        """Whether it may be a voice of this vendor, by its name; `mine`: it was named with the vendor's."""

    @abstractmethod
    async def look(self, voice: str, language: str) -> None:
        """Asks the vendor for model and voice."""

    @abstractmethod
    async def say(self, asked: Asked) -> Heard:
        """Speaks one part. Raises `ProviderRefused` and `ProviderUnavailable`, with what was spent."""

    @abstractmethod
    async def voices(self) -> Sequence[ListedVoice]:
        """The voices that the account has."""
