/** MLflow's limits for one runs/log-batch. */
const LIMITS = { metrics: 1000, params: 100, tags: 100, all: 1000 } as const;

/** Bytes of JSON in one batch; the server refuses a body of more than a million. */
const MAX_BYTES = 800_000;

export interface BatchMetric {
  readonly key: string;
  readonly value: number;
  /** Whole milliseconds. */
  readonly timestamp: number;
  readonly step: number;
}

export interface Pair {
  readonly key: string;
  readonly value: string;
}

export interface Batch {
  readonly metrics: readonly BatchMetric[];
  readonly params: readonly Pair[];
  readonly tags: readonly Pair[];
}

type Field = keyof Batch;

/** Cuts what is to be logged into batches that the server takes, in the same order; tags come last. */
export function batchesOf(all: Batch): readonly Batch[] {
  const batches: { metrics: BatchMetric[]; params: Pair[]; tags: Pair[] }[] = [];
  let bytes = 0;
  const place = (field: Field, item: BatchMetric | Pair) => {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    const last = batches.at(-1);
    const isFull =
      last === undefined ||
      last[field].length === LIMITS[field] ||
      last.metrics.length + last.params.length + last.tags.length === LIMITS.all ||
      bytes + size > MAX_BYTES;
    if (isFull) batches.push({ metrics: [], params: [], tags: [] });
    bytes = isFull ? size : bytes + size;
    (batches.at(-1)![field] as (BatchMetric | Pair)[]).push(item);
  };
  for (const field of ["params", "metrics", "tags"] as const)
    for (const item of all[field]) place(field, item);
  return batches;
}
