"""The images of the Dockerfile hold what the services of docker-compose.yml import and write, and no more. There is no
Docker engine here to ask."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OWN = {"reelwright", "workflows", "activities", "workers", "control", "starter", "sandbox"}
IMPORTS = re.compile(r"\b(?:import|from)\s+([\w., ]+)")
"""What may be an import, in a source."""
OPTIONAL = {("reelwright/providers/speech/piper_worker.py", name) for name in ("onnx", "onnxruntime", "piper")}
"""The extra `voice`: a program of its own, which is started only where it is installed."""
IMPORTED = """
import importlib, sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())
for module in {modules}:
    importlib.import_module(module)
"""


def pinned(lock: str) -> set[str]:
    """The distributions that a lock installs."""
    return set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / lock).read_text(), re.MULTILINE))


POOLS = pinned("requirements.lock") | pinned("requirements-install.lock")
INSTALLED = {"pools": POOLS, "sandbox": POOLS}


@functools.cache
def packages() -> dict[str, list[str]]:
    """The distributions that each importable package comes from."""
    return dict(packages_distributions())


@functools.cache
def lacks(stage: str, package: str) -> bool:
    """Whether an importable package is one that an image has not."""
    known = {re.sub(r"[-_.]+", "-", name).lower() for name in packages().get(package, ())} - {"reelwright"}
    return bool(known) and not known & INSTALLED[stage]


def modules() -> dict[str, str]:
    """The module that each service of ours runs, by the service's name."""
    found = {}
    for name, service in COMPOSE["services"].items():
        if "build" in service:
            python, m, found[name], *_ = service["command"]
            assert (python, m) == ("python", "-m"), name
    return found


def may_import(source: str) -> set[str]:
    """The same and more, in a thirtieth of the time: words of its comments and texts too."""
    found = (names.split(",") for names in IMPORTS.findall(source))
    return {name.split(".")[0].split()[0] for names in found for name in names if name.split(".")[0].strip()}


def imported(source: str) -> set[str]:
    """The top-level packages that a source names, but for those that only types need."""
    tree = ast.parse(source)
    names = set()
    skipped = {id(part) for node in ast.walk(tree) if is_for_types(node) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


@pytest.mark.lengthy
@pytest.mark.parametrize("stage", INSTALLED)
def test_every_command_imports_with_what_its_image_has(stage: str) -> None:
    """What other locks install is hidden: the sandbox's server, the local stack, the tests' tools."""
    services = [name for name in modules() if COMPOSE["services"][name]["build"]["target"] == stage]
    runs = [modules()[name] for name in services]
    # A folder that is run is its `__main__`; the pools know the sandbox's accounts where nothing serves them.
    runs = [f"{module}.__main__" if (ROOT / module / "__main__.py").exists() else module for module in runs]
    runs += ["sandbox.app"] if stage == "sandbox" else ["sandbox.platforms", "sandbox.discord.accounts"]
    hidden = sorted(package for package in packages() if lacks(stage, package))
    script = IMPORTED.format(hidden=hidden, modules=runs)
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_production_imports_nothing_that_its_image_lacks() -> None:
    """Functions import what they use when they run: the sources say what that is."""
    sources = [path for folder in OWN - {"sandbox"} for path in (ROOT / folder).rglob("*.py")]
    local = ROOT / "workers" / "local"
    lacking = {
        (str(path.relative_to(ROOT)), package)
        for path in sources
        if not path.is_relative_to(local)
        for source in [path.read_text()]
        if any(lacks("pools", package) for package in may_import(source))
        for package in imported(source)
        if lacks("pools", package)
    }
    assert lacking == OPTIONAL


def test_what_a_service_writes_is_its_users_own() -> None:
    """A volume takes over the folder of the image with its owner; without one, the folder belongs to root."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    owned = set(re.findall(r"mkdir -p (\S+) && chown reelwright \1", dockerfile))
    for name, service in COMPOSE["services"].items():
        if "build" in service:
            mounted = {volume.split(":")[1] for volume in service["volumes"]}
            command = service["command"]
            written = {command[command.index("--dir") + 1]} if "--dir" in command else set()
            written |= {value for key, value in service.get("environment", {}).items() if key.endswith("_DIR")}
            assert written and written <= mounted & owned, name


def test_production_runs_the_image_without_the_sandbox() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    stages = re.split(r"^FROM ", dockerfile, flags=re.MULTILINE)[1:]
    installed = {stage.split()[2]: re.findall(r"-r (requirements\S*\.lock)", stage) for stage in stages}
    assert installed["pools"] == ["requirements-install.lock", "requirements.lock"]
    assert installed["sandbox"] == []  # the console is served by the same packages
    for name, service in COMPOSE["services"].items():
        if "build" in service:
            assert service["build"]["target"] == ("sandbox" if name == "sandbox" else "pools"), name
    assert all(
        (ROOT / path).exists()
        for line in re.findall(r"^COPY (.*)$", dockerfile, re.MULTILINE)
        for path in line.split()[:-1]
    )
