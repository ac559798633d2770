"""Costs and budgets, and purchases of which nobody knows whether they were charged for."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Path, Query

from control import costs
from reelwright.domain.costs.money import ZERO
from reelwright.domain.costs.totals import By
from reelwright.domain.errors import ProviderUnavailable
from reelwright.domain.people import Role
from reelwright.domain.ports.buying import UnknownPurchase

from ...problems import problem_of
from ..calls import Call, Called
from ..models.common import INTEGER
from ..models.money import (
    BudgetChanged,
    BudgetRow,
    Budgets,
    CostRow,
    Costs,
    NewBudget,
    SettlePurchase,
    UnknownList,
    UnknownRow,
    usd,
)
from ..parameters import ChannelPath, ChannelQuery
from ..routing import operation

TAG = "Costs"
ByQuery = Annotated[By, Query(description="what is added up")]


@operation("GET", "/v1/costs", needs=Role.VIEWER, tag=TAG, answers=Costs)
async def list_costs(
    call: Called,
    by: ByQuery = "day",
    channel: ChannelQuery = None,
    since: Annotated[date | None, Query(description="from this day (UTC) on")] = None,
) -> Costs:
    """What was spent, by day, channel, provider or content."""
    rows = await costs.costs(call.books, by, channel=channel, since=since.isoformat() if since else None)
    return Costs(
        by=by,
        items=tuple(CostRow(name=row.name, usd=usd(row.usd), purchases=row.purchases) for row in rows),
        usd=usd(sum((row.usd for row in rows), ZERO)),
    )


@operation("GET", "/v1/budgets", needs=Role.VIEWER, tag=TAG, answers=Budgets)
async def list_budgets(call: Called, channel: ChannelQuery = None) -> Budgets:
    """The limits of one channel, or of all that have one, and what counts against them."""
    return Budgets(items=tuple(BudgetRow.of(state) for state in await costs.budgets(call.books, channel)))


@operation("PUT", "/v1/budgets/{channel}", needs=Role.ADMIN, tag=TAG, answers=BudgetChanged)
async def set_budget(call: Called, channel: ChannelPath, body: NewBudget) -> BudgetChanged:
    """Other limits, as a new version of the channel. Contents that wait for money look again at once."""
    books = call.books
    applied = await costs.set_budget(books, channel, body.limits(), by=call.caller.name)
    names = await costs.affected(books, channel)
    states = [state for name in names for state in await costs.budgets(books, name)]
    return BudgetChanged(
        channel=channel,
        version=applied.version.version,
        new=applied.new,
        items=tuple(BudgetRow.of(state) for state in states),
        woken=await _woken(call, names),
    )


async def _woken(call: Call, channels: list[str]) -> int | None:
    """How many were told; None while Temporal is away: they look by themselves."""
    try:
        return await costs.wake_contents(call.studio, channels)
    except ProviderUnavailable:
        return None
    except Exception as error:
        if problem_of(error).status != 503:
            raise
        return None


@operation("GET", "/v1/purchases/unknown", needs=Role.VIEWER, tag=TAG, answers=UnknownList)
async def unknown_purchases(call: Called) -> UnknownList:
    """Purchases of which nobody knows whether they were charged for, newest first."""
    return UnknownList(items=tuple(_row(one) for one in await costs.unknown(call.books)))


@operation("POST", "/v1/purchases/{id}/settle", needs=Role.OPERATOR, tag=TAG, answers=UnknownRow)
async def settle_purchase(call: Called, id: Annotated[int, Path(ge=1, le=INTEGER)], body: SettlePurchase) -> UnknownRow:
    """What the provider's own list says of it."""
    return _row(await costs.settle(call.books, id, repr(body.usd), by=call.caller.name))


def _row(one: UnknownPurchase) -> UnknownRow:
    data = {name: getattr(one, name) for name in UnknownRow.model_fields if name != "held_usd"}
    return UnknownRow(**data, held_usd=usd(one.held))


OPERATIONS = [list_costs, list_budgets, set_budget, unknown_purchases, settle_purchase]
