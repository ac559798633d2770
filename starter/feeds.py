"""What `reelwright feeds` does: reads a request's file, and prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from control import feeds as control
from control.access import HasCaller
from control.studio import NoStudio
from reelwright.domain.errors import InvalidInput
from reelwright.domain.feeds.harvest import HarvestResult, ItemState, SourceHarvest, Verdict
from reelwright.domain.feeds.source import FeedSource, SourceState
from workers.settings import load_settings

from .books import books
from .caller import here
from .console import EXIT_FAILURE, EXIT_OK, plain, print_json, say
from .reading import named, read_limited
from .tables import Record, count, local, print_fields, print_records

if TYPE_CHECKING:
    from reelwright.domain.ports.feeds import SeenEntries

REQUEST_BYTES = 100_000


@dataclass(frozen=True)
class Given:
    """A source's fields as typed; None was not given. `request` is a file."""

    url: str
    channel: str | None = None
    priority: int | None = None
    every_minutes: int | None = None
    most_items: int | None = None
    least_words: int | None = None
    max_age_days: int | None = None
    include: Sequence[str] | None = None
    exclude: Sequence[str] | None = None
    language: str | None = None
    only_new: bool | None = None
    request: Path | None = None

    def fields(self) -> dict[str, Any]:
        """With the request that the file holds."""
        return {**vars(self), "request": None if self.request is None else _request(self.request)}


async def add(given: Given, *, name: str | None, by: str, as_json: bool) -> int:
    """Checks everything, then adds the source."""
    source = control.source_of(given.fields())
    async with books() as opened:
        added = await control.add(opened, source, by=by, name=name)
    if as_json:
        print_json(_source_json(added))
        return EXIT_OK
    say(f"{plain(added.name)} is due at the next harvest: `reelwright feeds harvest`, or `reelwright feeds schedule`")
    return EXIT_OK


async def list_sources(channel: str | None, *, as_json: bool) -> int:
    """A line for each, and under it what is wrong with it."""
    async with books() as opened:
        sources = await control.sources(opened, channel)
    if as_json:
        print_json({"sources": [_source_json(one) for one in sources]})
        return EXIT_OK
    print_records(
        ("source", "channel", "priority", "state", "read", "next", "items"),
        [
            Record(
                (
                    one.name,
                    one.source.channel,
                    str(one.source.priority),
                    _state(one),
                    local(one.harvested_at),
                    "-" if one.paused else local(one.due_at),
                    _counts(one.counts),
                ),
                (one.source.url, one.error, one.note),
            )
            for one in sources
        ],
        nothing="there are no sources yet: `reelwright feeds add URL`",
    )
    return EXIT_OK


async def show(name: str, *, state: str | None, limit: int, as_json: bool) -> int:
    """Its fields, then its items."""
    async with books() as opened:
        source, items = await control.show(opened, name, state=state, limit=limit)
    if as_json:
        print_json(_source_json(source) | {"items": [item.model_dump(mode="json") for item in items]})
        return EXIT_OK
    fields = [
        ("source", source.name),
        ("state", _state(source)),
        *([("error", source.error)] if source.error else []),
        *(
            [("paused", f"{local(source.paused_at)} by {source.paused_by} {source.note}".strip())]
            if source.paused
            else []
        ),
        ("added", f"{local(source.added_at)} by {source.added_by}"),
        ("read", local(source.harvested_at)),
        ("next", local(source.due_at)),
        ("items", _counts(source.counts)),
        *((field, _value(value)) for field, value in source.source.model_dump(mode="json").items() if value),
    ]
    print_fields(fields)
    print_records(
        ("seen", "state", "content", "title"),
        [
            Record((local(item.seen_at), item.state.value, item.content_id or "-", item.title), (item.reason, item.url))
            for item in items
        ],
        nothing="no items on record",
    )
    return EXIT_OK


async def test(given: Given, *, as_json: bool) -> int:
    """The outcome of a trial: compared with what the studio has seen, where one is running."""
    from reelwright.providers.feeds.harvester import HttpFeedHarvester

    async with AsyncExitStack() as stack:
        seen: SeenEntries
        asks: HasCaller
        try:
            opened = await stack.enter_async_context(books())
            seen, asks = opened.feeds, opened
        except NoStudio:
            opened, seen, asks = None, control.NothingSeen(), await here(load_settings())
        source: FeedSource | SourceState
        if "://" in given.url:
            source = control.source_of(given.fields())
        elif opened is not None:
            source = control.changed((await control.show(opened, given.url, limit=1))[0], given.fields())
        else:
            raise NoStudio(field="name")
        settings = load_settings()
        feeds = HttpFeedHarvester(settings.feed_allow_private, delay_s=settings.feed_host_delay_s)
        tried = await control.trial(asks, source, feeds, seen, settings.feed_likeness)
    if as_json:
        print_json(
            {
                "items": [_verdict_json(verdict) for verdict in tried.verdicts],
                "known": tried.known,
                "left": tried.left,
                "compared": opened is not None,
            }
        )
        return EXIT_OK
    print_records(
        ("state", "published", "title"),
        [Record((_word(one), one.published[:10] or "-", one.title), (one.reason, one.url)) for one in tried.verdicts],
        nothing="nothing new in this feed",
    )
    starts = sum(one.state is ItemState.NEW for one in tried.verdicts)
    say(
        f"{count(starts, 'content')} would be started; {tried.known} seen before, {tried.left} left for a later harvest"
        + ("" if opened else " (no studio is running: nothing was compared with what it has seen)")
    )
    return EXIT_OK


