import { makeSharedMemory } from "../../kit/web-assembly.js";
import { bitsFor } from "./exact-sum.js";
import { type Kernels, makeKernels, type SharedMemory } from "./kernels.js";
import { makeObjective, type Objective } from "./loss.js";
import type { BoostingOptions, Loss } from "./options.js";

/** What the arrays of a workspace follow from. Survives a structured clone. */
export interface WorkspaceShape {
  readonly rows: number;
  readonly columns: number;
  /** Bytes of a row of bins: a multiple of 8. */
  readonly stride: number;
  /** Most leaves of a tree. */
  readonly leaves: number;
  /** Most threads that work on it. */
  readonly threads: number;
  readonly isWeighted: boolean;
  /** Whether every hessian is 1. */
  readonly isUnit: boolean;
  readonly loss: Loss;
  readonly bins: number;
  readonly rate: number;
  readonly minLeaf: number;
  readonly l2: number;
}

/** Features of training rows, as threads get them. */
export interface Source {
  readonly values: Float32Array;
  /** Rows on which bins are found; null for all. */
  readonly sample: Int32Array | null;
}

/** Everything that a thread needs to see the same numbers as the others. */
export interface Shared {
  readonly memory: SharedMemory;
  readonly shape: WorkspaceShape;
  readonly source: Source;
}

/** Cells of the histogram of a feature. */
export const BIN_SPACE = 256;
/** Most cuts of a feature. */
export const CUT_SPACE = 254;
/** Numbers of a candidate: gain, bin, missing left, amount and curvature of the left side. */
export const CANDIDATE = 5;
/** Most parts of a piece of work. */
export const MOST_PARTS = 256;
/** Most parts of rows in each of which leaves have sums of their own. */
export const LEAF_PARTS = 32;
/** Rows that are gathered before they are added: few enough to stay in a near cache. */
export const CHUNK = 1024;

interface Views {
  u8: Uint8Array;
  u16: Uint16Array;
  i32: Int32Array;
  f64: Float64Array;
}
type Kind = keyof Views;
type ViewOf<K extends Kind> = new (buffer: SharedArrayBuffer, start: number, length: number) => Views[K];

const VIEWS: { readonly [K in Kind]: ViewOf<K> & { readonly BYTES_PER_ELEMENT: number } } = {
  u8: Uint8Array,
  u16: Uint16Array,
  i32: Int32Array,
  f64: Float64Array,
};

const of = <K extends Kind>(kind: K, length: number) => ({ kind, length });

/**
 * A histogram's cell is one number, count · countUnit + gradient in whole steps, so that one addition does for both.
 * Steps are as fine as exact sums allow.
 */
function arraysOf({ rows, columns, stride, leaves, threads, isWeighted, isUnit }: WorkspaceShape) {
  const cells = stride * BIN_SPACE;
  const curved = isUnit ? 0 : 1;
  return {
    /** Of the team, see there. */
    control: of("i32", 16),
    /** What is to be done. */
    job: of("f64", 32),
    /** [columns]: bins of numbers; a missing value is in the bin after them. */
    numbers: of("i32", columns),
    /** [columns × CUT_SPACE]: see `binColumn`. */
    thresholds: of("f64", columns * CUT_SPACE),
    /** Bins, [columns × rows] and [rows × stride]. */
    columnBins: of("u8", columns * rows),
    rowBins: of("u8", rows * stride),
    /** [columns], 1 where the tree may look at the feature. */
    active: of("u8", columns),
    /** [columns], −1 | 0 | 1. */
    direction: of("i32", columns),
    y: of("f64", rows),
    weight: of("f64", isWeighted ? rows : 0),
    scores: of("f64", rows),
    gradient: of("f64", rows),
    /** Of no length where every hessian is 1, as what is made of them. */
    hessian: of("f64", curved * rows),
    /** Rows that the tree is grown on, those of a leaf together and rising. */
    order: of("i32", rows),
    /** By place in `order`, for the division of a leaf. */
    goingLeft: of("i32", rows),
    goingRight: of("i32", rows),
    /** By bin. */
    goesLeft: of("u8", BIN_SPACE),
    /** [rows]: countUnit + gradient of a row, and its hessian, in whole steps. */
    amounts: of("f64", rows),
    curvatures: of("f64", curved * rows),
    /** What parts found, two numbers each. */
    found: of("f64", 2 * MOST_PARTS),
    /** [leaves × stride × 256] */
    histograms: of("f64", leaves * cells),
    curvatureHistograms: of("f64", curved * leaves * cells),
    /** [threads − 1]: what helpers added to theirs, all 0 between two leaves. */
    helperHistograms: of("f64", (threads - 1) * cells),
    helperCurvatures: of("f64", (threads - 1) * curved * cells),
    /** [threads]: whether one added anything. */
    touched: of("i32", threads),
    /** [threads]: rows side by side. */
    gatheredBins: of("u8", threads * CHUNK * stride),
    gatheredAmounts: of("f64", threads * CHUNK),
    /** [leaves × columns × CANDIDATE]: the best split of each feature. */
    candidates: of("f64", leaves * columns * CANDIDATE),
    /** Of a tree that has grown: the leaf of each row, or the number of leaves where the tree was not grown on it. */
    leafOf: of("u16", rows),
    /** [leaves + 1]: where leaves begin in the order, and the end of the last. */
    leafStarts: of("i32", leaves + 1),
    /** [leaves + 1] */
    leafValues: of("f64", leaves + 1),
    /** [LEAF_PARTS × (leaves + 1)] */
    leafSums: of("f64", LEAF_PARTS * (leaves + 1)),
  };
}

