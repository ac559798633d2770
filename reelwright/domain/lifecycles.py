"""The last days of providers' models: what is known of them, and what follows for the models that are configured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from .errors import ProviderRefused
from .text.dated import undated

WARN_DAYS = 60
"""So many days before a model's last one somebody should choose another."""


@dataclass(frozen=True)
class Life:
    """A model's last day, after which it is not called. `told` is who says so: a list that ships with this program, or
    the provider's own."""

    provider: str
    model: str
    ends: date
    successor: str = ""
    told: str = ""

    def over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return today > self.ends

    def warns(self, today: date) -> bool:
        """Whether its last day is near, or has passed."""
        return (self.ends - today).days <= WARN_DAYS

    def label(self, today: date) -> str:
        """`openai's tts-1 ends on 2027-01-06, in 37 days`."""
        days = (self.ends - today).days
        when = f"ended on {self.ends}" if days < 0 else f"ends on {self.ends}, {_in(days)}"
        return f"{self.provider}'s {self.model} {when}"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        if self.successor:
            return f"choose {self.successor} in its place"
        return "the provider has no successor: choose another provider"


class Lives:
    """The lives that are known, by provider and model; of two for the same model the later one given counts."""

    def __init__(self, *known: Iterable[Life]) -> None:
        self._known: dict[tuple[str, str], Life] = {}
        for lives in known:
            for life in lives:
                before = self._known.get((life.provider, life.model)) or self.of(life.provider, life.model)
                successor = life.successor or (before.successor if before else "")
                merged = Life(life.provider, life.model, life.ends, successor, life.told)
                self._known[life.provider, life.model] = merged

    def of(self, provider: str, model: str) -> Life | None:
        """That of a model, dated or not; None where no end is known. It is told under the name that was asked for."""
        for name in (model, undated(model)):
            if found := self._known.get((provider, name)):
                return Life(provider, model, found.ends, found.successor, found.told)
        return None

    def need(self, provider: str, model: str, today: date) -> None:
        """Raises `ProviderRefused` (why `model`) where its last day has passed: a call would come to nothing."""
        if (life := self.of(provider, model)) is not None and life.over(today):
            raise ProviderRefused(life.label(today), field=provider, remedy=life.remedy, why="model")

    def near(self, configured: Mapping[str, Iterable[str]], today: date) -> list[Life]:
        """Those of the configured models, by provider, whose end is near or has passed, the nearest first."""
        found = [self.of(provider, model) for provider, models in configured.items() for model in models]
        return sorted((life for life in found if life and life.warns(today)), key=lambda life: (life.ends, life.model))


def _in(days: int) -> str:
    return "today" if days == 0 else f"in {days} day{'s' * (days != 1)}"
