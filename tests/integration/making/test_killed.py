"""A small run of `make faults-purchases`: real worker processes, killed while they buy."""

from __future__ import annotations

from pathlib import Path

from tests.faults.purchases.run import Places, under_fire
from tests.servers import Servers, copied


async def test_killed_workers_buy_nothing_twice_and_lose_nothing(servers: Servers, tmp_path: Path) -> None:
    dsn = await copied(servers.need("postgres"))
    places = Places(dsn, servers.need("temporal"), servers.need("namespace"), tmp_path)
    found = await under_fire(places, purchases=10, kills=2, seed=2)
    assert (found["bought_twice"], found["paid_and_lost"], found["bought_the_second_time"]) == (0, 0, 0), found
    assert found["spoken"] == [10, 10] and found["kills"] >= 1
