"""What all tests share: the servers (servers.py), and the order in which they are begun."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from .servers import LocalServers, RemoteServers, Servers, SkippingEnvironment, temporal_client

SERVERS = pytest.StashKey[Servers]()
EXPENSIVE = {"studio", "rendered", "made", "stock"}
"""Fixtures for a whole file that begin something long."""


def pytest_configure(config: pytest.Config) -> None:
    """One process starts servers; those it starts ask it."""
    told = getattr(config, "workerinput", None)
    if told is not None:
        config.stash[SERVERS] = RemoteServers(*told["servers"])
    else:
        local = LocalServers()
        config.stash[SERVERS] = local
        config.add_cleanup(local.close)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist: before it starts a process."""
    node.workerinput["servers"] = node.config.stash[SERVERS].serve()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each file runs in one process (`--dist loadfile`), in this order: those that take longest are not begun last."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """Whole studios and renders, then all else that needs servers, then the rest."""
    if "integration" not in item.location[0]:
        return 2
    info = getattr(item, "_fixtureinfo", None)
    made = [definitions[-1] for definitions in info.name2fixturedefs.values()] if info else []
    return 0 if EXPENSIVE & {fixture.argname for fixture in made if fixture.scope != "function"} else 1


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Servers:
    return pytestconfig.stash[SERVERS]


@pytest.fixture(scope="session")
async def temporal(servers: Servers) -> WorkflowEnvironment:
    """The real server, in memory, with time skipping."""
    return SkippingEnvironment(await temporal_client(servers))
