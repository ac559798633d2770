"""Eight languages from a topic to captioned videos, to be looked at: a studio whose stories come from a stand-in for
OpenAI, a content per language in 9:16 and 16:9, one frame of each, and the beginning of its captions.

    python -m tests.faults.languages --out out/languages [--only ja --only ar]

Leaves OUT/<language>/ with the videos, and OUT/frames/<language>-<format>.png. The last line is one line of JSON:
`languages`, `videos`, `frames`, `wrong`.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import imageio_ffmpeg

from tests.integration.studio.running import LocalStudio, local_studio, one_json

from .stories import STORIES, writing

AT = 0.4
"""Which moment of a video is looked at."""
FORMATS = ("9:16", "16:9")
HEAD_LINES = 8
KEY = "sk-stand-in-0123456789abcdefgh"


def made(studio: LocalStudio, code: str, out: Path) -> dict[str, Any]:
    """The report of one language's content."""
    formats = [word for format in FORMATS for word in ("--format", format)]
    done = studio.cli(
        *("run", "--topic", STORIES[code]["topic"], "--language", code, "--platform", "none", "--auto-approve"),
        *("--out", str(out / code), "--id", f"tides-{code}", "--json", *formats),
        timeout=3_000,
    )
    if done.returncode:
        raise RuntimeError(f"{code}: {done.stderr}")
    return one_json(done.stdout)


def frame(video: Path, seconds: float, to: Path) -> None:
    """The picture of a video at a moment, as a PNG."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-ss", f"{seconds:.3f}", "-i", str(video)]
    subprocess.run([*command, "-frames:v", "1", str(to)], check=True)


def looked_at(report: dict[str, Any], folder: Path, frames: Path, code: str) -> list[str]:
    """The frames and captions of one content; what is wrong with it, as far as a program can tell."""
    wrong = []
    if "openai" not in report["notice"]:
        wrong.append(f"{code}: the story is not the stand-in's")
    for video in report["videos"]:
        to = frames / f"{code}-{video['format'].replace(':', 'x')}.png"
        frame(folder / video["path"], AT * float(video["duration_s"]), to)
        if not to.stat().st_size:
            wrong.append(f"{code}: no frame of {video['format']}")
    for track in report["captions"]:
        text = (folder / track["path"]).read_text(encoding="utf-8")
        print(f"--- {code} {track['kind']}", *text.splitlines()[:HEAD_LINES], sep="\n", flush=True)
        if STORIES[code]["hooks"][0].split()[0][:4] not in re.sub("<[^>]*>", "", text):
            wrong.append(f"{code}: the {track['kind']} captions do not begin with the story")
    return wrong


def run(out: Path, codes: list[str]) -> int:
    """0 when nothing is wrong."""
    out.mkdir(parents=True, exist_ok=True)
    folder, frames = out / "studio", out / "frames"
    for place in (folder, frames):
        place.mkdir(exist_ok=True)
    wrong: list[str] = []
    videos = 0
    size = {"REELWRIGHT_PICTURE_SIZE": "2304"}
    with writing() as (address, _), local_studio(folder, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=address,
                                                 REELWRIGHT_PROVIDERS_IMAGES="drawn",
                                                 REELWRIGHT_PROVIDERS_SPEECH="local", **size) as studio:  # fmt: skip
        for code in codes:
            report = made(studio, code, out)
            videos += len(report["videos"])
            wrong += looked_at(report, out / code, frames, code)
    found = {"languages": len(codes), "videos": videos, "frames": len(list(frames.glob("*.png"))), "wrong": wrong}
    print(json.dumps(found, ensure_ascii=False), flush=True)
    return int(bool(wrong))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.languages")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", action="append", choices=[*STORIES], help="a language; may be repeated")
    given = parser.parse_args()
    return run(given.out.resolve(), given.only or [*STORIES])


if __name__ == "__main__":
    sys.exit(main())
