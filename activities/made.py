"""Do a thing once: the row of its key is looked for before the effect and written after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.ports.making import Catalog

ResultT = TypeVar("ResultT", bound=Model)


async def once(
    catalog: Catalog,
    key: str,
    make: Callable[[], Awaitable[tuple[ResultT, tuple[AssetRef, ...], str, float]]],
    model: type[ResultT],
    *,
    content_id: str,
    step: str,
) -> ResultT:
    """The result stored under `key`, or what `make` returns: (result, its assets, provider, US dollars).

    When two attempts race, the first to be recorded is the result of both, and is paid for once in the books.
    """
    if (known := await catalog.find_result(key)) is not None:
        return model.model_validate_json(known)
    result, assets, provider, usd = await make()
    stored = await catalog.record_result(
        key,
        content_id=content_id,
        step=step,
        result_json=result.model_dump_json(),
        assets=assets,
        provider=provider,
        usd=usd,
    )
    return model.model_validate_json(stored)
