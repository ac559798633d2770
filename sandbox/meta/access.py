"""What Instagram and Facebook share in the sandbox: ids, tokens, the Graph envelope, parameters, usage headers.

An account's root tokens are `EAAsandbox-<account>` and `EAAsandbox-<account>:<anything>`. Each is as good as a person's
own authorisation: it is valid until a test expires it, and can be exchanged while it is valid
(docs/platforms/instagram.md#tokens). Ids are derived from the account's name: see `accounts.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..store import SandboxStore, Session
from ..wire import Refusal as WireRefusal
from ..wire import json_object
from .accounts import instagram_user, page_of

INSTAGRAM, FACEBOOK = "instagram", "facebook"
DAY = 86_400.0
_NESTED = re.compile(r"\{[^{}]*\}")
ROOT = re.compile(r"EAAsandbox-([A-Za-z0-9][A-Za-z0-9._-]{0,63})(?::[A-Za-z0-9]{1,32})?")


class _GraphId(Convertor[str]):
    """An object's id: digits alone would catch other platforms' short version numbers, so it is at least ten long."""

    regex = r"\d{10,24}(?:_\d{1,24})?"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class _GraphVersion(_GraphId):
    """`v26.0`; TikTok's `v2` and Discord's `v10` have no dot."""

    regex = r"v\d{1,2}\.\d{1,2}"


register_url_convertor("graphid", _GraphId())
register_url_convertor("graphversion", _GraphVersion())


@dataclass(frozen=True)
class MetaSettings:
    """What both platforms let one set."""

    PLATFORM: ClassVar[str] = "meta"
    app_secret: str = ""
    """With it, an `appsecret_proof` that is given must be right."""
    require_proof: bool = False
    token_s: float = 60 * DAY
    exchange_expired: bool = False
    """The real platform exchanges no expired token; a test may allow it, to continue without a person."""
    refresh_age_s: float = DAY
    """`ig_refresh_token` takes no younger token."""
    data_access_s: float = 90 * DAY
    """How long after a consent the data of a person can be read (UNVERIFIED)."""
    throttle_minutes: int = 0
    """Over 0, every call is throttled, with this many minutes as the time to wait."""
    processing_polls: int = 1
    """So often an upload still reads as being processed before it reads its outcome."""
    processing_s: float = 0.0
    """And at least so long after its last byte."""
    fail_reason: str = ""
    """Every upload's processing fails for this reason."""
    missing_polls: int = 0
    """So often a new object reads as missing (100/33)."""
    listed_after_s: float = 0.0
    """Lists show a post no sooner than this after it was made."""
    keep_partial: bool = True
    """Of an upload that breaks off, what came in is kept."""


@dataclass(eq=False)
class Refusal(WireRefusal):
    """An answer with Graph's error envelope (docs/platforms/instagram.md#errors)."""

    code: int
    message: str
    subcode: int = 0
    status: int = 400
    kind: str = "OAuthException"
    transient: bool = False
    data: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> JSONResponse:
        """`{"error": {"message", "type", "code", "error_subcode", "is_transient", "fbtrace_id", ...}}`."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind, "code": self.code}
        if self.subcode:
            error |= {"error_subcode": self.subcode, "error_user_title": "Error", "error_user_msg": self.message}
        if self.data:
            error["error_data"] = self.data
        error |= {"is_transient": self.transient, "fbtrace_id": secrets.token_urlsafe(9)}
        return JSONResponse({"error": error}, self.status, self.headers)


@dataclass(eq=False)
class DebugInfo(WireRefusal):
    """rupload's own envelope (docs/platforms/instagram.md#upload)."""

    kind: str
    message: str
    retriable: bool = False
    status: int = 400

    def response(self) -> JSONResponse:
        """`{"debug_info": {"retriable", "type", "message"}}`."""
        told = {"retriable": self.retriable, "type": self.kind, "message": self.message}
        return JSONResponse({"debug_info": told}, self.status)


def missing(object_id: str) -> Refusal:
    """100/33: no such object, or none that this token may see."""
    message = (
        f"Unsupported request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation."
    )
    return Refusal(100, message, 33, kind="GraphMethodException")


def dead_token(subcode: int) -> Refusal:
    """190, with what is the matter."""
    why = {458: "The user has not authorized application.", 463: "Session has expired.", 467: "Invalid session."}
    return Refusal(190, f"Error validating access token: {why[subcode]}", subcode, status=401)


def day_quota() -> Refusal:
    """9/2207042."""
    message = "The user has exceeded the maximum number of posts that can be published per day."
    return Refusal(9, message, 2207042)


