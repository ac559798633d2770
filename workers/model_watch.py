"""The models that are configured, and the daily look at their providers' own lists."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel

from reelwright.domain.errors import ReelwrightError

from .settings import Settings, load_providers

if TYPE_CHECKING:
    from reelwright.providers.common.lists import ModelList
    from reelwright.storage.model_lists import PostgresModelLists

    from .provider_settings import ProviderSettings

log = logging.getLogger(__name__)
EVERY = timedelta(days=1)
FIRST_S, AGAIN_S = 300.0, 3_600.0
"""A worker that has just started has other things to do; which of them asks, the books decide every hour."""


def configured_models(settings: Settings, providers: ProviderSettings) -> dict[str, tuple[str, ...]]:
    """The models that would be called with these settings, by provider: of those that have a key and no base address of
    the operator's own, which may have models of the same names."""
    from reelwright.providers.registry import specs

    found = defaultdict[str, list[str]](list)
    for (_, name), spec in specs().items():
        own = providers.of(spec)
        if not spec.missing(own) and not _own_address(own):
            found[name] += spec.models(own)
    if settings.openai_api_key and not settings.openai_base_url and "openai" in settings.moderation_chain:
        found["openai"].append(settings.openai_moderation_model)
    return {name: tuple(dict.fromkeys(models)) for name, models in found.items() if models}


def _own_address(vendor: BaseModel) -> bool:
    """Whether a vendor is asked at another address than its own."""
    fields = type(vendor).model_fields
    return any(name.endswith("base_url") and getattr(vendor, name) != fields[name].default for name in fields)


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
                await look(lists, PostgresModelLists(pool), configured_models(settings, load_providers()))
            finally:
                await pool.close()
        except ReelwrightError as error:
            log.warning("the ends of models were not looked up: %s", error)
        await asyncio.sleep(again_s)
