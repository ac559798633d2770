"""The processes that do the work: none is left behind, however it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

import reelwright
from reelwright.domain.errors import RenderFailed
from reelwright.domain.formats import VideoFormat
from reelwright.render import LocalRenderer
from reelwright.render.encode.mp4 import EncodeSettings
from reelwright.render.encode.segments import cut_format
from reelwright.render.process.jobs import ChildJob

from .made import SHORT_TEXTS, Made, Rendered, asset, children, ignore, make_plan


def pids() -> set[int]:
    return {child.pid for child in children()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_plan(tmp_path_factory.mktemp("process"), SHORT_TEXTS, pace=0.3)


async def test_a_cancelled_render_ends_its_process_and_leaves_nothing(tmp_path: Path, rendered: Rendered) -> None:
    before = pids()
    begun, shares = asyncio.Event(), [0.0]
    loop = asyncio.get_running_loop()
    job = rendered.job(VideoFormat.WIDE)

    def progress(share: float) -> None:
        shares.append(share)
        loop.call_soon_threadsafe(begun.set)

    task = asyncio.create_task(LocalRenderer(preset="superfast").render(job, rendered.made.files, tmp_path, progress))
    await begun.wait()
    assert pids() - before
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert max(shares) < 1.0, "the render went on to its end"
    assert not pids() - before
    assert list(tmp_path.iterdir()) == []


async def test_a_child_whose_parent_dies_ends_itself(tmp_path: Path, rendered: Rendered) -> None:
    scratch = tmp_path / ".scratch"
    scratch.mkdir()
    job = ChildJob(
        task="video",
        plan=rendered.made.plan,
        workdir=tmp_path,
        scratch=scratch,
        files=rendered.made.files,
        format=VideoFormat.WIDE,
        soundtrack=rendered.soundtrack,
        segments=(await LocalRenderer().cut(rendered.made.plan, VideoFormat.WIDE)).segments,
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "reelwright.render.process.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(reelwright.__file__).parents[1])},
        start_new_session=True,
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(job.model_dump_json().encode() + b"\n")
    process.stdin.flush()
    assert b"progress" in process.stdout.readline()
    process.stdin.close()
    try:
        assert process.wait(timeout=600) == -signal.SIGKILL, "it went on to the end of its work"
    finally:
        process.kill()
        process.stdout.close()
    assert list(tmp_path.iterdir()) == []


def test_the_child_gets_no_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from reelwright.render.process import parent as process

    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    environment: dict[str, Any] = process._environment(tmp_path)
    assert "sk-secret" not in environment.values() and "OPENAI_API_KEY" not in environment
    assert Path(imageio_ffmpeg.get_ffmpeg_exe()).exists()


async def test_a_killed_child_is_an_error_and_the_next_one_is_new(made: Made, tmp_path: Path) -> None:
    cut = cut_format(made.plan, VideoFormat.SQUARE, EncodeSettings())
    before = {child.pid for child in children()}
    async with LocalRenderer() as renderer:
        begun = asyncio.Event()

        def progress(share: float) -> None:
            if share > 0.1:
                begun.set()

        work = asyncio.create_task(renderer.segments(made.plan, cut, made.files, tmp_path, progress))
        await begun.wait()
        [child] = [child for child in children() if child.pid not in before]
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(RenderFailed, match="ended by SIGKILL"):
            await work
        assert list(tmp_path.iterdir()) == []
        one = cut.model_copy(update={"segments": cut.segments[1:2]})
        first = await renderer.segments(made.plan, one, made.files, tmp_path, ignore)
        [kept] = [child.pid for child in children() if child.pid not in before]
        sha = asset(first[one.segments[0].digest]).sha256
        again = await renderer.segments(made.plan, one, made.files, tmp_path, ignore)
        assert [child.pid for child in children() if child.pid not in before] == [kept], "the process was not kept"
        assert asset(again[one.segments[0].digest]).sha256 == sha
    assert {child.pid for child in children()} <= before, "a process was left behind"
