"""A learner for tests: one linear fit over all series on four numbers of their history, as an ONNX graph.

Option `copy`: where to write the forecasts of the final fit, for the test to compare with.
"""

import json
import os
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(os.environ["RETRAIN_LEARNER_DIR"])


def design(history: np.ndarray, season: int, horizon: int) -> np.ndarray:
    """[N, H, 4]: the same period one and two years ago, and the mean of the last year and of all."""
    context = history.shape[1]
    known = ~np.isnan(history)
    mean = np.where(known, history, 0).sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    filled = np.where(known, history, mean)
    leads = np.arange(horizon) % season
    year = filled[:, context - season + leads]
    before = filled[:, context - 2 * season + leads]
    last = np.broadcast_to(filled[:, -season:].mean(axis=1, keepdims=True), year.shape)
    return np.stack([year, before, last, np.broadcast_to(mean, year.shape)], axis=2)


def fit(request: dict, panel: pd.DataFrame) -> np.ndarray:
    season, horizon, context = request["season"], request["horizon"], request["context"]
    x, y = [], []
    for _, series in panel.sort_values(["series", "period"]).groupby("series"):
        values = series["target"].to_numpy()
        assert series["period"].max() <= request["origin"]["period"]
        for end in range(2 * season, len(values) - horizon + 1):
            history = np.full(context, np.nan)
            history[-min(end, context) :] = values[max(0, end - context) : end]
            scale = np.nanmean(history)
            x.append(design(history[None], season, horizon)[0] / scale)
            y.append(values[end : end + horizon] / scale)
    x, y = np.concatenate(x), np.concatenate(y)
    keep = ~np.isnan(y)
    x, y = x[keep], y[keep]
    weights = np.array([1.0, 0, 0, 0])
    # Least absolute errors: the error that CV scores.
    for _ in range(20):
        by = x / np.maximum(np.abs(y - x @ weights), 1e-3)[:, None]
        weights = np.linalg.solve(by.T @ x + 1e-6 * len(y) * np.eye(4), by.T @ y)
    return weights


def export(weights: np.ndarray, request: dict) -> None:
    season, horizon, context = request["season"], request["horizon"], request["context"]
    nodes, constants = [], []

    def const(values, dtype=np.float32) -> str:
        # helper.make_tensor writes the numbers into typed lists, numpy_helper into raw bytes: both must be read.
        name = f"c{len(constants)}"
        array = np.asarray(values, dtype=dtype)
        if dtype == np.int64:
            constants.append(helper.make_tensor(name, TensorProto.INT64, array.shape, array.ravel().tolist()))
        else:
            constants.append(numpy_helper.from_array(array, name))
        return name

    def op(kind: str, *inputs: str, **attributes) -> str:
        nodes.append(helper.make_node(kind, inputs, [f"v{len(nodes)}"], **attributes))
        return nodes[-1].output[0]

    axis = const([1], np.int64)
    missing = op("IsNaN", "history")
    count = op("ReduceSum", op("Cast", op("Not", missing), to=TensorProto.FLOAT), axis, keepdims=1)
    total = op("ReduceSum", op("Where", missing, const(0), "history"), axis, keepdims=1)
    mean = op("Div", total, op("Max", count, const(1)))
    filled = op("Where", missing, mean, "history")
    leads = np.arange(horizon) % season
    year = op("Gather", filled, const(context - season + leads, np.int64), axis=1)
    before = op("Gather", filled, const(context - 2 * season + leads, np.int64), axis=1)
    largest = 2**63 - 1
    tail = op("Slice", filled, const([-season], np.int64), const([largest], np.int64), axis)
    last = op("ReduceMean", tail, axes=[1], keepdims=1)
    terms = [op("Mul", part, const(w)) for part, w in zip([year, before, last, mean], weights)]
    nodes.append(helper.make_node("Sum", terms, ["forecast"]))
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "ridge",
        [info("history", TensorProto.FLOAT, [None, context])],
        [info("forecast", TensorProto.FLOAT, [None, horizon])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", request["onnx"]["opset"])], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, FOLDER / "model.onnx")


def main() -> None:
    request = json.loads((FOLDER / "request.json").read_text())
    weights = fit(request, pd.read_parquet(FOLDER / "panel.parquet"))
    history = np.load(FOLDER / "history.npy")
    forecast = design(history.astype(float), request["season"], request["horizon"]) @ weights
    has_number = ~np.isnan(history).all(axis=1)
    table = pd.DataFrame(
        [
            (series, lead + 1, np.float32(value))
            for series, row, known in zip(request["series"], forecast, has_number)
            if known
            for lead, value in enumerate(row)
        ],
        columns=["series", "lead", "forecast"],
    )
    if request["task"] == "forecast":
        table.to_parquet(FOLDER / "forecasts.parquet", index=False)
        return
    export(weights, request)
    table.to_csv(request["options"]["copy"].replace("ORIGIN", request["origin"]["start"]), index=False)


main()
