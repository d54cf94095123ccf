"""The inputs of a forecaster, made from rows of a panel. pandas and numpy are all it takes."""

import json
from pathlib import Path

import numpy as np
import pandas as pd


def period_index(days, meta):
    """Calendar index of each day: year * 12 + month - 1, or the number of the quarter."""
    days = pd.to_datetime(pd.Series(days))
    months = days.dt.year * 12 + days.dt.month - 1
    if meta["frequency"] == "month":
        return months.to_numpy()
    return ((months - (meta["fiscal_year_start"] - 1) % 3) // 3).to_numpy()


def period_start(index, meta):
    """First day of a period, as text."""
    month = index
    if meta["frequency"] == "quarter":
        month = index * 3 + (meta["fiscal_year_start"] - 1) % 3
    return f"{month // 12:04d}-{month % 12 + 1:02d}-01"


def read_state(model_dir):
    """What the model was released with: the last numbers of every series (series, segment, code, period, value)."""
    return pd.read_parquet(Path(model_dir) / "series-state.parquet")


def read_panel(path, model_dir):
    """A CSV panel as (series, period, value), by the column names that the model was trained from."""
    columns = json.loads((Path(model_dir) / "forecaster.json").read_text("utf8"))["columns"]
    wanted = {columns["series"]: "series", columns["time"]: "period", columns["target"]: "value"}
    text = {columns["series"]: str, columns["time"]: str}
    return pd.read_csv(path, usecols=list(wanted), dtype=text).rename(columns=wanted)


def segment_codes(state):
    """Segment code of every series that the model knows; a series that it does not know has -1."""
    return dict(zip(state["series"], state["code"]))


def build_inputs(rows, model, codes, first_period=None):
    """
    :param rows: series, period (any day in it) and value, one row each; later rows than the history are left out
    :param model: what mlflow.pyfunc.load_model returned
    :param codes: segment code by series
    :param first_period: index of the first period to forecast; default: the one after the model's cutoff
    :return: the series, sorted, and the arrays for model.predict, one row a series
    """
    meta = model.metadata.metadata
    first = meta["first_period"] if first_period is None else first_period
    series, row = np.unique(rows["series"].to_numpy(dtype=str), return_inverse=True)
    column = period_index(rows["period"].to_numpy(), meta) - (first - meta["context"])
    inside = (column >= 0) & (column < meta["context"])
    history = np.full((len(series), meta["context"]), np.nan, dtype=np.float32)  # NaN is a missing value
    history[row[inside], column[inside]] = rows["value"].to_numpy(dtype=np.float64)[inside]
    arrays = {"history": history, "period": np.full(len(series), first, dtype=np.int64)}
    if "static" in model.metadata.signature.inputs.input_names():
        arrays["static"] = np.array([[codes.get(one, -1)] for one in series], dtype=np.float32)
    return list(series), arrays
