"""What we take from pingouin, and its quirks in 0.7.0.

- ``cronbach_alpha`` rounds its interval to three decimals, and with ``nan_policy="listwise"`` takes
  n before it drops rows. We give it complete cases, take alpha only, and work out Feldt's interval
  ourselves. When upstream stops rounding, its interval can be taken from here.
- Importing it takes 1.8 s and 210 MB: imported inside the function, for a second opinion only.
"""

import numpy as np
from numpy.typing import NDArray


def cronbach_alpha(answers: NDArray[np.float64]) -> float:
    """Cronbach's alpha of complete cases, shape (n, k), n and k at least two."""
    import pandas as pd
    import pingouin

    value, _rounded_interval = pingouin.cronbach_alpha(data=pd.DataFrame(answers))
    return float(value)
