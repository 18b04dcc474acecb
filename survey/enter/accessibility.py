"""The accessibility statement: what is kept to, what was tested and how, and what is not known.

``docs/accessibility.md`` is written from the same words (``make docs``; a test compares them).
"""

from datetime import date

from survey.marked import N_

#: when all that it says was last tested as it says
TESTED_ON = date(2026, 11, 26)

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
                "By programs, in the browser Chromium, whenever the software changes. They look at "
                "every state of every page on which staff answer, errors and notes among them."
            ),
        ),
        (
            N_("The checker axe-core, which finds nothing: in a light and in a dark scheme."),
            N_(
                "In two made-up languages: one with long and accented words, one that is written "
                "from right to left."
            ),
            N_("A whole survey answered with nothing but the keyboard; focus is always in view."),
            N_("Text at 200%, pages at 200% and 400%, and wider spaces between letters and lines."),
            N_("Forced colours and reduced motion."),
            N_("Targets of 44 by 44 pixels on every page with questions."),
            N_(
                "What is told to assistive technology for each question: its name, its answers, "
                "which of them is chosen, and what is wrong."
            ),
        ),
    ),
    (
        N_("What was not tested"),
        (),
        (
            N_(
                "People who use screen readers, magnifiers, switches or voice control every day "
                "have not tested it yet. Programs do not find everything that they would."
            ),
            N_("Other browsers than Chromium."),
            N_(
                "The printed profile is a tagged PDF with a table for each picture. This statement "
                "is about the pages on which staff answer."
            ),
        ),
    ),
    (
        N_("If something is in your way"),
        (
            N_(
                "Tell whoever asked you to answer: the people named in the e-mail or on the "
                "poster. They can give you another way in, or more time, and pass on what was "
                "wrong. You need not say why you need it."
            ),
        ),
        (),
    ),
)
