"""docker-compose.yml and .env.example say what the settings say. There is no Docker engine here to ask."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from workers.platform_settings import PlatformSettings
from workers.provider_settings import ProviderSettings
from workers.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
# Read by temporalio.envconfig, not by our settings.
TEMPORAL = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"}
FIELDS = [field for model in (Settings, PlatformSettings, ProviderSettings) for field in model.model_fields.values()]
OURS = {str(field.validation_alias) for field in FIELDS}


def test_env_example_lists_exactly_the_settings() -> None:
    listed = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert listed - TEMPORAL == OURS


def test_env_example_shows_the_defaults() -> None:
    shown = dict(re.findall(r"^#([A-Z][A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    plain = {str(f.validation_alias): f.default for f in FIELDS if isinstance(f.default, (str, int))}
    for name, default in plain.items():
        if name not in ("REELWRIGHT_MEDIA_URL", "REELWRIGHT_BLOCKED_TERMS"):  # shown by example
            said = str(default).lower() if isinstance(default, bool) else str(default)
            assert shown[name] == said, name


def test_every_variable_the_pools_are_given_is_a_setting() -> None:
    for name, service in COMPOSE["services"].items():
        if service.get("image", "").startswith("reelwright"):
            assert set(service["environment"]) - TEMPORAL <= OURS, name


def test_every_pool_command_is_a_module_that_is_there() -> None:
    for service in COMPOSE["services"].values():
        match service.get("command"):
            case ["python", "-m", module, *_]:
                path = ROOT / module.replace(".", "/")
                assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_services_depend_on_services_that_exist_and_volumes_are_declared() -> None:
    services = COMPOSE["services"]
    for name, service in services.items():
        assert set(service.get("depends_on") or ()) <= set(services), name
        for volume in service.get("volumes", ()):
            assert volume.split(":")[0] in COMPOSE["volumes"], name


def test_published_ports_are_on_loopback_and_match_the_addresses_inside() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    environment = services["cpu"]["environment"]
    assert environment["TEMPORAL_ADDRESS"] == "temporal:7233"
    assert "127.0.0.1:7233:7233" in services["temporal"]["ports"]
    sandbox_port = services["sandbox"]["command"][services["sandbox"]["command"].index("--port") + 1]
    assert f"http://sandbox:{sandbox_port}" in environment["REELWRIGHT_SANDBOX_URL"]
    assert f"{sandbox_port}:{sandbox_port}" in services["sandbox"]["ports"][0]
    assert f"http://localhost:{sandbox_port}" in environment["REELWRIGHT_SANDBOX_SITE_URL"]
    assert environment["REELWRIGHT_S3_ENDPOINT_URL"].startswith("http://s3:")


def test_pools_are_healthy_when_they_are_ready() -> None:
    for name in ("cpu", "render", "gpu"):
        service = COMPOSE["services"][name]
        port = service["environment"]["REELWRIGHT_HEALTH_PORT"]
        assert f"http://127.0.0.1:{port}/readyz" in service["healthcheck"]["test"][-1], name


def test_no_secret_stands_in_the_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in re.findall(r"^\s+([A-Z_]*(?:PASSWORD|SECRET|TOKEN|PWD)[A-Z_]*): (.*)$", text, re.MULTILINE):
        assert name[1].startswith("${"), name


def test_production_runs_the_image_without_the_sandbox() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    stages = re.split(r"^FROM ", dockerfile, flags=re.MULTILINE)[1:]
    installed = {stage.split()[2]: re.findall(r"-r (requirements\S*\.lock)", stage) for stage in stages}
    assert installed["pools"] == ["requirements-install.lock", "requirements.lock"]
    assert installed["sandbox"] == ["requirements-sandbox.lock"]
    for name, service in COMPOSE["services"].items():
        if "build" in service:
            assert service["build"]["target"] == ("sandbox" if name == "sandbox" else "pools"), name
    assert all(
        (ROOT / path).exists()
        for line in re.findall(r"^COPY (.*)$", dockerfile, re.MULTILINE)
        for path in line.split()[:-1]
    )
