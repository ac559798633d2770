"""Whether a text says that it is paid for, or that it was made with AI."""

from __future__ import annotations

import re

# What authorities and platforms accept in the seven languages; the label of the platform itself is a flag of the post.
PAID = {
    "en": "Paid partnership", "de": "Werbung", "es": "Publicidad", "fr": "Partenariat rémunéré",
    "ar": "إعلان مدفوع", "hi": "सशुल्क साझेदारी", "zh": "广告",
}  # fmt: skip
WITH_AI = {
    "en": "Made with AI", "de": "Mit KI erstellt", "es": "Hecho con IA", "fr": "Créé avec l'IA",
    "ar": "صنع بالذكاء الاصطناعي", "hi": "AI से बनाया गया", "zh": "由AI生成",
}  # fmt: skip
_PAID = re.compile(
    r"(?i)(?<!\w)(?:#(?:ad|ads|werbung|anzeige|publicidad|publi|pub|publicité|sponsored|spon|إعلان|广告)(?!\w)"
    r"|paid partnership|paid promotion|sponsored by|in partnership with|advertisement:"
    r"|bezahlte partnerschaft|gesponsert von|werbung:|anzeige:|^\s*(?:werbung|anzeige)(?=\s*[|:·–-]|\s*$)"
    r"|colaboraci[oó]n pagada|patrocinado por|publicidad:|^\s*publicidad(?=\s*[|:·–-]|\s*$)"
    r"|partenariat r[ée]mun[ée]r[ée]|collaboration commerciale|sponsoris[ée] par|publicit[ée] ?:"
    r"|إعلان مدفوع|شراكة مدفوعة|برعاية|सशुल्क साझेदारी|प्रायोजित|广告[:：]|^\s*广告|赞助)",
    re.MULTILINE,
)
_WITH_AI = re.compile(
    r"(?i)(?:#(?:madewithai|aigenerated|kigeneriert|ai)(?!\w)|(?:made|created|generated) (?:with|by) (?:an? )?ai\b"
    r"|ai[- ]generated|mit (?:hilfe von )?ki (?:erstellt|erzeugt|gemacht)|ki-(?:generiert|erzeugt)"
    r"|(?:hecho|creado|generado) (?:con|por) ia\b|(?:cr[ée][ée]|g[ée]n[ée]r[ée]) (?:avec|par) l['’]ia\b"
    r"|بالذكاء الاصطناعي|(?:AI|एआई) से बनाय|(?:由|用)?(?:AI|人工智能)(?:生成|制作))"
)


def says_paid(text: str) -> bool:
    """Whether it says that somebody paid for it."""
    return _PAID.search(text) is not None


def says_ai(text: str) -> bool:
    """Whether it says that it was made with AI."""
    return _WITH_AI.search(text) is not None
