"""`reelwright budget unknown` and `settle`: purchases of which nobody knows whether they were charged for."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from control import costs as control
from reelwright.domain.ports.buying import UnknownPurchase

from .books import books
from .console import EXIT_OK, plain, print_json, say
from .tables import Record, local, print_records


async def show(*, as_json: bool) -> int:
    """A line for each."""
    async with books() as opened:
        found = await control.unknown(opened)
    if as_json:
        print_json({"unknown": [_json(one) for one in found]})
        return EXIT_OK
    print_records(
        ("purchase", "since", "content", "channel", "step", "provider", "reserved"),
        [
            Record((str(one.id), local(one.since), one.content_id, one.channel, one.step, one.provider, str(one.held)))
            for one in found
        ],
        nothing="it is known of every call what became of it",
    )
    return EXIT_OK


async def settle(purchase: int, usd: str, *, by: str, as_json: bool) -> int:
    """Books what was found."""
    async with books() as opened:
        settled = await control.settle(opened, purchase, usd, by=by)
    if as_json:
        print_json({"settled": _json(settled)})
    else:
        say(f"purchase {settled.id} ({plain(settled.step)} by {plain(settled.provider)}) is settled")
    return EXIT_OK


def _json(one: UnknownPurchase) -> dict[str, Any]:
    return {
        "purchase": one.id,
        "content": one.content_id,
        "channel": one.channel,
        "step": one.step,
        "provider": one.provider,
        "reserved_usd": float(one.held),
        "since": one.since.astimezone(UTC).isoformat(),
    }
