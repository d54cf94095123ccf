"""Forecasts every series with the model that an alias names, and compares with the outlook of the run that made it.

usage: MLFLOW_TRACKING_URI=http://127.0.0.1:5000 python predict.py models:/room-demand@best
"""

import argparse
import os
import sys

# onnxruntime sends names and times of models to its maker unless it is told not to before it is loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import mlflow
import numpy as np
import pandas as pd

from inputs import build_inputs, period_start, read_inputs, read_panel, read_state


def forecast_all(model_dir, panel=None):
    """Forecast and quantiles of every series: from the panel, or from the numbers in the model directory."""
    model = mlflow.pyfunc.load_model(model_dir)
    rows = read_state(model_dir) if panel is None else read_panel(panel, model_dir)
    series, arrays = build_inputs(rows, model, read_inputs(model_dir))
    answer = model.predict(arrays)
    meta = model.metadata.metadata
    horizon = meta["horizon"]
    table = pd.DataFrame({"series": np.repeat(series, horizon)})
    table["period"] = [period_start(meta["first_period"] + h, meta) for h in range(horizon)] * len(series)
    table["forecast"] = answer["forecast"].reshape(-1)
    for q, probability in enumerate(meta["quantile_probabilities"]):
        table[f"q{probability:g}"] = answer["quantiles"][:, :, q].reshape(-1)
    return table


def largest_difference(table, outlook):
    """Over every number of the outlook, relative to it (to 1 where it is smaller)."""
    pairs = outlook.merge(table, on=["series", "period"], how="left", suffixes=("", "_here"))
    columns = {"forecast": "forecast_here"}
    for name in outlook.columns[outlook.columns.str.fullmatch(r"(lo|hi)\d+(_\d+)?")]:  # lo80, hi97_5
        level = float(name[2:].replace("_", ".")) / 100
        columns[name] = f"q{(1 - level) / 2 if name.startswith('lo') else (1 + level) / 2:g}"
    differences = [abs(pairs[a] - pairs[b]) / pairs[a].abs().clip(lower=1) for a, b in columns.items()]
    return float(np.max(differences))  # NaN, which is no agreement, where a forecast is missing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="models:/NAME@ALIAS, or a model directory")
    parser.add_argument("--panel", help="CSV panel to forecast from; default: the numbers that the model was released with")
    parser.add_argument("--outlook", help="outlook.csv to compare with; default: the one of the run that made the model")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    args = parser.parse_args()

    outlook = args.outlook
    if args.model.startswith("models:/") and outlook is None:
        name, alias = args.model.removeprefix("models:/").split("@")
        version = mlflow.MlflowClient().get_model_version_by_alias(name, alias)
        outlook = mlflow.artifacts.download_artifacts(run_id=version.run_id, artifact_path="outlook/outlook.csv")
        args.model = f"models:/{name}/{version.version}"  # the alias may move before the next line
    model_dir = mlflow.artifacts.download_artifacts(args.model) if args.model.startswith("models:/") else args.model
    table = forecast_all(model_dir, args.panel)
    print(table[["series", "period", "forecast"]].head(6).to_string(index=False))
    print(f"{len(table)} forecasts of {table['series'].nunique()} series by {args.model}")
    if outlook is None:
        return
    expected = pd.read_csv(outlook, dtype={"series": str, "period": str})
    difference = largest_difference(table, expected)
    agrees = difference <= args.tolerance
    print(f"largest difference from the {len(expected)} rows of the outlook: {difference:.1e}", "" if agrees else "(too large)")
    sys.exit(0 if agrees else 1)


if __name__ == "__main__":
    main()
