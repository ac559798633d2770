"""Evidence: a row for every asset of a content and every decision about it, and what they must show before it is
posted. docs/evidence.md has the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, Self

from .assets import AssetRef
from .base import Model
from .consents import Consent, voices_of
from .content.credit import Credit
from .errors import PostRejected
from .ids import sha256_of
from .licences import LICENCES, licence_of

if TYPE_CHECKING:  # whoever reads rows needs no story
    from .content.story import Story

SCHEMA_VERSION = 1
REMEDY = "see `reelwright evidence {content}`; make it anew under another id where it cannot be mended"
Kind = Literal[
    "story",
    "picture",
    "narration",
    "music",
    "own",
    "video",
    "captions",
    "thumbnail",
    "post_picture",
    "decision",
]
"""What a row is about. `own` is a file of the user's own as it came, or made ready: a scene's clip, too."""


class Noted(Model):
    """What a maker knows of one asset: the file (a story has none), its place in the content, what it was made of and
    with, and under which licence. `prompt` is the text by which it was ordered; `made_of` are sha256 of other assets.

    `credit` is the proof of a found work; `fell_back` names the providers that were to make it and did not, with the
    reason; `reused` is the number of the purchase that it is of, where the same had been bought before."""

    kind: Kind
    file: AssetRef | None = None
    sha256: str = ""
    scene: int | None = None
    format: str = ""
    language: str = ""
    name: str = ""
    made_of: tuple[str, ...] = ()
    prompt: str = ""
    seed: int | None = None
    take: int | None = None
    licence: str = ""
    request_id: str = ""
    credit: Credit | None = None
    fell_back: tuple[str, ...] = ()
    reused: int | None = None

    @property
    def details(self) -> dict[str, Any] | None:
        """What the row says besides; None where there is nothing."""
        told: dict[str, Any] = {}
        if self.fell_back:
            told["fell_back"] = list(self.fell_back)
        if self.reused is not None:
            told["reused"] = self.reused
        if self.credit is not None:
            told["credit"] = self.credit.model_dump(mode="json", exclude_defaults=True)
        return told or None

    @classmethod
    def of_story(cls, story: Story, prompt: str) -> Self:
        """A story, by the digest of its JSON. Before what was ordered stand the versions of the prompts, where it was
        written by any."""
        return cls(
            kind="story",
            sha256=sha256_of(story),
            language=story.language,
            name=story.title,
            prompt=f"{story.prompt} {prompt}".lstrip(),
            request_id=story.request_id,
        )


class EvidenceRow(Model):
    """One row as it is kept and exported. `digest` is the sha256 of the canonical JSON of everything else but `prompt`,
    which counts by its sha256: a text that must be erased one day leaves the row whole.

    `sha256` is of the file's bytes, of a story's JSON, or of what a decision was about. `terms_read` is the day on
    which the licence's terms were read or declared. `details` of a decision: what, by whom, with which note; of an
    asset: what it was fallen back from, which purchase it reuses, the credit of a found work."""

    content_id: str
    kind: Kind
    sha256: str
    key: str = ""
    bytes: int = 0
    media_type: str = ""
    scene: int | None = None
    format: str = ""
    language: str = ""
    name: str = ""
    made_of: tuple[str, ...] = ()
    provider: str
    model: str = ""
    prompt: str | None = None
    prompt_sha256: str = ""
    seed: int | None = None
    take: int | None = None
    licence: str = ""
    terms: str = ""
    terms_read: date | None = None
    usd: float = 0.0
    request_id: str = ""
    record: str = ""
    made_at: datetime
    expires_at: datetime | None = None
    details: dict[str, Any] | None = None
    digest: str = ""

    @classmethod
    def of(cls, noted: Noted, content_id: str, *, provider: str, usd: float, record: str, at: datetime) -> EvidenceRow:
        """The row of an asset that a provider has just made."""
        file, credit = noted.file, noted.credit
        named = noted.licence or (credit.licence if credit else "") or licence_of(provider)
        licence = LICENCES.get(named)
        _, _, model = provider.partition(":")
        return cls(
            content_id=content_id,
            kind=noted.kind,
            sha256=file.sha256 if file else noted.sha256,
            key=file.key if file else "",
            bytes=file.size if file else 0,
            media_type=file.media_type if file else "application/json",
            scene=noted.scene,
            format=noted.format,
            language=noted.language,
            name=noted.name,
            made_of=tuple(dict.fromkeys(noted.made_of)),
            provider=provider,
            model=model,
            prompt=noted.prompt or None,
            prompt_sha256=sha256_of(noted.prompt) if noted.prompt else "",
            seed=noted.seed,
            take=noted.take,
            licence=licence.id if licence else named,
            terms=(credit.licence_url if credit else "") or (licence.terms if licence else ""),
            terms_read=(credit.read if credit else None) or (licence.read if licence else None),
            usd=usd,
            request_id=noted.request_id,
            record=record,
            made_at=at,
            details=noted.details,
        ).sealed()

    @classmethod
    def of_decision(
        cls, content_id: str, *, kind: str, decision: str, by: str, note: str, artifact: str, record: str, at: datetime
    ) -> EvidenceRow:
        """The row of a decision about an artifact."""
        return cls(
            content_id=content_id,
            kind="decision",
            sha256=artifact,
            name=kind,
            provider=by,
            record=record,
            made_at=at,
            details={"kind": kind, "decision": decision, "by": by, "note": note},
        ).sealed()

    @property
    def computed(self) -> str:
        """The digest that the row must have."""
        at = {name: value.astimezone(UTC).isoformat() for name, value in self._times() if value}
        data = self.model_dump(mode="json", exclude={"prompt", "digest", "made_at", "expires_at"})
        return sha256_of({**data, **at})

    @property
    def whole(self) -> bool:
        """Whether nothing in it was altered since it was written."""
        return self.digest == self.computed and (self.prompt is None or sha256_of(self.prompt) == self.prompt_sha256)

    def sealed(self) -> EvidenceRow:
        """The same with its digest."""
        return self.model_copy(update={"digest": self.computed})

    def _times(self) -> list[tuple[str, datetime | None]]:
        return [("made_at", self.made_at), ("expires_at", self.expires_at)]


class Rights(Model):
    """What the user has declared of a file of their own: a licence of `LICENCES`, where its terms stand, until when it
    may be used, and the number of the consent of the people in it."""

    licence: str
    terms: str = ""
    expires_at: datetime | None = None
    consent: int | None = None
    declared_by: str = ""
    declared_at: datetime | None = None


class EvidenceDocument(Model):
    """All evidence of a content, as `reelwright evidence ID --json` writes it. `altered` are the places in `rows`
    (from 0) of those that do not fit their own digest. `required`: whether a publication needs it; contents that were
    opened by an earlier release have none."""

    schema_version: int = SCHEMA_VERSION
    content_id: str
    workflow_id: str
    opened_at: datetime
    required: bool
    rows: tuple[EvidenceRow, ...]
    altered: tuple[int, ...] = ()


def need_evidence(content_id: str, rows: Sequence[EvidenceRow], files: Iterable[tuple[str, AssetRef]]) -> list[str]:
    """The sha256 of all that these files of a publication are made of, themselves included. Raises `PostRejected`
    (`evidence`) where a row of one is missing, altered, expired, or of a licence that forbids the use. `files` are
    named for people."""
    known: dict[str, list[EvidenceRow]] = {}
    for row in rows:
        if row.kind != "decision":
            known.setdefault(row.sha256, []).append(row)
    found: dict[str, str] = {}
    waiting = [(name, file.sha256) for name, file in files]
    while waiting:
        name, sha256 = waiting.pop(0)
        if sha256 in found:
            continue
        found[sha256] = name
        if sha256 not in known:
            raise refused(content_id, f"there is none of the {name} ({sha256[:12]})")
        for row in known[sha256]:
            if not row.whole:
                raise refused(content_id, f"that of the {name} ({sha256[:12]}) was altered after it was written")
            waiting += [(f"{_named(known.get(part), 'part')} of the {name}", part) for part in row.made_of]
    return list(found)


def check_rights(content_id: str, row: EvidenceRow, rights: Rights, now: datetime, *, adapted: bool) -> None:
    """Raises `PostRejected` (`evidence`) where the right to use an asset has ended or never was. `adapted`: it is a
    part of what is posted, and not posted as it is."""
    what = f"the {told(row)} ({row.sha256[:12]})"
    if rights.expires_at is not None and rights.expires_at <= now:
        ended = f"{rights.expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        raise refused(content_id, f"the right to use {what} expired at {ended}")
    known = LICENCES.get(rights.licence)
    if known is None:
        raise refused(content_id, f"{what} has the licence {rights.licence[:60]!r}, which is not known here")
    if not known.commercial:
        raise refused(content_id, f"{what} has the licence {known.id}, which forbids commercial use")
    if adapted and not known.derivatives:
        raise refused(content_id, f"{what} has the licence {known.id}, which forbids to adapt it")


def check_consents(
    content_id: str, row: EvidenceRow, rights: Rights, consents: Sequence[Consent], now: datetime
) -> None:
    """Raises `PostRejected` (`evidence`) where a person's consent to be seen or heard has ended. A voice for which no
    consent was ever recorded needs none; of several for one voice, one that holds is enough."""
    known = {consent.id: consent for consent in consents}
    wanted = [[known[rights.consent]]] if rights.consent in known else []
    for voice in voices_of(row.provider) if row.kind == "narration" else ():
        wanted += [of_voice] if (of_voice := [each for each in consents if each.voice == voice]) else []
    for choice in wanted:
        if all(consent.ended(now) for consent in choice):
            last = choice[-1]
            raise refused(
                content_id,
                f"the consent {last.id} of {last.person}, which the {told(row)} needs, {last.ended(now)}",
            )


def refused(content_id: str, why: str) -> PostRejected:
    """The error for a publication whose evidence does not hold."""
    return PostRejected(
        f"its evidence does not hold: {why}", field="evidence", remedy=REMEDY.format(content=content_id)
    )


def told(row: EvidenceRow) -> str:
    """What a row is about, for people."""
    scene = f"scene {row.scene + 1}" if row.scene is not None else ""
    words = (row.kind.replace("_", " "), row.format, scene, row.language if row.kind == "captions" else "", row.name)
    return " ".join(filter(None, words))


def _named(rows: Sequence[EvidenceRow] | None, otherwise: str) -> str:
    return told(rows[0]) if rows else otherwise
