"""Writes a LightGBM model with its features as one ONNX graph of opset 13 and ai.onnx.ml 3."""

from pathlib import Path

import lightgbm as lgb
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from features import lags_of

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


class Builder:
    def __init__(self) -> None:
        self.nodes, self.constants = [], []

    def constant(self, values, dtype=np.float32) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype=dtype), name))
        return name

    def ints(self, *values: int) -> str:
        return self.constant(values, np.int64)

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes) -> str:
        name = f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def sum(self, value: str) -> str:
        return self.op("ReduceSum", value, self.ints(1), keepdims=1)


def export(model: lgb.Booster, request: dict, path: Path) -> None:
    season, horizon, context = request["season"], request["horizon"], request["context"]
    shapes = {each["name"]: each["shape"][1:] for each in request["inputs"]}
    g = Builder()
    inputs = [
        helper.make_tensor_value_info("history", FLOAT, ["N", context]),
        helper.make_tensor_value_info("period", INT64, ["N"]),
    ]
    if "static" in shapes:
        inputs.append(helper.make_tensor_value_info("static", FLOAT, ["N", *shapes["static"]]))

    # Level, scale and relative history, as in features.py.
    zero, one = g.constant(0), g.constant(1)
    missing = g.op("IsNaN", "history")
    known = g.op("Cast", g.op("Not", missing), to=FLOAT)
    zeroed = g.op("Where", missing, zero, "history")
    tail = lambda value, length: g.op("Slice", value, g.ints(context - length), g.ints(context), g.ints(1))
    season_count, count = g.sum(tail(known, season)), g.sum(known)
    season_mean = g.op("Div", g.sum(tail(zeroed, season)), g.op("Max", season_count, one))
    mean = g.op("Div", g.sum(zeroed), g.op("Max", count, one))
    level = g.op("Where", g.op("Greater", season_count, zero), season_mean, mean)
    distance = g.op("Where", missing, zero, g.op("Abs", g.op("Sub", "history", level)))
    spread = g.op("Div", g.sum(distance), g.op("Max", count, one))
    scale = g.op("Where", g.op("Greater", spread, zero), spread, g.op("Max", g.op("Abs", level), one))
    relative = g.op("Div", g.op("Sub", "history", level), scale)

    # [N, H, F]: what a row has, H times, beside what a lead has.
    leads = np.arange(horizon)
    rows_by_leads = g.op("Concat", g.op("Shape", "period"), g.ints(horizon, 1), axis=0)
    ahead = g.op("Add", g.op("Unsqueeze", "period", g.ints(1)), g.ints(*leads))
    phase = g.op("Cast", g.op("Mod", ahead, g.ints(season)), to=FLOAT)
    same_season = g.op("Gather", relative, g.ints(*(context - season + leads % season)), axis=1)
    codes = "static"
    if "static" not in shapes:
        codes = g.op("Expand", g.constant([[0]]), g.op("Concat", g.op("Shape", "period"), g.ints(1), axis=0))
    per_row = g.op("Concat", tail(relative, lags_of(season)), codes, axis=1)
    x = g.op(
        "Concat",
        g.op("Expand", g.op("Unsqueeze", per_row, g.ints(1)), rows_by_leads),
        g.op("Expand", g.constant(leads.reshape(1, horizon, 1)), rows_by_leads),
        g.op("Unsqueeze", phase, g.ints(2)),
        g.op("Unsqueeze", same_season, g.ints(2)),
        axis=2,
    )
    flat = g.op("Reshape", x, g.ints(-1, model.num_feature()))
    score = g.op("TreeEnsembleRegressor", flat, domain="ai.onnx.ml", **tree_attributes(model))
    by_lead = g.op("Reshape", score, g.ints(-1, horizon))
    result = g.op("Add", g.op("Mul", by_lead, scale), level)
    g.nodes.append(helper.make_node("Identity", [result], ["forecast"]))

    graph = helper.make_graph(
        g.nodes,
        "lightgbm",
        inputs,
        [helper.make_tensor_value_info("forecast", FLOAT, ["N", horizon])],
        g.constants,
    )
    versions = {"": request["onnx"]["opset"], "ai.onnx.ml": request["onnx"]["mlOpset"]}
    sets = [helper.make_opsetid(domain, version) for domain, version in versions.items()]
    written = helper.make_model(graph, opset_imports=sets, ir_version=7)
    onnx.checker.check_model(written, full_check=True)
    onnx.save(written, path)


def tree_attributes(model: lgb.Booster) -> dict:
    """All trees as one TreeEnsembleRegressor; the leaves of LightGBM already hold rate and starting value."""
    names = ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")
    nodes = {name: [] for name in names}
    nodes["missing_value_tracks_true"] = []
    targets = {name: [] for name in ("treeids", "nodeids", "ids", "weights")}

    def add(tree: int, node: dict) -> int:
        at = len(nodes["nodeids"])
        number = counter[tree]
        counter[tree] += 1
        is_leaf = "leaf_value" in node
        row = {
            "treeids": tree,
            "nodeids": number,
            "featureids": 0 if is_leaf else node["split_feature"],
            "values": 0.0 if is_leaf else below(node["threshold"]),
            "modes": "LEAF" if is_leaf else "BRANCH_LEQ",
            "truenodeids": 0,
            "falsenodeids": 0,
            "missing_value_tracks_true": 0 if is_leaf else missing_left(node),
        }
        for name, value in row.items():
            nodes[name].append(value)
        if is_leaf:
            for name, value in (("treeids", tree), ("nodeids", number), ("ids", 0), ("weights", node["leaf_value"])):
                targets[name].append(value)
        else:
            nodes["truenodeids"][at] = add(tree, node["left_child"])
            nodes["falsenodeids"][at] = add(tree, node["right_child"])
        return number

    counter = []
    for tree, dumped in enumerate(model.dump_model()["tree_info"]):
        counter.append(0)
        add(tree, dumped["tree_structure"])
    attributes = {f"nodes_{name}": values for name, values in nodes.items()}
    return attributes | {f"target_{name}": values for name, values in targets.items()} | {"n_targets": 1}


def below(threshold: float) -> float:
    """The largest float32 that is not above: float32 features go the same way as in LightGBM, which compares in double."""
    rounded = np.float32(threshold)
    return float(rounded if rounded <= threshold else np.nextafter(rounded, np.float32(-np.inf)))


def missing_left(node: dict) -> int:
    """Where NaN goes. LightGBM takes it for 0 at a split that saw none in training."""
    if node["missing_type"] == "NaN":
        return int(node["default_left"])
    return int(0 <= node["threshold"])
