"""Oracle values of the theta family from statsmodels and statsforecast.

python tests/oracles/theta.py > tests/unit/forecast/experts/theta/oracle.golden.json
"""

import json
import warnings

import numpy as np
from statsforecast.theta import auto_theta, forecast_theta
from statsmodels.tsa.forecasting.theta import ThetaModel, ThetaModelResults
from statsmodels.tsa.holtwinters import Holt, SimpleExpSmoothing
from statsmodels.tsa.seasonal import seasonal_decompose
from statsmodels.tsa.stattools import acf

warnings.simplefilter("ignore")

HORIZON = 15
ALPHAS = [0.05, 0.15, 0.3, 0.5, 0.8]
BETAS = [0.02, 0.1]
PHIS = [0.8, 0.9, 0.98]
TEMPER = 0.3


def rows():
    rng = np.random.default_rng(20250630)

    def row(n, season, level, slope, swing, noise):
        t = np.arange(n)
        wave = 1 + swing * np.sin(2 * np.pi * t / season) + 0.5 * swing * np.cos(4 * np.pi * t / season)
        return (level + slope * t) * wave * (1 + noise * rng.standard_normal(n))

    yield "seasonal months", 12, row(96, 12, 100, 1.2, 0.3, 0.05)
    yield "31 months", 12, row(31, 12, 2000, -15, 0.2, 0.1)
    yield "weakly seasonal months", 12, row(84, 12, 50, 0, 0.05, 0.2)
    yield "seasonal quarters", 4, row(40, 4, 10, 0.3, 0.25, 0.05)
    yield "9 quarters", 4, row(9, 4, 10, 0.3, 0.25, 0.05)
    yield "months with zeros", 12, np.maximum(row(96, 12, 5, 0.05, 0.6, 0.5) - 3, 0)
    yield "negative quarters", 4, row(38, 4, 10, 0.5, 0.4, 0.1) - 15


def shrunk_index(y, season, model):
    """Test weight, noise share and index, from statsmodels' autocorrelations and decomposition."""
    n = len(y)
    neutral = 1.0 if model == "multiplicative" else 0.0
    parts = seasonal_decompose(y, model=model, period=season)
    first = n % season  # so that phase 0 is the period after the row
    seasonal = np.array([parts.seasonal[(first + j) % season] for j in range(season)])
    inside = ~np.isnan(parts.trend)
    detrended = y / parts.trend if model == "multiplicative" else y - parts.trend
    phase = (np.arange(n) - n) % season
    residual = (detrended - seasonal[phase])[inside]
    counts = np.bincount(phase[inside], minlength=season)
    error = np.sum(residual**2) / max(inside.sum() - season, 1) * np.mean(1 / counts)
    share = float(np.clip(1 - error / np.var(seasonal - neutral, ddof=1), 0, 1))
    r = acf(y, nlags=season, fft=False)[1:]
    z = r[-1] / np.sqrt((1 + 2 * np.sum(r[:-1] ** 2)) / n) * n / (n - season)
    weight = float(np.clip(z / 1.645, 0, 1))
    index = neutral + weight * share * (seasonal - neutral)
    if model == "multiplicative":
        index = np.maximum(index, 0.05)
    return r, seasonal, share, weight, index


def start(d, season, share):
    slope = np.polyfit(np.arange(len(d)), d, 1)[0]
    count = min(season, len(d))
    drift = share * slope
    return d[:count].mean() - drift * (count + 1) / 2, drift, slope


def theta_members(d, season):
    before, drift, slope = start(d, season, 0.5)
    for alpha in ALPHAS:
        ses = SimpleExpSmoothing(d, initialization_method="known", initial_level=before + drift).fit(
            smoothing_level=alpha, optimized=False
        )
        model = ThetaModel(d, period=season, deseasonalize=False)
        forecast = ThetaModelResults(slope, alpha, None, ses.forecast(1)[0], np.empty(0), False, model).forecast(HORIZON)
        # One step ahead of t periods: the method's formula with T = t, h = 1.
        steps = np.arange(len(d))
        drifted = ses.fittedvalues + drift * (1 - (1 - alpha) ** steps) / alpha
        yield alpha, np.asarray(forecast), float(np.sum((d - drifted) ** 2))


def ses_members(d, season):
    level, _, _ = start(d, season, 0)
    for alpha in ALPHAS:
        fit = SimpleExpSmoothing(d, initialization_method="known", initial_level=level).fit(
            smoothing_level=alpha, optimized=False
        )
        yield alpha, fit.forecast(HORIZON), float(fit.sse)


def damped_members(d, season):
    level, _, _ = start(d, season, 0)
    for alpha in ALPHAS:
        for beta in BETAS:
            for phi in PHIS:
                fit = Holt(
                    d, damped_trend=True, initialization_method="known", initial_level=level, initial_trend=0.0
                ).fit(smoothing_level=alpha, smoothing_trend=beta, damping_trend=phi, optimized=False)
                yield (alpha, beta, phi), fit.forecast(HORIZON), float(fit.sse)


def statsforecast_theta(d, season, alpha):
    """The standard theta model as a state space; its level starts on the theta line, ours on the row."""
    before, drift, slope = start(d, season, 0.5)
    intercept = d.mean() - slope * (len(d) + 1) / 2
    initial = before + drift - (intercept + slope) / 2
    fit = auto_theta(d, m=1, model="STM", initial_smoothed=initial, alpha=alpha)
    return forecast_theta(fit, HORIZON)["mean"]


def mean_of(members, n):
    members = list(members)
    sse = np.array([m[2] for m in members])
    weights = (sse.min() / sse) ** (TEMPER * n)
    weights /= weights.sum()
    return sum(w * np.asarray(m[1]) for w, m in zip(weights, members))


def case(name, season, y):
    y = np.round(y, 2).astype(np.float32).astype(float)
    model = "multiplicative" if y.min() > 0 else "additive"
    r, seasonal, share, weight, index = shrunk_index(y, season, model)
    phase = (np.arange(len(y)) - len(y)) % season
    ahead = np.arange(HORIZON) % season
    d = y / index[phase] if model == "multiplicative" else y - index[phase]
    back = (lambda f: f * index[ahead]) if model == "multiplicative" else (lambda f: f + index[ahead])
    families = {"ses": ses_members, "theta": theta_members, "damped": damped_members}
    return {
        "name": name,
        "season": season,
        "row": list(y),
        "autocorrelations": list(r),
        "multiplicative": model == "multiplicative",
        "seasonal": list(seasonal),
        "share": share,
        "weight": weight,
        "deseasonalised": list(d),
        "members": {
            method: [{"parameters": p, "forecast": list(f), "sse": sse} for p, f, sse in family(d, season)][::4]
            for method, family in families.items()
        },
        "statsforecast": [{"alpha": a, "forecast": list(statsforecast_theta(d, season, a))} for a in ALPHAS],
        "forecast": {m: list(back(mean_of(family(d, season), len(y)))) for m, family in families.items()},
    }


def rounded(value):
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(v) for v in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


print(json.dumps([rounded(case(*r)) for r in rows()]))
