"""Builds a profile's content from measures: everything suppressed, rounded and put in words.

``build_profile`` is the only way from measures to a leader's document.
"""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from instruments.cells import Row
from instruments.definition import Instrument
from instruments.measures import Measures
from reports.conceal import conceal
from reports.disclosure import floors
from reports.disclosure_rows import reasons_to_refuse
from reports.plan import Plan
from reports.profile.capability import capability_page
from reports.profile.change import Earlier, changes_page
from reports.profile.companions import companions_page
from reports.profile.content import Body, Profile, Refusal
from reports.profile.context import Context
from reports.profile.cover import cover, identity, refusal
from reports.profile.decisions import decisions_page
from reports.profile.line import line
from reports.profile.meeting import meeting_page
from reports.profile.own_words import Told, own_words_block
from reports.profile.patterns import readings
from reports.profile.pressures import pressures_page
from reports.profile.schools import schools_page
from reports.profile.silhouettes import silhouettes_page
from reports.profile.summary import summary
from reports.profile.tables import tables
from reports.profile.technical import scales_table, technical
from reports.profile.wishes import wishes_page
from reports.release import plan_release
from reports.round_facts import RoundFacts
from reports.words import typographic

__all__ = ["Earlier", "Profile", "ProfileError", "Told", "build_profile"]

READINGS_NOTE = (
    "A reading is offered when a rule holds; the rules are hypotheses from three published cases "
    "and their marks are provisional. Each comes with another explanation and a question. That "
    "none holds is a normal result."
)


class ProfileError(ValueError):
    """No profile can be made of this; one line says why and what to do."""


def build_profile(
    instrument: Instrument,
    measures: Measures,
    facts: RoundFacts,
    *,
    earlier: Sequence[Earlier] = (),
    told: Sequence[Told] = (),
    plan: Plan | None = None,
) -> Profile:
    """A whole profile as ready values.

    Parameters
    ----------
    instrument : Instrument
        The instrument that the round asked; it must have a position block.
    measures : Measures
        What scoring found. Nothing of it is printed unless it passes ``reports.disclosure``.
    facts : RoundFacts
        The round's organisation, window, locale and placeholders.
    earlier : sequence of Earlier
        Earlier rounds of the same organisation, to say what changed since.
    told : sequence of Told
        Themes of what people wrote, as far as they may be told.
    plan : Plan, optional
        What may be shown of the round, where it was worked out before; it is the same for all
        documents of a round.

    Returns
    -------
    Profile
        ``body`` is a ``Refusal`` where the organisation is below the floors.

    Raises
    ------
    ProfileError
        The instrument asks no position or no dimension, a locale or placeholder is missing, or
        the measures are of another instrument.
    DisclosureError
        The instrument names a floor below the program's.
    PatternError
        A pattern of the instrument cannot be read.
    """
    context = context_of(instrument, measures, facts)
    plan = plan or plan_release(instrument, measures)
    context = replace(context, measures=conceal(measures, plan))
    earlier = [
        replace(each, measures=conceal(each.measures, plan_release(instrument, each.measures)))
        for each in earlier
    ]
    try:
        return _build(context, plan, earlier, told)
    except KeyError as error:
        raise ProfileError(
            f"{instrument.slug} {instrument.version}: no words for {error}; fill the placeholder "
            "in the round file, or add the text to the instrument"
        ) from error


def context_of(instrument: Instrument, measures: Measures, facts: RoundFacts) -> Context:
    """What every part of a document of this round is built from; refuses what cannot be built."""
    name = f"{instrument.slug} {instrument.version}"
    if instrument.position is None:
        raise ProfileError(
            f"{name} asks no position, so there is no profile to make of it; "
            "analyse it or make its validation report instead"
        )
    if not instrument.scales_in("capability"):
        raise ProfileError(f"{name} has no scale in the block capability, which a profile needs")
    if (measures.instrument, measures.version) != (instrument.slug, instrument.version):
        raise ProfileError(
            f"the measures are of {measures.instrument} {measures.version}, not of {name}"
        )
    if facts.locale not in instrument.locales:
        known = ", ".join(instrument.locales)
        raise ProfileError(f"{name} has no locale {facts.locale!r}; it has {known}")
    words = instrument.words(facts.locale, facts.placeholders)
    return Context(instrument, measures, facts, words, floors(instrument.disclosure))


def _build(
    context: Context, plan: Plan, earlier: Sequence[Earlier], told: Sequence[Told]
) -> Profile:
    measures = context.measures
    reasons = reasons_to_refuse(measures.turnout, measures.by_school, context.floors)
    reasons = reasons or plan.refusals(Row("group", context.lived))
    first = cover(context, refused=bool(reasons))
    body = refusal(context, reasons) if reasons else _body(context, earlier, told)
    made = Profile(
        identity=identity(context),
        cover=first,
        body=body,
        technical=technical(context, body),
        tables=(
            () if isinstance(body, Refusal) else (*tables(context, body), scales_table(context))
        ),
    )
    set_: Profile = typeset(made)
    return replace(set_, identity=made.identity)


def typeset(part: Any) -> Any:
    """The part with every text in it set as print sets it."""
    if isinstance(part, str):
        return typographic(part)
    if isinstance(part, tuple):
        return tuple(typeset(each) for each in part)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(
            part, **{each.name: typeset(getattr(part, each.name)) for each in fields(part)}
        )
    return part


def _body(context: Context, earlier: Sequence[Earlier], told: Sequence[Told]) -> Body:
    capability = capability_page(context)
    found = readings(context.instrument, context.measures, context.words, context.floors)
    return Body(
        summary=summary(context, line=line(context), capability=capability, readings=found),
        decisions=decisions_page(context),
        wishes=wishes_page(context),
        capability=capability,
        companions=companions_page(context),
        pressures=pressures_page(context),
        readings=found,
        readings_note=READINGS_NOTE,
        silhouettes=silhouettes_page(context),
        changes=changes_page(context, earlier),
        own_words=own_words_block(context, told),
        schools=schools_page(context),
        meeting=meeting_page(context, found),
    )
