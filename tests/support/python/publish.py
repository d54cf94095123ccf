"""Registers model directories as versions, in order, by MLflow's own client; the alias names the first.

usage: publish.py NAME ALIAS OUTLOOK DIRECTORY…
"""

import json
import sys

import mlflow

name, alias, outlook, *folders = sys.argv[1:]
client = mlflow.MlflowClient()
mlflow.set_experiment(name)
client.create_registered_model(name)
versions = []
for folder in folders:
    with mlflow.start_run() as run:
        mlflow.log_artifacts(folder, "model")
        mlflow.log_artifact(outlook, "outlook")
    source = f"{run.info.artifact_uri}/model"
    versions.append(str(client.create_model_version(name, source, run_id=run.info.run_id).version))
client.set_registered_model_alias(name, alias, versions[0])
print(json.dumps(versions))
