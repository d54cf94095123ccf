/** Failures of training, exporting and running forecasters. */
export type ForecastFailure =
  | {
      readonly code: "forecast.too-short";
      readonly retryable: false;
      /** Periods that the longest series has, and that one fold needs. */
      readonly have: number;
      readonly need: number;
      readonly horizon: number;
      /** Series that are long enough for the latest fold, and how many a fold needs. */
      readonly eligibleSeries: number;
      readonly needSeries: number;
    }
  | {
      readonly code: "forecast.parity";
      readonly retryable: false;
      readonly series: string;
      readonly lead: number;
      readonly trainer: number;
      readonly graph: number;
      readonly tolerance: number;
    }
  | {
      readonly code: "forecast.level-unsupported";
      readonly retryable: false;
      readonly level: number;
      readonly available: readonly number[];
      /** CV residuals a horizon, and how many the level needs. */
      readonly residuals: number;
      readonly need: number;
    }
  | {
      readonly code: "forecast.model-invalid";
      readonly retryable: false;
      readonly file: string;
      readonly detail: string;
    }
  | {
      /** onnxruntime's library is not there for this machine, or does not load. */
      readonly code: "forecast.no-runtime";
      readonly retryable: false;
      /** E.g. `linux-x64`. */
      readonly platform: string;
      /** Platforms that this package has the library for; null where it is there and does not load. */
      readonly packed: readonly string[] | null;
      readonly detail: string | null;
    }
  | {
      readonly code: "forecast.thread-lost";
      readonly retryable: true;
      /** For so long it had not finished what it was at; null where it was seen to end. */
      readonly seconds: number | null;
    };
