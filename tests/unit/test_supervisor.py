"""A child of `up` that does not come up: what is tried again, and what is shown of its log."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from workers.local.supervisor import STARTS, Child, ChildFailed, ChildSpec, PortTaken

REASON = "Error: failed starting server: " + "could not build arguments for function X; " * 20 + "listen tcp: bind: "
PROGRAM = """
import pathlib, sys, time
starts, fails, reason = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
with starts.open("a") as file:
    file.write(".")
if len(starts.read_text()) <= fails:
    sys.exit(reason)
starts.with_name("ready").touch()
time.sleep(60)
"""


def child(folder: Path, fails: int, reason: str) -> Child:
    async def ready() -> None:
        while not (folder / "ready").exists():
            await asyncio.sleep(0.02)

    command = [sys.executable, "-S", "-c", PROGRAM, str(folder / "starts"), str(fails), reason]
    return Child(ChildSpec(name="server", command=command, ready=ready), folder, lambda: None)


async def test_a_child_whose_port_was_taken_is_started_again(tmp_path: Path) -> None:
    server = child(tmp_path, STARTS - 1, REASON + "address already in use")
    await server.start()
    assert (tmp_path / "starts").read_text() == "." * STARTS and server.ref is not None
    await server.stop()


async def test_the_cause_is_shown_when_it_stays_taken(tmp_path: Path) -> None:
    with pytest.raises(PortTaken, match=r"^server: ended before it was ready: Error: .* … .*already in use; see"):
        await child(tmp_path, STARTS, REASON + "address already in use").start()
    assert (tmp_path / "starts").read_text() == "." * STARTS


async def test_what_fails_for_another_reason_is_not_tried_again(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="no such file"):
        await child(tmp_path, 1, "no such file").start()
    assert (tmp_path / "starts").read_text() == "."
