"""A whole local studio, as its user has it: `reelwright up` in a folder of its own, and the two command lines."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.command_line import typed
from tests.servers import SPARING
from workers.local.ports import free_ports
from workers.local.services import find_temporal
from workers.local.state import StackState, StateFile

SCRIPT = "# Tides\n\nThe moon pulls at the sea.\n\nIt comes and goes."

SECRETS = {
    "OPENAI_API_KEY": "sk-guarded-openai-0001",
    "ANTHROPIC_API_KEY": "sk-ant-guarded-0002",
    "YOUTUBE_REFRESH_TOKEN": "1//guarded-youtube-0003",
    "X_REFRESH_TOKEN": "guarded-x-token-0004",
    "DISCORD_WEBHOOK_URL": "https://discord.com/api/webhooks/1/guarded-discord-0005",
    "UNRELATED_PASSWORD": "guarded-unrelated-0006",
}


@dataclass
class LocalStudio:
    """One folder with a studio in it. `up` is the supervisor's process while it runs."""

    folder: Path
    up: subprocess.Popen[bytes] | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> StackState:
        return StateFile(self.folder / ".reelwright").read()

    def start(self) -> None:
        """`reelwright up`, on free ports, until it is ready."""
        temporal, ui = free_ports(2)
        options = [] if self.state.ports else ["--temporal-port", str(temporal), "--ui-port", str(ui)]
        self.up = subprocess.Popen(
            [sys.executable, "-m", "starter.cli", "up", *options],
            cwd=self.folder,
            env=self._env(),
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "up.txt").open("ab"),
        )
        self.wait_for(lambda: self.state.live and self.state.ready, "the studio to be up")

    def stop(self) -> None:
        """Ctrl-C."""
        if self.up is not None and self.up.poll() is None:
            self.up.send_signal(signal.SIGINT)
            self.up.wait(600)

    def wait_for(self, condition: Any, what: str, timeout_s: float = 600) -> None:
        """Looks again after a moment, and after a longer one if looking is work itself: what is waited for needs the
        processor more."""
        deadline = time.monotonic() + timeout_s
        while True:
            begun = time.monotonic()
            if condition():
                return
            if self.up is not None and self.up.poll() not in (None, -9):
                raise AssertionError(f"up ended: {(self.folder / 'up.txt').read_text()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"waited in vain for {what}: {(self.folder / 'up.txt').read_text()}")
            time.sleep(min(3.0, max(0.3, 3 * (time.monotonic() - begun))))

    def cli(self, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """`reelwright ...` in the studio's folder."""
        return typed(*arguments, folder=self.folder, env=self._env(), timeout=timeout)

    def temporal(self, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """`temporal ...` against the studio's server."""
        env = {**self._env(), "TEMPORAL_ADDRESS": self.state.env["TEMPORAL_ADDRESS"]}
        return subprocess.run(
            [find_temporal(), *arguments], env=env, capture_output=True, text=True, timeout=timeout, check=False
        )

    def posts(self) -> list[dict[str, Any]]:
        """What the sandbox's platforms have."""
        url = f"http://127.0.0.1:{self.state.ports['sandbox']}/_control/posts"
        answer: Any = httpx.get(url, trust_env=False).raise_for_status().json()
        return list(answer["posts"] if isinstance(answer, dict) else answer)

    def write(self, name: str, data: bytes | str) -> Path:
        path = self.folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def _env(self) -> dict[str, str]:
        ours = (
            *("REELWRIGHT_", "TEMPORAL_", "DATABASE_", "OPENAI_", "ANTHROPIC_", "AWS_", "YOUTUBE_", "TIKTOK_", "META_"),
            *("INSTAGRAM_", "FACEBOOK_", "X_", "LINKEDIN_", "DISCORD_"),
        )
        return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | self.settings


@contextmanager
def local_studio(folder: Path, **settings: str) -> Iterator[LocalStudio]:
    """Started, and stopped whatever happens. `settings` go into its environment. Its pictures are small: a large one
    takes two seconds of processor time. The console takes as much: those that need it say so."""
    fixed = {"REELWRIGHT_PICTURE_SIZE": "256", "REELWRIGHT_CONSOLE": "false", **SPARING}
    studio = LocalStudio(folder, settings={**fixed, **settings})
    try:
        studio.start()
        yield studio
    finally:
        studio.stop()


def one_json(text: str) -> dict[str, Any]:
    """The one JSON object that a text consists of."""
    value = json.loads(text)
    assert isinstance(value, dict)
    return value
