"""The templates of the composer, in English, German, Spanish and French.

`{topic}` stands where a subject can be named as it is, whether it is a word, a question or a sentence, and is followed
by a full stop that the topic's own end replaces. The templates state nothing about any topic. Every closing states
that templates were used and no language model.
"""

from __future__ import annotations

from dataclasses import dataclass

Takes = tuple[str, ...]


@dataclass(frozen=True)
class Texts:
    """One language's scenes: wordings to choose from, in the order of the narration.

    `returns` names a short topic a second time; `people` stands in its place when the topic is long. `disclosure` and
    `description` go into the post's description.
    """

    openings: Takes
    reasons: Takes
    questions: Takes
    returns: Takes
    people: Takes
    sources: Takes
    checks: Takes
    doubts: Takes
    closings: Takes
    description: str
    disclosure: str


_ENGLISH = Texts(
    openings=(
        "Here is something worth a closer look: {topic}. Not for quick answers, but for good questions.",
        "Today's subject: {topic}. Before anyone hands you an answer, let us find out what to ask.",
        "One subject, and a minute to think about it: {topic}. We start with questions, not with answers.",
        "Think about this for a moment: {topic}. What would you need to hear before you believed an answer?",
    ),
    reasons=(
        "Begin with what you already think you know. Then ask where that came from, and when.",
        "First, notice your own guess. It is a fine beginning, as long as you call it a guess.",
        "Start with your curiosity. What made you stop here, and what would you tell a friend tonight?",
        "Write down what you expect to find. Later you can see whether the answer surprised you.",
    ),
    questions=(
        "Ask what exactly is meant. Which words need a definition, and who gets to define them?",
        "Split the subject into smaller questions. What, who, where, since when, and compared with what?",
        "Look for the part that could be counted or measured. How would anyone find that number out?",
        "Ask how it works, step by step. Where does your explanation begin to need the word somehow?",
    ),
    returns=(
        "Say it again, slowly: {topic}. Which part of it do you find hardest to explain?",
        "So, once more: {topic}. How would you put that to a curious ten-year-old?",
        "Keep the subject in view: {topic}. It is easy to wander off and answer something else.",
        "Now turn it over in your mind: {topic}. What would change if it were otherwise?",
    ),
    people=(
        "Think of who would know. Somebody has spent years on questions like this one.",
        "Ask who is affected by the answer, and who gains from one version of it.",
        "Find two people who disagree. The point where they part is worth a closer look.",
    ),
    sources=(
        "Then go to the source: a library, a museum, a study you can open, a person who was there.",
        "Look it up twice, in two places that do not copy from each other.",
        "Read past the headline. Who says so, how do they know, and where can you check it?",
        "Prefer the original. A report about a report has lost a little at every step.",
    ),
    checks=(
        "When you find an answer, test it. What would you expect to see if it were wrong?",
        "Check the date. Some answers keep for centuries, and others went stale last spring.",
        "Look for the evidence, not for the confident voice. One of them can be checked.",
        "Try it in your own words. The place where you get stuck is the next question.",
    ),
    doubts=(
        "And leave room for not knowing. An open question beats a neat answer that nobody checked.",
        "You may end with more questions than you came with. That is what looking closely feels like.",
        "If two good sources disagree, say so. The disagreement is part of what there is to know.",
        "Keep what you can show, mark what you only suspect, and let the rest go.",
    ),
    closings=(
        "To be open with you: this was composed from templates, without a language model. "
        "It states no facts about the subject. Finding them is your part.",
        "One thing you should know: these words were composed from templates, without a language model. "
        "They claim no facts. The answers are yours to find.",
        "And, plainly said: this narration was composed from templates, without a language model. "
        "It knows only questions. Enjoy the search.",
    ),
    description="How to look at a subject, what to ask and how to find out: {topic}.",
    disclosure="This narration was composed from templates without a language model. It states no facts about the "
    "subject.",
)

