"""HistGradientBoostingRegressor on the benchmark's table; prints one JSON line as lightgbm.py does."""

import json
import os
import sys
import time

job = json.loads(sys.argv[1])
os.environ["OMP_NUM_THREADS"] = str(job["threads"])
# Named like the package: its own folder must not shadow it.
sys.path = [path for path in sys.path if not path.endswith("peers/boosting")]
import numpy  # noqa: E402
from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: E402

rows, columns = job["training"] + job["testing"], job["columns"]
x = numpy.fromfile(f"{job['folder']}/x.f32", dtype="<f4").reshape(columns, rows).T
y = numpy.fromfile(f"{job['folder']}/y.f64", dtype="<f8")
model = HistGradientBoostingRegressor(
    loss={"l2": "squared_error", "l1": "absolute_error"}[job["loss"]],
    learning_rate=job["rate"],
    max_iter=job["trees"],
    max_leaf_nodes=job["leaves"],
    min_samples_leaf=job["minLeaf"],
    max_bins=job["bins"],
    early_stopping=False,
)
started, cpu = time.perf_counter(), time.process_time()
model.fit(x[: job["training"]], y[: job["training"]])
seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
error = numpy.abs(model.predict(x[job["training"] :]) - y[job["training"] :]).mean()
print(json.dumps({"seconds": seconds, "cpu": cpu, "error": float(error)}))
