"""The list of who can write: settings, what is missing, and what is built of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.channels.in_force import Inheriting, in_force
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.costs.prices import PriceTable
from reelwright.providers.common.spec import Tools
from reelwright.providers.writing.specs import SPECS
from workers.settings import Settings

ROOT = Path(__file__).parents[2]
NEEDED = {
    "anthropic": ("ANTHROPIC_API_KEY",),
    "openai": ("OPENAI_API_KEY",),
    "mistral": ("MISTRAL_API_KEY",),
    "azure": ("AZURE_OPENAI_KEY", "AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_DEPLOYMENT"),
    "gemini": ("GEMINI_API_KEY",),
    "compatible": ("REELWRIGHT_COMPATIBLE_URL", "REELWRIGHT_COMPATIBLE_MODEL"),
    "template": (),
}
GIVEN = {
    "AZURE_OPENAI_ENDPOINT": "https://house.openai.azure.com",
    "REELWRIGHT_COMPATIBLE_URL": "http://127.0.0.1:11434/v1",
}
every = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)


def variables(spec: Any) -> dict[str, Any]:
    return {str(field.validation_alias): field for field in spec.settings.model_fields.values()}


def test_they_are_all_there_and_the_last_one_is_always_usable() -> None:
    assert {spec.name for spec in SPECS} == NEEDED.keys() and SPECS[-1].name == "template"
    assert [spec.name for spec in SPECS if spec.offline] == ["template"]
    assert {spec.capability for spec in SPECS} == {"writing"}


@every
def test_what_is_missing_is_named_and_with_it_a_writer_is_built(spec: Any) -> None:
    needed = NEEDED[spec.name]
    assert spec.missing(spec.settings.model_validate({})) == needed
    given = {name: GIVEN.get(name, "some-value-0123456789") for name in needed}
    settings = spec.settings.model_validate(given)
    assert spec.missing(settings) == ()
    blank = given | dict.fromkeys(needed[-1:], "  ")
    assert spec.missing(spec.settings.model_validate(blank)) == needed[-1:]
    writer = spec.build(settings, Tools(PriceTable()))
    assert spec.offline or writer.name.startswith(f"{spec.name}:")
    assert hasattr(writer, "write") and hasattr(writer, "estimate")


@every
def test_every_variable_is_in_the_example_with_its_default_and_agrees_with_the_studios(spec: Any) -> None:
    shown = dict(re.findall(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    studio = {str(field.validation_alias): field for field in Settings.model_fields.values()}
    for name, field in variables(spec).items():
        assert shown[name] == ("" if field.default is None else str(field.default)), name
        if name in studio:
            assert field.default == studio[name].default, name


def test_a_price_of_the_operators_own_goes_before_the_shipped(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text('[[model]]\nname = "house"\ninput = 3\noutput = 4\nfrom = 2026-01-01\n')
    tools = Tools(PriceTable.read(file))
    spec = next(spec for spec in SPECS if spec.name == "compatible")
    settings = spec.settings.model_validate(
        {"REELWRIGHT_COMPATIBLE_URL": "http://127.0.0.1:1/v1", "REELWRIGHT_COMPATIBLE_MODEL": "house"}
    )
    from reelwright.domain.content.story import WriteTask

    task = WriteTask(content_id="c", request=ContentRequest(topic="Tides"))
    assert not spec.build(settings, tools).estimate(task).free
    assert spec.build(settings, Tools(PriceTable())).estimate(task).free


def test_an_address_that_is_none_is_refused() -> None:
    spec = next(spec for spec in SPECS if spec.name == "compatible")
    with pytest.raises(ValidationError):
        spec.settings.model_validate({"REELWRIGHT_COMPATIBLE_URL": "localhost:11434"})


def test_the_list_loads_no_sdk() -> None:
    heavy = "{'openai', 'anthropic', 'httpx2', 'numpy'}"
    code = f"import sys, reelwright.providers.writing.specs; print({heavy} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "set()"


def test_a_channel_sets_tone_and_languages_where_the_request_does_not() -> None:
    channel = ChannelConfig.model_validate(
        {"name": "kids", "request": {"tone": "warm", "call_to_action": "Follow us.", "caption_languages": ["de", "en"]}}
    )
    plain, own = ContentRequest(topic="Tides"), ContentRequest(topic="Tides", tone="dry")
    found = [in_force(Inheriting.of("c", one), [(1, channel)]).applied_to(one) for one in (plain, own)]
    assert [one.tone for one in found] == ["warm", "dry"]
    assert found[0].call_to_action == "Follow us." and found[0].translated_into == ("de",)
    video = ContentRequest(video={"9:16": "https://e.org/a.mp4"}, title="Mine")
    assert in_force(Inheriting.of("c", video), [(1, channel)]).applied_to(video).tone == ""


@pytest.mark.parametrize("field", [{"tone": "warm"}, {"caption_languages": ["de"]}, {"call_to_action": "Go."}])
def test_a_finished_video_is_not_written(field: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(field))):
        ContentRequest(video={"9:16": "https://e.org/a.mp4"}, title="Mine", **field)
