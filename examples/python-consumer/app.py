"""A forecast service that follows an alias: POST /predict, GET /health. See README.md.

MODEL_NAME (needed), MODEL_ALIAS (best), POLL_SECONDS (10) and MLFLOW_TRACKING_URI say what it serves.
"""

import asyncio
import logging
import os
import shutil
import tempfile
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated

# The service polls, so a call that fails need not be repeated for minutes.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
# onnxruntime sends names and times of models to its maker unless it is told not to before it is loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import mlflow
import numpy as np
import pandas as pd
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from inputs import build_inputs, other_inputs, period_index, period_start, read_inputs, read_state, shapes

log = logging.getLogger("uvicorn.error")


@dataclass(frozen=True)
class Served:
    """One version, whole: a request takes it once and never sees half of another."""

    version: str
    model: mlflow.pyfunc.PyFuncModel
    inputs: dict  # of every series that the model knows, as it was released
    row_of: dict  # their rows, by series
    released: pd.DataFrame  # the other inputs of every series
    loaded_at: str

    @property
    def meta(self):
        return self.model.metadata.metadata


def load(name, version):
    """Loads a version and makes it forecast its own example: what fails here is never served."""
    folder = tempfile.mkdtemp(prefix="forecaster-")
    try:
        # By number: a version never changes, an alias may move between two calls.
        path = mlflow.artifacts.download_artifacts(f"models:/{name}/{version}", dst_path=folder)
        model = mlflow.pyfunc.load_model(path)
        answer = model.predict(model.metadata.load_input_example(path))
        if not np.isfinite(answer["forecast"]).all():
            raise ValueError("the model's own input example has a forecast that is no number")
        state, released = read_state(path), read_inputs(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    series, inputs = build_inputs(state, model, released)
    return Served(version, model, inputs, {one: row for row, one in enumerate(series)}, released, now())


class Follower:
    """Keeps `current` at the version that the alias names; a failed reload leaves it as it is."""

    def __init__(self, name, alias, seconds):
        self.name, self.alias, self.seconds = name, alias, seconds
        self.current: Served | None = None
        self.checked_at: str | None = None
        self.error: str | None = None
        self.stopped = threading.Event()

    def check(self):
        try:
            version = mlflow.MlflowClient().get_model_version_by_alias(self.name, self.alias).version
            if self.current is None or str(version) != self.current.version:
                self.current = load(self.name, str(version))
                log.info("serving %s@%s, version %s", self.name, self.alias, version)
            self.error = None
        except Exception as error:  # whatever it is, the model that is loaded goes on answering
            self.error = f"{type(error).__name__}: {error}"[:500]
            log.warning("%s@%s was not reloaded: %s", self.name, self.alias, self.error)
        self.checked_at = now()

    def run(self):
        while not self.stopped.is_set():
            self.check()
            self.stopped.wait(self.seconds)


def now():
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


follower = Follower(
    os.environ["MODEL_NAME"],
    os.environ.get("MODEL_ALIAS", "best"),
    float(os.environ.get("POLL_SECONDS", "10")),
)


@asynccontextmanager
async def lifespan(_app):
    thread = threading.Thread(target=follower.run, name="follower", daemon=True)
    thread.start()
    yield
    follower.stopped.set()
    await asyncio.to_thread(thread.join, 15)


app = FastAPI(title="Forecasts", lifespan=lifespan)

Number = Annotated[float, Field(ge=-1e30, le=1e30, allow_inf_nan=False)]
Period = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])(-01)?$", examples=["2025-06"])]


class Series(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, description="A series that the model knows, or a new one with a history")
    history: list[Number | None] | None = Field(
        default=None,
        min_length=1,
        max_length=1200,
        description="One number a period, most recent last, null where missing. Default: what the model was released with",
    )
    last: Period | None = Field(
        default=None,
        description="Period (its first month) of the last number in `history`. Default: the model's cutoff",
    )
    segment: int | None = Field(
        default=None, ge=-1, description="Segment code. Default: the series' own, -1 (unknown) for a new one"
    )
    attributes: list[Annotated[int, Field(ge=-1)]] | None = Field(
        default=None, description="Attribute codes, in the model's order. Default: the series' own, -1 for a new one"
    )
    known: list[list[Number | None]] | None = Field(
        default=None,
        description="Known features, a row a forecast period. Default: the series' own after the model's cutoff, else missing",
    )
    observed: list[Number | None] | None = Field(
        default=None,
        description="Observed features at the last period of the history. Default: the series' own at the model's cutoff, else missing",
    )


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")

    series: list[Series] = Field(min_length=1, max_length=10_000)
    levels: list[Annotated[float, Field(gt=0, lt=1)]] = Field(
        default=[0.8], max_length=20, description="Levels of the intervals, of those that the model has"
    )


class Interval(BaseModel):
    level: float
    lo: list[float | None]
    hi: list[float | None]


