"""What all tests share: the servers (servers.py), and the order in which they are begun."""

from __future__ import annotations

import gc
import os
import ssl
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from httpx._transports import default
from hypothesis import HealthCheck, settings
from temporalio.testing import WorkflowEnvironment
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from . import depth, first_imports
from .servers import LocalServers, RemoteServers, Servers, SkippingEnvironment, temporal_client

# No test fails because a machine is slow.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")

SERVERS = pytest.StashKey[Servers]()
EXPENSIVE = {"studio", "quiet_studio", "rendered", "made", "stock"}
"""Fixtures of a whole file, or of several, that begin something long."""
TOGETHER = {
    "tests/integration/publishing/test_finished_video.py": "studio",
    "tests/integration/publishing/test_six_platforms.py": "studio",
    "tests/integration/render/test_render.py": "rendered",
    "tests/integration/render/test_render_process.py": "rendered",
    "tests/integration/render/test_render_refusals.py": "rendered",
    "tests/integration/studio/test_ids_and_ends.py": "studio",
    "tests/integration/studio/test_providers.py": "studio",
    "tests/integration/studio/test_studio.py": "studio",
    "tests/integration/studio/test_local_security.py": "quiet_studio",
    "tests/integration/test_readiness.py": "quiet_studio",
    "tests/integration/storage/test_budgets.py": "models",
    "tests/integration/studio/test_secrets_guard.py": "models",
    "tests/unit/test_cloud_voices.py": "models",
    "tests/unit/test_errors.py": "models",
    "tests/unit/test_lifecycles.py": "models",
    "tests/unit/test_long_narrations.py": "models",
    "tests/unit/test_making.py": "models",
    "tests/unit/test_model_writers.py": "models",
    "tests/unit/test_models_build.py": "models",
    "tests/unit/test_picture_models.py": "models",
}
"""Files that run in one process, by the fixture that they share there, or by what takes long to import (the language
models' packages: six seconds)."""
LAST = pytest.StashKey[dict[str, pytest.Item]]()
"""Of each fixture in `TOGETHER` the test that uses it last."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(depth.OPTION, action="store_true", help="all cases, not only one of each kind (tests/depth.py)")


def pytest_configure(config: pytest.Config) -> None:
    """One process starts servers; those it starts ask it."""
    # A test that is named runs, whatever its marks.
    if config.getoption(depth.OPTION) or any("::" in named for named in config.args):
        os.environ[depth.VARIABLE] = "1"
    if not depth.is_deep():
        depth.draw_without_constants()
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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadFileScheduling

    if config.getoption("dist") != "loadfile":
        return None

    class Scheduling(LoadFileScheduling):
        """A file's tests run in one process, and those of the files in `TOGETHER`."""

        def _split_scope(self, nodeid: str) -> str:
            file: str = super()._split_scope(nodeid)
            return TOGETHER.get(file, file)

    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, Any, Any]:
    """Nearly all that is made here stays. The garbage collector would look for the rest three thousand times, and would
    go through all of it whenever it goes through everything later on."""
    gc.disable()
    try:
        if (told := getattr(session.config, "workerinput", None)) is not None:
            first_imports.share(session.config, int(told["workerid"].removeprefix("gw")), told["workercount"])
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each file runs in one process (`--dist loadfile`), in this order: those that take longest are not begun last."""
    if not depth.is_deep() and (out := depth.left_out(items)):
        config.hook.pytest_deselected(items=[*out])
        items[:] = [item for item in items if item not in out]
    long = {item.path for item in items if item.get_closest_marker("lengthy")}
    items.sort(key=lambda item: _turn(item, item.path in long))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Notes after which test a shared studio is not needed any more."""
    last = session.config.stash[LAST] = {}
    for item in session.items:
        shared = TOGETHER.get(item.nodeid.partition("::")[0], "")
        if shared in getattr(item, "fixturenames", ()):
            last[shared] = item


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """A studio that no further test needs is stopped: while it runs it takes a twentieth of a processor."""
    shared = TOGETHER.get(item.nodeid.partition("::")[0], "")
    over = item.config.stash[LAST].get(shared) is item
    studio = getattr(item, "funcargs", {}).get(shared) if over else None
    result = yield
    if hasattr(studio, "stop"):
        studio.stop()
    return result


def _turn(item: pytest.Item, long: bool) -> int:
    """Whole studios and renders, then all else that needs servers, then the rest; the files of short tests at the end,
    where no process is to wait for another."""
    folder = item.nodeid.split("/")[1]
    if folder != "integration":
        return 2 if folder != "unit" else 3 if long else 4
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


@pytest.fixture(scope="session", autouse=True)
def certificates_are_read_once() -> Iterator[None]:
    """httpx reads all of the machine's certificates for each client, and the tests make a thousand clients."""
    make = default.create_ssl_context
    made: dict[Any, ssl.SSLContext] = {}

    def once(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
        if verify is not True or cert is not None:
            return make(verify=verify, cert=cert, trust_env=trust_env)
        key = (trust_env, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
        if key not in made:
            made[key] = make(trust_env=trust_env)
        return made[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(default, "create_ssl_context", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def each_workflow_is_validated_once() -> Iterator[None]:
    """A worker loads each of its workflows into a sandbox to see whether that works. The tests make hundreds of workers
    of the same workflows: the first answer holds for all."""
    validate = SandboxedWorkflowRunner.prepare_workflow
    validated: dict[tuple[type, int], SandboxRestrictions] = {}

    def once(runner: SandboxedWorkflowRunner, definition: Any) -> None:
        # By identity: restrictions cannot be hashed. Those that are kept keep their identity to themselves.
        key = (definition.cls, id(runner.restrictions))
        if key not in validated:
            validate(runner, definition)
            validated[key] = runner.restrictions

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SandboxedWorkflowRunner, "prepare_workflow", once)
        yield
