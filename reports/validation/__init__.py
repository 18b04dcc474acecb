"""The validation report, for researchers: from an analysis to ready values, and from those to PDF.

Works for any instrument. ``build_validation`` says what is printed, ``render_validation`` prints.
"""

from collections.abc import Mapping
from dataclasses import replace

from instruments.analysis.results import Analysis
from instruments.definition import Instrument, Words
from instruments.measures import Measures
from instruments.psychometrics.estimates import Estimate, NotEstimated
from reports.disclosure import floors
from reports.round_facts import RoundFacts
from reports.validation.content import Fact, Identity, Reliability, Validation
from reports.validation.factors import number_of_factors
from reports.validation.figures import coefficient
from reports.validation.items import items, tied
from reports.validation.marks import marks
from reports.validation.methods import methods, missing_rule, versions
from reports.validation.notices import notices
from reports.validation.reliability import enough_people, main_estimate, reliability
from reports.validation.sample import sample
from reports.validation.structure import structure
from reports.words import lower_first, number, window

__all__ = ["Validation", "build_validation", "render_validation"]

#: what each evidence stage says, and what it leaves open
STAGES = (
    "Draft items: wording agreed, not yet tried with people. Every figure is a trial. Not shown "
    "yet: that people understand the questions as they are meant, and that structure and "
    "reliability return in other samples.",
    "Piloted: tried with people. Figures are a trial. Not shown yet: that the structure returns in "
    "other samples, alike for every role.",
    "Structure supported: the scales hold together, alike for every role. Not shown yet: that "
    "groups from different rounds can be compared.",
    "Supported across organisations: comparable between organisations, by the studies that are "
    "listed with the instrument.",
)

CLAIMS = (
    "Claim: how the answers to these questions hang together in this sample, and how exactly "
    "scales measure groups in it. Nothing here says what a scale is worth for a decision.",
    "Use: research on the instrument, and choosing which scales a description of groups may rest "
    "on. No figure holds for one person.",
    "Ruled out: appraising or selecting people, ranking schools or organisations, and evidence for "
    "outside accountability.",
)


def build_validation(
    instrument: Instrument,
    analysis: Analysis,
    measures: Measures | None = None,
    facts: RoundFacts | None = None,
    *,
    simulated: bool,
    fingerprint: str = "",
) -> Validation:
    """What the validation report of one analysis prints, suppressed where it must be.

    Parameters
    ----------
    instrument : Instrument
    analysis : Analysis
        Of answers to this instrument.
    measures : Measures, optional
        Of the same answers: adds the flow from invited to analysed and the response by role.
    facts : RoundFacts, optional
        Of the round that the answers come from: its organisation, days and words.
    simulated : bool
        Whether a program drew the answers; then every page says so.
    fingerprint : str
        Of the dataset, where no measures hold it.

    Raises
    ------
    ValueError
        If the analysis or the measures are of another instrument or version.
    """
    for other in (analysis, measures):
        if other is not None and (other.instrument, other.version) != (
            instrument.slug,
            instrument.version,
        ):
            raise ValueError(
                f"these figures are of {other.instrument}@{other.version}, not of "
                f"{instrument.slug}@{instrument.version}"
            )
    floor = floors(instrument.disclosure).group_n
    words = _words(instrument, facts)
    fingerprint = measures.fingerprint if measures else fingerprint
    analysis = enough_people(analysis, floor=floor)
    if measures is not None:
        hidden = tied(instrument, measures)
        ends = ("floor", "ceiling")
        kept = (m for m in analysis.marks if m.item not in hidden or m.mark not in ends)
        analysis = replace(analysis, marks=tuple(kept))
    identity = _identity(instrument, words, facts, fingerprint, simulated=simulated)
    found_reliability = reliability(instrument, words, analysis)
    found_marks = marks(instrument, words, analysis)
    return Validation(
        identity=identity,
        facts=_facts(instrument, analysis, identity),
        claims=CLAIMS,
        findings=_findings(analysis, found_reliability, found_marks.sentence),
        notices=notices(analysis),
        sample=sample(instrument, words, analysis, measures, floor=floor),
        items=items(instrument, words, analysis, measures),
        reliability=found_reliability,
        number_of_factors=number_of_factors(analysis.structure),
        structure=structure(instrument, words, analysis),
        marks=found_marks,
        methods=methods(instrument, analysis, floor=floor),
    )


