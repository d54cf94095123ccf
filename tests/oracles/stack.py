"""Ridge stacks with absolute errors by reweighted least squares, for tests/unit/forecast/combine/stack.golden.json."""
import json
import sys

import numpy as np


def solve(x, y, weights, ridge):
    gram = (x * weights[:, None]).T @ x
    penalty = ridge * np.trace(gram) / x.shape[1]
    return np.linalg.solve(gram + penalty * np.eye(x.shape[1]), (x * weights[:, None]).T @ y)


def stack(x, y, ridge, steps):
    coefficients = solve(x, y, np.ones(len(y)), ridge)
    for _ in range(steps):
        weights = 1 / np.maximum(1e-3, np.abs(y - x @ coefficients))
        coefficients = solve(x, y, weights, ridge)
    return coefficients


rng = np.random.default_rng(5)
cases = []
for name, rows, columns, ridge, steps, centred in [
    ("least squares", 12, 3, 1e-3, 0, False),
    ("eight steps", 15, 3, 1e-2, 8, False),
    ("deviations that add up to zero", 15, 4, 1e-2, 8, True),
]:
    x = rng.normal(size=(rows, columns)).round(3)
    if centred:
        x = (x - x.mean(axis=1, keepdims=True)).round(6)
    y = (x @ rng.normal(size=columns) + rng.standard_t(2, size=rows) * 0.3).round(3)
    cases.append(dict(name=name, x=x.tolist(), y=y.tolist(), ridge=ridge, steps=steps,
                      coefficients=stack(x, y, ridge, steps).tolist()))
json.dump({"cases": cases}, sys.stdout, indent=1)
