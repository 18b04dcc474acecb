"""What each package is asked, task by task: ``calls(package)[task](codes, school)`` gives figures.

A figure that packages share stands first in each answer, so that answers can be compared.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

ITEMS, SCALES = 70, 7
NAMES = [f"i{k}" for k in range(ITEMS)]
#: scale -> its items
MODEL = {f"F{a + 1}": NAMES[10 * a : 10 * a + 10] for a in range(SCALES)}
SYNTAX = "\n".join(f"{name} =~ {' + '.join(items)}" for name, items in MODEL.items())
OPTIONS = [range(1, 6)] * ITEMS
Call = Callable[[np.ndarray, np.ndarray], Any]


def upper(matrix: np.ndarray) -> list[float]:
    return list(map(float, matrix[np.triu_indices(len(matrix), 1)]))


def columns(codes: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(NAMES, codes.T.astype(float), strict=True))


def midtier() -> dict[str, Call]:
    from instruments import psychometrics as m

    def moments(codes: np.ndarray, *, tables: bool = True) -> Any:
        return m.from_codes(codes, NAMES, OPTIONS, "listwise", tables=tables)

    def alpha(codes: np.ndarray, school: np.ndarray) -> Any:
        held = moments(codes, tables=False)
        return [m.alpha(held).value, m.item_statistics(held).items[0].item_rest]

    def minres(codes: np.ndarray, school: np.ndarray) -> Any:
        found = m.explore(moments(codes, tables=False), factors=SCALES)
        return [*np.sort(found.communalities).tolist(), found.rmsr]

    def fitted(found: Any, scaled: str = "") -> list[float]:
        loadings = [one.std for one in found.parameters if one.op == "=~"]
        return [*loadings, *(getattr(found.fit, name + scaled) for name in ("cfi", "rmsea"))]

    def steps(codes: np.ndarray, school: np.ndarray, estimator: str) -> list[float]:
        data = columns(codes) | {"house": school % 2}
        found = m.invariance(MODEL, data, by="house", estimator=estimator)
        return [step.fit.cfi for step in found.steps.values()]

    def agreement(codes: np.ndarray, school: np.ndarray) -> Any:
        parts = [codes[:, k : k + 10] for k in range(0, ITEMS, 10)]
        found = [
            (m.icc(part.mean(axis=1), school), m.consensus(part, school, range(1, 6)))
            for part in parts
        ]
        return [found[0][0].icc1.value, float(found[0][1].rwgj_uniform.mean())]

    return {
        "moments": lambda x, g: int(moments(x).n),
        "polychoric": lambda x, g: upper(m.polychoric(moments(x)).correlations),
        "alpha": alpha,
        "minres": minres,
        "parallel": lambda x, g: m.parallel_analysis(moments(x, tables=False), seed=1).retain,
        "ML": lambda x, g: fitted(m.cfa(MODEL, moments(x, tables=False))),
        "MLR": lambda x, g: fitted(m.cfa(MODEL, columns(x), estimator="MLR")),
        "WLSMV": lambda x, g: fitted(m.cfa(MODEL, columns(x), estimator="WLSMV"), "_scaled"),
        "invariance": lambda x, g: steps(x, g, "ML"),
        "ordinal invariance": lambda x, g: steps(x, g, "WLSMV"),
        "agreement": agreement,
    }


def pingouin() -> dict[str, Call]:
    import pandas as pd
    import pingouin as pg

    return {"alpha": lambda x, g: [float(pg.cronbach_alpha(pd.DataFrame(x.astype(float)))[0])]}


def factor_analyzer() -> dict[str, Call]:
    from factor_analyzer import FactorAnalyzer

    from instruments.psychometrics import _factor_analyzer

    _factor_analyzer._mend()

    def minres(codes: np.ndarray, school: np.ndarray) -> Any:
        r = np.corrcoef(codes, rowvar=False)
        found = FactorAnalyzer(SCALES, rotation="oblimin", method="minres", is_corr_matrix=True)
        found.fit(r)
        loadings = found.loadings_
        phi = np.linalg.lstsq(loadings, found.structure_, rcond=None)[0]
        return np.sort(np.diag(loadings @ phi @ loadings.T)).tolist()

    return {"minres": minres}


def ordinalcorr() -> dict[str, Call]:
    from ordinalcorr import polychoric

    pairs = list(zip(*np.triu_indices(ITEMS, 1), strict=True))
    return {
        "polychoric": lambda x, g: [float(polychoric(x[:, i], x[:, j])) for i, j in pairs],
    }


def semopy() -> dict[str, Call]:
    import pandas as pd
    from semopy import Model, calc_stats

    def fit(codes: np.ndarray, school: np.ndarray) -> list[float]:
        model = Model(SYNTAX)
        model.fit(pd.DataFrame(columns(codes)))
        table, stats = model.inspect(std_est=True), calc_stats(model)
        own = table[(table.op == "~") & table.rval.isin(list(MODEL))].set_index("lval")["Est. Std"]
        fits = [float(stats[name].iloc[0]) for name in ("CFI", "RMSEA")]
        return [*map(float, own.loc[NAMES]), *fits]

    return {"ML": fit}


_LAVAAN = (
    "s<-lavaan::standardizedSolution(f,se=FALSE);v<-c(s$est.std[s$op=='=~'],"
    "unname(lavaan::fitMeasures(f,c('cfi{0}','rmsea{0}'))))"
)
_STEPS = (
    "e<-c('loadings','intercepts','residuals');d<-data.frame(x,house=g%%2);"
    "fit<-function(...) lavaan::cfa(m,d,std.lv=TRUE,group='house',...);"
    "fits<-c(fit(),lapply(1:3,function(k) fit(group.equal=e[seq_len(k)])));"
    "v<-sapply(fits,function(f) unname(lavaan::fitMeasures(f,'cfi')))"
)
#: package of R -> task -> a script that leaves figures in v; x, g and m are answers, schools, model
R: dict[str, dict[str, str]] = {
    "psych (R)": {
        "alpha": "a<-psych::alpha(x,check.keys=FALSE,warnings=FALSE);"
        "v<-c(a$total$raw_alpha,a$item.stats$r.drop[1])",
        "minres": "f<-psych::fa(cor(x),7,n.obs=nrow(x),rotate='oblimin');"
        "v<-c(sort(unname(f$communality)),f$rms)",
        "parallel": "v<-psych::fa.parallel(x,fa='pc',n.iter=20,plot=FALSE)$ncomp",
        "polychoric": "p<-psych::polychoric(x,correct=0)$rho;v<-t(p)[lower.tri(p)]",
    },
    "lavaan (R)": {
        "polychoric": "p<-unclass(lavaan::lavCor(as.data.frame(x),ordered=TRUE));"
        "v<-t(p)[lower.tri(p)]",
        "ML": "f<-lavaan::cfa(m,as.data.frame(x),std.lv=TRUE);" + _LAVAAN.format(""),
        "MLR": "f<-lavaan::cfa(m,as.data.frame(x),std.lv=TRUE,estimator='MLR');"
        + _LAVAAN.format(""),
        "WLSMV": "f<-lavaan::cfa(m,as.data.frame(x),std.lv=TRUE,ordered=TRUE,estimator='WLSMV');"
        + _LAVAAN.format(".scaled"),
        "invariance": _STEPS,
    },
    "multilevel (R)": {
        "agreement": "for(k in seq(1,61,10)){s<-x[,k:(k+9)];a<-aov(rowMeans(s)~as.factor(g));"
        "i<-multilevel::ICC1(a);multilevel::ICC2(a);w<-multilevel::rwg.j(s,g,2);"
        "multilevel::ad.m(s,g);if(k==1) v<-c(i,mean(w$rwg.j))}",
    },
}
#: package of Python -> what makes its calls, and the tasks these cover
PACKAGES: dict[str, tuple[Callable[[], dict[str, Call]], tuple[str, ...]]] = {
    "midtier": (
        midtier,
        (
            "moments",
            "polychoric",
            "parallel",
            "alpha",
            "minres",
            "ML",
            "MLR",
            "WLSMV",
            "invariance",
            "ordinal invariance",
            "agreement",
        ),
    ),
    "pingouin": (pingouin, ("alpha",)),
    "factor-analyzer": (factor_analyzer, ("minres",)),
    "ordinalcorr": (ordinalcorr, ("polychoric",)),
    "semopy": (semopy, ("ML",)),
}
