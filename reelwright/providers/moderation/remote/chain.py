"""All classifiers that are configured, as one judge beside the local rules."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Sequence

from reelwright.domain.content.policy import ModerationPolicy
from reelwright.domain.content.story import ModerationFinding
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.ports.classifying import PictureClassifier, ScoreBook, Scores, TextClassifier

from ..parts import Part
from .categories import Kind, ours
from .shrinking import shrunk

TEXTS_WITHIN_S = 20.0
"""For all texts of a content: the activity has half a minute."""
PICTURE_WITHIN_S = 30.0
UNAVAILABLE = "classifier/unavailable"


class Classifiers:
    """Each is sent what it has not judged yet. One that cannot judge is a finding: then a person has to look."""

    def __init__(self, classifiers: Sequence[TextClassifier], book: ScoreBook) -> None:
        self._all = tuple(classifiers)
        self._seeing: tuple[PictureClassifier, ...] = tuple(one for one in classifiers if _sees(one))  # type: ignore[misc]
        self._book = book
        self.texts_name = "+".join(one.name for one in self._all)
        self.name = "+".join(one.name for one in self._seeing)
        """Of those that see pictures."""

    async def judge_parts(self, parts: Sequence[Part], policy: ModerationPolicy) -> list[ModerationFinding]:
        """What is found in texts."""
        wanted = [part for part in parts if part.text.strip()]
        found = await asyncio.gather(*(self._texts(one, wanted, policy) for one in self._all)) if wanted else []
        return [finding for findings in found for finding in findings]

    async def judge_picture(self, place: str, data: bytes, policy: ModerationPolicy) -> list[ModerationFinding]:
        """What is found in a picture."""
        if not self._seeing:
            return []
        jpeg = await asyncio.to_thread(shrunk, data)
        found = await asyncio.gather(*(self._picture(one, place, jpeg, policy) for one in self._seeing))
        return [finding for findings in found for finding in findings]

    async def _texts(
        self, classifier: TextClassifier, parts: Sequence[Part], policy: ModerationPolicy
    ) -> list[ModerationFinding]:
        """A text that is longer than one call takes is judged in pieces."""
        pieces = [(part.place, piece) for part in parts for piece in _pieces(part.text, classifier.text_chars)]
        digests = {piece: _sha256(piece.encode()) for _, piece in pieces}
        known = dict(await self._book.known(classifier.name, sorted(set(digests.values()))))
        open_ = [piece for piece, digest in digests.items() if digest not in known]
        if open_:
            try:
                async with asyncio.timeout(TEXTS_WITHIN_S):
                    answers = await classifier.score_texts(open_)
            except (ProviderUnavailable, ProviderRefused, TimeoutError) as error:
                return [_unavailable("texts", classifier, error)]
            new = {digests[piece]: scores for piece, scores in zip(open_, answers, strict=True)}
            await self._book.keep(classifier.name, new)
            known |= new
        found = [
            finding
            for place, piece in pieces
            for finding in _findings(place, "text", classifier, known[digests[piece]], policy)
        ]
        return _gravest(found)

    async def _picture(
        self, classifier: PictureClassifier, place: str, jpeg: bytes, policy: ModerationPolicy
    ) -> list[ModerationFinding]:
        digest = _sha256(jpeg)
        scores = (await self._book.known(classifier.name, [digest])).get(digest)
        if scores is None:
            try:
                async with asyncio.timeout(PICTURE_WITHIN_S):
                    scores = await classifier.score_picture(jpeg)
            except (ProviderUnavailable, ProviderRefused, TimeoutError) as error:
                return [_unavailable(place, classifier, error)]
            await self._book.keep(classifier.name, {digest: scores})
        return list(_findings(place, "picture", classifier, scores, policy))


def _findings(
    place: str, kind: Kind, classifier: TextClassifier, scores: Scores, policy: ModerationPolicy
) -> Iterator[ModerationFinding]:
    for category, score in ours(classifier.vendor, kind, scores).items():
        decision = policy.decide(category, score)
        if decision == "allow":
            continue
        yield ModerationFinding(
            place=place,
            rule=f"{classifier.vendor}/{category}",
            decision=decision,
            score=round(score, 4),
            reason=f"{place}: {classifier.name} finds {category} (score {score:.2f})",
            cure="change it, or have a person confirm that it is meant well" if decision == "review" else "change it",
        )


def _gravest(findings: Iterable[ModerationFinding]) -> list[ModerationFinding]:
    """Of each place and rule the highest score."""
    kept: dict[tuple[str, str], ModerationFinding] = {}
    for finding in findings:
        known = kept.get((finding.place, finding.rule))
        if known is None or finding.score > known.score:
            kept[finding.place, finding.rule] = finding
    return list(kept.values())


def _unavailable(
    place: str, classifier: TextClassifier, error: ProviderUnavailable | ProviderRefused | TimeoutError
) -> ModerationFinding:
    """Not decided by the policy: what was not judged does not pass by itself."""
    why = "it did not answer in time" if isinstance(error, TimeoutError) else error.message
    cure = "have a person look at it"
    remedy = error.remedy if isinstance(error, ProviderRefused) else ""
    return ModerationFinding(
        place=place,
        rule=UNAVAILABLE,
        decision="review",
        score=1.0,
        reason=f"{place}: {classifier.name} could not judge ({why})",
        cure=", or ".join(filter(None, [cure, remedy])),
    )


def _pieces(text: str, most: int) -> Iterator[str]:
    """Cut at a space where there is one in the last tenth."""
    while len(text) > most:
        cut = text.rfind(" ", most - most // 10, most)
        cut = cut if cut > 0 else most
        yield text[:cut]
        text = text[cut:]
    if text.strip():
        yield text


def _sees(classifier: TextClassifier) -> bool:
    return hasattr(classifier, "score_picture")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
