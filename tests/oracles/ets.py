"""Writes tests/unit/forecast/experts/ets-bank/oracle.golden.json: exponential smoothing by statsmodels with given
parameters and start values, which are worked out here by least squares and means.

    pip install -r tests/oracles/requirements.txt && python tests/oracles/ets.py
"""

import json
from pathlib import Path

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

OUT = Path(__file__).parent.parent / "unit/forecast/experts/ets-bank/oracle.golden.json"
HORIZON = 14
rng = np.random.default_rng(7)


def series(n: int, season: int) -> np.ndarray:
    t = np.arange(n)
    wave = 8 * np.sin(2 * np.pi * t / season) + 3 * np.cos(4 * np.pi * t / season)
    return np.round(60 + 0.4 * t + wave + rng.normal(0, 3, n), 3)


def line(y: np.ndarray, season: int) -> tuple[float, float]:
    """Level one period before the row, and slope, by least squares."""
    window = y[: max(10, 3 * season)]
    slope, intercept = np.polyfit(np.arange(1, len(window) + 1), window, 1)
    return intercept, slope


def seasonal_start(y: np.ndarray, season: int) -> tuple[float, float, float, np.ndarray]:
    """Mean level, level one period before the row on the trend, slope, and indices that add up to 0."""
    count = min(3, len(y) // season)
    table = y[: count * season].reshape(count, season)
    slope = (table[-1].mean() - table[0].mean()) / (season * (count - 1))
    flat = table - slope * np.arange(count * season).reshape(count, season)
    before = flat.mean() - slope
    return table.mean(), before, slope, flat.mean(axis=0) - flat.mean()


def case(season, n, seasonal, alpha, beta, gamma, phi):
    y = series(n, season)
    trend = phi is not None
    known = {}
    if seasonal:
        mean, before, slope, indices = seasonal_start(y, season)
        known["initial_seasonal"] = indices
    else:
        mean = y[: max(10, 3 * season)].mean()
        before, slope = line(y, season)
    known["initial_level"] = before if trend else mean
    if trend:
        known["initial_trend"] = slope
    model = ETSModel(
        y,
        error="add",
        trend="add" if trend else None,
        damped_trend=trend,
        seasonal="add" if seasonal else None,
        seasonal_periods=season if seasonal else None,
        initialization_method="known",
        **known,
    )
    parameters = [alpha]
    if trend:
        parameters.append(alpha * beta)
    if seasonal:
        parameters.append(gamma * (1 - alpha))
    if trend:
        parameters.append(phi)
    result = model.smooth(np.array(parameters))
    return {
        "season": season,
        "seasonal": seasonal,
        "alpha": alpha,
        "beta": beta,
        "gamma": gamma,
        "phi": phi,
        "y": y.tolist(),
        "fitted": np.asarray(result.fittedvalues).tolist(),
        "squares": float(result.sse),
        "forecast": np.asarray(result.forecast(HORIZON)).tolist(),
    }


CASES = [
    case(12, 40, False, 0.3, 0.0, 0.0, None),
    case(4, 7, False, 0.8, 0.0, 0.0, None),
    case(12, 50, False, 0.15, 0.2, 0.0, 0.95),
    case(1, 9, False, 0.5, 0.05, 0.0, 0.85),
    case(12, 47, True, 0.05, 0.0, 0.3, None),
    case(4, 9, True, 0.5, 0.0, 0.02, None),
    case(12, 61, True, 0.3, 0.2, 0.15, 0.95),
    case(12, 29, True, 0.8, 0.05, 0.3, 0.85),
    case(4, 23, True, 0.15, 0.05, 0.02, 0.85),
]

OUT.write_text(json.dumps(CASES) + "\n")
