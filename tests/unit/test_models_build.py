"""Every model can be built: with `defer_build` an annotation that does not resolve would be found at its first use."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

import activities
import control
import reelwright
import workers
import workflows
from reelwright.domain.base import Model, UserInput

pytestmark = pytest.mark.lengthy


def everything_below(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in kind.__subclasses__():
        yield one
        yield from everything_below(one)


def test_all_models_build() -> None:
    for package in (activities, control, reelwright, workers, workflows):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in module.name:  # Alembic alone can load its scripts
                importlib.import_module(module.name)
    models = {one for kind in (Model, UserInput) for one in everything_below(kind)}
    assert len(models) > 100
    for one in models:
        one.model_rebuild()
        assert one.__pydantic_complete__, one
