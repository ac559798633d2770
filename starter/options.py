"""Options and arguments that several commands have. Nothing here loads more than Typer and the platforms' names."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from typing import Annotated

import typer

from reelwright.domain.platforms import Platform


def one_of(*words: str) -> Callable[[str], list[str]]:
    """A shell completion: those of the words that begin with the typed text."""

    def complete(incomplete: str) -> list[str]:
        return [word for word in words if word.startswith(incomplete)]

    return complete


def user_name() -> str:
    """Who runs this command; a user without an entry in the password file is named by number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


PLATFORMS = tuple(platform.value for platform in Platform)
STAGES = (
    *("accepted", "writing", "moderation", "material", "review", "parked", "rendering", "publishing"),
    *("done", "incomplete", "rejected", "blocked", "failed", "cancelled", "terminated", "timed_out", "lost"),
)

_platform = one_of(*PLATFORMS)
Place = Annotated[
    str,
    typer.Argument(
        metavar="PLATFORM",
        help=f"{', '.join(PLATFORMS[:-1])} or {PLATFORMS[-1]}.",
        autocompletion=_platform,
    ),
]
OnAccount = Annotated[str, typer.Option("--account", help="The account's name here.")]
AnyAccount = Annotated[str | None, typer.Option("--account", help="Only this account.")]
AnyPlatform = Annotated[str | None, typer.Option("--platform", help="Only this platform.", autocompletion=_platform)]
OfChannel = Annotated[str | None, typer.Option("--channel", help="Only those of this channel.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Reviewer = Annotated[str, typer.Option(help="Who decides.", default_factory=user_name)]
Id = Annotated[str, typer.Argument(metavar="ID", help="Content id, or its workflow id.")]
JsonAtTheEnd = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output at the end.")]
