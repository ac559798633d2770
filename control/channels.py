"""Channels: apply, look at, compare, bring back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reelwright.domain.channels.versions import Applied, ChannelVersion
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ids import ACCOUNT
from reelwright.domain.people import Role
from reelwright.domain.text.incoming import cut

from .access import allowed
from .studio import Books, Studio

if TYPE_CHECKING:  # where no channel was applied, a list or a request loads no configuration
    from reelwright.domain.channels.config import Capability, ChannelConfig
    from reelwright.domain.channels.in_force import InForce
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.ports.channels import PolicyShelf

    from .channel_files import ChannelFile

BY_CHARS = 100


@dataclass(frozen=True)
class Change:
    """A channel to be applied, and its file."""

    config: ChannelConfig
    file: ChannelFile


@dataclass(frozen=True)
class Shown:
    """A version of a channel: its own configuration, and the whole of it with what it inherits from `parents`, which
    are its line's newest versions by name. `whole` is None where an old version does not go with today's parents."""

    version: ChannelVersion
    whole: ChannelConfig | None
    parents: Mapping[str, int]


@dataclass(frozen=True)
class Difference:
    """A field that two versions have differently, as JSON data; None is not set."""

    field: str
    before: Any
    after: Any


def check_names(changes: Sequence[Change]) -> None:
    """Raises `WrongInFile` where two files have a channel of the same name."""
    by_name: dict[str, Change] = {}
    for change in changes:
        other = by_name.setdefault(change.config.name, change)
        if other is not change:
            error = InvalidInput(
                f"{change.config.name} is the name of the channel in {other.file.file}, too",
                field="name",
                remedy="give each channel a name of its own",
            )
            raise change.file.wrong(error)


def check_policies(changes: Sequence[Change], policies: PolicyShelf) -> None:
    """Raises `WrongInFile` where a channel names a moderation policy that is not there or cannot be read."""
    for change in changes:
        if change.config.moderation is not None:
            try:
                policies.find(change.config.moderation)
            except InvalidInput as error:
                why = InvalidInput(_reason(error), field="moderation", remedy=error.remedy)
                raise change.file.wrong(why) from error


def check_providers(changes: Sequence[Change], known: Mapping[Capability, Sequence[str]]) -> None:
    """Raises `WrongInFile` where a channel names a provider that is not among the `known` ones of its capability."""
    for change in changes:
        for capability, names in change.config.providers.items():
            unknown = [name for name in names if name not in known[capability]]
            if unknown:
                error = InvalidInput(
                    f"there is no provider {unknown[0]!r} for {capability}",
                    field=f"providers.{capability}",
                    remedy=f"use {', '.join(known[capability])}",
                )
                raise change.file.wrong(error)


@allowed(Role.ADMIN)
async def apply(
    books: Books,
    changes: Sequence[Change],
    *,
    by: str,
    policies: PolicyShelf,
    providers: Mapping[Capability, Sequence[str]],
    expected: Mapping[str, int] | None = None,
) -> list[Applied]:
    """Applies all or none, in their order; an unchanged one gets no new version. `providers` are the known ones of each
    capability; `expected` are the newest versions that whoever changes them has seen, 0 for none. Raises `WrongInFile`
    and `ChannelMoved`."""
    from reelwright.domain.channels.inheritance import ChannelRefused

    check_names(changes)
    check_policies(changes, policies)
    check_providers(changes, providers)
    try:
        return await books.channels.apply([change.config for change in changes], by=_who(by), expected=expected)
    except ChannelRefused as error:
        file = next(change.file for change in changes if change.config.name == error.name)
        raise file.wrong(error) from error


@allowed(Role.VIEWER)
async def without_account(books: Books, config: ChannelConfig) -> tuple[str, ...]:
    """Those of the accounts that the configuration itself names that do not exist yet, as `platform/account`."""
    return await books.channels.without_account(config)


@allowed(Role.ADMIN)
async def rollback(books: Books, name: str, version: int, *, by: str) -> Applied:
    """A new version with the configuration of an earlier one."""
    return await books.channels.rollback(_name(name), version, by=_who(by))


@allowed(Role.VIEWER)
async def channels(books: Books) -> list[Shown]:
    """The newest version of every channel, by name."""
    newest = await books.channels.newest()
    return [_shown(newest[name], newest) for name in sorted(newest)]


@allowed(Role.VIEWER)
async def channel(books: Books, name: str, version: int | None = None) -> Shown:
    """A version of a channel, the newest one if none is named."""
    found = await books.channels.find(_name(name), version)
    return _shown(found, await books.channels.newest())


@allowed(Role.VIEWER)
async def history(books: Books, name: str) -> list[ChannelVersion]:
    """All versions, newest first. Raises `InvalidInput` for an unknown channel."""
    await books.channels.find(_name(name))
    return await books.channels.history(name)


@allowed(Role.VIEWER)
async def diff(
    books: Books, name: str, before: int | None = None, after: int | None = None
) -> tuple[ChannelVersion, ChannelVersion, list[Difference]]:
    """What of a channel's own configuration differs between two versions: the newest one against the one before it, or
    against `before`, or those that are named."""
    new = await books.channels.find(_name(name), after)
    if before is None:
        before = max(1, new.version - 1)
    old = await books.channels.find(name, before)
    return old, new, differences(old.config, new.config)


def differences(before: ChannelConfig, after: ChannelConfig) -> list[Difference]:
    """Field by field, in the order of their names."""
    old, new = dict(flat(before.as_data())), dict(flat(after.as_data()))
    names = sorted(old.keys() | new.keys())
    return [Difference(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def flat(data: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    """The fields of nested tables by their dotted names, as TOML writes them."""
    found: list[tuple[str, Any]] = []
    for key, value in data.items():
        name = f"{above}{key if re.fullmatch('[A-Za-z0-9_-]+', key) else json.dumps(key, ensure_ascii=False)}"
        found += flat(value, f"{name}.") if isinstance(value, Mapping) and value else [(name, value)]
    return found


def as_toml(config: ChannelConfig) -> str:
    """A channel file of this configuration, which can be applied as it is."""
    import tomli_w

    return tomli_w.dumps(config.as_data())


@allowed(Role.VIEWER)
async def foreseen(
    studio: Studio, request: ContentRequest, policies: PolicyShelf
) -> tuple[ContentRequest, InForce | None]:
    """The request with what it would inherit now, and what that is; what counts is resolved when the content starts.
    Raises `InvalidInput` where the two do not go together, and where the channel's moderation policy is unknown. The
    request as it is, where no database is, or nothing was applied under the channel's name."""
    stored = studio.channels
    line = await stored.line(request.channel) if stored else []
    if not line:
        return request, None
    from reelwright.domain.channels.in_force import Inheriting, in_force

    found = in_force(Inheriting.of("", request), line)
    if found.moderation:
        policies.find(found.moderation)
    return found.applied_to(request), found


def _shown(version: ChannelVersion, newest: Mapping[str, ChannelVersion]) -> Shown:
    from reelwright.domain.channels.inheritance import effective, lineage

    configs = {name: known.config for name, known in newest.items()} | {version.name: version.config}
    try:
        line = lineage(version.name, configs)
        parents = {config.name: newest[config.name].version for config in line[1:]}
        return Shown(version, effective(line), parents)
    except InvalidInput:  # only an old version: the newest are checked together
        return Shown(version, None, {})


def _name(name: str) -> str:
    if not re.fullmatch(ACCOUNT, name):
        raise InvalidInput(f"{cut(name, 64)!r} is not a channel's name", field="name", remedy="see `channel list`")
    return name


def _reason(error: InvalidInput) -> str:
    """The error without its field and remedy; of a policy's file with the file and the line."""
    where = getattr(error, "where", "")
    return f"{where}: {error.field}: {error.message}" if where else error.message


def _who(by: str) -> str:
    who = cut(by, BY_CHARS)
    if not who:
        raise InvalidInput("it is empty", field="by", remedy="say who applies it")
    return who
