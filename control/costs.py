"""What was spent, and the channels' budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from reelwright.domain.costs.money import ZERO, Money
from reelwright.domain.costs.totals import BudgetState, By, Sum
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role

from . import channels
from .access import allowed
from .names import named_channel
from .studio import Books, Studio

if TYPE_CHECKING:  # a sum needs no channels
    from reelwright.domain.channels.config import ChannelConfig
    from reelwright.domain.channels.versions import Applied
    from reelwright.domain.ports.buying import UnknownPurchase

KINDS: tuple[By, ...] = ("day", "channel", "provider", "content")
PERIODS = ("content", "day", "month")


@allowed(Role.VIEWER)
async def costs(books: Books, by: str, *, channel: str | None = None, since: str | None = None) -> list[Sum]:
    """What was spent, by one of `KINDS`; of one channel and from a day (UTC) on, where they are named."""
    kind = next((kind for kind in KINDS if kind == by), None)
    if kind is None:
        raise InvalidInput(f"{by[:40]!r} is none of {', '.join(KINDS)}", field="by", remedy="name one of them")
    return await books.budgets.costs(kind, channel=named_channel(channel), since=_day(since))


@allowed(Role.VIEWER)
async def budgets(books: Books, channel: str | None = None) -> list[BudgetState]:
    """The limits of one channel, or of all that have a limit or have bought something this month, and what counts."""
    if channel is not None:
        name = named_channel(channel)
        assert name is not None
        return [await books.budgets.state(name)]
    known = {one.version.name for one in await channels.channels(books)} | set(await books.budgets.spending())
    states = [await books.budgets.state(name) for name in sorted(known)]
    return [state for state in states if state.limits.any or state.month.all]


@allowed(Role.ADMIN)
async def set_budget(books: Books, channel: str, limits: Mapping[str, str], *, by: str) -> Applied:
    """A new version of the channel with other limits, by period (`PERIODS`): an amount, or `none`, which takes away the
    channel's own limit. A channel that was never applied gets its first version."""
    name = named_channel(channel)
    assert name is not None
    if not limits:
        raise InvalidInput(
            "no limit is given", field="budget", remedy="give --per-content, --per-day or --per-month with an amount"
        )
    values = {f"usd_per_{period}": _amount(period, given) for period, given in limits.items()}

    def changed(config: ChannelConfig) -> ChannelConfig:
        data = config.as_data()
        own = data.get("budget", {}) | values
        data["budget"] = {field: value for field, value in own.items() if value is not None}
        if not data["budget"]:
            del data["budget"]
        return type(config).model_validate(data)

    return await books.channels.change(name, changed, by=by)


@allowed(Role.VIEWER)
async def affected(books: Books, channel: str) -> list[str]:
    """The channel and those that extend it: their budgets may have changed with its own."""
    from reelwright.domain.channels.inheritance import lineage

    configs = {name: version.config for name, version in (await books.channels.newest()).items()}
    extending = [name for name in configs if channel in [config.name for config in lineage(name, configs)]]
    return sorted({channel, *extending})


@allowed(Role.OPERATOR)
async def wake_contents(studio: Studio, names: list[str]) -> int:
    """Signals the contents of these channels that are making something to look at their budget again; returns how
    many."""
    from .temporal.port import CallFailed, Code

    listed = ", ".join(f"'{name}'" for name in names)
    running = (
        f"WorkflowType = 'ContentPipeline' AND ExecutionStatus = 'Running' AND ReelChannel IN ({listed}) "
        "AND ReelStage IN ('accepted', 'writing', 'material')"
    )
    told = 0
    client = studio.client
    async for workflow in client.runs(running):
        try:
            await client.handle(workflow.id, object).signal("budget_changed")
            told += 1
        except CallFailed as error:
            if error.code is not Code.NOT_FOUND:  # it has ended meanwhile
                raise
    return told


def _amount(period: str, given: str) -> float | None:
    if given.strip().lower() == "none":
        return None
    try:
        value = float(given.strip().removeprefix("$"))
    except ValueError:
        value = -1.0
    if not 0 < value <= 1_000_000:
        raise InvalidInput(
            f"{given[:40]!r} is not an amount of dollars", field=f"per-{period}", remedy="write 2.50, or none"
        )
    return value


def _day(given: str | None) -> date | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise InvalidInput(f"{given[:40]!r} is no day", field="since", remedy="write it as 2026-12-01") from error


@allowed(Role.VIEWER)
async def unknown(books: Books) -> Sequence[UnknownPurchase]:
    """Purchases of which nobody knows whether they were charged for, the newest first."""
    return await books.unknown.all()


@allowed(Role.OPERATOR)
async def settle(books: Books, purchase: int, usd: str, *, by: str) -> UnknownPurchase:
    """What the provider's own list says of such a purchase: its price, or 0 where it was not charged for."""
    if not by.strip():
        raise InvalidInput("it is empty", field="by", remedy="say who has looked")
    try:
        amount = Money.of(usd)
    except ValueError as error:
        raise InvalidInput(str(error), field="usd", remedy="give an amount, or 0") from error
    if amount < ZERO:
        raise InvalidInput("it is below 0", field="usd", remedy="give an amount, or 0")
    return await books.unknown.settle(purchase, amount, by=by)
