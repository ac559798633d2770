"""The punctuation that ends sentences and clauses, in the scripts of all languages on offer and their neighbours; and
the scripts that set no space between words, as ranges for a character class."""

UNSPACED_ENDS = "。！？．｡؟۔।॥։።፧៕။‼⁇⁈⁉"
"""These end a sentence even where no space follows: full-width marks, dandas, the Arabic and Urdu ones and more."""
ENDS = ".!?…‥‽" + UNSPACED_ENDS
CLAUSE_ENDS = ",;:—–،؛、，；：﹐､"
CLOSERS = "\"'”’“‘»«›‹)]}*_」』）】〉》〗〙〟｣］｝＂＇"
"""What may stand behind a mark. Each quotation mark closes in some language: „so“, »so«, «so», ”so”."""
OPENERS = "\"'“‘”’„‚«‹»›([{¿¡*_「『（【〈《〖〘〝｢［｛"

UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3031-\u3035\u3041-\u30ff"
    "\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f"
)
"""Scripts written without spaces between words."""
HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"
"""Its particles follow a foreign word without a space."""