def render_validation(validation: Validation) -> bytes:
    """The report as a tagged PDF; the same values give the same bytes."""
    from reports.document import render_pdf
    from reports.validation.pages import html

    identity = validation.identity
    return render_pdf(
        html(validation),
        title=identity.title,
        lang=identity.locale,
        identifier=f"{identity.slug} {identity.instrument_version} {identity.fingerprint_full}",
        stylesheets=("report.css", "validation.css"),
    )


def _words(instrument: Instrument, facts: RoundFacts | None) -> Words:
    """The instrument's words; what no round and no locale fills stands as its name in brackets."""
    if facts is not None:
        locale, filled = facts.locale, facts.placeholders
    else:
        locale, filled = instrument.locale, {}
    pack: Mapping[str, str] = instrument.locales[locale].placeholders
    named = {name: f"[{name}]" for name in instrument.placeholders if name not in pack}
    return instrument.words(locale, {**named, **filled})


def _identity(
    instrument: Instrument,
    words: Words,
    facts: RoundFacts | None,
    fingerprint: str,
    *,
    simulated: bool,
) -> Identity:
    name = words.fill(words.text.title)
    organisation = facts.organisation if facts else ""
    parts = ["Validation report", organisation, name, f"instrument {instrument.version}"]
    return Identity(
        title=f"Validation report: {name}" + (f", {organisation}" if organisation else ""),
        instrument=name,
        slug=instrument.slug,
        instrument_version=instrument.version,
        organisation=organisation,
        window=window(facts.opens_on, facts.closes_on) if facts else "",
        fingerprint=_grouped(fingerprint),
        fingerprint_full=fingerprint,
        simulated="Simulated data" if simulated else "",
        locale=words.locale,
        stage=instrument.evidence.stage,
        stage_words=STAGES[instrument.evidence.stage],
        foot=" · ".join(part for part in parts if part),
    )


def _grouped(digits: str) -> str:
    return " ".join(digits[k : k + 4] for k in range(0, min(len(digits), 12), 4))


def _facts(instrument: Instrument, analysis: Analysis, identity: Identity) -> tuple[Fact, ...]:
    software = ", ".join(f"{fact.name} {fact.value}" for fact in versions(analysis))
    found = [
        Fact(
            "Instrument", f"{identity.instrument} ({identity.slug}), version {instrument.version}"
        ),
        Fact("Instrument checksum", _grouped(instrument.checksum) or "not recorded"),
        Fact("Data fingerprint", identity.fingerprint or "not recorded"),
        Fact("People analysed", f"{analysis.n:,}"),
        Fact("Missing data", missing_rule(analysis)),
        Fact("Intervals", "95%; RMSEA 90%"),
        Fact("Seed", str(analysis.seed)),
        Fact("Software", software),
        Fact("Evidence stage", f"{identity.stage} of 3. {identity.stage_words}"),
    ]
    if identity.organisation:
        found.insert(0, Fact("Round", f"{identity.organisation}, {identity.window}"))
    return tuple(found)


def _findings(analysis: Analysis, found: Reliability, marks_sentence: str) -> tuple[str, ...]:
    words = [_reliability_range(analysis), *found.sentences[:1]]
    structure = analysis.structure
    if isinstance(structure, NotEstimated):
        words.append(f"Structure cannot be estimated: {structure.reason}.")
    else:
        reading = number_of_factors(structure).reading
        words += reading[:2]
    words.append(marks_sentence)
    return tuple(each for each in words if each)


def _reliability_range(analysis: Analysis) -> str:
    estimates = [
        (each.value, code)
        for code, scale in analysis.scales.items()
        if isinstance(each := main_estimate(scale), Estimate)
    ]
    if not estimates:
        return "Reliability cannot be estimated for any scale; the table says why."
    (low, first), (high, last) = min(estimates), max(estimates)
    if len(estimates) == 1:
        return f"Reliability of {first}: {coefficient(low)}."
    return (
        f"Reliability runs from {coefficient(low)} ({first}) to {coefficient(high)} ({last}) over "
        f"{lower_first(number(len(estimates)))} scales."
    )
