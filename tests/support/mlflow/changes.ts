/** A kind of call to MLflow. */
export type Change = readonly [method: string, path: RegExp];

/** Changes that are more than one row or one file to the server: a run with its tags, a batch of values, a version, an alias, an artifact with its folders. */
export const COMPOUND_CHANGES: readonly Change[] = [
  ["POST", /runs\/create$/],
  ["POST", /runs\/log-batch$/],
  ["POST", /\/logged-models$/],
  ["POST", /model-versions\/create$/],
  ["POST", /registered-models\/alias$/],
  ["PUT", /\/mlflow-artifacts\//],
];

/** Every kind of call with which a quarter changes something on the server. */
export const CHANGES: readonly Change[] = [
  ...COMPOUND_CHANGES,
  ["POST", /experiments\/create$/],
  ["POST", /runs\/log-inputs$/],
  ["POST", /registered-models\/create$/],
  ["POST", /registered-models\/set-tag$/],
  ["PATCH", /\/logged-models\//],
  ["POST", /runs\/outputs$/],
  ["POST", /model-versions\/set-tag$/],
  ["POST", /runs\/update$/],
];
