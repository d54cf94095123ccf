"""Forecasts the last windows of a panel with a published library, with the cross-validation that a quarter does before each.

peer.py NAME PANEL.parquet HORIZON SEASON FREQ FOLDS WINDOWS: NAME is lightgbm, auto-ets or auto-theta; the panel has unique_id, ds, y. Prints one JSON
document: seconds (without imports and without compiling, which a first call on a few series does) and the forecasts of each window.
"""

import json
import sys
import time

import numpy as np
import pandas as pd

name, path, horizon, season, freq, folds, windows = sys.argv[1:]
horizon, season, folds, windows = int(horizon), int(season), int(folds), int(windows)
panel = pd.read_parquet(path)
panel["ds"] = pd.to_datetime(panel["ds"])


def lightgbm_peer():
    import lightgbm as lgb
    from mlforecast import MLForecast
    from mlforecast.lag_transforms import RollingMean
    from mlforecast.target_transforms import LocalStandardScaler

    def make():
        model = lgb.LGBMRegressor(
            n_estimators=150, learning_rate=0.08, num_leaves=31, min_child_samples=60, objective="l1", n_jobs=2, verbosity=-1
        )
        return MLForecast(
            models={"y_hat": model},
            freq=freq,
            lags=list(range(1, 2 * season + 2)),
            lag_transforms={1: [RollingMean(season, min_samples=1)]},
            date_features=["month" if freq == "MS" else "quarter"],
            target_transforms=[LocalStandardScaler()],
        )

    def run(train):
        make().cross_validation(train, n_windows=folds, h=horizon, step_size=horizon, static_features=[])
        return make().fit(train, static_features=[]).predict(horizon)

    return run


def statistical_peer(model_of):
    from statsforecast import StatsForecast

    def run(train):
        sf = StatsForecast(models=[model_of()], freq=freq, n_jobs=2)
        sf.cross_validation(df=train, h=horizon, step_size=horizon, n_windows=folds)
        return sf.forecast(df=train, h=horizon)

    return run


def auto_ets():
    from statsforecast.models import AutoETS

    return AutoETS(season_length=season, alias="y_hat")


def auto_theta():
    from statsforecast.models import AutoTheta

    return AutoTheta(season_length=season, alias="y_hat")


peers = {
    "lightgbm": lightgbm_peer,
    "auto-ets": lambda: statistical_peer(auto_ets),
    "auto-theta": lambda: statistical_peer(auto_theta),
}
run = peers[name]()
ends = panel["ds"].max()
step = pd.DateOffset(months=1 if freq == "MS" else 3)
few = panel["unique_id"].unique()[:3]
run(panel[panel["unique_id"].isin(few)])

answer = {"seconds": 0.0, "windows": []}
for window in range(windows, 0, -1):
    origin = ends
    for _ in range(window * horizon):
        origin = origin - step
    train = panel[panel["ds"] <= origin]
    # A fold needs more than its horizons of history: shorter series are left to the last fit alone by no library, so they are left out.
    long = train.groupby("unique_id")["y"].transform("size") > folds * horizon + season + 1
    started = time.perf_counter()
    made = run(train[long])
    answer["seconds"] += time.perf_counter() - started
    made = made.reset_index() if "unique_id" not in made.columns else made
    answer["windows"].append(
        {
            "origin": origin.strftime("%Y-%m-%d"),
            "series": made["unique_id"].tolist(),
            "ds": made["ds"].dt.strftime("%Y-%m-%d").tolist(),
            "forecast": [None if not np.isfinite(v) else float(v) for v in made["y_hat"]],
        }
    )
print(json.dumps(answer))
