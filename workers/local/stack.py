"""The local stack as a whole: `up` until it is stopped, and the state that a second process reads."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil

from workers.connect import configured_target
from workers.sandboxing import without_credentials
from workers.settings import Settings, load_platforms, secret

from . import services
from .ports import HOST, answers, choose, wanted
from .privacy import private_files, tighten, tighten_media
from .state import ProcessRef, StackState, StateFile, now
from .supervisor import Child, ChildSpec

log = logging.getLogger(__name__)

LEFTOVER_GRACE_S = 25.0
# The default port of the `temporal` CLI, so that the CLI finds this server without options.
TEMPORAL_PORT, UI_PORT = 7233, 8233
CONSOLE_PORT = 8088


class LocalStack:
    """Starts, keeps and stops the children; `state` holds their addresses."""

    def __init__(self, settings: Settings, *, temporal_port: int | None = None, ui_port: int | None = None) -> None:
        self._settings = settings
        self._platforms = load_platforms()
        self._file = StateFile(settings.state_dir)
        self._logs = self._file.folder / "logs"
        self._asked = {"temporal": wanted(temporal_port, "--temporal-port"), "ui": wanted(ui_port, "--ui-port")}
        self._children: list[Child] = []
        self._keepers: list[asyncio.Task[None]] = []
        self.state = StackState()

    async def run(self, on_ready: Callable[[StackState], None]) -> None:
        """Brings everything up, calls `on_ready`, and keeps it up until SIGINT or SIGTERM. `AlreadyUp` if it is."""
        with private_files():
            await self._run(on_ready)

    async def _run(self, on_ready: Callable[[StackState], None]) -> None:
        before = self._file.take()
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(sign, stop.set)
        try:
            await _end_leftovers(before)
            await asyncio.to_thread(self._tighten)
            bringing_up = asyncio.create_task(self._bring_up(before))
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({bringing_up, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not bringing_up.done():
                bringing_up.cancel()
                return
            bringing_up.result()
            on_ready(self.state)
            await stopped
        finally:
            await self._take_down()
            self._file.release()

    def _tighten(self) -> None:
        tighten(self._file.folder, leave=[services.POSTGRES])
        if self._media_folder:
            tighten_media(self._media_folder)

    async def _bring_up(self, before: StackState) -> None:
        self._logs.mkdir(exist_ok=True)
        ports = self._ports(before)
        self.state = StackState(supervisor=ProcessRef.of(os.getpid()), since=now(), ports=ports)
        own_temporal = not external_temporal()
        env = self._env(ports, own_temporal)
        stores = []
        if own_temporal:
            namespace = str(configured_target().get("namespace", "default"))
            where = (ports["temporal"], ports["ui"], ports["temporal_http"])
            stores.append(services.temporal(self._file.folder, *where, namespace))
        if not self._settings.database_url:
            postgres, env["DATABASE_URL"] = services.postgres(self._file.folder, ports["postgres"])
            stores.append(postgres)
        if self._has_sandbox:
            stores.append(services.sandbox(self._file.folder, ports["sandbox"], self._media_folder))
        self.state = self.state.model_copy(update={"env": env})
        await asyncio.gather(*(self._start(spec) for spec in stores))
        workers = [services.pool(name, env, self._file.folder) for name in ("cpu", "render")]
        if self._settings.console and (page := services.console(env, self._file.folder, ports["console"])):
            workers.append(page)
        await asyncio.gather(*(self._start(spec) for spec in workers))
        self.state = self.state.model_copy(update={"ready": True})
        self._save()

    def _ports(self, before: StackState) -> dict[str, int]:
        """The ports of the last run where they are free, so that addresses that people noted stay valid."""
        known, asked = before.ports, self._asked
        ports = {
            "temporal": asked["temporal"] or choose(_loopback_port(), known.get("temporal"), TEMPORAL_PORT),
            "ui": asked["ui"] or choose(known.get("ui"), UI_PORT),
            "console": choose(known.get("console"), CONSOLE_PORT),
        }
        for name in ("temporal_http", "postgres", "sandbox"):
            ports[name] = choose(known.get(name))
        return ports

    def _env(self, ports: dict[str, int], own_temporal: bool) -> dict[str, str]:
        """What pools and clients of this stack have in their environment on top of their own."""
        env = {
            "REELWRIGHT_STATE_DIR": str(self._file.folder),
            "REELWRIGHT_MEDIA_URL": self._settings.media_location,
            "REELWRIGHT_SECRET_KEY": secret(self._settings.secret_key) or self._file.secret_key(),
        }
        if own_temporal:
            env["TEMPORAL_ADDRESS"] = f"{HOST}:{ports['temporal']}"
            env["REELWRIGHT_TEMPORAL_HTTP"] = f"http://{HOST}:{ports['temporal_http']}"
            env["REELWRIGHT_TEMPORAL_UI_URL"] = f"http://{HOST}:{ports['ui']}"
            env["REELWRIGHT_PROMOTE"] = "always"  # there are no other workers
            if {"api_key", "tls"} & set(configured_target()):  # for a server elsewhere; ours has neither
                env |= {"TEMPORAL_API_KEY": "", "TEMPORAL_TLS": "false"}
        if self._settings.database_url:
            env["DATABASE_URL"] = secret(self._settings.database_url)
        if self._has_sandbox:
            env["REELWRIGHT_SANDBOX_URL"] = f"http://{HOST}:{ports['sandbox']}"
            if self._media_folder and not self._settings.public_media_url:
                # Sandboxed platforms fetch pictures as the real ones do; those refuse an address of this machine.
                env["REELWRIGHT_PUBLIC_MEDIA_URL"] = f"{env['REELWRIGHT_SANDBOX_URL']}/_files"
        return env

    @property
    def _media_folder(self) -> Path | None:
        """The media store's folder; None where it is a bucket."""
        media = self._settings.media_location
        if "://" in media and not media.startswith("file://"):
            return None
        return Path(unquote(urlsplit(media).path)) if "://" in media else Path(media).expanduser()

    @property
    def _has_sandbox(self) -> bool:
        """Whether a sandbox of our own is started: some platform has no credentials, and no other sandbox is named."""
        return bool(without_credentials(self._platforms)) and not self._platforms.sandbox_url

    async def _start(self, spec: ChildSpec) -> None:
        child = Child(spec, self._logs, self._save)
        self._children.append(child)
        await child.start()
        self._keepers.append(asyncio.create_task(child.keep()))

    async def _take_down(self) -> None:
        # Pools first, so that they can still report unfinished tasks to the server.
        for group in (("console", "cpu", "render"), ("sandbox", "temporal", "postgres")):
            await asyncio.gather(*(child.stop() for child in self._children if child.spec.name in group))
        for keeper in self._keepers:
            keeper.cancel()
        self._file.write(self._file.read().model_copy(update={"supervisor": None, "ready": False, "children": {}}))

    def _save(self) -> None:
        refs = {child.spec.name: child.ref for child in self._children}
        self.state = self.state.model_copy(update={"children": {name: ref for name, ref in refs.items() if ref}})
        self._file.write(self.state)


def external_temporal() -> bool:
    """Whether the environment or a profile names a server, other than one on loopback that does not run."""
    address = _configured_address()
    if not address:
        return False
    port = _loopback_port()
    return port is None or answers(port)


def _configured_address() -> str:
    return str(configured_target().get("target_host") or "")


def _loopback_port() -> int | None:
    """The port of a configured address on loopback, where a local stack may listen instead."""
    host, _, port = _configured_address().rpartition(":")
    return int(port) if host in (HOST, "localhost") and port.isdigit() else None


async def _end_leftovers(before: StackState) -> None:
    """Children of a supervisor that was killed outright. On Linux they are already ending by themselves."""
    alive = {name: process for name, ref in before.children.items() if (process := ref.process())}
    for name, process in alive.items():
        log.warning("ending %s (pid %d), left over from before", name, process.pid)
        process.terminate()
    for name, process in alive.items():
        try:
            await asyncio.to_thread(process.wait, LEFTOVER_GRACE_S)
        except psutil.TimeoutExpired:
            log.warning("%s (pid %d) does not end and is killed", name, process.pid)
            process.kill()
