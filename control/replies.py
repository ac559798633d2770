"""A platform's answer to a request for consent, as it comes back in an address (RFC 6749, 4.1.2; RFC 9207)."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr

from reelwright.domain.base import Model
from reelwright.domain.errors import InvalidInput
from reelwright.domain.redaction import know

CODE_CHARS = 4_000


class Reply(Model):
    """A platform's answer, as it stood in the query of the address."""

    state: str = ""
    code: SecretStr = SecretStr("")
    error: str = ""
    description: str = ""
    iss: str = ""


def read_reply(query: str) -> Reply:
    """The answer in an address's query. Raises `InvalidInput` for one that names a parameter twice, or has none."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise InvalidInput("the answer has too many parts", field="code", remedy="begin the connection again") from None
    names = [name for name, _ in pairs]
    known = ("state", "code", "error", "error_description", "iss")
    if doubled := next((name for name in known if names.count(name) > 1), ""):
        raise InvalidInput("the answer has it twice", field=doubled, remedy="begin the connection again")
    found = dict(pairs)
    know(found.get("code"), found.get("state"))
    reply = Reply(
        state=found.get("state", "")[:CODE_CHARS],
        code=SecretStr(found.get("code", "")),
        error=(found.get("error") or found.get("error_code") or "")[:200],
        description=(found.get("error_description") or found.get("error_message") or "")[:1_000],
        iss=found.get("iss", "")[:500],
    )
    if len(reply.code.get_secret_value()) > CODE_CHARS:
        raise InvalidInput("it is too long", field="code", remedy="begin the connection again")
    return reply


def pasted(text: str, state: SecretStr, *, bare: bool = False) -> Reply:
    """The answer out of what a person pastes: the whole address, in which the state is checked, or the bare code, in
    which there is none to check: it is taken for the answer to `state`. With `bare` it is never an address. Raises
    `InvalidInput`, which quotes none of it."""
    text = text.strip().strip("'\"<>").strip()
    if not text or len(text) > 4 * CODE_CHARS or not text.isprintable() or " " in text:
        raise InvalidInput("this is no address", field="address", remedy="paste the whole address of the last page")
    if bare or not is_address(text):
        code = text.removesuffix("#_=_").removesuffix("#_")
        know(code)
        return Reply(state=state.get_secret_value(), code=SecretStr(code))
    parts = urlsplit(text)
    reply = read_reply(parts.query)
    if not reply.state:
        raise InvalidInput("the address has no state", field="state", remedy="paste the whole address")
    return reply


def is_address(text: str) -> bool:
    """Whether a pasted text is an address, and no bare code."""
    return "://" in text or text.startswith("?") or "code=" in text or "error=" in text
