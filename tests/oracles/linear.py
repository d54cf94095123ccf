"""Pooled regressions on lags, from explicit rows by least squares, forecast by plain recursion.

python tests/oracles/linear.py > tests/unit/forecast/learners/linear.golden.json
"""

import json

import numpy as np

SEASON, HORIZON, CONTEXT = 4, 6, 40


def wave(s, length):
    return np.array([(s + 1) * 10 + ((7 * t * (s + 2)) % 11) + 0.1 * s * t for t in range(length)], float)


def seasonal_error(x):
    change = np.abs(x[SEASON:] - x[:-SEASON])
    return np.nanmean(change)


def unit(x):
    return max(seasonal_error(x), seasonal_error(x[-CONTEXT:]), 0.01 * np.nanmean(np.abs(x)))


def rows(series, lags, centred):
    inputs, targets = [], []
    for x in series:
        x = x / unit(x)
        for t in range(lags, len(x)):
            window = x[t - lags : t + 1]
            if np.isnan(window).any():
                continue
            level = window[-SEASON - 1 : -1].mean() if centred else 0.0
            inputs.append(window[:-1] - level)
            targets.append(window[-1] - level)
    return np.array(inputs), np.array(targets)


def ridge(inputs, targets, penalties):
    """By SVD on the rows themselves, with one more row for each penalty."""
    augmented = np.vstack([inputs, np.diag(np.sqrt(penalties))])
    return np.linalg.lstsq(augmented, np.concatenate([targets, np.zeros(len(penalties))]), rcond=None)[0]


def fit(series, lags, centred, ratio):
    inputs, targets = rows(series, lags, centred)
    penalty = ratio * (inputs**2).sum() / lags
    if not centred:
        return ridge(inputs, targets, np.full(lags, penalty)), 0.0
    solved = ridge(np.column_stack([inputs, np.ones(len(inputs))]), targets, np.append(np.full(lags, penalty), 0))
    return solved[:-1], solved[-1]


def forecast(model, x, centred):
    coefficients, intercept = model
    path, scale = list(x), seasonal_error(x[-CONTEXT:])
    for _ in range(HORIZON):
        window = np.array(path[-len(coefficients) :])
        level = window[-SEASON:].mean() if centred else 0.0
        path.append(level + (window - level) @ coefficients + intercept * scale)
    return path[-HORIZON:]


def learner(pool, lags, centred, ratio):
    models = {n: fit(pool, n, centred, ratio) for n in lags}
    take = lambda x: next(n for n in lags if n <= len(x))
    return {str(s): forecast(models[take(pool[s])], pool[s], centred) for s in range(len(pool)) if s != 1}


def with_features():
    """One ridge on lags, intercept and two features: z1 in the target's period, z2 in the one before."""
    x = wave(2, 60) / 10
    z = np.array([[((5 * t) % 7) - 3, ((3 * t) % 5) - 2] for t in range(60)], float)
    lags = 5
    inputs = np.array([np.concatenate([x[t - lags : t], [1, z[t, 0], z[t - 1, 1]]]) for t in range(lags, 60)])
    targets = x[lags:]
    count, trace = len(inputs), (inputs[:, :lags] ** 2).sum()
    penalties = np.concatenate([np.full(lags, 1e-3 * trace / lags), [0], np.full(2, 0.1 * count)])
    solved = ridge(inputs, targets, penalties)
    residual = targets - inputs @ solved
    return {"solved": solved.tolist(), "squaredError": float(residual @ residual)}


pool = [wave(s, 60) for s in range(6)] + [wave(6, 7), wave(7, 12), wave(8, 15)]
pool[1][20] = np.nan
print(
    json.dumps(
        {
            "pooled": learner(pool, [9, 5], False, 1e-5),
            "centred": learner(pool, [17, 13, 9, 5], True, 1e-3),
            "features": with_features(),
        },
        indent=1,
    )
)
