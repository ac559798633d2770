"""`reelwright quota`: prints the quota ledger."""

from __future__ import annotations

from control.names import named, named_channel, platform_of
from control.quotas import quota, set_limit
from reelwright.domain.publishing.quota import BucketState

from .books import books
from .console import EXIT_OK, plain, print_json, say
from .options import user_name
from .tables import Record, local, print_records


async def show(platform: str | None, account: str | None, channel: str | None, *, as_json: bool) -> int:
    """The table, or the same as JSON with UTC times."""
    async with books() as opened:
        used = await quota(opened, named(platform), account, named_channel(channel))
    if as_json:
        told = [one.state.model_dump(mode="json") | {"channels": list(one.channels)} for one in used]
        print_json({"quota": told})
        return EXIT_OK
    print_records(
        ("platform", "account", "bucket", "used", "held", "booked", "limit", "anew", "next free", "channels"),
        [Record((*_cells(one.state), ",".join(one.channels) or "-")) for one in used],
        nothing="nothing is counted yet",
    )
    return EXIT_OK


async def change(platform: str, bucket: str, limit: int, account: str | None) -> int:
    """Stores the limit."""
    place = platform_of(platform)
    async with books() as opened:
        what = await set_limit(opened, place, bucket, limit, account, by=user_name())
    whose = f"account {plain(account)}" if account else "all accounts"
    say(f"{place.label}: {limit} {what} for {whose}")
    return EXIT_OK


def _cells(state: BucketState) -> tuple[str, ...]:
    limit = f"{state.limit}{' (reported by the platform)' if state.reported else ''}"
    counts = (str(number) for number in (state.used, state.held, state.booked))
    return (
        state.platform.value,
        state.account or "all",
        state.bucket,
        *counts,
        limit,
        local(state.resets_at),
        local(state.next_free),
    )
