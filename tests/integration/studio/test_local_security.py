"""A studio on one machine: who may read its files, what stands in its processes' environments, what it quotes."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from reelwright.storage.media import LocalMediaStore
from workers.local.child_env import MAKING_SETTINGS
from workers.local.supervisor import Child, ChildFailed, ChildSpec

from .running import SECRETS, LocalStudio

OTHERS = 0o077


@pytest.fixture(scope="module")
def studio(quiet_studio: LocalStudio) -> LocalStudio:
    """Over a state folder that an earlier version left open to everybody."""
    return quiet_studio


def children(studio: LocalStudio) -> dict[str, list[psutil.Process]]:
    """Each child of `up` with all it has started."""
    found = {}
    for name, ref in studio.state.children.items():
        process = ref.process()
        assert process is not None, name
        found[name] = [process, *process.children(recursive=True)]
    return found


def test_nobody_else_may_read_the_state_folder(studio: LocalStudio) -> None:
    state = studio.folder / ".reelwright"
    seen = {path.relative_to(state).as_posix(): path.lstat() for path in state.rglob("*") if not path.is_symlink()}
    assert {"stack.json", "temporal.db", "logs/cpu.log", "media/ab/abc.mp4", "scratch/1", "postgres/PG_VERSION"} <= set(
        seen
    )
    open_to_others = {name: oct(found.st_mode) for name, found in seen.items() if stat.S_IMODE(found.st_mode) & OTHERS}
    assert open_to_others == {}
    # Started by root, PostgreSQL runs as a user of its own, which passes through the folder as its group.
    allowed = stat.S_IXGRP if os.geteuid() == 0 else 0
    assert stat.S_IMODE(state.stat().st_mode) & OTHERS & ~allowed == 0


def test_children_make_private_files(studio: LocalStudio) -> None:
    for name, processes in children(studio).items():
        status = Path(f"/proc/{processes[0].pid}/status").read_text()
        assert "Umask:\t0077" in status, name


def test_each_child_has_only_its_own_secrets(studio: LocalStudio) -> None:
    found = children(studio)
    assert set(found) == {"temporal", "postgres", "sandbox", "cpu", "render", "console"}
    for name, processes in found.items():
        for process in processes:
            raw = Path(f"/proc/{process.pid}/environ").read_bytes()
            held = {variable for variable, value in SECRETS.items() if value.encode() in raw}
            every = set(SECRETS) - {"UNRELATED_PASSWORD"}
            platforms = {"YOUTUBE_REFRESH_TOKEN", "X_REFRESH_TOKEN"}  # by which places are decided: `child_env`
            own = {"cpu": every, "render": every & set(MAKING_SETTINGS), "console": platforms}.get(name, set())
            assert held == own if process is processes[0] else held <= own, (name, process.cmdline())
            stores = {key for key in (b"DATABASE_URL=", b"TEMPORAL_ADDRESS=") if key in raw}
            assert bool(stores) == (name in ("cpu", "render", "console")) or process is not processes[0], name
            assert (b"REELWRIGHT_SECRET_KEY=" in raw) <= (name in ("cpu", "console")), name


# --- what is kept, and what is delivered -----------------------------------------------------------------------------


async def test_media_are_private_and_what_is_delivered_is_not(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        store = LocalMediaStore(tmp_path / "media")
        ref = await store.put_bytes(b"a video", "video/mp4")
        delivered = await store.fetch(ref, tmp_path / "out" / "video.mp4")
        os.umask(0o077)
        kept = await store.fetch(ref, tmp_path / "scratch" / "video.mp4")
    finally:
        os.umask(before)
    for path in (store.root, *store.root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & OTHERS == 0, path
    assert stat.S_IMODE(delivered.stat().st_mode) == 0o644
    assert stat.S_IMODE(delivered.parent.stat().st_mode) == 0o755
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


# --- what a failed start quotes --------------------------------------------------------------------------------------


def failing(tmp_path: Path, program: str) -> Child:
    """A child whose log holds the words of an earlier start."""
    (tmp_path / "odd.log").write_text("the words of last week\n")
    return Child(ChildSpec(name="odd", command=[sys.executable, "-c", program]), tmp_path, lambda: None)


async def test_a_child_that_says_nothing_is_not_quoted_with_old_words(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="it wrote nothing"):
        await _never_ready(failing(tmp_path, "raise SystemExit(3)"))


async def test_a_child_is_quoted_with_the_last_words_of_this_start(tmp_path: Path) -> None:
    program = "print('first'); print('token=abc123def456 is wrong'); raise SystemExit(3)"
    with pytest.raises(ChildFailed, match=r"ended before it was ready: token=.redacted. is wrong"):
        await _never_ready(failing(tmp_path, program))


async def _never_ready(child: Child) -> None:
    async def never() -> None:
        await asyncio.sleep(60)

    child.spec = replace(child.spec, ready=never)
    await child.start()


@pytest.mark.deep
def test_a_start_that_fails_is_quoted_and_not_an_earlier_one(tmp_path: Path) -> None:
    studio = LocalStudio(tmp_path, settings={"DATABASE_URL": "postgresql://u:guarded-pw-77@127.0.0.1:1/x"})
    logs = tmp_path / ".reelwright" / "logs"
    logs.mkdir(parents=True)
    for name in ("up", "cpu", "render", "temporal", "sandbox"):
        (logs / f"{name}.log").write_text("error the words of last week\n")
    done = studio.cli("run", "--topic", "Tides", "--format", "1:1")
    assert done.returncode == 1
    assert "last week" not in done.stderr and "guarded-pw-77" not in done.stderr
    assert "the local studio did not start: " in done.stderr
    said = json.loads((logs / "up.json").read_text())
    assert said["error"] in done.stderr.replace("\n", " ")
    assert "database" in done.stderr.replace("\n", " ")