_GERMAN = Texts(
    openings=(
        "Hier ist etwas, das einen zweiten Blick lohnt: {topic}. Es geht nicht um schnelle Antworten, sondern um gute "
        "Fragen.",
        "Unser Thema heute: {topic}. Bevor uns jemand eine Antwort gibt, überlegen wir, was zu fragen ist.",
        "Ein Thema und eine Minute Zeit zum Nachdenken: {topic}. Wir beginnen mit Fragen, nicht mit Antworten.",
    ),
    reasons=(
        "Fang mit dem an, was du schon zu wissen glaubst. Und dann frag dich, woher du das hast.",
        "Achte zuerst auf deine eigene Vermutung. Sie ist ein guter Anfang, solange du sie so nennst.",
        "Schreib auf, was du erwartest. Später siehst du, ob dich die Antwort überrascht hat.",
    ),
    questions=(
        "Frag, was genau gemeint ist. Welche Wörter brauchen eine Erklärung, und wer legt sie fest?",
        "Zerleg das Thema in kleinere Fragen: was, wer, wo, seit wann, und im Vergleich wozu?",
        "Such den Teil, den man zählen oder messen könnte. Wie bekäme jemand diese Zahl heraus?",
    ),
    returns=(
        "Sag es noch einmal, langsam: {topic}. Was davon fällt dir am schwersten zu erklären?",
        "Also noch einmal: {topic}. Wie würdest du das einem neugierigen Kind erzählen?",
        "Behalten wir das Thema im Auge: {topic}. Man antwortet leicht auf etwas ganz anderes.",
    ),
    people=(
        "Überleg, wer es wissen könnte. Irgendjemand befasst sich seit Jahren mit solchen Fragen.",
        "Frag, wen die Antwort betrifft, und wem welche Fassung davon nützt.",
        "Such zwei Menschen, die sich uneinig sind. Spannend ist die Stelle, an der sie auseinandergehen.",
    ),
    sources=(
        "Dann geh zur Quelle: in eine Bibliothek, ein Museum, zu einer Studie, zu jemandem, der dabei war.",
        "Schlag zweimal nach, an zwei Orten, die nicht voneinander abschreiben.",
        "Lies über die Schlagzeile hinaus. Wer sagt das, woher weiß er es, und wo lässt es sich prüfen?",
    ),
    checks=(
        "Wenn du eine Antwort hast, prüf sie. Was müsste man sehen, wenn sie falsch wäre?",
        "Achte auf das Datum. Manche Antwort hält Jahrhunderte, manche nicht einmal bis zum Sommer.",
        "Such nach dem Beleg und nicht nach der selbstsicheren Stimme. Nur eines davon lässt sich prüfen.",
    ),
    doubts=(
        "Und lass Raum für das Nichtwissen. Eine offene Frage ist besser als eine ungeprüfte Antwort.",
        "Vielleicht hast du am Ende mehr Fragen als am Anfang. So fühlt sich genaues Hinsehen an.",
        "Wenn zwei gute Quellen sich widersprechen, sag es. Auch der Widerspruch gehört zum Wissen.",
    ),
    closings=(
        "Und ganz offen: Dieser Text wurde aus Vorlagen zusammengesetzt, ohne Sprachmodell. "
        "Er behauptet keine Tatsachen über das Thema. Die zu finden, ist deine Sache.",
        "Eines solltest du wissen: Diese Worte stammen aus Vorlagen, ohne Sprachmodell. "
        "Sie behaupten keine Tatsachen. Die Antworten findest du selbst.",
    ),
    description="Wie man ein Thema betrachtet, was man fragt und wie man es herausfindet: {topic}.",
    disclosure="Dieser Text wurde aus Vorlagen zusammengesetzt, ohne Sprachmodell. Er behauptet keine Tatsachen über "
    "das Thema.",
)

_SPANISH = Texts(
    openings=(
        "Aquí hay algo que merece una segunda mirada: {topic}. No buscamos respuestas rápidas, sino buenas preguntas.",
        "El tema de hoy: {topic}. Antes de que alguien nos dé una respuesta, veamos qué conviene preguntar.",
        "Un tema y un minuto para pensarlo: {topic}. Empezamos por las preguntas, no por las respuestas.",
    ),
    reasons=(
        "Empieza por lo que ya crees saber. Luego pregúntate de dónde lo sacaste, y cuándo.",
        "Primero, fíjate en tu propia suposición. Es un buen comienzo, mientras la llames así.",
        "Escribe lo que esperas encontrar. Más tarde verás si la respuesta te ha sorprendido.",
    ),
    questions=(
        "Pregunta qué se quiere decir exactamente. ¿Qué palabras hay que definir, y quién las define?",
        "Divide el tema en preguntas más pequeñas: qué, quién, dónde, desde cuándo, y en comparación con qué.",
        "Busca la parte que se podría contar o medir. ¿Cómo averiguaría alguien esa cifra?",
    ),
    returns=(
        "Dilo otra vez, despacio: {topic}. ¿Qué parte te cuesta más explicar?",
        "Entonces, una vez más: {topic}. ¿Cómo se lo contarías a un niño curioso?",
        "No perdamos de vista el tema: {topic}. Es fácil acabar respondiendo a otra cosa.",
    ),
    people=(
        "Piensa en quién podría saberlo. Alguien lleva años ocupándose de preguntas como esta.",
        "Pregunta a quién afecta la respuesta, y quién gana con una de sus versiones.",
        "Busca a dos personas que no estén de acuerdo. Mira bien el punto donde se separan.",
    ),
    sources=(
        "Después ve a la fuente: una biblioteca, un museo, un estudio que puedas abrir, alguien que estuvo allí.",
        "Búscalo dos veces, en dos lugares que no se copien el uno al otro.",
        "Lee más allá del titular. ¿Quién lo dice, cómo lo sabe, y dónde puedes comprobarlo?",
    ),
    checks=(
        "Cuando encuentres una respuesta, ponla a prueba. ¿Qué esperarías ver si fuera falsa?",
        "Mira la fecha. Algunas respuestas duran siglos, y otras no llegan al verano.",
        "Busca la prueba, no la voz más segura. Solo una de las dos se puede comprobar.",
    ),
    doubts=(
        "Y deja sitio para no saber. Una pregunta abierta vale más que una respuesta que nadie comprobó.",
        "Quizá termines con más preguntas que al principio. Así se siente mirar de cerca.",
        "Si dos buenas fuentes se contradicen, dilo. El desacuerdo también forma parte de lo que se sabe.",
    ),
    closings=(
        "Y, con toda franqueza: este texto se compuso con plantillas, sin un modelo de lenguaje. "
        "No afirma ningún hecho sobre el tema. Encontrarlos es cosa tuya.",
        "Algo que debes saber: estas palabras salen de plantillas, sin un modelo de lenguaje. "
        "No afirman ningún hecho. Las respuestas las encuentras tú.",
    ),
    description="Cómo mirar un tema, qué preguntar y cómo averiguarlo: {topic}.",
    disclosure="Este texto se compuso con plantillas, sin un modelo de lenguaje. No afirma ningún hecho sobre el tema.",
)

