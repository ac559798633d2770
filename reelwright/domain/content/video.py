"""From material to files: a render's inputs and results."""

from __future__ import annotations

from typing import ClassVar, Literal

from ..assets import AssetRef
from ..base import Grown, Model
from ..errors import InvalidInput
from ..formats import VideoFormat, within_limits
from ..ids import sha256_of
from .findings import SoundFindings
from .rendered import VARIANTS as VARIANTS
from .rendered import CaptionFile as CaptionFile
from .rendered import HlsFile as HlsFile
from .rendered import HlsManifest as HlsManifest
from .rendered import HlsPackage as HlsPackage
from .rendered import Inspection as Inspection
from .rendered import RenderedContent as RenderedContent
from .rendered import RenderedVideo as RenderedVideo
from .rendered import RenderProgress as RenderProgress
from .rendered import Thumbnail as Thumbnail
from .rendered import ThumbnailVariant as ThumbnailVariant
from .story import Material, Translation
from .style import RenderStyle

DRAFT_SCALE = 0.5
"""A draft has half the width and half the height: a quarter of the pixels to compose and to encode."""


class RenderPlan(Grown, Model):
    """All that decides the pixels and the sound of one content's videos.

    `seed` feeds every choice that is left to chance, so that the same plan gives the same bytes. `approved_timeline` is
    the `timeline_sha256` that a reviewer has approved: a plan with another timeline is not rendered. Empty: no timeline
    was shown.
    """

    added: ClassVar[frozenset[str]] = frozenset({"approved_timeline"})

    content_id: str
    material: Material
    formats: tuple[VideoFormat, ...]
    seed: int = 0
    style: RenderStyle = RenderStyle()
    translations: tuple[Translation, ...] = ()
    pool: Literal["render", "gpu"] = "render"
    approved_timeline: str = ""

    @property
    def timeline_sha256(self) -> str:
        """The digest of all that is seen and heard, and when: the same for a draft and for the final render. Size and
        effort of the encoding, packaging and place are left out."""
        style = self.style.model_copy(update={"preset": "standard", "hls": False, "dash": False})
        return sha256_of(self.model_copy(update={"style": style, "pool": "render", "approved_timeline": ""}))

    def draft(self) -> RenderPlan:
        """The same timeline as a fast preview."""
        style = self.style.model_copy(update={"preset": "draft", "hls": False, "dash": False})
        return self.model_copy(update={"style": style})

    def require_approved(self) -> RenderPlan:
        """The plan. Raises `InvalidInput` where another timeline than its own was approved."""
        if self.approved_timeline and self.approved_timeline != self.timeline_sha256:
            raise InvalidInput(
                f"the timeline {self.timeline_sha256[:12]} is not the approved one, {self.approved_timeline[:12]}",
                field="approved_timeline",
                remedy="show it to a reviewer again",
            )
        return self

    def canvas(self, format: VideoFormat) -> VideoFormat:
        """The picture that is really drawn for a format: the format itself, or in a draft half its size, though no
        side is less than a format may have. The shape stays."""
        drawn = within_limits(format.size, DRAFT_SCALE) if self.style.preset == "draft" else None
        return VideoFormat(f"{drawn[0]}x{drawn[1]}") if drawn else format


class KeptPlan(Model):
    """A plan in the media store: what travels in its place, since it weighs as much as the story and all its words."""

    content_id: str
    plan: AssetRef


GivenPlan = RenderPlan | KeptPlan
"""A plan as activities take it: itself, as releases up to 0.2 sent it, or where it is."""


class Soundtrack(Grown, Model):
    """The mix: stereo 48 kHz FLAC of exactly the timeline's length. Loudness in LUFS, peak in dBTP."""

    added: ClassVar[frozenset[str]] = frozenset({"found"})

    audio: AssetRef
    encoded: AssetRef | None = None
    """The same as it is delivered, AAC in MP4; not there in what older builds mixed."""
    duration_s: float
    integrated_lufs: float
    true_peak_dbtp: float
    notes: tuple[str, ...] = ()
    """What was mended in the sounds it is made of, a line each for people."""
    found: SoundFindings | None = None
    """What was measured on `encoded`; not there in what older builds mixed."""

    @property
    def delivered(self) -> AssetRef:
        """What goes into the videos."""
        return self.encoded or self.audio


class RenderJob(Model):
    """One format of a plan, with its soundtrack."""

    plan: RenderPlan
    format: VideoFormat
    soundtrack: Soundtrack


class Segment(Grown, Model):
    """A run of `frames` frames from frame `first` on that is encoded by itself.

    `digest` is over all that decides its pixels and its bits, counted from its own beginning: it stays the same when
    only its place in the video changes. `name` is what people see ("scene 3"); `scenes` are the indices of the scenes
    whose pictures are seen in it, two in a transition, none in a card; `ends` the clips before and after the story that
    are seen in it.
    """

    added: ClassVar[frozenset[str]] = frozenset({"ends"})

    digest: str
    first: int
    frames: int
    name: str
    scenes: tuple[int, ...] = ()
    ends: tuple[Literal["intro", "outro"], ...] = ()


class FormatCut(Model):
    """Segments of one format in order; all of them, without gaps, or those that are to be made.

    `toolchain` is a digest over versions and encoder settings: only segments of one toolchain can be joined.
    """

    format: VideoFormat
    toolchain: str
    segments: tuple[Segment, ...]

    @property
    def frames(self) -> int:
        """How many frames there are in them."""
        return sum(segment.frames for segment in self.segments)

    @property
    def title(self) -> str:
        """For people: "16:9 scene 3", or "16:9 scene 3 to scene 5"."""
        names = [self.segments[0].name, self.segments[-1].name]
        return f"{self.format} {' to '.join(dict.fromkeys(names))}"


class SegmentFile(Grown, Model):
    """One encoded segment in the media store: pictures only, an MP4. `findings` is where its `SegmentFindings` are;
    not there for what older builds encoded."""

    added: ClassVar[frozenset[str]] = frozenset({"findings"})

    digest: str
    frames: int
    file: AssetRef
    findings: AssetRef | None = None


class SegmentTask(Model):
    """The work of one activity: segments that are still to be made. The plan is in the media store, because it would
    weigh down the history of a long video if every task carried it."""

    content_id: str
    plan: AssetRef
    cut: FormatCut


class SegmentFiles(Model):
    """What came of a task."""

    files: tuple[SegmentFile, ...]


class FormatOrder(Model):
    """The segments of one format by digest, in order."""

    format: VideoFormat
    digests: tuple[str, ...]


class RenderCut(Model):
    """A plan, cut up: the order of every format's segments, those that exist already, and the tasks that make the
    others, longest first. `notes` are what is mended in its pictures, words and texts, a line each for people."""

    plan: AssetRef
    orders: tuple[FormatOrder, ...]
    made: tuple[SegmentFile, ...]
    tasks: tuple[SegmentTask, ...]
    notes: tuple[str, ...] = ()


class JoinJob(Model):
    """One format's segments in order and its soundtrack, to become one file."""

    content_id: str
    plan: AssetRef
    format: VideoFormat
    segments: tuple[SegmentFile, ...]
    soundtrack: Soundtrack


class InspectJob(Grown, Model):
    """What to measure, and the plan it has to agree with. With the `segments` it was joined from, in order, what was
    found on them is not measured again."""

    added: ClassVar[frozenset[str]] = frozenset({"segments"})

    plan: GivenPlan
    video: RenderedVideo
    soundtrack: Soundtrack
    segments: tuple[SegmentFile, ...] = ()
