"""What a channel may configure: the fields of a channel file. docs/channels.md describes them for users."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ..base import UserInput
from ..capability import Capability as Capability
from ..content.fields import AccountName, CallToAction, LanguageName, PlatformName, Tone
from ..content.request import ACCOUNTS, FORMATS, TRANSLATIONS, PostOptions
from ..content.style import RenderStyle
from ..content.voice import CAST, SpeakerName, VoiceChoice
from ..costs.budget import Budget as Budget
from ..formats import LANGUAGES, Platform, VideoFormat
from ..ids import ACCOUNT
from ..limits import Text, at_most, once_each
from ..publishing.schedule import check_zone
from ..text.incoming import clean
from ..text.spoken.pronunciation import ENTRIES, checked

CHANNEL_BYTES = 100_000
"""The largest channel file."""
CHANNEL_FILES = 200
"""Files that are applied at once."""
PROVIDERS = 10
SLOTS = 50

ChannelName = Annotated[str, Field(pattern=ACCOUNT)]
ProviderName = Annotated[str, Field(pattern=ACCOUNT)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

NOT_ENFORCED = {
    "providers.moderation": "the setting REELWRIGHT_MODERATION_CHAIN chooses the classifiers",
}
"""Fields that are recorded with every version and that no code acts on yet, with what happens instead."""


def _time(value: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError(f"{value[:20]!r} is no time of the day; write it as 18:00")
    return value


class Look(RenderStyle):
    """The fields of a style file (docs/style.md)."""


class PostingSlot(UserInput):
    """A time at which posts may appear, on some days of the week and platforms; left out, on all."""

    time: Annotated[str, AfterValidator(_time)] = Field(description="`18:00`")
    zone: Annotated[str, AfterValidator(check_zone)] = Field(default="UTC", description="`Europe/Berlin`")
    days: Annotated[tuple[Day, ...], once_each] = Field(default=(), max_length=7)
    platforms: Annotated[tuple[PlatformName, ...], once_each] = Field(default=(), max_length=len(Platform))


class RequestDefaults(UserInput):
    """Fields of a request that a channel may set for all its requests, except those that have a table of their own."""

    formats: Annotated[tuple[VideoFormat, ...], at_most(FORMATS, "formats", "name fewer"), once_each] | None = Field(
        default=None, min_length=1
    )
    platforms: (
        Annotated[tuple[PlatformName, ...], at_most(len(Platform), "platforms", "name each once"), once_each] | None
    ) = Field(default=None, description="left out, those of `accounts`")
    posts: Annotated[
        dict[PlatformName, PostOptions], at_most(len(Platform), "platforms", "give one table for each platform")
    ] = Field(default={})
    publish_at: Literal["best"] | None = None
    priority: Annotated[int, Field(ge=1, le=5)] | None = None
    privacy: Literal["public", "unlisted", "private"] | None = None
    paid_partnership: bool | None = None
    made_for_kids: bool | None = None
    auto_approve: bool | None = None
    allow_template: bool | None = None
    allow_repeat: bool | None = None
    pool: Literal["render", "gpu"] | None = None
    tone: Tone | None = None
    call_to_action: CallToAction | None = None
    caption_languages: (
        Annotated[tuple[LanguageName, ...], at_most(TRANSLATIONS, "languages", "name fewer"), once_each] | None
    ) = None


class ChannelConfig(UserInput):
    """One channel, as in its file. Fields that the file leaves out come from the channel it `extends`, and then from
    the defaults of a request."""

    name: ChannelName = Field(description="the name that requests give as `channel`")
    extends: ChannelName | None = Field(default=None, description="the channel that the rest is inherited from")
    description: Annotated[str, Text(clean, 1_000)] = Field(default="", description="for people; not inherited")
    look: Look = Field(default=Look(), description="style, brand kit and fonts: docs/style.md")
    languages: Annotated[
        tuple[LanguageName, ...], at_most(len(LANGUAGES), "languages", "name each once"), once_each
    ] = Field(default=(), description="the first one is spoken where a request names none, and by feed entries too")
    voices: dict[LanguageName, VoiceChoice] = Field(
        default={}, description="the voice of each language: docs/voices.md"
    )
    cast: Annotated[dict[SpeakerName, VoiceChoice], at_most(CAST, "speakers", "let some share a voice")] = Field(
        default={}, description="voices of the speakers of a dialogue; used by requests with a script"
    )
    pronunciations: Annotated[
        dict[str, str], at_most(ENTRIES, "words", "keep those that the voice gets wrong"), AfterValidator(checked)
    ] = Field(default={}, description="how words are said: docs/narration.md")
    providers: dict[
        Capability, Annotated[tuple[ProviderName, ...], at_most(PROVIDERS, "providers", "name fewer"), once_each]
    ] = Field(
        default={},
        description="the providers of each capability, in order: docs/providers-chains.md",
    )
    accounts: dict[
        PlatformName, Annotated[tuple[AccountName, ...], at_most(ACCOUNTS, "accounts", "make two channels"), once_each]
    ] = Field(default={}, description="the accounts on each platform; each of them gets a post")
    slots: Annotated[tuple[PostingSlot, ...], at_most(SLOTS, "slots", "name fewer")] = Field(
        default=(), description="when posts appear that have no `publish_at`; each slot takes one post per account"
    )
    moderation: ChannelName | None = Field(default=None, description="the moderation policy's name: docs/moderation.md")
    budget: Budget = Field(
        default=Budget(), description="limits in US dollars; days and months are those of UTC: docs/costs.md"
    )
    request: RequestDefaults = Field(
        default=RequestDefaults(), description="fields of a request, used where the request does not set them"
    )

    def as_data(self) -> dict[str, Any]:
        """What was set, as JSON data: what is stored, compared and inherited."""
        return self.model_dump(mode="json", exclude_unset=True)

    @property
    def not_enforced(self) -> tuple[str, ...]:
        """The fields it sets that no code acts on yet."""
        data = self.as_data()
        return tuple(name for name in NOT_ENFORCED if _at(data, name.split(".")))


def _at(data: Any, path: list[str]) -> Any:
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data
