"""The moderation policies that channels can name."""

from __future__ import annotations

from dataclasses import dataclass

from reelwright.domain.content.policy import ModerationPolicy
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role
from reelwright.domain.ports.channels import PolicyShelf

from .access import allowed
from .studio import Books


@dataclass(frozen=True)
class PolicyRow:
    """A policy in a list. `error`: why it cannot be read; contents of its channels are refused then."""

    name: str
    error: str = ""


@allowed(Role.VIEWER)
async def policies(books: Books, shelf: PolicyShelf) -> list[PolicyRow]:
    """All that can be named: presets, and the operator's own files."""
    return [PolicyRow(name, _error(shelf, name)) for name in shelf.names()]


@allowed(Role.VIEWER)
async def policy(books: Books, shelf: PolicyShelf, name: str) -> ModerationPolicy:
    """A whole policy, with what it inherits. Raises `InvalidInput`."""
    return shelf.find(name)


def _error(shelf: PolicyShelf, name: str) -> str:
    try:
        shelf.find(name)
    except InvalidInput as error:
        return str(error)
    return ""