async def pause(name: str, *, by: str, note: str) -> int:
    """Holds a source."""
    async with books() as opened:
        source = await control.pause(opened, name, by=by, note=note)
    say(f"{plain(name)} is paused by {plain(source.paused_by)}, until `reelwright feeds resume {plain(name)}`")
    return EXIT_OK


async def resume(name: str, *, by: str) -> int:
    """Lets a source go on."""
    async with books() as opened:
        await control.resume(opened, name, by=by)
    say(f"{plain(name)} is due at the next harvest")
    return EXIT_OK


async def remove(name: str, *, by: str) -> int:
    """Removes a source."""
    async with books() as opened:
        removed = await control.remove(opened, name, by=by)
    say(f"{plain(name)} is removed ({_counts(removed.counts)}); its items stay on record and are not brought again")
    return EXIT_OK


async def harvest(names: Sequence[str], *, as_json: bool) -> int:
    """A failure where a source that was read has failed, or an item could not be started."""
    from .opening import reached

    async with reached() as (_, studio):
        result = await control.harvest(studio, names)
    if as_json:
        print_json(result.model_dump(mode="json"))
    else:
        print_records(
            ("source", "outcome", "claimed", "duplicates", "filtered", "failed", "left"),
            [_harvested(one) for one in result.sources],
            nothing="no source is due",
        )
        _tell(result)
    wrong = result.not_started or any(one.outcome in ("failed", "gone") for one in result.sources)
    return EXIT_FAILURE if wrong else EXIT_OK


async def schedule(every: str, *, off: bool) -> int:
    """Makes, changes or removes the schedule."""
    from control import harvest_schedule as scheduling

    from .opening import reached

    async with reached() as (_, studio):
        if off:
            there = await scheduling.unschedule(studio)
            say("no more harvests by themselves" if there else "there was no schedule")
            return EXIT_OK
        made = await scheduling.schedule(studio, every)
    say(
        f"{'a schedule' if made else 'the schedule'} {control.SCHEDULE} harvests every {plain(every)}; "
        "`reelwright feeds list` tells how it goes"
    )
    return EXIT_OK


# --- words -----------------------------------------------------------------------------------------------------------


def _request(path: Path) -> Any:
    data = read_limited(path, field="request", limit=REQUEST_BYTES)
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            f"{named(path)} is no JSON object", field="request", remedy='write {"platforms": ["youtube"]}'
        ) from error


def _tell(result: HarvestResult) -> None:
    for content_id in result.started:
        say(f"started {plain(content_id)}")
    for content_id in result.found_started:
        say(f"{plain(content_id)} had been started before; it is noted now")
    for content_id, why in result.not_started.items():
        say(f"[yellow]not started[/] {plain(content_id)}: {plain(why)}; the next harvest tries again")


def _harvested(one: SourceHarvest) -> Record:
    numbers = (len(one.claimed), one.duplicates, one.filtered, one.failed, one.left)
    return Record((one.name, one.outcome, *map(str, numbers)), (one.error,))


def _state(one: SourceState) -> str:
    if one.paused:
        return "paused"
    return f"failing ({one.failures})" if one.failures else one.outcome or "added"


def _counts(counts: dict[str, int]) -> str:
    order = {state.value: place for place, state in enumerate(ItemState)}
    return ", ".join(f"{counts[name]} {name}" for name in sorted(counts, key=lambda name: order.get(name, 9))) or "-"


def _word(verdict: Verdict) -> str:
    return "would start" if verdict.state is ItemState.NEW else "later" if verdict.retry else verdict.state.value


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _source_json(one: SourceState) -> dict[str, Any]:
    told = one.model_dump(mode="json", exclude={"source"})
    return {**told, **one.source.model_dump(mode="json")}


def _verdict_json(one: Verdict) -> dict[str, Any]:
    names = ("title", "url", "published", "reason", "content_id", "duplicate_of")
    return {"state": one.state.value, "later": one.retry, **{name: getattr(one, name) for name in names}}
