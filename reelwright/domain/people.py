"""Who asks for something, and what they may do: roles and callers, people, sessions, tokens. docs/access.md."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from .base import Model
from .errors import InvalidInput


class Role(StrEnum):
    """What a person or a program may do. Each may do what those before it may: a viewer reads; a reviewer decides on
    what waits for review; an operator starts, stops, retries, settles and pauses; an admin also changes configuration,
    budgets, accounts and people."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        """Whether this role may do all that `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)

    def at_most(self, other: Role) -> Role:
        """The lesser of the two."""
        return self if other.includes(self) else other


class Caller(Model):
    """Who asks. `name` is what stands in decisions and in the audit. `way` is how they were recognised: as the user of
    this machine (`local`), by a session of the console, by an API token, or by a signed link to one review. `key` names
    that session, token or link, and is no secret."""

    name: str
    role: Role
    way: Literal["local", "session", "token", "link"] = "local"
    key: str = ""

    @property
    def id(self) -> str:
        """What rate limits and repeated requests are counted by: one person at one door."""
        return f"{self.way}:{self.key or self.name}"


HERE = Caller(name="", role=Role.ADMIN)
"""Who has this machine's own settings, and so the database's password and the vault's key: role checks could not stop
them. A name is given where one decides or changes something."""


class NotAllowed(InvalidInput):
    """The caller's role does not include what the operation needs. Nothing was done."""

    retryable, certain = False, True
    waits_for = ""

    def __init__(self, caller: Caller, needs: Role, *, what: str = "this") -> None:
        super().__init__(
            f"{caller.name} is a {caller.role}, and {what} needs the role {needs}",
            field="role",
            remedy="ask an admin for the role",
        )
        self.needs = needs


# --- people, sessions, tokens -----------------------------------------------------------------------------------------


class Person(Model):
    """Somebody who may sign in. `subject` is who they are at an identity provider (`issuer subject`), empty for people
    of this studio alone. `has_password`: whether they can sign in here by one."""

    name: str
    role: Role
    has_password: bool = False
    subject: str = ""
    disabled_at: datetime | None = None
    made_at: datetime
    made_by: str = ""

    @property
    def enabled(self) -> bool:
        """Whether they may sign in."""
        return self.disabled_at is None


class Session(Model):
    """Somebody's session of the console, until it has been idle for `IDLE`, or was made `LONGEST_SESSION` ago. `id`
    names it and is no secret; `role` is the person's present one. `way`: how they signed in (`password`, `link`,
    `oidc`). `address` and `agent` are what the browser was seen with at the beginning."""

    id: str
    person: str
    role: Role
    way: str
    made_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str = ""
    agent: str = ""

    @property
    def caller(self) -> Caller:
        """Who asks in this session."""
        return Caller(name=self.person, role=self.role, way="session", key=self.id)


class ApiToken(Model):
    """A program's token, which acts for a person with `role`, and never with more than the person's own. The token
    itself is not kept. `id` names it and is no secret."""

    id: str
    person: str
    label: str
    role: Role
    made_at: datetime
    made_by: str
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> Literal["open", "expired", "revoked"]:
        """Whether it opens anything."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at <= now else "open"


DoorKind = Literal["first", "password"]
"""What a one-use link does: make the first person, who is an admin; or set one person's password."""

IDLE = timedelta(hours=12)
LONGEST_SESSION = timedelta(days=7)
FIRST_START = timedelta(minutes=10)
PASSWORD_LINK = timedelta(hours=24)
LONGEST_TOKEN = timedelta(days=366)
TOKEN_PREFIX = "rw_"  # noqa: S105 - what every token begins with

NAME_CHARS = 64
PASSWORD_CHARS = (12, 256)
_MARKS = " .-_@'’"


class NotSignedIn(InvalidInput):
    """Who asks is not known: no session or token, or one that has ended. Nothing was done."""

    retryable, certain = False, True
    waits_for = ""


class TooMany(InvalidInput):
    """It was tried too often. Nothing was done. `retry_after_s`: when it may be tried again."""

    retryable, certain = False, True
    waits_for = ""

    def __init__(self, message: str, *, retry_after_s: float, field: str = "") -> None:
        super().__init__(message, field=field, remedy=f"try again in {max(1, round(retry_after_s))} s")
        self.retry_after_s = retry_after_s


def person_name(given: str, *, field: str = "name") -> str:
    """A person's name as it is kept: composed (NFC), single spaces. Letters, marks and digits of any script, spaces and
    `. - _ @ '`, since it stands in audits, shells and pages. Raises `InvalidInput`."""
    name = " ".join(word for word in unicodedata.normalize("NFC", given[: 4 * NAME_CHARS]).split(" ") if word)
    if not name:
        raise InvalidInput("it is empty", field=field, remedy="give a name")
    if len(name) > NAME_CHARS:
        raise InvalidInput(f"it has more than {NAME_CHARS} characters", field=field, remedy="give a shorter one")
    wrong = [sign for sign in name if sign not in _MARKS and unicodedata.category(sign)[0] not in "LMN"]
    if wrong or unicodedata.category(name[0])[0] not in "LN":
        bad = repr(wrong[0]) if wrong else f"{name[0]!r} at its beginning"
        raise InvalidInput(
            f"a name cannot have {bad}", field=field, remedy="use letters, digits, spaces and . - _ @ ' after a letter"
        )
    return name


def usable_password(given: str, name: str, *, field: str = "password") -> str:
    """A password as it is hashed: composed (NFC), so that every keyboard gives the same. Length is all that is asked
    for, and that it cannot be guessed from the name. Raises `InvalidInput`, which does not quote it."""
    least, most = PASSWORD_CHARS
    password = unicodedata.normalize("NFC", given[: 4 * most])
    if len(password) < least:
        raise InvalidInput(f"it has fewer than {least} characters", field=field, remedy="use a longer one")
    if len(password) > most:
        raise InvalidInput(f"it has more than {most} characters", field=field, remedy="use a shorter one")
    folded = password.casefold()
    if len(set(folded)) < 5 or folded.replace(name.casefold(), "") == "":
        raise InvalidInput("it is too easy to guess", field=field, remedy="use several words that do not go together")
    return password
