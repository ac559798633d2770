"""Who asks for something, and what they may do: roles and callers. docs/access.md."""

from __future__ import annotations

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
