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


def read_inputs(model_dir):
    """What else the model was released with: its other inputs for every series, as columns by series and lead."""
    return pd.read_parquet(Path(model_dir) / "series-inputs.parquet")


def read_panel(path, model_dir):
    """A CSV panel as (series, period, value), by the column names that the model was trained from."""
    columns = json.loads((Path(model_dir) / "forecaster.json").read_text("utf8"))["columns"]
    wanted = {columns["series"]: "series", columns["time"]: "period", columns["target"]: "value"}
    text = {columns["series"]: str, columns["time"]: str}
    return pd.read_csv(path, usecols=list(wanted), dtype=text).rename(columns=wanted)


def shapes(model):
    """Shape of every input but its first axis, by name: what the graph has is what must be sent."""
    return {spec.name: tuple(spec.shape[1:]) for spec in model.metadata.signature.inputs}


def other_inputs(series, model, released):
    """
    static, known and observed, as far as the model has them: of the series that it was released with what it was
    released with, of others unknown (-1) and missing (NaN).

    :param released: what read_inputs returned
    """
    sizes = shapes(model)
    known_series = {one: row for row, one in enumerate(released["series"].drop_duplicates())}
    place = np.array([known_series.get(one, -1) for one in series], dtype=np.int64)
    horizon = model.metadata.metadata["horizon"]
    arrays = {}
    for name, missing in (("static", -1), ("known", np.nan), ("observed", np.nan)):
        if name not in sizes:
            continue
        columns = [f"{name}_{number}" for number in range(sizes[name][-1])]
        cells = released[columns].to_numpy(dtype=np.float32).reshape(-1, horizon, len(columns))
        values = cells if name == "known" else cells[:, 0]  # the others are the same for every lead
        arrays[name] = np.full((len(series), *sizes[name]), missing, dtype=np.float32)
        arrays[name][place >= 0] = values[place[place >= 0]]
    return arrays


def build_inputs(rows, model, released, first_period=None):
    """
    :param rows: series, period (any day in it) and value, one row each; later rows than the history are left out
    :param model: what mlflow.pyfunc.load_model returned
    :param released: what read_inputs returned: the other inputs as they were released. Their known features are those of
        the periods after the model's cutoff, so fill in your own when you forecast another period
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
    return list(series), arrays | other_inputs(series, model, released)
