"""docker-compose.yml and .env.example say what the settings say. There is no Docker engine here to ask."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from cryptography.fernet import Fernet

from reelwright.providers.registry import specs
from workers.console_settings import ConsoleEnvironment
from workers.platform_settings import PlatformSettings
from workers.provider_settings import ProviderSettings
from workers.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
# Read by temporalio.envconfig, not by our settings.
TEMPORAL = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"}
MODELS = (
    Settings,
    ConsoleEnvironment,
    PlatformSettings,
    ProviderSettings,
    *(spec.settings for spec in specs().values()),
)
FIELDS = [field for model in MODELS for field in model.model_fields.values()]
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
        if "build" in service:
            assert set(service.get("environment", ())) - TEMPORAL <= OURS, name


def test_the_sandbox_is_given_no_credential() -> None:
    service = COMPOSE["services"]["sandbox"]
    assert "env_file" not in service and "environment" not in service


def test_the_pools_settings_can_be_used() -> None:
    """As Docker Compose puts them together from an `.env` with nothing but what it insists on."""
    insisted = {"REELWRIGHT_SECRET_KEY": Fernet.generate_key().decode()}
    for name in ("cpu", "render", "gpu", "migrate", "console"):
        given = {
            key: re.sub(r"\$\{(\w+)(?::?[-?])?([^}]*)\}", lambda found: insisted.get(found[1], found[2]), str(value))
            for key, value in COMPOSE["services"][name]["environment"].items()
        }
        settings = Settings(**given, _env_file=None)  # type: ignore[call-arg, arg-type]
        assert settings.media_url.startswith("s3://") and settings.database_url.get_secret_value(), name


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


def test_the_sandbox_is_healthy_when_it_answers() -> None:
    service, routes = COMPOSE["services"]["sandbox"], (ROOT / "sandbox" / "control.py").read_text()
    port = service["command"][service["command"].index("--port") + 1]
    path = re.search(rf"http://127\.0\.0\.1:{port}(/\S+?)'", service["healthcheck"]["test"][-1])
    assert path and f'Route("{path[1]}"' in routes


def test_no_secret_stands_in_the_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in re.findall(r"^\s+([A-Z_]*(?:PASSWORD|SECRET|TOKEN|PWD)[A-Z_]*): (.*)$", text, re.MULTILINE):
        assert name[1].startswith("${"), name
