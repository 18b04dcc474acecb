"""scipy's linear and integer programming behind one call; its types are looser than its stubs."""

from typing import Any

import numpy as np
from scipy import optimize
from scipy.sparse import csr_array

from reports.audit.system import Floats

#: an integer programme that needs more branches counts as won by the attacker. No limit of time:
#: the same answers must give the same plan on every machine
MOST_NODES = 60

_optimize: Any = optimize


class Undecided(ValueError):
    """The solver found no answer, or there is none."""


def lowest_of(
    cost: Floats,
    *,
    matrix: csr_array,
    between: tuple[Floats, Floats],
    box: tuple[Floats, Floats],
    whole: bool,
) -> tuple[float, Floats]:
    """Lowest value of ``cost @ x`` with ``matrix @ x`` and ``x`` within their limits, and that x.

    Raises
    ------
    Undecided
        There is no such x, or the solver did not find it within ``MOST_NODES``.
    """
    found = _optimize.milp(
        cost,
        integrality=np.full(cost.size, int(whole)),
        bounds=_optimize.Bounds(*box),
        constraints=_optimize.LinearConstraint(matrix, *between),
        options={"node_limit": MOST_NODES},
    )
    if found.status != 0:
        raise Undecided(str(found.message))
    return float(found.fun), np.asarray(found.x, dtype=np.float64)
