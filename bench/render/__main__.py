"""`make bench-render`: measures, prints a table, and ends with one line of JSON. Nothing is asserted.

All CPU numbers are user and system time of whole process trees; run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from reelwright.domain.formats import VideoFormat
from reelwright.render.plan.timeline import build_timeline

from . import quality, tasks
from .assets import GRAIN, SECONDS, Assets, formats, make_assets
from .measure import ROOT, Cost, cost_of, mean, task
from .peers import graph_command, moviepy_job
from .studio import FIGURES

CHANGED = 4
TURNS = 3
"""How often what differs by little is measured, by turns: the same run differs by some per cent here."""
KILL_AT = 0.8
NAMES = ",".join(format.value for format in formats())
SMALL = "1:1"
"""The format in which resuming and segments are measured: the cheapest of the three."""
MOVIEPY = ROOT / ".venv-bench" / "bin" / "python"


class Bench:
    """One run. `values` become the line of JSON, `rows` the table: what, how much, note."""

    def __init__(self, work: Path, assets: Assets, encoded: Path, strict: bool, console: Console) -> None:
        self.work, self.assets, self.encoded, self.strict, self.console = work, assets, encoded, strict, console
        self.values: dict[str, float | None] = {}
        self.rows: list[tuple[str, str, str]] = []
        self.seconds = build_timeline(assets.plan).seconds

    def step(self, what: str) -> None:
        """Prints what is being measured, on stderr."""
        self.console.print(f"[dim]{what}[/dim]")

    def cost(self, name: str, folder: Path, *args: str, end_when: Callable[[], bool] | None = None) -> Cost:
        """Runs one of `tasks`."""
        return cost_of(task(name, folder, *args), self.work / "log.txt", end_when=end_when)

    def row(self, what: str, value: str, note: str = "") -> None:
        """A line of the table."""
        self.rows.append((what, value, note))

    def against_encoder(self) -> None:
        """Three delivered formats, and PyAV encoding the same frames, by turns; then with another picture in a scene.

        The measure is x264 as PyAV runs it, with as many threads as it takes by itself: so the first measurements were
        made (docs/adr/0002-render-segments.md: 1.14 for one process, 0.9 to 1.1 for two processes of one thread
        each)."""
        self.step("the frames")
        frames = {format: folder(self.work, f"frames-{format.slug}", self.assets) for format in formats()}
        for format, work in frames.items():
            self.cost("compose", work, format.value)
        read = sum(self.cost("encode", work, format.value, "read").cpu_s for format, work in frames.items())
        ours, usual = [self._delivered(0)], []
        for turn in range(1, TURNS):
            self.step("PyAV encodes the composed frames")
            usual.append(self._encoded(frames, "0"))
            ours.append(self._delivered(turn))
        self._told_encoder(mean(ours), ours, mean(usual), usual, read)
        if self.strict:
            self.step("PyAV encodes them with one thread")
            one = self._encoded(frames, "1")
            ratio = mean(ours).cpu_s / (one.cpu_s - read)
            self.row("PyAV encode alone, one thread", said(one), f"ours is {ratio:.3f} of it")
        for work in frames.values():
            (work / "frames.yuv").unlink()
        self.changed(ours[-1], self.work / f"ours-{TURNS - 1}")

    def _delivered(self, turn: int) -> Cost:
        self.step(f"three formats, as they are delivered, {turn + 1} of {TURNS}")
        out = folder(self.work, f"ours-{turn}", self.assets)
        return self.cost("deliver", out, NAMES, "2", str(self.encoded))

    def _encoded(self, frames: dict[VideoFormat, Path], threads: str) -> Cost:
        """All formats, one after the other."""
        costs = [self.cost("encode", work, format.value, threads) for format, work in frames.items()]
        return Cost(sum(cost.cpu_s for cost in costs), sum(cost.wall_s for cost in costs), mean(costs).rss_mb)

    def _told_encoder(self, ours: Cost, runs: list[Cost], usual: Cost, encodes: list[Cost], read: float) -> None:
        self.values["cpu_over_encode"] = ours.cpu_s / (usual.cpu_s - read)
        self.values["peak_rss_mb"] = ours.rss_mb
        note = f"{ours.cpu_s / 3 / self.seconds:.2f} CPU-s a delivered second; {turns(runs)}"
        self.row(f"three formats, delivered, mean of {len(runs)}", said(ours), note)
        note = f"{turns(encodes)}, of it {read:.1f} reading, which is taken off"
        self.row(f"PyAV encode alone, mean of {len(encodes)}", said(usual), note)

    def changed(self, whole: Cost, work: Path) -> None:
        """One picture of eight is another one, right after the whole: what a person waits for then."""
        self.step("one scene of eight changed, three formats")
        tasks.save(self.assets.changed(CHANGED, self.work), work)
        cost = self.cost("deliver", work, NAMES, "2", str(self.encoded))
        self.values["one_scene_share"] = cost.cpu_s / whole.cpu_s
        self.row("one of eight pictures changed", said(cost), f"{cost.cpu_s / whole.cpu_s:.1%} of the whole before it")

    def against_peers(self) -> None:
        """The same in 16:9 by us, by one FFmpeg graph and by MoviePy, all from the same unencoded sound."""
        self.step("peers: ours")
        wide, work, sound = VideoFormat.WIDE, folder(self.work, "peers", self.assets), self.encoded.with_suffix(".flac")
        first = self.cost("deliver", work, wide.value, "2", str(sound))
        self.step("peers: an FFmpeg graph")
        command = graph_command(self.assets, wide, sound, work)
        peers = {"FFmpeg graph, stills at 4x": cost_of(command, self.work / "log.txt", cwd=work)}
        if MOVIEPY.exists():
            self.step("peers: MoviePy")
            command = [str(MOVIEPY), str(ROOT / "bench/render/moviepy_peer.py")]
            job = moviepy_job(self.assets, wide, sound, work)
            peers["MoviePy 2.2.1"] = cost_of([*command, str(job)], self.work / "log.txt")
        else:
            self.row("MoviePy", "not measured", "no .venv-bench: use `make bench-render`")
        self.step("peers: ours again")
        second = self.cost("deliver", folder(self.work, "peers-again", self.assets), wide.value, "2", str(sound))
        ours, clip = mean([first, second]), f"{self.seconds:.0f} s of 16:9"
        per_second = f"{ours.cpu_s / self.seconds:.2f} CPU-s a delivered second"
        self.row(f"ours, {clip}", said(ours), f"{per_second}; {turns([first, second])}")
        ratios = {name: cost.cpu_s / ours.cpu_s for name, cost in peers.items()}
        for name, cost in peers.items():
            note = f"{ratios[name]:.2f} times ours; {cost.cpu_s / self.seconds:.2f} CPU-s a delivered second"
            self.row(f"{name}, {clip}", said(cost), note)
        self.values["ffmpeg_graph_over_ours"] = ratios["FFmpeg graph, stills at 4x"]
        self.values["moviepy_over_ours"] = ratios.get("MoviePy 2.2.1")

    def segments(self) -> None:
        """One format in one pass and in segments, both one process at a time; then killed."""
        self.step(f"segments against one pass, {SMALL}, {TURNS} times each")
        runs: dict[str, list[Cost]] = {"single": [], "whole": []}
        for turn in range(TURNS):
            for kind, costs in runs.items():
                work = folder(self.work, f"{kind}-{turn}", self.assets)
                processes = ["1"] if kind == "whole" else []
                task = "deliver" if kind == "whole" else "single"
                costs.append(self.cost(task, work, SMALL, *processes, str(self.encoded)))
        single, whole = map(mean, runs.values())
        slug = f"{VideoFormat(SMALL).slug}.mp4"
        sizes = [(self.work / f"{kind}-0" / slug).stat().st_size for kind in runs]
        self.values["segment_size_overhead"] = sizes[1] / sizes[0] - 1.0
        self.values["segment_cpu_overhead"] = whole.cpu_s / single.cpu_s - 1.0
        for what, cost, size, kind in (
            (f"{SMALL} in one pass", single, sizes[0], "single"),
            (f"{SMALL} in segments, one after the other", whole, sizes[1], "whole"),
        ):
            self.row(what, said(cost), f"{size / 1e6:.2f} MB; {turns(runs[kind])}")
        self.killed(whole)

    def killed(self, whole: Cost) -> None:
        """kill -9 when 80 % of the frames stand in finished segments, then the rest."""
        self.step(f"kill -9 at {KILL_AT:.0%}, and the rest")
        work = folder(self.work, "killed", self.assets)
        cut = tasks.cut_of(self.assets.plan, SMALL)

        def far_enough() -> bool:
            done = sum(part.frames for part in cut.segments if tasks.segment_path(work, part).exists())
            return done >= KILL_AT * cut.frames

        first = self.cost("deliver", work, SMALL, "1", str(self.encoded), end_when=far_enough)
        rest = self.cost("deliver", work, SMALL, "1", str(self.encoded))
        self.values["resume_share"] = rest.cpu_s / whole.cpu_s
        self.row(
            "killed, then resumed", said(rest), f"{rest.cpu_s / whole.cpu_s:.1%} of the whole, {first.wall_s:.0f} s in"
        )

    def clips(self) -> None:
        """The same scenes as clips: what decoding and fitting them adds to encoding, against sampling stills. Of the
        three formats the worst is the figure."""
        self.step("clips of the stills")
        footage = self.work / "footage"
        footage.mkdir()
        filmed, ratios = self.assets.filmed(footage), []
        for format in formats():
            costs = []
            for kind, assets in (("stills", self.assets), ("clips", filmed)):
                self.step(f"{format} of {kind}")
                work = folder(self.work, f"{kind}-{format.slug}", assets)
                costs.append(self.cost("deliver", work, format.value, "2", str(self.encoded)))
            ratios.append(costs[1].cpu_s / costs[0].cpu_s)
            self.row(f"{format} of stills", said(costs[0]))
            self.row(f"{format} of clips of the same", said(costs[1]), f"{ratios[-1]:.2f} times as much")
        self.values["clips_over_stills"] = max(ratios)

    def studio(self) -> None:
        """Three formats through the workflow, with thumbnails and inspection: what is left after the last segment."""
        self.step("three formats through the studio")
        work = folder(self.work, "studio", self.assets)
        cost = self.cost("studio", work, NAMES)
        figures = json.loads((work / FIGURES).read_text())
        self.values["tail_s"] = figures["tail_s"]
        self.values["inspect_share"] = figures["inspect_s"] / figures["cpu_s"]
        note = f"{figures['tail_s']:.2f} s after the last segment; inspection {figures['inspect_s']:.2f} CPU-s"
        self.row("three formats through the studio", f"{figures['cpu_s']:.1f} CPU-s  {cost.wall_s:.1f} s", note)

    def picture(self) -> None:
        """Steadiness and likeness."""
        self.step("pan and VMAF")
        composed, encoded = quality.pan_jitter(self.work, VideoFormat.WIDE.size)
        self.values["pan_jitter_px"] = composed
        self.row("constant pan, 1920x1080", f"{composed:.4f} px", f"composed; {encoded:.4f} px after encoding")
        timeline = build_timeline(self.assets.plan)
        runs = [
            range(at, at + 40) for at in (timeline.frames // 6, timeline.scenes[3].first - 10, timeline.frames * 3 // 4)
        ]
        path = self.work / "ours-0" / f"{VideoFormat.WIDE.slug}.mp4"
        mean, low = quality.vmaf(self.assets, VideoFormat.WIDE, path, self.work, runs)
        self.values["vmaf"] = mean
        self.row(
            "VMAF, 1080p standard",
            f"{mean:.1f}",
            f"lowest frame {low:.1f}, {sum(map(len, runs))} frames, a fade in them",
        )


def folder(work: Path, name: str, assets: Assets) -> Path:
    """A folder of its own with the material's description."""
    made = work / name
    tasks.save(assets, made)
    return made


