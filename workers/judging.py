"""The moderator and its classifiers, built from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.classifying import TextClassifier

from .settings import Settings

if TYPE_CHECKING:
    from reelwright.providers.moderation.moderator import StudioModerator
    from reelwright.providers.moderation.remote.chain import Classifiers

CHAIN = "REELWRIGHT_MODERATION_CHAIN"


def build_moderator(settings: Settings, classifiers: Classifiers) -> StudioModerator:
    """The local rules and the classifiers."""
    from reelwright.providers.moderation.moderator import StudioModerator
    from reelwright.providers.moderation.rules import RulesModerator

    blocked = tuple(term.strip() for term in settings.blocked_terms.split(",") if term.strip())
    return StudioModerator(RulesModerator(blocked), classifiers)


def build_classifiers(settings: Settings, pool: Any) -> Classifiers:
    """Those that the settings name. Raises `InvalidInput` for one without its key: a worker that cannot ask them must
    not take work."""
    from reelwright.providers.moderation.remote.chain import Classifiers
    from reelwright.storage.moderation import PostgresScores

    names = dict.fromkeys(name.strip() for name in settings.moderation_chain.split(",") if name.strip())
    return Classifiers([_classifier(name, settings) for name in names], PostgresScores(pool))


def _classifier(name: str, settings: Settings) -> TextClassifier:
    if name == "azure":
        from reelwright.providers.moderation.remote.azure import AzureClassifier

        if not settings.azure_safety_endpoint:
            raise InvalidInput(
                "azure is named, but its address is missing", field=CHAIN, remedy="set AZURE_CONTENT_SAFETY_ENDPOINT"
            )
        key = _key(name, settings.azure_safety_key, "AZURE_CONTENT_SAFETY_KEY")
        return AzureClassifier(key, settings.azure_safety_endpoint)
    if name == "mistral":
        from reelwright.providers.moderation.remote.mistral import MistralClassifier

        key = _key(name, settings.mistral_api_key, "MISTRAL_API_KEY")
        return MistralClassifier(key, settings.mistral_base_url, settings.mistral_moderation_model)
    from reelwright.providers.moderation.remote.openai import OpenAIClassifier

    key = _key(name, settings.openai_api_key, "OPENAI_API_KEY")
    return OpenAIClassifier(key, settings.openai_base_url, settings.openai_moderation_model)


def _key(name: str, key: SecretStr | None, variable: str) -> SecretStr:
    if key is None or not key.get_secret_value().strip():
        raise InvalidInput(f"{name} is named, but its key is missing", field=CHAIN, remedy=f"set {variable}")
    return key
