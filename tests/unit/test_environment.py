"""`.env` counts exactly as the environment does, for Temporal's own variables too; each child gets what it needs."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from reelwright.domain import redaction
from reelwright.domain.errors import InvalidInput
from tests.command_line import typed
from workers.connect import configured_target
from workers.local.child_env import MAKING_SETTINGS, RENDER_SETTINGS, child_env
from workers.local.stack import external_temporal
from workers.platform_settings import PlatformSettings
from workers.provider_settings import ProviderSettings, vendor_variables
from workers.settings import Settings, load_settings
from workers.targets import PlainTarget, plain_target


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without settings, and an environment without Temporal's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("ADDRESS", "NAMESPACE", "API_KEY", "TLS", "PROFILE", "CONFIG_FILE"):
        monkeypatch.delenv(f"TEMPORAL_{name}", raising=False)
    monkeypatch.setattr(redaction, "KNOWN", redaction.KnownSecrets())
    return tmp_path


def test_temporals_variables_count_in_a_file(folder: Path) -> None:
    lines = ["TEMPORAL_ADDRESS=cloud.example:7233", "TEMPORAL_NAMESPACE='reels.a1'", "TEMPORAL_API_KEY=key-0123456789"]
    (folder / ".env").write_text("\n".join(lines))
    target = configured_target()
    assert (target["target_host"], target["namespace"], target["api_key"]) == (
        "cloud.example:7233", "reels.a1", "key-0123456789",
    )  # fmt: skip
    assert target["tls"], "a key is never sent in the clear"
    assert external_temporal()
    assert redaction.redact_known("the key-0123456789 is wrong") == "the [redacted] is wrong"


def test_the_environment_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("TEMPORAL_ADDRESS=file.example:7233\nTEMPORAL_NAMESPACE=file")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "environment.example:7233")
    target = configured_target()
    assert (target["target_host"], target["namespace"]) == ("environment.example:7233", "file")
    monkeypatch.setenv("TEMPORAL_API_KEY", "")
    assert "api_key" not in configured_target()


def test_a_profile_and_tls_files_count_in_a_file(folder: Path) -> None:
    profiles = '[profile.default]\naddress = "plain.example:7233"\n[profile.prod]\naddress = "prod.example:7233"\n'
    (folder / "temporal.toml").write_text(profiles + 'namespace = "prod"\n')
    (folder / ".env").write_text(
        f"TEMPORAL_CONFIG_FILE={folder}/temporal.toml\nTEMPORAL_PROFILE=prod\nTEMPORAL_TLS=true"
    )
    target = configured_target()
    assert (target["target_host"], target["namespace"]) == ("prod.example:7233", "prod")
    assert target["tls"]


@pytest.mark.parametrize("line", ["PROFILE=nowhere", "TLS_CLIENT_CERT_PATH=/no/such/file", "CONFIG_FILE=bad.toml"])
def test_what_cannot_be_used_is_one_line_without_secrets(folder: Path, line: str) -> None:
    (folder / "bad.toml").write_text('api_key "sekret-key-1"\n')
    (folder / ".env").write_text(f"TEMPORAL_{line}")
    with pytest.raises(InvalidInput, match=r"^TEMPORAL_PROFILE: [^\n]+$") as caught:
        configured_target()
    assert "sekret" not in str(caught.value)


@pytest.mark.parametrize("command", [("list",), ("doctor",), ("posts",)])
def test_the_command_line_goes_where_the_file_says(folder: Path, command: tuple[str, ...]) -> None:
    (folder / ".env").write_text("TEMPORAL_ADDRESS=nowhere.invalid:7233\n")
    (folder / ".reelwright").mkdir()
    done = typed(*command, folder=folder, env=os.environ)
    assert done.returncode == 1
    assert "nowhere.invalid:7233" in done.stderr.replace("\n", "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["API_KEY", "TLS", "TLS_SERVER_NAME", "PROFILE", "CODEC_ENDPOINT", "GRPC_META_X"])
def test_what_only_the_sdk_knows_is_left_to_it(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert plain_target() == PlainTarget("", "default")
    (folder / ".env").write_text(
        "TEMPORAL_ADDRESS=here:1\nTEMPORAL_NAMESPACE=reels\nTEMPORAL_TLS=false\nTEMPORAL_API_KEY="
    )
    assert plain_target() == PlainTarget("here:1", "reels")
    monkeypatch.setenv(f"TEMPORAL_{name}", "true")
    assert plain_target() is None
    monkeypatch.delenv(f"TEMPORAL_{name}")
    profiles = folder / ".config" / "temporalio" / "temporal.toml"
    profiles.parent.mkdir(parents=True)
    profiles.write_text('[profile.default]\naddress = "there:1"\n')
    assert plain_target() is None and configured_target()["target_host"] == "here:1"


def test_settings_are_read_whatever_their_case_and_arguments_win(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("reelwright_render_slots=3\nREELWRIGHT_SPEECH_RATE=200\nDATABASE_URL\n")
    monkeypatch.setenv("Reelwright_Speech_Rate", "210")
    assert (Settings().render_slots, Settings().speech_rate, Settings().database_url) == (3, 210, None)
    assert Settings(REELWRIGHT_SPEECH_RATE=220).speech_rate == 220  # type: ignore[call-arg]
    assert Settings(_env_file=None).render_slots == 2
    monkeypatch.setenv("REELWRIGHT_RENDER_SLOTS", "many")
    with pytest.raises(InvalidInput, match="REELWRIGHT_RENDER_SLOTS"):
        load_settings.__wrapped__()


# --- children --------------------------------------------------------------------------------------------------------

EVERYTHING = {
    name: f"value of {name}"
    for kind in (Settings, PlatformSettings, ProviderSettings)
    for field in kind.model_fields.values()
    if isinstance(name := field.validation_alias, str)
} | {name: f"value of {name}" for name in vendor_variables()} | {
    "PATH": "/bin", "LANG": "C", "TEMPORAL_API_KEY": "k", "TEMPORAL_ADDRESS": "a", "AWS_SESSION_TOKEN": "s",
    "HTTPS_PROXY": "http://u:p@proxy", "GH_TOKEN": "t", "PGPASSWORD": "p", "SSH_AUTH_SOCK": "s", "OPENAI_ORG_ID": "o",
}  # fmt: skip


@pytest.mark.parametrize("name", ["temporal", "postgres", "sandbox", "some new child"])
def test_servers_get_none_of_ours(name: str) -> None:
    assert child_env(name, EVERYTHING) == {"PATH": "/bin", "LANG": "C"}


def test_the_render_pool_gets_its_stores_and_no_keys_of_others() -> None:
    given = child_env("render", EVERYTHING)
    assert set(given) == {
        *RENDER_SETTINGS, *MAKING_SETTINGS,
        "PATH", "LANG", "TEMPORAL_API_KEY", "TEMPORAL_ADDRESS", "AWS_SESSION_TOKEN", "HTTPS_PROXY",
    }  # fmt: skip


def test_the_cpu_pool_gets_every_setting_and_nothing_that_is_none() -> None:
    assert set(EVERYTHING) - set(child_env("cpu", EVERYTHING)) == {
        *("GH_TOKEN", "PGPASSWORD", "SSH_AUTH_SOCK"),
        "REELWRIGHT_TOKEN",  # who types a command: no process of the studio is that
    }
    assert child_env("cpu", {"openai_api_key": "k"}) == {"openai_api_key": "k"}, "settings are read whatever their case"


def test_the_console_gets_no_providers_key_and_no_platforms_token() -> None:
    given = child_env("console", EVERYTHING)
    assert {"DATABASE_URL", "REELWRIGHT_SECRET_KEY", "REELWRIGHT_MEDIA_URL"} <= set(given)
    assert not {name for name in given if re.search(r"OPENAI|ANTHROPIC|REFRESH_TOKEN|ELEVENLABS|WEBHOOK", name)}


def test_the_render_pool_needs_no_other_setting() -> None:
    """A new setting is put on one side or the other here, knowingly."""
    mine = {str(field.validation_alias) for field in Settings.model_fields.values()}
    assert mine - set(RENDER_SETTINGS) == {
        "REELWRIGHT_SECRET_KEY", "REELWRIGHT_LINK_KEY", "REELWRIGHT_WRITER",
        "OPENAI_API_KEY", "REELWRIGHT_OPENAI_MODEL", "OPENAI_BASE_URL",
        "ANTHROPIC_API_KEY", "REELWRIGHT_ANTHROPIC_MODEL", "ANTHROPIC_BASE_URL", "REELWRIGHT_SPEECH_RATE",
        "REELWRIGHT_VOICES", "REELWRIGHT_PUBLIC_MEDIA_URL", "REELWRIGHT_PRICES",
        "REELWRIGHT_BLOCKED_TERMS", "REELWRIGHT_POLICIES", "REELWRIGHT_FEED_ALLOW_PRIVATE",
        "REELWRIGHT_FEED_HOST_DELAY_S", "REELWRIGHT_FEED_DUPLICATE_DAYS", "REELWRIGHT_FEED_DUPLICATE_SHARE",
        "REELWRIGHT_REQUEST_DAYS",
        "REELWRIGHT_MODERATION_CHAIN", "REELWRIGHT_OPENAI_MODERATION_MODEL", "MISTRAL_API_KEY", "MISTRAL_BASE_URL",
        "REELWRIGHT_MISTRAL_MODERATION_MODEL", "AZURE_CONTENT_SAFETY_KEY", "AZURE_CONTENT_SAFETY_ENDPOINT",
        "REELWRIGHT_DEPLOYMENT", "REELWRIGHT_BUILD_ID", "REELWRIGHT_PROMOTE", "REELWRIGHT_TEMPORAL_HTTP",
        "REELWRIGHT_CONSOLE", "REELWRIGHT_TOKEN",
            "REELWRIGHT_CONNECT_PORT", "REELWRIGHT_CONNECT_BIND", "REELWRIGHT_CONNECT_URL",
    }  # fmt: skip
