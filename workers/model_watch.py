"""The models that are configured, and the daily look at their providers' own lists."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from reelwright.domain.errors import ReelwrightError

from .settings import Settings

if TYPE_CHECKING:
    from reelwright.providers.common.lists import ModelList
    from reelwright.storage.model_lists import PostgresModelLists

log = logging.getLogger(__name__)
EVERY = timedelta(days=1)
FIRST_S, AGAIN_S = 300.0, 3_600.0
"""A worker that has just started has other things to do; which of them asks, the books decide every hour."""


def configured_models(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The models that would be called with these settings, by provider: of those that have a key and no base address of
    the operator's own, which may have models of the same names."""
    found: dict[str, tuple[str, ...]] = {}
    if settings.openai_api_key and not settings.openai_base_url:
        moderation = (settings.openai_moderation_model,) if "openai" in settings.moderation_chain else ()
        found["openai"] = (settings.openai_model, *moderation)
    if settings.anthropic_api_key and not settings.anthropic_base_url:
        found["anthropic"] = (settings.anthropic_model,)
    return found


def model_lists(settings: Settings) -> tuple[ModelList, ...]:
    """The lists that can be asked for with the keys there are."""
    from reelwright.providers.common.lists import ModelList

    keys = {
        "openai": (settings.openai_api_key, settings.openai_base_url),
        "anthropic": (settings.anthropic_api_key, settings.anthropic_base_url),
    }
    return tuple(ModelList(name, key, base) for name, (key, base) in keys.items() if key is not None)


async def look(lists: Sequence[ModelList], books: PostgresModelLists, configured: Mapping[str, Sequence[str]]) -> None:
    """Asks each list that nobody has asked for a day, files what it says, and logs which configured models end."""
    from reelwright.domain.lifecycles import Lives
    from reelwright.providers.common.lifecycles import shipped

    for one in lists:
        if not await books.claim(one.provider, EVERY):
            continue
        try:
            ends = await one.ends()
        except ReelwrightError as error:
            log.warning("the list of models of %s was not read: %s", one.provider, error)
            await books.failed(one.provider, str(error))
            continue
        await books.keep(one.provider, ends)
        own = {one.provider: configured.get(one.provider, ())}
        today = datetime.now(UTC).date()
        for life in Lives(shipped(), ends).near(own, today):
            log.warning("%s; %s", life.label(today), life.remedy)


@contextmanager
def model_watch(settings: Settings, *, first_s: float = FIRST_S, again_s: float = AGAIN_S) -> Iterator[None]:
    """Looks beside the body, where there is a key to look with."""
    task = asyncio.create_task(_watch(settings, first_s, again_s))
    try:
        yield
    finally:
        task.cancel()


async def _watch(settings: Settings, first_s: float, again_s: float) -> None:
    from reelwright.storage.database import connect
    from reelwright.storage.model_lists import PostgresModelLists

    lists = model_lists(settings)
    if not lists or settings.database_url is None:
        return
    await asyncio.sleep(first_s)
    while True:
        try:
            pool = await connect(settings.database_url.get_secret_value(), max_size=1)
            try:
                await look(lists, PostgresModelLists(pool), configured_models(settings))
            finally:
                await pool.close()
        except ReelwrightError as error:
            log.warning("the ends of models were not looked up: %s", error)
        await asyncio.sleep(again_s)
