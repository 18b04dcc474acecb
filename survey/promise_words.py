"""What staff are promised besides, in either mode: with open questions, where schools are named."""

from dataclasses import dataclass

from survey.marked import N_
from survey.promise import BACKUP, COLLEAGUE, DATABASE, KEY, LEADER, Onlooker


@dataclass(frozen=True, slots=True)
class Addition:
    """Texts as in ``promise.Promise``, added to those of a mode; empty where nothing is added."""

    sees: tuple[str, ...]
    never_sees: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    onlookers: tuple[Onlooker, ...] = ()


_READER = N_("The reader of what people write")

#: where schools stand under their names in the profile
NAMED_SCHOOLS = Addition(
    sees=(
        N_(
            "Schools side by side <strong>under their names</strong>, each with %(school_n)s "
            "answers or more"
        ),
    ),
    onlookers=(
        Onlooker(COLLEAGUE, "", N_("On a page of the profile, schools stand under their names.")),
        Onlooker(LEADER, "", N_("Schools stand side by side under their names.")),
    ),
)

#: where a round asks open questions; the last onlooker is one that other rounds do not have
OPEN_WORDS = Addition(
    sees=(
        N_("Themes of what people write, each from five people in two schools or more"),
        N_("Exact words only where their writer ticked a box, after names were removed"),
    ),
    never_sees=(N_("What you write beside your name, your school, your role or your answers"),),
    limits=(
        N_(
            "Words can give away who wrote them: leave out what tells who you are. What is written "
            "about harm to a child or adult must be passed on; the page on which you write says to "
            "whom."
        ),
    ),
    kept=(
        (
            N_("What you write"),
            N_(
                "When the survey closes, it is taken apart from your answers and kept without a "
                "name, school or role. So that no theme comes from one school, a letter is kept "
                "beside it: A, B or C. Each stands for several schools that are drawn at random, "
                "and which they were is written down nowhere. One reader reads what people wrote. "
                "It is deleted when the reader is done, at the latest 90 days after the close; "
                "themes stay, and words that may be quoted."
            ),
        ),
    ),
    onlookers=(
        Onlooker(
            COLLEAGUE,
            N_("What you wrote can be opened wherever your answers can."),
            N_(
                "Themes and quotations as far as %(organisation)s passes them on. Who knows how "
                "you write may tell which quoted words are yours."
            ),
        ),
        Onlooker(
            LEADER,
            N_("Nothing that anybody writes, nor how many do."),
            N_(
                "Themes from five people in two schools or more, with the number of people in "
                "bands; exact words only where they were ticked, names were removed, and %(n)s or "
                "more people answered the survey. Of what is passed on about harm, what the route "
                "for it says."
            ),
        ),
        Onlooker(
            DATABASE,
            N_("What is written stands in each draft, and is seen with it."),
            N_(
                "Until the reader is done: each text with its letter, but no school, role, answer "
                "or other text of that person. Where a text itself gives away its school, texts "
                "with the same letter come from that school or from one of the others that share "
                "the letter. Afterwards: themes, and words that may be quoted."
            ),
        ),
        Onlooker(
            KEY,
            N_("Of what is written the same holds as of answers."),
            N_("That goes for what people wrote too."),
        ),
        Onlooker(
            BACKUP,
            N_("Of what is written, too."),
            N_("One that was made before the reader was done holds what people wrote."),
        ),
        Onlooker(
            _READER,
            N_("Nothing."),
            N_(
                "Every text, one by one and in random order, until they are done: without a name, "
                "school, role, letter or answer, and not which two texts come from one person. "
                "What the words themselves give away, they learn."
            ),
        ),
    ),
)
