"""A learner of retrain in Python: LightGBM, one model for all series and leads, as one ONNX graph.

retrain runs it once for every fold of its cross-validation and once for the final fit. RETRAIN_LEARNER_DIR names the
folder with the request; docs/external-learners.md describes it.
"""

import json
import os
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd

from features import row_features
from graph import export

FOLDER = Path(os.environ["RETRAIN_LEARNER_DIR"])


def training_rows(request: dict, panel: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every window of history with what came after it: features, targets and weights of all series and leads."""
    season, horizon, context = request["season"], request["horizon"], request["context"]
    most = request["options"].get("windows", 24)
    features, targets, weights = [], [], []
    for _, series in panel.groupby("series", sort=True):
        first, last = series["period"].iloc[0], series["period"].iloc[-1]
        values = np.full(last - first + 1, np.nan)
        values[series["period"] - first] = series["target"]
        codes = np.float32([series["segment"].iloc[0], *(series[a["column"]].iloc[0] for a in request["attributes"])])
        ends = np.arange(max(season, len(values) - horizon - most), len(values) - 1)
        if len(ends) == 0:
            continue
        padded = np.concatenate([np.full(context, np.nan), values, np.full(horizon, np.nan)])
        history = np.stack([padded[end + 1 : end + 1 + context] for end in ends]).astype(np.float32)
        future = np.stack([padded[context + end + 1 : context + end + 1 + horizon] for end in ends])
        period = (first + ends + 1).astype(np.int64)
        x, level, scale = row_features(history, period, np.tile(codes, (len(ends), 1)), season, horizon)
        y = (future - level) / scale
        keep = ~np.isnan(y)
        features.append(x[keep])
        targets.append(y[keep])
        # The error that is scored counts units, not multiples of a series' scale.
        weights.append(np.broadcast_to(np.sqrt(scale), y.shape)[keep])
    return np.concatenate(features), np.concatenate(targets), np.concatenate(weights)


def main() -> None:
    request = json.loads((FOLDER / "request.json").read_text())
    options = request["options"]
    panel = pd.read_parquet(FOLDER / "panel.parquet").sort_values(["series", "period"])
    x, y, weight = training_rows(request, panel)
    print(f"{len(y)} rows, {x.shape[1]} features")
    params = {
        "objective": "l1",
        "learning_rate": options.get("rate", 0.05),
        "num_leaves": options.get("leaves", 31),
        "min_data_in_leaf": options.get("minLeaf", 40),
        "seed": request["seed"],
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 2,
        "verbosity": -1,
    }
    model = lgb.train(params, lgb.Dataset(x, y, weight=weight), num_boost_round=options.get("trees", 200))

    if request["task"] == "export":
        export(model, request, FOLDER / "model.onnx")
        return
    inputs = {each["name"]: np.load(FOLDER / each["file"]) for each in request["inputs"]}
    rows, horizon = len(request["series"]), request["horizon"]
    # Without attributes and segments there is one code, 0, for all.
    codes = inputs.get("static", np.zeros((rows, 1), np.float32))
    x, level, scale = row_features(inputs["history"], inputs["period"], codes, request["season"], horizon)
    forecast = model.predict(x.reshape(rows * horizon, -1)).reshape(rows, horizon) * scale + level
    has_number = ~np.isnan(inputs["history"]).all(axis=1)
    series, lead = np.meshgrid(np.arange(rows)[has_number], np.arange(horizon), indexing="ij")
    pd.DataFrame(
        {
            "series": np.array(request["series"], dtype=object)[series.ravel()],
            "lead": lead.ravel() + 1,
            "forecast": forecast[series.ravel(), lead.ravel()],
        }
    ).to_parquet(FOLDER / "forecasts.parquet", index=False)


if __name__ == "__main__":
    main()