type Arrays = {
  readonly [Name in keyof ReturnType<typeof arraysOf>]: Views[ReturnType<typeof arraysOf>[Name]["kind"]];
};

/** What the growth of trees works on, in shared memory. */
export interface Workspace extends WorkspaceShape, Arrays {
  readonly shared: Shared;
  readonly kernels: Kernels;
  readonly objective: Objective;
  readonly countUnit: number;
  /** Most that a gradient may have, in steps. */
  readonly gradientBits: number;
  readonly hessianBits: number;
}

/**
 * A piece of work: its parts do not write where another part reads or writes, except to what belongs to their thread.
 * @param thread 0 for the one that gives the work
 */
export type Work = (workspace: Workspace, part: number, parts: number, thread: number) => void;

/** Does all parts of a piece of work, in any order. */
export type RunWork = (work: Work, parts: number) => void;

/**
 * @throws RangeError when it would be larger than 4 GiB
 */
export function makeWorkspace(
  source: Source,
  y: Float64Array,
  weight: Float64Array | null,
  options: BoostingOptions,
  isUnit: boolean,
  threads: number,
): Workspace {
  const rows = y.length;
  const columns = source.values.length / rows;
  const { loss, bins, rate, minLeaf, l2 } = options;
  const shape: WorkspaceShape = {
    rows,
    columns,
    stride: 8 * Math.ceil(columns / 8),
    leaves: Math.max(1, Math.min(options.leaves, Math.floor(rows / minLeaf))),
    threads,
    isWeighted: weight !== null,
    isUnit,
    ...{ loss, bins, rate, minLeaf, l2 },
  };
  const bytes = placesOf(shape).bytes;
  const workspace = openWorkspace({ memory: makeSharedMemory(bytes), shape, source });
  workspace.y.set(y);
  if (weight !== null) workspace.weight.set(weight);
  workspace.direction.set(options.monotone ?? []);
  workspace.active.fill(1);
  return workspace;
}

/** The same numbers, in this thread. */
export function openWorkspace(shared: Shared): Workspace {
  const { memory, shape } = shared;
  const arrays = Object.fromEntries(
    placesOf(shape).places.map(({ name, kind, start, length }) => [
      name,
      new VIEWS[kind](memory.buffer, start, length),
    ]),
  ) as unknown as Arrays;
  // Twice the bits of a count, one for the sign, and the rest is for the gradient's size.
  const countBits = Math.ceil(Math.log2(shape.rows + 1));
  const gradientBits = Math.min(30, 52 - 2 * countBits);
  return {
    ...shape,
    ...arrays,
    shared,
    kernels: makeKernels(memory),
    objective: makeObjective(shape.loss, arrays.y, shape.isWeighted ? arrays.weight : null),
    countUnit: 2 ** (countBits + gradientBits + 1),
    gradientBits,
    hessianBits: bitsFor(shape.rows),
  };
}

/** Threads that write to neighbours do not share a line of a cache. */
const LINE = 64;

function placesOf(shape: WorkspaceShape) {
  let bytes = 0;
  const places = Object.entries(arraysOf(shape)).map(([name, { kind, length }]) => {
    const start = bytes;
    bytes = LINE * Math.ceil((start + length * VIEWS[kind].BYTES_PER_ELEMENT) / LINE);
    return { name, kind, start, length };
  });
  return { places, bytes };
}

/** Parts of a piece of work on `count` rows: none so small that handing it over would take longer. */
export const partsOf = (count: number, least: number, most = MOST_PARTS): number =>
  Math.max(1, Math.min(most, Math.floor(count / least)));

/** Where a part of begin..end − 1 begins; the end of the part before it. */
export const partStart = (begin: number, end: number, part: number, parts: number): number =>
  begin + Math.floor((part * (end - begin)) / parts);