# --- names -----------------------------------------------------------------------------------------------------------


def fresh_id(prefix: str, length: int) -> str:
    """A new id of so many digits."""
    rest = length - len(prefix)
    return f"{prefix}{secrets.randbelow(10**rest):0{rest}d}"


def is_instagram(object_id: str) -> bool:
    """All of Instagram's ids here have 17 digits and begin with 17 or 18; Facebook's do not."""
    return len(object_id) == 17 and object_id.startswith(("17", "18"))


# --- a call ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """A request as Graph sees it: parameters from the query, a form or JSON, whichever came."""

    request: Request
    params: dict[str, str]
    files: dict[str, UploadFile]
    account: str = ""

    @property
    def id(self) -> str:
        """The requested object."""
        return str(self.request.path_params.get("id", ""))

    @property
    def fields(self) -> list[str]:
        """`fields=a,b`."""
        # What stands in braces are the fields of a field.
        names, found = self.params.get("fields", ""), 1
        while found:
            names, found = _NESTED.subn("", names)
        return [name.strip() for name in names.split(",") if name.strip()]

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean parameter; anything but one is refused."""
        value = self.params.get(name, str(default)).lower()
        if value not in ("true", "false", "1", "0"):
            raise Refusal(100, f"(#100) Param {name} must be a boolean")
        return value in ("true", "1")

    def need(self, name: str) -> str:
        """A parameter that must be there."""
        value = self.params.get(name, "")
        if not value:
            raise Refusal(100, f"(#100) The parameter {name} is required")
        return value


async def read_call(request: Request) -> Call:
    """Reads all parameters; files of a multipart form are kept apart."""
    params, files = dict(request.query_params), dict[str, UploadFile]()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and kind == "application/json":
        try:
            given = json_object(await request.body())
        except ValueError:
            raise Refusal(100, "(#100) The body is not a JSON object") from None
        params |= {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
    elif request.method == "POST":
        for name, value in (await request.form()).multi_items():
            if isinstance(value, str):
                params[name] = value
            else:
                files[name] = value
    return Call(request, params, files)


class Access:
    """Who calls, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store

    def token_of(self, request: Request, params: dict[str, str] | None = None) -> str:
        """The token, from whichever place it was put in."""
        header = request.headers.get("authorization", "").partition(" ")[2].strip()
        return header or (params or {}).get("access_token", "") or request.query_params.get("access_token", "")

    def owner(self, token: str) -> str:
        """The account of a token, valid or not, or ""."""
        known, match = self._store.owner_of(token), ROOT.fullmatch(token)
        if not known and match:  # a root token is on file once it was seen, so that it can be expired
            self._store.add_token(token, match[1], self._store.now() + 60 * DAY)
            return match[1]
        return known

    def account(self, token: str) -> str:
        """The account of a living token, or 190 with the reason."""
        owner = self.owner(token)
        if not owner:
            raise dead_token(467)
        if owner in self._store.settings().revoked:
            raise dead_token(458)
        if self._store.account_of(token) is None:
            raise dead_token(463)
        return owner

    def prove(self, call: Call, token: str, settings: MetaSettings) -> None:
        """Checks `appsecret_proof`."""
        given = call.params.get("appsecret_proof", "")
        if not given:
            if settings.require_proof:
                raise Refusal(
                    100, "API calls from the server require an appsecret_proof argument", kind="GraphMethodException"
                )
            return
        right = hmac.new(settings.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        if settings.app_secret and not hmac.compare_digest(given, right):
            raise Refusal(100, "Invalid appsecret_proof provided in the API argument", kind="GraphMethodException")

    # --- tokens (docs/platforms/instagram.md#tokens) ------------------------------------------------------------------

    def issue(self, account: str, settings: MetaSettings, *, kind: str = "EAA") -> dict[str, Any]:
        """A new long-lived token."""
        token = f"{kind}{secrets.token_urlsafe(48)}"
        self._store.add_token(token, account, self._store.now() + settings.token_s)
        return {"access_token": token, "token_type": "bearer", "expires_in": int(settings.token_s)}

    def exchange(self, call: Call, settings: MetaSettings) -> Response:
        """`fb_exchange_token`, `ig_exchange_token` and `ig_refresh_token`; none takes a token that has expired."""
        grant = call.need("grant_type")
        names = {"fb_exchange_token": "fb_exchange_token", "ig_exchange_token": "access_token"}
        names["ig_refresh_token"] = "access_token"  # noqa: S105
        if grant not in names:
            raise Refusal(100, "(#100) Unsupported grant_type")
        if grant != "ig_refresh_token":
            call.need("client_secret")
        if grant == "fb_exchange_token":
            call.need("client_id")
        token = call.need(names[grant])
        try:
            account = self.account(token)
        except Refusal as refusal:
            if not (settings.exchange_expired and refusal.subcode == 463):
                raise
            account = self.owner(token)
        if grant == "ig_refresh_token" and not ROOT.fullmatch(token):
            age = settings.token_s - (self._store.expiry_of(token) - self._store.now())
            if age < settings.refresh_age_s:
                raise Refusal(100, "(#100) The access token is not old enough to be refreshed", kind="IGApiException")
        return JSONResponse(self.issue(account, settings, kind="EAA" if grant.startswith("fb") else "IGAA"))

    def code(self, call: Call, settings: MetaSettings) -> Response:
        """Instagram Login: the code `sandbox-<account>` becomes a token."""
        match = re.fullmatch(r"sandbox-([A-Za-z0-9][A-Za-z0-9._-]{0,63})", call.need("code"))
        if not match:
            raise Refusal(100, "Invalid authorization code", kind="OAuthException")
        issued = self.issue(match[1], settings, kind="IGAA")
        told = {"access_token": issued["access_token"], "user_id": instagram_user(match[1])}
        return JSONResponse({"data": [{**told, "permissions": "instagram_business_content_publish"}]})


# --- states ----------------------------------------------------------------------------------------------------------


def usage_headers(account: str, platform: str, settings: MetaSettings) -> dict[str, str]:
    """`X-App-Usage` in percent, and minutes (not seconds) until a throttled account is let in again
    (docs/platforms/instagram.md#quota)."""
    percent = 100 if settings.throttle_minutes else 1
    counts = {"call_count": percent, "total_cputime": 1, "total_time": 1}
    entry = {"type": platform if platform == INSTAGRAM else "pages", **counts}
    entry["estimated_time_to_regain_access"] = settings.throttle_minutes
    who = instagram_user(account) if platform == INSTAGRAM else page_of(account)
    return {
        "X-App-Usage": json.dumps({"call_count": percent, "total_time": 1, "total_cputime": 1}),
        "X-Business-Use-Case-Usage": json.dumps({who: [entry]}),
        "facebook-api-version": "v26.0",
    }


def throttled(platform: str) -> Refusal:
    """The business use case's own throttle, as HTTP 400 (docs/platforms/instagram.md#quota)."""
    code = 80_002 if platform == INSTAGRAM else 80_001
    message = f"(#{code}) There have been too many calls to this account. Wait a bit and try again."
    return Refusal(code, message, 2446079)


def phase(store: SandboxStore, session: Session, settings: MetaSettings) -> str:
    """`uploading`, `processing`, `failed` or `processed`. Counts the reading."""
    meta, size = session.meta, session.meta.get("file_size")
    if size is None or (session.committed < size and not session.post_id):
        return "uploading"
    polls = meta.get("polls", 0) + 1
    store.change_session(session.id, {**meta, "polls": polls})
    if polls <= settings.processing_polls or store.now() - meta.get("uploaded", 0.0) < settings.processing_s:
        return "processing"
    return "failed" if meta.get("fail") or settings.fail_reason else "processed"


def hidden(store: SandboxStore, session: Session, settings: MetaSettings) -> bool:
    """Whether a read reports the object as missing although it exists. Counts the read."""
    seen = session.meta.get("seen", 0)
    if seen >= settings.missing_polls:
        return False
    store.change_session(session.id, {**session.meta, "seen": seen + 1})
    return True


def only(node: dict[str, Any], fields: list[str], default: tuple[str, ...] = ()) -> dict[str, Any]:
    """The requested fields, and always the id; one that a node does not have is left out, as Graph does for empty
    ones."""
    wanted = fields or list(default)
    return {name: value for name, value in node.items() if name == "id" or name in wanted}


def written(seconds: float) -> str:
    """An instant as Graph writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def paged(call: Call, items: list[dict[str, Any]]) -> dict[str, Any]:
    """A list's page with its cursors."""
    try:
        limit, at = int(call.params.get("limit", "25")), int(call.params.get("after", "c0")[1:])
    except ValueError:
        raise Refusal(100, "(#100) Invalid cursor or limit") from None
    page = items[at : at + max(1, min(limit, 100))]
    body: dict[str, Any] = {"data": page}
    if page:
        body["paging"] = {"cursors": {"before": f"c{at}", "after": f"c{at + len(page)}"}}
        if at + len(page) < len(items):
            body["paging"]["next"] = str(call.request.url.include_query_params(after=f"c{at + len(page)}"))
    return body
