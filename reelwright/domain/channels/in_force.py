"""What a request inherits from its channel: resolved once per content, and recorded with the channel's version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field, ValidationError

from ..base import Grown, Model
from ..content.policy import ModerationPolicy
from ..content.request import ContentRequest
from ..errors import InvalidInput
from ..explain import explain
from .config import Capability, ChannelConfig, PostingSlot
from .inheritance import effective, merged

INHERITABLE = (
    *("style", "language", "language_open", "voice", "voices", "pronunciations", "account", "posts"),
    *("formats", "platforms", "publish_at", "priority", "privacy", "paid_partnership", "made_for_kids"),
    *("auto_approve", "allow_template", "allow_repeat", "pool", "tone", "call_to_action", "caption_languages"),
)
"""Fields of a request that a channel may set, or whose being set decides what it sets."""
_WHERE = frozenset({"account", "accounts"})
"""The fields of a post's options that name its accounts."""
_MAKING = frozenset(
    {"style", "voice", "voices", "pronunciations", "formats", "tone", "call_to_action", "caption_languages"}
)
"""Fields about how videos are made."""

Given = dict[str, Any]
"""Names of fields that a request sets: a table for each field that has fields, `True` for any other."""


def given_by(request: ContentRequest) -> Given:
    """The inheritable fields that the request sets itself. Values are left out, since posts may be long."""
    given = _given(request)
    given.pop("language_open", None)  # set by the model only
    return {name: value for name, value in given.items() if name in INHERITABLE}


def _given(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: _given(getattr(value, name)) for name in sorted(value.model_fields_set)}
    if isinstance(value, Mapping):
        return {str(name): _given(inner) for name, inner in value.items()}
    return True


class Inheriting(Model):
    """What of a content's request decides what it inherits. `language` and `platforms` are None where it sets none."""

    content_id: str
    channel: str
    source: str
    language: str | None = None
    platforms: tuple[str, ...] | None = None
    given: Given = Field(default_factory=dict)

    @classmethod
    def of(cls, content_id: str, request: ContentRequest) -> Inheriting:
        """The same for a request as it came."""
        given = given_by(request)
        return cls(
            content_id=content_id,
            channel=request.channel,
            source=request.source,
            language=request.language if "language" in given else None,
            platforms=tuple(request.platforms) if "platforms" in given else None,
            given=given,
        )


class InForce(Grown, Model):
    """What a content has from its channel. `version` 0: nothing had been applied under the channel's name. `parents`
    has the versions of the channels it extends. `inherited` holds fields of a request, as JSON data; `slots` are the
    times at which its posts may appear, where the request names none. `moderation` is the name of its policy, and
    `policy` all of it as it stood then; None in contents of releases that had no policies. `providers` are those of
    each capability, in the order they are tried; the workers' settings choose where there are none."""

    added: ClassVar[frozenset[str]] = frozenset({"moderation", "policy", "providers"})

    channel: str
    version: int = 0
    parents: dict[str, int] = Field(default_factory=dict)
    inherited: dict[str, Any] = Field(default_factory=dict)
    slots: tuple[PostingSlot, ...] = ()
    moderation: str = ""
    policy: ModerationPolicy | None = None
    providers: dict[Capability, tuple[str, ...]] = Field(default={})

    @property
    def label(self) -> str:
        """For people: `kids, version 3 (base 2)`."""
        parents = ", ".join(f"{name} {version}" for name, version in self.parents.items())
        return f"{self.channel}, version {self.version}{f' ({parents})' if parents else ''}"

    def applied_to(self, request: ContentRequest) -> ContentRequest:
        """The request with what it inherits. Raises `InvalidInput` where the two do not go together."""
        if not self.inherited:
            return request
        try:
            return ContentRequest.model_validate(merged(request.model_dump(mode="json"), self.inherited))
        except ValidationError as error:
            why = explain(error)
            raise InvalidInput(
                f"{why.message} (together with what channel {self.label} sets)", field=why.field, remedy=why.remedy
            ) from error


def in_force(asked: Inheriting, line: list[tuple[int, ChannelConfig]]) -> InForce:
    """What a request inherits from a channel with this line of versions, the channel's own first; nothing from an empty
    line. Raises `InvalidInput`."""
    if not line:
        return InForce(channel=asked.channel)
    config = effective([config for _, config in line])
    return InForce(
        channel=asked.channel,
        version=line[0][0],
        parents={config.name: version for version, config in line[1:]},
        inherited=_without(_fields(config, asked), asked.given),
        slots=config.slots,
        moderation=config.moderation or "",
        providers=dict(config.providers),
    )


def _fields(config: ChannelConfig, asked: Inheriting) -> dict[str, Any]:
    """The fields of a request that the channel sets, whatever the request itself sets."""
    data = config.as_data()
    fields: dict[str, Any] = dict(data.get("request", {}))
    if data.get("look"):
        fields["style"] = data["look"]
    if config.languages:
        language = asked.language or config.languages[0]
        if asked.language is None:
            fields |= {"language": language, "language_open": False}
        if voice := data.get("voices", {}).get(language):
            fields["voice"] = voice
    if config.cast and asked.source == "script":
        fields["voices"] = data["cast"]
    if config.pronunciations:
        fields["pronunciations"] = data["pronunciations"]
    if asked.source == "video":  # it is posted as it is: nothing of how videos are made applies to it
        fields = {name: value for name, value in fields.items() if name not in _MAKING}
    return fields | _destinations(config, asked, fields)


def _destinations(config: ChannelConfig, asked: Inheriting, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Where it is posted: `platforms`, and the accounts on each in `posts`."""
    found: dict[str, Any] = {}
    platforms = asked.platforms if asked.platforms is not None else fields.get("platforms")
    if platforms is None:
        platforms = [platform.value for platform in config.accounts] or None
        if platforms:
            found["platforms"] = platforms
    posts: dict[str, Any] = dict(fields.get("posts", {}))
    for platform, accounts in config.accounts.items():
        own = posts.get(platform.value, {})
        if accounts and not own.keys() & _WHERE:
            chosen = {"accounts": list(accounts)} if len(accounts) > 1 else {"account": accounts[0]}
            posts[platform.value] = {**own, **chosen}
    posts = {name: _elsewhere(options) if _names_accounts(asked, name) else options for name, options in posts.items()}
    if platforms is None:
        platforms = [platform.value for platform in ContentRequest.model_fields["platforms"].default]
    found["posts"] = {name: options for name, options in posts.items() if name in platforms and options}
    return found


def _names_accounts(asked: Inheriting, platform: str) -> bool:
    """Whether the request itself says on which accounts of a platform it is posted."""
    given = asked.given.get("posts")
    own = given.get(platform) if isinstance(given, Mapping) else None
    return "account" in asked.given or (isinstance(own, Mapping) and bool(own.keys() & _WHERE))


def _elsewhere(options: Mapping[str, Any]) -> dict[str, Any]:
    """A post's options without its accounts."""
    return {field: value for field, value in options.items() if field not in _WHERE}


def _without(fields: Mapping[str, Any], given: Any) -> dict[str, Any]:
    """The fields that are not given: those of a table one by one. An empty table is left out."""
    left: dict[str, Any] = {}
    for name, value in fields.items():
        set_by_request = given.get(name) if isinstance(given, Mapping) else None
        if isinstance(value, Mapping) and isinstance(set_by_request, Mapping):
            value = _without(value, set_by_request)
        elif set_by_request is not None:
            continue
        if value != {}:
            left[name] = value
    return left
