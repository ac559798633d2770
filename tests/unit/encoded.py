"""Texts in many languages and the encodings that people have written them in."""

# fmt: off
TEXTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "ru": ("Старый рынок. Старый портовый рынок снова открылся в понедельник. Лодки теперь продают рыбу прямо с палубы каждое утро.",
           ("cp1251", "koi8-r", "iso8859-5", "cp866")),
    "uk": ("Старий порт знову відкрився у понеділок. Човни тепер продають рибу з палуби щоранку, і ціна низька.",
           ("cp1251", "koi8-u")),
    "bg": ("Старото пристанище отвори новия рибен пазар в понеделник и дойдоха много хора.", ("cp1251",)),
    "fr": ("Le vieux port a ouvert son nouveau marché lundi et deux cents personnes sont venues à la fête près de la forêt.",
           ("cp1252", "iso8859-15")),
    "de": ("Der alte Hafen hat am Montag seinen neuen Fischmarkt eröffnet, und über zweihundert Menschen kamen.", ("cp1252",)),
    "pl": ("Stary port otworzył w poniedziałek nowy targ rybny, a łodzie sprzedają świeże ryby każdego ranka. Żółć.",
           ("cp1250", "iso8859-2")),
    "cs": ("Starý přístav otevřel v pondělí nový rybí trh a lodě teď prodávají čerstvé ryby každé ráno.", ("cp1250", "iso8859-2")),
    "hu": ("A régi kikötő hétfőn megnyitotta új halpiacát, és több mint kétszáz ember jött el megnézni.", ("cp1250", "iso8859-2")),
    "el": ("Το παλιό λιμάνι άνοιξε τη νέα ψαραγορά τη Δευτέρα και οι βάρκες πουλάνε ψάρια κάθε πρωί.", ("cp1253", "iso8859-7")),
    "tr": ("Eski liman pazartesi günü yeni balık pazarını açtı ve tekneler her sabah taze balık satıyor. İyi şanslar.",
           ("cp1254", "iso8859-9")),
    "he": ("הנמל הישן פתח את שוק הדגים החדש ביום שני והסירות מוכרות דגים כל בוקר.", ("cp1255", "iso8859-8")),
    "ar": ("افتتح الميناء القديم سوق السمك الجديد يوم الاثنين وتبيع القوارب السمك كل صباح.", ("cp1256", "iso8859-6")),
    "lv": ("Vecā osta pirmdien atvēra jauno zivju tirgu, un laivas katru rītu pārdod svaigas zivis.", ("cp1257",)),
    "th": ("ท่าเรือเก่าเปิดตลาดปลาแห่งใหม่ในวันจันทร์และมีคนมาหลายร้อยคน", ("cp874",)),
    "ja": ("古い港が月曜日に新しい魚市場として再開しました。船は毎朝デッキから直接魚を売っています。", ("shift_jis", "euc_jp", "iso2022_jp")),
    "zh": ("老港口星期一开了新的鱼市场。渔船现在每天早上直接在甲板上卖鱼，人们都很高兴。", ("gb2312", "gb18030", "hz")),
    "zh-tw": ("舊港口星期一開了新的魚市場。漁船現在每天早上直接在甲板上賣魚，人們都很高興。", ("big5",)),
    "ko": ("오래된 항구가 월요일에 새 수산시장을 열었습니다. 배들은 매일 아침 생선을 팝니다.", ("euc_kr", "cp949")),
}
# fmt: on
CASES = [(language, encoding) for language, (_, encodings) in TEXTS.items() for encoding in encodings]
# ruff: noqa: E501  (a text stands on one line)
