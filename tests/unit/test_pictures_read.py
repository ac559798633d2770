"""What scenes are read as: twenty everyday scripts in six languages, and sentences made to mislead.

The scripts' contact sheets were looked at, and each scene named right, card or wrong; the table is what was right.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from reelwright.domain.content.picturing import PictureCard
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import Scene, Story, WriteTask
from reelwright.drawn.illustrator import card_in_place
from reelwright.drawn.reading import SceneReading, read_scene
from reelwright.providers.writing.script import ScriptWriter

SHOWN = Path(__file__).parent / "shown"
SCENES = {
    "children-fox.en.md": "card phrase | card phrase | card quotation | card quotation | owl | card phrase",
    "children-rabbit.zh.md": "card phrase | card phrase | card quotation | card phrase | card phrase | card phrase",
    "finance-ahorro.es.md": "card phrase | card number | card chart up | card number | card phrase | card phrase",
    "finance-shares.en.md": "card phrase down | card number down | card chart down | card phrase"
    " | card number | card phrase",
    "health-schlaf.de.md": "card number | card phrase | card phrase | card phrase | card phrase | card phrase",
    "health-water.zh.md": "card phrase | card number | card phrase | card phrase | card phrase | card phrase",
    "history-berlin.de.md": "card date | card phrase | card number | card phrase | card date | card phrase",
    "history-moon.en.md": "card date | card number | card date | card quotation | card phrase | card phrase",
    "news-bridge.en.md": "card phrase | card phrase | card number up | card quotation | card phrase | card date",
    "news-greve.fr.md": "card phrase | card phrase | card number up | card quotation | card phrase | card phrase",
    "product-earbuds.en.md": "card number | card number | card phrase | card phrase | card comparison | card number",
    "product-rad.de.md": "card phrase | card number | card phrase | card number | card phrase | card phrase",
    "recipe-crepes.fr.md": "card phrase | card list | card number | card phrase | card phrase | card phrase",
    "recipe-soup.en.md": "card phrase | card list | card phrase | card number | card phrase | card phrase",
    "science-jupiter.ar.md": "jupiter | card number | card number | card date | card phrase | card phrase",
    "science-whales.en.md": "whale | card phrase | card phrase | card number | whale | card phrase",
    "sport-final.es.md": "card number | card phrase | card phrase | card quotation | card phrase | card phrase",
    "sport-marathon.en.md": "card number | card number | heart | card phrase | card list | card phrase",
    "travel-bretagne.fr.md": "card place | lighthouse | card phrase | card phrase | card phrase | card phrase",
    "travel-petra.ar.md": "card place | card phrase | card phrase | card phrase | card number",
}


def seen(scene: Scene, story: Story) -> tuple[SceneReading, PictureCard | None]:
    reading = read_scene(scene, story=story, seed=1)
    return reading, card_in_place(reading, scene, story)


def named(reading: SceneReading, card: PictureCard | None) -> str:
    if card is not None:
        return f"card {card.kind} {card.direction}".strip()
    return "+".join(subject.name for subject in reading.subjects) or f"place {reading.setting}"


@pytest.mark.parametrize("name", SCENES)
def test_scenes_of_everyday_scripts_are_read_as_they_were_seen(name: str) -> None:
    request = ContentRequest(script=(SHOWN / name).read_text("utf-8"), language=name.split(".")[1])
    story = asyncio.run(ScriptWriter().write(WriteTask(content_id="shown", request=request)))
    assert " | ".join(named(*seen(scene, story)) for scene in story.scenes) == SCENES[name]


def test_every_script_is_in_the_table() -> None:
    assert {path.name for path in SHOWN.glob("*.md")} == set(SCENES)


ADVERSARIAL = [
    # language, title, sentence; a subject (`boat:2` two of them), `coast:` a place alone, `card:kind:direction`
    ("en", "Quarterly results", "Shares fell sharply on Monday.", "card:phrase:down"),
    ("en", "Quarterly results", "Shares did not fall on Monday.", "card:phrase:"),
    ("en", "Markets", "The index rose 2.5 percent, its best day this year.", "card:number:up"),
    ("en", "Markets", "Profit slid from 40 million euros to 31 million euros.", "card:chart:down"),
    ("en", "Markets", "Inflation climbed from 2 percent to 5 percent.", "card:chart:up"),
    ("en", "Markets", "In a bear market patience pays.", "card"),
    ("en", "Markets", "Apple shares jumped after the launch of its new phone.", "card:phrase:up"),
    ("en", "Markets", "The river bank and the savings bank are two different things.", "card"),
    ("en", "Our new speaker", "The product ships in May.", "card"),
    ("en", "Our new speaker", "It ships worldwide, with free shipping on all orders.", "card"),
    ("en", "Our new speaker", "Book your seat early and train your ears.", "card"),
    ("en", "A morning at sea", "The ship left the harbour with a full crew.", "ship"),
    ("en", "A morning at sea", "The ship sank off the coast in a storm.", "card"),
    ("en", "A morning at sea", "There was no ship in the harbour.", "card"),
    ("en", "Fun facts", "She cannot bear the noise.", "card"),
    ("en", "Fun facts", "A bear and her cubs slept in the forest.", "card"),
    ("en", "Fun facts", "Bats sleep upside down, and a baseball bat is made of ash.", "card"),
    ("en", "Fun facts", "The crane lifted a steel beam onto the roof.", "card"),
    ("en", "Fun facts", "A crane built its nest in the marsh.", "card"),
    ("en", "Fun facts", "Move the mouse and click twice.", "card"),
    ("en", "Fun facts", "He ate an apple from the tree in the garden.", "card"),
    ("en", "Fun facts", "It was raining cats and dogs.", "card"),
    ("en", "Fun facts", "The movie star arrived late.", "card"),
    ("en", "Fun facts", "The stars were bright in the night sky.", "star"),
    ("en", "Fun facts", "The hotel has four stars.", "card"),
    ("en", "Fun facts", "The current is strong, and so is the argument.", "card"),
    ("en", "Fun facts", "Sign here and seal the letter of credit.", "card"),
    ("en", "Fun facts", "Traffic jam on the way to the pitch.", "card"),
    ("en", "Fun facts", "The bark of the dog woke everyone.", "card"),
    ("en", "Fun facts", "They wave and light a candle.", "card"),
    ("en", "Fun facts", "Spring is a season and a coil.", "card"),
    ("en", "Fun facts", "We never saw a whale.", "card"),
    ("en", "Fun facts", "Without bees, trees or flowers the valley was silent.", "card"),
    ("en", "Fun facts", "He runs like a horse.", "card"),
    ("en", "Fun facts", "The dodo is extinct, and so is the mammoth.", "card"),
    ("en", "Fun facts", "The old lighthouse was demolished last year.", "card"),
    ("en", "Fun facts", "It is just the tip of the iceberg.", "card"),
    ("en", "Fun facts", "The elephant in the room is the budget.", "card"),
    ("en", "Fun facts", "It does not take a rocket scientist.", "card"),
    ("en", "Fun facts", "A mountain of paperwork and a sea of faces.", "card"),
    ("en", "Fun facts", "The key to success is sleep.", "card"),
    ("en", "Fun facts", "He turned the rusty key in the lock of the door.", "card"),
    ("en", "Fun facts", "House prices went up again.", "card:phrase:up"),
    ("en", "Fun facts", "Fish sauce and horse racing have nothing in common.", "card"),
    ("en", "Fun facts", "Two small boats left the harbour.", "boat:2"),
    ("en", "Fun facts", "Nine boats left the harbour.", "card"),
    ("en", "Fun facts", "There are two reasons to love a penguin.", "card"),
    ("en", "Fun facts", "Three owls sat on a branch.", "owl:3"),
    ("en", "Fun facts", "They train every day to be ready.", "card"),
    ("en", "Fun facts", "The train crossed the valley at dawn with two hundred passengers.", "train"),
    ("en", "A rabbit on the moon", "The dark spots are old seas of lava.", "card"),
    ("en", "The vote", "A ferry line will end after 90 years.", "card"),
    ("es", "El Tour", "El último de la general se llama farolillo rojo.", "card"),
    ("fr", "Adopter un chat", "Un arbre à chat vaut tous les jouets.", "card"),
    ("fr", "Adopter un chat", "Un arbre à la fenêtre vaut tous les jouets.", "card"),
    ("en", "Sky", "His observatory stood between two kingdoms.", "card"),
    ("zh", "城市里的蜜蜂", "冬天，蜜蜂挤在一起取暖。", "card"),
    ("en", "The frog", "In winter the frog sleeps under the leaves.", "card"),
    ("en", "Chicken pie", "Cut the butter into the flour and let it chill on ice like a penguin.", "card"),
    ("en", "Chicken pie", "Preheat the oven, chop the onions and simmer the fish in butter.", "card"),
    ("en", "Mars", "Mars is the fourth planet from the Sun.", "mars"),
    ("en", "Snacks", "Mars bars and Milky Way were invented by the same company.", "card"),
    ("en", "Health", "Heart disease is the leading cause of death.", "card"),
    ("en", "Health", "The heart pumps blood through the body.", "heart"),
    ("en", "Health", "Learn it by heart.", "card"),
    ("en", "The game", "The striker is the star of the team and scored two goals in the match.", "card"),
    ("en", "Words", '"Be yourself; everyone else is already taken," said Oscar Wilde.', "card:quotation"),
    ("en", "Prices", "The ticket cost 12 euros. The return cost 20 euros.", "card:comparison"),
    ("de", "Börse", "Die Aktien fielen am Montag deutlich.", "card:phrase:down"),
    ("de", "Börse", "Der Gewinn stieg von 10 auf 14 Millionen Euro.", "card:chart:up"),
    ("de", "Ausflug", "Kein Pinguin weit und breit.", "card"),
    ("de", "Ausflug", "Ein Fuchs lief durch den Wald.", "fox"),
    ("de", "Ausflug", "Wir sehen morgen weiter.", "card"),
    ("de", "Ausflug", "Er arbeitet in einer Bar.", "card"),
    ("de", "Ausflug", "Das Schloss der Tür klemmt.", "card"),
    ("de", "Ausflug", "Auf der Bank liegt kein Geld.", "card"),
    ("fr", "Marchés", "Les actions ont chuté de 4 % lundi.", "card:number:down"),
    ("fr", "Vacances", "Les pommes de terre sont cuites.", "card"),
    ("fr", "Vacances", "Le chat dort sur le fauteuil.", "card"),
    ("fr", "Vacances", "Il n'y a pas de baleine ici.", "card"),
    ("fr", "Vacances", "Deux hiboux chantent dans la forêt.", "owl:2"),
    ("es", "Bolsa", "Las acciones cayeron un 3 por ciento.", "card:number:down"),
    ("es", "Paseo", "No vimos ningún tiburón.", "card"),
    ("es", "Paseo", "La tortuga nada en el mar.", "turtle"),
    ("es", "Paseo", "Estoy en el banco.", "card"),
    ("ar", "الأسواق", "انخفضت الأسهم بنسبة 7 في المئة.", "card:number:down"),
    ("ar", "رحلة", "لا توجد أفيال هنا.", "card"),
    ("ar", "رحلة", "الفيل يشرب الماء.", "card"),
    ("ar", "الفيل", "الفيل يشرب الماء.", "elephant"),
    ("ar", "خبر", "قال الوزير إن الاجتماع سيعقد غدا.", "card"),
    ("zh", "股市", "股价下跌了3%。", "card:number:down"),
    ("zh", "故事", "这里没有大象。", "card"),
    ("zh", "故事", "猫头鹰在树上睡觉。", "card"),
    ("zh", "猫头鹰的故事", "猫头鹰在树上睡觉。", "owl"),
    ("zh", "故事", "他马上就来。", "card"),
    ("hi", "बाज़ार", "शेयर 4 प्रतिशत गिर गए।", "card:number:down"),
    ("hi", "कहानी", "यहाँ कोई हाथी नहीं है।", "card"),
    ("hi", "कहानी", "उल्लू रात में जागता है।", "card"),
    ("hi", "उल्लू", "उल्लू रात में जागता है।", "owl"),
    ("en", "Why cats purr", "Lions and tigers roar instead.", "card"),
    ("en", "Why cats purr", "The sound comes from the throat.", "card"),
    ("fr", "La mer", "La mer Morte est salée : on y flotte, et aucun poisson n'y vit.", "card:phrase"),
    ("en", "The moon and the girl", "One evening the moon did not come.", "card"),
    # Only like it, larger than it, called so, thought or told of, made in its shape.
    ("en", "Fun facts", "The old man dreamed of a great white whale.", "card"),
    ("en", "Fun facts", "It is faster than a horse.", "card"),
    ("en", "Fun facts", "It is five times as hot as the sun.", "card"),
    ("en", "Fun facts", "A fox of stone guards the path.", "card"),
    ("en", "Fun facts", "A wooden horse stood before the gate.", "card"),
    ("en", "Fun facts", "A horse stood before the gate.", "horse"),
    ("de", "Ausflug", "Er ist größer als ein Elefant.", "card"),
    ("de", "Ausflug", "Als der Fuchs kam, war es still.", "card"),
    ("de", "Ausflug", "Das Kamel wird auch Schiff der Wüste genannt.", "card"),
    ("fr", "Vacances", "Les entrées ressemblent à des fleurs de fer.", "card"),
    ("fr", "Vacances", "Il gardait le troupeau mieux qu'un chien.", "card"),
    ("es", "Paseo", "Es más grande que un elefante.", "card"),
    ("ar", "رحلة", "لهذا سماه البدو سفينة الصحراء.", "card"),
    ("ar", "رحلة", "تضيء كمجرة كاملة لأسابيع.", "card"),
    ("zh", "故事", "它比一头大象还重。", "card"),
    ("en", "Fun facts", "Keep it away from the sun.", "card"),
    ("ar", "رحلة", "احفظه بعيدا عن الشمس.", "card"),
    ("en", "Fun facts", "That was long before the first tree grew.", "card"),
    # Another kind, another time, another state or number than the drawing's.
    ("en", "Fun facts", "In 1450 the ships carried paper over the sea.", "card"),
    ("en", "Fun facts", "Alexandria took the scrolls of every ship in its harbour.", "card"),
    ("fr", "Sommeil", "À quinze ans, l'horloge interne se décale.", "card"),
    ("es", "Camerún", "El lago está en el cráter de un volcán dormido.", "card"),
    ("de", "Radtour", "Bei Gegenwind nehmen wir das Schiff.", "card"),
    ("fr", "Lycée", "Le cours commence à 9 heures : les notes ont monté.", "card:number:"),
    ("en", "Fun facts", "The ships carried paper over the sea.", "ship"),
    ("en", "Fun facts", "About thirty bees meet in one place.", "card"),
    ("en", "Fun facts", "Some 400 owls live here.", "card"),
    ("en", "Fun facts", "One day a tree lay across the track.", "card"),
    ("en", "Crows", "The brain of a crow is as large as a walnut.", "card"),
    ("de", "Ausflug", "Die Sonne steht schon wieder tief.", "card"),
    ("fr", "Vacances", "Au col, le lac est encore gelé.", "card"),
    ("ar", "القصة", "ذات ليلة غاب القمر خلف الغيوم.", "card"),
    # Places with a name of their own, or only compared with; a name that is another word behind an article.
    ("en", "Warnings", "Fishermen on Lake Victoria get the warnings.", "card"),
    ("en", "A weekend away", "The red bridge looks like the one in San Francisco.", "card:phrase"),
    ("de", "Nordlicht", "Das Magnetfeld lenkt sie zu den Polen.", "card:phrase"),
    ("de", "Nordlicht", "Im Sommer fahren wir nach Polen.", "card:place"),
    ("en", "Lamps", "Paper lanterns glow in the old streets.", "card"),
    # What the sentence is about stands first: no attribute, colour, verb, question, list or compound.
    ("en", "Fun facts", "A lamp in the base shows that it is on.", "card"),
    ("en", "Fun facts", "Birds that die in the lake dry out.", "card"),
    ("en", "Fun facts", "A flamingo is born grey.", "card"),
    ("en", "Fun facts", "The red car won.", "card"),
    ("en", "Fun facts", "Horses?", "card"),
    ("en", "Fun facts", "Do horses sleep standing?", "card"),
    ("en", "Fun facts", "If a bee stings, it dies.", "card"),
    ("en", "Fun facts", "Bears, foxes and owls live here.", "card"),
    ("en", "Fun facts", "The fox's den was empty.", "card"),
    ("en", "Fun facts", "The foxes' den was empty.", "card"),
    ("en", "Fun facts", "Bee stings hurt.", "card"),
    ("en", "Fun facts", "The heart of the city beats at night.", "card"),
    ("en", "Fun facts", "Two of the three owls slept.", "card"),
    ("en", "Fun facts", "Both owls slept.", "owl:2"),
    ("en", "Bees", "When a bee finds flowers, it dances.", "bee"),
    ("en", "Fun facts", "When a bee finds flowers, it dances.", "card"),
    ("en", "Fun facts", "Down in the forest, a fox is waiting.", "fox"),
    ("en", "Fun facts", "The moon has no air.", "moon"),
    ("en", "Fun facts", "Bees dance to tell each other the way.", "bee"),
    ("en", "Fun facts", "Volcanoes build islands.", "volcano"),
    ("de", "Ausflug", "Der Mond hat eine Rückseite.", "moon"),
    ("de", "Ausflug", "Der Fuchs im Wald schläft.", "card"),
    ("de", "Ausflug", "Der weiße Hai schwimmt vorbei.", "card"),
    ("de", "Ausflug", "Der alte Hai schwimmt vorbei.", "shark"),
    ("es", "Paseo", "Los barcos grandes no les interesan.", "card"),
    ("es", "La luna", "La luna no tiene aire.", "moon"),
    ("fr", "Vacances", "La lune est pleine.", "moon"),
    ("fr", "Vacances", "Le cœur de la ville bat.", "card"),
    ("fr", "Alexandrie", "Les bateaux devaient prêter les leurs au port.", "card"),
    ("sw", "Hadithi", "Simba na ndovu wanaishi msituni.", "card"),
    ("ta", "கதை", "யானை காட்டில் வாழ்கிறது.", "card"),
]


@pytest.mark.parametrize(("language", "title", "sentence", "wanted"), ADVERSARIAL)
def test_sentences_that_mislead(language: str, title: str, sentence: str, wanted: str) -> None:
    scene = Scene(index=0, text=sentence)
    reading, card = seen(scene, Story(title=title, description="", scenes=(scene,), writer="test", language=language))
    if card is not None:
        told = f"card:{card.kind}:{card.direction}"
        assert told == wanted or (not wanted.endswith(":") and told.startswith(wanted))
    else:
        subjects = [f"{subject.name}:{subject.count}" for subject in reading.subjects] or [f"{reading.setting}:"]
        assert subjects[0].startswith(wanted), reading.why


STORIES = [
    # language, title, scenes; what the last one is read as (a setting after `@`)
    ("en", "Mimi and the tall tree", ["The cat climbed the tree in the garden.", "She slept all day."], "card"),
    ("en", "Owls", ["An owl sat in the forest.", "The owl slept."], "owl@abstract"),
    ("hi", "हाथी और चींटी", ["एक जंगल में एक बड़ा हाथी रहता था।", "हाथी ने माफ़ी माँगी।"], "elephant@abstract"),
    ("fr", "La tortue et le vent", ["Une tortue voulait voler.", "Elle monta sur la colline."], "card"),
    ("fr", "La lampe qui suit le soleil", ["Elle éclaire la pièce.", "Elle tient quarante heures."], "card"),
    ("en", "Bees", ["Bees live in a meadow.", "Within an hour ten thousand bees are in the air."], "card"),
    ("en", "Printing", ["In 1450 a goldsmith cast letters.", "Ships carried the sheets over the sea."], "card"),
    ("en", "The moon is shaking", ["The moon is dry.", "The next one will land near the south pole."], "card"),
    ("en", "Older than trees", ["Sharks swim in the sea.", "Its skin is covered with tiny teeth."], "card"),
    ("en", "Penguins", ["Penguins live on the ice.", "The fathers carry the egg on their feet."], "card"),
    ("en", "Jupiter", ["It has no surface.", "Jupiter is a planet of gas."], "jupiter@abstract"),
]


@pytest.mark.parametrize(("language", "title", "texts", "wanted"), STORIES)
def test_what_came_before_is_gone_on_about_only_where_the_words_do(
    language: str, title: str, texts: list[str], wanted: str
) -> None:
    scenes = tuple(Scene(index=index, text=text) for index, text in enumerate(texts))
    reading, card = seen(scenes[-1], Story(title=title, description="", scenes=scenes, writer="t", language=language))
    shown = "card" if card else f"{reading.subjects[0].name}@{reading.setting}"
    assert shown == wanted, reading.why


def test_a_title_over_the_first_scene_is_no_word_of_it() -> None:
    scenes = (
        Scene(index=0, heading="القمر والصياد", text="كان صياد عجوز يعيش وحده."),
        Scene(index=1, text="كان القمر ينير له الطريق."),
    )
    story = Story(title="القمر والصياد", description="", scenes=scenes, writer="t", language="ar")
    assert not seen(scenes[0], story)[0].subjects
    assert named(*seen(scenes[1], story)) == "moon"


def test_what_stands_between_two_quotations_is_none() -> None:
    said = "« Entre », dit la grand-mère, « mais laisse les moutons tranquilles. »"
    assert card(said, "fr").text.startswith("mais laisse")
    assert card("»Warum hast du es so eilig?«, fragte sie.", "de").text == "Warum hast du es so eilig?"


# --- cards: every word and figure is the script's own ---------------------------------------------------------------


def card(text: str, language: str = "en") -> PictureCard:
    scene = Scene(index=0, text=text)
    found = seen(scene, Story(title="x", description="", scenes=(scene,), writer="test", language=language))[1]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("language", "text", "bars"),
    [
        ("en", "Inflation fell from 9 to 4 percent in a year.", [("9 percent", 9), ("4 percent", 4)]),
        ("en", "In 2010 it was 12 percent, in 2020 it was 19 percent.", [("12 percent", 12), ("19 percent", 19)]),
        ("es", "Los precios bajaron del 9 al 4 por ciento.", [("9 por ciento", 9), ("4 por ciento", 4)]),
        ("de", "Der Umsatz stieg von 1.200 auf 1.450 Euro.", [("1.200 Euro", 1200), ("1.450 Euro", 1450)]),
        ("zh", "收入从10亿元增长到15亿元。", [("10亿元", 10), ("15亿元", 15)]),
        ("hi", "महंगाई 6 प्रतिशत से बढ़कर 8 प्रतिशत हो गई।", [("6 प्रतिशत", 6), ("8 प्रतिशत", 8)]),
    ],
)
def test_a_chart_shows_the_figures_with_their_unit(language: str, text: str, bars: list[tuple[str, float]]) -> None:
    assert [(bar.shown, bar.value) for bar in card(text, language).bars] == bars


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("en", "The new headphones cost $199.", "$199"),
        ("en", "Sleep 7 to 9 hours a night.", "7 to 9 hours a night"),
        ("en", "It weighs 1,250.5 kg.", "1,250.5 kg"),
        ("fr", "Il pèse 12,5 kilos.", "12,5 kilos"),
        ("zh", "每天喝1500到1700毫升水。", "1500到1700毫升"),
        ("ar", "قطعنا 25 كيلومترا في ثلاثة أيام.", "25 كيلومترا"),
    ],
)
def test_a_number_keeps_its_unit(language: str, text: str, number: str) -> None:
    found = card(text, language)
    assert (found.kind, found.text) == ("number", number)


def test_a_list_has_the_things_and_not_the_sentence_before_them() -> None:
    assert card("You need flour, butter, sugar and eggs.").items == ("Flour", "Butter", "Sugar", "Eggs")
    assert card("Il faut de la farine, du lait et du sucre.", "fr").items == ("Farine", "Lait", "Sucre")
    assert card("您需要面粉、糖、鸡蛋和黄油。", "zh").items == ("面粉", "糖", "鸡蛋", "黄油")


def test_places_dates_and_words_of_others() -> None:
    assert (card("In Kyoto the streets are quiet.").kind, card("In Kyoto the streets are quiet.").text) == (
        "place",
        "Kyoto",
    )
    assert card("Im Jahr 1969 war alles anders.", "de").text == "1969"
    quoted = card("“We were never asked,” said the owner.")
    assert (quoted.kind, quoted.text, quoted.detail) == ("quotation", "We were never asked", "said the owner")


def test_a_brief_decides_and_is_not_spoken() -> None:
    story = Story(title="Shares", description="", scenes=(), writer="test")
    scene = Scene(index=0, text="Shares fell 7 percent.", brief="a lighthouse on the coast at dawn")
    reading, shown = seen(scene, story.model_copy(update={"scenes": (scene,)}))
    assert shown is None and reading.subjects[0].name == "lighthouse" and reading.time == "dawn"
    fox = Scene(index=0, text="A fox sleeps in the forest.", brief="no fox please")
    reading, shown = seen(fox, story.model_copy(update={"scenes": (fox,)}))
    assert [subject.name for subject in reading.subjects] == [] and "fox" not in " ".join(reading.why)
