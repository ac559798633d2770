"""`reelwright cost` and `reelwright budget`: prints what was spent and what may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from control import costs as control
from reelwright.domain.costs.limits import Counted
from reelwright.domain.costs.money import ZERO, Money
from reelwright.domain.costs.totals import BudgetState
from reelwright.domain.errors import ProviderUnavailable

from .books import books
from .console import EXIT_OK, plain, print_json, say
from .tables import Record, count, print_records


async def cost(by: str, *, channel: str | None, since: str | None, as_json: bool) -> int:
    """A line for each day or name, and their sum."""
    async with books() as opened:
        sums = await control.costs(opened, by, channel=channel, since=since)
    total = sum((one.usd for one in sums), ZERO)
    if as_json:
        told = [{by: one.name, "usd": float(one.usd), "purchases": one.purchases} for one in sums]
        print_json({"by": by, "costs": told, "usd": float(total)})
        return EXIT_OK
    print_records(
        (by, "cost", "purchases"),
        [Record((one.name, str(one.usd), str(one.purchases))) for one in sums],
        nothing="nothing was paid for yet",
    )
    if len(sums) > 1:
        say(f"{total} in all")
    return EXIT_OK


async def show(channel: str | None, *, as_json: bool) -> int:
    """A line for each channel and period."""
    async with books() as opened:
        states = await control.budgets(opened, channel)
    rows = [row for state in states for row in _rows(state)]
    if as_json:
        tiers = {state.limits.channel: state.tiers for state in states if state.tiers}
        print_json({"budgets": [_json(*row) for row in rows], "tiers": tiers})
        return EXIT_OK
    print_records(
        ("channel", "per", "limit", "spent", "reserved", "left", "until"),
        [Record(_cells(*row)) for row in rows],
        nothing="no channel has a limit, and nothing was paid for this month",
    )
    for state in states:
        if state.tiers:
            say(f"{plain(state.limits.channel)}: {_tiers(state)}")
    return EXIT_OK


def _tiers(state: BudgetState) -> str:
    """`tier standard; images: budget`: the most frequent one, and the capabilities with another."""
    tiers = state.tiers
    (usual, _), *_ = Counter(tiers.values()).most_common(1)
    others = [f"{capability}: {tier}" for capability, tier in tiers.items() if tier != usual]
    return "; ".join([f"tier {usual}", *others])


async def change(channel: str, limits: Mapping[str, str], *, by: str, as_json: bool) -> int:
    """Sets limits, then wakes who waits."""
    async with books() as opened:
        applied = await control.set_budget(opened, channel, limits, by=by)
        states = await control.budgets(opened, channel)
        woken = await _wake(await control.affected(opened, channel))
    if as_json:
        rows = [_json(*row) for state in states for row in _rows(state)]
        print_json({"channel": channel, "version": applied.version.version, "new": applied.new, "budgets": rows})
        return EXIT_OK
    limit = states[0].limits
    words = [
        f"{amount} per {period}"
        for period, amount in (("content", limit.content), ("day", limit.day), ("month", limit.month))
        if amount is not None
    ]
    say(f"{plain(channel)}, version {applied.version.version}: {', '.join(words) or 'no limit'}; {woken}")
    return EXIT_OK


async def _wake(channels: list[str]) -> str:
    """Signals the contents that may wait; the outcome as text for people."""
    from .opening import reached

    try:
        async with reached() as (_, studio):
            woken = await control.wake_contents(studio, channels)
    except ProviderUnavailable:
        return "contents that wait look again when the studio is up"
    return f"{count(woken, 'running content')} signalled to check the budget again"


Row = tuple[str, str, Money | None, Counted | None, datetime | None]


def _rows(state: BudgetState) -> list[Row]:
    limits = state.limits
    per_content: list[Row] = [] if limits.content is None else [(limits.channel, "content", limits.content, None, None)]
    return [
        *per_content,
        (limits.channel, "day", limits.day, state.day, state.day_ends),
        (limits.channel, "month", limits.month, state.month, state.month_ends),
    ]


def _left(limit: Money | None, used: Counted | None) -> Money | None:
    return None if limit is None or used is None else limit - used.all


def _cells(channel: str, per: str, limit: Money | None, used: Counted | None, ends: datetime | None) -> tuple[str, ...]:
    amounts = (limit, used and used.spent, used and used.held, _left(limit, used))
    until = f"{ends.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if ends else "-"
    return (channel, per, *("-" if amount is None else str(amount) for amount in amounts), until)


def _json(channel: str, per: str, limit: Money | None, used: Counted | None, ends: datetime | None) -> dict[str, Any]:
    left = _left(limit, used)
    return {
        "channel": channel,
        "per": per,
        "limit_usd": None if limit is None else float(limit),
        "spent_usd": None if used is None else float(used.spent),
        "reserved_usd": None if used is None else float(used.held),
        "left_usd": None if left is None else float(left),
        "until": ends.astimezone(UTC).isoformat() if ends else None,
    }
