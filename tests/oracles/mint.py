"""Minimum trace reconciliation by the dense formulas, for tests/unit/forecast/reconcile/mint.golden.json.

Shrinkage as in hts::shrink.estim of R (Schäfer & Strimmer 2005 on correlations about zero), element by element;
reconciliation as S (S' W^-1 S)^-1 S' W^-1 (Wickramasuriya, Athanasopoulos & Hyndman 2019) with the whole W.
"""
import json
import sys

import numpy as np


def shrink(errors):
    """errors: [rows, nodes]"""
    rows, nodes = errors.shape
    covariance = errors.T @ errors / rows
    deviation = np.sqrt(np.diag(covariance))
    x = errors / deviation
    variance, square = 0.0, 0.0
    for i in range(nodes):
        for j in range(nodes):
            if i == j:
                continue
            products = x[:, i] * x[:, j]
            variance += (np.sum(products**2) - np.sum(products) ** 2 / rows) / (rows * (rows - 1))
            square += np.mean(products) ** 2
    shrinkage = max(0.0, min(1.0, variance / square))
    return shrinkage, shrinkage * np.diag(np.diag(covariance)) + (1 - shrinkage) * covariance


def reconcile(members, series, sums, w):
    """w: nodes are the series, then the sums"""
    count = series.shape[0]
    s = np.vstack([np.eye(count)] + [np.isin(np.arange(count), own).astype(float)[None] for own in members])
    inverse = np.linalg.inv(w)
    g = np.linalg.solve(s.T @ inverse @ s, s.T @ inverse)
    return g @ np.vstack([series, sums])


rng = np.random.default_rng(11)
cases = []
for name, members, count, rows, horizon in [
    ("nested", [[0, 1, 2, 3, 4], [0, 1, 2], [3, 4]], 5, 24, 3),
    (
        "crossed",
        [list(range(8)), [0, 1, 2, 3], [4, 5, 6, 7], [0, 1, 4, 5], [2, 3, 6, 7], [0, 1], [2, 3], [4, 5], [6, 7]],
        8,
        20,
        2,
    ),
    ("fewer rows than nodes", [list(range(12)), list(range(6)), list(range(6, 12)), [0, 1, 2], [9, 10, 11]], 12, 8, 2),
    ("not every series in a sum", [[0, 1], [1, 2, 3]], 5, 15, 1),
]:
    common = rng.normal(size=(rows, 2))
    own = common @ rng.normal(size=(2, count)) + rng.normal(size=(rows, count)) * rng.uniform(0.3, 3, size=count)
    errors = np.column_stack([own] + [own[:, m].sum(axis=1) * 0.6 + rng.normal(size=rows) for m in members]).round(4)
    series = rng.uniform(5, 50, size=(count, horizon)).round(3)
    sums = np.vstack([series[m].sum(axis=0) + rng.normal(size=horizon) * 4 for m in members]).round(3)
    shrinkage, w = shrink(errors)
    cases.append(
        dict(
            name=name,
            horizon=horizon,
            members=members,
            errors=errors.T.tolist(),
            series=series.tolist(),
            sums=sums.tolist(),
            shrinkage=shrinkage,
            reconciled=reconcile(members, series, sums, w).tolist(),
        )
    )
json.dump({"cases": cases}, sys.stdout)
