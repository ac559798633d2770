"""The generated pages say what the code says today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docs import generate
from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.content.policy import ModerationPolicy
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import PipelineStatus
from reelwright.domain.formats import Platform
from starter.schemas import FOLDER


def test_nothing_that_is_generated_is_out_of_date() -> None:
    stale = [path.name for path, text in generate.generated() if not path.exists() or path.read_text() != text]
    assert not stale, "run `make docs`"


def test_what_changed_is_told_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "cli.md"
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "generated", lambda: iter([(page, "new\n")]))
    monkeypatch.setattr("sys.argv", ["generate", "--check"])
    assert generate.main() == 1 and "out of date" in capsys.readouterr().out and not page.exists()
    monkeypatch.setattr("sys.argv", ["generate"])
    assert generate.main() == 0 and page.read_text() == "new\n"
    monkeypatch.setattr("sys.argv", ["generate", "--check"])
    assert generate.main() == 0


def test_every_field_of_a_request_is_in_the_table_or_has_a_reason_not_to_be() -> None:
    table = generate.request_table()
    for name, field in ContentRequest.model_fields.items():
        assert field.description, f"{name} has no description"
        assert (f"| `{name}` |" in table) is (name not in generate.NOT_TYPED)
    assert all(f"`{platform.value}`" in table for platform in Platform)


def test_a_readme_without_its_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="markers"):
        generate.readme("# Reelwright\n")


def test_every_command_has_its_section() -> None:
    page = generate.cli_page()
    for name in (
        "run",
        "review approve",
        "account add",
        "channel apply",
        "quota set",
        "platform pause",
        "settle",
        "doctor",
    ):
        assert f"`reelwright {name}`" in page


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("request.schema.json", ContentRequest),
        ("review.schema.json", ReviewDecision),
        ("channel.schema.json", ChannelConfig),
        ("policy.schema.json", ModerationPolicy),
        ("status.schema.json", PipelineStatus),
    ],
)
def test_the_schemas_are_of_what_travels(name: str, model: type[ContentRequest]) -> None:
    schema = json.loads((FOLDER / name).read_text())
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) == set(model.model_fields)
