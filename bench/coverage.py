"""Do the bands cover the truth? Rounds simulated from known capability and a known position.

Prints, for every condition, the share of 90 % bands that cover the figure which the whole staff
would give; ends with 1 where a kind of band leaves the stated range. Run by ``make bench``:

    python bench/coverage.py [--rounds 400] [--processes 1]
"""

import argparse
import itertools
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from instruments import registry
from instruments.definition import Instrument
from instruments.measures import LIVED, Band
from instruments.scoring import score
from instruments.simulate import simulate

INSTRUMENT = "mto-learning-profile"
RATES = (0.50, 0.90)
ICCS = (0.10, 0.25)
#: what a 90 % band must do over 400 rounds
LOWEST, HIGHEST = 0.87, 0.94
KINDS = ("capability", "decisions", "overall")


@dataclass
class Coverage:
    """Bands drawn and bands that cover, by kind ("capability") and by figure ("capability SCF")."""

    drawn: Counter[str] = field(default_factory=Counter)
    covered: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, code: str, band: object, truth: float) -> None:
        if isinstance(band, Band):
            for key in (kind, f"{kind} {code}"):
                self.drawn[key] += 1
                self.covered[key] += band.low <= truth <= band.high

    def merge(self, other: "Coverage") -> None:
        self.drawn.update(other.drawn)
        self.covered.update(other.covered)

    def rate(self, key: str) -> float:
        return self.covered[key] / self.drawn[key]


@lru_cache
def short(slug: str) -> Instrument:
    """The instrument with only what is checked: lived views of core items and decisions."""
    whole = registry.load(slug)
    scales = whole.scales_in("capability")
    rules = whole.position
    kept = {code for scale in scales for code in whole.core_items(scale)}
    kept |= {decision.item for decision in rules.decisions} if rules else set()
    items = tuple(item for item in whole.items if item.code in kept or item.expected is not None)
    groups = {LIVED: whole.groups[LIVED]}
    return whole.model_copy(update={"items": items, "scales": scales, "groups": groups})


def cover(seeds: Sequence[int], response_rate: float, icc: float, careless: float) -> Coverage:
    """Coverage over one round a seed."""
    instrument = short(INSTRUMENT)
    found = Coverage()
    for seed in seeds:
        drawn = simulate(
            instrument, seed=seed, response_rate=response_rate, icc=icc, careless=careless
        )
        measures = score(instrument, drawn.responses, drawn.roster, seed=seed)
        truth = drawn.truth
        for code, scale in measures.scales.items():
            found.add("capability", code, scale.scores[LIVED], truth.scores[LIVED][code])
        for code, decision in measures.decisions.items():
            band = decision.groups[LIVED].position
            found.add("decisions", code, band, truth.positions[LIVED][code])
        overall = measures.overall[LIVED]
        found.add("overall", LIVED, getattr(overall, "position", None), truth.overall[LIVED])
    return found


def conditions(rounds: int) -> Iterator[tuple[float, float, range]]:
    for number, (rate, icc) in enumerate(itertools.product(RATES, ICCS)):
        yield rate, icc, range(10_000 * number, 10_000 * number + rounds)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Coverage of bands over simulated rounds")
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--careless", type=float, default=0.0)
    parser.add_argument("--each", action="store_true", help="each scale and decision")
    options = parser.parse_args(arguments)
    outside = 0
    with ProcessPoolExecutor(options.processes) as pool:
        for rate, icc, seeds in conditions(options.rounds):
            parts = [seeds[start :: options.processes] for start in range(options.processes)]
            total = Coverage()
            for part in pool.map(
                cover, parts, *zip(*[(rate, icc, options.careless)] * len(parts), strict=True)
            ):
                total.merge(part)
            keys = sorted(total.drawn) if options.each else KINDS
            for key in keys:
                is_outside = key in KINDS and not LOWEST <= total.rate(key) <= HIGHEST
                outside += is_outside
                sys.stdout.write(
                    f"response {rate:.0%}, school ICC {icc:.2f}, {key}: "
                    f"{total.rate(key):.3f} of {total.drawn[key]} bands"
                    f"{'  OUTSIDE ' + f'{LOWEST}-{HIGHEST}' if is_outside else ''}\n"
                )
            sys.stdout.flush()
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main())
