"""Loads a model directory as a stranger would and prints what it answers. usage: check_model.py DIRECTORY"""

import json
import sys

import mlflow
import numpy as np
import onnx
import onnxruntime
from inputs import build_inputs, read_inputs, read_state
from mlflow.models import Model, validate_serving_input
from mlflow.models.utils import load_serving_example
from mlflow.utils.requirements_utils import _parse_requirements

path = sys.argv[1]
saved = Model.load(path)
model = mlflow.pyfunc.load_model(path)
graph = mlflow.onnx.load_model(path)
session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])

state = read_state(path)
series, arrays = build_inputs(state, model, read_inputs(path))
by_pyfunc = model.predict(arrays)
by_onnx = dict(zip([out.name for out in session.get_outputs()], session.run(None, arrays)))

example = saved.load_input_example(path)
served = validate_serving_input(path, load_serving_example(path))
direct = model.predict(example)


def refusal(changed):
    try:
        model.predict(changed)
    except mlflow.exceptions.MlflowException as error:
        return str(error)
    return None


def tensors(arrays):
    return {name: [str(np.asarray(a).dtype), list(np.shape(a))] for name, a in arrays.items()}


json.dump(
    {
        "series": series,
        "pyfunc": {name: value.astype(float).tolist() for name, value in by_pyfunc.items()},
        "onnx": {name: value.astype(float).tolist() for name, value in by_onnx.items()},
        "example": tensors(example),
        "answer": tensors(direct),
        "servedAsDirect": all(np.allclose(served[name], direct[name], rtol=1e-6) for name in direct),
        "exampleSeries": [series[row] for row in range(len(series)) if any(
            np.array_equal(arrays["history"][row], history, equal_nan=True) for history in example["history"])],
        "refusesFloat64": refusal({**example, "history": example["history"].astype(np.float64)}),
        "refusesMissing": refusal({"history": example["history"]}),
        "inputs": saved.signature.inputs.to_dict(),
        "outputs": saved.signature.outputs.to_dict(),
        "flavors": saved.flavors,
        "metadata": saved.metadata,
        "created": saved.utc_time_created,
        "requirements": mlflow.pyfunc.get_model_dependencies(path) and [
            line.req_str for line in _parse_requirements(f"{path}/requirements.txt", is_constraint=False)],
        "opset": graph.opset_import[0].version,
        "onnx_valid": onnx.checker.check_model(graph) is None,
    },
    sys.stdout,
)
