"""The accessibility statement: what is kept to, what was tested and how, and what is not known.

``docs/accessibility.md`` is written from the same words (``make docs``; a test compares them).
"""

from datetime import date

from flask_babel import gettext

from survey.marked import N_

#: when all that it says was last tested as it says
TESTED_ON = date(2026, 11, 26)

#: whom to tell: where no round is known, in a round, and where a round's leader named somebody
_TELL = N_(
    "Tell whoever asked you to answer: the people named in the e-mail or on the poster. This site "
    "does not know who they are."
)
_TELL_ORGANISATION = N_("Tell %(organisation)s, which asked you to answer.")
_TELL_SOMEBODY = N_("Tell %(organisation)s, which asked you to answer. You can ask: %(who)s.")

#: (heading, paragraphs, points), in British English
PARTS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        N_("What we keep to"),
        (
            N_(
                "The pages on which staff answer are made to meet the Web Content Accessibility "
                "Guidelines 2.2 at level AA. We know of no criterion that they fail."
            ),
        ),
        (
            N_("Every page works without JavaScript, with the keyboard alone, and at 320 pixels."),
            N_("Each question is a group with its own name; its answers are all in view."),
            N_("Nothing has to be answered, nothing runs out of time, and each page is saved."),
            N_("Shape carries every meaning; colour only repeats it. Nothing moves."),
        ),
    ),
    (
        N_("How it was tested"),
        (
            N_(
                "By programs alone, in the browser Chromium, on the day above. They "
                "look at every state of every page on which staff answer, errors and notes among "
                "them: in British English, and in two made-up languages, one with long and "
                "accented words and one that is written from right to left."
            ),
        ),
        (
            N_(
                "The checker axe-core finds nothing: on narrow and wide screens, in a light and a "
                "dark scheme, and where the system chooses the colours."
            ),
            N_(
                "At 320 pixels, at 200% and 400%, with text at 200%, and with wider spaces between "
                "letters and lines, nothing is cut off, lies over anything else or makes a page "
                "scroll sideways."
            ),
            N_("A whole survey is answered with the keyboard alone; focus is always in view."),
            N_("Every control is at least 44 by 44 pixels, but for links within a sentence."),
            N_(
                "Where the system chooses the colours, what is chosen, what has focus, what is "
                "wrong and how far one is can still be told apart. Nothing moves, whatever a "
                "reader has set."
            ),
            N_(
                "What the browser tells assistive technology of each question: its name, its "
                "answers and their places, which of them is chosen, and what is wrong."
            ),
        ),
    ),
    (
        N_("What was not tested, and what we know"),
        (),
        (
            N_(
                "People who use screen readers, magnifiers, switches or voice control every day "
                "have not tested it yet, and nobody has listened to it with a screen reader. "
                "Programs can judge only some of the criteria; people would find more."
            ),
            N_(
                "No other browser than Chromium was used, and no telephone other than by imitation."
            ),
            N_(
                "Going on with your answers on another device takes five resume words. They can "
                "be copied and pasted. Whoever loses them cannot see what they answered."
            ),
            N_(
                "On the page with the results, wide tables scroll sideways in frames of their own "
                "where the screen is narrow."
            ),
            N_(
                "Whether the words of a translation that was added here are easy to understand, "
                "we cannot say."
            ),
            N_(
                "The printed profile is a tagged PDF with a table for each picture. This statement "
                "is about the pages on which staff answer."
            ),
        ),
    ),
    (
        N_("If something is in your way"),
        (
            _TELL,
            N_(
                "Say on which page it was, what you wanted to do, and what you use. They answer "
                "for this survey, can help you to take part, and can pass on what was wrong. You "
                "need not say why you need it."
            ),
            N_(
                "You may also answer together with somebody of your choice. They will see what "
                "you answer."
            ),
            N_(
                "If that leads nowhere, turn to the body that watches over disabled people's "
                "rights in your country."
            ),
        ),
        (),
    ),
)


def statement(*, organisation: str = "", who: str = "") -> list[tuple[str, list[str], list[str]]]:
    """The parts in the reader's language; with the organisation of a round, and whom to ask there.

    ``who``: as the round's leader wrote it, where they did.
    """

    def say(text: str) -> str:
        if text is _TELL and organisation:
            return gettext(
                _TELL_SOMEBODY if who else _TELL_ORGANISATION, organisation=organisation, who=who
            )
        return gettext(text)

    return [
        (say(heading), [say(text) for text in paragraphs], [say(text) for text in points])
        for heading, paragraphs, points in PARTS
    ]
