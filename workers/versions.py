"""Which version of the studio's code this worker runs, as Temporal's Worker Deployment Versioning has it.

A deployment (`REELWRIGHT_DEPLOYMENT`) has versions, named by build id (`REELWRIGHT_BUILD_ID`). The cpu pool takes part:
it runs the workflows. The media pools do not: their activities accept the inputs of every build, since contracts only
grow, so machines with encoders and graphics cards need no second fleet. See docs/upgrading.md.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path

from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import WorkerDeploymentConfig

import activities
import reelwright.domain
import workflows

from .settings import Settings

DIGEST_CHARS = 8
UNVERSIONED = "unversioned"
"""The build id that stands for workers without a version."""


def deployment_config(settings: Settings) -> WorkerDeploymentConfig | None:
    """A workflow worker's deployment options; None where versions are off (`REELWRIGHT_DEPLOYMENT` is empty).

    Each workflow type defines whether its runs are pinned (`versioning_behavior`)."""
    if not settings.deployment:
        return None
    version = WorkerDeploymentVersion(deployment_name=settings.deployment, build_id=build_id(settings))
    return WorkerDeploymentConfig(version=version, use_worker_versioning=True)


def build_id(settings: Settings) -> str:
    """The setting, or the package's version with a digest of the sources that decide what a workflow does.

    The version alone would give two different states of a working copy one name. A digest of everything would make each
    fix of an adapter a new version, with its own drain, though it makes no difference to any workflow."""
    return settings.build_id or f"{metadata.version('reelwright')}-{source_digest()[:DIGEST_CHARS]}"


@cache
def source_digest() -> str:
    """SHA-256 of the names and texts of what workflow code is made of: the workflows, the domain they compute with, and
    the activities' modules, which hold their inputs. Line ends do not count."""
    digest = hashlib.sha256()
    for package in (workflows, activities, reelwright.domain):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            name = f"{package.__name__}/{path.relative_to(root).as_posix()}"
            text = path.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{name}\0{len(text)}\0".encode() + text)
    return digest.hexdigest()
