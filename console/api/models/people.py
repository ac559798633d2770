"""Who calls; people, their sessions, their programs' tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from reelwright.domain.people import LONGEST_TOKEN, NAME_CHARS, ApiToken, Person, Role, Session

from .common import Answer, Body

LONGEST_S = int(LONGEST_TOKEN.total_seconds())
PersonName = Annotated[str, StringConstraints(min_length=1, max_length=NAME_CHARS)]


class SessionNow(Answer):
    """Who calls, and what they may do. `way` is how they were recognised."""

    name: str
    role: str
    way: str


class SignIn(Body):
    """A person's name and password."""

    name: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1_000)]


class ShortToken(Answer):
    """A JWT in place of the API token that the request came with, for 15 minutes. It opens nothing that the API token
    does not."""

    token: str
    expires_at: datetime


class PersonList(Answer):
    """Everybody, by name."""

    items: tuple[Person, ...]


class NewPerson(Body):
    """Somebody who is to be let in."""

    name: PersonName
    role: Role


class PersonChange(Body):
    """Another role, or whether the person may sign in. What is left out stays."""

    role: Role | None = None
    enabled: bool | None = None


class PasswordLink(Answer):
    """The address at which a person sets their password, once, within a day. It is shown this once."""

    name: str
    url: str


class SessionList(Answer):
    """Open sessions."""

    items: tuple[Session, ...]


class TokenList(Answer):
    """Tokens of programs; also those that open nothing any more."""

    items: tuple[ApiToken, ...]


class NewToken(Body):
    """A token for a program. It acts for `name` (yourself, if left out), and never with more than their role."""

    label: Annotated[str, Field(min_length=1, max_length=NAME_CHARS, examples=["nightly import"])]
    role: Role
    name: PersonName | None = None
    life_s: Annotated[int, Field(ge=60, le=LONGEST_S, description="seconds until it ends")] = 90 * 86_400

    @property
    def life(self) -> timedelta:
        """Until it ends."""
        return timedelta(seconds=self.life_s)


class TokenMade(Answer):
    """`token` is shown this once; its hash is what is kept."""

    token: str
    kept: ApiToken
