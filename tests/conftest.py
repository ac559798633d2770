"""What all tests share: the servers (servers.py), and which tests must run in one process."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from .servers import LocalServers, RemoteServers, Servers, SkippingEnvironment, temporal_client

SERVERS = pytest.StashKey[Servers]()
EXPENSIVE = "rendered"
"""A session fixture that costs as much as all tests that use it."""


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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a module's fixture, or an expensive one, share a process; whole studios come first, so that
    none of them is begun last."""
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=_turn)


def _group(item: pytest.Item) -> str | None:
    if EXPENSIVE in getattr(item, "fixturenames", ()):
        return EXPENSIVE
    shared = [made for made in _fixtures(item) if made.scope in ("module", "class")]
    return item.location[0] if shared else None


def _fixtures(item: pytest.Item) -> list[Any]:
    info = getattr(item, "_fixtureinfo", None)
    return [definitions[-1] for definitions in info.name2fixturedefs.values()] if info else []


def _turn(item: pytest.Item) -> int:
    """Those that take longest and cannot be divided come first."""
    group = item.get_closest_marker("xdist_group")
    if group is None:
        return 2 if "integration" in item.location[0] else 3
    return 0 if "integration" in item.location[0] or group.args[0] == EXPENSIVE else 1


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Servers:
    return pytestconfig.stash[SERVERS]


@pytest.fixture(scope="session")
async def temporal(servers: Servers) -> WorkflowEnvironment:
    """The real server, in memory, with time skipping."""
    return SkippingEnvironment(await temporal_client(servers))
