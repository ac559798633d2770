"""An account's repository in the sandbox: blobs, and records of posts.

Source: docs/platforms/bluesky.md#post, #limits. A post that shows a video is a post of the store with the video's
bytes; every other is one of text.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..store import Post, SandboxStore, Session, iso
from ..wire import take_fault
from . import nouns
from .access import Access
from .lexicon import blobs_in, check
from .nouns import COLLECTION, PLATFORM, TID, Refusal, invalid


class Records:
    """The repositories, over a store."""

    def __init__(self, store: SandboxStore, access: Access) -> None:
        self._store = store
        self._access = access

    # --- blobs ------------------------------------------------------------------------------------------------------

    async def upload_blob(self, request: Request) -> Response:
        """`uploadBlob`: the bytes, of the type that the request names."""
        account, data = self._access.account(request), await request.body()
        if not data:
            raise invalid("Request body is empty")
        sum_, media_type = nouns.cid(data), _type_of(data, request.headers.get("content-type", ""))
        if self._blob(account, sum_) is None:
            id = f"{nouns.did_of(account)[8:]}-{sum_}"
            meta = {"cid": sum_, "stored": self._store.now(), "state": "blob"}
            self._store.add_session(
                Session(id, PLATFORM, account, meta, media_type, len(data), len(data), created=self._store.now())
            )
            self._store.session_file(id).write_bytes(data)
        return JSONResponse({"blob": nouns.blob(sum_, media_type, len(data))})

    def _blob(self, account: str, sum_: str) -> Session | None:
        """The bytes of this sum on the account's server, unless they were forgotten."""
        life, now = self._access.settings().blob_s, self._store.now()
        for session in self._store.sessions(PLATFORM, account):
            fresh = not life or session.post_id or now - session.meta.get("stored", 0.0) < life
            bytes_ = self._store.session_file(session.id), self._store.post_file(session.post_id or "-")
            if session.meta.get("cid") == sum_ and fresh and any(path.exists() for path in bytes_):
                return session
        return None

    # --- writes -----------------------------------------------------------------------------------------------------

    async def put(self, request: Request) -> Response:
        """`putRecord`: the same record again is no change, another one with `swapRecord: null` is refused."""
        account, asked = self._access.account(request), await nouns.read(request)
        rkey, record = self._asked(account, asked)
        known = self._found(account, rkey)
        if known is not None and known.meta["record"] == record:
            return JSONResponse({"uri": _uri(known), "cid": known.meta["cid"], "validationStatus": "valid"})
        swap = asked.get("swapRecord", known.meta["cid"] if known else None)
        if self._access.settings().swap_checked and swap != (known.meta["cid"] if known else None):
            raise invalid(f"Record was at {known.meta['cid'] if known else None}", "InvalidSwap")
        return self._told(self._write(account, rkey, record, known))

    async def create(self, request: Request) -> Response:
        """`createRecord`: with a key that is taken it fails without a reason."""
        account, asked = self._access.account(request), await nouns.read(request)
        rkey, record = self._asked(account, {"rkey": nouns.tid(self._store.now()), **asked})
        if self._found(account, rkey) is not None:
            raise Refusal(500, "InternalServerError", "Internal Server Error")
        return self._told(self._write(account, rkey, record, None))

    async def delete(self, request: Request) -> Response:
        """`deleteRecord`: one that is gone is as good as deleted."""
        account, asked = self._access.account(request), await nouns.read(request)
        self._own(account, asked)
        if (known := self._found(account, str(asked.get("rkey", "")))) is not None:
            self._store.delete_post(known.post_id)
        return JSONResponse({})

    def _own(self, account: str, asked: dict[str, Any]) -> None:
        if nouns.account_named(self._store, str(asked.get("repo", ""))) != account:
            raise Refusal(403, "Forbidden", "that is not your repository")
        if asked.get("collection") != COLLECTION:
            raise invalid(f"the sandbox holds {COLLECTION} alone")

    def _asked(self, account: str, asked: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        self._own(account, asked)
        rkey, record = str(asked.get("rkey", "")), asked.get("record")
        if not TID.fullmatch(rkey):
            raise invalid(f"Invalid record key: {rkey[:40]} is no TID")
        if not isinstance(record, dict):
            raise invalid("Input must have the property record")
        if (why := check(record)) != "":
            raise invalid(f"Invalid {COLLECTION} record: {why}")
        return rkey, record

    def _write(self, account: str, rkey: str, record: dict[str, Any], known: Post | None) -> Post:
        meta = {"rkey": rkey, "did": nouns.did_of(account), "record": record, "cid": nouns.record_cid(record)}
        text = record["text"]
        video = self._referred(account, record)
        if known is not None:
            self._store.change_post(known.post_id, text=text, meta=meta)
            return self._store.post(known.post_id) or known
        post_id = self._free_id(account, rkey)
        if video is None:
            return self._store.add_text_post(post_id, PLATFORM, account, text, meta)
        return self._store.publish(video, post_id, title="", text=text, meta=meta)

    def _referred(self, account: str, record: dict[str, Any]) -> Session | None:
        """The video of a record, after a look at all blobs that it refers to."""
        video = None
        for blob in blobs_in(record):
            sum_ = blob["ref"]["$link"]
            found = self._blob(account, sum_)
            if found and take_fault(self._store, PLATFORM, "publish", {"expire_session"}, account=account):
                self._store.drop_session(found.id)
                found = None
            if found is None:
                raise invalid(f"Could not find blob: {sum_}", "BlobNotFound")
            if found.total != blob["size"]:
                raise invalid(f"Referenced size does not match stored: {found.total}", "InvalidSize")
            if blob["mimeType"] == "video/mp4":
                video = found
        return video

    def _free_id(self, account: str, rkey: str) -> str:
        """The store's id for it: the key, which two accounts may both have."""
        self._store.database.execute("delete from posts where post_id = ? and deleted = 1", (rkey,))
        return rkey if self._store.post(rkey) is None else f"{rkey}-{nouns.did_of(account)[8:]}"

    def _found(self, account: str, rkey: str) -> Post | None:
        row = self._store.database.execute(
            "select post_id from posts where platform = ? and account = ? and deleted = 0"
            " and json_extract(meta, '$.rkey') = ?",
            (PLATFORM, account, rkey),
        ).fetchone()
        return self._store.post(row["post_id"]) if row else None

    def _told(self, post: Post) -> Response:
        commit = {"cid": nouns.cid(post.meta["cid"].encode(), 0x71), "rev": nouns.tid(self._store.now())}
        told = {"uri": _uri(post), "cid": post.meta["cid"], "commit": commit, "validationStatus": "valid"}
        return JSONResponse(told)

    # --- reads ------------------------------------------------------------------------------------------------------

    async def get(self, request: Request) -> Response:
        """`getRecord`: needs no authentication, and returns what was written at once."""
        params = request.query_params
        account = nouns.account_named(self._store, params.get("repo", ""))
        post = self._found(account, params.get("rkey", "")) if account else None
        if post is None or params.get("collection") != COLLECTION:
            uri = f"at://{params.get('repo', '')}/{params.get('collection', '')}/{params.get('rkey', '')}"
            raise invalid(f"Could not locate record: {uri[:200]}", "RecordNotFound")
        return JSONResponse({"uri": _uri(post), "cid": post.meta["cid"], "value": post.meta["record"]})

    async def list_records(self, request: Request) -> Response:
        """`listRecords`: newest keys first, pages of up to 100."""
        params = request.query_params
        account, limit = nouns.account_named(self._store, params.get("repo", "")), params.get("limit", "50")
        if not account or not limit.isdigit() or not 1 <= int(limit) <= 100:
            raise invalid("repo or limit is invalid")
        posts = sorted(self._store.posts(PLATFORM, account), key=lambda post: str(post.meta["rkey"]), reverse=True)
        cursor = params.get("cursor", "")
        page = [post for post in posts if not cursor or post.meta["rkey"] < cursor][: int(limit)]
        told = [{"uri": _uri(post), "cid": post.meta["cid"], "value": post.meta["record"]} for post in page]
        more = {"cursor": page[-1].meta["rkey"]} if len(page) == int(limit) else {}
        return JSONResponse({"records": told, **more})

    async def get_posts(self, request: Request) -> Response:
        """`app.bsky.feed.getPosts`: the views of up to 25 posts; those that do not exist are left out."""
        uris = request.query_params.getlist("uris")
        if not 1 <= len(uris) <= 25:
            raise invalid("uris must have 1 to 25 elements")
        views = []
        for uri in uris:
            did, _, rkey = uri.removeprefix("at://").partition(f"/{COLLECTION}/")
            if post := self._found(nouns.account_named(self._store, did), rkey):
                views.append(_view(post))
        return JSONResponse({"posts": views})

    async def profile(self, request: Request) -> Response:
        """`app.bsky.actor.getProfile`."""
        account = nouns.account_named(self._store, request.query_params.get("actor", ""))
        if not account:
            raise invalid("Profile not found")
        return JSONResponse({"did": nouns.did_of(account), "handle": nouns.handle_of(account), "displayName": account})

    async def resolve(self, request: Request) -> Response:
        """`resolveHandle`."""
        account = nouns.account_named(self._store, request.query_params.get("handle", ""))
        if not account:
            raise invalid("Unable to resolve handle")
        return JSONResponse({"did": nouns.did_of(account)})


def _type_of(data: bytes, told: str) -> str:
    """What the request names, or what the bytes look like where it names nothing (`*/*`)."""
    if told and told != "*/*":
        return told
    return "video/mp4" if data[4:8] == b"ftyp" else "application/octet-stream"


def _uri(post: Post) -> str:
    return f"at://{post.meta['did']}/{COLLECTION}/{post.meta['rkey']}"


def _view(post: Post) -> dict[str, Any]:
    counts = dict.fromkeys(("likeCount", "repostCount", "replyCount", "quoteCount", "bookmarkCount"), 0)
    author = {"did": post.meta["did"], "handle": nouns.handle_of(post.account)}
    indexed = iso(post.created)
    return {
        "uri": _uri(post), "cid": post.meta["cid"], "author": author, "record": post.meta["record"],
        "indexedAt": indexed, "labels": [], **counts,
    }  # fmt: skip
