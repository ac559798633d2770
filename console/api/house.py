"""What this installation has besides its database: the moderation policies and the names of its providers. The process
that serves the console hands it in, as `parts.extras["house"]`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reelwright.domain.channels.config import Capability
from reelwright.domain.ports.channels import PolicyShelf


@dataclass(frozen=True)
class House:
    """`providers` are the known ones of each capability."""

    policies: PolicyShelf
    providers: Mapping[Capability, Sequence[str]]