class Forecast(BaseModel):
    id: str
    periods: list[str] = Field(description="First day of each")
    forecast: list[float | None] = Field(description="null for a series without a single number in its history")
    intervals: list[Interval]


class Answer(BaseModel):
    model: str
    version: str
    quarter: str
    forecasts: list[Forecast]


# No coroutine: it runs in a worker thread, so one long batch keeps no other request waiting.
@app.post("/predict")
def predict(request: Request) -> Answer:
    served = follower.current
    if served is None:
        raise HTTPException(503, f"no model is loaded yet: {follower.error or 'the first load is under way'}")
    columns = [quantile_columns(served.meta, level) for level in request.levels]
    arrays, first_periods = arrays_of(served, request.series)
    answer = served.model.predict(arrays)
    forecasts = []
    for row, (series, first) in enumerate(zip(request.series, first_periods)):
        quantiles = answer["quantiles"][row]
        forecasts.append(
            Forecast(
                id=series.id,
                periods=[period_start(first + h, served.meta) for h in range(served.meta["horizon"])],
                forecast=numbers(answer["forecast"][row]),
                intervals=[
                    Interval(level=level, lo=numbers(quantiles[:, lo]), hi=numbers(quantiles[:, hi]))
                    for level, (lo, hi) in zip(request.levels, columns)
                ],
            )
        )
    return Answer(
        model=follower.name, version=served.version, quarter=served.meta["quarter"], forecasts=forecasts
    )


@app.get("/health")
def health():
    """200 `ok`; 200 `stale` while the last look at the alias or reload failed; 503 `loading` before the first model."""
    served = follower.current
    status = "loading" if served is None else "ok" if follower.error is None else "stale"
    body = {
        "status": status,
        "model": follower.name,
        "alias": follower.alias,
        "version": served and served.version,
        "quarter": served and served.meta["quarter"],
        "cutoff": served and served.meta["cutoff"],
        "loaded_at": served and served.loaded_at,
        "checked_at": follower.checked_at,
        "error": follower.error,
    }
    return JSONResponse(body, status_code=503 if served is None else 200)


def arrays_of(served, series):
    """The inputs of the batch in the order of the request, and the first period that each series is forecast for."""
    meta, context = served.meta, served.meta["context"]
    own = served.inputs
    history = np.full((len(series), context), np.nan, dtype=np.float32)
    first = np.full(len(series), meta["first_period"], dtype=np.int64)
    for row, one in enumerate(series):
        if one.history is None:
            if one.id not in served.row_of:
                raise HTTPException(422, f"series {one.id} is unknown to the model: give it a history")
            if one.last is not None:
                raise HTTPException(422, f"series {one.id} has a last period but no history")
            history[row] = own["history"][served.row_of[one.id]]
            continue
        if one.last is not None:
            first[row] = period_index([one.last], meta)[0] + 1
        values = [np.nan if value is None else value for value in one.history[-context:]]
        history[row, context - len(values) :] = values
    arrays = {"history": history, "period": first}
    arrays |= other_inputs([one.id for one in series], served.model, served.released)
    fill(arrays, served, series, first)
    return arrays, first.tolist()


def fill(arrays, served, series, first):
    """Puts what a request says of its series over what the model was released with."""
    sizes = shapes(served.model)
    for row, one in enumerate(series):
        if first[row] != served.meta["first_period"]:  # what was known and observed is of another time
            for name in ("known", "observed"):
                if name in arrays:
                    arrays[name][row] = np.nan
        if one.segment is not None and "static" in arrays:
            arrays["static"][row, 0] = one.segment
        for name, given in (("static", one.attributes), ("known", one.known), ("observed", one.observed)):
            if given is None:
                continue
            if name not in arrays:
                raise HTTPException(422, f"series {one.id}: the model takes no {name}")
            place = arrays[name][row, 1:] if name == "static" else arrays[name][row]
            if shape_of(given) != place.shape:
                raise HTTPException(422, f"series {one.id}: {name} must have the shape {list(sizes[name])}")
            place[...] = np.array(given, dtype=np.float32)  # None becomes NaN


def shape_of(given):
    """Of a list, or of a list of equally long lists; None where they differ."""
    if not given or not isinstance(given[0], list):
        return (len(given),)
    widths = {len(row) for row in given}
    return (len(given), widths.pop()) if len(widths) == 1 else None


def quantile_columns(meta, level):
    """Where the bounds of a level stand on the last axis of the quantiles."""
    probabilities = np.array(meta["quantile_probabilities"])
    found = [np.flatnonzero(np.isclose(probabilities, (1 + side * level) / 2)) for side in (-1, 1)]
    if any(len(places) == 0 for places in found):
        levels = ", ".join(f"{2 * p - 1:g}" for p in probabilities if p > 0.5)
        raise HTTPException(422, f"the model has no level {level:g}; it has {levels}")
    return [int(places[0]) for places in found]


def numbers(row):
    """A row of float32 for JSON, which has no NaN."""
    return [None if np.isnan(value) else float(str(value)) for value in row]
