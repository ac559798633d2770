"""`make chaos`: a render worker killed at 80 %, and a content cancelled in mid-render, in a whole local studio."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reelwright.domain.content.video import RenderProgress
from tests.integration.studio.running import LocalStudio, local_studio, one_json

from .test_kill import ROOT, encoders, started_activities

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
SLOTS = 2
"""How many tasks a render worker has at once: what a kill can cost at most."""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStudio]:
    with local_studio(tmp_path_factory.mktemp("studio")) as running:
        yield running


def begin(studio: LocalStudio, name: str) -> None:
    script = str(ROOT / "examples" / "octopus.md")
    started = studio.cli(
        "start", "--script", script, "--id", name, "--auto-approve", "--allow-repeat", "--format", "16:9"
    )
    assert started.returncode == 0, started.stderr


def progress(studio: LocalStudio, name: str) -> RenderProgress:
    """What the render itself tells; nothing done of nothing before it has a plan or while its worker is away."""
    told = studio.temporal(
        "workflow", "query", "--workflow-id", f"content-{name}/render", "--type", "progress", "-o", "json"
    )
    if told.returncode != 0:
        return RenderProgress(done=0, total=0)
    return RenderProgress.model_validate(one_json(told.stdout)["queryResult"][0])


def share(studio: LocalStudio, name: str) -> float:
    told = progress(studio, name)
    return told.done / told.total if told.total else 0.0


def stage(studio: LocalStudio, name: str) -> str:
    return str(one_json(studio.cli("status", name, "--json").stdout)["stage"])


def test_a_worker_killed_at_80_per_cent_costs_what_it_was_making(studio: LocalStudio) -> None:
    begin(studio, "killed")
    studio.wait_for(lambda: progress(studio, "killed").total, "a plan", 300)
    began = time.monotonic()
    studio.wait_for(lambda: share(studio, "killed") >= 0.8, "80 % of the encoding", 500)
    whole, told = time.monotonic() - began, progress(studio, "killed")
    os.kill(studio.state.children["render"].pid, signal.SIGKILL)
    killed = time.monotonic()
    studio.wait_for(lambda: share(studio, "killed") == 1.0, "the rest of the encoding", 500)
    rest = time.monotonic() - killed
    studio.wait_for(lambda: stage(studio, "killed") in ("done", "incomplete", "failed"), "the end", 500)
    assert stage(studio, "killed") == "done"
    attempts = [
        a["attempt"] for a in started_activities(studio, "content-killed/render") if a["name"] == "render_segment"
    ]
    again = sum(attempt > 1 for attempt in attempts)
    print(
        json.dumps(
            {
                "done_when_killed": round(told.done / told.total, 3),
                "tasks": len(attempts),
                "tasks_begun_again": again,
                "encoded_after_the_kill": round(1 - told.done / told.total, 3),
                "seconds_to_the_kill": round(whole, 1),
                "seconds_of_the_rest": round(rest, 1),
            }
        )
    )
    assert again <= SLOTS, "what was finished was made again"


def test_a_cancel_stops_the_encoders(studio: LocalStudio) -> None:
    begin(studio, "cancelled")
    studio.wait_for(lambda: share(studio, "cancelled") > 0.1 and encoders(studio), "an encoder at work", 400)
    at_work = encoders(studio)
    asked = time.monotonic()
    cancelled = studio.temporal("workflow", "cancel", "--workflow-id", "content-cancelled")
    assert cancelled.returncode == 0, cancelled.stderr
    studio.wait_for(lambda: not [p for p in at_work if p.is_running() and p.status() != "zombie"], "their end", 60)
    stopped = time.monotonic() - asked
    studio.wait_for(lambda: stage(studio, "cancelled") == "cancelled", "the books to be closed", 60)
    print(json.dumps({"encoders": len(at_work), "seconds_to_their_end": round(stopped, 2)}))
    scratch = Path(studio.folder) / ".reelwright" / "scratch"
    studio.wait_for(lambda: not [path for path in scratch.rglob("*") if path.is_file()], "an empty scratch folder", 30)
