"""`make faults`: for each platform so many publications through the real workflows, each with a fault at a random
point, while workers and Temporal's server are killed. One JSON line per platform; the exit code says whether none was
doubled and none lost.

    python -m tests.faults.publishing [--platform x] [--count 200] [--seed 1] [--kills 8]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from pathlib import Path

from reelwright.domain.formats import Platform
from tests.integration.studio import local_studio

from .menu import draw
from .run import Run
from .world import World, world

SETTINGS = {
    # How long a platform may take to list a post: the sandboxes list at once, so half a minute is cautious there.
    "REELWRIGHT_LISTED_WITHIN_S": "30",
}


async def under_fire(world: World, platform: Platform, count: int, kills: int, rng: random.Random) -> dict[str, object]:
    """One platform's publications, its summary."""
    run = Run(world, platform, rng)
    await world.generous()
    for number in range(count):
        # Every tenth of LinkedIn's is a member's, whose posts no read can list.
        name = f"{'member' if platform is Platform.LINKEDIN and number % 10 == 0 else 'org'}-{number:04d}"
        video = rng.choice(world.videos)
        await run.add(name, video, draw(rng, platform, name, video.size))
    await run.to_the_end(kills)
    return await run.summary()


async def main_async(platforms: list[Platform], count: int, kills: int, seed: int, folder: Path) -> int:
    """0 when nothing was doubled and nothing lost."""
    good = True
    with local_studio(folder, **SETTINGS) as studio:
        rng = random.Random(seed)
        async with world(studio, rng) as found:
            for platform in platforms:
                line = await under_fire(found, platform, count, kills, rng)
                print(json.dumps(line), flush=True)
                good = good and line["doubled"] == line["lost"] == 0
    return 0 if good else 1


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.publishing")
    parser.add_argument("--platform", action="append", type=Platform, choices=list(Platform))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--kills", type=int, default=8, help="of the worker; Temporal's server is killed half as often")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep the studio's state and logs here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        return asyncio.run(main_async(given.platform or list(Platform), given.count, given.kills, given.seed, folder))


if __name__ == "__main__":
    sys.exit(main())
