import { partStart, partsOf, type RunWork, type Workspace } from "./workspace.js";

/** Rows that are worth a part. */
const LEAST_ROWS = 16_384;

/**
 * Puts the rows of order[begin..end − 1] that go left before the others, each in the order they had.
 * @returns where those on the right begin
 */
export function divideLeaf(
  workspace: Workspace,
  { begin, end }: { readonly begin: number; readonly end: number },
  { feature, bin, missingLeft }: { feature: number; bin: number; missingLeft: boolean },
  run: RunWork,
): number {
  const { order, goingRight, goesLeft, numbers, job, found } = workspace;
  goesLeft.fill(0).fill(1, 0, bin + 1);
  goesLeft[numbers[feature]!] = missingLeft ? 1 : 0;
  const parts = partsOf(end - begin, LEAST_ROWS);
  if (parts === 1) {
    const left = divide(workspace, feature, begin, end, order);
    order.set(goingRight.subarray(begin, end - left), begin + left);
    return begin + left;
  }
  job.set([begin, end, feature]);
  run(divideRows, parts);
  run(settleRows, parts);
  let middle = begin;
  for (let part = 0; part < parts; part++) middle += found[part]!;
  return middle;
}

/** Rows of a part: finds both sides. */
export function divideRows(workspace: Workspace, part: number, parts: number): void {
  const { job, found, goingLeft } = workspace;
  const [begin, end, feature] = [job[0]!, job[1]!, job[2]!];
  const from = partStart(begin, end, part, parts);
  found[part] = divide(workspace, feature, from, partStart(begin, end, part + 1, parts), goingLeft);
}

/** Rows of a part, after all are divided: writes them where they belong. */
export function settleRows(workspace: Workspace, part: number, parts: number): void {
  const { job, found, order, goingLeft, goingRight } = workspace;
  const [begin, end] = [job[0]!, job[1]!];
  const from = partStart(begin, end, part, parts);
  const rows = partStart(begin, end, part + 1, parts) - from;
  let left = begin;
  let all = begin;
  for (let other = 0; other < parts; other++) {
    all += found[other]!;
    if (other < part) left += found[other]!;
  }
  const own = found[part]!;
  order.set(goingLeft.subarray(from, from + own), left);
  order.set(goingRight.subarray(from, from + rows - own), all + (from - left));
}

function divide(
  { kernels, order, columnBins, goesLeft, goingRight, rows }: Workspace,
  feature: number,
  from: number,
  to: number,
  left: Int32Array,
): number {
  const at = from * Int32Array.BYTES_PER_ELEMENT;
  return kernels.divide(
    order.byteOffset + at,
    to - from,
    columnBins.byteOffset + feature * rows,
    goesLeft.byteOffset,
    left.byteOffset + at,
    goingRight.byteOffset + at,
  );
}
