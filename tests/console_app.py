"""The console for tests: the application on what a test hands it, and a client that is already somebody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from cryptography.fernet import Fernet
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from console.app import create_app
from console.parts import ConsoleSettings, Parts
from control.studio import Books, Studio
from reelwright.domain.people import Caller, Role
from reelwright.policies import Policies
from reelwright.providers.registry import ORDER
from reelwright.storage.contents import PostgresContents
from workers.connecting import connect_desk
from workers.platform_settings import PlatformSettings

ORIGIN = "http://127.0.0.1:8088"
KEY = Fernet.generate_key().decode()
PERSONS = {role: Caller(name=f"{role}@example.org", role=role, way="session", key=f"s-{role}") for role in Role}


class NoTemporal:
    """A server that has no runs, for pages whose subject is the database."""

    namespace = "default"

    def handle(self, id: str, result_type: type[Any]) -> Any:
        raise AssertionError("nothing was to be asked of Temporal")

    async def runs(self, query: str, limit: int | None = None) -> AsyncIterator[Any]:
        for run in ():
            yield run


def parts_of(
    *,
    pool: Any = None,
    temporal: Any = None,
    media: Callable[[], Any] | None = None,
    caller: Caller | None = PERSONS[Role.ADMIN],
    settings: ConsoleSettings | None = None,
    secret_key: str = KEY,
    platforms: dict[str, str] | None = None,
    layout: Callable[[Any], Any] | None = None,
    **more: Any,
) -> Parts:
    """The console's parts: `caller` is who sends every request, unless `recognise` is given."""

    async def recognise(connection: HTTPConnection) -> Caller | None:
        return caller

    async def answers() -> None:
        return None

    contents = PostgresContents(pool) if pool is not None else None
    opened = media or _no_media
    given: dict[str, Any] = {"recognise": recognise, "temporal_answers": answers, **more}
    given.setdefault(
        "studio", lambda who: Studio(temporal or NoTemporal(), contents, opened, layout or _no_layout, None, who)
    )
    return Parts(
        pool=pool,
        books=lambda who: Books(pool, SecretStr(secret_key), who),
        media=opened,
        policies=Policies(),
        connecting=lambda books: connect_desk(books, PlatformSettings(_env_file=None, **(platforms or {}))),  # type: ignore[call-arg]
        providers=ORDER,
        settings=settings or ConsoleSettings(public_url=ORIGIN, version="test"),
        **given,
    )


def app_of(**given: Any) -> Starlette:
    """`parts_of`, as an application."""
    return create_app(parts_of(**given))


@asynccontextmanager
async def browsing(app: Starlette, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client that asks as a browser on the console's own pages does."""
    asked = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Origin": ORIGIN, **headers}
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=asked) as client:
        yield client


def _no_media() -> Any:
    raise AssertionError("the media store was not to be opened")


def _no_layout(plan: Any) -> Any:
    raise AssertionError("no timeline was to be laid out")
