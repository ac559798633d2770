"""Our own style sheets and scripts, under names that carry a digest of their content, so that browsers may keep them
for good. A module imports another by its plain name: what it says is rewritten to the name with the digest."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from functools import cached_property
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.responses import Response

from .routing import PageRequest, public

DIGEST_CHARS = 12
BASE = "base.js"
"""What every page needs, in one file: a browser asks once, and not for each module after it has read another."""
IN_BASE = ("dom.js", "keys.js", "console.js", "live.js")
"""In the order of their imports. Their exports have different names, since all are exports of the one file."""
KEPT = "public, max-age=31536000, immutable"
_IMPORT = re.compile(r"""(?<=["'])\./([a-z0-9-]+\.js)(?=["'])""")

_FROM = re.compile(r"""^import \{[^}]*\} from "\./([a-z0-9-]+\.js)";$""", re.MULTILINE)
_IMPORTS = re.compile(r"""^import \{[^}]*\} from "\./[a-z0-9-]+\.js";$""", re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)
_EXPORTS = re.compile(r"^export ", re.MULTILINE)


class Assets:
    """The folder `static`, read once. A file may import files that do not import it."""

    def __init__(self) -> None:
        self._named: dict[str, str] = {}

    @cached_property
    def _source(self) -> dict[str, bytes]:
        return {one.name: one.read_bytes() for one in files("console").joinpath("static").iterdir() if one.is_file()}

    def named(self, name: str) -> str:
        """`console.css` as `console.<digest>.css`. Raises `KeyError` for a file that is not there."""
        if name not in self._named:
            digest = hashlib.sha256(self.content(name)).hexdigest()[:DIGEST_CHARS]
            stem, _, suffix = name.rpartition(".")
            self._named[name] = f"{stem}.{digest}.{suffix}"
        return self._named[name]

    def content(self, name: str) -> bytes:
        """The bytes that are served."""
        data = self._bundle if name == BASE else self._source[name]
        if not name.endswith(".js"):
            return data
        return _IMPORT.sub(lambda match: f"./{self.named(in_base(match[1]))}", data.decode()).encode()

    @cached_property
    def _bundle(self) -> bytes:
        """The modules of `IN_BASE`, each in a function of its own: their inner names do not meet."""
        return "\n".join(_wrapped(name, self._source[name].decode()) for name in IN_BASE).encode()


def in_base(name: str) -> str:
    """The file in which a module is served."""
    return BASE if name in IN_BASE else name


def _wrapped(name: str, text: str) -> str:
    """A module as a function that is called at once, and its exports as those of the whole file."""
    for one in _FROM.findall(text):
        if one not in IN_BASE[: IN_BASE.index(name)]:
            raise ValueError(f"{name} imports {one}, which is not before it in {BASE}")
    exported = _EXPORT.findall(text)
    inner = _EXPORTS.sub("", _IMPORTS.sub("", text))
    head = f"export const {{ {', '.join(exported)} }} = " if exported else ""
    return f"{head}(() => {{\n{inner}\nreturn {{ {', '.join(exported)} }};\n}})();"


ASSETS = Assets()


@public("/static/{name}", name="static")
async def static(request: PageRequest) -> Response:
    """One file, by its name with any digest: while two versions are being served, each answers for both."""
    stem, _, rest = request.path_params["name"].partition(".")
    digest, _, suffix = rest.rpartition(".")
    name = f"{stem}.{suffix}"
    try:
        current, content = ASSETS.named(name), ASSETS.content(name)
    except KeyError:
        raise HTTPException(404) from None
    kept = KEPT if current == f"{stem}.{digest}.{suffix}" else "no-store"
    media_type = "text/javascript" if suffix == "js" else mimetypes.guess_type(name)[0]
    return Response(content, media_type=media_type, headers={"Cache-Control": kept})


ROUTES = [static]
