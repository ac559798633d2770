"""What a recorded history holds, and what the scenarios of `record.py` must have left in theirs."""

from __future__ import annotations

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

from . import chain_scenarios, own_scenarios, review_scenarios

BEFORE_SCENARIOS = frozenset({"0.1.0", "0.2.0", "0.3.0", "0.4.0"})
"""Releases that were recorded without these."""
CONTAINS: dict[str, dict[str, int]] = {
    **own_scenarios.CONTAINS,
    **review_scenarios.CONTAINS,
    **chain_scenarios.CONTAINS,
}


def held(path: Path) -> Counter[str]:
    """How often a history has each of `patch NAME`, `activity NAME`, `child TYPE`, `signal NAME`, `update NAME` and
    `timer`; and how many of its activities have answered with a fallback (`fell_back`)."""
    found: Counter[str] = Counter()
    for event in json.loads(path.read_text())["events"]:
        for name, attributes in event.items():
            if name.endswith("EventAttributes"):
                found.update(_held(name.removesuffix("EventAttributes"), attributes))
    return found


def _held(kind: str, of: dict[str, Any]) -> list[str]:
    match kind:
        case "markerRecorded" if of["markerName"] == "core_patch":
            return [f"patch {json.loads(_text(of['details']['patch-data']))['id']}"]
        case "activityTaskScheduled":
            return [f"activity {of['activityType']['name']}"]
        case "activityTaskCompleted":
            made = json.loads(_text(of.get("result")) or "null")
            return ["fell_back"] * (isinstance(made, dict) and bool(made.get("fell_back")))
        case "startChildWorkflowExecutionInitiated":
            return [f"child {of['workflowType']['name']}"]
        case "workflowExecutionSignaled":
            return [f"signal {of['signalName']}"]
        case "workflowExecutionUpdateAccepted":
            return [f"update {of['acceptedRequest']['input']['name']}"]
        case "timerStarted":
            return ["timer"]
    return []


def _text(payloads: dict[str, Any] | None) -> str:
    """The first payload, as text."""
    return base64.b64decode(payloads["payloads"][0].get("data", "")).decode() if payloads else ""


def lacking(folder: Path) -> list[str]:
    """A line for each thing that a release's histories do not hold, though a scenario is there for it."""
    lines: list[str] = []
    for name, wanted in CONTAINS.items():
        path = folder / f"{name}.json"
        if not path.exists():
            lines.append(f"{name}: not recorded")
            continue
        found = held(path)
        lines += [f"{name}: {what}: {found[what]} of {n}" for what, n in wanted.items() if found[what] < n]
    return lines
