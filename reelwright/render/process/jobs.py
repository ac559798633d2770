"""What goes to the child process and what comes back: one line of JSON each way, and progress lines between."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from reelwright.domain import errors
from reelwright.domain.base import Model
from reelwright.domain.content.findings import SegmentFindings
from reelwright.domain.content.finished import DeliveryRules
from reelwright.domain.content.video import RenderPlan, Segment, Soundtrack
from reelwright.domain.errors import ReelwrightError, RenderFailed
from reelwright.domain.formats import VideoFormat

from ..encode.encoders import EncodeSettings


class ChildJob(Model):
    """One task for a child. `files` maps sha256 to local path; `scratch` is the child's own folder in `workdir`,
    removed by the one of parent and child that ends last. `segments` are to be made, `parts` to be joined with `sound`;
    `findings` are of the segments in `video`, in order. `scenes` (by index) and the user's `own` pictures (by sha256)
    are to become pictures of at most `most_bytes`.
    """

    task: Literal[
        "look", "mix", "video", "segments", "join", "thumbnails", "pictures", "hls", "inspect", "inspect segment"
    ]
    plan: RenderPlan
    workdir: Path
    scratch: Path
    files: dict[str, Path] = Field(default_factory=dict)
    settings: EncodeSettings = EncodeSettings()
    format: VideoFormat | None = None
    soundtrack: Soundtrack | None = None
    video: Path | None = None
    segments: tuple[Segment, ...] = ()
    parts: tuple[tuple[Path, int], ...] = ()
    sound: Path | None = None
    findings: tuple[SegmentFindings, ...] = ()
    scenes: tuple[int, ...] = ()
    own: tuple[str, ...] = ()
    most_bytes: int = 0


class FinishJob(Model):
    """One task about a finished video of the user's own, which has no plan. `rules` decide whether it is encoded again;
    its thumbnail fits into `box`, in pixels."""

    task: Literal["finish", "hear"]
    workdir: Path
    scratch: Path
    video: Path
    rules: DeliveryRules = DeliveryRules(codecs=("h264",))
    box: tuple[int, int] = (0, 0)
    settings: EncodeSettings = EncodeSettings()


AnyJob = ChildJob | FinishJob
ANY_JOB: TypeAdapter[AnyJob] = TypeAdapter(Annotated[AnyJob, Field(discriminator="task")])


class ErrorLine(Model):
    """One of our errors on its way from child to parent."""

    kind: str
    message: str
    field: str
    remedy: str

    @classmethod
    def of(cls, error: ReelwrightError) -> ErrorLine:
        """The line for an error."""
        return cls(kind=type(error).__name__, message=error.message, field=error.field, remedy=error.remedy)

    def error(self) -> ReelwrightError:
        """The error again. An unknown class becomes `RenderFailed`."""
        kind: Any = getattr(errors, self.kind, None)
        if not (isinstance(kind, type) and issubclass(kind, ReelwrightError)):
            kind = RenderFailed
        made: ReelwrightError = kind(self.message, field=self.field, remedy=self.remedy)
        return made


class ChildLine(Model):
    """A line of the child's stdout: exactly one of the three is given."""

    progress: float | None = None
    result: dict[str, Any] | None = None
    error: ErrorLine | None = None
