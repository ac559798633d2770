"""`make faults`: for each platform so many publications through the real workflows, each with a fault at a random
point, while workers and Temporal's server are killed. One JSON line per platform; the exit code says whether none was
doubled and none lost.

    python -m tests.faults.publishing [--platform x] [--kind pictures] [--count 300] [--seed 1] [--kills 10]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from reelwright.domain.formats import Platform
from tests.integration.studio.running import local_studio

from .menu import draw
from .run import Run
from .world import World, world

SETTINGS = {
    # How long a platform may take to list a post: the sandboxes list at once, so half a minute is cautious there.
    "REELWRIGHT_LISTED_WITHIN_S": "30",
}
PATIENCE_S = 3_000.0


async def prepared(
    world: World, platform: Platform, count: int, rng: random.Random, *, resumed: bool, pictures: bool
) -> Run:
    """A platform's publications, their accounts, and a fault in wait for each."""
    run = Run(world, platform, resumed, pictures=pictures)
    for number in range(count):
        # Every third of LinkedIn's is a member's, whose posts no read can list: where the answer is lost, it parks.
        name = f"{'member' if platform is Platform.LINKEDIN and number % 3 == 0 else 'org'}-{number:04d}"
        video = rng.choice(world.videos)
        shown = tuple(rng.sample(world.pictures, rng.choice((1, 2, 3, 4)))) if pictures else ()
        size = min((picture.file.size for picture in shown), default=video.size)
        await run.add(name, video, draw(rng, platform, name, size, pictures=pictures), shown)
    return run


async def kill(world: World, kills: int, rng: random.Random) -> Counter[str]:
    """kill -9 at random moments: the worker, and half as often Temporal's server."""
    done: Counter[str] = Counter()
    names = ["cpu"] * kills + ["temporal"] * (kills // 2)
    rng.shuffle(names)
    for name in names:
        await asyncio.sleep(rng.uniform(8, 35))
        done[name] += world.kill(name)
    return done


async def under_fire(
    platforms: list[Platform], count: int, kills: int, seed: int, folder: Path, *, pictures: bool = False
) -> int:
    """0 when nothing was doubled and nothing lost. A folder in which a run was broken off takes that run up again, if
    it is given the same numbers."""
    resumed = (folder / ".reelwright" / "stack.json").exists()
    with local_studio(folder, **SETTINGS) as studio:
        rng = random.Random(seed)
        async with world(studio, rng) as found:
            await found.generous()
            runs = [
                await prepared(found, platform, count, rng, resumed=resumed, pictures=pictures)
                for platform in platforms
            ]
            killing = asyncio.create_task(kill(found, kills, rng))
            await asyncio.gather(*(run.to_the_end(PATIENCE_S) for run in runs))
            killed = dict(await killing)
            lines = [await run.summary() | {"kills_among_all": killed} for run in runs]
    for line in lines:
        print(json.dumps(line), flush=True)
    return 0 if all(line["doubled"] == line["lost"] == 0 for line in lines) else 1


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.publishing")
    parser.add_argument("--platform", action="append", type=Platform, choices=list(Platform))
    parser.add_argument("--count", type=int, default=300, help="a fault in four or so meets no request")
    parser.add_argument(
        "--kills", type=int, default=10, help="of the worker; Temporal's server is killed half as often"
    )
    parser.add_argument("--kind", choices=("video", "pictures"), default="video", help="what is posted")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep the studio's state and logs here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        pictures = given.kind == "pictures"
        able = [platform for platform in Platform if platform.facts.pictures or not pictures]
        platforms = [platform for platform in given.platform or able if platform in able]
        return asyncio.run(under_fire(platforms, given.count, given.kills, given.seed, folder, pictures=pictures))


if __name__ == "__main__":
    sys.exit(main())
