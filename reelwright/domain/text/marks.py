"""The punctuation that ends sentences and clauses, in the scripts of all languages on offer and their neighbours."""

UNSPACED_ENDS = "。！？．｡؟۔।॥։።፧៕။‼⁇⁈⁉"
"""These end a sentence even where no space follows: full-width marks, dandas, the Arabic and Urdu ones and more."""
ENDS = ".!?…‥‽" + UNSPACED_ENDS
CLAUSE_ENDS = ",;:—–،؛、，；：﹐､"
CLOSERS = "\"'”’“‘»«›‹)]}*_」』）】〉》〗〙〟｣］｝＂＇"
"""What may stand behind a mark. Each quotation mark closes in some language: „so“, »so«, «so», ”so”."""
OPENERS = "\"'“‘”’„‚«‹»›([{¿¡*_「『（【〈《〖〘〝｢［｛"
