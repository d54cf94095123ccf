"""The features of a row and a lead, in numpy. graph.py has the same ones as ONNX nodes: change both."""

import numpy as np


def lags_of(season: int) -> int:
    return 2 * season + 1


def row_features(
    history: np.ndarray, period: np.ndarray, codes: np.ndarray, season: int, horizon: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features [N, H, F], level [N, 1] and scale [N, 1]. All in float32, because that is what the graph computes in.

    history float32 [N, C] with NaN where missing, period int64 [N] of the first forecast, codes float32 [N, S].
    """
    n, context = history.shape
    known = ~np.isnan(history)
    zeroed = np.where(known, history, np.float32(0))
    last = slice(context - season, context)
    # Level: mean of the last season, else of everything; scale: mean distance to it.
    season_count = known[:, last].sum(axis=1, keepdims=True).astype(np.float32)
    count = known.sum(axis=1, keepdims=True).astype(np.float32)
    one = np.float32(1)
    season_mean = zeroed[:, last].sum(axis=1, keepdims=True) / np.maximum(season_count, one)
    mean = zeroed.sum(axis=1, keepdims=True) / np.maximum(count, one)
    level = np.where(season_count > 0, season_mean, mean)
    spread = np.where(known, np.abs(history - level), np.float32(0)).sum(axis=1, keepdims=True) / np.maximum(count, one)
    scale = np.where(spread > 0, spread, np.maximum(np.abs(level), one))
    # NaN stays NaN: trees know what to do with it.
    relative = (history - level) / scale

    lags = relative[:, context - lags_of(season) :]
    leads = np.arange(horizon)
    same_season = relative[:, [context - season + h % season for h in leads]]
    phase = ((period[:, None] + leads) % season).astype(np.float32)
    per_row = np.concatenate([lags, codes], axis=1)
    per_lead = np.stack([np.broadcast_to(leads.astype(np.float32), (n, horizon)), phase, same_season], axis=2)
    repeated = np.broadcast_to(per_row[:, None, :], (n, horizon, per_row.shape[1]))
    return np.concatenate([repeated, per_lead], axis=2), level, scale
