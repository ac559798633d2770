"""Do a thing once: the row of its key is looked for before the effect and written after it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.content.story import Paid, Story
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.money import ZERO, Money
from reelwright.domain.errors import AssetCorrupt
from reelwright.domain.evidence import Noted
from reelwright.domain.ports.making import Catalog

log = logging.getLogger(__name__)
ResultT = TypeVar("ResultT", bound=Model)
PaidT = TypeVar("PaidT", bound=Paid)


@dataclass(frozen=True)
class Made(Generic[ResultT]):
    """What a maker has made: the result, the files it consists of, who made it, what that cost in US dollars, and what
    is kept as evidence of its assets."""

    result: ResultT
    assets: tuple[AssetRef, ...] = ()
    provider: str = "local"
    usd: float = 0.0
    noted: tuple[Noted, ...] = ()


@dataclass(frozen=True)
class Kept(Generic[ResultT]):
    """What is on record, under which key, and how many US dollars were spent on it just now: none where it was there
    already."""

    result: ResultT
    record: str
    spent_usd: float = 0.0


@dataclass(frozen=True)
class Order:
    """What is bought: under which key its result will be on record, for which content and step, from whom, and what it
    may cost: nothing where there is no estimate."""

    key: str
    content_id: str
    step: str
    provider: str
    wanted: Estimate | None = None


async def once(
    catalog: Catalog,
    key: str,
    make: Callable[[], Awaitable[Made[ResultT]]],
    model: type[ResultT],
    *,
    content_id: str,
    step: str,
) -> Kept[ResultT]:
    """What is on record under `key`, or else what `make` makes.

    When two attempts race, the first to be recorded is the result of both, and is paid for once in the books.
    """
    if (known := await catalog.find_result(key)) is not None:
        return Kept(model.model_validate_json(known), key)
    made = await make()
    stored = await catalog.record_result(
        key,
        content_id=content_id,
        step=step,
        result_json=made.result.model_dump_json(),
        assets=made.assets,
        provider=made.provider,
        usd=made.usd,
        noted=made.noted,
    )
    return Kept(model.model_validate_json(stored), key, made.usd)


def compare(order: Order, usd: float) -> None:
    """Logs a price above what was reserved: then the estimate or its price table is wrong."""
    reserved = order.wanted.worst if order.wanted is not None else ZERO
    if Money.of(usd) > reserved and (order.wanted is None or order.wanted.priced):
        log.warning("%s by %s cost %s, and %s was reserved for it", order.step, order.provider, Money.of(usd), reserved)


def buyer() -> str:
    """This activity, whichever attempt of it."""
    info = activity.info()
    return f"{info.workflow_run_id}/{info.activity_id}"


def told(kept: Kept[PaidT]) -> PaidT:
    """The result as an activity answers it: with what was spent now and its key, which are no part of what is on
    record."""
    return kept.result.model_copy(update={"spent_usd": kept.spent_usd, "record": kept.record})


async def recalled(catalog: Catalog, record: str) -> Story:
    """The story on record under this key: a workflow hands on the key, not the story, to each of a hundred scenes.
    Raises `AssetCorrupt` where there is none."""
    known = await catalog.find_result(record)
    if known is None:
        raise AssetCorrupt(f"there is no story on record as {record}", field="story", remedy="start the content anew")
    return Story.model_validate_json(known)
