"""Chains as the settings and the channels name them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from control.channel_files import parsed
from control.channels import Change, check_providers
from reelwright.domain.chains import FailureRecord, Link, Patience, ProviderList
from reelwright.domain.errors import InvalidInput, WrongInFile
from reelwright.providers.registry import OFFLINE, names_of
from workers.making import missing_keys, provider_list, tools_of
from workers.provider_settings import ProviderSettings
from workers.settings import Settings

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "REELWRIGHT_WRITER", "REELWRIGHT_PROVIDERS_WRITING")


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but those that a test sets."""
    monkeypatch.chdir(tmp_path)
    for name in (*KEYS, "REELWRIGHT_CONCURRENCY", "REELWRIGHT_PRICES"):
        monkeypatch.delenv(name, raising=False)


def writers(monkeypatch: pytest.MonkeyPatch, **env: str) -> ProviderList[Any]:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    return provider_list("writing", settings, ProviderSettings(), tools_of(settings), lambda: "the composer")


def names(chain: tuple[Link[Any], ...]) -> list[str]:
    return [link.name for link in chain]


def test_a_key_alone_switches_a_provider_on_and_offline_is_always_last(monkeypatch: pytest.MonkeyPatch) -> None:
    assert names(writers(monkeypatch).chain()) == ["template"]
    assert names(writers(monkeypatch, OPENAI_API_KEY="k-1234567").chain()) == ["openai", "template"]
    both = writers(monkeypatch, ANTHROPIC_API_KEY="k-7654321")
    assert names(both.chain()) == ["anthropic", "openai", "template"]
    assert names(both.chain(["openai", "template", "anthropic"])) == ["openai", "template"]
    assert names(both.chain(["openai"])) == ["openai", "template"]
    assert both.usable().maker.name == "script+anthropic:claude-haiku-5-5"


@pytest.mark.parametrize(
    ("env", "chain"),
    [
        ({"REELWRIGHT_WRITER": "offline"}, ["template"]),
        ({"REELWRIGHT_WRITER": "openai"}, ["openai", "template"]),
        ({"REELWRIGHT_PROVIDERS_WRITING": "openai, anthropic", "REELWRIGHT_WRITER": "offline"},
         ["openai", "anthropic", "template"]),
        ({"REELWRIGHT_PROVIDERS_WRITING": "template"}, ["template"]),
    ],
)  # fmt: skip
def test_settings_name_the_order(env: dict[str, str], chain: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"OPENAI_API_KEY": "k-1234567", "ANTHROPIC_API_KEY": "k-7654321"}
    assert names(writers(monkeypatch, **keys, **env).chain()) == chain


@pytest.mark.parametrize(
    ("capability", "name", "vendor"), [("images", "drawn", "openai"), ("music", "synth", "elevenlabs")]
)
def test_a_pool_that_only_reckons_the_cost_knows_the_offline_one_too(
    capability: Any, name: str, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{vendor.upper()}_API_KEY", "k-1234567")
    settings = Settings()

    def chain(*names: str) -> list[tuple[str, bool]]:
        found = provider_list(capability, settings, ProviderSettings(), tools_of(settings)).chain(names)
        return [(link.name, link.offline) for link in found]

    assert chain() == [(vendor, False), (name, True)]
    monkeypatch.setenv(f"REELWRIGHT_PROVIDERS_{capability.upper()}", name)
    assert chain() == [(name, True)] == chain(name, vendor)
    assert chain(vendor) == [(vendor, False), (name, True)]


@pytest.mark.parametrize(
    ("env", "said"),
    [
        (
            {"REELWRIGHT_PROVIDERS_WRITING": "gpt"},
            "PROVIDERS_WRITING: there is no provider 'gpt' for writing",
        ),
        ({"REELWRIGHT_PROVIDERS_WRITING": "openai"}, "openai is named, but OPENAI_API_KEY is not set"),
        ({"REELWRIGHT_WRITER": "anthropic"}, "REELWRIGHT_WRITER: anthropic is named, but ANTHROPIC_API_KEY is not set"),
        ({"REELWRIGHT_CONCURRENCY": "openai=many"}, "REELWRIGHT_CONCURRENCY: 'openai=many' is not a provider and"),
    ],
)
def test_a_setting_that_cannot_be_followed_is_refused(
    env: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput, match=said.replace("(", r"\(")):
        writers(monkeypatch, **env)


def test_a_model_on_this_machine_is_used_where_it_is_set_up_or_named_and_ends_no_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings()

    def chain(*named: str) -> list[str]:
        found = provider_list("images", settings, ProviderSettings(), tools_of(settings), lambda: "the drawer")
        return names(found.chain(named))

    assert chain() == ["drawn"]
    assert chain("pexels") == ["pexels", "drawn"]
    assert chain("diffusers", "pexels") == ["diffusers", "pexels", "drawn"], "it may be missing, or run out of memory"
    monkeypatch.setenv("REELWRIGHT_DIFFUSERS_MODEL", str(tmp_path))
    assert chain() == chain("diffusers") == ["diffusers", "drawn"]


def test_calls_at_once_are_set_for_a_provider_or_one_of_its_capabilities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELWRIGHT_CONCURRENCY", "openai=5, openai/images=2")
    settings = ProviderSettings()
    assert [settings.calls("openai", kind, 4) for kind in ("writing", "images")] == [5, 2]  # type: ignore[arg-type]
    assert settings.calls("elevenlabs", "speech", 4) == 4


def test_a_channel_may_name_what_is_there_with_or_without_its_key() -> None:
    known: Any = {kind: names_of(kind) for kind in (*OFFLINE, "clips", "moderation")}
    assert known["writing"][-1] == "template"
    file = parsed(b'name = "a"\n[providers]\nwriting = ["openai", "template"]\nspeech = ["local"]', "a.toml")
    check_providers([Change(file.config(), file)], known)
    assert missing_keys(ProviderSettings())["writing", "openai"] == ("OPENAI_API_KEY",)
    file = parsed(b'name = "a"\n\n[providers]\nspeech = ["piper"]', "a.toml")
    with pytest.raises(WrongInFile, match=r"^a\.toml, line 4: providers\.speech: there is no provider 'piper'.*local"):
        check_providers([Change(file.config(), file)], known)


def test_patience_ends_by_calls_by_time_and_by_a_pause_that_is_too_long() -> None:
    patience, now = Patience(3, timedelta(minutes=3)), datetime.now(UTC)
    assert not patience.over(FailureRecord(failures=2, since=now), now, 60)
    assert patience.over(FailureRecord(failures=3, since=now), now)
    assert patience.over(FailureRecord(failures=1, since=now - timedelta(minutes=4)), now)
    assert patience.over(FailureRecord(failures=1, since=now), now, 200)
