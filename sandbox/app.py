"""The sandbox as one application, and the server that runs it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Generator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from .consent.control import ConsentControl
from .control import Control
from .neighbours import Neighbours
from .platforms import CONSENTS, platforms, settings
from .store import SandboxStore
from .wire import BreakableProtocol

HOST = "127.0.0.1"


def create_app(store: SandboxStore, host: str = HOST, files: Path | None = None) -> Starlette:
    """Every platform's routes beside each other; their paths do not meet. `host` is where it will listen. `files` is a
    folder that is served as a host of public files does: some platforms fetch what they post."""
    served = [Mount("/_files", StaticFiles(directory=files, check_dir=False))] if files else []
    routes: list[BaseRoute] = [route for platform in platforms(store) for route in platform.routes()]
    consents = ConsentControl(store, CONSENTS)
    return Starlette(
        routes=[*Control(store, settings()).routes(), *consents.routes(), *served, *routes],
        middleware=[Middleware(Neighbours, host=host)],
    )


class _Server(uvicorn.Server):
    """uvicorn, but ended by a signal it returns instead of raising the signal again: the exit code stays 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


def serve(port: int, folder: Path, *, host: str = HOST, files: Path | None = None) -> None:
    """Serves until SIGTERM or SIGINT. Port 0 is any free one; the ready line on standard output names it.

    Raises `OSError` when the port is taken or the folder cannot be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # asyncio disables Nagle's algorithm only for sockets declared as TCP; with it every answer takes 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
        store = SandboxStore(folder)
        try:
            config = uvicorn.Config(
                create_app(store, host, files),
                http=BreakableProtocol,
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,  # session addresses are as good as credentials
                timeout_graceful_shutdown=3,
                server_header=False,
            )
            print(f"reelwright sandbox ready on http://{host}:{listener.getsockname()[1]}", flush=True)
            _Server(config).run(sockets=[listener])
        finally:
            store.close()
