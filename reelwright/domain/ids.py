"""Names and keys that do not change when something is tried again."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from pydantic import BaseModel

from .errors import InvalidInput
from .text.incoming import cut

CONTENT_PREFIX = "content-"
ACCOUNT = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""The name of an account or a channel."""
CONTENT_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"


def sha256_of(value: Any) -> str:
    """The hex sha256 of a model or of plain data, the same on every machine (canonical JSON)."""
    data = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def effect_key(content_id: str, step: str, *inputs: Any) -> str:
    """The key of one side effect: content, step and the hash of what it works on."""
    plain = [value.model_dump(mode="json") if isinstance(value, BaseModel) else value for value in inputs]
    return f"{content_id}/{step}/{sha256_of(plain)[:32]}"


def content_id_of_key(request_key: str) -> str:
    """The content id that a request key always leads to."""
    return "k" + hashlib.sha256(request_key.encode()).hexdigest()[:20]


def content_id_of_workflow(workflow_id: str) -> str:
    """`content-hello` is content `hello`; any other workflow id stands for itself, made fit for a path."""
    name = workflow_id.removeprefix(CONTENT_PREFIX)
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        return name
    return "w" + hashlib.sha256(workflow_id.encode()).hexdigest()[:20]


def check_content_workflow_id(workflow_id: str) -> None:
    """Raises `InvalidInput` for a workflow id under which a content would stand in the way of another content's
    children (`content-x/render`, `content-x/publish/youtube/default`)."""
    if workflow_id.startswith(CONTENT_PREFIX) and "/" in workflow_id:
        owner = cut(workflow_id.partition("/")[0], 60)
        raise InvalidInput(
            f"ids below {owner}/ belong to that content's own workflows",
            field="workflow id",
            remedy=f"use one without a slash, for example {owner}-2",
        )


def content_workflow_id(content_id: str) -> str:
    """The ContentPipeline's workflow id."""
    return f"{CONTENT_PREFIX}{content_id}"


def render_workflow_id(content_id: str) -> str:
    """The RenderVideo child's workflow id."""
    return f"{content_workflow_id(content_id)}/render"


def preview_workflow_id(content_id: str) -> str:
    """The workflow id of the RenderVideo child that makes drafts for a review."""
    return f"{content_workflow_id(content_id)}/preview"


def publish_workflow_id(content_id: str, platform: str, account: str) -> str:
    """The Publish child's workflow id."""
    return f"{content_workflow_id(content_id)}/publish/{platform}/{account}"


def post_marker(post_key: str) -> str:
    """A short token put on the post, by which it is recognised among the account's own posts."""
    return "rw" + hashlib.sha256(post_key.encode()).hexdigest()[:16]


def seed_of(*parts: Any) -> int:
    """A 32-bit seed out of anything."""
    return int(sha256_of(list(parts))[:8], 16)
