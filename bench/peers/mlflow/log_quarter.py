"""Logs with MLflow's own client what a quarter left in a registry: python log_quarter.py CONTENT.json

CONTENT.json is written by bench/mlflow.ts: a run with its parts, values, points, inputs and files, one model directory, two aliases.
Prints the seconds of the calls, without the imports.
"""

import json
import sys
import time

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput, Metric, Param

with open(sys.argv[1], encoding="utf-8") as file:
    content = json.load(file)

started = time.perf_counter()
client = MlflowClient()
experiment = client.create_experiment(content["name"])


def log_run(run, parent):
    tags = dict(run["tags"])
    if parent is not None:
        tags["mlflow.parentRunId"] = parent
    run_id = client.create_run(experiment, tags=tags, run_name=run["name"]).info.run_id
    now = int(time.time() * 1000)
    metrics = [Metric(name, value, now, 0) for name, value in run["metrics"].items()]
    metrics += [Metric(point["name"], point["value"], now, point["step"]) for point in run["points"]]
    params = [Param(name, value) for name, value in run["params"].items()]
    client.log_batch(run_id, metrics=metrics, params=params)
    inputs = [
        DatasetInput(
            Dataset(
                name=given["name"],
                digest=given["digest"],
                source_type="external",
                source=json.dumps({"uri": given["source"]}),
                profile=json.dumps(given["profile"]),
            ),
            [InputTag("mlflow.data.context", given["context"])],
        )
        for given in run["inputs"]
    ]
    if inputs:
        client.log_inputs(run_id, datasets=inputs)
    if run["files"]:
        client.log_artifacts(run_id, run["folder"])
    return run_id


run_id = log_run(content["run"], None)
for part in content["parts"]:
    client.set_terminated(log_run(part, run_id))

name = content["name"]
model = client.create_logged_model(experiment, name=name, source_run_id=run_id)
client.log_model_artifacts(model.model_id, content["modelFolder"])
client.finalize_logged_model(model.model_id, "READY")
client.log_outputs(run_id, models=[LoggedModelOutput(model.model_id, 0)])
client.create_registered_model(name)
version = client.create_model_version(
    name,
    f"models:/{model.model_id}",
    run_id,
    tags=content["version"]["tags"],
    model_id=model.model_id,
    description=content["version"]["description"],
)
for alias in ("candidate", "best"):
    client.set_registered_model_alias(name, alias, version.version)
client.set_terminated(run_id)
print(json.dumps({"seconds": time.perf_counter() - started, "version": version.version}))
