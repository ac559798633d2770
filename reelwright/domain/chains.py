"""Chains: the providers of a capability in the order in which they are tried, and when the next one's turn comes.
docs/providers-chains.md has the rules for users."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Generic, TypeVar

MakerT = TypeVar("MakerT")


@dataclass(frozen=True)
class Link(Generic[MakerT]):
    """One provider of a chain. `build` makes its adapter, which loads an SDK: called once, when it is first used.
    `lacks` says why it cannot be used at all (a missing key); `concurrency` is how many calls all workers together make
    at once; `offline`: it is part of this program, costs nothing and is never held back."""

    name: str
    build: Callable[[], MakerT]
    offline: bool = False
    lacks: str = ""
    concurrency: int = 4

    @cached_property
    def maker(self) -> MakerT:
        """The adapter."""
        return self.build()


@dataclass(frozen=True)
class ProviderList(Generic[MakerT]):
    """The providers of one capability by name, and the order that counts where a channel names none. The offline one
    ends every chain: of several the last one; the others are used where they are named."""

    links: dict[str, Link[MakerT]]
    order: tuple[str, ...] = ()

    @classmethod
    def of(cls, maker: MakerT, name: str = "local") -> ProviderList[MakerT]:
        """A list of one that is always used."""
        return cls({name: Link(name, lambda: maker, offline=True)})

    @property
    def has_vendors(self) -> bool:
        """Whether one that is not offline can be used."""
        return any(not link.offline and not link.lacks for link in self.links.values())

    def usable(self) -> Link[MakerT]:
        """The first of its own order that can be used. Raises `LookupError` where there is none."""
        found = next((link for link in self.chain() if not link.lacks), None)
        if found is None:
            raise LookupError("no provider can be used")
        return found

    def chain(self, names: Sequence[str] = ()) -> tuple[Link[MakerT], ...]:
        """The links in the order of `names`, or in its own. A name that this release does not have is a link
        that lacks everything: it is skipped, with the reason on record."""
        chosen = [self.links.get(name) or _unknown(name) for name in dict.fromkeys(names or self.order)]
        end = next((link for link in reversed(self.links.values()) if link.offline), None)
        if end is None:
            return tuple(chosen)
        if end in chosen:  # what stands behind it is never reached: it does not fail for being away
            return tuple(chosen[: chosen.index(end) + 1])
        return (*chosen, end)


def _unknown(name: str) -> Link[MakerT]:
    def build() -> MakerT:
        raise LookupError(name)

    return Link(name, build, lacks="this worker's release has no such provider")


@dataclass(frozen=True)
class Patience:
    """How long one provider is tried for one purchase before the next one's turn comes: so many failed calls, or so
    long after the first of them. A wait that the provider names itself counts too, where it is longer than that."""

    tries: int = 3
    within: timedelta = timedelta(minutes=3)

    def over(self, record: FailureRecord, now: datetime, retry_after_s: float | None = None) -> bool:
        """Whether it is."""
        if record.failures >= self.tries or (retry_after_s or 0.0) > self.within.total_seconds():
            return True
        return record.since is not None and now - record.since > self.within


@dataclass(frozen=True)
class FailureRecord:
    """What went wrong at one provider for one purchase: how often a call failed, since when, why the last time, and
    whether it has been given up."""

    failures: int = 0
    since: datetime | None = None
    why: str = ""
    given_up: bool = False


@dataclass(frozen=True)
class FailureRecords:
    """What went wrong for one purchase, by the provider's name."""

    by_name: Mapping[str, FailureRecord] = field(default_factory=dict)

    def of(self, name: str) -> FailureRecord:
        """None, as a rule."""
        return self.by_name.get(name, FailureRecord())


WHY_CHARS = 300
"""The most that is kept of a reason: it goes into results, notes and evidence."""


def fallback(name: str, why: str) -> str:
    """One line of what was fallen back from: `elevenlabs: HTTP 402 (credit or spending limit)`."""
    return f"{name}: {' '.join(why.split())}"[:WHY_CHARS]
