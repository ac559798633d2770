"""`make faults-purchases`: purchases from a provider that charges for each call, while the workers that buy them are
killed at random moments. The last line is one line of JSON; the exit code says whether anything was bought twice, or
paid and lost, without the books saying so.

    python -m tests.faults.purchases [--purchases 200] [--kills 25] [--seed 1]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tests.servers import LocalServers, copied

from .run import Places, under_fire


async def run(purchases: int, kills: int, seed: int, folder: Path) -> int:
    """0 when the books account for everything."""
    servers = LocalServers()
    try:
        dsn = await copied(servers.need("postgres"))
        places = Places(dsn, servers.need("temporal"), servers.need("namespace"), folder)
        found = await under_fire(places, purchases=purchases, kills=kills, seed=seed)
    finally:
        servers.close()
    print(json.dumps(found), flush=True)
    wrong = found["bought_twice"] + found["paid_and_lost"] + found["bought_the_second_time"]
    return int(wrong > 0 or found["spoken"] != [purchases, purchases])


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.purchases")
    parser.add_argument("--purchases", type=int, default=200)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(run(given.purchases, given.kills, given.seed, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
