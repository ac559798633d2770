"""Feeds: sources of contents, and what has become of their entries."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from control import feeds
from reelwright.domain.feeds.harvest import ItemState
from reelwright.domain.feeds.source import SOURCE_NAME, SourceState
from reelwright.domain.people import Role

from ..calls import Called
from ..models.house import FeedItems, FeedList, Hold, NewFeed
from ..parameters import ROWS, ChannelQuery, Limit
from ..routing import operation

TAG = "Feeds"
SourcePath = Annotated[str, Path(pattern=SOURCE_NAME, description="the source's name")]


@operation("GET", "/v1/feeds", needs=Role.VIEWER, tag=TAG, answers=FeedList)
async def list_feeds(call: Called, channel: ChannelQuery = None) -> FeedList:
    """All sources, or a channel's."""
    return FeedList(items=tuple(await feeds.sources(call.books, channel)))


@operation("POST", "/v1/feeds", needs=Role.OPERATOR, tag=TAG, answers=SourceState, status=201)
async def add_feed(call: Called, body: NewFeed) -> SourceState:
    """Adds a source, which is due at once."""
    return await feeds.add(call.books, body.source(), by=call.caller.name, name=body.name)


@operation("GET", "/v1/feeds/{name}", needs=Role.VIEWER, tag=TAG, answers=SourceState)
async def get_feed(call: Called, name: SourcePath) -> SourceState:
    """A source, and how its harvests went."""
    return (await feeds.show(call.books, name, limit=1))[0]


@operation("GET", "/v1/feeds/{name}/items", needs=Role.VIEWER, tag=TAG, answers=FeedItems)
async def feed_items(
    call: Called, name: SourcePath, state: Annotated[ItemState | None, Query()] = None, limit: Limit = ROWS
) -> FeedItems:
    """What has become of its newest entries, with the reason."""
    _, items = await feeds.show(call.books, name, state=state.value if state else None, limit=limit)
    return FeedItems(items=tuple(items))


@operation("POST", "/v1/feeds/{name}/pause", needs=Role.OPERATOR, tag=TAG, answers=SourceState)
async def pause_feed(call: Called, name: SourcePath, body: Hold) -> SourceState:
    """Nothing of it is read or started until it is resumed."""
    return await feeds.pause(call.books, name, by=call.caller.name, note=body.note)


@operation("POST", "/v1/feeds/{name}/resume", needs=Role.OPERATOR, tag=TAG, answers=SourceState)
async def resume_feed(call: Called, name: SourcePath) -> SourceState:
    """It is due at once."""
    return await feeds.resume(call.books, name, by=call.caller.name)


@operation("DELETE", "/v1/feeds/{name}", needs=Role.OPERATOR, tag=TAG, answers=SourceState)
async def remove_feed(call: Called, name: SourcePath) -> SourceState:
    """Removes it; what it has brought stays on record."""
    return await feeds.remove(call.books, name, by=call.caller.name)


OPERATIONS = [list_feeds, add_feed, get_feed, feed_items, pause_feed, resume_feed, remove_feed]
