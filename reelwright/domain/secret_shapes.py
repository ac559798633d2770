"""The formats of secrets: patterns for those whose value is unknown here.

Every pattern works on UTF-8 bytes. A group `v` is the secret; without one the whole match is. Prose must not match
("token: expired", "OAuth authentication", "error code 190"), nor text from which the secret was removed already.
"""

from __future__ import annotations

import re
from functools import cache

_VALUE = rb"""[^\s&"'<>,;\[\]{}()|\\`]"""
_KEYISH = rb"(?=[^\s\"']*[0-9]|[^\s\"']{16})"
"""Ahead of a value that stands in running text: a key has a digit or is long, a word has no digit and is short."""
_NOT_A_VALUE = rb"(?!(?:null|none|true|false|undefined|invalid|expired|missing)\b)"
_NAME = (
    rb"(?:token|secret|passw(?:or)?d|passphrase|pwd|api[_-]?key|access[_-]?key(?:[_-]?id)?|private[_-]?key|signature"
    rb"|credential|appsecret_proof|upload[_-]?id|uploadid|code_verifier)"
)
_HEADER = (
    rb"(?:authorization|cookie|x-(?:goog-)?api-key|api-key|xi-api-key|x-guploader-uploadid|x-amz-security-token"
    rb"|x-discord-token)"
)
_SCHEME = rb"(?:Bearer|OAuth|Basic|Token|Bot|Digest)"

_SOURCES = (
    # access_token=…, client_secret = …, <refresh_token>…
    _NAME + rb"""(?:["']?\s?=\s?["']?|>)""" + _NOT_A_VALUE + rb"(?P<v>(?!=)" + _VALUE + rb"{3,})",
    # "refresh_token": "…", 'client_secret': '…'
    _NAME + rb"""["']\s*:\s*["'](?P<v>[^"'\r\n\[]{1,4000})""",
    # access_token: 1//0abc
    _NAME + rb"\s?:\s{0,2}" + _NOT_A_VALUE + _KEYISH + rb"(?P<v>" + _VALUE + rb"{8,})",
    # Authorization: Bearer …; (b'authorization', b'Bearer …')
    _HEADER + rb"""["']?\s*[:,=]\s*b?["']?""" + _SCHEME + rb"""\s+(?P<v>[^\s"',;\[\]\\]{3,})""",
    _HEADER + rb"""["']?\s*[:,=]\s*b?["']?""" + _KEYISH + rb"""(?P<v>[^\s"',;\[\]\\]{6,})""",
    rb"""cookie["']?\s*[:,]\s*b?["']?(?P<v>[^"'\r\n\[\\]{3,4000})""",
    rb"\b" + _SCHEME + rb"\s+" + _KEYISH + rb"(?P<v>[A-Za-z0-9._~+/=|:-]{8,})",
    # In addresses, where short names are common.
    rb"[?&](?:key|code|sig|ut|sau|auth|st|hdnea|policy)=(?P<v>" + _VALUE + rb"{3,})",
    rb"\b[a-z][a-z0-9+.-]{1,30}://(?P<v>[^\s/?#@:\"'<>\[]{0,200}:[^\s/@\"'<>\[]{1,500}|[^\s/?#@:\"'<>\[]{8,200})@",
    rb"/webhooks/\d{1,25}/(?P<v>[\w-]{8,})",
    rb"hooks\.slack\.com/services/(?P<v>[\w/]{8,})",
    # By their makers' own prefixes.
    rb"(?<![\w-])EAA[A-Za-z0-9]{12,}",
    rb"(?<![\w-])IG[A-Z]{2}[\w-]{20,}",
    rb"(?<![\w-])ya29\.[\w.-]{6,}",
    rb"(?<![\w/])1//[\w-]{10,}",
    rb"(?<![\w-])4/0A[\w-]{10,}",
    rb"(?<![\w-])GOCSPX-[\w-]{8,}",
    rb"(?<![\w-])AIza[\w-]{20,}",
    rb"(?<![\w-])(?:act|rft|clt)\.[\w!.*~-]{8,}",
    rb"(?<![\w-])(?:sk|pk|rk)[-_](?=[\w*.-]*[0-9*]|[\w-]{16})[\w*.-]{4,}",
    rb"(?<![\w-])(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}",
    rb"(?<![\w-])eyJ[\w-]{6,}\.[\w-]{4,}(?:\.[\w-]*)?",
    rb"(?<![\w-])xox[a-z]-[\w-]{8,}",
    rb"(?<![\w-])xapp-[\w-]{8,}",
    rb"(?<![\w-])gh[opsur]_\w{16,}",
    rb"(?<![\w-])github_pat_\w{16,}",
    rb"(?<![\w-])glpat-[\w-]{12,}",
    rb"(?<![\w-])hf_\w{16,}",
    rb"(?<![\w-])AQ[A-Z][\w-]{40,}",  # LinkedIn
    rb"(?<![\w-])gAAAA[\w-]{40,}=*",  # Fernet
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[\s\S]{0,8000}?-----END [A-Z ]*PRIVATE KEY-----|[\s\S]{0,8000})",
)


@cache
def shapes() -> tuple[re.Pattern[bytes], ...]:
    """The patterns, compiled when the first text is looked through: a command that only looks something up meets none.

    Those of a maker's own prefix are as case-sensitive as the keys are; names and schemes are not."""
    return tuple(
        re.compile(source, 0 if source.startswith((rb"(?<![", rb"-----")) else re.IGNORECASE) for source in _SOURCES
    )


SIGNS = re.compile(
    rb"token|secret|pass(?:w|phrase)|pwd|key|signature|credential|appsecret_proof|upload[_-]?id|code_verifier"
    rb"|authorization|cookie|x-amz-security-token"
    rb"|(?:bearer|oauth|basic|bot|digest)\s"
    rb"|[?&](?:code|sig|ut|sau|auth|st|hdnea|policy)="
    rb"|://|/webhooks/\d|hooks\.slack\.com/services/"
    rb"|eaa[a-z0-9]{12}|ig[a-z]{2}[\w-]{20}|ya29\.|1//|4/0a|gocspx-|aiza|(?:act|rft|clt)\.|(?:sk|pk|rk)[-_]"
    rb"|a[krs]ia|aroa|aida|eyj[\w-]{6}|xox[a-z]-|xapp-|gh[opsur]_|github_pat_|glpat-|hf_|aq[a-z][\w-]{40}|gaaaa"
)
"""Some sign of this stands in each match of `shapes`, in lower case. Most of what a run of base64 may decode to has
none: one search spares one for each shape."""
