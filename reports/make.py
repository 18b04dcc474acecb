"""From answers to a finished document: the one path that the command line and the jobs take."""

from instruments.definition import Instrument, MissingRule
from instruments.responses import Responses, fingerprint
from instruments.roster import Roster
from reports.round_facts import RoundFacts

#: draws of bootstrap and parallel analysis start here unless somebody says otherwise
SEED = 20260101


def make_profile(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    facts: RoundFacts,
    *,
    seed: int = SEED,
) -> bytes:
    """The profile of one round as a PDF.

    Raises
    ------
    ValueError
        With one line, where the instrument has no continuum or the data cannot be read.
    """
    from instruments.scoring import score
    from reports.profile import build_profile
    from reports.render import render_profile

    measures = score(instrument, responses, roster, seed=seed)
    return render_profile(build_profile(instrument, measures, facts))


def make_validation(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    facts: RoundFacts | None,
    *,
    missing: MissingRule | None = None,
    seed: int = SEED,
) -> bytes:
    """The validation report as a PDF; careless answers are left out, as a profile leaves them out.

    Raises
    ------
    ValueError
        With one line, where nothing can be analysed.
    """
    from instruments.analysis import analyse
    from instruments.quality import careless
    from instruments.scoring import score
    from reports.validation import build_validation, render_validation

    measures = score(instrument, responses, roster, seed=seed) if instrument.groups else None
    kept = responses.rows(~careless(instrument, responses).left_out)
    analysis = analyse(instrument, kept, missing=missing, seed=seed)
    report = build_validation(
        instrument,
        analysis,
        measures,
        facts,
        simulated=responses.simulated,
        fingerprint=fingerprint(responses, instrument),
    )
    return render_validation(report)
