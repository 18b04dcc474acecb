"""The information letter to staff and the privacy notice, in the language of the request.

They say what the round says and what the promise says. Where only the organisation can say it, and
has not, a gap stands in the letter, marked as such.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from survey import dates, staff_page
from survey.models import Round
from survey.promised import filled
from survey.services import timing


@dataclass(frozen=True, slots=True)
class Gap:
    """What the organisation still has to say, where it will stand."""

    name: str


Text = str | Markup | Gap


@dataclass(frozen=True, slots=True)
class Part:
    """A heading (or none), paragraphs, and points."""

    heading: str
    paragraphs: tuple[Text, ...] = ()
    points: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    title: str
    parts: tuple[Part, ...]

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is still to be said, each once."""
        texts = [text for part in self.parts for text in (*part.paragraphs, *part.points)]
        return tuple(dict.fromkeys(text.name for text in texts if isinstance(text, Gap)))


#: what only the organisation can say
GAPS = {
    "contact": _l("whom staff can ask about this survey, and how"),
    "signed": _l("who signs the letter"),
    "controller": _l("the data controller: name and address"),
    "officer": _l("how to reach the data protection officer"),
    "basis": _l("the legal basis on which the organisation asks"),
    "authority": _l("the authority to which staff can complain"),
}


def information(round_: Round, link: str) -> Letter:
    """The letter that staff get before the round opens."""
    promise, organisation = filled(round_), round_.organisation.short_name
    note, council = _said(round_, "note"), _said(round_, "council")
    return Letter(
        title=_("A survey of all staff of %(organisation)s", organisation=round_.organisation.name),
        parts=(
            Part("", (_when(round_), *note, promise["opening"])),
            Part(_("How it works"), (_how(round_, link), _how_long(round_))),
            Part(
                _("What %(organisation)s sees", organisation=organisation),
                points=tuple(promise["sees"]),
            ),
            Part(
                _("What %(organisation)s never sees", organisation=organisation),
                points=tuple(promise["never_sees"]),
            ),
            Part(_("What you should know"), (Markup(" ").join(promise["limits"]),)),
            Part(_("What it is not for"), (_not_for(),)),
            Part(_("What comes of it"), (_results(round_),)),
            *((Part(_("Staff representatives"), council),) if council else ()),
            Part(_("Questions"), (_fact(round_, "contact"),)),
            Part("", (_fact(round_, "signed"),)),
        ),
    )


def privacy(round_: Round, _link: str) -> Letter:
    """What data protection law wants staff to be told."""
    promise, organisation = filled(round_), round_.organisation.name
    return Letter(
        title=_("Privacy notice: survey of staff of %(organisation)s", organisation=organisation),
        parts=(
            Part(_("Who is responsible"), (_fact(round_, "controller"), _fact(round_, "officer"))),
            Part(
                _("What is asked, and why"),
                (
                    _(
                        "The survey asks how decisions are made between schools and the centre, "
                        "how the organisation learns, and what presses on it. Answers serve the "
                        "survey's reports, and research on the survey itself. Nobody is obliged "
                        "to take part, and nothing follows from not taking part."
                    ),
                    _not_for(),
                ),
            ),
            Part(_("On what basis"), (_fact(round_, "basis"),)),
            Part(
                _("What is kept, and for how long"),
                points=tuple(
                    Markup("<strong>%s.</strong> %s") % (name, text)
                    for name, text in promise["kept"]
                ),
            ),
            Part(
                _("Who can learn what"),
                points=tuple(
                    Markup("<strong>%s.</strong> %s %s %s %s")
                    % (
                        each["who"],
                        _("While it is open:"),
                        Markup(" ").join(each["while_open"]),
                        _("After it has closed:"),
                        Markup(" ").join(each["after_close"]),
                    )
                    for each in promise["onlookers"]
                ),
            ),
            Part(
                _("Your rights"),
                (
                    _(
                        "Until %(closes)s you can read, change and withdraw your answers yourself, "
                        "with your resume words. After that nobody can tell which answers are "
                        "yours, and so nobody can show, correct or delete them for you.",
                        closes=_closes(round_),
                    ),
                    _fact(round_, "authority"),
                ),
            ),
        ),
    )


#: letter -> (its name, how it is written)
LETTERS: Mapping[str, tuple[object, Callable[[Round, str], Letter]]] = {
    "information": (_l("Letter to staff"), information),
    "privacy": (_l("Privacy notice"), privacy),
}


def as_text(letter: Letter) -> str:
    """A letter as plain text, for mail and for the organisation's own paper."""
    blocks = [letter.title]
    for part in letter.parts:
        if part.heading:
            blocks.append(part.heading.upper())
        blocks += [_plain(text) for text in part.paragraphs]
        if part.points:
            blocks.append("\n".join(f"- {_plain(text)}" for text in part.points))
    return "\n\n".join(blocks) + "\n"


def _plain(text: Text) -> str:
    if isinstance(text, Gap):
        return f"[{_('To fill in: %(what)s', what=text.name)}]"
    return str(text.striptags()) if isinstance(text, Markup) else text


def _fact(round_: Round, name: str) -> Text:
    return round_.letters.get(name) or Gap(str(GAPS[name]))


def _said(round_: Round, name: str) -> Sequence[Text]:
    text = round_.letters.get(name)
    return (text,) if text else ()


def _not_for() -> str:
    return _(
        "It is not for the appraisal of any person, the ranking of schools, or evidence for "
        "outside judgements."
    )


def _closes(round_: Round) -> str:
    return dates.day_of(round_.closes_at, round_.organisation, is_end=True)


def _when(round_: Round) -> str:
    return _(
        "From %(opens)s until %(closes)s, %(organisation)s asks everybody who works in its schools "
        "and at its centre how decisions are made, how the organisation learns, and what presses "
        "on it.",
        opens=dates.day_of(round_.opens_at, round_.organisation),
        closes=_closes(round_),
        organisation=round_.organisation.name,
    )


def _how(round_: Round, link: str) -> str:
    if round_.mode == "confidential":
        return _("You are sent a link of your own by e-mail. It works on any phone or computer.")
    return _(
        "Everybody uses the same link: %(link)s. It works on any phone or computer, and asks for "
        "no name and no account.",
        link=link,
    )


def _how_long(round_: Round) -> str:
    low, high = timing.minutes_asked(round_)
    if low == high:
        return _(
            "It takes about %(n)s minutes. You may leave any question empty, stop and go on "
            "later, or withdraw until it closes.",
            n=low,
        )
    return _(
        "It takes %(low)s to %(high)s minutes, depending on your role. You may leave any question "
        "empty, stop and go on later, or withdraw until it closes.",
        low=low,
        high=high,
    )


def _results(round_: Round) -> str:
    said = staff_page.promise(round_)
    not_said = _(
        "%(organisation)s has not said yet when it will share the results.",
        organisation=round_.organisation.short_name,
    )
    return f"{said or not_said} " + _(
        "On that day staff get one page: what people said, and what could not be shown and why."
    )
