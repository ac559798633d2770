"""`make bench-publish`: measures, prints what it saw, and ends with one line of JSON. Timings are never asserted; that
nothing is lost, doubled or oversold is. Each part runs in a fresh process."""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from reelwright.domain.assets import AssetRef
from reelwright.domain.formats import Platform

from . import bookings, upload, waiting
from .stage import sandbox


def main() -> int:
    """Exit code 0 when everything could be measured."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="bench-publish-") as name:
        folder = Path(name)
        if given.part:
            print(json.dumps(asyncio.run(_part(given, folder))))
            return 0
        print(json.dumps(_measure(given, folder)))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.publish", description=__doc__)
    parser.add_argument("--bookings", type=int, default=3_000, help="bookings in each of three rounds")
    parser.add_argument("--waiting", type=int, default=10_000, help="publications that wait")
    parser.add_argument(
        "--platform", choices=("youtube", "tiktok"), default="youtube", help="whose quota they wait for"
    )
    parser.add_argument("--megabytes", type=int, default=1_024, help="size of the upload")
    parser.add_argument("--rounds", type=int, default=3, help="uploads of each kind; the quickest counts")
    parser.add_argument("--part", choices=("bookings", "waiting", "adapter", "bare"), help=argparse.SUPPRESS)
    parser.add_argument("--at", help=argparse.SUPPRESS)
    parser.add_argument("--media", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--ref", help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(given: argparse.Namespace, folder: Path) -> dict[str, float]:
    """All parts, one after the other."""
    booked = _run("bookings", "--bookings", str(given.bookings))
    waited = _run("waiting", "--waiting", str(given.waiting), "--platform", given.platform)
    sent = _uploads(given, folder)
    return {
        "upload_over_bare_put": round(sent["bare"]["seconds"] / sent["adapter"]["seconds"], 3),
        "upload_rss_growth_mb": round(sent["adapter"]["rss_growth_mb"], 1),
        "bookings_per_s": round(min(booked["granted_per_s"], booked["ahead_per_s"], booked["far_ahead_per_s"])),
        "waiting_rss_growth_mb": waited["rss_growth_mb"],
    }


def _uploads(given: argparse.Namespace, folder: Path) -> dict[str, dict[str, float]]:
    """Bare and adapter in turn, so that a busy machine hurts both; of each the quickest, and the most memory."""
    ref = asyncio.run(upload.make_video(folder, given.megabytes))
    where = ("--media", str(folder), "--ref", ref.model_dump_json())
    runs: dict[str, list[dict[str, float]]] = {"bare": [], "adapter": []}
    with sandbox(folder / "sandbox") as url:
        for _ in range(given.rounds):
            for part, done in runs.items():
                done.append(_run(part, "--at", url, *where))
    return {
        part: {
            "seconds": min(each["seconds"] for each in done),
            "rss_growth_mb": max(each["rss_growth_mb"] for each in done),
        }
        for part, done in runs.items()
    }


def _run(part: str, *options: str) -> dict[str, Any]:
    """A part in a process of its own; what it saw is shown on standard error."""
    command = [sys.executable, "-m", "bench.publish", "--part", part, *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    seen: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    shown = ", ".join(
        f"{name} {value:,.1f}" if isinstance(value, float) else f"{name} {value}" for name, value in seen.items()
    )
    print(f"{part}: {shown}", file=sys.stderr)
    return seen


async def _part(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    if given.part == "bookings":
        return await bookings.measure(folder, given.bookings)
    if given.part == "waiting":
        return await waiting.measure(folder, Platform(given.platform), given.waiting)
    send = upload.through_adapter if given.part == "adapter" else upload.bare
    return await send(given.media, given.at, AssetRef.model_validate_json(given.ref))


if __name__ == "__main__":
    sys.exit(main())
