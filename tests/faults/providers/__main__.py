"""`make providers`: a studio whose providers are stand-ins on loopback. Every provider makes one thing well, and fails
once in each way; then whole contents, one for each provider of a capability, and one for each way of failing. The last
line is one line of JSON: `chains`, `runs`, `fell_back`, `unknown`, `wrong`; the exit code says whether anything was.

    python -m tests.faults.providers [--only speech/azure] [--no-whole] [--no-single]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from temporalio.client import Client

from reelwright.storage.database import connect
from tests.integration.studio.running import LocalStudio, local_studio
from tests.own_samples import clip
from workers.plugin import reelwright_plugin

from .making import Found, Making
from .tariff import environment, price_file
from .vendors import CHAINS, Vendors, all_vendors
from .ways import cases
from .whole import Whole, past_their_day


async def singly(studio: LocalStudio, vendors: Vendors, only: tuple[str, ...], found: Found) -> None:
    """Every provider by itself; of `only` those whose names begin so."""
    pool = await connect(studio.state.env["DATABASE_URL"], max_size=10)
    try:
        client = await Client.connect(studio.state.env["TEMPORAL_ADDRESS"], plugins=[reelwright_plugin()])
        places = [place for place in CHAINS if "/".join(place).startswith(only)]
        chosen = [case for case in cases() if case.name.startswith(only)]
        await Making(pool, client, vendors).all(chosen, places, found)
    finally:
        await pool.close()


def run(folder: Path, only: tuple[str, ...], *, single: bool, whole: bool) -> int:
    """0 when nothing is wrong."""
    found = Found()
    movie = clip(folder / "movie.mp4", seconds=4.0, size=(1_080, 1_080), fps=25)
    with all_vendors(movie.read_bytes, scenes=4) as vendors:
        settings = environment(vendors.url, price_file(folder / "prices.toml"))
        place = folder / "studio"
        place.mkdir()
        with local_studio(place, **settings) as studio:
            if single:
                asyncio.run(singly(studio, vendors, only, found))
            if whole:
                Whole(studio, vendors, found).all()
        if whole:
            with local_studio(place, **settings, **past_their_day()) as studio:
                Whole(studio, vendors, found).ended()
    told = {
        "chains": len(CHAINS),
        "runs": found.runs,
        "fell_back": found.fell_back,
        "unknown": found.unknown,
        "wrong": found.wrong,
    }
    print(json.dumps(told, ensure_ascii=False), flush=True)
    return int(bool(found.wrong))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.providers")
    parser.add_argument(
        "--only",
        action="append",
        help="the beginning of a capability, a provider, a case (speech/azure); may be given several times",
    )
    parser.add_argument("--no-single", action="store_true", help="whole contents alone")
    parser.add_argument("--no-whole", action="store_true", help="without whole contents")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder), tuple(given.only or [""]), single=not given.no_single, whole=not given.no_whole)


if __name__ == "__main__":
    sys.exit(main())