def turns(runs: Sequence[Cost]) -> str:
    """What each of several runs took."""
    return f"{', '.join(f'{run.cpu_s:.1f}' for run in runs)} CPU-s"


def said(cost: Cost) -> str:
    """CPU and wall seconds and memory."""
    return f"{cost.cpu_s:.1f} CPU-s  {cost.wall_s:.1f} s  {cost.rss_mb:.0f} MB"


_KEYS = (
    *("cpu_over_encode", "moviepy_over_ours", "ffmpeg_graph_over_ours", "peak_rss_mb", "segment_size_overhead"),
    *("segment_cpu_overhead", "resume_share", "one_scene_share", "pan_jitter_px", "vmaf", "tail_s", "inspect_share"),
    "clips_over_stills",
)


def main() -> int:
    """Everything, or the requested parts."""
    parser = argparse.ArgumentParser(prog="bench.render", description=__doc__)
    parts = ("against_encoder", "against_peers", "segments", "picture", "clips", "studio")
    parser.add_argument("--only", choices=parts, action="append", help="measure this part alone (may be repeated)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="length of the video, for a quick look")
    parser.add_argument("--grain", type=float, default=GRAIN, help="how noisy the stills are, in code values")
    parser.add_argument("--strict", action="store_true", help="also against an encoder of one thread")
    chosen = parser.parse_args()
    console = Console(stderr=True)
    work = Path(tempfile.mkdtemp(prefix="reelwright-bench-"))
    try:
        console.print("[dim]material[/dim]")
        material = work / "material"
        material.mkdir()
        assets = make_assets(material, seconds=chosen.seconds, grain=chosen.grain)
        mixed = folder(work, "mixed", assets)
        cost_of(task("mix", mixed), work / "log.txt")
        bench = Bench(work, assets, mixed / "soundtrack.m4a", chosen.strict, console)
        for part in parts:
            if not chosen.only or part in chosen.only or (part == "against_encoder" and "picture" in chosen.only):
                getattr(bench, part)()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    setting = f"{chosen.seconds:.0f} s, 8 scenes, grain {chosen.grain:.0f}, x264 veryfast crf 20"
    table = Table(title=f"{setting}, {os.cpu_count()} cores")
    for column in ("what", "cost: CPU, wall, largest process", "note"):
        table.add_column(column)
    for row in bench.rows:
        table.add_row(*row)
    Console(width=150).print(table)
    values = {
        key: None if bench.values.get(key) is None else round(float(bench.values[key] or 0.0), 4) for key in _KEYS
    }
    print(json.dumps(values))
    return 0


if __name__ == "__main__":
    sys.exit(main())
