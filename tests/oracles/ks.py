"""Two-sample KS statistics and p values of scipy, written to tests/unit/stats/ks-vectors.json.

Samples are formulas of their index, so that the file need not hold them:
  x[i] = round((((i + 1) * (sqrt(5) - 1) / 2) mod 1) * scale) / scale   (scale 0: not rounded)
  y[i] = round((((i + 1) * sqrt(2)) mod 1 + shift) * scale) / scale
D is checked to 1e-9, p to 1e-6. Usage: python tests/oracles/ks.py
"""

import json
import math
import pathlib
import warnings

import numpy as np
import scipy
from scipy import stats

CASES = []
for n1, n2 in [(1, 1), (1, 2), (2, 2), (3, 7), (1, 50), (30, 30), (30, 31), (90, 912), (912, 912)]:
    for shift in [0.0, 0.1, 0.5, 2.0]:
        for scale in [0, 10]:
            CASES.append((n1, n2, shift, scale))
CASES += [(5000, 5000, 0.02, 0), (10000, 9999, 0.01, 0), (10001, 9999, 0.01, 0), (40000, 13000, 0.005, 0)]
CASES += [(100, 10001, 0.1, 0), (7, 20000, 0.4, 0), (912, 912, 0.0, 1), (20000, 20000, 0.01, 3)]


def samples(n1, n2, shift, scale):
    i = np.arange(1, n1 + 1)
    j = np.arange(1, n2 + 1)
    x = (i * ((math.sqrt(5) - 1) / 2)) % 1
    y = (j * math.sqrt(2)) % 1 + shift
    if scale:
        # Half up, as in JavaScript.
        x, y = np.floor(x * scale + 0.5) / scale, np.floor(y * scale + 0.5) / scale
    return x, y


def main():
    rows = []
    for n1, n2, shift, scale in CASES:
        x, y = samples(n1, n2, shift, scale)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                found = stats.ks_2samp(x, y)
            except RuntimeWarning:
                # scipy gave its exact computation up, so there is nothing to check against.
                print(f"left out: {n1} against {n2}, shift {shift}, scale {scale}")
                continue
        rows.append([n1, n2, shift, scale, float(found.statistic), float(found.pvalue)])
    survival = [[d, float(stats.kstwo.sf(d, 10001))] for d in [0.001, 0.005, 0.01, 0.013, 0.016, 0.02, 0.03, 0.1, 0.9]]
    target = pathlib.Path(__file__).parents[1] / "unit" / "stats" / "ks-vectors.json"
    content = {"scipy": scipy.__version__, "cases": rows, "survival": survival}
    text = json.dumps(content, indent=None, separators=(",", ":")).replace("],[", "],\n[")
    target.write_text(text + "\n")


main()
