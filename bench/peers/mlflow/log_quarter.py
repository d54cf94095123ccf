"""Logs with MLflow's own client what a quarter left in a registry: python log_quarter.py EXPORT.json

EXPORT.json is written by bench/mlflow.ts: runs with their parts, values, points, inputs and files, one model directory, one alias.
Prints the seconds of the calls, without the imports.
"""

import json
import sys
import time

from mlflow import MlflowClient
from mlflow.data.dataset_source_registry import resolve_dataset_source  # noqa: F401  (registers the sources)
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput, Metric, Param, RunTag

with open(sys.argv[1], encoding="utf-8") as file:
    export = json.load(file)

client = MlflowClient()
started = time.perf_counter()
experiment = client.create_experiment(export["experiment"])


def log_run(run, parent):
    tags = dict(run["tags"])
    if parent is not None:
        tags["mlflow.parentRunId"] = parent
    made = client.create_run(experiment, tags=tags, run_name=run["name"])
    run_id = made.info.run_id
    now = int(time.time() * 1000)
    metrics = [Metric(name, value, now, 0) for name, value in run["metrics"].items()]
    metrics += [Metric(point["name"], point["value"], now, point["step"]) for point in run["points"]]
    params = [Param(name, value) for name, value in run["params"].items()]
    client.log_batch(run_id, metrics=metrics, params=params, tags=[RunTag("logged", "yes")])
    inputs = [
        DatasetInput(
            Dataset(
                name=given["name"],
                digest=given["digest"],
                source_type="local",
                source=json.dumps({"uri": given["source"]}),
                profile=json.dumps(given["profile"]),
            ),
            [InputTag("mlflow.data.context", given["context"])],
        )
        for given in run["inputs"]
    ]
    if inputs:
        client.log_inputs(run_id, datasets=inputs)
    if run["folder"] is not None:
        client.log_artifacts(run_id, run["folder"])
    for part in run["parts"]:
        log_run(part, run_id)
    client.set_terminated(run_id)
    return run_id


for run in export["runs"]:
    run_id = log_run(run, None)

model = client.create_logged_model(experiment, name=export["model"], source_run_id=run_id)
client.log_model_artifacts(model.model_id, export["modelFolder"])
client.finalize_logged_model(model.model_id, "READY")
client.log_outputs(run_id, models=[LoggedModelOutput(model.model_id, 0)])
client.create_registered_model(export["model"])
version = client.create_model_version(
    export["model"], f"models:/{model.model_id}", run_id, model_id=model.model_id, description="by MLflow's client"
)
for alias in ("candidate", "best"):
    client.set_registered_model_alias(export["model"], alias, version.version)
print(json.dumps({"seconds": time.perf_counter() - started, "version": version.version}))
