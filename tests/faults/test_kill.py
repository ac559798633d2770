"""`make chaos`: kill -9 of the render worker in mid-render, of Temporal's server, and of `reelwright up` itself.

One content goes through all three, and ends in one post with finished work not done again.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.integration.studio.running import LocalStudio, local_studio, one_json

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3_600)]
ROOT = Path(__file__).parents[2]
PATIENCE_S = 900
"""Only for what hangs: a busy machine renders ten times as slowly."""


def started_activities(studio: LocalStudio, workflow_id: str) -> list[dict[str, Any]]:
    """The activities of a workflow that were begun, with attempts, from its history."""
    shown = studio.temporal("workflow", "show", "--workflow-id", workflow_id, "-o", "json")
    if shown.returncode != 0:
        return []
    events = json.loads(shown.stdout)["events"]
    names = {
        event["eventId"]: event["activityTaskScheduledEventAttributes"]["activityType"]["name"]
        for event in events
        if "activityTaskScheduledEventAttributes" in event
    }
    return [
        {"name": names[attributes["scheduledEventId"]], "attempt": attributes.get("attempt", 1)}
        for event in events
        if (attributes := event.get("activityTaskStartedEventAttributes"))
    ]


def rendering_share(studio: LocalStudio) -> float:
    """How far the furthest encoder is, from its heartbeat."""
    shown = studio.temporal("workflow", "describe", "--workflow-id", "content-chaos/render", "-o", "json")
    if shown.returncode != 0:
        return 0.0
    shares = [0.0]
    for activity in json.loads(shown.stdout).get("pendingActivities", []):
        for beat in activity.get("heartbeatDetails") or []:
            if isinstance(beat, dict) and "share" in beat:
                shares.append(float(beat["share"]))
    return max(shares)


def encoders(studio: LocalStudio) -> list[psutil.Process]:
    """Render children that are at work for this studio."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        if "reelwright.render" in line and str(studio.folder) in " ".join([line, *_open_paths(process)]):
            found.append(process)
    return found


def _open_paths(process: psutil.Process) -> list[str]:
    try:
        return [process.cwd(), *(file.path for file in process.open_files())]
    except psutil.Error:
        return []


def test_three_kills_cost_time_and_nothing_else(tmp_path: Path) -> None:
    began = time.monotonic()
    with local_studio(tmp_path) as studio:
        script = str(ROOT / "examples" / "octopus.md")
        assert studio.cli("start", "--script", script, "--id", "chaos", "--auto-approve").returncode == 0

        studio.wait_for(lambda: rendering_share(studio) > 0.2, "the middle of a render", PATIENCE_S)
        at_work = encoders(studio)
        assert at_work
        os.kill(studio.state.children["render"].pid, signal.SIGKILL)
        time.sleep(3)
        assert not [process for process in at_work if process.is_running()], "an encoder outlived its worker"

        studio.wait_for(lambda: rendering_share(studio) > 0.2, "the render to go on", PATIENCE_S)
        os.kill(studio.state.children["temporal"].pid, signal.SIGKILL)
        time.sleep(5)

        def formats_finished() -> int:
            return sum(a["name"] == "join_format" for a in started_activities(studio, "content-chaos/render"))

        studio.wait_for(lambda: formats_finished() >= 1, "a finished format", PATIENCE_S)
        finished_before = formats_finished()
        children = [ref.pid for ref in studio.state.children.values()]
        assert studio.up is not None
        os.kill(studio.up.pid, signal.SIGKILL)
        studio.up.wait()
        deadline = time.monotonic() + 40
        while any(psutil.pid_exists(pid) for pid in children) and time.monotonic() < deadline:
            time.sleep(0.5)
        assert not [pid for pid in children if psutil.pid_exists(pid)], "children outlived `up`"
        studio.start()

        def stage() -> str:
            return str(one_json(studio.cli("status", "chaos", "--json").stdout)["stage"])

        studio.wait_for(lambda: stage() in ("done", "incomplete", "failed"), "the end", PATIENCE_S)
        fetched = studio.cli("fetch", "chaos", "--json")
        assert fetched.returncode == 0, fetched.stderr
        report = one_json(fetched.stdout)
        there = studio.posts()
        work = Counter(a["name"] for a in started_activities(studio, "content-chaos"))
        renders = Counter(a["name"] for a in started_activities(studio, "content-chaos/render"))

    posts = [post for post in there if post["platform"] != "discord"]
    summary = {
        "status": report["status"],
        "posts": len(posts),
        "notices": len(there) - len(posts),
        "bytes_equal": posts[0]["sha256"] == report["videos"][0]["sha256"],
        "spoken": work["speak_scene"],
        "drawn": work["draw_scene"],
        "mixed": renders["mix_sound"],
        "formats": renders["join_format"],
        "formats_finished_before_the_last_kill": finished_before,
        "seconds": round(time.monotonic() - began),
    }
    print(json.dumps(summary))
    assert (summary["status"], summary["posts"], summary["bytes_equal"]) == ("done", 1, True)
    assert summary["notices"] == 1, "that it is posted, on the sandbox's Discord"
    # A started event is written once per finished activity: material was made before the kills, and once.
    assert (summary["spoken"], summary["drawn"], summary["mixed"], summary["formats"]) == (6, 6, 1, 3)
