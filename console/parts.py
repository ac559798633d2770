"""What the console is made of, and how it is set: the process that serves it builds these (`workers.console`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from control.studio import Books, Studio
from reelwright.domain.people import Caller

if TYPE_CHECKING:
    from control.connecting import Desk
    from reelwright.domain.capability import Capability
    from reelwright.domain.ports.channels import PolicyShelf
    from reelwright.domain.ports.making import MediaStore

Recognise = Callable[[HTTPConnection], Awaitable[Caller | None]]


@dataclass(frozen=True)
class ConsoleSettings:
    """`public_url` is the address that browsers use, without a path: it decides whether cookies and redirects need
    https. `root_path` is the path under which a proxy has put the console, or "". `temporal_ui` is where Temporal's UI
    is, for links; "" for nowhere. `upload_bytes` is the most that one file may have.
    `connect_url` is where platforms send their answers when an account is connected; "" for the public address."""

    public_url: str = "http://127.0.0.1:8088"
    root_path: str = ""
    temporal_ui: str = ""
    namespace: str = "default"
    version: str = ""
    upload_bytes: int = 2_000_000_000
    connect_url: str = ""

    @property
    def origin(self) -> str:
        """Scheme, host and port of the public address, as browsers send them in `Origin`."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def secure(self) -> bool:
        """Whether browsers speak https to it."""
        return self.public_url.startswith("https:")


@dataclass(frozen=True)
class Parts:
    """`books` and `studio` open the database and the studio for a caller, whose role every operation checks. `media` is
    the media store. `recognise` says who sent a request; None for nobody known. `temporal_answers` raises where it does
    not. `policies` are the moderation policies, `connecting` opens what accounts are connected with, `providers` are
    the names of each capability's. `extras` holds what single screens need, under the name of their module."""

    pool: Any
    books: Callable[[Caller], Books]
    studio: Callable[[Caller], Studio]
    media: Callable[[], MediaStore]
    recognise: Recognise
    temporal_answers: Callable[[], Awaitable[None]]
    policies: PolicyShelf
    connecting: Callable[[Books], AbstractAsyncContextManager[Desk]]
    providers: Mapping[Capability, Sequence[str]]
    settings: ConsoleSettings = ConsoleSettings()
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    extras: dict[str, Any] = field(default_factory=dict)
