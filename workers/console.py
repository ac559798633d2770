"""`python -m workers.console`: the web console and the API as a process.

It holds no state: any number of replicas serve the same studio. It starts also while Temporal or the database is away,
and says so on its pages until they are back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

import uvicorn
from pydantic import SecretStr
from temporalio.client import Client

from control.board_watcher import BoardWatcher
from control.studio import Books, Studio
from control.temporal.sdk import SdkClient
from reelwright.domain.capability import CAPABILITIES
from reelwright.domain.errors import InvalidInput, ReelwrightError
from reelwright.policies import Policies
from reelwright.storage.contents import PostgresContents
from reelwright.storage.database import connect as connect_database

from .connect import connect
from .console_settings import ConsoleEnvironment, load_console
from .health import HealthAddress, write_address
from .layout import layout
from .logs import keep_logs_clean
from .media import media_store, own_intake
from .settings import Settings, load_platforms, load_settings, secret

if TYPE_CHECKING:
    from console.parts import ConsoleSettings, Parts
    from reelwright.domain.ports.making import MediaStore
    from reelwright.domain.ports.media import MediaIntake

log = logging.getLogger("workers")

CONNECTIONS = 10
"""To the database, for one replica."""
STOPS_WITHIN_S = 2
"""What requests under way may take when the process is to end; uvicorn waits for open streams for ever otherwise."""


@asynccontextmanager
async def parts(settings: Settings, serving: ConsoleSettings, client: Client) -> AsyncIterator[Parts]:
    """What the console is made of, on this process's settings. Raises `InvalidInput` without a database."""
    from console.access import recognise
    from console.parts import Parts
    from reelwright.providers.registry import names_of

    from .connecting import connect_desk
    from .console_parts import provider

    if settings.database_url is None:
        raise InvalidInput(
            "it is not set",
            field="DATABASE_URL",
            remedy="the console needs the database: name it, or use `reelwright up`",
        )
    pool = await connect_database(secret(settings.database_url), max_size=CONNECTIONS, tried=False)
    temporal = SdkClient(client)
    contents, key = PostgresContents(pool), SecretStr(secret(settings.secret_key))

    @cache
    def media() -> MediaStore:  # one for all requests: a client of S3 takes a tenth of a second to make
        return media_store(settings)

    def intake() -> MediaIntake:
        return own_intake(settings, pool, media())

    identity = provider(load_console())
    extras: dict[str, Any] = {} if identity is None else {"oidc": identity}
    extras["link_key"] = settings.link_key

    async def temporal_answers() -> None:
        await client.service_client.check_health()

    try:
        yield Parts(
            pool=pool,
            books=lambda caller: Books(pool, key, caller),
            studio=lambda caller: Studio(temporal, contents, media, layout, intake, caller),
            media=media,
            recognise=recognise,
            temporal_answers=temporal_answers,
            policies=Policies(settings.policies),
            connecting=lambda books: connect_desk(books, load_platforms()),
            providers={capability: names_of(capability) for capability in CAPABILITIES},
            settings=serving,
            extras=extras,
        )
    finally:
        pool.terminate()


class _Server(uvicorn.Server):
    """uvicorn, but ended by a signal it returns instead of raising the signal again (the exit code stays 0), and tells
    the application first, so that open streams end by themselves."""

    stopping: asyncio.Event

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, number)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def _stop(self, number: int) -> None:
        self.stopping.set()
        self.handle_exit(number, None)


async def serve(settings: Settings, how: ConsoleEnvironment) -> None:
    """Serves until SIGTERM or SIGINT. Raises `InvalidInput` where nothing can listen on the port."""
    from console.app import create_app

    from .console_parts import serving

    client = await connect(for_workers=False, lazy=True)

    async def connected() -> SdkClient:
        return SdkClient(client)

    with _listener(how) as listener:
        port = listener.getsockname()[1]
        version, most = metadata.version("reelwright"), settings.own_media_bytes
        told = serving(how, port, client.namespace, version, most, settings.connect_url)
        async with parts(settings, told, client) as made:
            app = create_app(made)
            config = uvicorn.Config(
                app,
                lifespan="off",
                log_level="warning",
                access_log=False,  # addresses hold codes and tokens of links
                server_header=False,
                root_path=how.root_path,
                forwarded_allow_ips=how.trusted_proxies,
                timeout_graceful_shutdown=STOPS_WITHIN_S,
            )
            server = _Server(config)
            server.stopping = app.state.stopping
            if how.file is not None:
                write_address(how.file, HealthAddress(pid=os.getpid(), port=port))
            log.info("console on %s%s", told.public_url, told.root_path)
            watcher = BoardWatcher(made.pool, connected, lambda: app.state.hub.listeners)
            watching = asyncio.create_task(watcher.run(app.state.stopping))
            try:
                await server.serve(sockets=[listener])
            finally:
                watching.cancel()


def _listener(how: ConsoleEnvironment) -> socket.socket:
    # asyncio disables Nagle's algorithm only for sockets declared as TCP; with it every answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((how.host, how.port))
    except OSError as error:
        listener.close()
        raise InvalidInput(
            f"nothing can listen on port {how.port} of {how.host} ({error.strerror})",
            field="REELWRIGHT_CONSOLE_PORT",
            remedy="name another port, or 0 for any free one",
        ) from error
    listener.listen(128)
    return listener


def main() -> None:
    """Runs the console as this process. Exit code 1 with one line when it cannot be run."""
    os.umask(0o077)
    keep_logs_clean()
    try:
        settings = load_settings()
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        asyncio.run(serve(settings, load_console()))
    except ReelwrightError as error:
        print(f"console: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
