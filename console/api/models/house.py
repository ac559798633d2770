"""Accounts, channels, feeds, media, consents: what the house has."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from control.accounts import AccountRow
from control.channels import Difference, Shown
from reelwright.domain.channels.config import Capability, ChannelConfig
from reelwright.domain.channels.versions import Applied, ChannelVersion
from reelwright.domain.consents import Consent
from reelwright.domain.content.taken import StoredMedia
from reelwright.domain.evidence import Rights
from reelwright.domain.feeds.harvest import SeenItem
from reelwright.domain.feeds.source import FeedSource, SourceState

from .common import INTEGER, Answer, Body, Name, Note, Sha256


class AccountList(Answer):
    """Who posts where. Tokens are never shown, nor are their ends."""

    items: tuple[AccountRow, ...]


class Version(Answer):
    """One version of a channel. `config` is its own, as it was set; `whole` is with what it inherits from `parents`,
    null where an old version does not go with today's parents."""

    name: str
    version: int
    applied_by: str
    applied_at: datetime
    restored: int | None = None
    config: dict[str, Any]
    whole: dict[str, Any] | None = None
    parents: dict[str, int] = Field(default_factory=dict)
    new: Annotated[bool | None, Field(description="of a change: whether it has made this version")] = None

    @classmethod
    def of(cls, version: ChannelVersion, **more: Any) -> Version:
        """One on record."""
        return cls(
            name=version.name,
            version=version.version,
            applied_by=version.applied_by,
            applied_at=version.applied_at,
            restored=version.restored,
            config=version.config.as_data(),
            **more,
        )

    @classmethod
    def shown(cls, shown: Shown) -> Version:
        """One with what it inherits."""
        whole = shown.whole.as_data() if shown.whole else None
        return cls.of(shown.version, whole=whole, parents=dict(shown.parents))

    @classmethod
    def applied(cls, applied: Applied) -> Version:
        """What a change has led to."""
        return cls.of(applied.version, new=applied.new)


class VersionList(Answer):
    """Versions of channels."""

    items: tuple[Version, ...]


class Changed(Answer):
    """A field that two versions have differently; null is not set."""

    field: str
    before: Any
    after: Any

    @classmethod
    def of(cls, difference: Difference) -> Changed:
        """Of control's."""
        return cls.model_validate(difference)


class Differences(Answer):
    """What of a channel's own configuration differs between two versions."""

    name: str
    before: int
    after: int
    items: tuple[Changed, ...]


class NewChannel(ChannelConfig):
    """A channel's own configuration: docs/channels.md. Fields that are left out are inherited."""

    model_config = ConfigDict(defer_build=False)


class RollBack(Body):
    """The version whose configuration comes back, as a new version."""

    version: Annotated[int, Field(ge=1, le=INTEGER)]


class ModelsOfChannel(Answer):
    """The providers that a channel names for each capability, in order. A capability that is left out has the
    installation's own."""

    channel: str
    version: int
    providers: dict[str, tuple[str, ...]]


class Models(Answer):
    """Which models make what: the choice of each channel, and the `known` providers of each capability."""

    items: tuple[ModelsOfChannel, ...]
    known: dict[str, tuple[str, ...]]


class NewModels(Body):
    """Other providers for some capabilities of a channel, in order; an empty list takes the channel's own choice
    away."""

    channel: Name
    providers: dict[Capability, Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=20)]]


# --- feeds -----------------------------------------------------------------------------------------------------------


class NewFeed(FeedSource):
    """A source of contents: docs/feeds.md."""

    model_config = ConfigDict(defer_build=False)

    name: Name | None = Field(default=None, description="made of the feed's host if left out")

    def source(self) -> FeedSource:
        """The source alone; what was not set stays unset."""
        return FeedSource.model_construct(
            self.model_fields_set - {"name"},
            **{name: getattr(self, name) for name in FeedSource.model_fields},
        )


class FeedList(Answer):
    """Sources of contents."""

    items: tuple[SourceState, ...]


class FeedItems(Answer):
    """What has become of a source's newest entries."""

    items: tuple[SeenItem, ...]


class Hold(Body):
    """Why nothing is read of a source."""

    note: Note = ""


# --- media and consents ----------------------------------------------------------------------------------------------


class Media(Answer):
    """One of the user's own files. `address` is how requests name it."""

    address: str
    media: StoredMedia
    added_at: datetime | None = None

    @classmethod
    def of(cls, media: StoredMedia, added_at: datetime | None = None) -> Media:
        """Of a stored file."""
        return cls(address=f"media:{media.file.sha256}", media=media, added_at=added_at)


class MediaList(Answer):
    """The newest of the user's own files."""

    items: tuple[Media, ...]


class NewRights(Body):
    """What allows the use of a file: its licence, or a consent."""

    licence: Annotated[str, Field(max_length=60)]
    terms: Note = ""
    expires: date | None = None
    consent: Annotated[int, Field(ge=1, le=INTEGER)] | None = None


class NewConsent(Body):
    """A person's consent. With `voice` it is for a cloned voice of that name, else for pictures and clips."""

    person: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    use: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    document_sha256: Sha256
    voice: Note = ""
    given: date | None = None
    expires: date | None = None


class Revoke(Body):
    """Why a consent is revoked."""

    note: Note = ""


class ConsentList(Answer):
    """All consents, newest first."""

    items: tuple[Consent, ...]


class RightsNow(Rights):
    """What was declared."""
