"""Reviews: what waits for a person, and decisions."""

from __future__ import annotations

from http import HTTPStatus

from pydantic import ValidationError

from control import operations
from control.listing import reviews_of
from control.review_show import shown_of
from control.reviewing import open_question
from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain
from reelwright.domain.people import Role

from ..calls import Called
from ..models.contents import ContentRow
from ..models.reviews import Decided, Decision, OpenReview, ReviewList
from ..parameters import ContentPath
from ..problems import Refused
from ..routing import operation

TAG = "Reviews"


@operation("GET", "/v1/reviews", needs=Role.VIEWER, tag=TAG, answers=ReviewList)
async def list_reviews(call: Called) -> ReviewList:
    """The contents with an open question, newest first."""
    return ReviewList(items=tuple(ContentRow.listed(row) for row in await reviews_of(call.studio)))


@operation("GET", "/v1/reviews/{id:path}", needs=Role.VIEWER, tag=TAG, answers=OpenReview)
async def open_review(call: Called, id: ContentPath) -> OpenReview:
    """What is asked of a content's reviewer, and what is shown with it."""
    studio = call.studio
    asked = await operations.question(studio, id)
    view = asked.view
    try:
        shown = await shown_of(studio, asked)
    except InvalidInput:  # its workers cannot tell; what is asked is known all the same
        shown = None
    return OpenReview(
        content_id=view.content_id,
        workflow_id=view.workflow_id,
        title=view.title,
        cost_usd=view.cost_usd,
        review=open_question(view),
        shown=shown,
    )


@operation("POST", "/v1/reviews/{id:path}/decision", needs=Role.REVIEWER, tag=TAG, answers=Decided, refuses=(409,))
async def decide_review(call: Called, id: ContentPath, body: Decision) -> Decided:
    """Hands in a decision on exactly the artifact that it names. 409 where another one is open by now: look again."""
    studio = call.studio
    try:
        decision = body.by(call.caller.name)
    except ValidationError as error:
        raise explain(error) from None
    asked = await operations.question(studio, id)
    review = open_question(asked.view)
    if review.artifact_sha256 != body.artifact_sha256:
        raise Refused(
            HTTPStatus.CONFLICT,
            f"{asked.view.content_id} has changed since you looked at it; {review.artifact_sha256[:12]} is open now",
            field="artifact_sha256",
            remedy="look at it again",
            kind="outdated",
        )
    judged = await operations.decide(studio, asked, decision, artifact=body.artifact_sha256, shown=None)
    return Decided(
        content_id=asked.view.content_id,
        decision=judged.decision,
        reviewer=judged.reviewer,
        artifact_sha256=body.artifact_sha256,
    )


OPERATIONS = [list_reviews, decide_review, open_review]
