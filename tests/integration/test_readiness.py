"""`reelwright up` learns from the pools themselves that they are ready, whatever they log."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import httpx

from workers.health import Readiness

from .studio.running import LocalStudio


def told(studio: LocalStudio, pool: str) -> dict[str, Any]:
    """What the pool has written about its endpoint."""
    value: dict[str, Any] = json.loads((studio.folder / ".reelwright" / "health" / f"{pool}.json").read_text())
    return value


def readiness(studio: LocalStudio, pool: str) -> Readiness:
    answer = httpx.get(f"http://127.0.0.1:{told(studio, pool)['port']}/readyz", trust_env=False, timeout=60)
    return Readiness.model_validate_json(answer.content)


def test_a_studio_that_logs_little_comes_up_and_comes_back(quiet_studio: LocalStudio) -> None:
    studio = quiet_studio
    for pool in ("cpu", "render"):
        assert readiness(studio, pool).ready
        assert told(studio, pool)["pid"] == studio.state.children[pool].pid
    before = told(studio, "cpu")["pid"]
    os.kill(before, signal.SIGKILL)

    def is_back() -> bool:
        path = studio.folder / ".reelwright" / "health" / "cpu.json"
        return path.exists() and told(studio, "cpu")["pid"] != before and readiness(studio, "cpu").ready

    studio.wait_for(is_back, "the cpu pool to be back")


def test_the_console_serves_beside_the_pools_and_lets_nobody_in(quiet_studio: LocalStudio) -> None:
    url = f"http://127.0.0.1:{quiet_studio.state.ports['console']}"
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        assert client.get("/ready").json() == {"ready": True, "parts": {"database": "ok", "temporal": "ok"}}
        assert client.get("/contents", headers={"Accept": "application/json"}).status_code == 401
    assert url in (quiet_studio.folder / "up.txt").read_text()
