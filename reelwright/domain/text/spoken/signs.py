"""What signs are called in each language on offer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Signs:
    """What signs are called in one language."""

    dot: str
    conjunction: str
    number: str


SIGNS = {
    "en": Signs("dot", "and", "number"),
    "ar": Signs("نقطة", "و", "رقم"),
    "bg": Signs("точка", "и", "номер"),
    "ca": Signs("punt", "i", "número"),
    "cs": Signs("tečka", "a", "číslo"),
    "da": Signs("punktum", "og", "nummer"),
    "de": Signs("Punkt", "und", "Nummer"),
    "el": Signs("τελεία", "και", "αριθμός"),
    "es": Signs("punto", "y", "número"),
    "et": Signs("punkt", "ja", "number"),
    "fa": Signs("نقطه", "و", "شماره"),
    "fi": Signs("piste", "ja", "numero"),
    "fr": Signs("point", "et", "numéro"),
    "he": Signs("נקודה", "ו", "מספר"),
    "hi": Signs("डॉट", "और", "नंबर"),
    "hr": Signs("točka", "i", "broj"),
    "hu": Signs("pont", "és", "szám"),
    "id": Signs("titik", "dan", "nomor"),
    "it": Signs("punto", "e", "numero"),
    "ja": Signs("ドット", "と", "ナンバー"),
    "ko": Signs("점", "그리고", "번호"),
    "lt": Signs("taškas", "ir", "numeris"),
    "lv": Signs("punkts", "un", "numurs"),
    "mr": Signs("डॉट", "आणि", "क्रमांक"),
    "ms": Signs("titik", "dan", "nombor"),
    "nb": Signs("punktum", "og", "nummer"),
    "ne": Signs("डट", "र", "नम्बर"),
    "nl": Signs("punt", "en", "nummer"),
    "pl": Signs("kropka", "i", "numer"),
    "pt": Signs("ponto", "e", "número"),
    "ro": Signs("punct", "și", "număr"),
    "ru": Signs("точка", "и", "номер"),
    "sk": Signs("bodka", "a", "číslo"),
    "sl": Signs("pika", "in", "številka"),
    "sr": Signs("тачка", "и", "број"),
    "sv": Signs("punkt", "och", "nummer"),
    "sw": Signs("nukta", "na", "namba"),
    "th": Signs("จุด", "และ", "หมายเลข"),
    "tr": Signs("nokta", "ve", "numara"),
    "uk": Signs("крапка", "і", "номер"),
    "ur": Signs("نقطہ", "اور", "نمبر"),
    "vi": Signs("chấm", "và", "số"),
    "zh": Signs("点", "和", "号码"),
}
