"""An entry as its feed has it, before anything is read out of its markup."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Raw:
    """`texts` are plain, `markups` may be HTML; a `plain_title` is no HTML."""

    guid: str = ""
    link: str = ""
    title: str = ""
    plain_title: bool = False
    texts: tuple[str, ...] = ()
    markups: tuple[str, ...] = ()
    date: str = ""
    language: str = ""


@dataclass(frozen=True)
class RawFeed:
    """The entries in the feed's order, and the language it declares for all of them."""

    entries: list[Raw] = field(default_factory=list)
    language: str = ""
