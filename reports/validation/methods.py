"""The technical page: how every figure was made, what R call it agrees with, how to repeat it."""

import platform
from importlib.metadata import version

from instruments.analysis.results import Analysis
from instruments.definition import Instrument
from instruments.psychometrics.estimates import Estimate, NotEstimated
from reports.validation.content import Column, Fact, Methods, Table

PACKAGES = ("numpy", "scipy", "pingouin", "factor-analyzer", "weasyprint")

REFERENCES = (
    "Feldt, L. S., Woodruff, D. J., & Salih, F. A. (1987). Statistical inference for coefficient "
    "alpha. Applied Psychological Measurement, 11, 93–103.",
    "Glorfeld, L. W. (1995). An improvement on Horn’s parallel analysis methodology. Educational "
    "and Psychological Measurement, 55, 377–393.",
    "Hu, L., & Bentler, P. M. (1999). Cutoff criteria for fit indexes in covariance structure "
    "analysis. Structural Equation Modeling, 6, 1–55.",
    "Kaiser, H. F. (1974). An index of factorial simplicity. Psychometrika, 39, 31–36.",
    "McDonald, R. P. (1999). Test Theory: A Unified Treatment. Erlbaum.",
    "Nunnally, J. C., & Bernstein, I. H. (1994). Psychometric Theory (3rd ed.). McGraw-Hill.",
    "Rönkkö, M., & Cho, E. (2022). An updated guideline for assessing discriminant validity. "
    "Organizational Research Methods, 25, 6–14.",
    "Velicer, W. F. (1976). Determining the number of components from the matrix of partial "
    "correlations. Psychometrika, 41, 321–327.",
)

#: sentences about what the fence does in this report
DISCLOSURE = (
    "A cleared researcher reads this report, and a leader may see it. So coefficients keep their "
    "decimals, and numbers for the whole sample are exact.",
    "Shares of answers pass the same rules as in a profile: nothing from fewer than {floor} "
    "answers, and none at all below {organisation} people; below 5% and above 90% no exact share; "
    "to the nearest 10 below 20 answers and to the nearest 5 below 40. Numbers below a hundred "
    "beside an item stand in bands.",
    "Where nearly all gave one answer, mean and standard deviation are withheld. Roles stand in "
    "bands; no school is named.",
)


def methods(instrument: Instrument, analysis: Analysis, *, floor: int) -> Methods:
    """The page on methods."""
    return Methods(
        figures=Table(
            key="methods",
            title="How each figure was made",
            columns=(Column("Figure"), Column("Method"), Column("Agrees in R with")),
            rows=(*_reliability_rows(analysis), *_structure_rows(analysis)),
        ),
        disclosure=tuple(
            words.format(floor=floor, organisation=instrument.disclosure.organisation_n)
            for words in DISCLOSURE
        ),
        commands=_commands(instrument, analysis),
        versions=versions(analysis),
        references=REFERENCES,
    )


def versions(analysis: Analysis) -> tuple[Fact, ...]:
    """The software behind the figures."""
    own = (Fact("Midtier", analysis.midtier), Fact("Python", platform.python_version()))
    return (*own, *(Fact(name, version(name)) for name in PACKAGES))


def missing_rule(analysis: Analysis) -> str:
    """The missing-data rule in a sentence."""
    structure = (
        "people who answered every item (listwise)"
        if analysis.missing == "listwise"
        else "everybody who answered both items of a pair (pairwise)"
    )
    return f"structure: {structure}; reliability: complete cases of each scale"


def _commands(instrument: Instrument, analysis: Analysis) -> tuple[str, ...]:
    own = f"responses.csv --instrument {instrument.slug}@{instrument.version}"
    own += f" --missing {analysis.missing} --seed {analysis.seed}"
    return (
        f"midtier analyse {own} --json out.json",
        f"midtier validate {own} --out validation.pdf",
    )


def _method(analysis: Analysis, name: str) -> str:
    """The method's name as the first estimate of this kind states it."""
    for scale in analysis.scales.values():
        estimate = getattr(scale, name)
        if isinstance(estimate, Estimate):
            return estimate.method
    return "not estimated for any scale"


def _reliability_rows(analysis: Analysis) -> tuple[tuple[str, str, str], ...]:
    drop = "psych::alpha(na.omit(x))"
    rows = [
        ("Omega total", _method(analysis, "omega_total"), "psych::omega(na.omit(x), nfactors = 1)"),
        ("Alpha", _method(analysis, "alpha"), f"{drop}, psych::alpha.ci"),
        ("Standardised alpha", _method(analysis, "alpha_standardised"), f"{drop}$total$std.alpha"),
        ("Mean correlation", _method(analysis, "average_r"), f"{drop}$total$average_r"),
        (
            "Item–rest; alpha without",
            "correlation with the sum of the other items; alpha of the others; complete cases",
            f"{drop}: r.drop, alpha.drop",
        ),
    ]
    if any(scale.spearman_brown is not None for scale in analysis.scales.values()):
        words = _method(analysis, "spearman_brown")
        rows.insert(1, ("Spearman–Brown", words, "2 * r / (1 + r) with r from cor.test(x, y)"))
    return tuple(rows)


def _structure_rows(analysis: Analysis) -> tuple[tuple[str, str, str], ...]:
    structure = analysis.structure
    if isinstance(structure, NotEstimated):
        return (("Structure", f"cannot be estimated: {structure.reason}", "nothing to compare"),)
    rows = [
        ("Correlations", f"Pearson, {analysis.missing}", f'cor(x, use = "{_use(analysis)}")'),
        ("KMO", "squared correlations against squared partial ones", "psych::KMO(R)"),
        (
            "Bartlett",
            f"determinant of the correlations, n = {structure.smallest_n:,}",
            "psych::cortest.bartlett(R, n)",
        ),
    ]
    parallel, efa = structure.parallel_analysis, structure.efa
    if isinstance(parallel, NotEstimated):
        words = f"cannot be done: {parallel.reason}"
    else:
        words = (
            f"{parallel.draws:,} Wishart draws with n = {parallel.n:,}, quantile "
            f"{parallel.quantile:g}, principal components, seed {analysis.seed}"
        )
    rows.append(("Parallel analysis", words, 'psych::fa.parallel(R, n, fa = "pc"): the number'))
    rows.append(("MAP", "Velicer’s, squared partial correlations", "psych::vss(R)$map"))
    if isinstance(efa, NotEstimated):
        words = f"cannot be estimated: {efa.reason}"
        call = "nothing to compare"
    else:
        words = (
            f"{efa.extraction} by factor-analyzer, rotation {efa.rotation}; factor correlations, "
            f"communalities and fit by Midtier, n = {efa.n:,}"
        )
        call = f'psych::fa(R, {efa.factors}, n, fm = "minres", rotate = "{efa.rotation}")'
    rows.append(("Loadings, fit", words, call))
    return tuple(rows)


def _use(analysis: Analysis) -> str:
    return "complete" if analysis.missing == "listwise" else "pairwise"
