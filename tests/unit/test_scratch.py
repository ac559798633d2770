"""What a killed worker left behind goes; what a living one uses stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from workers.scratch import own_scratch


def test_only_dead_processes_lose_their_folders(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name in (str(gone.pid), str(os.getppid()), "not-a-pid"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half.mp4").write_bytes(b"x")
    mine = own_scratch(tmp_path)
    assert mine.name == str(os.getpid())
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [str(os.getpid()), str(os.getppid()), "not-a-pid"]
    )
    assert own_scratch(tmp_path) == mine
