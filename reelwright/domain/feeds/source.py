"""A source: the address of a feed, and which of its entries become contents of which channel."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, model_validator

from ..base import Grown, Model, UserInput
from ..content.fields import LanguageName
from ..errors import InvalidInput
from ..explain import explain
from ..ids import ACCOUNT
from ..limits import Text, at_most
from ..text.incoming import one_line
from .entries import Validators

if TYPE_CHECKING:  # a list of no sources loads no requests
    from ..content.request import ContentRequest, FeedItem

SOURCE_NAME = ACCOUNT
WORDS = 50
MOST_ITEMS = 20
"""Items of a source in one harvest; each becomes a content."""
DAY_MINUTES = 1_440
OWN_FIELDS = frozenset(
    {"topic", "script", "feed", "item", "video", "title", "description", "translations", "request_key", "language_open"}
    | {"channel", "language", "priority"}
)
"""Fields of a request that a template may not set: they come from the item or from the source's own fields."""


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise ValueError("this is not a web address; give the http or https URL of a feed")
    if parts.username or parts.password:
        raise ValueError("an address with a user name or password in it is not read; give a public one")
    return value


FilterWord = Annotated[str, Text(one_line, 100, least=1)]


class FeedSource(Grown, UserInput):
    """A source as a person adds it."""

    added: ClassVar[frozenset[str]] = frozenset()

    url: Annotated[
        str, Text(one_line, 2_000, least=1, remedy="give the address of a feed"), AfterValidator(_address)
    ] = Field(description="the feed's address: RSS, RDF, Atom or JSON Feed")
    channel: Annotated[str, Field(pattern=ACCOUNT)] = Field(
        default="default", description="the channel of its contents; a channel takes an entry once"
    )
    priority: Annotated[int, Field(ge=1, le=5)] = Field(
        default=3, description="1 to 5; 1 is harvested first, and goes before 5 where quota is short"
    )
    every_minutes: Annotated[int, Field(ge=5, le=30 * DAY_MINUTES)] = Field(
        default=30, description="how often it is read at most"
    )
    most_items: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = Field(
        default=3, description="how many of its items become contents in one harvest"
    )
    least_words: Annotated[int, Field(ge=1, le=5_000)] = Field(
        default=40, description="items with fewer words, the article's included, are left out"
    )
    max_age_days: Annotated[int, Field(ge=1, le=3_650)] = Field(
        default=7,
        description="entries that are older when they are first seen are left out; those without a date count",
    )
    include: Annotated[tuple[FilterWord, ...], at_most(WORDS, "words", "name fewer")] = Field(
        default=(), description="only items that have one of these words or phrases; `climat*` is a beginning"
    )
    exclude: Annotated[tuple[FilterWord, ...], at_most(WORDS, "words", "name fewer")] = Field(
        default=(), description="no items that have one of these"
    )
    language: LanguageName | None = Field(
        default=None, description="what is spoken; left out, each item is spoken in its own language"
    )
    only_new: bool = Field(default=False, description="what is in the feed at the first harvest is left out")
    request: dict[str, Any] = Field(
        default={}, description="other fields of the requests, such as `platforms`, `formats`, `auto_approve`"
    )

    @model_validator(mode="after")
    def _request_stands(self) -> FeedSource:
        from ..content.request import FeedItem

        if own := sorted(OWN_FIELDS & self.request.keys()):
            raise ValueError(f"request: {own[0]} is set by the item or the source; leave it out of the request")
        try:
            self.request_for(FeedItem(title="Title", text="A text of a few words."))
        except InvalidInput as error:
            raise ValueError(f"request: {error}") from None
        return self

    def request_for(self, item: FeedItem) -> ContentRequest:
        """The request for one item. Raises `InvalidInput`."""
        from ..content.request import ContentRequest

        own: dict[str, Any] = {"channel": self.channel, "item": item.model_dump()}
        if self.language is not None:
            own["language"] = self.language
        if "priority" in self.model_fields_set:
            own["priority"] = self.priority
        try:
            return ContentRequest.model_validate({**self.request, **own})
        except ValidationError as error:
            raise explain(error) from error


class SourceState(Model):
    """A source on record, and how its harvests went. `failures` are those in a row; `due_at` is when it is read next;
    `outcome` is one of the last harvest's: `ok`, `unchanged`, `failed`, or empty before the first."""

    name: str
    source: FeedSource
    added_by: str = ""
    added_at: datetime
    paused_by: str = ""
    paused_at: datetime | None = None
    note: str = ""
    due_at: datetime
    harvested_at: datetime | None = None
    outcome: str = ""
    error: str = ""
    failures: int = 0
    validators: Validators = Field(default=Validators(), exclude=True)
    counts: dict[str, int] = Field(default_factory=dict)

    @property
    def paused(self) -> bool:
        """Whether a person holds it."""
        return self.paused_at is not None


def name_of(url: str, taken: frozenset[str]) -> str:
    """A name for a source that was given none: its host, and a number where that is taken."""
    host = (urlsplit(url).hostname or "feed").removeprefix("www.")
    base = re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")[:50] or "feed"
    return next(
        name for number in range(1, 100_000) if (name := base if number == 1 else f"{base}-{number}") not in taken
    )


def check_name(name: str) -> str:
    """The name, or `InvalidInput`."""
    if not re.fullmatch(SOURCE_NAME, name):
        raise InvalidInput(
            f"{one_line(name)[:64]!r} is not a source's name",
            field="name",
            remedy="use up to 64 letters, digits, dots, dashes and underscores",
        )
    return name
