"""What is wanted of a provider is asked for in one of two ways, and no specification has a method that refuses."""

from __future__ import annotations

import pytest

from activities.content.asset_specs import AssetSpec, CallSpec
from activities.content.clips import ClipSpec
from activities.content.jobs import JobSpec
from activities.content.material_specs import MusicSpec, NarrationSpec, PictureSpec
from activities.content.story_spec import StorySpec

CALLS: tuple[type[AssetSpec], ...] = (StorySpec, NarrationSpec, PictureSpec, MusicSpec)  # type: ignore[type-arg]


@pytest.mark.parametrize("spec", [*CALLS, ClipSpec])
def test_each_is_asked_for_by_a_call_or_by_a_job(spec: type[AssetSpec]) -> None:  # type: ignore[type-arg]
    assert issubclass(spec, CallSpec) == (spec in CALLS) != issubclass(spec, JobSpec)
    assert not spec.__abstractmethods__, "every method of its base is there"
    assert hasattr(spec, "ask") == (spec in CALLS), "a job is begun, and nothing else"
