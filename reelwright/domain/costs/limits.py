"""The limits of a budget, and whether a purchase fits into them.

A day is that of UTC, and so is a month. A purchase counts on the day on which it was reserved: with its worst case
until its price is known, and with its price from then on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ..capability import Capability, capability_of
from ..errors import BudgetSpent, OverBudget, TooDear
from .estimate import Estimate
from .money import ZERO, Money
from .tiers import Degrade, ProviderClass, Tier, allowed, class_of, tier_of

if TYPE_CHECKING:
    from .budget import Budget


@dataclass(frozen=True)
class Counted:
    """What counts against a limit: `spent` is paid; `held` is reserved, and its price is not known yet."""

    spent: Money = ZERO
    held: Money = ZERO

    @property
    def all(self) -> Money:
        """Both."""
        return self.spent + self.held


@dataclass(frozen=True)
class Spending:
    """What counts for a content, and for its channel today and in this month."""

    content: Counted = Counted()
    day: Counted = Counted()
    month: Counted = Counted()


@dataclass(frozen=True)
class _Period:
    """A day or a month of a channel: its limit, what counts against it, and when it ends."""

    name: str
    when: str
    limit: Money
    used: Counted
    ends: datetime

    @property
    def percent(self) -> Decimal:
        """How much of it is used."""
        return 100 * self.used.all.amount / self.limit.amount

    @property
    def counted(self) -> str:
        held = f" and {self.used.held} reserved" if self.used.held else ""
        return f"{self.used.spent} is spent{held} {self.when}"


@dataclass(frozen=True)
class Limits:
    """The most that may be spent; None is no limit. `max_usd` is the request's own, the others are its channel's, with
    its policy for tiers (`degrade`) and its own classes of providers."""

    channel: str
    max_usd: Money | None = None
    content: Money | None = None
    day: Money | None = None
    month: Money | None = None
    degrade: Degrade = field(default_factory=Degrade)
    classes: Mapping[str, ProviderClass] = field(default_factory=dict)

    @classmethod
    def of(cls, channel: str, budget: Budget, max_usd: float | None = None) -> Limits:
        """Those of a channel's budget and of a request."""
        given = (max_usd, budget.usd_per_content, budget.usd_per_day, budget.usd_per_month)
        request, content, day, month = (None if usd is None else Money.of(usd) for usd in given)
        return cls(channel, request, content, day, month, budget.degrade, budget.classes)

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return any(limit is not None for limit in (self.max_usd, self.content, self.day, self.month))

    @property
    def of_content(self) -> Money | None:
        """The smaller one of the two that a single content has."""
        return min((limit for limit in (self.max_usd, self.content) if limit is not None), default=None)

    def admit(self, wanted: Estimate, counted: Spending, now: datetime) -> None:
        """Returns where the purchase fits. Raises `OverBudget` where it will not fit however long one waits,
        `BudgetSpent` where the day or the month has to end first, and `TooDear` where the tier of the budget allows
        cheaper providers alone."""
        if not self.any or wanted.free:
            return
        self._need_price(wanted)
        what = f"{wanted.step} by {wanted.provider} may cost {wanted.worst}"
        self._check_content(what, wanted.worst, counted.content)
        periods = self._periods(counted, now)
        for period in periods:
            if wanted.worst > period.limit:
                raise OverBudget(
                    f"{what}, and the limit of channel {self.channel} is {period.limit} a {period.name}",
                    field=f"budget.usd_per_{period.name}",
                    remedy=self._raise(period.name),
                )
        self._check_tier(wanted, what, periods)
        for period in reversed(periods):
            if period.used.all + wanted.worst > period.limit:
                told = f"{what}, and of the {period.limit} of channel {self.channel} {period.counted}"
                raise self._spent(wanted, told, period)

    def tier(self, capability: Capability | None, counted: Spending, now: datetime) -> Tier:
        """The tier of a capability now; `premium` without a limit of a day or a month."""
        used = max((period.percent for period in self._periods(counted, now)), default=Decimal(0))
        return tier_of(used, self.degrade, capability)

    def _periods(self, counted: Spending, now: datetime) -> list[_Period]:
        """Those that have a limit."""
        given = (
            ("day", "today", self.day, counted.day, day_of(now)[1]),
            ("month", "this month", self.month, counted.month, month_of(now)[1]),
        )
        return [_Period(name, when, limit, used, ends) for name, when, limit, used, ends in given if limit is not None]

    def _check_tier(self, wanted: Estimate, what: str, periods: list[_Period]) -> None:
        """Raises `TooDear`, or `BudgetSpent` where the capability pauses and its contents wait."""
        fullest = max(periods, key=lambda period: (period.percent, period.ends), default=None)
        if fullest is None:
            return
        capability = capability_of(wanted.step)
        tier = tier_of(fullest.percent, self.degrade, capability)
        kind = class_of(wanted.provider, self.classes)
        if allowed(tier, kind):
            return
        told = f"{what}, and {fullest.percent:.0f} % of the {fullest.limit} of channel {self.channel} are used: "
        told += f"{fullest.counted}"
        if tier == "pause":
            raise self._spent(wanted, f"{told}; {wanted.step} pauses", fullest)
        raise TooDear(
            f"{told}; tier {tier} allows no provider of class {kind}",
            field="budget.degrade",
            remedy=f"name a cheaper provider for {wanted.step}, or {self._raise(fullest.name)}",
        )

    def _spent(self, wanted: Estimate, told: str, period: _Period) -> BudgetSpent | TooDear:
        """What a spent budget means: to wait for the period's end, or to go on offline."""
        if self.degrade.of(capability_of(wanted.step)).paused == "offline":
            return TooDear(told, field=f"budget.usd_per_{period.name}", remedy=self._raise(period.name))
        return BudgetSpent(
            told,
            channel=self.channel,
            resets_at=period.ends,
            field=f"budget.usd_per_{period.name}",
            remedy=f"it waits until {period.ends:%Y-%m-%d %H:%M} UTC, or {self._raise(period.name)}",
        )

    def admit_content(self, estimates: Sequence[Estimate], spent: Mapping[str, Money] | None = None) -> None:
        """Raises `OverBudget` where a content's purchases together may cost more than one content may. `spent` is what
        counts for it already, by step: of a step that was begun the greater of the two counts, since what is on record
        is not bought again."""
        if not self.any:
            return
        steps = dict(spent or {})
        before = sum(steps.values(), ZERO)
        for one in estimates:
            self._need_price(one)
        for step in {one.step for one in estimates}:
            worst = sum((one.worst for one in estimates if one.step == step), ZERO)
            steps[step] = max(worst, steps.get(step, ZERO))
        whole = sum(steps.values(), ZERO)
        told = f"it may cost {whole} with the {before} that it has cost" if before else f"it may cost {whole}"
        self._check_content(told, whole, Counted())

    def _check_content(self, what: str, worst: Money, used: Counted) -> None:
        limit = self.of_content
        if limit is None or used.all + worst <= limit:
            return
        spent = f"{used.spent} is spent on this content" if used.spent else ""
        held = f"{used.held} is reserved for it" if used.held else ""
        counted = "".join(f", {words}" for words in (spent, held) if words)
        if limit == self.max_usd:
            field, remedy = "max_usd", "start it again with a higher max_usd"
        else:
            field, remedy = "budget.usd_per_content", f"{self._raise('content')} and start it again"
        raise OverBudget(f"{what}{counted}, and its limit is {limit}", field=field, remedy=remedy)

    def _need_price(self, wanted: Estimate) -> None:
        if not wanted.priced:
            raise OverBudget(
                f"the price of {wanted.provider} is not known, and channel {self.channel} or the request has a limit",
                field="budget",
                remedy="add its price to the file that REELWRIGHT_PRICES names, or take the limit away",
            )

    def _raise(self, name: str) -> str:
        return f"raise it with `reelwright budget set {self.channel} --per-{name} USD`"


def day_of(now: datetime) -> tuple[datetime, datetime]:
    """Begin and end of the day, in UTC."""
    begin = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return begin, begin + timedelta(days=1)


def month_of(now: datetime) -> tuple[datetime, datetime]:
    """Begin and end of the month, in UTC."""
    begin = day_of(now)[0].replace(day=1)
    return begin, (begin + timedelta(days=32)).replace(day=1)
