"""Stories by OpenAI's models at Azure: the same API at the resource's `v1` route (docs/providers.md#azure-openai)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import SecretStr

from reelwright.domain.costs.prices import TokenPrice
from reelwright.domain.errors import InvalidInput

from .openai import Effort, OpenAIWriter


class AzureWriter(OpenAIWriter):
    """`endpoint` is the resource's address, with or without the route; `deployment` the name that was given there. It
    says nothing about the model: `price` is that of the model behind it."""

    provider: ClassVar[str] = "azure"

    def __init__(
        self,
        api_key: SecretStr | str,
        endpoint: str,
        deployment: str,
        *,
        price: TokenPrice | None = None,
        effort: Effort | None = None,
    ) -> None:
        if not endpoint.startswith(("https://", "http://")):
            raise InvalidInput(
                "the address of the resource is missing",
                field="AZURE_OPENAI_ENDPOINT",
                remedy="set it, as in https://NAME.openai.azure.com",
            )
        super().__init__(api_key, deployment, base_url=_route(endpoint), price=price, effort=effort)


def _route(endpoint: str) -> str:
    base = endpoint.rstrip("/").removesuffix("/openai/v1").removesuffix("/openai")
    return f"{base}/openai/v1/"
