"""Channels: versions, differences, changes over the version that was seen."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, NoReturn

from fastapi import Query

from control import channel_put, channels
from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.channels.versions import Applied, ChannelMoved
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role

from ..calls import Call, Called
from ..models.common import INTEGER
from ..models.house import Changed, Differences, NewChannel, RollBack, Version, VersionList
from ..parameters import ChannelPath, IfMatch
from ..problems import Refused
from ..routing import operation

TAG = "Channels"
VersionQuery = Annotated[int | None, Query(ge=1, le=INTEGER, description="the newest if left out")]
_TAG = re.compile(r'(?:W/)?"(\d{1,9})"')
OVER = (412, 428)


@operation("GET", "/v1/channels", needs=Role.VIEWER, tag=TAG, answers=VersionList)
async def list_channels(call: Called) -> VersionList:
    """The newest version of every channel, by name."""
    return VersionList(items=tuple(Version.shown(one) for one in await channels.channels(call.books)))


@operation("GET", "/v1/channels/{name}", needs=Role.VIEWER, tag=TAG, answers=Version)
async def get_channel(call: Called, name: ChannelPath, version: VersionQuery = None) -> Version:
    """A version of a channel; `ETag` is what a change of it must send as `If-Match`."""
    shown = await channels.channel(call.books, name, version)
    call.answer.headers["ETag"] = etag(shown.version.version)
    return Version.shown(shown)


@operation("GET", "/v1/channels/{name}/versions", needs=Role.VIEWER, tag=TAG, answers=VersionList)
async def channel_versions(call: Called, name: ChannelPath) -> VersionList:
    """All versions, newest first."""
    return VersionList(items=tuple(Version.of(one) for one in await channels.history(call.books, name)))


@operation("GET", "/v1/channels/{name}/diff", needs=Role.VIEWER, tag=TAG, answers=Differences)
async def channel_diff(
    call: Called, name: ChannelPath, before: VersionQuery = None, after: VersionQuery = None
) -> Differences:
    """What differs between two versions, field by field; without `before` against the one before it."""
    old, new, found = await channels.diff(call.books, name, before, after)
    return Differences(name=name, before=old.version, after=new.version, items=tuple(Changed.of(one) for one in found))


@operation("PUT", "/v1/channels/{name}", needs=Role.ADMIN, tag=TAG, answers=Version, refuses=OVER)
async def apply_channel(call: Called, name: ChannelPath, body: NewChannel, if_match: IfMatch = None) -> Version:
    """A new version with this configuration, in force for contents that start from now on. Send the `ETag` of the
    version that you have seen, or `"0"` for a new channel."""
    if body.name != name:
        raise InvalidInput(f"it is {body.name!r}, and the address says {name!r}", field="name", remedy="name one")
    config = ChannelConfig.model_construct(
        body.model_fields_set, **{field: getattr(body, field) for field in ChannelConfig.model_fields}
    )
    try:
        applied = await channel_put.put(
            call.books,
            config,
            by=call.caller.name,
            policies=call.parts.policies,
            providers=call.parts.providers,
            expected=_seen(if_match),
        )
    except ChannelMoved as moved:
        _changed(moved)
    return _applied(call, applied)


@operation("POST", "/v1/channels/{name}/rollback", needs=Role.ADMIN, tag=TAG, answers=Version, refuses=OVER)
async def roll_back_channel(call: Called, name: ChannelPath, body: RollBack, if_match: IfMatch = None) -> Version:
    """A new version with the configuration of an earlier one."""
    try:
        applied = await channel_put.roll_back(
            call.books, name, body.version, by=call.caller.name, expected=_seen(if_match)
        )
    except ChannelMoved as moved:
        _changed(moved)
    return _applied(call, applied)


def _applied(call: Call, applied: Applied) -> Version:
    call.answer.headers["ETag"] = etag(applied.version.version)
    return Version.applied(applied)


def etag(version: int) -> str:
    """A version as an entity tag."""
    return f'"{version}"'


def _seen(if_match: str | None) -> int:
    """The version that the client has seen. Raises `Refused`: 428 without one, 412 for what was never an `ETag`."""
    if if_match is None:
        raise Refused(
            HTTPStatus.PRECONDITION_REQUIRED,
            "it is missing",
            field="If-Match",
            remedy='send the `ETag` of the version that you have seen, or "0" for a new channel',
        )
    found = _TAG.fullmatch(if_match.strip())
    if not found:
        raise Refused(
            HTTPStatus.PRECONDITION_FAILED,
            f"{if_match[:40]!r} is the `ETag` of no version",
            field="If-Match",
            remedy="read the channel, and send its `ETag`",
        )
    return int(found[1])


def _changed(moved: ChannelMoved) -> NoReturn:
    raise Refused(
        HTTPStatus.PRECONDITION_FAILED,
        moved.message,
        field="If-Match",
        remedy=moved.remedy,
        headers={"ETag": etag(moved.newest)},
    ) from moved


OPERATIONS = [list_channels, get_channel, channel_versions, channel_diff, apply_channel, roll_back_channel]
