"""Do a thing once: the row of its key is looked for before the effect and written after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.ports import Catalog
from reelwright.domain.story import Paid

ResultT = TypeVar("ResultT", bound=Model)
PaidT = TypeVar("PaidT", bound=Paid)


@dataclass(frozen=True)
class Made(Generic[ResultT]):
    """What a maker has made: the result, the files it consists of, who made it, and what that cost in US dollars."""

    result: ResultT
    assets: tuple[AssetRef, ...] = ()
    provider: str = "local"
    usd: float = 0.0


@dataclass(frozen=True)
class Kept(Generic[ResultT]):
    """What is on record, and how many US dollars were spent on it just now: none where it was there already."""

    result: ResultT
    spent_usd: float = 0.0


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
        return Kept(model.model_validate_json(known))
    made = await make()
    stored = await catalog.record_result(
        key,
        content_id=content_id,
        step=step,
        result_json=made.result.model_dump_json(),
        assets=made.assets,
        provider=made.provider,
        usd=made.usd,
    )
    return Kept(model.model_validate_json(stored), made.usd)


def told(kept: Kept[PaidT]) -> PaidT:
    """The result as an activity answers it: with what was spent now, which is no part of what is on record."""
    return kept.result.model_copy(update={"spent_usd": kept.spent_usd})
