"""What the adapters by the openai SDK share: how a call fails, and when it is tried again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import openai

from reelwright.domain.errors import ProviderUnavailable
from reelwright.domain.text.incoming import foreign

from ..common.answers import MESSAGE_CHARS, BadAnswer, error_for
from .asking import BodyRecorder, tls


@asynccontextmanager
async def calling(
    provider: str, key: str, base_url: str | None, recorder: BodyRecorder, timeout: float
) -> AsyncIterator[openai.AsyncOpenAI]:
    """A client whose errors are ours. It does not retry: the SDK would retry spent credit too."""
    http = httpx2.AsyncClient(verify=tls(), event_hooks={"response": [recorder]})
    async with openai.AsyncOpenAI(
        api_key=key, base_url=base_url, max_retries=0, timeout=timeout, http_client=http
    ) as client:
        try:
            yield client
        except openai.APIStatusError as error:
            raise error_for(_bad_answer(provider, error)) from None
        except openai.APIError as error:
            raise ProviderUnavailable(
                f"no usable answer ({foreign(str(error.__cause__ or error), MESSAGE_CHARS)})",
                field=provider,
                remedy="it is tried again by itself",
            ) from None


def worth_another_try(error: BaseException) -> bool:
    """A broken connection or a server error without a time to wait; not a timeout, which has taken long enough."""
    if isinstance(error, openai.APITimeoutError):
        return False
    if isinstance(error, openai.APIStatusError):
        return error.status_code >= 500 and "retry-after" not in error.response.headers
    return isinstance(error, openai.APIConnectionError)


def _bad_answer(provider: str, error: openai.APIStatusError) -> BadAnswer:
    return BadAnswer(
        provider=provider,
        status=error.status_code,
        codes=tuple(code for code in (error.code, error.type) if code),
        message=error.message,
        headers=error.response.headers,
        request_id=error.request_id,
    )
