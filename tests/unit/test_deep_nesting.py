"""What is nested a hundred thousand deep is an answer or a file that cannot be read, and no crash."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import httpx2
import pytest

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.platforms.common.http import json_body
from reelwright.platforms.meta.errors import regain_s
from reelwright.providers.writing.asking import BodyRecorder
from starter.accounts import read_token
from starter.inputs import _toml
from starter.styles import read_style
from workers.converter import data_converter

DEPTH = 100_000
DEEP = "[" * DEPTH + "]" * DEPTH
DEEP_OBJECT = '{"a":' * DEPTH + "1" + "}" * DEPTH


@pytest.mark.parametrize("body", [DEEP, DEEP_OBJECT])
async def test_an_answer_is_something_else_than_data(body: str) -> None:
    assert json_body(httpx.Response(200, text=body)) is None
    told = httpx.Response(400, headers={"x-business-use-case-usage": body})
    assert regain_s(told, datetime.now(UTC)) is None
    answer = httpx2.Response(200, text=body, request=httpx2.Request("POST", "http://127.0.0.1"))
    with pytest.raises(httpx2.DecodingError):
        await BodyRecorder(required="output")(answer)


def test_a_token_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token.json"
    file.write_text('{"a":' * 15_000 + "1" + "}" * 15_000)
    with pytest.raises(InvalidInput, match="not valid JSON"):
        read_token(Platform.X, str(file))


def test_toml_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "deep.toml"
    file.write_text("a = " + "[" * 5_000 + "]" * 5_000)
    with pytest.raises(InvalidInput, match=r"^posts: .* is not TOML"):
        _toml(file, field="posts", page="docs/publishing.md")
    with pytest.raises(InvalidInput, match=r"^style: .* is not TOML"):
        read_style(file)


async def test_a_workflows_input_is_refused() -> None:
    from temporalio.api.common.v1 import Payload
    from temporalio.exceptions import ApplicationError

    payload = Payload(metadata={"encoding": b"json/plain"}, data=DEEP.encode())
    with pytest.raises(ApplicationError, match="recursion limit exceeded"):
        data_converter.payload_converter.from_payloads([payload], [dict])
