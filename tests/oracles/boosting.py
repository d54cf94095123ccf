"""What LightGBM makes of small tables: single trees, and the loss on held-out rows for each kind of loss.

python tests/oracles/boosting.py > tests/unit/forecast/boosting/lightgbm.golden.json
"""

import json

import lightgbm
import numpy

TRAINING = 400
random = numpy.random.default_rng(7)


def table():
    """Whole hundredths, so that float32 rounds them alike everywhere; a column with holes and one of few values."""
    x = numpy.round(random.normal(size=(600, 4)), 2)
    x[:, 3] = random.integers(0, 5, size=len(x))
    x[random.random(len(x)) < 0.2, 1] = numpy.nan
    signal = 2 * x[:, 0] + numpy.where(numpy.isnan(x[:, 1]), 1.5, numpy.abs(x[:, 1])) + (x[:, 3] == 2) * x[:, 2]
    return x, numpy.round(signal + 0.5 * random.normal(size=len(x)), 2)


def fit(x, y, objective, rounds, **more):
    options = {
        "min_data_in_leaf": 10,
        "min_data_in_bin": 1,
        "max_bin": 256,
        "boost_from_average": True,
        "deterministic": True,
        "num_threads": 1,
        "verbose": -1,
        **objective,
        **more,
    }
    # As float32 the thresholds are those of float32 inputs.
    data = lightgbm.Dataset(x[:TRAINING].astype(numpy.float32), y[:TRAINING], params=options)
    return lightgbm.train(options, data, num_boost_round=rounds)


def single_tree(x, y, objective, **more):
    """Predictions of one tree tell its leaves apart, whatever order its nodes come in."""
    model = fit(x, y, objective, 1, learning_rate=1.0, **{"num_leaves": 8, **more})
    splits = model.trees_to_dataframe().dropna(subset=["split_feature"])
    return {
        "features": sorted(int(name.split("_")[1]) for name in splits["split_feature"]),
        "gains": sorted(splits["split_gain"].tolist()),
        "predictions": model.predict(x[:TRAINING]).tolist(),
    }


def held_out(x, y, objective, loss):
    model = fit(x, y, objective, 60, num_leaves=8, learning_rate=0.1)
    return float(numpy.mean(loss(y[TRAINING:], model.predict(x[TRAINING:]))))


def pinball(probability):
    return lambda y, f: numpy.maximum(probability * (y - f), (probability - 1) * (y - f))


def deviance(power):
    """Up to a constant."""
    if power == 1:
        return lambda y, f: f - y * numpy.log(f)
    return lambda y, f: f ** (2 - power) / (2 - power) - y * f ** (1 - power) / (1 - power)


x, y = table()
counts = random.poisson(numpy.exp(numpy.clip(y / 4, -2, 2)))
print(
    json.dumps(
        {
            "lightgbm": lightgbm.__version__,
            "training": TRAINING,
            "x": numpy.where(numpy.isnan(x), None, x).tolist(),
            "y": y.tolist(),
            "counts": counts.tolist(),
            "tree": {
                "l2": single_tree(x, y, {"objective": "l2"}),
                "l2 with a penalty": single_tree(x, y, {"objective": "l2", "lambda_l2": 5.0}),
                "poisson": single_tree(x, counts, {"objective": "poisson"}),
                # LightGBM estimates the rows of a leaf from its hessian, so a least number of rows would mean another.
                "tweedie": single_tree(
                    x,
                    counts,
                    {"objective": "tweedie", "tweedie_variance_power": 1.5},
                    min_data_in_leaf=0,
                    num_leaves=5,
                ),
            },
            "heldOut": {
                "l2": held_out(x, y, {"objective": "l2"}, lambda y, f: (y - f) ** 2),
                "l1": held_out(x, y, {"objective": "l1"}, lambda y, f: numpy.abs(y - f)),
                "quantile": held_out(x, y, {"objective": "quantile", "alpha": 0.8}, pinball(0.8)),
                "poisson": held_out(x, counts, {"objective": "poisson"}, deviance(1)),
                "tweedie": held_out(
                    x, counts, {"objective": "tweedie", "tweedie_variance_power": 1.5}, deviance(1.5)
                ),
            },
        }
    )
)
