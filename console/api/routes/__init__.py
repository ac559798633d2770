"""The operations, one module an area. Each lists its own in `OPERATIONS`."""

from __future__ import annotations

from ..routing import Operation


def operations() -> list[Operation]:
    """All of them."""
    from . import (
        accounts,
        analytics,
        batches,
        channels,
        contents,
        feeds,
        media,
        money,
        people,
        pipeline,
        posts,
        records,
        reviews,
        session,
    )

    modules = (
        *(contents, batches, reviews, posts, accounts, channels, money, feeds, media, records, people),
        *(pipeline, analytics, session),
    )
    return [each for module in modules for each in module.OPERATIONS]
