"""Runs that are under way must survive a deploy: recorded histories replay on today's workflows."""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.plugin import SimplePlugin
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from tests import depth
from workers.plugin import reelwright_plugin
from workers.pools import WORKFLOWS

from .contents_of_histories import BEFORE_SCENARIOS, held, lacking
from .fingerprints import name_of, releases, unreleased
from .reordered import Reordered

FOLDER = Path(__file__).parent / "histories"
HISTORIES = sorted(FOLDER.glob("*/*.json"))
FIRST = FOLDER / "0.1.0"


PLAIN = SimplePlugin("unsandboxed", workflow_runner=lambda _: UnsandboxedWorkflowRunner())
"""Replays without the sandbox, which loads the workflows' modules anew for each run: two thirds of what a replay
costs. The commands are the same."""


async def replay(path: Path, workflows: Iterable[type], *plugins: SimplePlugin) -> None:
    # A second run of the same workflow, after a reset, is kept as `<id>.2`.
    workflow_id = re.sub(r"\.\d+$", "", path.stem).replace("_", "/")
    history = WorkflowHistory.from_json(workflow_id, path.read_text())
    await Replayer(workflows=list(workflows), plugins=[reelwright_plugin(), *plugins]).replay_workflow(history)


@functools.cache
def recorded_type(path: Path) -> str:
    with path.open() as history:  # the first event is near the beginning of up to a megabyte
        for line in history:
            if '"workflowType"' in line:
                return str(json.loads(next(history).partition(":")[2]))
    raise AssertionError(f"{path.name} is no recorded history")


REGISTERED = {name_of(cls) for cls in WORKFLOWS}
RELEASES = releases(FOLDER)


def recorded_types(release: str) -> set[str]:
    return {recorded_type(path) for path in (FOLDER / release).glob("*.json")}


def test_the_newest_release_has_histories_of_every_workflow() -> None:
    missing = {name_of(cls) for cls in WORKFLOWS if not unreleased(cls)} - recorded_types(RELEASES[-1])
    assert not missing, (
        f"{', '.join(sorted(missing))}: not in the histories of {RELEASES[-1]}; add it to a scenario of "
        "tests/replay/record.py, give the release its own version, and run `make histories`"
    )


@pytest.mark.parametrize("release", RELEASES)
def test_every_workflow_of_a_release_is_still_registered(release: str) -> None:
    gone = recorded_types(release) - REGISTERED
    assert not gone, f"{', '.join(sorted(gone))}: runs of {release} may be open, and no worker would take them"


@pytest.mark.parametrize("release", RELEASES)
def test_histories_hold_what_they_are_recorded_for(release: str) -> None:
    missing = lacking(FOLDER / release)
    if release in BEFORE_SCENARIOS:
        assert missing, "what a release did not have is found missing"
    else:
        assert not missing, "\n".join(missing)


def test_what_a_history_holds_is_counted() -> None:
    found = held(FOLDER / "0.4.0" / "content-budget.json")
    wanted = ("patch wait-for-budget", "signal budget_changed", "activity write_story", "child RenderVideo", "timer")
    assert [found[what] for what in wanted] == [1, 1, 2, 1, 1]
    assert not any("fell_back" in line for line in found)


IN_SANDBOX = frozenset({(path.parent.name, recorded_type(path)): path for path in HISTORIES}.values())
"""One run of each workflow of each release."""


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_recorded_history_replays(path: Path) -> None:
    sandboxed = depth.is_deep() or path in IN_SANDBOX
    await replay(path, WORKFLOWS, *([] if sandboxed else [PLAIN]))


async def test_a_changed_order_does_not_replay() -> None:
    path = FIRST / "content-feed.json"
    with pytest.raises(NondeterminismError):
        await replay(path, [Reordered])


def with_signal(path: Path, name: str, *inputs: str, before: str, alone: bool) -> WorkflowHistory:
    """The recorded history with one more signal, right before the first one named `before`; `inputs` are JSON. `alone`
    gives it a workflow task of its own; otherwise both come in one."""
    history = json.loads(path.read_text())
    events = history["events"]
    at = next(
        index
        for index, event in enumerate(events)
        if event.get("workflowExecutionSignaledEventAttributes", {}).get("signalName") == before
    )
    payloads = [{"metadata": {"encoding": _base64("json/plain")}, "data": _base64(data)} for data in inputs]
    signal = json.loads(json.dumps(events[at]))
    signal["workflowExecutionSignaledEventAttributes"] |= {"signalName": name, "input": {"payloads": payloads}}
    if alone:
        # Scheduled, signal, started, completed: the task is worked through with the new signal, and another follows.
        task, _, begun, done = events[at - 1 : at + 3]
        added = [signal, begun, done, task | {"eventId": str(int(done["eventId"]) + 1)}]
        moved = int(task["eventId"])
    else:
        added, moved = [signal], int(events[at]["eventId"])
    history["events"] = [*events[:at], *added, *(_later(event, moved, len(added)) for event in events[at:])]
    return WorkflowHistory.from_json(path.stem.replace("_", "/"), json.dumps(history))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _later(value: Any, since: int, by: int, name: str = "") -> Any:
    """An event that many places further on; what refers to an event from `since` on does so too."""
    if isinstance(value, dict):
        return {key: _later(item, since, by, key) for key, item in value.items()}
    return str(int(value) + by) if name.lower().endswith("eventid") and int(value) >= since else value


PUBLICATION = FIRST / "content-everywhere_publish_linkedin_default.json"
REVIEWED = FIRST / "content-reviewed.json"


@pytest.mark.parametrize(
    ("path", "before", "name", "inputs"),
    [
        (REVIEWED, "review", "review", ()),
        (REVIEWED, "review", "review", ("{}", "{}")),
        (REVIEWED, "review", "review", ("no JSON",)),
        (REVIEWED, "review", "publication_news", ()),
        (REVIEWED, "review", "no_such_signal", ("1",)),
        (PUBLICATION, "not_posted", "posted", ()),
        (PUBLICATION, "not_posted", "posted", ("{}", "{}")),
        (PUBLICATION, "not_posted", "not_posted", ("1", "2")),
        # Release 0.1 took no notice of these; taken now, the post would be another.
        (PUBLICATION, "not_posted", "posted", ("7123456789012345678",)),
        (PUBLICATION, "not_posted", "posted", ('{"post_id": 7}',)),
        (PUBLICATION, "not_posted", "resume", ("no JSON",)),
    ],
)
async def test_a_run_with_such_a_signal_in_its_history_goes_on(
    path: Path, before: str, name: str, inputs: tuple[str, ...]
) -> None:
    alone = path == PUBLICATION
    history = with_signal(path, name, *inputs, before=before, alone=alone)
    assert len(history.events) == len(json.loads(path.read_text())["events"]) + (4 if alone else 1)
    await Replayer(workflows=WORKFLOWS, plugins=[reelwright_plugin()]).replay_workflow(history)


async def test_what_release_0_1_took_is_taken_when_it_is_replayed() -> None:
    text = json.dumps({"by": "e", "post_id": "none"})
    history = with_signal(PUBLICATION, "not_posted", text, before="not_posted", alone=False)
    last = [e for e in history.events if e.HasField("workflow_execution_signaled_event_attributes")][-1]
    last.workflow_execution_signaled_event_attributes.signal_name = "no_such_signal"
    await Replayer(workflows=WORKFLOWS, plugins=[reelwright_plugin()]).replay_workflow(history)
