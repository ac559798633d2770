"""The sandbox as one application, and the server that runs it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Generator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from .bluesky.access import BlueskySettings
from .bluesky.routes import Bluesky
from .control import Control
from .discord.routes import Discord, DiscordSettings
from .linkedin.access import LinkedInSettings
from .linkedin.routes import LinkedIn
from .meta.facebook import FacebookSettings
from .meta.instagram import InstagramSettings
from .meta.routes import Meta
from .neighbours import Neighbours
from .store import PlatformSettings, SandboxStore
from .tiktok.post import TikTokSettings
from .tiktok.routes import TikTok
from .wire import BreakableProtocol, Platform
from .x.access import XSettings
from .x.routes import X
from .youtube.access import YouTubeSettings
from .youtube.routes import YouTube

HOST = "127.0.0.1"
PLATFORMS: tuple[Callable[[SandboxStore], Platform], ...] = (YouTube, LinkedIn, X, TikTok, Discord, Meta, Bluesky)
"""In this order their routes are tried."""
SETTINGS: tuple[type[PlatformSettings], ...] = (
    YouTubeSettings,
    LinkedInSettings,
    XSettings,
    InstagramSettings,
    FacebookSettings,
    TikTokSettings,
    DiscordSettings,
    BlueskySettings,
)
"""What `POST /_control/settings/<platform>` changes."""


def create_app(store: SandboxStore, host: str = HOST) -> Starlette:
    """Every platform's routes beside each other; their paths do not meet. `host` is where it will listen."""
    platforms = [platform(store) for platform in PLATFORMS]
    routes = [route for platform in platforms for route in platform.routes()]
    return Starlette(
        routes=[*Control(store, SETTINGS).routes(), *routes], middleware=[Middleware(Neighbours, host=host)]
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


def serve(port: int, folder: Path, *, host: str = HOST) -> None:
    """Serves until SIGTERM or SIGINT. Port 0 is any free one; the ready line on standard output names it.

    Raises `OSError` when the port is taken or the folder cannot be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # asyncio turns Nagle's algorithm off only for sockets that say they are TCP; with it every answer takes 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
        store = SandboxStore(folder)
        try:
            config = uvicorn.Config(
                create_app(store, host),
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
