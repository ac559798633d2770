"""The limits of a budget, and whether a purchase fits into them.

A day is that of UTC, and so is a month. A purchase counts on the day on which it was reserved: with its worst case
until its price is known, and with its price from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..channels.config import Budget
from ..errors import BudgetSpent, OverBudget
from .estimate import Estimate
from .money import ZERO, Money


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
class Limits:
    """The most that may be spent; None is no limit. `max_usd` is the request's own, the others are its channel's."""

    channel: str
    max_usd: Money | None = None
    content: Money | None = None
    day: Money | None = None
    month: Money | None = None

    @classmethod
    def of(cls, channel: str, budget: Budget, max_usd: float | None = None) -> Limits:
        """Those of a channel's budget and of a request."""
        given = (max_usd, budget.usd_per_content, budget.usd_per_day, budget.usd_per_month)
        return cls(channel, *(None if usd is None else Money.of(usd) for usd in given))

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return any(limit is not None for limit in (self.max_usd, self.content, self.day, self.month))

    @property
    def of_content(self) -> Money | None:
        """The smaller one of the two that a single content has."""
        return min((limit for limit in (self.max_usd, self.content) if limit is not None), default=None)

    def admit(self, wanted: Estimate, counted: Spending, now: datetime) -> None:
        """Returns where the purchase fits. Raises `OverBudget` where it will not fit however long one waits, and
        `BudgetSpent` where the day or the month has to end first."""
        if not self.any or wanted.free:
            return
        self._need_price(wanted)
        what = f"{wanted.step} by {wanted.provider} may cost {wanted.worst}"
        self._check_content(what, wanted.worst, counted.content)
        periods = (
            ("day", "today", self.day, counted.day, day_of(now)),
            ("month", "this month", self.month, counted.month, month_of(now)),
        )
        for name, _, limit, _, _ in periods:
            if limit is not None and wanted.worst > limit:
                raise OverBudget(
                    f"{what}, and the limit of channel {self.channel} is {limit} a {name}",
                    field=f"budget.usd_per_{name}",
                    remedy=self._raise(name),
                )
        for name, when, limit, used, (_, end) in reversed(periods):
            if limit is not None and used.all + wanted.worst > limit:
                held = f" and {used.held} reserved" if used.held else ""
                raise BudgetSpent(
                    f"{what}, and of the {limit} of channel {self.channel} {used.spent} is spent{held} {when}",
                    channel=self.channel,
                    resets_at=end,
                    field=f"budget.usd_per_{name}",
                    remedy=f"it waits until {end:%Y-%m-%d %H:%M} UTC, or {self._raise(name)}",
                )

    def admit_content(self, estimates: tuple[Estimate, ...]) -> None:
        """Raises `OverBudget` where a content's purchases together may cost more than one content may."""
        if not self.any:
            return
        for one in estimates:
            self._need_price(one)
        worst = sum((one.worst for one in estimates), ZERO)
        self._check_content(f"it may cost {worst}", worst, Counted())

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
