"""The search attributes a person filters by in the UI and with `temporal workflow list --query`."""

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

STAGE = SearchAttributeKey.for_keyword("ReelStage")
PLATFORM = SearchAttributeKey.for_keyword("ReelPlatform")
CONTENT_ID = SearchAttributeKey.for_keyword("ReelContentId")
REVIEW = SearchAttributeKey.for_keyword("ReelReview")
CHANNEL = SearchAttributeKey.for_keyword("ReelChannel")
COST_USD = SearchAttributeKey.for_float("ReelCostUsd")

ALL = (STAGE, PLATFORM, CONTENT_ID, REVIEW, CHANNEL, COST_USD)


def of_channel(channel: str) -> TypedSearchAttributes:
    """What a publication is started with; nothing for tasks of releases up to 0.3, which name no channel."""
    return TypedSearchAttributes([SearchAttributePair(CHANNEL, channel)] if channel else [])
