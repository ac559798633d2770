"""What is read of a feed: its entries in plain text, and the articles that they link to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Validators:
    """What a server named with its last answer, for the next conditional request: `ETag` and `Last-Modified`."""

    etag: str = ""
    last_modified: str = ""

    def __bool__(self) -> bool:
        return bool(self.etag or self.last_modified)


NO_VALIDATORS = Validators()


@dataclass(frozen=True)
class FeedEntry:
    """One entry, in plain text. `published` is an ISO 8601 instant or empty, `language` is as declared. `keys` identify
    it, in each of several ways. `fault` is why its text cannot be used; `note` is what was put right."""

    title: str
    text: str
    url: str = ""
    published: str = ""
    language: str = ""
    keys: tuple[str, ...] = ()
    fault: str = ""
    note: str = ""


@dataclass(frozen=True)
class FeedDocument:
    """A feed as it was answered, the newest entry first. `unchanged`: the server says that nothing has changed since
    `validators` were noted; there are no entries then."""

    entries: Sequence[FeedEntry] = ()
    validators: Validators = NO_VALIDATORS
    unchanged: bool = False


@dataclass(frozen=True)
class Article:
    """The main text of a page. `key` identifies the page by its own address; `reason` is why there is no text."""

    text: str = ""
    key: str = ""
    reason: str = ""
