"""LightGBM on the benchmark's table; prints one JSON line: seconds, CPU seconds and L1 on the held-out rows."""

import json
import sys
import time

# Named like the package: its own folder must not shadow it.
sys.path = [path for path in sys.path if not path.endswith("peers/boosting")]
import lightgbm  # noqa: E402
import numpy  # noqa: E402

job = json.loads(sys.argv[1])
rows, columns = job["training"] + job["testing"], job["columns"]
x = numpy.fromfile(f"{job['folder']}/x.f32", dtype="<f4").reshape(columns, rows).T
y = numpy.fromfile(f"{job['folder']}/y.f64", dtype="<f8")
options = {
    "objective": job["loss"],
    "num_leaves": job["leaves"],
    "learning_rate": job["rate"],
    "min_data_in_leaf": job["minLeaf"],
    "max_bin": job["bins"],
    "num_threads": job["threads"],
    "verbose": -1,
}
started, cpu = time.perf_counter(), time.process_time()
data = lightgbm.Dataset(x[: job["training"]], y[: job["training"]], params=options)
model = lightgbm.train(options, data, num_boost_round=job["trees"])
seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
error = numpy.abs(model.predict(x[job["training"] :]) - y[job["training"] :]).mean()
print(json.dumps({"seconds": seconds, "cpu": cpu, "error": float(error)}))
