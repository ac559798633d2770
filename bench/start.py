"""`make bench-start`: the CPU that one command takes, user and system, with a local studio up; the last line is JSON.

For each command the median and the least of several runs, in seconds, and the median's ratio to that of `import
temporalio.client` in the same run: a machine's speed, and what else it does, goes into both. Commands and import take
turns, so that a busy moment meets all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from PIL import Image

from workers.local.state import find_live_stack

READY_S = 180.0
IMPORT = "import temporalio.client"
CONTENT = "bench-start"
SCRIPT = "One sentence is enough for a list.\n"
CHANNEL = 'name = "bench"\nlanguages = ["en", "de"]\n[budget]\nusd_per_day = 5.0\n'
FIRST = (
    f"start --script script.md --id {CONTENT} --platform none", "channel apply bench.toml", "media add picture.png",
    "feeds add https://example.com/feed.xml --name bench",
    "consent add --person Anna --use bench --document script.md",
)  # fmt: skip
"""What the studio has when the others are measured: a list of nothing loads less."""
COMMANDS = (
    "--version", "--help", "run --help", "channel --help",
    "run --topic x --format 3x3", "start --script none.md",
    "list", f"status {CONTENT}", "posts", f"posts {CONTENT}", "review list", f"review show {CONTENT} --no-open",
    "review approve nobody --reviewer anna", "review reject nobody --reviewer anna",
    "review revise nobody --reviewer anna --note x", f"review links list {CONTENT}",
    "fetch nobody", "cancel nobody", "retry nobody --reviewer anna",
    "settle nobody --platform youtube --reviewer anna --not-posted",
    "quota", "quota set youtube inserts 6", "platform list", "platform pause x", "platform resume x",
    "account list",
    "audit", "cost", "budget show", "budget set bench --per-day 5", "budget unknown",
    "channel list", "channel show bench", "channel history bench", "channel diff bench", "channel export bench",
    "channel apply bench.toml", "media list", "media show 000000", f"evidence {CONTENT}",
    "feeds list", "feeds show bench", "feeds pause bench", "feeds resume bench", "consent list", "consent revoke 99",
    f"start --script script.md --id {CONTENT} --platform none",
)  # fmt: skip
AT_WORK = ("voices list", "deploy status", "doctor")
"""They load what they look at: the voices, the SDK, everything."""
REFUSED = {"3x3", "none.md", "nobody", "000000", "99"}
"""Words of commands that are to be refused, for what they name is not there: exit code 2."""


def main() -> None:
    """Starts a studio in a temporary folder, or uses the one that runs in `--folder`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="where a studio is up")
    options = parser.parse_args()
    if options.folder:
        measured = _measured(options.folder, options.runs)
    else:
        with tempfile.TemporaryDirectory(prefix="reelwright-bench-") as name:
            measured = _in_a_studio(Path(name), options.runs)
    yardstick = measured.pop(IMPORT)
    for words, seconds in measured.items():
        print(f"{median(seconds):6.3f} s  {min(seconds):6.3f} s  {words}")
    told = {
        "import_temporalio_s": round(median(yardstick), 3),
        "median_s": {words: round(median(seconds), 3) for words, seconds in measured.items()},
        "least_s": {words: round(min(seconds), 3) for words, seconds in measured.items()},
        "ratio": {words: round(median(seconds) / median(yardstick), 2) for words, seconds in measured.items()},
    }
    print(json.dumps(told))


def _in_a_studio(folder: Path, runs: int) -> dict[str, list[float]]:
    with (folder / "up.out").open("wb") as out:
        up = subprocess.Popen([sys.executable, "-m", "starter.cli", "up"], cwd=folder, stdout=out, stderr=out)
    try:
        end = time.monotonic() + READY_S
        while find_live_stack(folder / ".reelwright") is None:
            if up.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"no studio: {(folder / 'up.out').read_text(errors='replace')[-400:]}")
            time.sleep(0.5)
        return _measured(folder, runs)
    finally:
        up.send_signal(signal.SIGTERM)
        up.wait()


def _measured(folder: Path, runs: int) -> dict[str, list[float]]:
    (folder / "script.md").write_text(SCRIPT)
    (folder / "bench.toml").write_text(CHANNEL)
    Image.new("RGB", (640, 640), "teal").save(folder / "picture.png")
    for words in FIRST:
        _command(folder, words, anyhow=True)  # a studio of an earlier measurement has them
    _waiting(folder)
    found: dict[str, list[float]] = {IMPORT: [], **{words: [] for words in (*COMMANDS, *AT_WORK)}}
    for _ in range(runs):
        for words, seconds in found.items():
            before = _cpu()
            if words == IMPORT:
                subprocess.run([sys.executable, "-c", IMPORT], cwd=folder, check=True)
            else:
                _command(folder, words, anyhow=words in AT_WORK)
            seconds.append(_cpu() - before)
    return found


def _command(folder: Path, words: str, *, anyhow: bool = False) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "starter.cli", *words.split()],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ,
    )
    wanted = 2 if REFUSED & set(words.split()) else 0
    if done.returncode != wanted and not anyhow:
        raise SystemExit(f"{words}: exit code {done.returncode}, not {wanted}: {done.stderr[-400:]}")
    return done.stdout


def _waiting(folder: Path) -> None:
    """Returns when the content waits for its review: what is measured then is not beside its making."""
    end = time.monotonic() + READY_S
    while json.loads(_command(folder, f"status {CONTENT} --json"))["stage"] != "review":
        if time.monotonic() > end:
            raise SystemExit("the content does not come to its review")
        time.sleep(1)


def _cpu() -> float:
    """Of all children that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