_FRENCH = Texts(
    openings=(
        "Voici un sujet qui mérite un second regard : {topic}. Pas pour des réponses rapides, mais pour de bonnes "
        "questions.",
        "Le sujet du jour : {topic}. Avant qu'on nous donne une réponse, voyons ce qu'il faut demander.",
        "Un sujet, et une minute pour y penser : {topic}. Commençons par les questions, pas par les réponses.",
    ),
    reasons=(
        "Pars de ce que tu crois déjà savoir. Puis demande-toi d'où cela te vient, et depuis quand.",
        "Remarque d'abord ta propre supposition. C'est un bon début, tant que tu l'appelles ainsi.",
        "Note ce que tu t'attends à trouver. Tu verras plus tard si la réponse t'a surpris.",
    ),
    questions=(
        "Demande ce que l'on veut dire au juste. Quels mots faut-il définir, et qui les définit ?",
        "Découpe le sujet en questions plus petites : quoi, qui, où, depuis quand, et par rapport à quoi ?",
        "Cherche la part que l'on pourrait compter ou mesurer. Comment trouverait-on ce chiffre ?",
    ),
    returns=(
        "Redis-le lentement : {topic}. Quelle partie te semble la plus difficile à expliquer ?",
        "Alors, encore une fois : {topic}. Comment le raconterais-tu à un enfant curieux ?",
        "Gardons le sujet en vue : {topic}. On se met facilement à répondre à autre chose.",
    ),
    people=(
        "Pense à qui pourrait le savoir. Quelqu'un se penche depuis des années sur de telles questions.",
        "Demande qui est concerné par la réponse, et qui gagne à l'une de ses versions.",
        "Trouve deux personnes qui ne sont pas d'accord. Regarde bien l'endroit où elles se séparent.",
    ),
    sources=(
        "Puis remonte à la source : une bibliothèque, un musée, une étude à lire, quelqu'un qui était là.",
        "Cherche deux fois, en deux endroits qui ne se recopient pas l'un l'autre.",
        "Lis plus loin que le titre. Qui le dit, comment le sait-il, et où peut-on le vérifier ?",
    ),
    checks=(
        "Quand tu tiens une réponse, mets-la à l'épreuve. Que verrait-on si elle était fausse ?",
        "Regarde la date. Certaines réponses tiennent des siècles, d'autres ne passent pas l'été.",
        "Cherche la preuve, pas la voix la plus sûre. Une seule des deux peut se vérifier.",
    ),
    doubts=(
        "Et laisse une place au doute. Une question ouverte vaut mieux qu'une réponse que personne n'a vérifiée.",
        "Tu finiras peut-être avec plus de questions qu'au début. C'est cela, regarder de près.",
        "Si deux bonnes sources se contredisent, dis-le. Leur désaccord fait partie de ce qu'il y a à savoir.",
    ),
    closings=(
        "Et disons-le franchement : ce texte a été composé à partir de modèles de phrases, sans modèle de langage. "
        "Il n'affirme aucun fait sur le sujet. À toi de les trouver.",
        "Une chose à savoir : ces mots viennent de phrases toutes faites, sans modèle de langage. "
        "Ils n'affirment aucun fait. Les réponses, c'est à toi de les trouver.",
    ),
    description="Comment regarder un sujet, que demander et comment le découvrir : {topic}.",
    disclosure="Ce texte a été composé à partir de phrases toutes faites, sans modèle de langage. Il n'affirme aucun "
    "fait sur le sujet.",
)

TEXTS = {"en": _ENGLISH, "de": _GERMAN, "es": _SPANISH, "fr": _FRENCH}
