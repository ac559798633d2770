"""The news of a studio: which rows have changed, never with what. Those who show the rows read them again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from .errors import InvalidInput
from .people import Role

TOPICS: dict[str, Role] = {
    "accounts": Role.VIEWER,
    "audit": Role.VIEWER,
    "batches": Role.VIEWER,
    "budgets": Role.VIEWER,
    "channels": Role.VIEWER,
    "consents": Role.VIEWER,
    "contents": Role.VIEWER,
    "costs": Role.VIEWER,
    "feeds": Role.VIEWER,
    "links": Role.VIEWER,
    "media": Role.VIEWER,
    "pauses": Role.VIEWER,
    "people": Role.ADMIN,
    "posts": Role.VIEWER,
    "providers": Role.VIEWER,
    "quota": Role.VIEWER,
    "reviews": Role.VIEWER,
}
"""The kinds of news, and who may hear them. The keys are named in docs/live.md."""
_MARK = re.compile(r"([0-9]{1,20})\.([0-9]{1,19})")


@dataclass(frozen=True, order=True)
class Mark:
    """How far the news were read: those of transactions before `xid`, and of `xid` itself those up to `id`. In this
    order news become complete: their ids alone are handed out before their transactions commit."""

    xid: int
    id: int

    def __str__(self) -> str:
        return f"{self.xid}.{self.id}"

    @classmethod
    def of(cls, text: str) -> Mark:
        """What `str` has made. Raises `InvalidInput`."""
        found = _MARK.fullmatch(text)
        if found is None or int(found[1]) >= 2**64 or int(found[2]) >= 2**63:
            raise InvalidInput(
                f"{text[:40]!r} is no place in the news", field="after", remedy="give the id of the last event"
            )
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True)
class Item:
    """One row that has changed."""

    mark: Mark
    kind: str
    key: str
    at: datetime


@dataclass(frozen=True)
class News:
    """What has changed since a mark, oldest first. `mark` is how far this goes. `more`: there are further ones. `gap`:
    some were deleted meanwhile, or the mark is not of this database: whoever asks has to read its rows anew."""

    items: tuple[Item, ...]
    mark: Mark
    more: bool = False
    gap: bool = False


def named_topics(text: str, role: Role) -> frozenset[str]:
    """The topics of a list with commas; all that the role may hear where it is empty. Raises `InvalidInput` for an
    unknown one, or for one that the role may not hear."""
    allowed = {topic for topic, needs in TOPICS.items() if role.includes(needs)}
    wanted = {topic.strip() for topic in text[:1_000].split(",")} - {""}
    if wrong := sorted(wanted - allowed):
        raise InvalidInput(
            f"unknown topic {wrong[0][:40]!r}", field="topics", remedy=f"choose from {', '.join(sorted(allowed))}"
        )
    return frozenset(wanted or allowed)
